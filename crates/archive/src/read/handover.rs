//! What was handed to the preserver.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A package.
#[derive(Debug, Clone, plico_database::Record)]
pub struct HandoverRow {
    /// Its name.
    pub package: String,
    /// Registry area.
    pub area: String,
    /// The legal day.
    pub day: String,
    /// SHA-256 of what was handed over the last time.
    pub sha256: String,
    /// How often.
    pub attempt: i64,
    /// The last time (UTC milliseconds).
    pub handed_ms: i64,
    /// `handed`, `accepted`, `refused`.
    pub state: String,
    /// The preserver's identifier.
    pub receipt: String,
    /// Why it was refused.
    pub reason: String,
    /// When the answer was read (UTC milliseconds).
    pub answered_ms: Option<i64>,
}

const ALL: &str =
    "select package, area, day, sha256, attempt, handed_ms, state, receipt, reason, answered_ms from handover
    where administration = $1 order by day desc limit $2";
const ONE: &str =
    "select package, area, day, sha256, attempt, handed_ms, state, receipt, reason, answered_ms from handover
    where administration = $1 and package = $2";

/// The newest days first.
pub async fn all(
    database: &Database,
    administration: &str,
    most: usize,
) -> Result<Vec<HandoverRow>, ArchiveError> {
    Ok(database.all(ALL, args![administration, most]).await?)
}

/// One package.
pub async fn one(
    database: &Database,
    administration: &str,
    package: &str,
) -> Result<Option<HandoverRow>, ArchiveError> {
    Ok(database.optional(ONE, args![administration, package]).await?)
}
