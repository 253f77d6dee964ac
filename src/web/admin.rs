//! The administrator's pages.

mod body;
mod cards;
mod certificates;
pub(crate) mod chart;
mod ipa;
pub mod jobs;
mod kinds;
pub mod limits;
mod mail;
mod offices;
mod operator;
mod operators;
mod outages;
mod registry;
mod series;
mod status;

use axum::Router;
use serde::{Deserialize, Deserializer};

use crate::app::App;

/// Every page of the administrator.
pub fn router() -> Router<App> {
    Router::new()
        .merge(status::router())
        .merge(outages::router())
        .merge(body::router())
        .merge(offices::router())
        .merge(chart::router())
        .merge(operators::router())
        .merge(operator::router())
        .merge(kinds::router())
        .merge(certificates::router())
        .merge(cards::router())
        .merge(registry::router())
        .merge(series::router())
        .merge(mail::router())
        .merge(ipa::router())
        .merge(limits::router())
        .merge(jobs::router())
}

/// A box: ticked when the form has anything for it.
fn ticked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(!String::deserialize(deserializer)?.is_empty())
}
