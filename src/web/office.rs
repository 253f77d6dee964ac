//! The office's pages.

mod acts;
mod cards;
mod cards_issue;
mod case;
mod cases;
mod certificates;
mod compose;
mod counter;
mod daily;
mod disposal;
mod emergency;
mod entry;
mod files;
mod holds;
mod item;
mod jobs;
mod mandates;
mod orders;
mod queue;
mod register;
mod reports;
mod review;
mod signing;
mod substitutes;
mod withdraw;

use axum::Router;

use crate::app::App;

/// Every page of the office.
pub fn router() -> Router<App> {
    Router::new()
        .merge(queue::router())
        .merge(item::router())
        .merge(acts::router())
        .merge(files::router())
        .merge(compose::router())
        .merge(counter::router())
        .merge(certificates::router())
        .merge(review::router())
        .merge(signing::router())
        .merge(substitutes::router())
        .merge(withdraw::router())
        .merge(cases::router())
        .merge(case::router())
        .merge(register::router())
        .merge(reports::router())
        .merge(daily::router())
        .merge(emergency::router())
        .merge(entry::router())
        .merge(orders::router())
        .merge(mandates::router())
        .merge(cards_issue::router())
        .merge(cards::router())
        .merge(holds::router())
        .merge(disposal::router())
        .merge(jobs::router())
}
