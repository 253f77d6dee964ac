//! A receipt's bytes.

use axum::extract::State;
use axum::response::Response;
use plico_desk::token::Scope;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::app::App;
use crate::http::{Error, Path};

/// Download a receipt
///
/// A PDF that holds what is needed to verify it.
#[utoipa::path(
    get,
    path = "/receipts/{id}",
    operation_id = "readReceipt",
    tag = "receipts",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the receipt.")),
    responses(
        (status = 200, description = "The receipt.", body = Vec<u8>, content_type = "application/pdf",
            headers(("Repr-Digest" = String, description = "SHA-256 of the bytes (RFC 9530)."))),
        (status = 404, description = "Not there, or not yours."),
    ),
    security(("token" = ["documents:read"]))
)]
pub async fn receipt(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let (row, reader) = app.desk.receipt(caller.with(Scope::ReadDocuments)?, &id).await?;
    Ok(answer::file(&row.name, "application/pdf", &row.sha256, reader))
}
