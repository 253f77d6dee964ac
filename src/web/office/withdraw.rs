//! What was sent to the wrong person is made unavailable.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_record::authority::Deed;
use serde::Deserialize;

use crate::app::App;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::confirm::{Confirm, Fact, Reason};
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/consegne/{id}/ritira", get(ask).post(withdraw))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    reason: String,
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    page(&app, &context, &actor, &id, String::new(), Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    reason: String,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let delivery = app.desk.delivery(actor, Deed::WithdrawDocument, id).await?;
    let message = app.desk.message(actor, &delivery.message).await?.message;
    let page = Confirm {
        what: "make-unavailable",
        thing: message.subject,
        facts: vec![Fact { label: words.t("col-recipient"), value: delivery.recipient_name }],
        action: format!("/ufficio/consegne/{id}/ritira"),
        back: format!("/ufficio/messaggi/{}", delivery.message),
        danger: true,
        reason: Some(Reason { value: reason, required: true }),
        errors,
        ..Confirm::default()
    };
    app.shell.page(context, &page)
}

async fn withdraw(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let delivery = app.desk.delivery(&actor, Deed::WithdrawDocument, &id).await?;
    match invalid(app.desk.withdraw_delivery(&actor, &id, &given.reason).await)? {
        Ok(()) => Ok(done(&format!("/ufficio/messaggi/{}", delivery.message), "ritirato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let mut response = page(&app, &context, &actor, &id, given.reason, wrong).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
