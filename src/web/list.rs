//! What lists and forms of several pages are made of.

use axum::response::Redirect;
use plico_archive::read::message::MessageRow;
use plico_archive::read::queue::CaseRow;
use plico_desk::Actor;
use plico_desk::chronicle::Told;
use plico_desk::view::MessageView;
use serde::{Deserialize, Serialize};

use super::words::Words;
use crate::app::App;
use crate::http::render::Flash;
use crate::http::{Context, Error};

/// Lines of a page of a list.
pub const PAGE: usize = 20;

/// Where one is in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Pager {
    pub(super) from: usize,
    pub(super) to: usize,
    total: Option<usize>,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

impl Pager {
    /// A page after `before` lines that shows `shown`.
    pub fn new(before: usize, shown: usize, next: Option<String>) -> Self {
        Self { from: before + usize::from(shown > 0), to: before + shown, total: None, previous: None, next }
    }

    /// A list that is shown whole.
    pub fn whole(shown: usize) -> Self {
        Self::new(0, shown, None).of(shown)
    }

    /// With the number of all lines.
    #[must_use]
    pub fn of(self, total: usize) -> Self {
        Self { total: Some(total), ..self }
    }

    /// With the way back.
    #[must_use]
    pub fn back(self, previous: Option<String>) -> Self {
        Self { previous, ..self }
    }
}

/// Characters of the cursors that an address carries.
const TRAIL: usize = 1_200;

/// Where one is in a list that is read by a cursor. An address carries the cursors of the pages before, so that one
/// can go back page by page.
#[derive(Debug)]
pub struct Walk<'a> {
    /// Path of the list.
    pub path: &'a str,
    /// What else the address asks for.
    pub filters: &'a [(&'a str, &'a str)],
    /// The cursor of this page; empty on the first.
    pub here: &'a str,
    /// The cursors of the pages between the first and this one, joined by commas.
    pub trail: &'a str,
    /// Lines before this page.
    pub seen: usize,
}

impl Walk<'_> {
    /// This page, which shows `shown` lines; `next` is the cursor of the page that follows.
    pub fn pager(&self, shown: usize, next: Option<String>) -> Pager {
        let seen = self.seen.min(1_000_000);
        let next = next.map(|cursor| {
            let joined = [self.trail, self.here].map(str::trim).join(",");
            let trail = joined.trim_matches(',');
            // Whoever has gone that far goes back to the beginning.
            self.at(&cursor, if trail.len() <= TRAIL { trail } else { "" }, seen + shown)
        });
        let previous = (!self.here.is_empty()).then(|| {
            let (rest, last) = self.trail.rsplit_once(',').unwrap_or(("", self.trail));
            let before = if last.is_empty() { 0 } else { seen.saturating_sub(PAGE) };
            self.at(last, rest, before)
        });
        let whole = next.is_none() && previous.is_none();
        Pager { total: whole.then_some(shown), ..Pager::new(seen, shown, next).back(previous) }
    }

    fn at(&self, cursor: &str, trail: &str, seen: usize) -> String {
        let seen = if seen > 0 { seen.to_string() } else { String::new() };
        let mut query = self.filters.to_vec();
        query.extend([("dopo", cursor), ("prima", trail), ("n", seen.as_str())]);
        address(self.path, &query)
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
    pub(super) class: Option<String>,
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
            class: Some(row.class.clone()).filter(|class| !class.is_empty()),
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
const DONE: [(&str, &str); 60] = [
    ("codice", "profile-pec-coming"),
    ("pec", "profile-pec-proven"),
    ("salvato", "saved"),
    ("inviato", "compose-sent"),
    ("preso", "done-taken"),
    ("assegnato", "done-assigned"),
    ("rifiutato", "done-refused"),
    ("annotato", "done-noted"),
    ("deciso", "done-letter-decided"),
    ("inserito", "done-filed"),
    ("classificato", "done-classified"),
    ("repertoriato", "done-series"),
    ("importato", "done-past"),
    ("fascicoli", "done-cases"),
    ("soggetti", "done-contacts"),
    ("versato", "done-handed"),
    ("chiuso", "done-closed"),
    ("rettificato", "done-rectified"),
    ("annullato", "done-annulled"),
    ("ritirato", "done-unavailable"),
    ("riprovato", "done-replayed"),
    ("recapito", "profile-saved"),
    ("prova", "profile-tested"),
    ("delegato", "done-granted"),
    ("dichiarata", "done-declared"),
    ("richiesta", "done-ordered"),
    ("accettato", "done-accepted"),
    ("confermato", "done-confirmed"),
    ("revocato", "done-revoked"),
    ("vincolato", "done-held"),
    ("svincolato", "done-hold-lifted"),
    ("proposto", "done-proposed"),
    ("autorizzato", "done-authorised"),
    ("ordinato", "done-destroying"),
    ("verificato", "done-checked"),
    ("emessa", "done-card"),
    ("emesse", "done-cards"),
    ("registrato", "done-registered"),
    ("aperta", "done-emergency-opened"),
    ("prorogata", "done-emergency-renewed"),
    ("chiusa", "done-emergency-closed"),
    ("scansionato", "done-scanned"),
    ("vuoto", "done-no-file"),
    ("cercato", "done-order-looked"),
    ("ripetuto", "done-order-again"),
    ("alla-firma", "done-signing-asked"),
    ("firmato", "done-signing-signed"),
    ("restituito", "done-signing-returned"),
    ("collegato", "done-order-linked"),
    ("annullamento", "done-annulment"),
    ("caricato", "done-deposit-taken"),
    ("avviato", "done-deposit-started"),
    ("eliminato", "done-deposit-discarded"),
    ("concluso", "done-concluded"),
    ("inoltrato", "done-forwarded"),
    ("non-per-noi", "done-declined"),
    ("legato", "done-linked"),
    ("slegato", "done-unlinked"),
    ("vista", "done-view-saved"),
    ("senza-vista", "done-view-dropped"),
];

/// What an address says of the act before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Done {
    /// The word for it.
    pub fatto: Option<String>,
}

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

