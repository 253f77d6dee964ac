//! The one queue of the office.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_archive::read::message::MessageRow;
use plico_archive::read::{Cursor, queue};
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Choice, PAGE, Pager, Walk, address, offices, say_done};
use crate::web::words::Words;

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    ufficio: String,
    stato: String,
    tipo: String,
    dal: String,
    al: String,
    vista: String,
    dopo: String,
    prima: String,
    n: usize,
    fatto: Option<String>,
}

#[derive(Serialize)]
struct QueuePage {
    counts: Vec<View>,
    filters: Filters,
    offices: Vec<Choice>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    filtered: bool,
    takes_in: bool,
    /// Outside registrations that wait for a decision, and those of earlier days without a number.
    held: i64,
    letters: usize,
    late: i64,
    page: Pager,
    rows: Vec<Row>,
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
struct Filters {
    words: String,
    office: String,
    state: String,
    kind: String,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: Option<String>,
    at: i64,
    subject: String,
    sender: String,
    kind: String,
    office: String,
    operator: Option<String>,
    state: String,
    due: Option<String>,
    overdue: bool,
    unread: bool,
}

/// States that a queue can be narrowed to.
const STATES: [&str; 7] =
    ["registered", "taken_in_charge", "supplement_requested", "answered", "withdrawn", "prepared", "sent"];

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
    let words = Words::of(&app, &context);
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let view = some(&asked.vista);
    let filter = queue::Filter {
        office: some(&asked.ufficio),
        state: some(&asked.stato),
        operator: None,
        outgoing: ["prepared", "sent"].contains(&asked.stato.as_str()),
        kind: some(&asked.tipo),
        from_ms: LegalDay::parse(&asked.dal).map(LegalDay::start_ms),
        until_ms: LegalDay::parse(&asked.al).map(LegalDay::end_ms),
        words: some(&asked.q),
        view: view.clone().map(|view| (view, actor.account.clone(), app.desk.soon())),
    };
    let (lines, next) = app.desk.queue(&actor, &filter, &Cursor::parse(&asked.dopo), PAGE).await?;
    let backlog = app.desk.backlog(&actor).await?;
    let kinds = app.desk.kinds(&actor.administration).await?;
    let today = app.desk.today();

    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        if let Some(account) = &line.operator
            && !names.contains_key(account)
        {
            names.insert(account.clone(), app.desk.colleague(&actor, account).await?);
        }
        rows.push(Row {
            url: format!("/ufficio/messaggi/{}", line.id),
            number: line.registration_number(),
            at: line.instant_ms,
            subject: line.subject.clone(),
            sender: app.desk.counterpart(line).await?,
            kind: words.kind(&kinds, &line.kind),
            office: line.office_name.clone(),
            operator: line.operator.as_ref().and_then(|account| names.get(account).cloned().flatten()),
            state: line.state.clone(),
            due: line.due.as_deref().map(|day| words.day(day)),
            overdue: overdue(line, &today),
            unread: line.direction == "in" && line.state == "registered",
        });
    }
    let filtered = [&asked.q, &asked.ufficio, &asked.stato, &asked.tipo, &asked.dal, &asked.al, &asked.vista]
        .iter()
        .any(|text| !text.trim().is_empty());
    let walk = Walk {
        path: "/ufficio",
        filters: &[
            ("q", &asked.q),
            ("ufficio", &asked.ufficio),
            ("stato", &asked.stato),
            ("tipo", &asked.tipo),
            ("dal", &asked.dal),
            ("al", &asked.al),
            ("vista", &asked.vista),
        ],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let page = QueuePage {
        counts: backlog
            .views()
            .into_iter()
            .map(|(name, count)| View {
                name,
                count,
                url: address("/ufficio", &[("vista", name)]),
                current: view.as_deref() == Some(name),
            })
            .collect(),
        offices: offices(&app, &actor).await?,
        states: STATES.map(|state| Choice::new(state, words.t(&format!("state-{state}")))).into(),
        kinds: kinds.iter().map(|kind| Choice::new(&kind.code, words.kind_name(kind))).collect(),
        filtered,
        takes_in: app.desk.takes_in(&actor).is_ok(),
        held: app.desk.held_orders(&actor.administration).await?,
        letters: app.desk.held_letters(&actor.administration).await?.len(),
        late: app.desk.late_orders(&actor.administration).await?,
        page: walk.pager(rows.len(), next.map(|cursor| cursor.text())),
        rows,
        filters: Filters {
            words: asked.q,
            office: asked.ufficio,
            state: asked.stato,
            kind: asked.tipo,
            from: asked.dal,
            to: asked.al,
        },
    };
    app.shell.page(&context, &page)
}
