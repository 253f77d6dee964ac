//! Whether the service works: for whoever watches it, so without a token.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use plico_locale::Args;

use crate::api::answer;
use crate::app::App;
use crate::http::{Context, Error, Refusal};

/// Whether the service works
///
/// A problem document either way: with status 200 while everything needed to file and to read is there.
#[utoipa::path(
    get,
    path = "/status",
    operation_id = "readStatus",
    tag = "status",
    responses(
        (status = 200, description = "It works.", content_type = "application/problem+json", body = serde_json::Value),
        (status = 503, description = "It does not work now."),
    ),
    security(())
)]
pub async fn status(State(app): State<App>, context: Context) -> Result<Response, Error> {
    if !app.shell.readiness().blocked().is_empty() {
        return Err(Refusal::unavailable("not-ready", 30).into());
    }
    let text = |key: &str| app.desk.catalogue().text(context.lang(), key, &Args::new());
    let well = serde_json::json!({
        "type": "about:blank",
        "title": text("api-status-title"),
        "status": 200,
        "detail": text("api-status-text"),
        "instance": format!("urn:plico:request:{}", context.id()),
    });
    Ok(answer::problem_json(StatusCode::OK, &well))
}
