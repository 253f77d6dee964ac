//! A document's bytes. Recorded as fetched by a program, which is never an opening.

use axum::extract::State;
use axum::response::Response;
use plico_desk::open::Download;
use plico_desk::token::Scope;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::app::App;
use crate::http::{Error, Path};

/// Download a document
///
/// The bytes as they came. What an office sent must have been opened before: a download opens nothing.
#[utoipa::path(
    get,
    path = "/documents/{id}",
    operation_id = "readDocument",
    tag = "documents",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the document.")),
    responses(
        (status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("Repr-Digest" = String, description = "SHA-256 of the bytes (RFC 9530)."))),
        (status = 404, description = "Not there, or not yours."),
    ),
    security(("token" = ["documents:read"]))
)]
pub async fn document(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = caller.with(Scope::ReadDocuments)?;
    let (row, reader) = app.desk.document(actor, &id, Download::ByProgram).await?;
    // Its type is in the message; as bytes nothing on the way takes it for a page.
    Ok(answer::file(&row.name, "application/octet-stream", &row.sha256, reader))
}
