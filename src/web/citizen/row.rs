//! Rows of lists, as `component/rows.html` takes them.

use plico_archive::read::inbox::{DraftRow, Line};
use plico_archive::read::message::MessageRow;
use plico_desk::kind::Kind;
use plico_record::part::registration_number;
use serde::Serialize;

use crate::web::list::Pager;
use crate::web::words::Words;

/// A message in a list.
#[derive(Debug, Serialize)]
pub struct Row {
    url: String,
    direction: &'static str,
    subject: String,
    counterpart: String,
    at: i64,
    number: Option<String>,
    state: String,
    unopened: bool,
    attachments: u32,
}

/// A filing of one's own, and where it stands.
#[derive(Debug, Serialize)]
pub struct CaseRow {
    url: String,
    subject: String,
    kind: String,
    office: String,
    at: i64,
    number: Option<String>,
    state: String,
    due: Option<String>,
}

/// What was begun.
#[derive(Debug, Serialize)]
pub struct DraftLine {
    url: String,
    subject: Option<String>,
    kind: String,
    office: String,
    updated_ms: i64,
    remove: Option<String>,
}

/// A view of a list.
#[derive(Debug, Serialize)]
pub struct Tab {
    /// Name.
    pub name: String,
    /// Address.
    pub url: String,
    /// It is this one.
    pub current: bool,
    /// How many.
    pub count: Option<i64>,
}

/// One choice of a list.
#[derive(Debug, Serialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What is shown.
    pub name: String,
}

/// What came to an office is what the person sent: directions are his.
fn direction(archived: &str) -> &'static str {
    if archived == "out" { "in" } else { "out" }
}

fn delivery_state(opened: bool, withdrawn: bool) -> &'static str {
    match (withdrawn, opened) {
        (true, _) => "unavailable",
        (_, true) => "opened",
        _ => "to_open",
    }
}

impl Row {
    /// Of the inbox.
    pub fn of_line(line: &Line) -> Self {
        let received = line.direction == "out";
        let (opened, withdrawn) = (line.opened_ms.is_some(), line.withdrawn_ms.is_some());
        let number = line.number.zip(line.year);
        Self {
            url: format!("/messaggi/{}", line.message),
            direction: direction(&line.direction),
            subject: line.subject.clone(),
            counterpart: line.office_name.clone(),
            at: line.instant_ms,
            number: number.map(|(number, year)| registration_number(number.cast_unsigned(), year)),
            state: if received { delivery_state(opened, withdrawn).into() } else { line.state.clone() },
            unopened: received && !opened && !withdrawn,
            attachments: 0,
        }
    }

    /// Of a conversation; `opened` and `withdrawn` tell of the person's own delivery.
    pub fn of_message(row: &MessageRow, opened: bool, withdrawn: bool) -> Self {
        let received = row.direction == "out";
        Self {
            url: format!("/messaggi/{}", row.id),
            direction: direction(&row.direction),
            subject: row.subject.clone(),
            counterpart: row.office_name.clone(),
            at: row.instant_ms,
            number: row.registration_number(),
            state: if received { delivery_state(opened, withdrawn).into() } else { row.state.clone() },
            unopened: received && !opened && !withdrawn,
            attachments: 0,
        }
    }
}

/// Where a filing stands, in one word: its outcome when it has one that decides.
pub fn state_of(row: &MessageRow) -> String {
    match row.outcome.as_deref() {
        Some(outcome @ ("granted" | "denied" | "forwarded")) if row.state == "answered" => outcome.into(),
        _ => row.state.clone(),
    }
}

impl CaseRow {
    /// Of a filing.
    pub fn of(words: &Words<'_>, kinds: &[Kind], row: &MessageRow) -> Self {
        let waits = !matches!(row.state.as_str(), "answered" | "withdrawn");
        Self {
            url: format!("/messaggi/{}", row.id),
            subject: row.subject.clone(),
            kind: words.kind(kinds, &row.kind),
            office: row.office_name.clone(),
            at: row.instant_ms,
            number: row.registration_number(),
            state: state_of(row),
            due: row.due.as_deref().filter(|_| waits).map(|due| words.day(due)),
        }
    }
}

impl DraftLine {
    /// Of a draft.
    pub fn of(
        words: &Words<'_>,
        kinds: &[Kind],
        offices: &[plico_archive::read::body::Office],
        row: &DraftRow,
    ) -> Self {
        let office = offices.iter().find(|office| office.id == row.office);
        Self {
            url: format!("/bozze/{}", row.id),
            subject: Some(row.subject.clone()).filter(|subject| !subject.is_empty()),
            kind: words.kind(kinds, &row.kind),
            office: office.map_or_else(String::new, |office| office.name.clone()),
            updated_ms: row.updated_ms,
            remove: Some(format!("/bozze/{}/elimina", row.id)),
        }
    }
}

/// Cuts one page out of a list that is read whole.
pub fn cut<T>(mut rows: Vec<T>, page: usize, most: usize, url: impl Fn(usize) -> String) -> (Vec<T>, Pager) {
    let total = rows.len();
    let page = page.clamp(1, total.div_ceil(most).max(1));
    let start = (page - 1) * most;
    rows = rows.into_iter().skip(start).take(most).collect();
    let next = (start + most < total).then(|| url(page + 1));
    let pages = Pager::new(start, rows.len(), next).back((page > 1).then(|| url(page - 1))).of(total);
    (rows, pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_list() {
        let url = |page| format!("?{page}");
        let (rows, pages) = cut((0..45).collect(), 2, 20, url);
        assert_eq!((rows[0], pages.from, pages.to), (20, 21, 40));
        assert_eq!((pages.previous.as_deref(), pages.next.as_deref()), (Some("?1"), Some("?3")));
        let (rows, pages) = cut((0..45).collect(), 99, 20, url);
        assert_eq!((rows.len(), pages.to, pages.next), (5, 45, None));
        let (rows, pages) = cut(Vec::<u8>::new(), 0, 20, url);
        assert_eq!((rows.len(), pages.from, pages.to, pages.next), (0, 0, 0, None));
    }
}
