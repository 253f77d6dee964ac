//! The auditor's pages: reading by a mandate, every look an event.

mod access;
mod case;
mod dossier;
mod integrity;
mod item;
mod search;

use axum::Router;

use crate::app::App;

/// Every page of the auditor.
pub fn router() -> Router<App> {
    Router::new()
        .merge(search::router())
        .merge(item::router())
        .merge(case::router())
        .merge(integrity::router())
        .merge(access::router())
}
