//! Writing, before step 4 is sent: the document as it would be filed, downloaded, signed with one's own tool and brought back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::inbox::DraftRow;
use plico_desk::Actor;
use serde::Serialize;

use super::write_text::{Draft, about};
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Form, Path, Refusal, Upload};
use crate::web::confirm::Yes;
use crate::web::download;
use crate::web::file::File;
use crate::web::receive::receive;
use crate::web::words::{Words, Wrong, invalid};

#[derive(Serialize)]
struct WriteSign {
    draft: Draft,
    prepared: Option<File>,
    signed: Option<File>,
    stale: bool,
    prepare: String,
    download: String,
    upload: String,
    remove: String,
    review: String,
    limit: u64,
    errors: Vec<Wrong>,
}

impl Page for WriteSign {
    const TEMPLATE: &'static str = "page/citizen/write_sign.html";
    const NAV: &'static str = "cases";
}

fn place(draft: &str, step: &str) -> String {
    format!("/scrivi/{}/{step}", super::path(draft))
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    draft: &DraftRow,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    // What is not whole yet cannot be laid out: the review says what is missing.
    if !app.desk.missing(draft).await?.is_empty() {
        return Ok(Redirect::to(&place(&draft.id, "riepilogo")).into_response());
    }
    let words = Words::of(app, context);
    let own = app.desk.own_signature(actor, &draft.id).await?;
    let wrong = !errors.is_empty();
    let page = WriteSign {
        draft: about(app, &words, actor, draft).await?,
        prepared: own.prepared.as_ref().map(File::of_upload),
        signed: own.signed.as_ref().map(File::of_upload),
        stale: own.stale,
        prepare: place(&draft.id, "firma/prepara"),
        download: place(&draft.id, "firma/scarica"),
        upload: place(&draft.id, "firma"),
        remove: place(&draft.id, "firma/togli"),
        review: place(&draft.id, "riepilogo"),
        limit: app.desk.limits(&actor.administration).file_bytes,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

/// `GET /scrivi/{id}/firma`, and where its forms lead somebody who signs in again.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => show(&app, &context, &actor, &draft, Vec::new()).await,
        Err(elsewhere) => Ok(elsewhere.into_response()),
    }
}

/// `POST /scrivi/{id}/firma/prepara`.
pub async fn prepare(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    match invalid(app.desk.prepare_signature(&actor, &id).await)? {
        Ok(()) => Ok(Redirect::to(&place(&id, "firma")).into_response()),
        Err(_) => Ok(Redirect::to(&place(&id, "riepilogo")).into_response()),
    }
}

/// `GET /scrivi/{id}/firma/scarica`.
pub async fn fetch(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (upload, reader) = app.desk.to_sign(&actor, &id).await?;
    Ok(download::attachment(&upload.name, &upload.media_type, &upload.sha256, reader))
}

/// `POST /scrivi/{id}/firma`: what is the matter with the file is said beside it.
pub async fn upload(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    mut form: Upload,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    match take(&app, &actor, &id, &mut form).await {
        Ok(()) => Ok(Redirect::to(&place(&id, "firma")).into_response()),
        Err(Error::Refusal(refusal)) if told_here(&refusal) => {
            let wrong = vec![Words::of(&app, &context).refused("file", &refusal)];
            show(&app, &context, &actor, &draft, wrong).await
        }
        Err(error) => Err(error),
    }
}

fn told_here(refusal: &Refusal) -> bool {
    refusal.code.starts_with("signing-")
        || ["signature-stale", "no-file", "empty-file", "file-too-large", "message-too-large", "not-served"]
            .contains(&refusal.code)
}

async fn take(app: &App, actor: &Actor, id: &str, form: &mut Upload) -> Result<(), Error> {
    let place = app.desk.signature_place(actor, id).await?;
    while let Some(piece) = form.next().await? {
        if let Piece::File(file) = piece {
            let received = receive(app, actor, &place, file).await?;
            return Ok(app.desk.bring_signature(actor, id, &received.id).await?);
        }
    }
    Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no-file").into())
}

/// `POST /scrivi/{id}/firma/togli`.
pub async fn remove(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    app.desk.drop_signature(&actor, &id).await?;
    Ok(Redirect::to(&place(&id, "riepilogo")).into_response())
}
