//! Series (*repertori*) as they are read.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// An entry of a series.
#[derive(Debug, Clone, plico_database::Record)]
pub struct SeriesRow {
    /// Code of the series.
    pub series: String,
    /// Legal year.
    pub year: i32,
    /// Number.
    pub number: i64,
    /// Message.
    pub message: String,
    /// UTC milliseconds.
    pub registered_ms: i64,
    /// Subject.
    pub subject: String,
    /// With whom, one a line; may be empty.
    pub parties: String,
    /// Name of the office.
    pub office: String,
    /// Impronta of the document, hexadecimal.
    pub digest: String,
    /// Its number in the register; none where it has none.
    pub registered_as: Option<i64>,
    /// The year of that number.
    pub registered_year: Option<i32>,
    /// Annulled, UTC milliseconds.
    pub annulled_ms: Option<i64>,
    /// By which act, and why; empty when it was not.
    pub annulled_reason: String,
}

impl SeriesRow {
    /// `12/2026`.
    pub fn text(&self) -> String {
        format!("{}/{}", self.number, self.year)
    }

    /// Its number in the register, `0000123/2026`.
    pub fn registration(&self) -> Option<String> {
        Some(plico_record::part::registration_number(
            self.registered_as?.cast_unsigned(),
            self.registered_year?,
        ))
    }
}

macro_rules! series_rows {
    ($where:literal) => {
        concat!(
            "select e.series, e.year, e.number, e.message, e.registered_ms, e.subject, e.parties, e.office, e.digest,
            m.number as registered_as, m.year as registered_year, e.annulled_ms, e.annulled_reason
            from series_entry e left join message m on m.id = e.message ",
            $where
        )
    };
}

pub(super) use series_rows;

const ROWS: &str = series_rows!(
    "where e.administration = $1 and e.series = $2 and e.year = $3 and e.number < $4 order by e.number desc limit $5"
);
const VOLUMES: &str =
    "select number from (select number, row_number() over (order by number) as place from series_entry
    where administration = $1 and series = $2 and year = $3) numbered where (place - 1) % $4 = 0 order by number";
const OF_DAY: &str =
    series_rows!("where e.administration = $1 and e.day = $2 order by e.series, e.year, e.number");
const OF_MESSAGE: &str = series_rows!("where e.message = $1 order by e.registered_ms, e.series");
const ONE: &str =
    series_rows!("where e.administration = $1 and e.series = $2 and e.year = $3 and e.number = $4");
const GAPS: &str =
    "select first, last from register_gap where administration = $1 and year = $2 and area = $3
    order by first";
const COUNTS: &str = "select series, count(*) from series_entry where administration = $1 and year = $2
    group by series";
const YEARS: &str =
    "select distinct year from series_entry where administration = $1 and series = $2 order by year desc";

/// Entries of a year below a number, highest first.
pub async fn rows(
    database: &Database,
    administration: &str,
    (series, year): (&str, i32),
    below: i64,
    most: usize,
) -> Result<Vec<SeriesRow>, ArchiveError> {
    Ok(database.all(ROWS, args![administration, series, year, below, most]).await?)
}

/// The number that each volume of so many entries begins with.
pub async fn volumes(
    database: &Database,
    administration: &str,
    (series, year): (&str, i32),
    size: i64,
) -> Result<Vec<i64>, ArchiveError> {
    let starts: Vec<(i64,)> = database.all(VOLUMES, args![administration, series, year, size]).await?;
    Ok(starts.into_iter().map(|start| start.0).collect())
}

/// What was entered on a legal day, series by series.
pub async fn of_day(
    database: &Database,
    administration: &str,
    day: &str,
) -> Result<Vec<SeriesRow>, ArchiveError> {
    Ok(database.all(OF_DAY, args![administration, day]).await?)
}

/// One entry.
pub async fn one(
    database: &Database,
    administration: &str,
    (series, year, number): (&str, i32, i64),
) -> Result<Option<SeriesRow>, ArchiveError> {
    Ok(database.optional(ONE, args![administration, series, year, number]).await?)
}

/// Numbers of a year that a lost log may have given: first and last.
pub async fn gaps(
    database: &Database,
    administration: &str,
    (series, year): (&str, i32),
) -> Result<Vec<(i64, i64)>, ArchiveError> {
    let area = plico_record::act::series_area(series);
    Ok(database.all(GAPS, args![administration, year, area]).await?)
}

/// The numbers that a message has in series.
pub async fn of_message(database: &Database, message: &str) -> Result<Vec<SeriesRow>, ArchiveError> {
    Ok(database.all(OF_MESSAGE, args![message]).await?)
}

/// How many entries each series has in a year.
pub async fn counts(
    database: &Database,
    administration: &str,
    year: i32,
) -> Result<Vec<(String, i64)>, ArchiveError> {
    Ok(database.all(COUNTS, args![administration, year]).await?)
}

/// The years that a series has entries of, newest first.
pub async fn years(
    database: &Database,
    administration: &str,
    series: &str,
) -> Result<Vec<i32>, ArchiveError> {
    Ok(database
        .all::<(i32,)>(YEARS, args![administration, series])
        .await?
        .into_iter()
        .map(|row| row.0)
        .collect())
}
