//! Work in the background, above all what gave up; tried again on request.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::confirm::{Confirm, Fact, Yes};
use crate::web::list::{Done, Pager, done, say_done};
use crate::web::words::Words;

const BASE: &str = "/amministrazione/lavori";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show)).route("/amministrazione/lavori/{id}/riprova", get(ask).post(replay))
}

#[derive(Serialize)]
struct JobsPage {
    counts: Counts,
    rows: Vec<Row>,
    page: Pager,
}

impl Page for JobsPage {
    const TEMPLATE: &'static str = "page/admin/jobs.html";
    const NAV: &'static str = "jobs";
}

#[derive(Serialize)]
struct Counts {
    waiting: i64,
    failed: i64,
    done_today: i64,
}

#[derive(Serialize)]
struct Row {
    kind: String,
    thing: String,
    url: Option<String>,
    attempts: i64,
    at: i64,
    error: String,
    replay: String,
}

/// The list, below an address: operators see it too.
pub async fn list(app: &App, context: &Context, base: &str, asked: &Done) -> Result<Response, Error> {
    let actor = actor(app, context).await?;
    say_done(app, context, asked.fatto.as_deref());
    let words = Words::of(app, context);
    let (jobs, counts) = app.desk.failing(&actor).await?;
    let rows: Vec<Row> = jobs
        .into_iter()
        .map(|job| Row {
            url: job
                .message
                .filter(|_| base.starts_with("/ufficio"))
                .map(|id| format!("/ufficio/messaggi/{id}")),
            // An administrator does not read what people write, not even a subject.
            thing: job
                .subject
                .filter(|_| base.starts_with("/ufficio"))
                .unwrap_or_else(|| words.t("jobs-a-message")),
            attempts: job.attempts,
            at: job.created_ms,
            error: job.last_error.unwrap_or_default(),
            replay: format!("{base}/{}/riprova", job.id),
            kind: job.kind,
        })
        .collect();
    let page = JobsPage {
        counts: Counts { waiting: counts.waiting, failed: counts.failed, done_today: counts.done },
        page: Pager::whole(rows.len()),
        rows,
    };
    app.shell.page(context, &page)
}

/// Asks before a job gets another life.
pub async fn confirm(app: &App, context: &Context, base: &str, id: &str) -> Result<Response, Error> {
    let actor = actor(app, context).await?;
    let words = Words::of(app, context);
    let (jobs, _) = app.desk.failing(&actor).await?;
    let job = jobs.into_iter().find(|job| job.id == id).ok_or_else(Refusal::not_found)?;
    let page = Confirm {
        what: "replay",
        thing: words.t(&format!("job-{}", job.kind)),
        facts: vec![Fact { label: words.t("jobs-error"), value: job.last_error.unwrap_or_default() }],
        action: format!("{base}/{id}/riprova"),
        back: base.into(),
        ..Confirm::default()
    };
    app.shell.page(context, &page)
}

/// Gives it another life.
pub async fn again(app: &App, context: &Context, base: &str, id: &str) -> Result<Response, Error> {
    let actor = actor(app, context).await?;
    match app.desk.replay_job(&actor, id).await {
        // One that still waits goes on by itself.
        Ok(()) | Err(plico_archive::ActError::Refused(plico_desk::Refusal::NotFound)) => {
            Ok(done(base, "riprovato").into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    list(&app, &context, BASE, &asked).await
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    confirm(&app, &context, BASE, &id).await
}

async fn replay(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    again(&app, &context, BASE, &id).await
}
