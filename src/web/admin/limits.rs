//! How much one message may carry: within what the configuration allows, the body decides.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::{FieldError, Limits};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong};

const BASE: &str = "/amministrazione/limiti";
const MB: u64 = 1_000_000;

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(save))
}

#[derive(Serialize)]
struct LimitsPage {
    form: Given,
    ceiling: u64,
    errors: Vec<Wrong>,
}

impl Page for LimitsPage {
    const TEMPLATE: &'static str = "page/admin/limits.html";
    const NAV: &'static str = "limits";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    file_mb: String,
    files: String,
    message_mb: String,
    text: String,
}

/// As the setting `limits` keeps them.
#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    file_bytes: u64,
    files: u64,
    message_bytes: u64,
    text_chars: u64,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    app.desk.settings(&actor).await?;
    let limits = app.desk.limits(&actor.administration);
    let form = Given {
        file_mb: (limits.file_bytes / MB).to_string(),
        files: limits.files.to_string(),
        message_mb: (limits.message_bytes / MB).to_string(),
        text: limits.text_chars.to_string(),
    };
    page(&app, &context, form, Vec::new())
}

fn page(app: &App, context: &Context, form: Given, errors: Vec<Wrong>) -> Result<Response, Error> {
    let ceiling = app.shell.config().limits.upload_max_bytes;
    app.shell.page(context, &LimitsPage { form, ceiling, errors })
}

/// The limits of a form: none above the configuration's.
fn read(app: &App, form: &Given) -> Result<Kept, Vec<FieldError>> {
    let most = &app.shell.config().limits;
    let mut errors = Vec::new();
    let mut number = |field: &'static str, text: &str, unit: u64, most: u64| {
        let value = text.trim().parse::<u64>().ok().and_then(|value| value.checked_mul(unit));
        let value = value.filter(|value| (1..=most).contains(value));
        if value.is_none() {
            errors.push(FieldError::of(field, "number"));
        }
        value.unwrap_or(1)
    };
    let kept = Kept {
        file_bytes: number("file_mb", &form.file_mb, MB, most.upload_max_bytes),
        files: number("files", &form.files, 1, most.files_per_message.into()),
        message_bytes: number("message_mb", &form.message_mb, MB, most.message_max_bytes),
        text_chars: number("text", &form.text, 1, most.text_max_chars.into()),
    };
    if errors.is_empty() { Ok(kept) } else { Err(errors) }
}

async fn save(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.settings(&actor).await?;
    match read(&app, &form) {
        Ok(kept) => {
            let value = serde_json::to_value(&kept).map_err(Error::fault)?;
            app.desk.save_setting(&actor, "limits", value.clone()).await?;
            apply(&app, &actor.administration, value);
            Ok(done(BASE, "salvato").into_response())
        }
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let mut response = page(&app, &context, form, wrong)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

/// Puts the setting `limits` of an administration in force, at start and when it changes; what cannot be read changes
/// nothing.
pub fn apply(app: &App, administration: &str, value: serde_json::Value) {
    let Ok(kept) = serde_json::from_value::<Kept>(value) else { return };
    let most = &app.shell.config().limits;
    let limits = Limits {
        file_bytes: kept.file_bytes.min(most.upload_max_bytes),
        files: kept.files.min(most.files_per_message.into()) as usize,
        message_bytes: kept.message_bytes.min(most.message_max_bytes),
        text_chars: kept.text_chars.min(most.text_max_chars.into()) as usize,
        ..app.desk.limits(administration)
    };
    app.desk.set_limits(administration, limits);
}
