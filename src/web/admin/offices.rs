//! Offices with their dates.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::admin::OfficeForm;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/uffici";
const NEW: &str = "/amministrazione/uffici/nuovo";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route(NEW, get(blank).post(add))
        .route("/amministrazione/uffici/{id}", get(show).post(change))
}

#[derive(Serialize)]
struct OfficesPage {
    rows: Vec<Row>,
    add: &'static str,
}

impl Page for OfficesPage {
    const TEMPLATE: &'static str = "page/admin/offices.html";
    const NAV: &'static str = "offices";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    responsible: String,
    email: String,
    protocol: bool,
    from: String,
    until: Option<String>,
    active: bool,
}

#[derive(Serialize)]
struct OfficePage {
    new: bool,
    action: String,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for OfficePage {
    const TEMPLATE: &'static str = "page/admin/office.html";
    const NAV: &'static str = "offices";
}

/// As a form sends it: a box that is not ticked is not there.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    name: String,
    responsible: String,
    email: String,
    #[serde(deserialize_with = "super::ticked")]
    protocol: bool,
    from: String,
    until: String,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let words = Words::of(&app, &context);
    let today = app.desk.today();
    let rows = app.desk.all_offices(&actor).await?.into_iter().map(|office| Row {
        url: format!("{BASE}/{}", office.id),
        active: office.valid_from <= today && office.valid_until.as_ref().is_none_or(|until| *until >= today),
        name: office.name,
        responsible: office.responsible,
        email: office.email,
        protocol: office.protocol,
        from: words.day(&office.valid_from),
        until: office.valid_until.map(|day| words.day(&day)),
    });
    app.shell.page(&context, &OfficesPage { rows: rows.collect(), add: NEW })
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    let form = Given { from: app.desk.today(), ..Given::default() };
    app.shell.page(&context, &OfficePage { new: true, action: NEW.into(), form, errors: Vec::new() })
}

async fn show(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let office = app.desk.all_offices(&actor).await?.into_iter().find(|office| office.id == id);
    let office = office.ok_or_else(Refusal::not_found)?;
    let form = Given {
        name: office.name,
        responsible: office.responsible,
        email: office.email,
        protocol: office.protocol,
        from: office.valid_from,
        until: office.valid_until.unwrap_or_default(),
    };
    app.shell
        .page(&context, &OfficePage { new: false, action: format!("{BASE}/{id}"), form, errors: Vec::new() })
}

async fn add(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    save(&app, &context, &actor, String::new(), form).await
}

async fn change(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    save(&app, &context, &actor, id, form).await
}

async fn save(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: String,
    form: Given,
) -> Result<Response, Error> {
    let office = OfficeForm {
        id: id.clone(),
        name: form.name.clone(),
        responsible: form.responsible.clone(),
        email: form.email.clone(),
        protocol: form.protocol,
        from: form.from.clone(),
        until: form.until.clone(),
    };
    match invalid(app.desk.save_office(actor, office).await)? {
        Ok(_) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => {
            let new = id.is_empty();
            let action = if new { NEW.into() } else { format!("{BASE}/{id}") };
            let errors = Words::of(app, context).wrong(&errors);
            let mut response = app.shell.page(context, &OfficePage { new, action, form, errors })?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
