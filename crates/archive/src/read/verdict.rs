//! What was said of a document's signatures before what is said now.

use plico_database::{Database, args};

use crate::error::ArchiveError;

const EARLIER: &str =
    "select verification from verdict where document = $1 order by log desc, idx desc limit 100";

/// The earlier verdicts of a document, newest first, as they were kept.
pub async fn earlier(database: &Database, document: &str) -> Result<Vec<String>, ArchiveError> {
    Ok(database.all::<(String,)>(EARLIER, args![document]).await?.into_iter().map(|row| row.0).collect())
}
