//! Everything of a case file, for its dossier: without the bounds that pages have.

use plico_database::{Database, args};

use super::history::Happened;
use super::message::{MessageRow, message_columns};
use crate::error::ArchiveError;

const HISTORY: &str = "select e.log, e.idx, e.kind, e.instant_ms from event e
    join subject s on s.log = e.log and s.log_id = e.subject
    where (s.kind = 'case_file' and s.id = $1)
        or (s.kind = 'message' and s.id in (select id from message where case_file = $1))
        or (s.kind = 'delivery' and s.id in (select d.id from delivery d join message m on m.id = d.message
            where m.case_file = $1 union select a.delivery from mark_answer a join message m on m.id = a.message
            where m.case_file = $1))
        or (s.kind = 'document' and s.id in (select d.id from document d join message m on m.id = d.message
            where m.case_file = $1))
    order by e.log, e.idx";
const MESSAGES: &str =
    concat!("select ", message_columns!(), " where m.case_file = $1 order by m.instant_ms, m.id");

/// Every event of a case file, its messages, their deliveries and documents, in the order of the logs.
pub async fn history(database: &Database, case: &str) -> Result<Vec<Happened>, ArchiveError> {
    Ok(database.all(HISTORY, args![case]).await?)
}

/// Its messages, oldest first.
pub async fn messages(database: &Database, case: &str) -> Result<Vec<MessageRow>, ArchiveError> {
    Ok(database.all(MESSAGES, args![case]).await?)
}
