//! What of the register wants to be looked at: annulled, changed, registered later, from the emergency register, in no
//! case file.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// An entry of a report.
#[derive(Debug, Clone, plico_database::Record)]
pub struct ReportRow {
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
    /// The day of which an outside registry says that it numbered it, `YYYY-MM-DD`; empty for our own numbers.
    pub outside_date: String,
    /// Presented (UTC milliseconds).
    pub presented_ms: Option<i64>,
    /// Subject as it stands now.
    pub subject: String,
    /// Parties as they stand now.
    pub parties: String,
    /// Office.
    pub office: String,
    /// How it came, where the registry office took it in.
    pub channel: String,
    /// What the report is about: a reason, a cause.
    pub detail: String,
}

macro_rules! report {
    ($detail:literal, $more:literal) => {
        concat!(
            "select r.area, r.year, r.number, r.message, r.direction, r.registered_ms,
            r.outside_date, r.presented_ms, r.subject, r.parties,
            r.office, coalesce(m.channel, '') as channel, ",
            $detail,
            " as detail from registration r left join message m on m.id = r.message
            where r.administration = $1 and r.day >= $2 and r.day <= $3 ",
            $more,
            " order by r.registered_ms, r.number limit $4"
        )
    };
}

const ANNULLED: &str = report!("coalesce(r.annulled_reason, '')", "and r.annulled_ms is not null");
const CHANGED: &str = report!(
    "(select c.field || ': ' || c.reason from registration_change c where c.message = r.message
        order by c.instant_ms desc, c.idx desc limit 1)",
    "and exists (select 1 from registration_change c where c.message = r.message)"
);
const LATER: &str =
    report!("''", "and r.presented_ms is not null and r.presented_ms < r.registered_ms - 1000");
const EMERGENCY: &str = report!(
    "(select cast(n.number as text) || ' · ' || e.cause from emergency_entry n join emergency e on e.id = n.emergency
        where n.message = r.message)",
    "and exists (select 1 from emergency_entry n where n.message = r.message)"
);
const UNCLASSIFIED: &str = report!("''", "and m.class = '' and m.destruction is null");
const UNFILED: &str = report!("''", "and m.case_file is null and m.destruction is null");

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Annulled entries.
    Annulled,
    /// Corrected entries.
    Changed,
    /// Registered after they were presented: whoever asks sorts out on which day.
    Later,
    /// Entered from the emergency register.
    Emergency,
    /// Without a class.
    Unclassified,
    /// In no case file.
    Unfiled,
}

/// A report over the entries registered from one legal day to another (`YYYY-MM-DD`), oldest first.
pub async fn rows(
    database: &Database,
    administration: &str,
    report: Report,
    (from, until): (&str, &str),
    most: usize,
) -> Result<Vec<ReportRow>, ArchiveError> {
    let sql = match report {
        Report::Annulled => ANNULLED,
        Report::Changed => CHANGED,
        Report::Later => LATER,
        Report::Emergency => EMERGENCY,
        Report::Unclassified => UNCLASSIFIED,
        Report::Unfiled => UNFILED,
    };
    Ok(database.all(sql, args![administration, from, until, most]).await?)
}
