//! A copy, or an extract, with attestation of conformity: what is attested is asked here, the letter that carries it follows.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plico_desk::attested::{Copy, MOST_PAGES, Original};
use plico_desk::picture::NotShown;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/documenti/{id}/copia", get(ask).post(make))
}

#[derive(Serialize)]
struct CopyPage {
    name: String,
    digest: String,
    number: String,
    back: String,
    /// Pages that it has; none when none can be copied.
    pages: usize,
    why: Option<&'static str>,
    most: usize,
    answerable: bool,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for CopyPage {
    const TEMPLATE: &'static str = "page/office/copy.html";
    const NAV: &'static str = "queue";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    pages: String,
    official: String,
    to: String,
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let original = app.desk.original_of_copy(&actor, &id).await?;
    let form = Given { official: original.official.clone(), to: "party".into(), ..Given::default() };
    page(&app, &context, original, form, Vec::new())
}

fn page(
    app: &App,
    context: &Context,
    original: Original,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let wrong = !errors.is_empty();
    let page = CopyPage {
        back: format!("/ufficio/messaggi/{}?documento={}", original.message, original.document.id),
        name: original.document.name,
        digest: original.document.sha256,
        number: original.number,
        pages: original.pages.unwrap_or(0),
        why: original.pages.err().map(NotShown::code),
        most: MOST_PAGES,
        answerable: original.answerable,
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn make(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let copy =
        Copy { pages: form.pages.clone(), official: form.official.clone(), to_party: form.to != "other" };
    match invalid(app.desk.attest_copy(&actor, &id, &copy).await)? {
        Ok(key) => Ok(Redirect::to(&format!("/ufficio/lettere/{key}")).into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let original = app.desk.original_of_copy(&actor, &id).await?;
            page(&app, &context, original, form, wrong)
        }
    }
}
