//! The office chart as everybody of the offices reads it, and what waits in an office that is over.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};
use crate::web::actor;
use crate::web::words::Words;

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/organigramma", get(show))
}

#[derive(Serialize)]
struct ChartPage {
    rows: Vec<Row>,
    /// Offices that are over and have something waiting.
    over: Vec<Over>,
}

impl Page for ChartPage {
    const TEMPLATE: &'static str = "page/office/chart.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    name: String,
    code: String,
    depth: usize,
    responsible: String,
    from: String,
    until: Option<String>,
    open: bool,
}

#[derive(Serialize)]
struct Over {
    name: String,
    waiting: i64,
    url: String,
}

async fn show(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let words = Words::of(&app, &context);
    let chart = app.desk.chart(&actor).await?;
    let over = chart.iter().filter(|one| !one.open && one.waiting > 0).map(|one| Over {
        name: one.office.name.clone(),
        waiting: one.waiting,
        url: format!("/ufficio?ufficio={}", one.office.id),
    });
    let page = ChartPage {
        over: over.collect(),
        rows: chart
            .into_iter()
            .map(|one| Row {
                depth: one.depth.min(6),
                open: one.open,
                from: words.day(&one.office.valid_from),
                until: one.office.valid_until.as_deref().map(|day| words.day(day)),
                name: one.office.name,
                code: one.office.code,
                responsible: one.office.responsible,
            })
            .collect(),
    };
    app.shell.page(&context, &page)
}
