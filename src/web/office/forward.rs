//! What another body is competent for: found in the index, written down, and the sender told in his history.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::conclude::How;
use plico_record::act::OtherBody;
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::mailboxes::sends;
use crate::web::actor;
use crate::web::list::{address, done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/messaggi/{id}/inoltra", get(show).post(forward))
}

#[derive(Serialize)]
struct ForwardPage {
    subject: String,
    number: Option<String>,
    message: String,
    zip: String,
    due: Option<String>,
    /// Whether the body sends certified mail.
    sends: bool,
    action: String,
    search: String,
    found: Vec<Found>,
    /// Day of the index at hand; none where none was read.
    listed: Option<String>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for ForwardPage {
    const TEMPLATE: &'static str = "page/office/forward.html";
    const NAV: &'static str = "queue";
}

#[derive(Serialize)]
struct Found {
    name: String,
    code: String,
    place: String,
    pec: String,
    url: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    body_name: String,
    body_code: String,
    body_pec: String,
    reason: String,
    /// `1`: it is sent now; anything else: it was.
    send: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    ente: String,
    codice: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let mut form = Given { send: "1".into(), ..Given::default() };
    if !asked.codice.is_empty() {
        let known = app.desk.ipa(&actor, &asked.codice).await?;
        if let Some(body) = known.into_iter().find(|body| body.code == asked.codice) {
            form = Given { body_name: body.name, body_code: body.code, body_pec: body.pec, ..form };
        }
    }
    page(&app, &context, &actor, &id, asked.ente, form, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    search: String,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let view = app.desk.message(actor, id).await?;
    if !view.may.contains(&Deed::Answer) {
        return Err(Refusal::forbidden().into());
    }
    let words = Words::of(app, context);
    let message = format!("/ufficio/messaggi/{id}");
    let action = format!("{message}/inoltra");
    let (listed, bodies) = app.desk.ipa_standing().await?;
    let found = app.desk.ipa(actor, &search).await?;
    let wrong = !errors.is_empty();
    let page = ForwardPage {
        subject: view.message.subject.clone(),
        number: view.message.registration_number(),
        zip: format!("{message}/tutto.zip"),
        message,
        sends: sends(app, actor),
        due: view.message.due.as_deref().map(|day| words.day(day)),
        found: found
            .into_iter()
            .map(|body| Found {
                url: address(&action, &[("codice", &body.code), ("ente", &search)]),
                name: body.name,
                code: body.code,
                place: body.place,
                pec: body.pec,
            })
            .collect(),
        action,
        search,
        listed: (bodies > 0).then(|| words.day(&listed)),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn forward(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let body = OtherBody {
        name: form.body_name.clone(),
        ipa_code: form.body_code.clone(),
        pec: form.body_pec.clone(),
    };
    let outcome = if form.send == "1" && sends(&app, &actor) {
        app.desk.send_on(&actor, &id, body, &form.reason).await.map(|_| ())
    } else {
        app.desk.conclude(&actor, &id, How::Forwarded(body), &form.reason).await
    };
    match invalid(outcome)? {
        Ok(()) => Ok(done(&format!("/ufficio/messaggi/{id}"), "inoltrato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, &id, String::new(), form, wrong).await
        }
    }
}
