//! What the person has asked for, and where it stands: his filings, each with what followed.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::Cursor;
use serde::{Deserialize, Serialize};

use super::row::{CaseRow, Pages, Tab};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::words::Words;

/// Rows of a page.
const MOST: usize = 20;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    vista: String,
    dopo: String,
    riga: usize,
}

#[derive(Serialize)]
struct Cases {
    tabs: Vec<Tab>,
    rows: Vec<CaseRow>,
    page: Pages,
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
    let (rows, next) = app.desk.filings(&actor, open, cursor, MOST).await?;
    let kinds = app.desk.kinds(&actor.administration).await?;
    let address =
        |view: &str| if view.is_empty() { "/pratiche?".into() } else { format!("/pratiche?vista={view}&") };
    let tab = |key: &str, view: &str, current: bool| Tab {
        name: words.t(key),
        url: address(view).trim_end_matches(['?', '&']).to_owned(),
        current,
        count: None,
    };
    let before = asked.riga.min(1_000_000);
    let view = if open.is_some() { asked.vista.as_str() } else { "" };
    let page = Cases {
        tabs: vec![
            tab("cases-all", "", open.is_none()),
            tab("cases-open", "aperte", open == Some(true)),
            tab("cases-done", "concluse", open == Some(false)),
        ],
        page: Pages {
            from: if rows.is_empty() { 0 } else { before + 1 },
            to: before + rows.len(),
            total: (next.is_none() && before == 0).then_some(rows.len()),
            previous: (!asked.dopo.is_empty()).then(|| address(view).trim_end_matches(['?', '&']).to_owned()),
            next: next.map(|cursor| {
                format!("{}dopo={}&riga={}", address(view), cursor.text(), before + rows.len())
            }),
        },
        rows: rows.iter().map(|row| CaseRow::of(&words, &kinds, row)).collect(),
    };
    app.shell.page(&context, &page)
}
