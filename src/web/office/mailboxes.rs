//! The mailboxes that are read: how far, how that went, and what stayed in them.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_desk::pec::is_late;
use serde::Serialize;

use super::letter_mail::state_of;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};
use crate::web::actor;

const BASE: &str = "/ufficio/posta";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show))
}

#[derive(Serialize)]
struct MailboxesPage {
    rows: Vec<Row>,
    left: Vec<Left>,
    held: Vec<Held>,
}

/// A letter that waits for a person.
#[derive(Serialize)]
struct Held {
    to: String,
    state: String,
    late: bool,
    at: i64,
    url: String,
}

impl Page for MailboxesPage {
    const TEMPLATE: &'static str = "page/office/mailboxes.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    name: String,
    address: String,
    at: Option<i64>,
    error: String,
}

#[derive(Serialize)]
struct Left {
    mailbox: String,
    what: String,
    subject: String,
    at: i64,
}

async fn show(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (states, left) = app.desk.mailboxes(&actor).await?;
    app.desk.looked(&actor, "register", BASE, "").await?;
    let own = app.mailboxes.get().into_iter().flatten();
    let own = own.flat_map(|watched| std::iter::once(watched.mailbox.clone()).chain(watched.sent_folder()));
    let rows = own.filter(|mailbox| mailbox.administration == actor.administration).map(|mailbox| {
        let state = states.iter().find(|state| state.mailbox == mailbox.name);
        Row {
            name: mailbox.name.clone(),
            address: mailbox.address.clone(),
            at: state.map(|state| state.looked_ms),
            error: state.map(|state| state.error.clone()).unwrap_or_default(),
        }
    });
    let now = app.desk.archive().now_ms();
    let held = app.desk.held_letters(&actor.administration).await?.into_iter().map(|row| Held {
        state: state_of(&row),
        late: is_late(&row, now),
        at: row.changed_ms,
        url: format!("/ufficio/messaggi/{}", row.message),
        to: row.recipient,
    });
    let page = MailboxesPage {
        held: held.collect(),
        rows: rows.collect(),
        left: left
            .into_iter()
            .map(|left| Left {
                mailbox: left.mailbox,
                what: left.what,
                subject: left.subject,
                at: left.instant_ms,
            })
            .collect(),
    };
    app.shell.page(&context, &page)
}
