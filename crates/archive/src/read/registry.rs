//! The register, printable, with the history of each entry.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A line of the register.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Entry {
    /// Administration.
    pub administration: String,
    /// Registry area.
    pub area: String,
    /// Legal year.
    pub year: i32,
    /// Number.
    pub number: i64,
    /// Message.
    pub message: String,
    /// `in`, `out`.
    pub direction: String,
    /// UTC milliseconds.
    pub registered_ms: i64,
    /// Presented (UTC milliseconds).
    pub presented_ms: Option<i64>,
    /// Subject as it stands now.
    pub subject: String,
    /// Parties as they stand now, one a line.
    pub parties: String,
    /// Office.
    pub office: String,
    /// Impronta of the primary document, hexadecimal.
    pub digest: String,
    /// Annulled (UTC milliseconds).
    pub annulled_ms: Option<i64>,
    /// By which act and why.
    pub annulled_reason: Option<String>,
    /// The outside registry that gave the number; empty where it is the built-in register's.
    pub outside: String,
    /// Its date there, `YYYY-MM-DD`.
    pub outside_date: String,
}

impl Entry {
    /// `0000123/2026`.
    pub fn text(&self) -> String {
        plico_record::part::registration_number(self.number.cast_unsigned(), self.year)
    }
}

/// A correction.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Change {
    /// UTC milliseconds.
    pub instant_ms: i64,
    /// `subject` or `parties`.
    pub field: String,
    /// What stood.
    pub old: String,
    /// What stands.
    pub new: String,
    /// Why.
    pub reason: String,
    /// By whom.
    pub author_name: String,
}

const ENTRIES: &str =
    "select administration, area, year, number, message, direction, registered_ms, presented_ms,
    subject, parties, office, digest, annulled_ms, annulled_reason, outside, outside_date from registration
    where administration = $1 and year = $2 and number < $3 and outside = ''
    order by number desc limit $4";
const ENTRY: &str =
    "select administration, area, year, number, message, direction, registered_ms, presented_ms,
    subject, parties, office, digest, annulled_ms, annulled_reason, outside, outside_date from registration where message = $1";
const BY_NUMBER: &str =
    "select administration, area, year, number, message, direction, registered_ms, presented_ms,
    subject, parties, office, digest, annulled_ms, annulled_reason, outside, outside_date from registration
    where administration = $1 and year = $2 and number = $3 and outside = ''";
const CHANGES: &str = "select instant_ms, field, old, new, reason, author_name from registration_change
    where message = $1 order by instant_ms, idx";
const VOLUMES: &str =
    "select number from (select number, row_number() over (order by number) as place from registration
    where administration = $1 and year = $2 and outside = '') numbered where (place - 1) % $3 = 0 order by number";
const DAYS: &str = "select day from registration where administration = $1 and outside = '' and day > $2 and day < $3
    union select day from series_entry where administration = $1 and day > $2 and day < $3 order by day limit $4";
const YEARS: &str =
    "select distinct year from registration where administration = $1 and outside = '' order by year desc";

/// Entries of a year below a number, highest first.
pub async fn entries(
    database: &Database,
    administration: &str,
    year: i32,
    below: i64,
    most: usize,
) -> Result<Vec<Entry>, ArchiveError> {
    Ok(database.all(ENTRIES, args![administration, year, below, most]).await?)
}

/// The numbers at which the volumes of a year begin, each of `size` entries but the last.
pub async fn volumes(
    database: &Database,
    administration: &str,
    year: i32,
    size: usize,
) -> Result<Vec<i64>, ArchiveError> {
    let starts: Vec<(i64,)> = database.all(VOLUMES, args![administration, year, size]).await?;
    Ok(starts.into_iter().map(|start| start.0).collect())
}

/// The entry of a message.
pub async fn entry(database: &Database, message: &str) -> Result<Option<Entry>, ArchiveError> {
    Ok(database.optional(ENTRY, args![message]).await?)
}

/// An entry by its number.
pub async fn by_number(
    database: &Database,
    administration: &str,
    year: i32,
    number: i64,
) -> Result<Option<Entry>, ArchiveError> {
    Ok(database.optional(BY_NUMBER, args![administration, year, number]).await?)
}

/// Corrections of an entry, oldest first.
pub async fn changes(database: &Database, message: &str) -> Result<Vec<Change>, ArchiveError> {
    Ok(database.all(CHANGES, args![message]).await?)
}

/// The legal days after one and before another on which something was registered, oldest first.
pub async fn days(
    database: &Database,
    administration: &str,
    after: &str,
    before: &str,
    most: usize,
) -> Result<Vec<String>, ArchiveError> {
    let days = database.all::<(String,)>(DAYS, args![administration, after, before, most]).await?;
    Ok(days.into_iter().map(|row| row.0).collect())
}

/// The years that have entries, newest first.
pub async fn years(database: &Database, administration: &str) -> Result<Vec<i32>, ArchiveError> {
    Ok(database.all::<(i32,)>(YEARS, args![administration]).await?.into_iter().map(|row| row.0).collect())
}
