//! What is done to a message from its own page: take charge, assign, refuse, conclude, link, note, file.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use plico_desk::assign::Purpose;
use plico_desk::conclude::How;
use plico_desk::{Actor, FieldError, Outcome};

use super::item::{ItemForm, render};
use crate::app::App;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::list::{assignee, done};
use crate::web::words::{Words, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/messaggi/{id}/carico", post(take))
        .route("/ufficio/messaggi/{id}/assegna", post(assign))
        .route("/ufficio/messaggi/{id}/rifiuta", post(refuse))
        .route("/ufficio/messaggi/{id}/non-per-noi", post(decline))
        .route("/ufficio/messaggi/{id}/concludi", post(conclude))
        .route("/ufficio/messaggi/{id}/lega", post(link))
        .route("/ufficio/messaggi/{id}/slega/{other}", post(unlink))
        .route("/ufficio/messaggi/{id}/nota", post(note))
        .route("/ufficio/messaggi/{id}/fascicolo", post(file))
        .route("/ufficio/messaggi/{id}/classifica", post(classify))
        .route("/ufficio/messaggi/{id}/repertorio", post(enter_series))
}

async fn take(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.take_in_charge(&actor, &id).await?;
    Ok(done(&format!("/ufficio/messaggi/{id}"), "preso").into_response())
}

async fn assign(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let purpose = if form.purpose == "knowledge" { Purpose::Knowledge } else { Purpose::Competence };
    let outcome = app.desk.assign(&actor, &id, assignee(&form.office), purpose).await;
    // Who gave it away for competence may no longer see it.
    let target = match app.desk.message(&actor, &id).await {
        Ok(_) => format!("/ufficio/messaggi/{id}"),
        Err(_) => "/ufficio".into(),
    };
    answer(&app, &context, &actor, &id, form, "assign", outcome, done(&target, "assegnato").into_response())
        .await
}

async fn refuse(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.refuse_assignment(&actor, &id, &form.reason).await;
    answer(
        &app,
        &context,
        &actor,
        &id,
        form,
        "refuse",
        outcome,
        done("/ufficio", "rifiutato").into_response(),
    )
    .await
}

async fn decline(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.decline(&actor, &id, &form.declined).await;
    let next = done("/ufficio", "non-per-noi").into_response();
    answer(&app, &context, &actor, &id, form, "decline", outcome, next).await
}

async fn conclude(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.conclude(&actor, &id, How::Filed, &form.why).await;
    let next = done(&format!("/ufficio/messaggi/{id}"), "concluso").into_response();
    answer(&app, &context, &actor, &id, form, "conclude", outcome, next).await
}

async fn link(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.link(&actor, &id, &form.number, &form.link_reason).await;
    let next = done(&format!("/ufficio/messaggi/{id}"), "legato").into_response();
    answer(&app, &context, &actor, &id, form, "link", outcome, next).await
}

async fn unlink(
    State(app): State<App>,
    context: Context,
    Path((id, other)): Path<(String, String)>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.unlink(&actor, &id, &other).await?;
    Ok(done(&format!("/ufficio/messaggi/{id}"), "slegato").into_response())
}

async fn note(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.note(&actor, &id, &form.note).await;
    let next = done(&format!("/ufficio/messaggi/{id}"), "annotato").into_response();
    answer(&app, &context, &actor, &id, form, "note", outcome, next).await
}

async fn file(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let next = done(&format!("/ufficio/messaggi/{id}"), "inserito").into_response();
    let outcome = if form.case.is_empty() {
        Err(plico_archive::ActError::Refused(plico_desk::Refusal::Invalid(vec![FieldError::required(
            "case",
        )])))
    } else {
        app.desk.file_into_case(&actor, &id, &form.case).await
    };
    answer(&app, &context, &actor, &id, form, "file", outcome, next).await
}

async fn classify(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.classify(&actor, &id, &form.class).await;
    let next = done(&format!("/ufficio/messaggi/{id}"), "classificato").into_response();
    answer(&app, &context, &actor, &id, form, "classify", outcome, next).await
}

async fn enter_series(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.enter_series(&actor, &id, &form.series).await.map(|_| ());
    let next = done(&format!("/ufficio/messaggi/{id}"), "repertoriato").into_response();
    answer(&app, &context, &actor, &id, form, "series", outcome, next).await
}

/// On to the next page, or the same one with what was typed and what is wrong.
#[expect(clippy::too_many_arguments, reason = "a form, how it ended and where to go on")]
async fn answer(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    form: ItemForm,
    opened: &'static str,
    outcome: Outcome<()>,
    next: Response,
) -> Result<Response, Error> {
    let Err(mut errors) = invalid(outcome)? else { return Ok(next) };
    for error in &mut errors {
        // Several forms of this page ask for a text or a reason; each has its own name here.
        error.field = match (opened, error.field) {
            ("note", "text") => "note",
            ("conclude", "reason") => "why",
            ("decline", "reason") => "declined",
            (_, field) => field,
        };
    }
    let wrong = Words::of(app, context).wrong(&errors);
    let mut response = render(app, context, actor, id, "", form, wrong, opened).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
