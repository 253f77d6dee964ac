//! Everything about the signatures of a document: for the person in words, for the office with what to do, for the auditor
//! with every certificate, time and source; and the same as files to take away.

mod told;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::verdict::Verdicts;
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use self::told::{Told, told};
use super::confirm::Yes;
use super::list::{done, say_done};
use super::{actor, citizen, download};
use crate::api::v1::signatures::Signatures;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};

/// The pages of people.
pub fn of_people() -> Router<App> {
    Router::new()
        .route("/documenti/{id}/firme", get(to_person))
        .route("/documenti/{id}/firme/dati.json", get(data_to_person))
        .route("/documenti/{id}/firme/rapporto.pdf", get(paper_to_person))
        .route("/documenti/{id}/firme/rapporto.xml", get(etsi_to_person))
}

/// The pages of the office.
pub fn of_office() -> Router<App> {
    Router::new()
        .route("/ufficio/documenti/{id}/firme", get(to_office))
        .route("/ufficio/documenti/{id}/firme/verifica", post(check_again))
        .route("/ufficio/documenti/{id}/firme/dati.json", get(data))
        .route("/ufficio/documenti/{id}/firme/rapporto.pdf", get(paper))
        .route("/ufficio/documenti/{id}/firme/rapporto.xml", get(etsi))
}

/// The pages of the auditor; his gate has asked who he is, and each look is an event.
pub fn of_auditor() -> Router<App> {
    Router::new()
        .route("/revisore/documenti/{id}/firme", get(to_auditor))
        .route("/revisore/documenti/{id}/firme/dati.json", get(data))
        .route("/revisore/documenti/{id}/firme/rapporto.pdf", get(paper))
        .route("/revisore/documenti/{id}/firme/rapporto.xml", get(etsi))
}

const OFFICE: &str = "/ufficio";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    fatto: Option<String>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct ForPerson(Told);

#[derive(Serialize)]
#[serde(transparent)]
struct ForOffice(Told);

#[derive(Serialize)]
#[serde(transparent)]
struct ForAuditor(Told);

impl Page for ForPerson {
    const TEMPLATE: &'static str = "page/citizen/signatures.html";
    const NAV: &'static str = "messages";
}

impl Page for ForOffice {
    const TEMPLATE: &'static str = "page/office/signatures.html";
    const NAV: &'static str = "queue";
}

impl Page for ForAuditor {
    const TEMPLATE: &'static str = "page/auditor/signatures.html";
    const NAV: &'static str = "search";
}

async fn to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    let verdicts = app.desk.verdicts(&actor, &id).await?;
    app.shell.page(&context, &ForPerson(told(&verdicts, "")))
}

async fn to_office(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    say_done(&app, &context, asked.fatto.as_deref());
    let verdicts = app.desk.verdicts(&actor(&app, &context).await?, &id).await?;
    app.shell.page(&context, &ForOffice(told(&verdicts, OFFICE)))
}

/// Nobody waits for it but who asks: it reads one file.
async fn check_again(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    app.desk.may_check_again(&actor(&app, &context).await?, &id).await?;
    crate::work::look_again(&app, &id).await?;
    Ok(done(&format!("{OFFICE}/documenti/{id}/firme"), "verificato").into_response())
}

async fn to_auditor(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let verdicts = app.desk.verdicts(&actor, &id).await?;
    app.shell.page(&context, &ForAuditor(told(&verdicts, "/revisore")))
}

async fn data_to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    as_data(&app.desk.verdicts(&actor, &id).await?)
}

async fn paper_to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    as_paper(&app, &context, app.desk.verdicts(&actor, &id).await?).await
}

async fn etsi_to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    as_etsi(&app.desk.verdicts(&actor, &id).await?)
}

async fn data(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    as_data(&app.desk.verdicts(&actor(&app, &context).await?, &id).await?)
}

async fn paper(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let verdicts = app.desk.verdicts(&actor(&app, &context).await?, &id).await?;
    as_paper(&app, &context, verdicts).await
}

async fn etsi(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    as_etsi(&app.desk.verdicts(&actor(&app, &context).await?, &id).await?)
}

fn as_data(verdicts: &Verdicts) -> Result<Response, Error> {
    let json = serde_json::to_vec_pretty(&Signatures::of(verdicts)).map_err(Error::fault)?;
    let name = format!("{}.firme.json", verdicts.document.name);
    Ok((download::headers(&name, "application/json"), json).into_response())
}

async fn as_paper(app: &App, context: &Context, verdicts: Verdicts) -> Result<Response, Error> {
    let name = format!("{}.firme.pdf", verdicts.document.name);
    let pdf = app.desk.verdict_paper(verdicts, context.lang()).await?;
    Ok((download::headers(&name, "application/pdf"), pdf).into_response())
}

fn as_etsi(verdicts: &Verdicts) -> Result<Response, Error> {
    let name = format!("{}.firme.xml", verdicts.document.name);
    let xml = plico_desk::verdict::etsi(verdicts)?;
    Ok((download::headers(&name, "application/xml"), xml).into_response())
}
