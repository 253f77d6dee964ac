//! Work in the background that failed, for whoever works in an office; the page is the administrator's.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::admin::jobs;
use crate::web::confirm::Yes;
use crate::web::list::Done;

const BASE: &str = "/ufficio/lavori";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show)).route("/ufficio/lavori/{id}/riprova", get(ask).post(replay))
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    jobs::list(&app, &context, BASE, &asked).await
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    jobs::confirm(&app, &context, BASE, &id).await
}

async fn replay(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    jobs::again(&app, &context, BASE, &id).await
}
