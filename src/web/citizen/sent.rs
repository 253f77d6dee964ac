//! After sending: the number, the receipts, what comes next. A page of its own address, so that a reload shows it again
//! and sends nothing.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use super::receipt::Receipt;
use super::timeline::{self, Coming, Event};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path, Refusal};
use crate::web::words::Words;

#[derive(Serialize)]
struct Message {
    subject: String,
    office: String,
    kind: String,
    at: i64,
    number: Option<String>,
    registered_ms: Option<i64>,
    due: Option<String>,
    responsible: Option<String>,
    url: String,
}

#[derive(Serialize)]
struct Sent {
    message: Message,
    receipts: Vec<Receipt>,
    events: Vec<Event>,
    coming: Vec<Coming>,
    contact: Option<String>,
}

impl Page for Sent {
    const TEMPLATE: &'static str = "page/citizen/sent.html";
    const NAV: &'static str = "cases";
}

/// `GET /messaggi/{id}/inviata`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let view = app.desk.message(&actor, &id).await?;
    if view.message.direction == "out" {
        return Err(Refusal::not_found().into());
    }
    let words = Words::of(&app, &context);
    let kinds = app.desk.kinds(&actor.administration).await?;
    let row = &view.message;
    let page = Sent {
        message: Message {
            subject: row.subject.clone(),
            office: row.office_name.clone(),
            kind: words.kind(&kinds, &row.kind),
            at: row.instant_ms,
            number: row.registration_number(),
            registered_ms: row.registered_ms,
            due: row.due.as_deref().map(|due| words.day(due)),
            responsible: row.responsible.clone(),
            url: format!("/messaggi/{}", row.id),
        },
        receipts: timeline::receipts(&words, &view),
        events: timeline::events(&words, &view, None),
        coming: timeline::coming(&view),
        contact: app.desk.contact(&actor).await?,
    };
    app.shell.page(&context, &page)
}
