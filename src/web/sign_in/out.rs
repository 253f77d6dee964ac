//! Signing out, and the language of the pages.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use plico_locale::Lang;
use serde::Deserialize;

use super::gateway::Asked;
use crate::app::App;
use crate::http::cookie::Name;
use crate::http::login::safe_return;
use crate::http::{Context, Error, Form, Path, Query, Refusal};

/// Nothing but the token.
#[derive(Deserialize)]
pub struct Nothing {}

/// `GET /esci`: somebody reloaded, or came back.
pub async fn home() -> Redirect {
    Redirect::to("/")
}

/// `POST /esci`.
pub async fn sign_out(
    State(app): State<App>,
    context: Context,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let mut to = "/".to_owned();
    if let Some(session) = context.session() {
        app.shell.sessions().revoke(&session.id).await?;
        let gateway = &app.shell.config().proxy.sign_out_url;
        if session.kind == "gateway" && !gateway.is_empty() {
            to.clone_from(gateway);
        }
    }
    let mut response = Redirect::to(&to).into_response();
    response.headers_mut().append(SET_COOKIE, app.shell.cookies().set(Name::Session, "", Some(0)));
    Ok(response)
}

/// A year, in seconds.
const YEAR: u64 = 365 * 24 * 3600;

/// `GET /lingua/{code}`: a link and no form, so that it works from any page; it changes nothing but what is shown.
pub async fn language(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let lang = Lang::from_code(&code).filter(|lang| Lang::COMPLETE.contains(lang));
    let lang = lang.ok_or_else(Refusal::not_found)?;
    if let Some(session) = context.session() {
        app.shell.sessions().speak(&session.id, lang.code()).await?;
    }
    let mut response = Redirect::to(safe_return(&asked.back).unwrap_or("/")).into_response();
    let cookie = app.shell.cookies().set(Name::Language, lang.code(), Some(YEAR));
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}
