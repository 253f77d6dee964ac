//! What came after a receipt was issued.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use plico_desk::token::Scope;

use crate::api::caller::Caller;
use crate::app::App;
use crate::http::{Error, Path};
use crate::web::download::headers;

/// Download the later evidence of a receipt
///
/// Proofs to later checkpoints with the cosignatures and time stamps on them, to be verified together with the receipt.
#[utoipa::path(
    get,
    path = "/receipts/{id}/evidence",
    operation_id = "readEvidence",
    tag = "receipts",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the receipt.")),
    responses(
        (status = 200, description = "The evidence so far.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "Not there, not yours, or nobody has vouched for it yet."),
    ),
    security(("token" = ["documents:read"]))
)]
pub async fn evidence(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let (name, bytes) = app.desk.evidence_beside(caller.with(Scope::ReadDocuments)?, &id).await?;
    Ok((headers(&name, "application/octet-stream"), bytes).into_response())
}
