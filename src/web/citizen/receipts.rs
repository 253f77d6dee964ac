//! Every receipt of the person.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use plico_archive::read::receipt::ReceiptRow;
use plico_locale::Lang;
use serde::{Deserialize, Serialize};

use super::receipt::{Receipt, Shelf};
use super::row::cut;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::list::{Pager, done, say_done};

/// Rows of a page.
const MOST: usize = 20;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pagina: usize,
    fatto: Option<String>,
}

#[derive(Serialize)]
struct Row {
    receipt: Receipt,
    /// Of the message it is about; a receipt about no message has none.
    subject: Option<String>,
    number: Option<String>,
    at: i64,
    /// Where that is which it is about.
    about: String,
}

#[derive(Serialize)]
struct Receipts {
    rows: Vec<Row>,
    page: Pager,
}

impl Page for Receipts {
    const TEMPLATE: &'static str = "page/citizen/receipts.html";
    const NAV: &'static str = "receipts";
}

/// `GET /ricevute`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let (all, orders) = (app.desk.receipts(&actor).await?, app.desk.receipts_ordered(&actor).await?);
    let shelf = Shelf { rows: &all, orders: &orders, lang: context.lang() };
    // One line for each event, in whatever languages.
    let mut seen = HashSet::new();
    let lines: Vec<&ReceiptRow> = all.iter().filter(|row| seen.insert((row.log, row.idx))).collect();
    let (some, page) = cut(lines, asked.pagina, MOST, |page| format!("/ricevute?pagina={page}"));
    let rows = some.into_iter().filter_map(|row| {
        Some(Row {
            receipt: shelf.of(row.log, row.idx, row.issued_ms)?,
            subject: row.subject.clone(),
            number: row.registration_number(),
            at: row.issued_ms,
            about: match &row.message {
                Some(message) => format!("/messaggi/{message}"),
                None => "/deleghe".into(),
            },
        })
    });
    app.shell.page(&context, &Receipts { rows: rows.collect(), page })
}

/// In which language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    lingua: String,
}

/// `POST /ricevute/{id}/lingua`: the same receipt in another language.
pub async fn order(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let lang = Lang::from_code(&wanted.lingua).ok_or_else(Refusal::not_found)?;
    app.desk.order_translation(&actor, &id, lang).await?;
    Ok(done("/ricevute", "richiesta").into_response())
}
