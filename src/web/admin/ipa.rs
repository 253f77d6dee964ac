//! The list of public bodies (IPA), read from a file of its open data.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Desk;
use plico_desk::ipa::MOST_BYTES;
use plico_record::authority::Deed;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/ipa";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(read))
}

#[derive(Serialize)]
struct IpaPage {
    bodies: i64,
    day: String,
    errors: Vec<Wrong>,
}

impl Page for IpaPage {
    const TEMPLATE: &'static str = "page/admin/ipa.html";
    const NAV: &'static str = "ipa";
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, Vec::new()).await
}

async fn page(app: &App, context: &Context, errors: Vec<Wrong>) -> Result<Response, Error> {
    let (day, bodies) = app.desk.ipa_standing().await?;
    let day = Words::of(app, context).day(&day);
    app.shell.page(context, &IpaPage { bodies, day, errors })
}

async fn read(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his file is read.
    Desk::admit(&actor, Deed::Administer)?;
    let text = upload.sheet(MOST_BYTES).await?;
    match invalid(app.desk.read_ipa(&actor, &text, &app.desk.today()).await)? {
        Ok(_) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let mut response = page(&app, &context, wrong).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
