//! A case file with its whole history.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_record::authority::Deed;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::actor;
use crate::web::list::{Case, Event};
use crate::web::words::Words;

pub(super) fn router() -> Router<App> {
    Router::new().route("/revisore/fascicoli/{id}", get(show))
}

#[derive(Serialize)]
struct CasePage {
    case: Case,
    rows: Vec<Row>,
    events: Vec<Event>,
    export: Option<String>,
}

impl Page for CasePage {
    const TEMPLATE: &'static str = "page/auditor/case.html";
    const NAV: &'static str = "search";
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: Option<String>,
    at: i64,
    direction: String,
    subject: String,
    parties: String,
    state: String,
}

async fn show(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let case = app.desk.case(&actor, Deed::ReadMetadata, &id).await?;
    app.desk.looked(&actor, "case_file", &id, "").await?;
    let mut rows = Vec::new();
    for row in app.desk.case_messages(&actor, &id).await? {
        rows.push(Row {
            url: format!("/revisore/messaggi/{}", row.id),
            number: row.registration_number(),
            at: row.instant_ms,
            parties: app.desk.counterpart(&row).await?,
            direction: row.direction,
            subject: row.subject,
            state: row.state,
        });
    }
    let page = CasePage {
        case: Case::from(&case),
        rows,
        events: Event::told(Words::of(&app, &context), app.desk.case_chronicle(&actor, &id).await?),
        export: None,
    };
    app.shell.page(&context, &page)
}