/// Where the registration of a message is seen: in the register, or, ordered of an outside system, among those orders.
pub fn entry(view: &MessageView) -> Option<String> {
    let ordered = view.history.iter().any(|event| event.kind == "registration.ordered");
    match &view.entry {
        Some(entry) if entry.outside.is_empty() => {
            Some(format!("/ufficio/registro/{}/{}", entry.year, entry.number))
        }
        _ => ordered.then(|| format!("/ufficio/registrazioni/{}", view.message.id)),
    }
}

/// The classes that may be given today.
pub async fn classes(app: &App, actor: &Actor) -> Result<Vec<Choice>, Error> {
    let classes = app.desk.classes(&actor.administration).await?;
    Ok(classes
        .into_iter()
        .map(|class| Choice::new(&class.code, format!("{} {}", class.code, class.title)))
        .collect())
}

/// The offices that are open, each followed by its people, to choose from: `office` or `office/account`.
pub async fn assignees(app: &App, actor: &Actor) -> Result<Vec<Choice>, Error> {
    let mut choices = Vec::new();
    for (office, people) in app.desk.assignees(actor).await? {
        choices.push(Choice::new(&office.id, &office.name));
        let person = |(account, name)| {
            Choice::new(format!("{}/{account}", office.id), format!("{}: {name}", office.name))
        };
        choices.extend(people.into_iter().map(person));
    }
    Ok(choices)
}

/// What was chosen of [`assignees`].
pub fn assignee(chosen: &str) -> (&str, Option<&str>) {
    match chosen.split_once('/') {
        Some((office, account)) => (office, Some(account)),
        None => (chosen, None),
    }
}

/// The offices that are open, to choose from.
pub async fn offices(app: &App, actor: &Actor) -> Result<Vec<Choice>, Error> {
    let open = app.desk.open_offices(&actor.administration).await?;
    Ok(open.into_iter().map(|office| Choice::new(office.id, office.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk<'a>(here: &'a str, trail: &'a str, seen: usize) -> Walk<'a> {
        Walk { path: "/l", filters: &[("q", "a b"), ("x", "")], here, trail, seen }
    }

    #[test]
    fn one_goes_on_and_back_the_same_way() {
        let first = walk("", "", 0).pager(PAGE, Some("c1".into()));
        assert_eq!((first.previous, first.next.as_deref()), (None, Some("/l?q=a+b&dopo=c1&n=20")));
        let second = walk("c1", "", 20).pager(PAGE, Some("c2".into()));
        assert_eq!(second.previous.as_deref(), Some("/l?q=a+b"));
        assert_eq!(second.next.as_deref(), Some("/l?q=a+b&dopo=c2&prima=c1&n=40"));
        let third = walk("c2", "c1", 40).pager(PAGE, Some("c3".into()));
        assert_eq!(third.previous.as_deref(), Some("/l?q=a+b&dopo=c1&n=20"));
        assert_eq!(third.next.as_deref(), Some("/l?q=a+b&dopo=c3&prima=c1%2Cc2&n=60"));
        let last = walk("c3", "c1,c2", 60).pager(3, None);
        assert_eq!(last.previous.as_deref(), Some("/l?q=a+b&dopo=c2&prima=c1&n=40"));
        assert_eq!((last.from, last.to, last.total), (61, 63, None));
        assert_eq!(walk("", "", 0).pager(3, None).total, Some(3));
        let far = "c".repeat(TRAIL + 1);
        assert_eq!(
            walk("c9", &far, 180).pager(PAGE, Some("c10".into())).next.unwrap(),
            "/l?q=a+b&dopo=c10&n=200"
        );
    }
}
