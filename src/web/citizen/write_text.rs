//! Writing, step 2: the words. They are kept as typed, whatever they are, before anything is said about them.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::body;
use plico_archive::read::inbox::DraftRow;
use plico_desk::draft::Words as Written;
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path};
use crate::web::words::{Words, Wrong};

/// What every step shows of the draft.
#[derive(Debug, Serialize)]
pub struct Draft {
    /// `filing`, `reply` or `addition`.
    pub purpose: String,
    /// Name of the office.
    pub office: String,
    /// Name of the kind.
    pub kind: String,
    /// Subject of the message that is answered or added to.
    pub about: Option<String>,
}

#[derive(Serialize)]
struct Content {
    subject: String,
    text: String,
}

#[derive(Serialize)]
struct WriteText {
    draft: Draft,
    action: String,
    back: Option<String>,
    form: Content,
    errors: Vec<Wrong>,
    limit: usize,
}

impl Page for WriteText {
    const TEMPLATE: &'static str = "page/citizen/write_text.html";
    const NAV: &'static str = "cases";
}

/// A draft in words.
pub async fn about(app: &App, words: &Words<'_>, actor: &Actor, draft: &DraftRow) -> Result<Draft, Error> {
    let database = app.desk.archive().database();
    let office = body::office(database, &draft.office).await.map_err(Error::fault)?;
    let about = match &draft.reply_to {
        Some(id) => app.desk.message(actor, id).await.ok().map(|view| view.message.subject),
        None => None,
    };
    Ok(Draft {
        purpose: draft.purpose.clone(),
        office: office.map_or_else(String::new, |office| office.name),
        kind: words.kind(&app.desk.kinds(&draft.administration).await?, &draft.kind),
        about,
    })
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    draft: DraftRow,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let page = WriteText {
        draft: about(app, &words, actor, &draft).await?,
        action: format!("/scrivi/{}/testo", draft.id),
        back: (draft.purpose == "filing").then(|| format!("/scrivi/{}/tipo", draft.id)),
        form: Content { subject: draft.subject, text: draft.text },
        errors: words.wrong(errors),
        limit: app.desk.limits(&draft.administration).text_chars,
    };
    app.shell.form(context, &page, !errors.is_empty())
}

/// `GET /scrivi/{id}/testo`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => show(&app, &context, &actor, draft, &[]).await,
        Err(elsewhere) => Ok(elsewhere.into_response()),
    }
}

/// What is typed.
#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    save: Option<String>,
}

/// `POST /scrivi/{id}/testo`.
pub async fn save(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let given = [("subject", typed.subject.as_str()), ("text", &typed.text)];
    let actor = super::writer(&app, &context, &given).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    let written =
        Written { kind: draft.kind, office: draft.office, subject: typed.subject, text: typed.text };
    app.desk.save_draft(&actor, &draft.id, written).await?;
    if typed.save.is_some() {
        return Ok(Redirect::to("/bozze").into_response());
    }
    let draft = app.desk.draft(&actor, &draft.id).await?;
    let errors: Vec<FieldError> = app
        .desk
        .missing(&draft)
        .await?
        .into_iter()
        .filter(|error| matches!(error.field, "subject" | "text"))
        .collect();
    if errors.is_empty() {
        return Ok(Redirect::to(&format!("/scrivi/{}/allegati", draft.id)).into_response());
    }
    show(&app, &context, &actor, draft, &errors).await
}
