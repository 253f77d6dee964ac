//! How the service is doing, for anybody: in words, without numbers that help an attacker.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};
use crate::web::sign_in::administration;

/// Jobs that wait at most while everything works: more are a delay.
const BACKLOG: i64 = 200;

#[derive(Serialize)]
struct Status {
    checked_ms: i64,
    parts: Vec<Part>,
    outages: Vec<Outage>,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    light: &'static str,
}

/// None is recorded yet: the machinery for declared outages comes with operations.
#[derive(Serialize)]
struct Outage {}

impl Page for Status {
    const TEMPLATE: &'static str = "page/public/status.html";
}

/// `GET /stato`.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let archive = app.desk.archive();
    let administration = administration(&app).await?;
    let logs = archive.logs().await.map_err(Error::fault)?;
    let read_only = logs.iter().any(|log| log.read_only && log.administration == administration.id);
    let stopped = archive.is_stopped() || read_only;
    let late = archive.jobs_due().await.map_err(Error::fault)? > BACKLOG
        || archive.given_up(&administration.id).await.map_err(Error::fault)? > 0;
    let follows = if stopped {
        "bad"
    } else if late {
        "warn"
    } else {
        "good"
    };
    let mut parts = vec![
        Part { name: "filing", light: if stopped { "bad" } else { "good" } },
        Part { name: "reading", light: "good" },
        Part { name: "receipts", light: follows },
    ];
    // Where no mail server is configured there is no such service to report on.
    if !app.shell.config().smtp.host.is_empty() {
        parts.push(Part { name: "notices", light: follows });
    }
    parts.push(Part { name: "verification", light: "good" });
    app.shell.page(&context, &Status { checked_ms: context.now_ms(), parts, outages: Vec::new() })
}
