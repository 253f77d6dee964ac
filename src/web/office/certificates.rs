//! The certificates that an office may fill in, on its own or about a message.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::compose::{About, about_message};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::address;

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/certificati", get(list))
}

#[derive(Serialize)]
struct CertificatesPage {
    about: Option<About>,
    rows: Vec<Row>,
}

impl Page for CertificatesPage {
    const TEMPLATE: &'static str = "page/office/certificates.html";
    const NAV: &'static str = "write";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    months: Option<u32>,
    exempt: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    m: String,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let id = Some(asked.m.as_str()).filter(|id| !id.is_empty());
    let rows = app.desk.offered_certificates(&actor).await?.into_iter().map(|kind| Row {
        url: address(&format!("/ufficio/certificati/{}", kind.code), &[("m", &asked.m)]),
        months: kind.validity_months,
        exempt: !kind.stamp_exemption.is_empty(),
        name: kind.name,
    });
    let page = CertificatesPage { about: about_message(&app, &actor, id).await?, rows: rows.collect() };
    app.shell.page(&context, &page)
}
