//! One file: a document or a receipt.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use plico_desk::open::Download;

use crate::app::App;
use crate::http::{Context, Error, Path};
use crate::web::download::{attachment, headers};

/// `GET /documenti/{id}/scarica`.
pub async fn document(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (row, reader) = app.desk.document(&actor, &id, Download::ByPerson).await?;
    Ok(attachment(&row.name, &row.media_type, &row.sha256, reader))
}

/// `GET /ricevute/{id}/scarica`.
pub async fn receipt(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (row, reader) = app.desk.receipt(&actor, &id).await?;
    Ok(attachment(&row.name, "application/pdf", &row.sha256, reader))
}

/// `GET /ricevute/{id}/prove`: what came after the receipt was issued.
pub async fn evidence(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (name, bytes) = app.desk.evidence_beside(&actor, &id).await?;
    Ok((headers(&name, "application/octet-stream"), bytes).into_response())
}
