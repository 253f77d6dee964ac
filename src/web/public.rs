//! Pages for anybody.

mod countersign;
mod home;
mod inspect;
mod log;
mod offices;
mod plain;
mod status;
mod verify;
mod verify_document;
mod verify_dossier;
mod verify_shown;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) use home::offered;

/// The routes of these pages.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(home::page))
        .route("/verifica.html", get(crate::http::assets::offline))
        .route("/verifica", get(verify::page).post(verify::verify))
        .route("/verifica/documento", post(verify_document::verify).get(verify::again))
        .route("/contrassegno", get(countersign::page).post(countersign::show))
        .route("/controllo", get(inspect::page))
        .route("/controllo/sw.js", get(inspect::worker))
        .route("/controllo/manifest.webmanifest", get(inspect::manifest))
        .route("/.well-known/plico-cards/{ipa}/keys", get(inspect::keys))
        .route("/.well-known/plico-cards/{ipa}/status/0", get(inspect::status))
        .route("/log/policy", get(log::policy))
        .route("/log/{ipa}/{n}/checkpoint", get(log::checkpoint))
        .route("/log/{ipa}/{n}/tile/{*path}", get(log::tile))
        .route("/log/{ipa}/{n}/tile/entries/{*path}", get(log::entries))
        .route("/uffici", get(offices::page))
        .route("/stato", get(status::page))
        .route("/stato/attestazioni/{id}", get(status::paper))
        .route("/privacy", get(plain::privacy))
        .route("/accessibilita", get(plain::accessibility))
        .route("/sessione", get(plain::session))
}
