//! Titles to act for another: recorded with the document that shows them, confirmed, ended. The records manager's.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::delegation::{MandateForm, TITLES};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::actor;
use crate::web::confirm::{Confirm, Fact, Reason};
use crate::web::list::{Choice, Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/titoli";
const NEW: &str = "/ufficio/titoli/nuovo";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route(NEW, get(blank).post(add))
        .route("/ufficio/titoli/{id}/conferma", get(ask_confirm).post(confirm))
        .route("/ufficio/titoli/{id}/revoca", get(ask_revoke).post(revoke))
}

#[derive(Serialize)]
struct MandatesPage {
    rows: Vec<Row>,
    add: &'static str,
}

impl Page for MandatesPage {
    const TEMPLATE: &'static str = "page/office/mandates.html";
    const NAV: &'static str = "mandates";
}

#[derive(Serialize)]
struct Row {
    holder: String,
    delegate: String,
    title: String,
    evidence: String,
    until: Option<String>,
    state: &'static str,
    confirm: Option<String>,
    revoke: Option<String>,
}

#[derive(Serialize)]
struct MandatePage {
    action: &'static str,
    form: Given,
    titles: Vec<Choice>,
    errors: Vec<Wrong>,
}

impl Page for MandatePage {
    const TEMPLATE: &'static str = "page/office/mandate.html";
    const NAV: &'static str = "mandates";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    holder_code: String,
    holder_name: String,
    delegate_code: String,
    delegate_name: String,
    title: String,
    evidence: String,
    until: String,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let (words, today) = (Words::of(&app, &context), app.desk.today());
    let rows = app.desk.mandates(&actor).await?.into_iter().map(|row| {
        let state = row.state(&today);
        Row {
            title: words.t(&format!("title-{}", row.title)),
            until: row.until.as_deref().map(|day| words.day(day)),
            confirm: (state == "waiting").then(|| format!("{BASE}/{}/conferma", row.id)),
            revoke: matches!(state, "waiting" | "active").then(|| format!("{BASE}/{}/revoca", row.id)),
            holder: row.holder_name,
            delegate: row.delegate_name,
            evidence: row.evidence,
            state,
        }
    });
    app.shell.page(&context, &MandatesPage { rows: rows.collect(), add: NEW })
}

fn form(app: &App, context: &Context, form: Given, errors: Vec<Wrong>) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let titles = TITLES.map(|code| Choice::new(code, words.t(&format!("title-{code}"))));
    let wrong = !errors.is_empty();
    let page = MandatePage { action: NEW, form, titles: titles.into(), errors };
    app.shell.form(context, &page, wrong)
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.mandates(&actor).await?;
    form(&app, &context, Given::default(), Vec::new())
}

async fn add(State(app): State<App>, context: Context, Form(given): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let asked = MandateForm {
        holder_code: given.holder_code.clone(),
        holder_name: given.holder_name.clone(),
        delegate_code: given.delegate_code.clone(),
        delegate_name: given.delegate_name.clone(),
        title: given.title.clone(),
        evidence: given.evidence.clone(),
        until: given.until.clone(),
    };
    match invalid(app.desk.record_mandate(&actor, asked).await)? {
        Ok(_) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => form(&app, &context, given, Words::of(&app, &context).wrong(&errors)),
    }
}

/// Asks before an act; `reason` is what was typed as one.
async fn ask(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    reason: Option<String>,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let row = app.desk.mandate(actor, id).await?;
    let facts = [
        ("mandate-holder", row.holder_name),
        ("mandate-title", words.t(&format!("title-{}", row.title))),
        ("mandate-evidence", row.evidence),
    ];
    let ends = reason.is_some();
    let page = Confirm {
        what: if ends { "revoke-mandate" } else { "confirm-mandate" },
        thing: row.delegate_name,
        facts: facts.map(|(key, value)| Fact { label: words.t(key), value }).into(),
        action: format!("{BASE}/{id}/{}", if ends { "revoca" } else { "conferma" }),
        back: BASE.into(),
        danger: ends,
        reason: reason.map(|value| Reason { value, required: true }),
        errors,
        ..Confirm::default()
    };
    app.shell.page(context, &page)
}

async fn ask_confirm(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    ask(&app, &context, &actor, &id, None, Vec::new()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    reason: String,
}

async fn confirm(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Told { .. }): Form<Told>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.confirm_mandate(&actor, &id).await?;
    Ok(done(BASE, "confermato").into_response())
}

async fn ask_revoke(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    ask(&app, &context, &actor, &id, Some(String::new()), Vec::new()).await
}

async fn revoke(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(told): Form<Told>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.revoke_mandate(&actor, &id, &told.reason).await)? {
        Ok(()) => Ok(done(BASE, "revocato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let mut response = ask(&app, &context, &actor, &id, Some(told.reason), wrong).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
