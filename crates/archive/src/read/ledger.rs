//! The register as it is searched, and recent events of one kind.

use plico_database::{Database, args};

use super::history::Happened;
use crate::error::ArchiveError;
use crate::register::CASE_FILES;

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Legal year.
    pub year: i32,
    /// Below this number; `None` from the highest.
    pub below: Option<i64>,
    /// In subject or parties, or the number itself.
    pub words: String,
    /// `in`, `out`, `internal`; empty for all.
    pub direction: String,
    /// First day, `YYYY-MM-DD`; empty for the year's.
    pub from: String,
    /// Last day; empty for the year's.
    pub until: String,
}

/// A line of the register.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Line {
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
    /// Subject as it stands now.
    pub subject: String,
    /// Parties as they stand now.
    pub parties: String,
    /// Office.
    pub office: String,
    /// Impronta of the primary document, hexadecimal.
    pub digest: String,
    /// By which act and why it was annulled.
    pub annulled_reason: Option<String>,
    /// It was annulled.
    pub annulled: bool,
    /// It was corrected at least once.
    pub rectified: bool,
}

impl Line {
    /// `0000123/2026`.
    pub fn text(&self) -> String {
        plico_record::part::registration_number(self.number.cast_unsigned(), self.year)
    }
}

const LINES: &str =
    "select r.area, r.year, r.number, r.message, r.direction, r.registered_ms, r.subject, r.parties,
    r.office, r.digest, r.annulled_reason, r.annulled_ms is not null as annulled,
    exists (select 1 from registration_change c where c.message = r.message) as rectified
    from registration r
    where r.administration = $1 and r.year = $2 and r.number < $3 and r.outside = ''
        and (cast($4 as text) = '' or lower(r.subject) like lower($4) escape '!' or lower(r.parties) like lower($4) escape '!'
            or cast(r.number as text) = $5)
        and (cast($6 as text) = '' or r.direction = $6) and (cast($7 as text) = '' or r.day >= $7)
        and (cast($8 as text) = '' or r.day <= $8)
    order by r.number desc limit $9";
const GAPS: &str =
    "select first, last from register_gap where administration = $1 and year = $2 and area <> $3 and area not like 'repertorio/%'
    order by first";
const NEWEST: &str = "select e.log, e.idx, e.kind, e.instant_ms from event e join log l on l.id = e.log
    where l.administration = $1 and e.kind = $2 order by e.log desc, e.idx desc limit $3";
const SUBJECTS: &str = "select e.log, e.idx, s.id from event e join log l on l.id = e.log
    join subject s on s.log = e.log and s.log_id = e.subject
    where l.administration = $1 and e.kind = $2 order by e.log desc, e.idx desc limit $3";
const SINCE: &str = "select count(*) from event e join log l on l.id = e.log
    where l.administration = $1 and e.kind = $2 and e.instant_ms >= $3";

/// Numbers of a year that a lost log may have given: first and last.
pub async fn gaps(
    database: &Database,
    administration: &str,
    year: i32,
) -> Result<Vec<(i64, i64)>, ArchiveError> {
    Ok(database.all(GAPS, args![administration, year, CASE_FILES]).await?)
}

/// Entries of the register, highest number first.
pub async fn lines(
    database: &Database,
    administration: &str,
    filter: &Filter,
    most: usize,
) -> Result<Vec<Line>, ArchiveError> {
    let words = filter.words.trim();
    let number = words.split('/').next().unwrap_or_default().trim_start_matches('0').to_owned();
    let pattern = super::containing(words).unwrap_or_default();
    let list = args![
        administration,
        filter.year,
        filter.below.unwrap_or(i64::MAX),
        pattern,
        number,
        &filter.direction,
        &filter.from,
        &filter.until,
        most
    ];
    Ok(database.all(LINES, list).await?)
}

/// The newest events of one kind in an administration's logs.
pub async fn newest(
    database: &Database,
    administration: &str,
    kind: &str,
    most: usize,
) -> Result<Vec<Happened>, ArchiveError> {
    Ok(database.all(NEWEST, args![administration, kind, most]).await?)
}

/// The events of one kind with what they are about, newest first; nothing is opened.
pub async fn subjects(
    database: &Database,
    administration: &str,
    kind: &str,
    most: usize,
) -> Result<Vec<(i64, i64, String)>, ArchiveError> {
    Ok(database.all(SUBJECTS, args![administration, kind, most]).await?)
}

/// How many events of one kind there were since an instant (UTC milliseconds).
pub async fn since(
    database: &Database,
    administration: &str,
    kind: &str,
    from_ms: i64,
) -> Result<i64, ArchiveError> {
    Ok(database.scalar_i64(SINCE, args![administration, kind, from_ms]).await?)
}
