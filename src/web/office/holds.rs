//! Holds: nothing of a message, or in a case file, is destroyed until the hold is lifted. The records manager's.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::retention::Holdable;
use serde::Deserialize;

use crate::app::App;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::confirm::{Confirm, Fact, Reason};
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/messaggi/{id}/vincolo", get(ask_message).post(message))
        .route("/ufficio/fascicoli/{id}/vincolo", get(ask_case).post(case))
}

/// Where the thing itself is shown.
fn base(what: Holdable, id: &str) -> String {
    match what {
        Holdable::Message => format!("/ufficio/messaggi/{id}"),
        Holdable::CaseFile => format!("/ufficio/fascicoli/{id}"),
    }
}

async fn ask_message(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    ask(&app, &context, &actor, Holdable::Message, &id, String::new(), Vec::new()).await
}

async fn ask_case(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    ask(&app, &context, &actor, Holdable::CaseFile, &id, String::new(), Vec::new()).await
}

/// Asks for the reason, to set a hold or to lift the one there is.
async fn ask(
    app: &App,
    context: &Context,
    actor: &Actor,
    what: Holdable,
    id: &str,
    value: String,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let (title, hold) = app.desk.hold(actor, what, id).await?;
    let facts = hold.iter().flat_map(|hold| {
        [
            ("hold-reason", hold.reason.clone()),
            ("hold-since", format!("{}, {}", words.datetime(hold.instant_ms), hold.author_name)),
        ]
    });
    let page = Confirm {
        what: if hold.is_some() { "lift-hold" } else { "set-hold" },
        thing: title,
        facts: facts.map(|(key, value)| Fact { label: words.t(key), value }).collect(),
        action: format!("{}/vincolo", base(what, id)),
        back: base(what, id),
        reason: Some(Reason { value, required: true }),
        errors,
        ..Confirm::default()
    };
    app.shell.page(context, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    reason: String,
}

async fn message(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(told): Form<Told>,
) -> Result<Response, Error> {
    change(&app, &context, Holdable::Message, &id, told).await
}

async fn case(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(told): Form<Told>,
) -> Result<Response, Error> {
    change(&app, &context, Holdable::CaseFile, &id, told).await
}

async fn change(
    app: &App,
    context: &Context,
    what: Holdable,
    id: &str,
    told: Told,
) -> Result<Response, Error> {
    let actor = actor(app, context).await?;
    let (_, hold) = app.desk.hold(&actor, what, id).await?;
    let (outcome, said) = match hold {
        None => (app.desk.set_hold(&actor, what, id, &told.reason).await, "vincolato"),
        Some(_) => (app.desk.lift_hold(&actor, what, id, &told.reason).await, "svincolato"),
    };
    match invalid(outcome)? {
        Ok(()) => Ok(done("/ufficio/scarto", said).into_response()),
        Err(errors) => {
            let wrong = Words::of(app, context).wrong(&errors);
            let mut response = ask(app, context, &actor, what, id, told.reason, wrong).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
