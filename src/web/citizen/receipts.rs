//! Every receipt of the person.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::row::cut;
use super::timeline::Receipt;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::list::Pager;

/// Rows of a page.
const MOST: usize = 20;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pagina: usize,
}

#[derive(Serialize)]
struct Row {
    receipt: Receipt,
    subject: String,
    number: Option<String>,
    at: i64,
    message: String,
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
    let all = app.desk.receipts(&actor).await?;
    let (some, page) = cut(all, asked.pagina, MOST, |page| format!("/ricevute?pagina={page}"));
    let rows = some
        .into_iter()
        .map(|row| Row {
            // The number is in the name we gave the file; a receipt without one has the identifier there.
            number: number_in(&row.name),
            receipt: Receipt::ready(&row),
            subject: row.subject,
            at: row.issued_ms,
            message: format!("/messaggi/{}", row.message),
        })
        .collect();
    app.shell.page(&context, &Receipts { rows, page })
}

/// `0000123/2026` out of `ricevuta-presentation-0000123-2026.pdf`.
fn number_in(name: &str) -> Option<String> {
    let (rest, year) = name.strip_suffix(".pdf")?.rsplit_once('-')?;
    let (_, number) = rest.rsplit_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (year.len() == 4 && number.len() >= 7 && digits(year) && digits(number))
        .then(|| format!("{number}/{year}"))
}

#[cfg(test)]
mod tests {
    use super::number_in;

    #[test]
    fn numbers_of_receipts() {
        assert_eq!(number_in("ricevuta-taken-in-charge-0000123-2026.pdf").as_deref(), Some("0000123/2026"));
        assert_eq!(number_in("ricevuta-opening-01JD8X2K7M4Q9W3T6Y5B0C1V8ZH.pdf"), None);
    }
}
