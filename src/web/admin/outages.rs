//! Times without service: those that are recorded, and one to declare.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::outage::{OutageForm, PARTS};
use plico_desk::{Actor, Desk, FieldError};
use serde::{Deserialize, Serialize};

use super::ticked;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Choice, Done, done, say_done};
use crate::web::outage::{Shown, outages};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/interruzioni";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(declare))
}

#[derive(Serialize)]
struct OutagesPage {
    outages: Vec<Shown>,
    form: Given,
    parts: Vec<Choice>,
    /// Whether one may speak for every administration.
    hub: bool,
    errors: Vec<Wrong>,
}

impl Page for OutagesPage {
    const TEMPLATE: &'static str = "page/admin/outages.html";
    const NAV: &'static str = "status";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    from: String,
    to: String,
    note: String,
    #[serde(deserialize_with = "ticked")]
    everywhere: bool,
    parts: Vec<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, &actor, Given::default(), &[]).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let parts = PARTS.map(|code| Choice::new(code, words.t(&format!("service-part-{code}"))));
    let page = OutagesPage {
        outages: outages(app, &words, &actor.administration).await?,
        form,
        parts: parts.into(),
        hub: Desk::declares_everywhere(actor),
        errors: words.wrong(errors),
    };
    app.shell.form(context, &page, !errors.is_empty())
}

async fn declare(
    State(app): State<App>,
    context: Context,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let form = OutageForm {
        from: given.from.clone(),
        to: given.to.clone(),
        parts: given.parts.clone(),
        note: given.note.clone(),
        everywhere: given.everywhere,
    };
    match invalid(app.desk.declare_outage(&actor, form).await)? {
        Ok(()) => Ok(done(BASE, "dichiarata").into_response()),
        Err(errors) => page(&app, &context, &actor, given, &errors).await,
    }
}
