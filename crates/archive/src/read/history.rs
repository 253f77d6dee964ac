//! What happened to a thing, and who looked.

use plico_database::{Database, args};

use super::Cursor;
use crate::error::ArchiveError;

/// An event of a thing's history.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Happened {
    /// Log number.
    pub log: i64,
    /// Index in the log.
    pub idx: i64,
    /// Kind.
    pub kind: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
}

/// A reading by a mandate.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Reading {
    /// Index in the log.
    pub idx: i64,
    /// Who.
    pub name: String,
    /// `search`, `message` …
    pub what: String,
    /// Identifier or query.
    pub thing: String,
    /// The stated reason.
    pub reason: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
}

const OF_MESSAGE: &str = "select e.log, e.idx, e.kind, e.instant_ms from event e
    join subject s on s.log = e.log and s.log_id = e.subject
    where (s.kind = 'message' and s.id = $1)
        or (s.kind = 'delivery' and s.id in (select id from delivery where message = $1
            union select delivery from mark_answer where message = $1))
        or (s.kind = 'document' and s.id in (select id from document where message = $1))
    order by e.instant_ms, e.log, e.idx limit 500";
const OF_SUBJECT: &str = "select e.log, e.idx, e.kind, e.instant_ms from event e
    join subject s on s.log = e.log and s.log_id = e.subject where s.kind = $1 and s.id = $2
    order by e.instant_ms, e.log, e.idx limit 500";
const READINGS: &str = "select idx, name, what, thing, reason, instant_ms from reading
    where administration = $1 and (instant_ms < $2) order by instant_ms desc, idx desc limit $3";
const STATED: &str = "select count(*) from reading where account = $1 and thing = $2 and reason <> ''
    and instant_ms > $3";

/// Everything that happened to a message, its deliveries and documents, oldest first.
pub async fn of_message(database: &Database, message: &str) -> Result<Vec<Happened>, ArchiveError> {
    Ok(database.all(OF_MESSAGE, args![message]).await?)
}

/// Everything that happened to one subject, oldest first.
pub async fn of_subject(database: &Database, kind: &str, id: &str) -> Result<Vec<Happened>, ArchiveError> {
    Ok(database.all(OF_SUBJECT, args![kind, id]).await?)
}

/// Readings by mandate, newest first.
pub async fn readings(
    database: &Database,
    administration: &str,
    cursor: &Cursor,
    most: usize,
) -> Result<Vec<Reading>, ArchiveError> {
    Ok(database.all(READINGS, args![administration, cursor.instant_ms, most]).await?)
}

/// Whether an account stated a reason for reading a thing since an instant.
pub async fn reason_stated(
    database: &Database,
    account: &str,
    thing: &str,
    since_ms: i64,
) -> Result<bool, ArchiveError> {
    Ok(database.scalar_i64(STATED, args![account, thing, since_ms]).await? > 0)
}
