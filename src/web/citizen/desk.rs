//! The citizen's first page: what is to be opened, where his requests stand, what he began.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::inbox::Filter;
use serde::Serialize;

use super::row::{CaseRow, DraftLine, Row};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};
use crate::web::words::Words;

/// Rows of each list.
const FEW: usize = 5;

#[derive(Serialize)]
struct Desk {
    unopened: Vec<Row>,
    messages: Vec<Row>,
    cases: Vec<CaseRow>,
    drafts: Vec<DraftLine>,
    contact: Option<String>,
}

impl Page for Desk {
    const TEMPLATE: &'static str = "page/citizen/desk.html";
    const NAV: &'static str = "desk";
}

/// `GET /area-personale`.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let words = Words::of(&app, &context);
    let unopened = Filter { sent: false, unopened: true, ..Filter::default() };
    let (unopened, _) = app.desk.inbox(&actor, &unopened, 10).await?;
    let (messages, _) = app.desk.inbox(&actor, &Filter::default(), FEW).await?;
    let kinds = app.desk.kinds(&actor.administration).await?;
    let (cases, _) = app.desk.filings(&actor, None, None, FEW).await?;
    let offices = app.desk.open_offices(&actor.administration).await?;
    let drafts = app.desk.drafts(&actor).await?;
    let page = Desk {
        unopened: unopened.iter().map(Row::of_line).collect(),
        messages: messages.iter().map(Row::of_line).collect(),
        cases: cases.iter().map(|row| CaseRow::of(&words, &kinds, row)).collect(),
        drafts: drafts.iter().take(3).map(|row| DraftLine::of(&words, &kinds, &offices, row)).collect(),
        contact: app.desk.contact(&actor).await?,
    };
    app.shell.page(&context, &page)
}
