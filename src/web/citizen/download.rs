//! One file: a document or a receipt.

use axum::extract::State;
use axum::response::Response;
use plico_desk::open::Download;

use crate::app::App;
use crate::http::{Context, Error, Path};
use crate::web::download::attachment;

/// `GET /documenti/{id}/scarica`.
pub async fn document(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (row, reader) = app.desk.document(&actor, &id, Download::ByPerson).await?;
    Ok(attachment(&row.name, &row.media_type, reader))
}

/// `GET /ricevute/{id}/scarica`.
pub async fn receipt(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (row, reader) = app.desk.receipt(&actor, &id).await?;
    Ok(attachment(&row.name, "application/pdf", reader))
}
