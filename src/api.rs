//! `/api/v1`: the desk for programs. An operation is one file below [`v1`], calls the same act as its page, and
//! describes itself; [`document`] puts the descriptions together. How it is meant: `docs/api-design.md`.
//!
//! To add an operation: a file with its description above its handler, a line in `operations`, `plico openapi >
//! openapi/plico-v1.json`, a test in `tests/api`.

pub mod answer;
pub mod caller;
pub mod document;
pub mod exchange;
mod problems;
pub mod rate;
pub mod v1;
pub mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware;
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use rate::Rate;

/// Requests that one caller may make in a minute.
pub const PER_MINUTE: u32 = 300;

/// Every operation with its description.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(v1::status::status))
        .routes(routes!(v1::send::send, v1::list::list))
        .routes(routes!(v1::deposit::create))
        .routes(routes!(v1::deposit::read))
        .routes(routes!(v1::registered::create))
        .routes(routes!(v1::read::read))
        .routes(routes!(v1::message_status::message_status))
        .routes(routes!(v1::open::open))
        .routes(routes!(v1::download::document))
        .routes(routes!(v1::signatures::signatures))
        .routes(routes!(v1::receipt::receipt))
        .routes(routes!(v1::evidence::evidence))
}

/// The operations, their document, and the pages that explain problems.
pub fn router(app: &App) -> Router {
    let metered = Arc::new(Rate::new(PER_MINUTE));
    let (operations, _) = operations().split_for_parts();
    let operations = operations
        .route("/openapi.json", get(published))
        .layer(middleware::from_fn_with_state((app.clone(), Arc::clone(&metered)), caller::around));
    let registries = Router::new()
        .route("/api/registries/recipient", post(exchange::recipient))
        .route("/api/registries/sender", post(exchange::sender))
        .layer(middleware::from_fn_with_state((app.clone(), metered), caller::around));
    Router::new()
        .nest("/api/v1", operations)
        .merge(registries)
        .route("/api/problems/{code}", get(problems::page))
        .with_state(app.clone())
}

async fn published(State(app): State<App>) -> axum::Json<serde_json::Value> {
    axum::Json(document::document(&app.shell.config().public_url))
}
