//! Pages that only say something.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};

#[derive(Serialize)]
struct Privacy {
    contact: Option<String>,
}

impl Page for Privacy {
    const TEMPLATE: &'static str = "page/public/privacy.html";
}

#[derive(Serialize)]
struct Accessibility {}

impl Page for Accessibility {
    const TEMPLATE: &'static str = "page/public/accessibility.html";
}

#[derive(Serialize)]
struct Session {}

impl Page for Session {
    const TEMPLATE: &'static str = "page/public/session.html";
}

/// `GET /privacy`.
pub async fn privacy(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    app.shell.page(&context, &Privacy { contact: app.shell.pages().contact(&context) })
}

/// `GET /accessibilita`.
pub async fn accessibility(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    app.shell.page(&context, &Accessibility {})
}

/// `GET /sessione`: asking for it is what prolongs the session.
pub async fn session(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::actor(&app, &context).await?;
    app.shell.page(&context, &Session {})
}
