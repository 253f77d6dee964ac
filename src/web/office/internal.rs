//! What one office of the body writes to another.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_crypto::digest::to_hex;
use plico_desk::Actor;
use plico_desk::internal::Internal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::random_bytes;
use crate::http::render::Page;
use crate::http::upload::{Piece, Upload};
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Choice, done, offices};
use crate::web::receive::receive;
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/interni";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(blank).post(register))
}

#[derive(Serialize)]
struct InternalPage {
    about: Option<About>,
    own: Vec<Choice>,
    offices: Vec<Choice>,
    kinds: Vec<Choice>,
    /// Names of the files that came already.
    files: Vec<String>,
    limit: u64,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for InternalPage {
    const TEMPLATE: &'static str = "page/office/internal.html";
    const NAV: &'static str = "queue";
}

#[derive(Serialize)]
struct About {
    subject: String,
    office: String,
    url: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    token: String,
    from: String,
    office: String,
    kind: String,
    subject: String,
    text: String,
    about: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    m: String,
}

async fn blank(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let mut form = Given { token: to_hex(&random_bytes::<16>()), about: asked.m, ..Given::default() };
    if !form.about.is_empty() {
        let about = app.desk.internal_about(&actor, &form.about).await?;
        (form.kind, form.subject) = (about.kind, about.subject);
    }
    page(&app, &context, &actor, form, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    mut form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let own = app.desk.writing_offices(actor).await?;
    if let [only] = own.as_slice() {
        form.from.clone_from(&only.id);
    }
    let about = match form.about.as_str() {
        "" => None,
        id => Some(app.desk.internal_about(actor, id).await?),
    };
    let (_, files) = app.desk.form_files(actor, &form.token).await?;
    let wrong = !errors.is_empty();
    let page = InternalPage {
        about: about.map(|row| About {
            url: format!("/ufficio/messaggi/{}", row.id),
            subject: row.subject,
            office: row.from_name.unwrap_or_default(),
        }),
        own: own.into_iter().map(|office| Choice::new(office.id, office.name)).collect(),
        offices: offices(app, actor).await?,
        kinds: app
            .desk
            .kinds(&actor.administration)
            .await?
            .iter()
            .map(|kind| Choice::new(&kind.code, words.kind_name(kind)))
            .collect(),
        files: files.into_iter().map(|file| file.name).collect(),
        limit: app.desk.limits(&actor.administration).file_bytes,
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn register(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his files are read.
    app.desk.writing_offices(&actor).await?;
    let form: Given = taken(&app, &actor, upload).await?;
    let written = Internal {
        from: form.from.clone(),
        office: form.office.clone(),
        kind: form.kind.clone(),
        subject: form.subject.clone(),
        text: form.text.clone(),
        about: form.about.clone(),
        token: form.token.clone(),
    };
    match invalid(app.desk.register_internal(&actor, written).await)? {
        Ok(filed) => Ok(done(&format!("/ufficio/messaggi/{}", filed.message), "registrato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, wrong).await
        }
    }
}

/// The fields of a form; its files are kept under its token, which comes before them.
pub(super) async fn taken<T: DeserializeOwned>(
    app: &App,
    actor: &Actor,
    mut upload: Upload,
) -> Result<T, Error> {
    let mut fields = serde_json::Map::new();
    while let Some(piece) = upload.next().await? {
        match piece {
            Piece::Text { name, value } => {
                fields.insert(name, value.into());
            }
            Piece::File(file) => {
                let token = fields.get("token").and_then(|token| token.as_str()).unwrap_or_default();
                let (owner, _) = app.desk.form_files(actor, token).await?;
                receive(app, actor, &owner, file).await?;
            }
        }
    }
    serde_json::from_value(fields.into()).map_err(|_| crate::http::Refusal::not_found().into())
}
