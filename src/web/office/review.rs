//! Everything once more before a letter leaves; then it leaves.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_desk::letter::Kept;
use plico_locale::Args;
use plico_signature::plain::{Holds, Plain};
use serde::Serialize;

use super::compose::{About, Recipient, about, check};
use super::domicile::{Domicile, of_typed, told};
use super::signing::{Ask, ask};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::file::File;
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/lettere/{key}/controlla", get(show))
        .route("/ufficio/lettere/{key}/anteprima", get(preview))
        .route("/ufficio/lettere/{key}/invia", post(send))
}

#[derive(Serialize)]
struct ReviewPage {
    purpose: String,
    about: Option<About>,
    recipient: Recipient,
    copies: Vec<String>,
    contact: bool,
    pec: String,
    domicile: Option<Domicile>,
    subject: String,
    text: String,
    effect: String,
    outcome: Option<String>,
    category: Option<String>,
    preview: Option<String>,
    files: Vec<File>,
    send: String,
    back: String,
    key: String,
    sign: Ask,
    warnings: Vec<String>,
}

impl Page for ReviewPage {
    const TEMPLATE: &'static str = "page/office/write_review.html";
    const NAV: &'static str = "write";
}

async fn show(State(app): State<App>, context: Context, Path(key): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    page(&app, &context, &actor, &key, Vec::new()).await
}

/// `wrong`: what does not fit in the choice of signers.
pub(super) async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    key: &str,
    wrong: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let back = format!("/ufficio/lettere/{key}");
    let typed = match app.desk.kept_letter(actor, key).await? {
        Kept::Typed(typed) => *typed,
        Kept::Waiting(message) => {
            return Ok(Redirect::to(&format!("/ufficio/firma/{message}")).into_response());
        }
        Kept::Sent(message) => {
            return Ok(Redirect::to(&format!("/ufficio/messaggi/{message}")).into_response());
        }
    };
    if !check(app, actor, key, &typed).await?.is_empty() {
        return Ok(Redirect::to(&back).into_response());
    }
    let party = app.desk.addressee(actor, &typed).await?;
    let (_, uploads) = app.desk.letter_files(actor, key).await?;
    let mut warnings = Vec::new();
    for upload in &uploads {
        if upload.sealed {
            warnings.push(words.with("compose-warn-sealed", &Args::new().with("name", upload.name.clone())));
        } else if upload.verification.as_deref().is_some_and(is_broken) {
            warnings
                .push(words.with("compose-warn-signature", &Args::new().with("name", upload.name.clone())));
        }
    }
    let (subject, text) = match typed.certificate.as_ref().filter(|_| typed.purpose == "certificate") {
        Some(filled) => app.desk.certificate_words(actor, filled, &party).await?,
        None => (typed.subject.clone(), typed.text.clone()),
    };
    let preview = (typed.purpose == "certificate").then(|| format!("{back}/anteprima"));
    let bad = !wrong.is_empty();
    let page = ReviewPage {
        about: about(app, actor, &typed).await?,
        copies: typed
            .letter(plico_desk::answer::Act::Message, key)
            .copies
            .lines()
            .map(str::to_owned)
            .collect(),
        recipient: Recipient { name: party.name, fiscal_code: party.fiscal_code },
        contact: party.email.is_some(),
        domicile: told(of_typed(app, actor, &typed).await?, typed.pec.trim()),
        pec: typed.pec,
        subject,
        text,
        preview,
        effect: typed.effect,
        outcome: Some(typed.outcome).filter(|_| typed.purpose == "answer"),
        category: (typed.purpose == "issue").then(|| words.t(&format!("category-{}", typed.category))),
        purpose: typed.purpose,
        files: uploads.iter().map(File::of_upload).collect(),
        send: format!("{back}/invia"),
        back,
        key: key.into(),
        sign: ask(app, actor, key, wrong).await?,
        warnings,
    };
    app.shell.form(context, &page, bad)
}

/// Whether a stored check found a signature that does not hold.
fn is_broken(verification: &str) -> bool {
    let plain = serde_json::from_str::<serde_json::Value>(verification)
        .ok()
        .and_then(|value| serde_json::from_value::<Plain>(value.get("plain")?.clone()).ok());
    matches!(plain, Some(Plain::Signed { signers, .. })
        if signers.iter().any(|signer| matches!(signer.holds, Holds::Altered | Holds::Broken { .. })))
}

/// The certificate as it would be, with a word across it that it is none yet.
async fn preview(
    State(app): State<App>,
    context: Context,
    Path(key): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let Kept::Typed(typed) = app.desk.kept_letter(&actor, &key).await? else {
        return Err(Refusal::not_found().into());
    };
    let pdf = app.desk.certificate_draft(&actor, &typed, &key).await?;
    Ok(super::files::inline("application/pdf", axum::body::Body::from(pdf)))
}

/// Clicked twice, or sent again after a lost answer, it is one letter.
async fn send(
    State(app): State<App>,
    context: Context,
    Path(key): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.send_kept_letter(&actor, &key).await)? {
        Ok(message) => Ok(done(&format!("/ufficio/messaggi/{message}"), "inviato").into_response()),
        // Something changed since it was checked: back to the form, which says what.
        Err(_) => Ok(Redirect::to(&format!("/ufficio/lettere/{key}")).into_response()),
    }
}
