//! The signing desk: what waits for an officer's signature, and the ways to sign it.

mod remote;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_archive::read::inbox::UploadRow;
use plico_archive::read::signing::SigningRow;
use plico_desk::Actor;
use plico_desk::signing::{SigningView, sign::Signed};
use serde::{Deserialize, Serialize};

use remote::{AskedOf, RemoteAct};

use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Form, Path, Query, Refusal, Upload};
use crate::web::confirm::Yes;
use crate::web::file::File;
use crate::web::list::{Choice, Done, done, say_done};
use crate::web::receive::receive;
use crate::web::words::{Words, Wrong, invalid};
use crate::web::{actor, download};

const BASE: &str = "/ufficio/firma";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route("/ufficio/lettere/{key}/firma", post(request))
        .route("/ufficio/firma/{id}", get(show))
        .route("/ufficio/firma/{id}/file/{file}", get(look))
        .route("/ufficio/firma/{id}/scarica", get(fetch))
        .route("/ufficio/firma/{id}/sigillo", post(seal))
        .route("/ufficio/firma/{id}/carica", post(upload))
        .route("/ufficio/firma/{id}/remota/codice", post(remote::code))
        .route("/ufficio/firma/{id}/remota", post(remote::sign))
        .route("/ufficio/firma/{id}/restituisci", post(give_back))
        .route("/ufficio/firma/{id}/ritira", post(withdraw))
}

#[derive(Serialize)]
struct ListPage {
    waiting: Vec<Row>,
    written: Vec<Row>,
    substitutes: &'static str,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "page/office/signing_list.html";
    const NAV: &'static str = "signing";
}

#[derive(Serialize)]
struct Row {
    url: String,
    subject: String,
    recipient: String,
    author: String,
    state: String,
    reason: String,
    at: i64,
}

impl From<SigningRow> for Row {
    fn from(row: SigningRow) -> Self {
        Self {
            url: format!("{BASE}/{}", row.message),
            subject: row.subject,
            recipient: row.recipient,
            author: row.author_name,
            state: row.state,
            reason: row.reason,
            at: row.changed_ms,
        }
    }
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let page = ListPage {
        waiting: app.desk.signing_waits(&actor).await?.into_iter().map(Row::from).collect(),
        written: app.desk.signing_written(&actor).await?.into_iter().map(Row::from).collect(),
        substitutes: super::substitutes::BASE,
    };
    app.shell.page(&context, &page)
}

/// The choice of signers, on the page before a letter leaves.
#[derive(Serialize)]
pub(super) struct Ask {
    action: String,
    signers: Vec<Choice>,
    errors: Vec<Wrong>,
}

