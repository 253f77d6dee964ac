//! The emergency register.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A use of the emergency register.
#[derive(Debug, Clone, plico_database::Record)]
pub struct EmergencyRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Why.
    pub cause: String,
    /// Since when (UTC milliseconds).
    pub from_ms: i64,
    /// The last day that is authorised, `YYYY-MM-DD`.
    pub until: String,
    /// The acts that authorised it, one a line.
    pub authorisation: String,
    /// Who opened it.
    pub opened_by: String,
    /// Until when (UTC milliseconds).
    pub to_ms: Option<i64>,
    /// JSON: how many by hand on each day.
    pub totals: String,
    /// How many of its numbers are in the ordinary register.
    pub entered: i64,
}

/// A number of it with the one of the ordinary register.
#[derive(Debug, Clone, plico_database::Record)]
pub struct EnteredRow {
    /// On the emergency register.
    pub number: i64,
    /// The message.
    pub message: String,
    /// Subject in the register.
    pub subject: String,
    /// Ordinary number.
    pub ordinary: Option<i64>,
    /// Its year.
    pub year: Option<i32>,
}

macro_rules! emergency {
    ($rest:literal) => {
        concat!(
            "select e.id, e.administration, e.cause, e.from_ms, e.until, e.authorisation, e.opened_by, e.to_ms, e.totals,
            (select count(*) from emergency_entry n where n.emergency = e.id) as entered from emergency e ",
            $rest
        )
    };
}

const ALL: &str = emergency!("where e.administration = $1 order by e.from_ms desc limit $2");
const ONE: &str = emergency!("where e.id = $1");
const ENTERED: &str =
    "select n.number, n.message, coalesce(r.subject, '') as subject, r.number as ordinary, r.year
    from emergency_entry n left join registration r on r.message = n.message
    where n.emergency = $1 order by n.number";

/// All of an administration, newest first.
pub async fn all(
    database: &Database,
    administration: &str,
    most: usize,
) -> Result<Vec<EmergencyRow>, ArchiveError> {
    Ok(database.all(ALL, args![administration, most]).await?)
}

/// One by its identifier.
pub async fn one(database: &Database, id: &str) -> Result<Option<EmergencyRow>, ArchiveError> {
    Ok(database.optional(ONE, args![id]).await?)
}

/// What of it is in the ordinary register.
pub async fn entered(database: &Database, id: &str) -> Result<Vec<EnteredRow>, ArchiveError> {
    Ok(database.all(ENTERED, args![id]).await?)
}
