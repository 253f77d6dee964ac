//! A letter by certified mail, on its own page: how it left, what its providers say, and what a person may decide.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use plico_archive::read::pec::LetterMailRow;
use plico_desk::Actor;
use plico_desk::pec::{Decision, is_late, may_resolve};
use plico_desk::view::MessageView;
use plico_record::authority::Deed;
use serde::Serialize;

use super::item::{ItemForm, render};
use crate::app::App;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::list::done;
use crate::web::words::{Words, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/messaggi/{id}/pec", post(resolve))
}

/// How it stands for its recipient.
#[derive(Clone, Serialize)]
pub(super) struct LetterMail {
    delivery: String,
    to: String,
    state: String,
    late: bool,
    words: String,
    sent_ms: Option<i64>,
    at: Option<i64>,
    receipts: Vec<Proof>,
    /// It carries a mark for the other body's registry.
    segnatura: bool,
    again: bool,
    left: bool,
    action: String,
}

impl LetterMail {
    pub(super) fn is_of(&self, delivery: &str) -> bool {
        self.delivery == delivery
    }

    pub(super) fn to(&self) -> &str {
        &self.to
    }
}

#[derive(Clone, Serialize)]
struct Proof {
    kind: String,
    provider: String,
    recipient: Option<String>,
    words: String,
    extent: String,
    outcome: String,
    at: Option<i64>,
    heard: i64,
    url: String,
}

/// How it stands in one word: what the providers say, and before they speak how far it came.
pub(super) fn state_of(row: &LetterMailRow) -> String {
    if row.sending == "submitted" && row.fate != "sent" { row.fate.clone() } else { row.sending.clone() }
}

/// Each delivery of a letter that went by certified mail as well.
pub(super) async fn letter_mail(
    app: &App,
    actor: &Actor,
    view: &MessageView,
) -> Result<Vec<LetterMail>, Error> {
    let (rows, receipts) = app.desk.letter_mail(actor, &view.message.id).await?;
    let may = view.may.contains(&Deed::Answer);
    let now = app.desk.archive().now_ms();
    Ok(rows
        .into_iter()
        .map(|row| LetterMail {
            state: state_of(&row),
            late: is_late(&row, now),
            sent_ms: row.sent_ms,
            at: row.fate_at_ms,
            receipts: receipts
                .iter()
                .filter(|one| one.delivery == row.delivery)
                .map(|one| Proof {
                    kind: one.kind.replace('.', "-"),
                    provider: one.provider.clone(),
                    recipient: Some(one.recipient.clone()).filter(|_| one.outcome == "other_recipient"),
                    words: one.words.clone(),
                    extent: one.extent.clone(),
                    outcome: one.outcome.clone(),
                    at: one.at_ms,
                    heard: one.heard_ms,
                    url: format!("/ufficio/documenti/{}/scarica", one.document),
                })
                .collect(),
            segnatura: !row.segnatura.is_empty(),
            again: may && may_resolve(&row, Decision::Again),
            left: may && may_resolve(&row, Decision::Left),
            action: format!("/ufficio/messaggi/{}/pec", row.message),
            delivery: row.delivery,
            to: row.recipient,
            words: row.words,
        })
        .collect())
}

async fn resolve(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<ItemForm>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let decision = match form.decision.as_str() {
        "again" => Some(Decision::Again),
        "left" => Some(Decision::Left),
        _ => None,
    };
    let outcome = app.desk.resolve_letter(&actor, &id, &form.delivery, decision, &form.reason).await;
    match invalid(outcome)? {
        Ok(()) => Ok(done(&format!("/ufficio/messaggi/{id}"), "deciso").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong_in(&form.delivery, &errors);
            let page = render(&app, &context, &actor, &id, "", form, wrong, "pec").await?;
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
