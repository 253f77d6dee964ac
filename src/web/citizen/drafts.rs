//! What was begun and not sent: found again, gone on with, or thrown away.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::ActError;
use plico_desk::{Actor, Refusal as Refused};
use serde::Serialize;

use super::row::DraftLine;
use super::withdraw::Confirm;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path};
use crate::web::confirm::Yes;
use crate::web::words::Words;

#[derive(Serialize)]
struct Drafts {
    /// Days after which an untouched draft is deleted.
    days: u32,
    rows: Vec<DraftLine>,
}

impl Page for Drafts {
    const TEMPLATE: &'static str = "page/citizen/drafts.html";
    const NAV: &'static str = "desk";
}

/// A draft of the person's, or where it went: what was sent leads to its message.
pub async fn draft(
    app: &App,
    actor: &Actor,
    id: &str,
) -> Result<Result<plico_archive::read::inbox::DraftRow, Redirect>, Error> {
    match app.desk.draft(actor, id).await {
        Ok(draft) => Ok(Ok(draft)),
        Err(ActError::Refused(Refused::SentAlready(message))) => {
            Ok(Err(Redirect::to(&format!("/messaggi/{message}/inviata"))))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /bozze`.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let words = Words::of(&app, &context);
    let kinds = app.desk.kinds(&actor.administration).await?;
    let offices = app.desk.open_offices(&actor.administration).await?;
    let drafts = app.desk.drafts(&actor).await?;
    let rows = drafts.iter().map(|row| DraftLine::of(&words, &kinds, &offices, row)).collect();
    app.shell.page(&context, &Drafts { days: app.shell.config().limits.draft_days, rows })
}

/// `GET /bozze/{id}`: goes on at the first step that is not done.
pub async fn resume(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    let missing = app.desk.missing(&draft).await?;
    let step = if missing.iter().any(|error| matches!(error.field, "kind" | "office")) {
        "tipo"
    } else if missing.is_empty() {
        "allegati"
    } else {
        "testo"
    };
    Ok(Redirect::to(&format!("/scrivi/{}/{step}", draft.id)).into_response())
}

/// `GET /bozze/{id}/elimina`.
pub async fn confirm(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    let words = Words::of(&app, &context);
    let thing = if draft.subject.is_empty() { words.t("draft-untitled") } else { draft.subject };
    let page = Confirm {
        what: "delete-draft",
        thing,
        facts: Vec::new(),
        action: format!("/bozze/{}/elimina", draft.id),
        hidden: Vec::new(),
        back: "/bozze".into(),
        danger: true,
        reason: None,
        errors: Vec::new(),
    };
    app.shell.page(&context, &page)
}

/// `POST /bozze/{id}/elimina`.
pub async fn discard(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Redirect, Error> {
    let actor = super::citizen(&app, &context).await?;
    match draft(&app, &actor, &id).await? {
        Ok(draft) => app.desk.discard_draft(&actor, &draft.id).await?,
        Err(elsewhere) => return Ok(elsewhere),
    }
    Ok(Redirect::to("/bozze"))
}
