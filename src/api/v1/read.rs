//! One message.

use axum::extract::State;
use axum::http::header::HeaderMap;
use axum::response::Response;
use plico_desk::token::Scope;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::api::wire::Message;
use crate::app::App;
use crate::http::{Error, Path};

/// Read a message
///
/// With everything that the caller may see of it. Reading opens nothing: text and documents of what an office sent
/// come once its delivery is opened.
#[utoipa::path(
    get,
    path = "/messages/{id}",
    operation_id = "readMessage",
    tag = "messages",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the message.")),
    responses(
        (status = 200, description = "The message.", body = Message,
            headers(("ETag" = String, description = "Tag of the content."))),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 404, description = "Not there, or not yours."),
    ),
    security(("token" = ["messages:read"]))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let view = app.desk.message(caller.with(Scope::ReadMessages)?, &id).await?;
    answer::json(&headers, &Message::of(&view))
}
