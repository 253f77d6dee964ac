//! One deposit: its list and its files are brought and looked at, then it is sent, and what became of each line is told.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::deposit::{DepositView, LineView, sheet};
use plico_desk::upload::Owner;
use plico_desk::{Actor, FieldError};
use plico_package::unpack::{self, Unfit};
use plico_vault::BlobReader;
use serde::{Deserialize, Serialize};

use super::deposits::BASE;
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::{File, Piece};
use crate::http::{Context, Error, Form, Path, Query, Refusal, Upload};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::list::{Done, done, say_done};
use crate::web::receive::{receive, scanner};
use crate::web::words::{Words, Wrong, invalid};
use plico_desk::upload::scan;

/// Good lines that are shown; the rest is in the file.
const SHOWN: usize = 200;
/// Bytes of a ZIP: it is held in memory while it is unpacked.
const ZIP_BYTES: usize = 128 * 1024 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/depositi/{id}", get(show))
        .route("/ufficio/depositi/{id}/carica", post(bring))
        .route("/ufficio/depositi/{id}/togli", post(take_away))
        .route("/ufficio/depositi/{id}/invia", post(start))
        .route("/ufficio/depositi/{id}/ripeti", post(repeat))
        .route("/ufficio/depositi/{id}/elimina", post(discard))
        .route("/ufficio/depositi/{id}/esito.csv", get(outcome))
}

#[derive(Serialize)]
struct DepositPage {
    name: String,
    office: String,
    author: String,
    effect: String,
    state: String,
    at: i64,
    lines: i64,
    sent: i64,
    failed: i64,
    left_out: i64,
    waiting: i64,
    wrong: usize,
    files: usize,
    unused: Vec<String>,
    twice: Vec<String>,
    rows: Vec<Row>,
    more: usize,
    most_lines: usize,
    limit: u64,
    base: String,
    errors: Vec<Wrong>,
}

impl Page for DepositPage {
    const TEMPLATE: &'static str = "page/office/deposit.html";
    const NAV: &'static str = "deposits";
}

#[derive(Serialize)]
struct Row {
    position: i64,
    fiscal_code: String,
    name: String,
    subject: String,
    files: Vec<String>,
    state: String,
    number: Option<String>,
    url: Option<String>,
    faults: Vec<String>,
}

impl Row {
    fn of(words: &Words<'_>, line: LineView) -> Self {
        Self {
            position: line.position,
            faults: faults(words, &line),
            fiscal_code: line.line.fiscal_code,
            name: line.line.name,
            subject: line.line.subject,
            files: line.line.files,
            state: line.state,
            number: line.number,
            url: line.message.map(|message| format!("/ufficio/messaggi/{message}")),
        }
    }
}

