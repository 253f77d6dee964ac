//! What happened to a message, in the person's words, and what is still to come; with the receipt of each step.

use plico_archive::read::history::Happened;
use plico_archive::read::message::DeliveryRow;
use plico_desk::view::MessageView;
use plico_locale::Args;
use plico_record::act::MessageConcluded;
use plico_record::day::LegalDay;
use serde::Serialize;

use super::receipt::{Receipt, Shelf};
use crate::web::words::Words;

/// A step.
#[derive(Debug, Serialize)]
pub struct Event {
    kind: String,
    at: i64,
    who: Option<String>,
    note: Option<String>,
    receipt: Option<Receipt>,
}

/// A step that is still to come.
#[derive(Debug, Serialize)]
pub struct Coming {
    kind: &'static str,
    at: Option<i64>,
}

/// What concerns the person. How the office works inside is not among it.
const SHOWN: [&str; 20] = [
    "message.presented",
    "message.registered",
    "registration.rectified",
    "registration.annulled",
    "message.added_to",
    "message.taken_in_charge",
    "message.supplement_requested",
    "message.answered",
    "message.concluded",
    "message.withdrawn",
    "delivery.made_available",
    "delivery.unavailable",
    "notice.sent",
    "notice.failed",
    "pec.accepted",
    "pec.delivered",
    "pec.undelivered",
    "delivery.opened",
    "document.downloaded",
    "document.withdrawn",
];

/// What concerns the person of what happened, each with its receipt.
fn paired(words: &Words<'_>, view: &MessageView) -> Vec<(Happened, Option<Receipt>)> {
    let shelf = Shelf { rows: &view.receipts, orders: &view.receipts_ordered, lang: words.lang() };
    let shown = view.history.iter().filter(|event| SHOWN.contains(&event.kind.as_str()));
    shown.map(|event| (event.clone(), shelf.of(event.log, event.idx, event.instant_ms))).collect()
}

/// The receipts of a message, those in preparation included.
pub fn receipts(words: &Words<'_>, view: &MessageView) -> Vec<Receipt> {
    paired(words, view).into_iter().filter_map(|(_, receipt)| receipt).collect()
}

/// Who opened, and that it was for another.
fn opener(words: &Words<'_>, delivery: &DeliveryRow) -> Option<String> {
    let who = delivery.opened_by.clone()?;
    if delivery.opened_as.as_deref() != Some("delegate") {
        return Some(who);
    }
    Some(words.with("opened-as-delegate", &Args::new().with("who", who)))
}

/// How it ended without a letter, and what that does to the term.
fn conclusion(words: &Words<'_>, act: &MessageConcluded) -> String {
    let Some(body) = &act.body else { return act.reason.clone() };
    let args = Args::new().with("body", body.name.clone()).with("reason", act.reason.clone());
    words.with("timeline-forwarded", &args)
}

/// What happened.
pub fn events(words: &Words<'_>, view: &MessageView, delivery: Option<&DeliveryRow>) -> Vec<Event> {
    let row = &view.message;
    let office = || Some(row.office_name.clone());
    paired(words, view)
        .into_iter()
        .map(|(event, receipt)| {
            let who = match event.kind.as_str() {
                "message.presented" => Some(row.author_name.clone()),
                "message.taken_in_charge" => row.responsible.clone().or_else(office),
                "message.supplement_requested"
                | "message.answered"
                | "message.concluded"
                | "delivery.made_available" => office(),
                "delivery.opened" => delivery.and_then(|delivery| opener(words, delivery)),
                _ => None,
            };
            let note = match event.kind.as_str() {
                "message.registered" => row
                    .registration_number()
                    .map(|number| words.with("row-number", &Args::new().with("number", number))),
                "message.concluded" => view.conclusion.as_ref().map(|act| conclusion(words, act)),
                _ => None,
            };
            Event { kind: event.kind.clone(), at: event.instant_ms, who, note, receipt }
        })
        .collect()
}

/// What is still to come of one's own filing.
pub fn coming(view: &MessageView) -> Vec<Coming> {
    let row = &view.message;
    if row.direction == "out" {
        return Vec::new();
    }
    let at = row.due.as_deref().and_then(LegalDay::parse).map(LegalDay::start_ms);
    let taken = Coming { kind: "message.taken_in_charge", at: None };
    let answered = Coming { kind: "message.answered", at };
    match row.state.as_str() {
        "presented" | "registered" => vec![taken, answered],
        "taken_in_charge" | "supplement_requested" => vec![answered],
        _ => Vec::new(),
    }
}
