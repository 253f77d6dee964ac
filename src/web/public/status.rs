//! How the service is doing, for anybody: in words, without numbers that help an attacker.

use axum::extract::State;
use axum::response::Response;
use plico_desk::Actor;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::download::attachment;
use crate::web::outage::{Shown, outages};
use crate::web::sign_in::bodies;
use crate::web::words::Words;

/// Jobs that wait at most while everything works: more are a delay.
const BACKLOG: i64 = 200;

#[derive(Serialize)]
struct Status {
    checked_ms: i64,
    bodies: Vec<Body>,
}

#[derive(Serialize)]
struct Body {
    /// Said where there are several.
    name: Option<String>,
    parts: Vec<Part>,
    outages: Vec<Shown>,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    light: &'static str,
}

impl Page for Status {
    const TEMPLATE: &'static str = "page/public/status.html";
}

/// `GET /stato`.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let words = Words::of(&app, &context);
    let all = bodies(&app).await?;
    let several = all.len() > 1;
    let mut shown = Vec::new();
    for body in all {
        shown.push(Body {
            parts: parts(&app, &body.id).await?,
            outages: outages(&app, &words, &body.id).await?,
            name: several.then_some(body.name),
        });
    }
    app.shell.page(&context, &Status { checked_ms: context.now_ms(), bodies: shown })
}

/// What works for an administration.
async fn parts(app: &App, administration: &str) -> Result<Vec<Part>, Error> {
    let archive = app.desk.archive();
    let logs = archive.logs().await.map_err(Error::fault)?;
    let read_only = logs.iter().any(|log| log.read_only && log.administration == administration);
    let stopped = archive.is_stopped() || read_only;
    let late = archive.jobs_due().await.map_err(Error::fault)? > BACKLOG
        || archive.given_up(administration).await.map_err(Error::fault)? > 0;
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
    Ok(parts)
}

/// `GET /stato/attestazioni/{id}`: the attestation of a time without service, for anybody.
pub async fn paper(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Error> {
    let (row, reader) = app.desk.receipt(&Actor::anybody(""), &id).await?;
    Ok(attachment(&row.name, "application/pdf", &row.sha256, reader))
}
