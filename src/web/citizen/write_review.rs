//! Writing, step 4: everything once more, the notice of liability, and sending. The draft's identifier becomes the
//! message's: a double click, a reload or a second try is one filing.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::inbox::DraftRow;
use plico_desk::{Actor, FieldError};
use plico_record::actor::Who;
use serde::Serialize;

use super::write_text::about;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path};
use crate::web::confirm::Yes;
use crate::web::file::File;
use crate::web::words::{Words, Wrong, invalid};

#[derive(Serialize)]
struct Draft {
    purpose: String,
    office: String,
    kind: String,
    about: Option<String>,
    subject: String,
    text: String,
    sender: String,
    fiscal_code: Option<String>,
    behalf: Option<String>,
}

#[derive(Serialize)]
struct Change {
    kind: Option<String>,
    text: String,
    files: String,
}

#[derive(Serialize)]
struct Review {
    draft: Draft,
    files: Vec<File>,
    change: Change,
    sign: String,
    signed: Option<File>,
    stale: bool,
    send: String,
    key: String,
    save: String,
    term: Option<u32>,
    errors: Vec<Wrong>,
}

impl Page for Review {
    const TEMPLATE: &'static str = "page/citizen/write_review.html";
    const NAV: &'static str = "cases";
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    draft: DraftRow,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let about = about(app, &words, actor, &draft).await?;
    let (_, files) = app.desk.draft_files(actor, &draft.id).await?;
    let own = app.desk.own_signature(actor, &draft.id).await?;
    let holder = app.desk.whose(actor).await?;
    let other = matches!(&actor.who, Who::Person { on_behalf_of: Some(_), .. });
    let holder_name = holder.as_ref().map(|person| person.name.clone());
    let filing = draft.purpose == "filing";
    let kind = app.desk.kind(&draft.administration, &draft.kind).await?;
    let step = |step: &str| format!("/scrivi/{}/{step}", draft.id);
    let page = Review {
        files: files.iter().map(File::of_upload).collect(),
        change: Change { kind: filing.then(|| step("tipo")), text: step("testo"), files: step("allegati") },
        sign: step("firma"),
        signed: own.signed.as_ref().map(File::of_upload),
        stale: own.stale,
        send: step("invia"),
        key: draft.id.clone(),
        save: "/bozze".into(),
        term: kind.and_then(|kind| kind.term_days).filter(|_| filing),
        errors: words.wrong(errors),
        draft: Draft {
            purpose: draft.purpose.clone(),
            office: about.office,
            kind: about.kind,
            about: about.about,
            sender: actor.name.clone(),
            // The code that goes into the register is that of the person whose filing it is.
            fiscal_code: holder.and_then(|person| person.fiscal_code),
            behalf: holder_name.filter(|_| other),
            subject: draft.subject,
            text: draft.text,
        },
    };
    app.shell.form(context, &page, !errors.is_empty())
}

/// `GET /scrivi/{id}/riepilogo`.
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

/// `POST /scrivi/{id}/invia`.
pub async fn send(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    match invalid(app.desk.present(&actor, &id).await)? {
        Ok(filed) => Ok(Redirect::to(&format!("/messaggi/{}/inviata", filed.message)).into_response()),
        Err(errors) => {
            let draft = app.desk.draft(&actor, &id).await?;
            show(&app, &context, &actor, draft, &errors).await
        }
    }
}
