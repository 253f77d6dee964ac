//! Documents at the office: looked at beside the data, downloaded, and what we make of them ourselves.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::open::Download;

use super::item::look;
use crate::app::App;
use crate::http::{Context, Error, Path, Refusal};
use crate::web::citizen::zip;
use crate::web::{actor, download};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/documenti/{id}/anteprima", get(preview))
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

/// Only what a browser shows without running anything, and under a policy that lets it do nothing.
async fn preview(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (document, reader) = app.desk.document(&actor, &id, Download::ByPerson).await?;
    if look(&document) == "other" {
        return Err(Refusal::not_found().into());
    }
    Ok(inline(&document.media_type, Body::from_stream(reader.stream())))
}

/// Shown in place, in a frame of our own pages at most.
pub(super) fn inline(media_type: &str, body: Body) -> Response {
    let mut headers = crate::web::download::headers("", media_type);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    (headers, body).into_response()
}
