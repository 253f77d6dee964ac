//! Registers that were kept before.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// An entry.
#[derive(Debug, Clone, plico_database::Record)]
pub struct PastRow {
    /// The register, as it was called.
    pub area: String,
    /// Year.
    pub year: i32,
    /// Number.
    pub number: i64,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    /// `in`, `out`, `internal`.
    pub direction: String,
    /// One a line.
    pub parties: String,
    /// Subject.
    pub subject: String,
    /// Office.
    pub office: String,
    /// Case file.
    pub case_file: String,
    /// SHA-256 of the document, where it is known.
    pub digest: String,
}

/// A file that was brought.
#[derive(Debug, Clone, plico_database::Record)]
pub struct BatchRow {
    /// SHA-256 of the file.
    pub batch: String,
    /// What it is called.
    pub name: String,
    /// Its entries.
    pub lines: i64,
    /// By whom.
    pub author_name: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
}

const ROWS: &str = "select area, year, number, day, direction, parties, subject, office, case_file, digest from past_entry
    where administration = $1 and (cast($2 as text) = '' or area = $2) and (cast($3 as bigint) = 0 or year = $3)
        and (cast($4 as text) = '' or lower(subject) like lower($4) escape '!' or lower(parties) like lower($4) escape '!'
            or lower(case_file) like lower($4) escape '!' or cast(number as text) = $5)
        and (cast($10 as text) = '' or case_file = $10)
        and (year < $6 or (year = $6 and (area > $7 or (area = $7 and number < $8))))
    order by year desc, area, number desc limit $9";
const REGISTERS: &str =
    "select area, year, count(*) from past_entry where administration = $1 group by area, year
    order by year desc, area";
const BATCHES: &str =
    "select batch, name, lines, author_name, instant_ms from past_batch where administration = $1
    order by instant_ms desc, batch limit 200";
const BATCH: &str = "select count(*) from past_batch where administration = $1 and batch = $2";

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The register; empty for all.
    pub area: String,
    /// The year; 0 for all.
    pub year: i32,
    /// In subject, parties or case file, or the number.
    pub words: String,
    /// The case file, as it was called; empty for all.
    pub case_file: String,
    /// The last one seen: year, register, number.
    pub after: Option<(i32, String, i64)>,
}

/// Entries, newest year first.
pub async fn rows(
    database: &Database,
    administration: &str,
    filter: &Filter,
    most: usize,
) -> Result<Vec<PastRow>, ArchiveError> {
    let words = filter.words.trim();
    let pattern = super::containing(words).unwrap_or_default();
    let number = words.split('/').next().unwrap_or_default().trim_start_matches('0').to_owned();
    let (year, area, below) = filter.after.clone().unwrap_or((i32::MAX, String::new(), i64::MAX));
    let (register, case_file) = (&filter.area, &filter.case_file);
    let list =
        args![administration, register, filter.year, pattern, number, year, area, below, most, case_file];
    Ok(database.all(ROWS, list).await?)
}

/// The registers there are: area, year, how many entries.
pub async fn registers(
    database: &Database,
    administration: &str,
) -> Result<Vec<(String, i32, i64)>, ArchiveError> {
    Ok(database.all(REGISTERS, args![administration]).await?)
}

/// What was brought, newest first.
pub async fn batches(database: &Database, administration: &str) -> Result<Vec<BatchRow>, ArchiveError> {
    Ok(database.all(BATCHES, args![administration]).await?)
}

/// Whether a file was brought already.
pub async fn is_known(database: &Database, administration: &str, batch: &str) -> Result<bool, ArchiveError> {
    Ok(database.scalar_i64(BATCH, args![administration, batch]).await? > 0)
}
