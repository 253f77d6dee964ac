//! Everything of an administration, piece by piece, oldest first: for a body that leaves.

use plico_database::{Database, args};

use super::message::{MessageRow, message_columns};
use super::queue::PersonRow;
use super::registry::Entry;
use super::series::{SeriesRow, series_rows};
use crate::error::ArchiveError;

const ENTRIES: &str =
    "select administration, area, year, number, message, direction, registered_ms, presented_ms,
    subject, parties, office, digest, annulled_ms, annulled_reason, outside, outside_date from registration
    where administration = $1 and year = $2 and (area > $3 or (area = $3 and number > $4))
    order by area, number limit $5";
const YEARS: &str = "select distinct year from registration where administration = $1 order by year";
const MESSAGES: &str = concat!(
    "select ",
    message_columns!(),
    " where m.administration = $1 and m.id > $2 and m.destruction is null order by m.id limit $3"
);
const SERIES: &str = series_rows!(
    "where e.administration = $1 and e.series = $2 and e.year = $3 and e.number > $4 order by e.number limit $5"
);
const PERSONS: &str = "select id, administration, name, fiscal_code, email, organisation from person
    where administration = $1 and id > $2 order by id limit $3";
const CASES: &str = "select id from case_file where administration = $1 and id > $2 order by id limit $3";

/// Entries of a year after a place (area and number), those of outside registries included.
pub async fn entries(
    database: &Database,
    administration: &str,
    year: i32,
    (area, number): (&str, i64),
    most: usize,
) -> Result<Vec<Entry>, ArchiveError> {
    Ok(database.all(ENTRIES, args![administration, year, area, number, most]).await?)
}

/// The years that have entries, oldest first.
pub async fn years(database: &Database, administration: &str) -> Result<Vec<i32>, ArchiveError> {
    Ok(database.all::<(i32,)>(YEARS, args![administration]).await?.into_iter().map(|row| row.0).collect())
}

/// Entries of a series of a year after a number.
pub async fn series(
    database: &Database,
    administration: &str,
    (code, year): (&str, i32),
    after: i64,
    most: usize,
) -> Result<Vec<SeriesRow>, ArchiveError> {
    Ok(database.all(SERIES, args![administration, code, year, after, most]).await?)
}

/// Messages after one, those that were destroyed left out.
pub async fn messages(
    database: &Database,
    administration: &str,
    after: &str,
    most: usize,
) -> Result<Vec<MessageRow>, ArchiveError> {
    Ok(database.all(MESSAGES, args![administration, after, most]).await?)
}

/// Persons after one.
pub async fn persons(
    database: &Database,
    administration: &str,
    after: &str,
    most: usize,
) -> Result<Vec<PersonRow>, ArchiveError> {
    Ok(database.all(PERSONS, args![administration, after, most]).await?)
}

/// Case files after one.
pub async fn cases(
    database: &Database,
    administration: &str,
    after: &str,
    most: usize,
) -> Result<Vec<String>, ArchiveError> {
    let rows = database.all::<(String,)>(CASES, args![administration, after, most]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