/// Who may be asked to sign a letter.
pub(super) async fn ask(app: &App, actor: &Actor, key: &str, errors: Vec<Wrong>) -> Result<Ask, Error> {
    let signers = app.desk.signers(actor).await?;
    Ok(Ask {
        action: format!("/ufficio/lettere/{key}/firma"),
        signers: signers.into_iter().map(|one| Choice::new(one.account, one.name)).collect(),
        errors,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    first: String,
    second: String,
    third: String,
}

async fn request(
    State(app): State<App>,
    context: Context,
    Path(key): Path<String>,
    Form(form): Form<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let signers = [form.first, form.second, form.third];
    match invalid(app.desk.request_signing(&actor, &key, &signers).await)? {
        Ok(message) => Ok(done(&format!("{BASE}/{message}"), "alla-firma").into_response()),
        Err(errors) if errors.iter().all(|error| error.field == "signers") => {
            let errors = Words::of(&app, &context).wrong(&errors);
            super::review::page(&app, &context, &actor, &key, errors).await
        }
        // Something changed since it was checked: back to the form, which says what.
        Err(_) => Ok(Redirect::to(&format!("/ufficio/lettere/{key}")).into_response()),
    }
}

#[derive(Serialize)]
struct SigningPage {
    subject: String,
    recipient: String,
    author: String,
    office: String,
    state: String,
    reason: String,
    at: i64,
    digest: String,
    steps: Vec<Step>,
    file: Option<Shown>,
    attached: Vec<Shown>,
    acts: Acts,
    message: Option<String>,
    write: Option<String>,
    limit: u64,
    given: String,
    errors: Vec<Wrong>,
}

impl Page for SigningPage {
    const TEMPLATE: &'static str = "page/office/signing.html";
    const NAV: &'static str = "signing";
}

/// One of the signatures that are asked for.
#[derive(Serialize)]
struct Step {
    name: String,
    by: Option<String>,
    how: Option<String>,
    at: Option<i64>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    file: File,
    look: Option<String>,
}

#[derive(Serialize)]
struct Acts {
    remote: Option<RemoteAct>,
    seal: Option<String>,
    seal_worth: Option<&'static str>,
    upload: Option<String>,
    expected: String,
    give_back: Option<String>,
    withdraw: Option<String>,
}

/// What was typed and is shown again; a PIN or a code never is.
#[derive(Default)]
struct Again {
    reason: String,
    credential: String,
    asked: Option<AskedOf>,
}

fn shown(id: &str, row: &UploadRow) -> Shown {
    let url = format!("{BASE}/{id}/file/{}", row.id);
    let readable = !row.sealed;
    Shown { file: File::of_upload(row), look: readable.then_some(url) }
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, &actor, &id, Again::default(), Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    again: Again,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let view = app.desk.letter_to_sign(actor, id).await?;
    let SigningView {
        row,
        signers,
        signed_by,
        files,
        may_sign,
        may_withdraw,
        may_seal,
        expected,
        letter,
        remote,
    } = view;
    let act = |may: bool, what: &str| may.then(|| format!("{BASE}/{id}/{what}"));
    let mut made = signed_by.into_iter();
    let steps = signers.into_iter().map(|place| match made.next() {
        Some(by) => Step { name: place.name, by: Some(by.name), how: Some(by.how), at: Some(by.at) },
        None => Step { name: place.name, by: None, how: None, at: None },
    });
    let mut files = files.iter().map(|file| shown(id, file));
    let seal_worth = if may_seal { app.desk.seal_grade().ok() } else { None };
    let offices = app.desk.open_offices(&actor.administration).await?;
    let opens = row.state == "signed" && app.desk.message(actor, id).await.is_ok_and(|view| view.content);
    let wrong = !errors.is_empty();
    let page = SigningPage {
        steps: steps.collect(),
        file: files.next(),
        attached: files.collect(),
        acts: Acts {
            remote: remote.map(|provider| RemoteAct::new(id, provider, again.credential, again.asked)),
            seal: act(may_seal, "sigillo"),
            seal_worth: seal_worth.map(plico_desk::seal::Grade::code),
            upload: act(may_sign, "carica"),
            expected,
            give_back: act(may_sign, "restituisci"),
            withdraw: act(may_withdraw, "ritira"),
        },
        message: opens.then(|| format!("/ufficio/messaggi/{id}")),
        write: letter.map(|key| format!("/ufficio/lettere/{key}")),
        office: offices
            .into_iter()
            .find(|office| office.id == row.office)
            .map(|office| office.name)
            .unwrap_or_default(),
        subject: if row.subject.is_empty() {
            Words::of(app, context).t("signing-forgotten")
        } else {
            row.subject
        },
        recipient: row.recipient,
        author: row.author_name,
        state: row.state,
        reason: row.reason,
        at: row.requested_ms,
        digest: row.sha256,
        limit: app.desk.limits(&actor.administration).file_bytes,
        given: again.reason,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

/// A file to be read in place: only what a browser shows without running anything.
async fn look(
    State(app): State<App>,
    context: Context,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (upload, reader) = app.desk.signing_content(&actor, &id, &file).await?;
    if upload.media_type != "application/pdf" {
        return Ok(download::attachment(&upload.name, &upload.media_type, &upload.sha256, reader));
    }
    Ok(super::files::inline(&upload.media_type, Body::from_stream(reader.stream())))
}

/// The file to be signed with one's own tool.
async fn fetch(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let view = app.desk.letter_to_sign(&actor, &id).await?;
    let Some(file) = view.files.first() else { return Err(Refusal::not_found().into()) };
    let (upload, reader) = app.desk.signing_content(&actor, &id, &file.id).await?;
    Ok(download::attachment(&upload.name, &upload.media_type, &upload.sha256, reader))
}

/// On to the letter: whoever signed it reads it here, and not always at the office that sends it.
fn signed(id: &str, signed: &Signed) -> Response {
    let what = match signed {
        Signed::Sent(_) => "inviato",
        Signed::Waits => "firmato",
    };
    done(&format!("{BASE}/{id}"), what).into_response()
}

async fn seal(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    Ok(signed(&id, &app.desk.sign_with_seal(&actor, &id).await?))
}

async fn upload(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    mut form: Upload,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match take(&app, &actor, &id, &mut form).await {
        Ok(made) => Ok(signed(&id, &made)),
        // What is the matter with the file is said beside it.
        Err(Error::Refusal(refusal)) if told_here(&refusal) => {
            let wrong = vec![Words::of(&app, &context).refused("file", &refusal)];
            page(&app, &context, &actor, &id, Again::default(), wrong).await
        }
        Err(error) => Err(error),
    }
}

fn told_here(refusal: &Refusal) -> bool {
    refusal.code.starts_with("signing-")
        || ["empty-file", "file-too-large", "message-too-large", "not-served"].contains(&refusal.code)
}

async fn take(app: &App, actor: &Actor, id: &str, form: &mut Upload) -> Result<Signed, Error> {
    let place = app.desk.signing_place(actor, id).await?;
    while let Some(piece) = form.next().await? {
        if let Piece::File(file) = piece {
            let received = receive(app, actor, &place, file).await?;
            return Ok(app.desk.sign_with_file(actor, id, &received.id).await?);
        }
    }
    Err(Refusal::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "empty-file").into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    reason: String,
}

async fn give_back(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.return_signing(&actor, &id, &form.reason).await)? {
        Ok(()) => Ok(done(BASE, "restituito").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let again = Again { reason: form.reason, ..Again::default() };
            page(&app, &context, &actor, &id, again, wrong).await
        }
    }
}

async fn withdraw(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let letter = app.desk.withdraw_signing(&actor, &id).await?;
    Ok(Redirect::to(&format!("/ufficio/lettere/{letter}")).into_response())
}
