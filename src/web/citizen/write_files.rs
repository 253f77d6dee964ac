//! Writing, step 3: the attachments, and what each of them is.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::inbox::{DraftRow, UploadRow};
use plico_desk::Actor;
use serde::{Deserialize, Serialize};

use super::write_text::{Draft, about};
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Form, Path, Refusal, Upload};
use crate::web::confirm::Yes;
use crate::web::file::File;
use crate::web::receive::receive;
use crate::web::words::{Words, Wrong};

#[derive(Serialize)]
struct Removable {
    #[serde(flatten)]
    file: File,
    remove: String,
}

#[derive(Serialize)]
struct WriteFiles {
    draft: Draft,
    files: Vec<Removable>,
    errors: Vec<Wrong>,
    upload: String,
    next: String,
    back: String,
    limit: u64,
    most: usize,
}

impl Page for WriteFiles {
    const TEMPLATE: &'static str = "page/citizen/write_files.html";
    const NAV: &'static str = "cases";
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    draft: &DraftRow,
    files: &[UploadRow],
    refused: Option<(String, Refusal)>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let step = |step: &str| format!("/scrivi/{}/{step}", draft.id);
    let errors = refused.iter().map(|(name, refusal)| {
        let wrong = words.refused("files", refusal);
        let text = if name.is_empty() { wrong.text } else { format!("{name}: {}", wrong.text) };
        Wrong { text, ..wrong }
    });
    let page = WriteFiles {
        draft: about(app, &words, actor, draft).await?,
        files: files
            .iter()
            .map(|row| Removable {
                file: File::of_upload(row),
                remove: step(&format!("allegati/{}/elimina", row.id)),
            })
            .collect(),
        errors: errors.collect(),
        upload: step("allegati"),
        next: step("avanti"),
        back: step("testo"),
        limit: app.desk.limits(&actor.administration).file_bytes,
        most: app.desk.limits(&actor.administration).files,
    };
    let mut response = app.shell.page(context, &page)?;
    if let Some((_, refusal)) = refused {
        *response.status_mut() = refusal.status;
    }
    Ok(response)
}

/// `GET /scrivi/{id}/allegati`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    let (_, files) = app.desk.draft_files(&actor, &draft.id).await?;
    show(&app, &context, &actor, &draft, &files, None).await
}

/// `POST /scrivi/{id}/allegati`. Files that came whole stay, even when a later one is refused.
pub async fn upload(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    mut upload: Upload,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    let (owner, _) = app.desk.draft_files(&actor, &draft.id).await?;
    let mut taken = 0;
    let refused = loop {
        match upload.next().await {
            Ok(Some(Piece::File(file))) => {
                let name = plico_package::name::clean(&file.file_name);
                match receive(&app, &actor, &owner, file).await {
                    Ok(_) => taken += 1,
                    Err(Error::Refusal(refusal)) if shown(&refusal) => break Some((name, refusal)),
                    Err(error) => return Err(error),
                }
            }
            Ok(Some(Piece::Text { .. })) => {}
            Ok(None) if taken == 0 => {
                break Some((String::new(), Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no-file")));
            }
            Ok(None) => break None,
            Err(Error::Refusal(refusal)) if shown(&refusal) => break Some((String::new(), refusal)),
            Err(error) => return Err(error),
        }
    };
    if refused.is_none() {
        return Ok(Redirect::to(&format!("/scrivi/{}/allegati", draft.id)).into_response());
    }
    let (_, files) = app.desk.draft_files(&actor, &draft.id).await?;
    show(&app, &context, &actor, &draft, &files, refused).await
}

/// What is said beside the form; everything else has a page of its own.
fn shown(refusal: &Refusal) -> bool {
    matches!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY)
}

/// `POST /scrivi/{id}/allegati/{file}/elimina`.
pub async fn remove(
    State(app): State<App>,
    context: Context,
    Path((id, file)): Path<(String, String)>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (owner, files) = app.desk.draft_files(&actor, &id).await?;
    // Pressed twice: it is gone already.
    if files.iter().any(|row| row.id == file) {
        app.desk.remove_upload(&owner, &file).await?;
    }
    Ok(Redirect::to(&format!("/scrivi/{}/allegati", super::path(&id))).into_response())
}

/// `GET /scrivi/{id}/allegati/{file}/elimina`: somebody came back after the sign-in.
pub async fn back(Path((id, _)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/scrivi/{}/allegati", super::path(&id)))
}

/// What is pressed.
#[derive(Debug, Deserialize)]
pub struct Pressed {
    save: Option<String>,
}

/// `POST /scrivi/{id}/avanti`.
pub async fn next(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    if pressed.save.is_some() {
        return Ok(Redirect::to("/bozze").into_response());
    }
    Ok(Redirect::to(&format!("/scrivi/{}/riepilogo", draft.id)).into_response())
}
