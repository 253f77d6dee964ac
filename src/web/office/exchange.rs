//! What registries of bodies said to each other about a message, on its own page, and what a person may still tell the other.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use plico_desk::Actor;
use plico_desk::exchange::may_answer;
use plico_desk::view::MessageView;
use plico_record::act::Marked;
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use serde::Serialize;

use super::item::{ItemForm, render};
use super::letter_mail::LetterMail;
use crate::app::App;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::list::done;
use crate::web::words::{Words, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/messaggi/{id}/segnatura", post(answer))
}

#[derive(Serialize)]
pub(super) struct Exchange {
    mark: Option<Mark>,
    answers: Vec<Answer>,
    notices: Vec<Notice>,
    /// What may still be told.
    may: Vec<&'static str>,
    action: String,
}

#[derive(Serialize)]
struct Mark {
    rules: String,
    sender: String,
    body: String,
    number: String,
    day: String,
    subject: String,
    asks: bool,
    /// Whether the mail was certified.
    certified: bool,
    signature: String,
    documents: Vec<Marked>,
    wrong: bool,
}

/// A notice of ours.
#[derive(Serialize)]
struct Answer {
    kind: String,
    reason: String,
    mail: LetterMail,
}

/// A notice of theirs.
#[derive(Serialize)]
struct Notice {
    kind: String,
    address: String,
    body: String,
    number: Option<String>,
    day: String,
    reason: String,
    act: String,
    heard: i64,
    url: String,
}

/// `None` where nothing was said.
pub(super) async fn exchange(
    app: &App,
    words: &Words<'_>,
    actor: &Actor,
    view: &MessageView,
    mails: &[LetterMail],
) -> Result<Option<Exchange>, Error> {
    let id = &view.message.id;
    let (mark, answers, notices) = app.desk.exchanged(actor, id).await?;
    if mark.is_none() && answers.is_empty() && notices.is_empty() {
        return Ok(None);
    }
    let day = |day: &str| LegalDay::parse(day).map_or_else(|| day.to_owned(), |_| words.day(day));
    let may = match &mark {
        Some(mark) if view.may.contains(&Deed::Answer) => may_answer(mark, &answers),
        _ => Vec::new(),
    };
    let mark = mark.map(|mark| {
        let documents: Vec<Marked> = serde_json::from_str(&mark.documents).unwrap_or_default();
        Mark {
            number: codes(&[&mark.area, &mark.register, &format!("{:07}", mark.number)]),
            day: day(&mark.day),
            wrong: documents.iter().any(|one| ["differs", "missing"].contains(&one.verdict.as_str())),
            documents,
            rules: mark.generation,
            sender: mark.sender,
            body: mark.body,
            subject: mark.subject,
            asks: mark.asks,
            certified: !mark.address.is_empty(),
            signature: mark.signature,
        }
    });
    let answers = answers.into_iter().filter_map(|one| {
        let mail = mails.iter().find(|mail| mail.is_of(&one.delivery))?.clone();
        Some(Answer { kind: one.kind, reason: one.reason, mail })
    });
    let notices = notices.into_iter().map(|one| Notice {
        number: (one.number > 0).then(|| codes(&[&one.area, &one.register, &format!("{:07}", one.number)])),
        day: day(&one.day),
        kind: one.kind,
        address: one.address,
        body: one.body,
        reason: one.reason,
        act: one.act,
        heard: one.heard_ms,
        url: format!("/ufficio/documenti/{}/scarica", one.document),
    });
    Ok(Some(Exchange {
        mark,
        answers: answers.collect(),
        notices: notices.collect(),
        may,
        action: format!("/ufficio/messaggi/{id}/segnatura"),
    }))
}

fn codes(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/")
}

async fn answer(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = app.desk.answer_mark(&actor, &id, &form.decision, &form.reason).await;
    match invalid(outcome)? {
        Ok(()) => Ok(done(&format!("/ufficio/messaggi/{id}"), "deciso").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong_in("mark", &errors);
            let page = render(&app, &context, &actor, &id, "", form, wrong, "mark").await?;
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
