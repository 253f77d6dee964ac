//! The body itself: name, addresses, registry area.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/amministrazione/ente", get(show).post(save))
        .route("/amministrazione/ente/stemma", post(arms).get(show))
        .route("/amministrazione/ente/stemma/togli", post(no_arms).get(show))
}

/// Bytes of a file that are read at most: one that is larger than arms may be is said to be.
const FILE_BYTES: usize = 1024 * 1024;

#[derive(Serialize)]
struct BodyPage {
    form: BodyForm,
    errors: Vec<Wrong>,
    origin: String,
    /// In base64.
    arms: Option<String>,
}

impl Page for BodyPage {
    const TEMPLATE: &'static str = "page/admin/body.html";
    const NAV: &'static str = "body";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct BodyForm {
    name: String,
    ipa: String,
    area: String,
    email: String,
    pec: String,
    phone: String,
    accessibility_url: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let form = form(&app, &actor).await?;
    page(&app, &context, &actor, form, Vec::new()).await
}

async fn form(app: &App, actor: &Actor) -> Result<BodyForm, Error> {
    let settings = app.desk.settings(actor).await?;
    let setting = |name: &str| {
        let value = settings.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let body = app.desk.body(actor).await?;
    Ok(BodyForm {
        name: body.name,
        ipa: body.ipa_code,
        area: body.area,
        email: setting("body.email"),
        pec: setting("body.pec"),
        phone: setting("body.phone"),
        accessibility_url: setting("body.accessibility_url"),
    })
}

async fn arms(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let file = upload.only(FILE_BYTES).await?;
    let saved = if file.is_empty() {
        Err(vec![FieldError::required("arms")])
    } else {
        invalid(app.desk.save_arms(&actor, &file).await)?
    };
    match saved {
        Ok(()) => Ok(done("/amministrazione/ente", "salvato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let form = form(&app, &actor).await?;
            let mut response = page(&app, &context, &actor, form, wrong).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

async fn no_arms(
    State(app): State<App>,
    context: Context,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.save_arms(&actor, &[]).await?;
    Ok(done("/amministrazione/ente", "salvato").into_response())
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: BodyForm,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let page = BodyPage {
        form,
        errors,
        origin: app.desk.log(actor).await?.origin,
        arms: app.desk.arms_file(&actor.administration).await?,
    };
    app.shell.page(context, &page)
}

fn wrong(form: &BodyForm) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if form.name.trim().is_empty() {
        errors.push(FieldError::required("name"));
    } else if form.name.len() > 200 {
        errors.push(FieldError::too_long("name", 200));
    }
    for (field, text) in [("ipa", &form.ipa), ("area", &form.area)] {
        let good = text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        if text.is_empty() {
            errors.push(FieldError::required(field));
        } else if !good {
            errors.push(FieldError::of(field, "area"));
        }
    }
    for (field, text) in [("email", &form.email), ("pec", &form.pec)] {
        if !text.trim().is_empty() && !text.contains('@') {
            errors.push(FieldError::of(field, "email"));
        }
    }
    if form.phone.len() > 40 {
        errors.push(FieldError::too_long("phone", 40));
    }
    let url = form.accessibility_url.trim();
    if !url.is_empty() && (!url.starts_with("https://") || url.len() > 500) {
        errors.push(FieldError::of("accessibility_url", "url"));
    }
    errors
}

async fn save(
    State(app): State<App>,
    context: Context,
    Form(form): Form<BodyForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let errors = wrong(&form);
    if !errors.is_empty() {
        let wrong = Words::of(&app, &context).wrong(&errors);
        let mut response = page(&app, &context, &actor, form, wrong).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let before = app.desk.body(&actor).await?;
    let body = [
        ("body.name", &form.name, &before.name),
        ("body.ipa", &form.ipa, &before.ipa_code),
        ("body.area", &form.area, &before.area),
    ];
    for (name, value, old) in body {
        if value.trim() != old {
            app.desk.save_setting(&actor, name, value.trim().into()).await?;
        }
    }
    let contacts = [
        ("body.email", &form.email),
        ("body.pec", &form.pec),
        ("body.phone", &form.phone),
        ("body.accessibility_url", &form.accessibility_url),
    ];
    let known = app.desk.settings(&actor).await?;
    for (name, value) in contacts {
        // What was never said need not be said to be empty.
        if !value.trim().is_empty() || known.iter().any(|(known, _)| known == name) {
            app.desk.save_setting(&actor, name, value.trim().into()).await?;
        }
    }
    crate::web::show_bodies(&app).await?;
    Ok(done("/amministrazione/ente", "salvato").into_response())
}
