//! One message for the auditor: its data first, its content for a stated reason. Every look is an event.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_desk::open::Download;
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path};
use crate::web::confirm::Yes;
use crate::web::file::File;
use crate::web::list::{Event, entry};
use crate::web::words::{Words, Wrong, invalid};
use crate::web::{actor, download};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/revisore/messaggi/{id}", get(show))
        .route("/revisore/messaggi/{id}/contenuto", post(open))
        .route("/revisore/messaggi/{id}/verifica", post(check))
        .route("/revisore/documenti/{id}/scarica", get(fetch))
}

#[derive(Serialize)]
struct ItemPage {
    message: Message,
    text: Option<String>,
    documents: Vec<File>,
    count: usize,
    content: Option<String>,
    form: Given,
    errors: Vec<Wrong>,
    case: Option<Link>,
    entry: Option<String>,
    events: Vec<Event>,
    check: String,
    checked: Option<Checked>,
}

impl Page for ItemPage {
    const TEMPLATE: &'static str = "page/auditor/item.html";
    const NAV: &'static str = "search";
}

#[derive(Serialize)]
struct Message {
    direction: String,
    subject: String,
    kind: String,
    office: String,
    parties: String,
    at: i64,
    number: Option<String>,
    registered_ms: Option<i64>,
    state: String,
    effect: Option<String>,
    due: Option<String>,
    operator: Option<String>,
}

/// A name that leads somewhere.
#[derive(Serialize)]
struct Link {
    name: String,
    url: String,
}

#[derive(Serialize)]
struct Checked {
    at: i64,
    clean: bool,
    findings: Vec<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    reason: String,
}

async fn show(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    app.desk.message(&actor, &id).await?;
    app.desk.looked(&actor, "message", &id, "").await?;
    page(&app, &context, &actor, &id, Given::default(), Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let view = app.desk.message(actor, id).await?;
    let kinds = app.desk.kinds(&actor.administration).await?;
    let row = &view.message;
    let case = match &row.case_file {
        Some(case) => app.desk.case(actor, Deed::ReadMetadata, case).await.ok(),
        None => None,
    };
    let operator = match &row.operator {
        Some(account) => app.desk.colleague(actor, account).await?,
        None => None,
    };
    let checks = app.desk.checks(actor, 50).await?;
    let page = ItemPage {
        message: Message {
            direction: row.flow().into(),
            subject: row.subject.clone(),
            kind: words.kind(&kinds, &row.kind),
            office: row.office_name.clone(),
            parties: app.desk.counterpart(row).await?,
            at: row.instant_ms,
            number: row.registration_number(),
            registered_ms: row.registered_ms,
            state: row.state.clone(),
            effect: row.effect.clone(),
            due: row.due.as_deref().map(|day| words.day(day)),
            operator,
        },
        text: view.content.then(|| row.text.clone()),
        documents: view
            .documents
            .iter()
            .map(|document| File::of_document(document, &format!("/revisore/documenti/{}", document.id)))
            .collect(),
        count: app.desk.document_count(actor, id).await?,
        content: (!view.content).then(|| format!("/revisore/messaggi/{id}/contenuto")),
        form,
        errors,
        case: case.map(|case| Link {
            name: format!("{}/{} {}", case.year, case.number, case.title),
            url: format!("/revisore/fascicoli/{}", case.id),
        }),
        entry: entry(&view),
        events: Event::told(words, app.desk.chronicle(actor, &view).await?),
        check: format!("/revisore/messaggi/{id}/verifica"),
        checked: checks.into_iter().find(|check| check.scope == id).map(|check| Checked {
            at: check.at,
            clean: check.clean,
            findings: check.findings,
        }),
    };
    app.shell.page(context, &page)
}

/// States the reason; from now on, and for a working day, the content is open to him.
async fn open(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.state_reason(&actor, &id, &given.reason).await)? {
        Ok(()) => Ok(Redirect::to(&format!("/revisore/messaggi/{id}")).into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let mut response = page(&app, &context, &actor, &id, given, wrong).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

async fn check(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.check_message(&actor, &id).await?;
    Ok(Redirect::to(&format!("/revisore/messaggi/{id}")).into_response())
}

async fn fetch(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let (document, reader) = app.desk.document(&actor, &id, Download::ByPerson).await?;
    app.desk.looked(&actor, "document", &id, "").await?;
    Ok(download::attachment(&document.name, &document.media_type, &document.sha256, reader))
}
