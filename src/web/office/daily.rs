//! The daily register: the days that are closed, each with its paper.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::actor;
use crate::web::download::attachment;
use crate::web::words::Words;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/registro/giornaliero", get(list))
        .route("/ufficio/registro/giornaliero/{id}", get(paper))
}

#[derive(Serialize)]
struct DaysPage {
    rows: Vec<Row>,
}

impl Page for DaysPage {
    const TEMPLATE: &'static str = "page/office/days.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    day: String,
    first: String,
    last: String,
    entries: u64,
    changes: u64,
    closed_ms: i64,
    url: Option<String>,
}

async fn list(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let words = Words::of(&app, &context);
    let rows = app.desk.closed_days(&actor).await?.into_iter().map(|closed| Row {
        day: words.day(&closed.act.day),
        first: closed.act.first,
        last: closed.act.last,
        entries: closed.act.entries,
        changes: closed.act.changes,
        closed_ms: closed.closed_ms,
        url: closed.paper.map(|row| format!("/ufficio/registro/giornaliero/{}", row.id)),
    });
    app.shell.page(&context, &DaysPage { rows: rows.collect() })
}

async fn paper(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (row, reader) = app.desk.receipt(&actor, &id).await?;
    app.desk.looked(&actor, "register", &row.id, "").await?;
    Ok(attachment(&row.name, "application/pdf", &row.sha256, reader))
}
