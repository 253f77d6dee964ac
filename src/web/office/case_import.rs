//! Case files that another system kept before, brought by the records manager.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Desk;
use plico_desk::case_import::{LookedCases, MOST};
use plico_desk::scheme::LineError;
use serde::Serialize;

use super::past::given;
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error};
use crate::web::actor;
use crate::web::admin::chart::said;
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

/// Lines that are shown before they are taken.
const SHOWN: usize = 50;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/fascicoli/importa", get(blank).post(look))
        .route("/ufficio/fascicoli/importa/applica", post(apply))
}

#[derive(Serialize)]
struct ImportPage {
    looked: Option<View>,
    most: usize,
    errors: Vec<Wrong>,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "page/office/cases_import.html";
    const NAV: &'static str = "cases";
}

#[derive(Serialize)]
struct View {
    seen: String,
    count: usize,
    over: usize,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    number: String,
    title: String,
    office: String,
    class: String,
    opened: String,
    closed: Option<String>,
}

fn page(
    app: &App,
    context: &Context,
    looked: Option<LookedCases>,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let wrong = !errors.is_empty();
    let looked = looked.map(|looked| View {
        count: looked.cases.len(),
        over: looked.cases.iter().filter(|case| case.former.closed.is_some()).count(),
        rows: looked
            .cases
            .into_iter()
            .take(SHOWN)
            .map(|case| Row {
                number: case.former.number,
                title: case.title,
                office: case.office_name,
                class: case.class,
                opened: words.day(&case.former.opened),
                closed: case.former.closed.map(|day| words.day(&day)),
            })
            .collect(),
        seen: looked.digest,
    });
    let mut response = app.shell.page(context, &ImportPage { looked, most: MOST, errors })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn wrong(words: &Words<'_>, line: &LineError) -> Vec<Wrong> {
    let text = said(words, line, words.t(&format!("case-import-{}", line.error.field)));
    vec![Wrong { field: "file".into(), text }]
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    Desk::manages_register(&actor)?;
    page(&app, &context, None, Vec::new())
}

async fn look(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his file is read.
    Desk::manages_register(&actor)?;
    let (_, _, bytes) = given(upload).await?;
    match app.desk.look_at_cases(&actor, &bytes).await? {
        Ok(looked) => page(&app, &context, Some(looked), Vec::new()),
        Err(line) => page(&app, &context, None, wrong(&Words::of(&app, &context), &line)),
    }
}

async fn apply(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    Desk::manages_register(&actor)?;
    let (seen, _, bytes) = given(upload).await?;
    let words = Words::of(&app, &context);
    match invalid(app.desk.import_cases(&actor, &bytes, &seen).await)? {
        Ok(Ok(_)) => Ok(done("/ufficio/fascicoli", "fascicoli").into_response()),
        Ok(Err(line)) => page(&app, &context, None, wrong(&words, &line)),
        Err(errors) => page(&app, &context, None, words.wrong(&errors)),
    }
}