/// What is wrong with a line, and what to do.
fn faults(words: &Words<'_>, line: &LineView) -> Vec<String> {
    let told = |fault: &plico_desk::deposit::check::Fault| {
        let about = match (fault.code.as_str(), fault.about.parse::<u64>()) {
            ("large", Ok(bytes)) => words.size(bytes),
            _ => fault.about.clone(),
        };
        let args = plico_locale::Args::new().with("about", about);
        words.with(&format!("deposit-fault-{}", fault.code), &args)
    };
    line.faults.iter().map(told).collect()
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, &actor, &id, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let DepositView { row, lines, files, checked } = app.desk.deposit(actor, id).await?;
    let words = Words::of(app, context);
    let (bad, good): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| !line.faults.is_empty());
    let more = good.len().saturating_sub(SHOWN);
    let wrong = !errors.is_empty();
    let page = DepositPage {
        waiting: row.lines - row.sent - row.failed - row.left_out,
        wrong: checked.wrong(),
        unused: checked.unused,
        twice: checked.twice,
        files: files.len(),
        rows: bad.into_iter().chain(good.into_iter().take(SHOWN)).map(|line| Row::of(&words, line)).collect(),
        more,
        most_lines: sheet::MOST_LINES,
        limit: app.desk.limits(&actor.administration).file_bytes,
        base: format!("{BASE}/{id}"),
        name: row.name,
        office: row.office_name,
        author: row.author_name,
        effect: row.effect,
        state: row.state,
        at: row.created_ms,
        lines: row.lines,
        sent: row.sent,
        failed: row.failed,
        left_out: row.left_out,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

/// A file of a form whole, of at most `most` bytes.
pub(crate) async fn whole(mut file: File<'_>, most: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = file.chunk().await? {
        if bytes.len() + chunk.len() > most {
            return Err(Refusal::too_large(most as u64).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Takes one file of a deposit: its list, a ZIP of many, or one that goes with a letter.
pub(crate) async fn take(
    app: &App,
    actor: &Actor,
    id: &str,
    file: File<'_>,
) -> Result<Result<(), Vec<FieldError>>, Error> {
    if file.name == "list" {
        let bytes = whole(file, sheet::MOST_BYTES).await?;
        return invalid(app.desk.deposit_list(actor, id, &bytes).await);
    }
    let owner = app.desk.deposit_files(actor, id).await?;
    if file.file_name.to_lowercase().ends_with(".zip") {
        let bytes = whole(file, ZIP_BYTES).await?;
        return unzip(app, actor, &owner, bytes).await;
    }
    receive(app, actor, &owner, file).await?;
    Ok(Ok(()))
}

/// Takes every file of a ZIP. One that is empty is then said to be missing.
async fn unzip(
    app: &App,
    actor: &Actor,
    owner: &Owner,
    bytes: Vec<u8>,
) -> Result<Result<(), Vec<FieldError>>, Error> {
    let wrong = |unfit: Unfit| {
        let code = match unfit {
            Unfit::Unreadable => "deposit_zip",
            Unfit::Encrypted => "deposit_encrypted",
            Unfit::TooMany => "deposit_many",
            Unfit::TooLarge => "deposit_large",
        };
        Ok(Err(vec![FieldError::of("files", code)]))
    };
    let most = app.desk.limits(&actor.administration).file_bytes;
    let (bytes, scanner) = (Arc::new(bytes), scanner(app.shell.config()));
    let packed = match unpack::list(&bytes) {
        Ok(packed) => packed,
        Err(unfit) => return wrong(unfit),
    };
    for file in packed {
        let (from, of) = (bytes.clone(), file.clone());
        let content = tokio::task::spawn_blocking(move || unpack::read(&from, &of, most)).await;
        let content = match content.map_err(Error::fault)? {
            Ok(content) => content,
            Err(unfit) => return wrong(unfit),
        };
        if content.is_empty() {
            continue;
        }
        let mut upload = app.desk.begin_upload(actor, owner, &file.name).await?;
        upload.write(&content).await?;
        app.desk.finish_upload(upload, async |reader: &BlobReader| scan(&scanner, reader).await).await?;
    }
    Ok(Ok(()))
}

async fn bring(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    mut form: Upload,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.deposit_files(&actor, &id).await?;
    let mut wrong = Vec::new();
    while let Some(piece) = form.next().await? {
        if let Piece::File(file) = piece
            && let Err(errors) = take(&app, &actor, &id, file).await?
        {
            wrong.extend(errors);
        }
    }
    if wrong.is_empty() {
        return Ok(done(&format!("{BASE}/{id}"), "caricato").into_response());
    }
    let wrong = Words::of(&app, &context).wrong(&wrong);
    page(&app, &context, &actor, &id, wrong).await
}

async fn take_away(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.drop_deposit_files(&actor, &id).await?;
    Ok(done(&format!("{BASE}/{id}"), "caricato").into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Start {
    leave_out: String,
}

async fn start(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Start>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.start_deposit(&actor, &id, !form.leave_out.is_empty()).await)? {
        Ok(()) => Ok(done(&format!("{BASE}/{id}"), "avviato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, &id, wrong).await
        }
    }
}

async fn repeat(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.repeat_deposit(&actor, &id).await?;
    Ok(done(&format!("{BASE}/{id}"), "avviato").into_response())
}

async fn discard(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.discard_deposit(&actor, &id).await?;
    Ok(done(BASE, "eliminato").into_response())
}

/// What became of each line, for a spreadsheet.
async fn outcome(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let view = app.desk.deposit(&actor, &id).await?;
    let words = Words::of(&app, &context);
    let heads = ["line", "code", "name", "subject", "files", "state", "number", "faults"];
    let mut rows = vec![heads.map(|head| words.t(&format!("deposit-col-{head}"))).to_vec()];
    for line in view.lines {
        let faults = faults(&words, &line).join(" ");
        rows.push(vec![
            line.position.to_string(),
            line.line.fiscal_code,
            line.line.name,
            line.line.subject,
            line.line.files.join("|"),
            words.t(&format!("deposit-line-{}", line.state)),
            line.number.unwrap_or_default(),
            faults,
        ]);
    }
    let csv = sheet::write(rows).map_err(Error::fault)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"deposito-{id}.csv\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, csv).into_response())
}
