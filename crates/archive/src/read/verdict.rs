//! What was said of a document's signatures before what is said now, and which documents are to be looked at again.

use plico_database::{Database, args};

use crate::error::ArchiveError;

const EARLIER: &str =
    "select verification from verdict where document = $1 order by log desc, idx desc limit 100";

const UNTRIED: &str = "select document from looked where trust <> $1 order by at_ms, document limit $2";
const LOOKED: &str = "select count(*) from looked where at_ms >= $1";

/// Documents that were last looked at when somebody else was believed, the longest ago first.
pub async fn looked_otherwise(
    database: &Database,
    trust: &str,
    most: i64,
) -> Result<Vec<String>, ArchiveError> {
    Ok(database.all::<(String,)>(UNTRIED, args![trust, most]).await?.into_iter().map(|row| row.0).collect())
}

/// How many documents were looked at since an instant (UTC milliseconds).
pub async fn looked_since(database: &Database, since_ms: i64) -> Result<i64, ArchiveError> {
    Ok(database.scalar_i64(LOOKED, args![since_ms]).await?)
}

/// The earlier verdicts of a document, newest first, as they were kept.
pub async fn earlier(database: &Database, document: &str) -> Result<Vec<String>, ArchiveError> {
    Ok(database.all::<(String,)>(EARLIER, args![document]).await?.into_iter().map(|row| row.0).collect())
}
