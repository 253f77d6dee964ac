//! Documents at the office: looked at beside the data, downloaded, and what we make of them ourselves.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::open::Download;
use plico_desk::picture::NotShown;
use serde::Serialize;

use super::item::look;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path, Refusal, headers};
use crate::web::citizen::zip;
use crate::web::{actor, download};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/documenti/{id}/anteprima", get(preview))
        .route("/ufficio/documenti/{id}/pagine/{number}", get(picture))
        .route("/ufficio/documenti/{id}/scarica", get(fetch))
        .route("/ufficio/messaggi/{id}/tutto.zip", get(everything))
}

async fn fetch(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (document, reader) = app.desk.document(&actor, &id, Download::ByPerson).await?;
    Ok(download::attachment(&document.name, &document.media_type, &document.sha256, reader))
}

/// A message's documents as one zip.
async fn everything(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    zip::bundle(&app, &actor, &id).await
}

/// Pages that are shown of one document.
const SHOWN: usize = 100;

#[derive(Serialize)]
struct PagesPage {
    name: String,
    why: Option<&'static str>,
    /// Number, and where its picture is.
    pages: Vec<(usize, String)>,
    more: usize,
    file: String,
}

impl Page for PagesPage {
    const TEMPLATE: &'static str = "page/office/pages.html";
    const NAV: &'static str = "queue";
}

/// An image as it is, under a policy that lets it do nothing; of a PDF, pictures of its pages.
async fn preview(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (document, reader) = app.desk.document(&actor, &id, Download::ByPerson).await?;
    match look(&document) {
        "image" => return Ok(inline(&document.media_type, Body::from_stream(reader.stream()))),
        "pages" => {}
        _ => return Err(Refusal::not_found().into()),
    }
    drop(reader);
    let (document, pages) = app.desk.pages(&actor, &id).await?;
    let count = pages.unwrap_or(0);
    let base = format!("/ufficio/documenti/{id}");
    let page = PagesPage {
        name: document.name,
        why: pages.err().map(NotShown::code),
        pages: (1..=count.min(SHOWN)).map(|page| (page, format!("{base}/pagine/{page}"))).collect(),
        more: count.saturating_sub(SHOWN),
        file: format!("{base}/scarica"),
    };
    let mut response = app.shell.page(&context, &page)?;
    headers::framed(response.headers_mut());
    Ok(response)
}

/// A picture of a page.
async fn picture(
    State(app): State<App>,
    context: Context,
    Path((id, number)): Path<(String, u32)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (_, drawn) = app.desk.page(&actor, &id, number).await?;
    let drawn = drawn.map_err(|_| Refusal::not_found())?;
    Ok(inline("image/png", Body::from(drawn)))
}

/// Shown in place, in a frame of our own pages at most.
pub(super) fn inline(media_type: &str, body: Body) -> Response {
    let mut headers = crate::web::download::headers("", media_type);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    (headers, body).into_response()
}
