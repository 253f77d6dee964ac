//! What lists and forms of several pages are made of.

use axum::response::Redirect;
use plico_archive::read::message::MessageRow;
use plico_archive::read::queue::CaseRow;
use plico_desk::Actor;
use plico_desk::chronicle::Told;
use serde::Serialize;

use super::words::Words;
use crate::app::App;
use crate::http::render::Flash;
use crate::http::{Context, Error};

/// Lines of a page of a list.
pub const PAGE: usize = 20;

/// Where one is in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Pager {
    from: usize,
    to: usize,
    total: Option<usize>,
    previous: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// A page after `before` lines that shows `shown`.
    pub fn new(before: usize, shown: usize, next: Option<String>) -> Self {
        Self { from: before + usize::from(shown > 0), to: before + shown, total: None, previous: None, next }
    }

    /// A list that is shown whole.
    pub fn whole(shown: usize) -> Self {
        Self { total: Some(shown), ..Self::new(0, shown, None) }
    }

    /// With the way back.
    #[must_use]
    pub fn back(self, previous: Option<String>) -> Self {
        Self { previous, ..self }
    }
}

/// One of several to choose from.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: String,
    name: String,
    hint: Option<String>,
}

impl Choice {
    /// A value and its name.
    pub fn new(value: impl Into<String>, name: impl Into<String>) -> Self {
        Self { value: value.into(), name: name.into(), hint: None }
    }

    /// With an explanation.
    #[must_use]
    pub fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// A message as a row.
#[derive(Clone, Debug, Serialize)]
pub struct MessageLine {
    url: String,
    direction: String,
    subject: String,
    counterpart: String,
    at: i64,
    number: Option<String>,
    state: String,
    unopened: bool,
    attachments: usize,
}

impl MessageLine {
    /// A message that the actor sees, below `base`.
    pub async fn of(app: &App, row: &MessageRow, base: &str) -> Result<Self, Error> {
        Ok(Self {
            url: format!("{base}/{}", row.id),
            direction: row.direction.clone(),
            subject: row.subject.clone(),
            counterpart: app.desk.counterpart(row).await?,
            at: row.instant_ms,
            number: row.registration_number(),
            state: row.state.clone(),
            unopened: false,
            attachments: 0,
        })
    }
}

/// An event of a history.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    kind: String,
    at: i64,
    who: Option<String>,
    note: Option<String>,
    receipt: Option<()>,
    index: i64,
    inclusion: Option<String>,
}

impl Event {
    /// What the desk tells, in the reader's words.
    pub fn told(words: Words<'_>, told: Vec<Told>) -> Vec<Self> {
        told.into_iter()
            .map(|told| {
                let word = told.word.map(|key| words.t(&key));
                let note: Vec<String> = told.note.into_iter().chain(word).collect();
                Self {
                    kind: told.kind,
                    at: told.at,
                    who: told.who,
                    note: Some(note.join(", ")).filter(|note| !note.is_empty()),
                    receipt: None,
                    index: told.index,
                    inclusion: None,
                }
            })
            .collect()
    }
}

/// A case file as pages show it.
#[derive(Serialize)]
pub struct Case {
    number: String,
    title: String,
    office: String,
    opened_ms: i64,
    closed_ms: Option<i64>,
    state: &'static str,
}

impl From<&CaseRow> for Case {
    fn from(row: &CaseRow) -> Self {
        Self {
            number: format!("{}/{}", row.year, row.number),
            title: row.title.clone(),
            office: row.office_name.clone(),
            opened_ms: row.opened_ms,
            closed_ms: row.closed_ms,
            state: if row.closed_ms.is_some() { "closed" } else { "open" },
        }
    }
}

/// An address with its query; what is empty is left out.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        text.append_pair(name, value);
    }
    match text.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// What was done, said once on the page that follows. A stranger's link can only choose among these.
const DONE: [(&str, &str); 12] = [
    ("salvato", "saved"),
    ("inviato", "compose-sent"),
    ("preso", "done-taken"),
    ("assegnato", "done-assigned"),
    ("rifiutato", "done-refused"),
    ("annotato", "done-noted"),
    ("inserito", "done-filed"),
    ("chiuso", "done-closed"),
    ("rettificato", "done-rectified"),
    ("annullato", "done-annulled"),
    ("ritirato", "done-unavailable"),
    ("riprovato", "done-replayed"),
];

/// Leads on to a page that says what was done.
pub fn done(path: &str, what: &str) -> Redirect {
    Redirect::to(&format!("{path}?fatto={what}"))
}

/// Says what was done, when the address says so.
pub fn say_done(app: &App, context: &Context, what: Option<&str>) {
    if let Some((_, key)) = DONE.iter().find(|(word, _)| Some(*word) == what) {
        context.set_flash(Flash { kind: "good", text: Words::of(app, context).t(key) });
    }
}

/// The offices that are open, to choose from.
pub async fn offices(app: &App, actor: &Actor) -> Result<Vec<Choice>, Error> {
    let open = app.desk.open_offices(&actor.administration).await?;
    Ok(open.into_iter().map(|office| Choice::new(office.id, office.name)).collect())
}
