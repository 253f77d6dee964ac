//! What every visitor may do, whoever he is: choose a language, go on, leave.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_locale::Lang;
use serde::Deserialize;

use super::cookie::Name;
use super::login::safe_return;
use super::{Context, Error, Form, Path, Query, Refusal, Shell};

/// Seconds that a chosen language is remembered: a year.
const REMEMBERED: u64 = 365 * 24 * 3600;

/// `/lingua/{code}` and `/esci`: to be merged into the pages.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S>
where
    Shell: FromRef<S>,
{
    Router::new().route("/lingua/{code}", get(speak)).route("/esci", post(leave).get(home))
}

/// `GET /esci`: somebody reloaded, or came back.
async fn home() -> Redirect {
    Redirect::to("/")
}

#[derive(Debug, Deserialize)]
struct Back {
    #[serde(default, rename = "return")]
    back: String,
}

/// `GET /lingua/{code}?return=`. A GET, because it must work from a link; it changes nothing but the visitor's own view.
async fn speak(
    State(shell): State<Shell>,
    context: Context,
    Path(code): Path<String>,
    Query(Back { back }): Query<Back>,
) -> Result<Response, Error> {
    let lang =
        Lang::from_code(&code).filter(|lang| Lang::COMPLETE.contains(lang)).ok_or_else(Refusal::not_found)?;
    if let Some(session) = context.session() {
        shell.sessions().speak(&session.id, lang.code()).await?;
    }
    let mut response = Redirect::to(safe_return(&back).unwrap_or("/")).into_response();
    let cookie = shell.cookies().set(Name::Language, lang.code(), Some(REMEMBERED));
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

#[derive(Debug, Deserialize)]
struct Nothing {}

/// `POST /esci`: ends the session here, and at the gateway if it began there.
async fn leave(
    State(shell): State<Shell>,
    context: Context,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let mut target = "/";
    if let Some(session) = context.session() {
        shell.sessions().revoke(&session.id).await?;
        let gateway = &shell.config().proxy.sign_out_url;
        if session.kind == "gateway" && !gateway.is_empty() {
            target = gateway;
        }
    }
    let mut response = Redirect::to(target).into_response();
    response.headers_mut().append(SET_COOKIE, shell.cookies().set(Name::Session, "", Some(0)));
    Ok(response)
}
