//! The one queue of the office: portal, certified mail, mail and paper, by what one asks of it or keeps as a view.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_archive::read::message::MessageRow;
use plico_archive::read::{Cursor, queue};
use plico_desk::Actor;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::bulk::{Acts, acts};
use super::views::{Tab, tabs};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Choice, PAGE, Pager, Walk, address, offices, say_done};
use crate::web::words::{Words, Wrong};

pub(super) const BASE: &str = "/ufficio";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show))
}

/// What is asked of the queue, as its address has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Filters {
    pub(super) q: String,
    pub(super) ufficio: String,
    pub(super) stato: String,
    pub(super) tipo: String,
    pub(super) canale: String,
    pub(super) chi: String,
    pub(super) scadenza: String,
    pub(super) dal: String,
    pub(super) al: String,
    pub(super) vista: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(flatten)]
    filters: Filters,
    /// Everything, whatever view opens the queue.
    tutte: String,
    dopo: String,
    prima: String,
    n: String,
    fatto: Option<String>,
}

/// Ways in which something comes, under the names that a filter has for them.
const CHANNELS: [(&str, &[&str]); 5] = [
    ("portal", &[""]),
    ("pec", &["pec", "pec_anomaly", "pec_unproven"]),
    ("mail", &["mail"]),
    ("service", &["service"]),
    ("paper", &["hand", "post", "registered_post", "courier", "fax"]),
];
/// Terms that a filter knows.
const TERMS: [&str; 3] = ["overdue", "today", "week"];
/// States that a queue can be narrowed to.
const STATES: [&str; 7] =
    ["registered", "taken_in_charge", "supplement_requested", "answered", "withdrawn", "prepared", "sent"];

