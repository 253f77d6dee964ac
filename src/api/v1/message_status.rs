//! Where a message stands: what a program asks again and again.

use axum::extract::State;
use axum::http::header::HeaderMap;
use axum::response::Response;
use plico_desk::token::Scope;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::api::wire::MessageStatus;
use crate::app::App;
use crate::http::{Error, Path};

/// Read where a message stands
///
/// State, registration, term, receipts.
#[utoipa::path(
    get,
    path = "/messages/{id}/status",
    operation_id = "readMessageStatus",
    tag = "messages",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the message.")),
    responses(
        (status = 200, description = "Where it stands.", body = MessageStatus,
            headers(("ETag" = String, description = "Tag of the content."))),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 404, description = "Not there, or not yours."),
    ),
    security(("token" = ["messages:read"]))
)]
pub async fn message_status(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let view = app.desk.message(caller.with(Scope::ReadMessages)?, &id).await?;
    answer::json(&headers, &MessageStatus::of(&view))
}
