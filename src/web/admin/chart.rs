//! The office chart from a file: looked at first, then applied.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_desk::chart::{Change, Looked};
use plico_desk::scheme::LineError;
use plico_locale::Args;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Form};
use crate::web::actor;
use crate::web::list::done;
use crate::web::words::{Words, Wrong};

const BASE: &str = "/amministrazione/uffici/organigramma";
/// Bytes of a file: it comes back with the form that applies it.
const FILE_BYTES: usize = 256 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(blank).post(look))
        .route("/amministrazione/uffici/organigramma/applica", post(apply))
}

#[derive(Serialize)]
struct ChartPage {
    looked: Option<View>,
    text: String,
    errors: Vec<Wrong>,
}

impl Page for ChartPage {
    const TEMPLATE: &'static str = "page/admin/chart.html";
    const NAV: &'static str = "offices";
}

#[derive(Serialize)]
struct View {
    added: usize,
    changed: usize,
    same: usize,
    rows: Vec<Row>,
    left: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    code: String,
    name: String,
    change: &'static str,
    until: Option<String>,
    waiting: i64,
}

impl View {
    fn of(words: &Words<'_>, looked: Looked) -> Self {
        let count = |change| looked.lines.iter().filter(|line| line.change == change).count();
        Self {
            added: count(Change::Added),
            changed: count(Change::Changed),
            same: count(Change::Same),
            rows: looked
                .lines
                .iter()
                .map(|line| Row {
                    code: line.code.clone(),
                    name: line.name.clone(),
                    change: match line.change {
                        Change::Added => "added",
                        Change::Changed => "changed",
                        Change::Same => "same",
                    },
                    until: line.until.as_deref().map(|day| words.day(day)),
                    waiting: line.waiting,
                })
                .collect(),
            left: looked.left,
        }
    }
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    app.shell.page(&context, &ChartPage { looked: None, text: String::new(), errors: Vec::new() })
}

async fn look(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his file is read.
    app.desk.all_offices(&actor).await?;
    let text = upload.sheet(FILE_BYTES).await?;
    let words = Words::of(&app, &context);
    match app.desk.look_at_chart(&actor, &text).await? {
        Ok(looked) => {
            let looked = Some(View::of(&words, looked));
            app.shell.page(&context, &ChartPage { looked, text, errors: Vec::new() })
        }
        Err(line) => wrong(&app, &context, &actor, &line),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    text: String,
}

async fn apply(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match app.desk.apply_chart(&actor, &form.text).await? {
        Ok(_) => Ok(done("/amministrazione/uffici", "salvato").into_response()),
        Err(line) => wrong(&app, &context, &actor, &line),
    }
}

fn wrong(app: &App, context: &Context, _: &Actor, line: &LineError) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let errors = vec![Wrong {
        field: "file".into(),
        text: said(&words, line, words.t(&format!("chart-{}", line.error.field))),
    }];
    let page = ChartPage { looked: None, text: String::new(), errors };
    let mut response = app.shell.page(context, &page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `Line 7, code: …`; `field` is what the field is called.
pub(crate) fn said(words: &Words<'_>, line: &LineError, field: String) -> String {
    let text =
        words.wrong(std::slice::from_ref(&line.error)).pop().map_or_else(String::new, |wrong| wrong.text);
    let number = i64::try_from(line.line).unwrap_or(i64::MAX);
    words.with("card-line", &Args::new().with("line", number).with("field", field).with("text", text))
}