impl Filters {
    pub(super) fn pairs(&self) -> [(&'static str, &str); 10] {
        [
            ("q", &self.q),
            ("ufficio", &self.ufficio),
            ("stato", &self.stato),
            ("tipo", &self.tipo),
            ("canale", &self.canale),
            ("chi", &self.chi),
            ("scadenza", &self.scadenza),
            ("dal", &self.dal),
            ("al", &self.al),
            ("vista", &self.vista),
        ]
    }

    pub(super) fn any(&self) -> bool {
        self.pairs().iter().any(|(_, value)| !value.trim().is_empty())
    }

    /// As an address has them; nothing when nothing is asked.
    pub(super) fn query(&self) -> String {
        address("", &self.pairs()).trim_start_matches('?').to_owned()
    }

    pub(super) fn read(query: &str) -> Self {
        serde_html_form::from_str(query).unwrap_or_default()
    }

    fn filter(&self, app: &App, actor: &Actor) -> queue::Filter {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let now = app.desk.archive().now_ms();
        let day = |days: i64| Some(LegalDay::at(now + days * 86_400_000).to_string());
        let (due_from, due_before) = match self.scadenza.as_str() {
            "overdue" => (None, day(0)),
            "today" => (day(0), day(1)),
            "week" => (day(0), day(8)),
            _ => (None, None),
        };
        let channels = CHANNELS.iter().find(|(name, _)| *name == self.canale);
        queue::Filter {
            office: some(&self.ufficio),
            state: some(&self.stato),
            operator: match self.chi.trim() {
                "nessuno" => None,
                "io" => Some(actor.account.clone()),
                account => some(account),
            },
            nobody: self.chi.trim() == "nessuno",
            outgoing: ["prepared", "sent"].contains(&self.stato.as_str()),
            kind: some(&self.tipo),
            channels: channels.map(|(_, channels)| channels.iter().map(ToString::to_string).collect()),
            due_from,
            due_before,
            from_ms: LegalDay::parse(&self.dal).map(LegalDay::start_ms),
            until_ms: LegalDay::parse(&self.al).map(LegalDay::end_ms),
            words: some(&self.q),
            view: some(&self.vista).map(|view| (view, actor.account.clone(), app.desk.soon())),
        }
    }
}

#[derive(Serialize)]
struct QueuePage {
    counts: Vec<View>,
    tabs: Vec<Tab>,
    /// The filters as an address has them.
    asked: String,
    filters: Filters,
    offices: Vec<Choice>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    channels: Vec<Choice>,
    terms: Vec<Choice>,
    people: Vec<Choice>,
    filtered: bool,
    /// The view of one's own that is shown; empty for none.
    view: String,
    view_opens: bool,
    takes_in: bool,
    /// Outside registrations that wait for a decision, and those of earlier days without a number.
    held: i64,
    letters: usize,
    late: i64,
    page: Pager,
    rows: Vec<Row>,
    acts: Option<Acts>,
    errors: Vec<Wrong>,
}

impl Page for QueuePage {
    const TEMPLATE: &'static str = "page/office/queue.html";
    const NAV: &'static str = "queue";
}

#[derive(Serialize)]
struct View {
    name: &'static str,
    count: i64,
    url: String,
    current: bool,
}

#[derive(Serialize)]
struct Row {
    id: String,
    url: String,
    number: Option<String>,
    at: i64,
    subject: String,
    sender: String,
    kind: String,
    channel: String,
    office: String,
    operator: Option<String>,
    state: String,
    due: Option<String>,
    overdue: bool,
    unread: bool,
}

/// True when the term of a message that still waits is over.
pub(super) fn overdue(row: &MessageRow, today: &str) -> bool {
    let open = ["presented", "registered", "taken_in_charge", "supplement_requested"];
    row.due.as_deref().is_some_and(|due| due < today) && open.contains(&row.state.as_str())
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    render(&app, &context, &actor, asked, Vec::new()).await
}

/// The queue again, after a view that could not be kept.
pub(super) async fn again(
    app: &App,
    context: &Context,
    actor: &Actor,
    filters: Filters,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    render(app, context, actor, Asked { filters, ..Asked::default() }, errors).await
}

async fn render(
    app: &App,
    context: &Context,
    actor: &Actor,
    mut asked: Asked,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let saved = app.desk.saved_views(actor).await?;
    if let Some(view) = saved.iter().find(|view| view.opens)
        && !asked.filters.any()
        && asked.tutte.is_empty()
        && asked.dopo.is_empty()
    {
        asked.filters = Filters::read(&view.query);
    }
    let filters = asked.filters;
    let (lines, next) =
        app.desk.queue(actor, &filters.filter(app, actor), &Cursor::parse(&asked.dopo), PAGE).await?;
    let backlog = app.desk.backlog(actor).await?;
    let kinds = app.desk.kinds(&actor.administration).await?;
    let today = app.desk.today();

    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        if let Some(account) = &line.operator
            && !names.contains_key(account)
        {
            names.insert(account.clone(), app.desk.colleague(actor, account).await?);
        }
        rows.push(Row {
            id: line.id.clone(),
            url: format!("/ufficio/messaggi/{}", line.id),
            number: line.registration_number(),
            at: line.instant_ms,
            subject: line.subject.clone(),
            sender: app.desk.counterpart(line).await?,
            kind: words.kind(&kinds, &line.kind),
            channel: line.channel.clone(),
            office: line.office_name.clone(),
            operator: line.operator.as_ref().and_then(|account| names.get(account).cloned().flatten()),
            state: line.state.clone(),
            due: line.due.as_deref().map(|day| words.day(day)),
            overdue: overdue(line, &today),
            unread: line.direction == "in" && line.state == "registered",
        });
    }
    let pairs: Vec<(&str, &str)> = filters
        .pairs()
        .into_iter()
        .chain([("tutte", asked.tutte.as_str())])
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let walk = Walk {
        path: BASE,
        filters: &pairs,
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n.parse().unwrap_or(0),
    };
    let query = filters.query();
    let shown = saved.iter().find(|view| !query.is_empty() && view.query == query);
    let (view, view_opens) = shown.map_or((String::new(), false), |view| (view.name.clone(), view.opens));
    let incoming = lines.first().is_some_and(|line| line.direction == "in");
    let (pager, wrong) = (walk.pager(rows.len(), next.map(|cursor| cursor.text())), !errors.is_empty());
    let page = QueuePage {
        counts: backlog
            .views()
            .into_iter()
            .map(|(name, count)| View {
                name,
                count,
                url: address(BASE, &[("vista", name)]),
                current: filters.vista == name,
            })
            .collect(),
        tabs: tabs(&words, &saved, &query),
        offices: offices(app, actor).await?,
        states: STATES.map(|state| Choice::new(state, words.t(&format!("state-{state}")))).into(),
        kinds: kinds.iter().map(|kind| Choice::new(&kind.code, words.kind_name(kind))).collect(),
        channels: CHANNELS
            .map(|(name, _)| Choice::new(name, words.t(&format!("queue-channel-{name}"))))
            .into(),
        terms: TERMS.map(|term| Choice::new(term, words.t(&format!("queue-term-{term}")))).into(),
        people: people(app, actor, &words).await?,
        filtered: filters.any(),
        view,
        view_opens,
        takes_in: app.desk.takes_in(actor).is_ok(),
        held: app.desk.held_orders(&actor.administration).await?,
        letters: app.desk.held_letters(&actor.administration).await?.len(),
        late: app.desk.late_orders(&actor.administration).await?,
        page: pager,
        acts: if incoming { Some(acts(app, actor, query.clone()).await?) } else { None },
        asked: query,
        rows,
        filters,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

/// Whose work one may ask for: one's own, nobody's, a colleague's.
async fn people(app: &App, actor: &Actor, words: &Words<'_>) -> Result<Vec<Choice>, Error> {
    let mut names: Vec<(String, String)> = Vec::new();
    for (_, there) in app.desk.assignees(actor).await? {
        names.extend(there.into_iter().filter(|(account, _)| *account != actor.account));
    }
    names.sort_by(|a, b| (a.1.to_lowercase(), &a.0).cmp(&(b.1.to_lowercase(), &b.0)));
    names.dedup();
    let first = [Choice::new("io", words.t("queue-mine")), Choice::new("nessuno", words.t("queue-nobody"))];
    let others = names.into_iter().map(|(account, name)| Choice::new(account, name));
    Ok(first.into_iter().chain(others).collect())
}
