//! The acts that begin at a message: open what came, answer it, add to one's own filing.

use axum::extract::State;
use axum::response::Redirect;
use plico_desk::draft::{Purpose, Words};
use plico_desk::open::By;

use crate::app::App;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::confirm::Yes;

/// `POST /messaggi/{id}/apri`: an act, and never a side effect of looking.
pub async fn open(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Redirect, Error> {
    let actor = super::citizen(&app, &context).await?;
    let delivery = app.desk.own_delivery(&actor, &id).await?.ok_or_else(Refusal::not_found)?;
    let opened = app.desk.open_delivery(&actor, &delivery.id, By::Page).await?;
    Ok(Redirect::to(&format!("/messaggi/{}", opened.message)))
}

/// `POST /messaggi/{id}/rispondi`: begins the answer.
pub async fn reply(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Redirect, Error> {
    begin(&app, &context, Purpose::Reply, &id).await
}

/// `POST /messaggi/{id}/integra`: begins the addition.
pub async fn add(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Redirect, Error> {
    begin(&app, &context, Purpose::Addition, &id).await
}

async fn begin(app: &App, context: &Context, purpose: Purpose, id: &str) -> Result<Redirect, Error> {
    let actor = super::citizen(app, context).await?;
    // The message must be his to read, not only to name.
    let view = app.desk.message(&actor, id).await?;
    if !view.content {
        return Err(Refusal::not_found().into());
    }
    // A second press goes on with what the first one began.
    let begun = app
        .desk
        .drafts(&actor)
        .await?
        .into_iter()
        .find(|draft| draft.reply_to.as_deref() == Some(id) && draft.purpose == purpose.code());
    let draft = match begun {
        Some(draft) => draft.id,
        None => app.desk.begin_draft(&actor, purpose, Some(id), Words::default()).await?,
    };
    Ok(Redirect::to(&format!("/scrivi/{draft}/testo")))
}
