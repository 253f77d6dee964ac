//! Whether the archive is whole and unchanged: one item at once, all of it in the background.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::HeaderValue;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_desk::{Actor, FieldError};
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Refusal};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::words::{Words, Wrong};

const BASE: &str = "/revisore/integrita";
/// Seconds after which a page that waits asks again by itself.
const AGAIN: HeaderValue = HeaderValue::from_static("10");

/// Administrations whose archive this process is checking: one check at a time is enough.
static RUNNING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(show))
        .route("/revisore/integrita/avvia", post(run))
        .route("/revisore/integrita/elemento", post(check))
}

#[derive(Serialize)]
struct IntegrityPage {
    log: Log,
    run: Option<&'static str>,
    running: bool,
    form: Given,
    check: &'static str,
    errors: Vec<Wrong>,
    runs: Vec<Run>,
}

impl Page for IntegrityPage {
    const TEMPLATE: &'static str = "page/auditor/integrity.html";
    const NAV: &'static str = "integrity";
}

#[derive(Serialize)]
struct Log {
    origin: String,
    size: i64,
    checkpoint_ms: Option<i64>,
    root: Option<String>,
    witnesses: usize,
}

#[derive(Serialize)]
struct Run {
    at: i64,
    scope: String,
    who: Option<String>,
    clean: bool,
    findings: Vec<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    item: String,
}

async fn show(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    page(&app, &context, &actor, Given::default(), Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    plico_desk::Desk::admit(actor, Deed::CheckIntegrity)?;
    let words = Words::of(app, context);
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).contains(&actor.administration);
    let log = app.desk.log(actor).await?;
    let mut runs = Vec::new();
    for check in app.desk.checks(actor, 20).await? {
        let scope = match check.scope.as_str() {
            "archive" => words.t("integrity-archive"),
            id => app.desk.caption(actor, "message", id).await?.unwrap_or_else(|| id.to_owned()),
        };
        let who = Some(check.who).filter(|who| !who.is_empty());
        runs.push(Run { at: check.at, scope, who, clean: check.clean, findings: check.findings });
    }
    let page = IntegrityPage {
        log: Log {
            origin: log.origin,
            size: log.size,
            checkpoint_ms: log.checkpoint_ms,
            root: log.root,
            witnesses: app.vouchers.witnesses().len(),
        },
        run: (!running).then_some("/revisore/integrita/avvia"),
        running,
        form,
        check: "/revisore/integrita/elemento",
        errors,
        runs,
    };
    let mut response = app.shell.page(context, &page)?;
    if running {
        response.headers_mut().insert("refresh", AGAIN);
    }
    Ok(response)
}

/// Takes the administration off the list whatever becomes of the task.
struct Turn(String);

impl Drop for Turn {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

async fn run(State(app): State<App>, context: Context, Form(Yes {}): Form<Yes>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::CheckIntegrity)?;
    let body = actor.administration.clone();
    let fresh = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(body.clone());
    if fresh {
        let turn = Turn(body);
        // On a thread of its own: it reads everything, and nobody else should wait for it.
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = runtime.block_on(app.desk.check_archive(&actor)) {
                tracing::error!(error = ?error, "the archive could not be checked");
            }
            drop(turn);
        });
    }
    Ok(Redirect::to(BASE).into_response())
}

/// The message that a number or an identifier stands for.
async fn find(app: &App, actor: &Actor, item: &str) -> Result<Option<String>, Error> {
    let item = item.trim();
    let found = match item.split_once('/').map(|(number, year)| (number.parse(), year.parse())) {
        Some((Ok(number), Ok(year))) => {
            app.desk.register_entry(actor, year, number).await.map(|view| view.entry.message)
        }
        _ => app.desk.message(actor, item).await.map(|view| view.message.id),
    };
    match found.map_err(Error::from) {
        Ok(id) => Ok(Some(id)),
        Err(Error::Refusal(Refusal { code: "not-found", .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn check(
    State(app): State<App>,
    context: Context,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::CheckIntegrity)?;
    if let Some(id) = find(&app, &actor, &given.item).await? {
        app.desk.check_message(&actor, &id).await?;
        return Ok(Redirect::to(BASE).into_response());
    }
    let error = if given.item.trim().is_empty() {
        FieldError::required("item")
    } else {
        FieldError::of("item", "item")
    };
    let wrong = Words::of(&app, &context).wrong(&[error]);
    let mut response = page(&app, &context, &actor, given, wrong).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
