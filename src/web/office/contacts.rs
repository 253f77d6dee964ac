//! Parties that another system knew, brought by the records manager.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::contact::MOST;
use plico_desk::{Actor, Desk};
use plico_locale::Args;
use serde::Serialize;

use super::past::given;
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::admin::chart::said;
use crate::web::confirm::{Confirm, Yes};
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong};

const BASE: &str = "/ufficio/soggetti";
const FORGET: &str = "/ufficio/soggetti/svuota";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(bring)).route(FORGET, get(ask).post(forget))
}

#[derive(Serialize)]
struct ContactsPage {
    count: i64,
    most: usize,
    errors: Vec<Wrong>,
}

impl Page for ContactsPage {
    const TEMPLATE: &'static str = "page/office/contacts.html";
    const NAV: &'static str = "register";
}

async fn page(app: &App, context: &Context, actor: &Actor, errors: Vec<Wrong>) -> Result<Response, Error> {
    let wrong = !errors.is_empty();
    let count = app.desk.contacts(actor).await?;
    let mut response = app.shell.page(context, &ContactsPage { count, most: MOST, errors })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, &actor, Vec::new()).await
}

async fn bring(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his file is read.
    Desk::manages_register(&actor)?;
    let (_, _, bytes) = given(upload).await?;
    match app.desk.bring_contacts(&actor, &bytes).await? {
        Ok(_) => Ok(done(BASE, "soggetti").into_response()),
        Err(line) => {
            let words = Words::of(&app, &context);
            let text = said(&words, &line, words.t(&format!("contact-{}", line.error.field)));
            page(&app, &context, &actor, vec![Wrong { field: "file".into(), text }]).await
        }
    }
}

async fn ask(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let count = app.desk.contacts(&actor).await?;
    let page = Confirm {
        what: "forget-contacts",
        thing: Words::of(&app, &context).with("contacts-count", &Args::new().with("count", count)),
        action: FORGET.into(),
        back: BASE.into(),
        danger: true,
        ..Confirm::default()
    };
    app.shell.page(&context, &page)
}

async fn forget(
    State(app): State<App>,
    context: Context,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.forget_contacts(&actor).await?;
    Ok(done(BASE, "soggetti").into_response())
}
