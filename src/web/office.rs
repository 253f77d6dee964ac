//! The office's pages.

mod acts;
mod bulk;
mod cards;
mod cards_issue;
mod case;
mod case_import;
mod cases;
mod certificates;
mod chart;
mod compose;
mod contacts;
mod copy;
mod counter;
mod daily;
pub(crate) mod deposit;
mod deposits;
mod disposal;
mod domicile;
mod emergency;
mod entry;
mod exchange;
mod files;
mod forward;
mod holds;
mod internal;
mod item;
mod item_acts;
mod jobs;
mod letter_mail;
mod mailboxes;
mod mandates;
mod order_annul;
mod orders;
mod past;
mod preservation;
mod queue;
mod register;
mod reports;
mod review;
mod scheme;
mod series;
mod series_annul;
mod signing;
mod substitutes;
mod views;
mod withdraw;

use axum::Router;
use plico_desk::{Actor, FieldError};
use plico_record::actor::Role;
use plico_record::day::{LegalDay, at_rome};

use crate::app::App;

/// Every page of the office.
pub fn router() -> Router<App> {
    Router::new()
        .merge(queue::router())
        .merge(views::router())
        .merge(bulk::router())
        .merge(item::router())
        .merge(acts::router())
        .merge(forward::router())
        .merge(files::router())
        .merge(compose::router())
        .merge(counter::router())
        .merge(internal::router())
        .merge(chart::router())
        .merge(certificates::router())
        .merge(copy::router())
        .merge(review::router())
        .merge(signing::router())
        .merge(substitutes::router())
        .merge(withdraw::router())
        .merge(cases::router())
        .merge(case::router())
        .merge(register::router())
        .merge(reports::router())
        .merge(past::router())
        .merge(contacts::router())
        .merge(preservation::router())
        .merge(scheme::router())
        .merge(series::router())
        .merge(exchange::router())
        .merge(letter_mail::router())
        .merge(mailboxes::router())
        .merge(daily::router())
        .merge(deposits::router())
        .merge(deposit::router())
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

/// Whether this person reads by a mandate only: such a reader has a desk of his own, where the reason is asked for.
fn reads_by_mandate(actor: &Actor) -> bool {
    actor.has(Role::Auditor) && !actor.has(Role::Operator) && !actor.has(Role::RecordsManager)
}

/// Where this person reads messages.
fn desk_of(actor: &Actor) -> &'static str {
    if reads_by_mandate(actor) { "/revisore/messaggi" } else { "/ufficio/messaggi" }
}

/// A day and an hour as they were typed; nothing is now. An hour that is not told is noon, or now where that is yet to come.
fn instant(app: &App, day: &str, time: &str, field: &'static str) -> Result<Option<i64>, FieldError> {
    let (day, time) = (day.trim(), time.trim());
    if day.is_empty() {
        return Ok(None);
    }
    let told = at_rome(&format!("{day}T{}", if time.is_empty() { "12:00" } else { time }));
    let told = told.ok_or_else(|| FieldError::of(field, "date"))?;
    let now = app.desk.archive().now_ms();
    let later_today = time.is_empty() && told > now && LegalDay::at(told) == LegalDay::at(now);
    Ok(Some(if later_today { now } else { told }))
}
