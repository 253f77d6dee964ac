//! The inspector's page: checks cards in the browser, without a network once it was visited; what is checked never leaves it.
//! And what it keeps for that: keys and status lists, for anybody.

use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use plico_archive::read::body;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::offline;
use crate::web::words::Words;

#[derive(Serialize)]
struct InspectPage {
    issuers: Vec<String>,
}

impl Page for InspectPage {
    const TEMPLATE: &'static str = "page/public/inspect.html";
    const NAV: &'static str = "inspect";
}

/// `GET /controllo`. The same for everybody, whoever is signed in: it may be kept.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let bodies = body::bodies(app.desk.archive().database()).await.map_err(Error::fault)?;
    let page = InspectPage { issuers: bodies.into_iter().map(|body| body.ipa_code).collect() };
    Ok(offline::allowed(app.shell.page(&context, &page)?, true))
}

/// `GET /controllo/sw.js`: its scope is the page above its own folder, which must be said.
pub async fn worker() -> Response {
    let headers = [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("service-worker-allowed", "/controllo"),
    ];
    (headers, offline::WORKER).into_response()
}

/// `GET /controllo/manifest.webmanifest`.
pub async fn manifest(State(app): State<App>, context: Context) -> Response {
    offline::manifest(&Words::of(&app, &context).t("inspect-title"), "/controllo", "/controllo")
}

fn token(kind: &'static str, text: String) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, text).into_response()
}

/// `GET /.well-known/plico-cards/{ipa}/keys`.
pub async fn keys(State(app): State<App>, Path(ipa): Path<String>) -> Result<Response, Error> {
    Ok(token("application/jwt", app.desk.published_card_keys(&ipa).await?))
}

/// `GET /.well-known/plico-cards/{ipa}/status/0`.
pub async fn status(State(app): State<App>, Path(ipa): Path<String>) -> Result<Response, Error> {
    Ok(token("application/statuslist+jwt", app.desk.published_card_status(&ipa).await?))
}
