//! One message: what one filed, or what an office sent, before and after it is opened.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::message::{DeliveryRow, MessageRow};
use plico_desk::Actor;
use plico_desk::view::MessageView;
use plico_record::authority::Deed;
use serde::Serialize;

use super::receipt::Receipt;
use super::row::{Row, state_of};
use super::timeline::{self, Coming, Event};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::file::File;
use crate::web::words::Words;

#[derive(Serialize)]
struct Message {
    direction: &'static str,
    subject: String,
    text: Option<String>,
    kind: String,
    office: String,
    sender: String,
    at: i64,
    number: Option<String>,
    registered_ms: Option<i64>,
    effect: Option<String>,
    state: String,
    outcome: Option<String>,
    due: Option<String>,
    responsible: Option<String>,
}

#[derive(Serialize)]
struct Withdrawn {
    at: i64,
    reason: String,
}

/// What the person may do now, by its address.
#[derive(Default, Serialize)]
struct Acts {
    open: Option<String>,
    reply: Option<String>,
    add: Option<String>,
    withdraw: Option<String>,
    zip: Option<String>,
}

#[derive(Serialize)]
struct MessagePage {
    message: Message,
    unopened: bool,
    withdrawn: Option<Withdrawn>,
    documents: Vec<File>,
    receipts: Vec<Receipt>,
    events: Vec<Event>,
    coming: Vec<Coming>,
    thread: Vec<Row>,
    acts: Acts,
}

impl Page for MessagePage {
    const TEMPLATE: &'static str = "page/citizen/message.html";
    const NAV: &'static str = "messages";
}

/// `GET /messaggi/{id}`; the identifier of a delivery leads to its message.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let delivery = app.desk.own_delivery(&actor, &id).await?;
    if let Some(delivery) = delivery.as_ref().filter(|delivery| delivery.id == id) {
        return Ok(Redirect::to(&format!("/messaggi/{}", delivery.message)).into_response());
    }
    let view = app.desk.message(&actor, &id).await?;
    let words = Words::of(&app, &context);
    let kinds = app.desk.kinds(&actor.administration).await?;
    let withdrawn = match delivery.as_ref().and_then(|delivery| Some((delivery, delivery.withdrawn_ms?))) {
        Some((delivery, at)) => {
            let reason = app.desk.unavailable_reason(&actor, &delivery.id).await?;
            Some(Withdrawn { at, reason: reason.unwrap_or_default() })
        }
        None => None,
    };
    let unopened = delivery.as_ref().is_some_and(|d| d.opened_ms.is_none() && d.withdrawn_ms.is_none());
    let page = MessagePage {
        message: message(&words, &view, delivery.as_ref(), words.kind(&kinds, &view.message.kind)),
        documents: view
            .documents
            .iter()
            .map(|row| File::of_document(row, &format!("/documenti/{}", row.id)))
            .collect(),
        receipts: timeline::receipts(&words, &view),
        events: timeline::events(&words, &view, delivery.as_ref()),
        coming: timeline::coming(&view),
        thread: thread(&app, &actor, &view).await?,
        acts: acts(&view, unopened, withdrawn.is_some()),
        unopened,
        withdrawn,
    };
    app.shell.page(&context, &page)
}

fn message(words: &Words<'_>, view: &MessageView, delivery: Option<&DeliveryRow>, kind: String) -> Message {
    let row = &view.message;
    let received = row.direction == "out";
    let state = match delivery {
        Some(d) if d.withdrawn_ms.is_some() => "unavailable".to_owned(),
        Some(d) if d.opened_ms.is_some() => "opened".to_owned(),
        Some(_) => "to_open".to_owned(),
        None => row.state.clone(),
    };
    let waits = !matches!(row.state.as_str(), "answered" | "withdrawn");
    Message {
        direction: if received { "in" } else { "out" },
        subject: row.subject.clone(),
        text: Some(row.text.clone()).filter(|text| view.content && !text.is_empty()),
        kind,
        office: row.office_name.clone(),
        sender: row.sender_name.clone().unwrap_or_default(),
        at: delivery.map_or(row.instant_ms, |delivery| delivery.available_ms),
        number: row.registration_number(),
        registered_ms: row.registered_ms,
        effect: row.effect.clone(),
        state,
        outcome: row.outcome.clone().filter(|_| !received),
        due: row.due.as_deref().filter(|_| waits).map(|due| words.day(due)),
        responsible: row.responsible.clone(),
    }
}

/// What the person may do, as far as right and state allow it.
fn acts(view: &MessageView, unopened: bool, withdrawn: bool) -> Acts {
    let row = &view.message;
    let address = |act: &str| Some(format!("/messaggi/{}/{act}", row.id));
    if withdrawn {
        return Acts::default();
    }
    if unopened {
        return Acts { open: address("apri"), zip: address("tutto.zip"), ..Acts::default() };
    }
    let may = |deed: Deed| view.may.contains(&deed);
    let zip = (!view.documents.is_empty()).then(|| format!("/messaggi/{}/tutto.zip", row.id));
    if row.direction == "out" {
        return Acts { reply: address("rispondi").filter(|_| may(Deed::Reply)), zip, ..Acts::default() };
    }
    let lives = row.state != "withdrawn" && !row.annulled;
    Acts {
        open: None,
        // To his own filing one adds; an answer is given to what came.
        reply: None,
        add: address("integra").filter(|_| lives && may(Deed::Add)),
        withdraw: address("ritira").filter(|_| lives && row.state != "answered" && may(Deed::Withdraw)),
        zip,
    }
}

/// The others of the same exchange.
async fn thread(app: &App, actor: &Actor, view: &MessageView) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for other in view.thread.iter().filter(|other| other.id != view.message.id) {
        let delivery = match other.direction.as_str() {
            "out" => app.desk.own_delivery(actor, &other.id).await?,
            _ => None,
        };
        let opened = delivery.as_ref().is_some_and(|delivery| delivery.opened_ms.is_some());
        let gone = delivery.as_ref().is_some_and(|delivery| delivery.withdrawn_ms.is_some());
        rows.push(Row::of_message(&with_state(other), opened, gone));
    }
    Ok(rows)
}

fn with_state(row: &MessageRow) -> MessageRow {
    MessageRow { state: state_of(row), ..row.clone() }
}
