//! Lawful destruction: what is past its term, proposals, authorisations, how far a destruction is. The records manager's.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_archive::read::destruction::{CandidateRow, DestructionRow, HoldRow, ItemRow};
use plico_desk::destruction::AuthorisationForm;
use plico_desk::kind::Kind;
use plico_record::authority::Deed;
use plico_record::part::registration_number;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::actor;
use crate::web::confirm::{Confirm, Fact, Yes};
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/scarto";
const PROPOSE: &str = "/ufficio/scarto/proponi";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route(PROPOSE, post(propose))
        .route("/ufficio/scarto/{id}", get(show).post(authorise))
        .route("/ufficio/scarto/{id}/esegui", get(ask).post(order))
}

#[derive(Serialize)]
struct DisposalPage {
    due: Vec<Line>,
    propose: Option<&'static str>,
    rows: Vec<Row>,
    holds: Vec<Hold>,
}

impl Page for DisposalPage {
    const TEMPLATE: &'static str = "page/office/disposal.html";
    const NAV: &'static str = "disposal";
}

/// A message that is past its term, or was proposed.
#[derive(Serialize)]
struct Line {
    message: String,
    number: String,
    subject: String,
    kind: String,
    registered_ms: Option<i64>,
    case: Option<String>,
    struck: Option<String>,
    state: &'static str,
}

#[derive(Serialize)]
struct Row {
    url: String,
    proposed_ms: i64,
    proposed_by: String,
    items: i64,
    struck: i64,
    act: Option<String>,
    state: &'static str,
}

#[derive(Serialize)]
struct Hold {
    url: String,
    title: String,
    reason: String,
    by: String,
    since_ms: i64,
}

fn numbered(number: Option<i64>, year: Option<i32>) -> String {
    number.zip(year).map_or_else(String::new, |(n, year)| registration_number(n.cast_unsigned(), year))
}

fn line(words: Words<'_>, kinds: &[Kind], row: CandidateRow) -> Line {
    Line {
        number: numbered(row.number, row.year),
        kind: words.kind(kinds, &row.kind),
        subject: row.subject,
        registered_ms: Some(row.registered_ms),
        case: row.case_title,
        message: row.id,
        struck: None,
        state: "due",
    }
}

fn item(words: Words<'_>, kinds: &[Kind], row: ItemRow) -> Line {
    let state = match (&row.struck, row.erased_ms, row.held) {
        (Some(_), ..) => "struck",
        (_, Some(_), _) => "destroyed",
        (_, _, true) => "held",
        _ => "proposed",
    };
    Line {
        number: numbered(row.number, row.year),
        kind: words.kind(kinds, &row.kind),
        subject: row.subject,
        registered_ms: row.registered_ms,
        case: row.case_title,
        message: row.message,
        struck: row.struck,
        state,
    }
}

/// Where a destruction stands.
fn state(row: &DestructionRow) -> &'static str {
    match (row.done_ms, row.ordered, row.authorised_ms) {
        (Some(_), ..) => "destroyed",
        (None, true, _) => "destroying",
        (None, false, Some(_)) => "authorised",
        _ => "proposed",
    }
}

/// `Soprintendenza archivistica, n. 12 del 3 marzo 2037`.
fn act(words: Words<'_>, row: &DestructionRow) -> Option<String> {
    let (authority, number, date) = (row.authority.as_ref()?, row.number.as_ref()?, row.date.as_ref()?);
    let args = plico_locale::Args::new()
        .with("authority", authority.clone())
        .with("number", number.clone())
        .with("date", words.day(date));
    Some(words.with("disposal-act", &args))
}

