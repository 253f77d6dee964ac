//! What the person has asked for, and where it stands: his filings, each with what followed.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::Cursor;
use serde::{Deserialize, Serialize};

use super::row::{CaseRow, Tab};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::list::{PAGE, Pager, Walk, address};
use crate::web::words::Words;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    vista: String,
    dopo: String,
    prima: String,
    n: usize,
}

#[derive(Serialize)]
struct Cases {
    tabs: Vec<Tab>,
    rows: Vec<CaseRow>,
    page: Pager,
}

impl Page for Cases {
    const TEMPLATE: &'static str = "page/citizen/cases.html";
    const NAV: &'static str = "cases";
}

/// `GET /pratiche`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let words = Words::of(&app, &context);
    let open = match asked.vista.as_str() {
        "aperte" => Some(true),
        "concluse" => Some(false),
        _ => None,
    };
    let cursor = Some(asked.dopo.as_str()).filter(|text| !text.is_empty()).map(Cursor::parse);
    let (rows, next) = app.desk.filings(&actor, open, cursor, PAGE).await?;
    let kinds = app.desk.kinds(&actor.administration).await?;
    let tab = |key: &str, view: &str, current: bool| Tab {
        name: words.t(key),
        url: address("/pratiche", &[("vista", view)]),
        current,
        count: None,
    };
    let view = if open.is_some() { asked.vista.as_str() } else { "" };
    let walk = Walk {
        path: "/pratiche",
        filters: &[("vista", view)],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let page = Cases {
        tabs: vec![
            tab("cases-all", "", open.is_none()),
            tab("cases-open", "aperte", open == Some(true)),
            tab("cases-done", "concluse", open == Some(false)),
        ],
        page: walk.pager(rows.len(), next.map(|cursor| cursor.text())),
        rows: rows.iter().map(|row| CaseRow::of(&words, &kinds, row)).collect(),
    };
    app.shell.page(&context, &page)
}