fn hold(row: HoldRow) -> Hold {
    let folder = if row.kind == "message" { "messaggi" } else { "fascicoli" };
    Hold {
        url: format!("/ufficio/{folder}/{}/vincolo", row.thing),
        title: row.title.unwrap_or_default(),
        reason: row.reason,
        by: row.author_name,
        since_ms: row.instant_ms,
    }
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let due = app.desk.due(&actor).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let words = Words::of(&app, &context);
    let kinds = app.desk.kinds(&actor.administration).await?;
    let rows = app.desk.destructions(&actor).await?.into_iter().map(|row| Row {
        url: format!("{BASE}/{}", row.id),
        act: act(words, &row),
        state: state(&row),
        proposed_ms: row.proposed_ms,
        proposed_by: row.proposed_by,
        items: row.items,
        struck: row.struck,
    });
    let page = DisposalPage {
        propose: (!due.is_empty()).then_some(PROPOSE),
        due: due.into_iter().map(|row| line(words, &kinds, row)).collect(),
        rows: rows.collect(),
        holds: app.desk.holds(&actor).await?.into_iter().map(hold).collect(),
    };
    app.shell.page(&context, &page)
}

async fn propose(
    State(app): State<App>,
    context: Context,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let id = app.desk.propose_destruction(&actor).await?;
    Ok(done(&format!("{BASE}/{id}"), "proposto").into_response())
}

#[derive(Serialize)]
struct DestructionPage {
    row: Row,
    lines: Vec<Line>,
    erased: i64,
    rewritten: Option<bool>,
    done_ms: Option<i64>,
    authorised_by: Option<String>,
    authorise: Option<String>,
    order: Option<String>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for DestructionPage {
    const TEMPLATE: &'static str = "page/office/destruction.html";
    const NAV: &'static str = "disposal";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    authority: String,
    number: String,
    date: String,
    reason: String,
    struck: Vec<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.destruction(&actor, &id).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    render(&app, &context, &id, Given::default(), Vec::new()).await
}

async fn render(
    app: &App,
    context: &Context,
    id: &str,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let actor = actor(app, context).await?;
    let words = Words::of(app, context);
    let kinds = app.desk.kinds(&actor.administration).await?;
    let (row, items) = app.desk.destruction(&actor, id).await?;
    let stands = state(&row);
    let wrong = !errors.is_empty();
    let page = DestructionPage {
        lines: items.into_iter().map(|row| item(words, &kinds, row)).collect(),
        erased: row.erased,
        rewritten: row.rewritten,
        done_ms: row.done_ms,
        authorised_by: row.authorised_by.clone(),
        authorise: (stands == "proposed").then(|| format!("{BASE}/{id}")),
        order: (stands == "authorised").then(|| format!("{BASE}/{id}/esegui")),
        row: Row {
            url: format!("{BASE}/{id}"),
            act: act(words, &row),
            state: stands,
            proposed_ms: row.proposed_ms,
            proposed_by: row.proposed_by,
            items: row.items,
            struck: row.struck,
        },
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn authorise(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let asked = AuthorisationForm {
        authority: given.authority.clone(),
        number: given.number.clone(),
        date: given.date.clone(),
        struck: given.struck.clone(),
        reason: given.reason.clone(),
    };
    match invalid(app.desk.authorise_destruction(&actor, &id, asked).await)? {
        Ok(()) => Ok(done(&format!("{BASE}/{id}"), "autorizzato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            render(&app, &context, &id, given, wrong).await
        }
    }
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Destroy)?;
    let words = Words::of(&app, &context);
    let (row, _) = app.desk.destruction(&actor, &id).await?;
    let count = row.items - row.struck;
    let page = Confirm {
        what: "destroy",
        thing: act(words, &row).unwrap_or_default(),
        facts: vec![Fact { label: words.t("disposal-items"), value: count.to_string() }],
        action: format!("{BASE}/{id}/esegui"),
        back: format!("{BASE}/{id}"),
        danger: true,
        ..Confirm::default()
    };
    app.shell.page(&context, &page)
}

async fn order(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.order_destruction(&actor, &id).await?;
    Ok(done(&format!("{BASE}/{id}"), "ordinato").into_response())
}
