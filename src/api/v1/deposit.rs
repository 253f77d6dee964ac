//! Letters by fiscal code, many at once, in one call; and what became of them.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use plico_crypto::digest::sha256;
use plico_desk::deposit::{DepositForm, DepositView, LineView};
use plico_desk::token::Scope;
use plico_desk::{Actor, FieldError};
use plico_locale::Args;
use serde::Serialize;
use utoipa::ToSchema;

use super::send::key;
use crate::api::answer;
use crate::api::caller::Caller;
use crate::app::App;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Path, Refusal, Upload};
use crate::web::office::deposit::take;

/// Letters by fiscal code. The fields stand before the files.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is read piece by piece; this describes it")]
pub struct NewDeposit {
    /// Identifier of the office that sends.
    #[schema(max_length = 64)]
    office: String,
    /// What it is called among the office's deposits.
    #[schema(max_length = 200)]
    name: String,
    /// Effect of each letter: `courtesy`, `communication`, `notification`.
    #[schema(max_length = 20)]
    effect: String,
    /// `true`: lines that are wrong, and files that no line names, are left out; otherwise nothing leaves while there are any.
    #[schema(max_length = 5)]
    leave_out: Option<String>,
    /// The list, as CSV in UTF-8: its first line names the columns `fiscal_code`, `name`, `subject`, `text`, `files`. Up to 1000
    /// lines; names of several files are parted by `|`.
    #[schema(value_type = String, format = Binary)]
    list: Vec<u8>,
    /// The files that the list names, or a ZIP that holds them.
    #[schema(value_type = Vec<String>, format = Binary, max_items = 50, required = false)]
    files: Vec<Vec<u8>>,
}

/// A deposit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deposit {
    /// Identifier.
    #[schema(max_length = 40)]
    id: String,
    /// What it is called.
    #[schema(max_length = 200)]
    name: String,
    /// `sending` or `done`.
    #[schema(max_length = 20)]
    state: String,
    /// Lines that are letters.
    #[schema(format = Int64, minimum = 0, maximum = 1000)]
    sent: i64,
    /// Lines that could not be sent.
    #[schema(format = Int64, minimum = 0, maximum = 1000)]
    failed: i64,
    /// Its lines, in order.
    #[schema(max_items = 1000)]
    lines: Vec<DepositLine>,
}

/// A line of a deposit.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositLine {
    /// Its place in the list, from 1.
    #[schema(format = Int64, minimum = 1, maximum = 1000)]
    line: i64,
    /// Fiscal code.
    #[schema(max_length = 50_000)]
    tax_code: String,
    /// `left_out`, `waiting`, `sent`, `failed`.
    #[schema(max_length = 20)]
    state: String,
    /// The letter that it is.
    #[schema(max_length = 40)]
    message: Option<String>,
    /// The letter's number; none while an outside registry is asked for it.
    #[schema(max_length = 30)]
    registration_number: Option<String>,
    /// What is wrong with it.
    #[schema(max_items = 200)]
    errors: Vec<LineError>,
}

/// What is wrong with a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineError {
    /// Stable name.
    #[schema(max_length = 40)]
    code: String,
    /// What it is and what to do.
    #[schema(max_length = 50_000)]
    detail: String,
}

impl Deposit {
    fn of(app: &App, context: &Context, view: DepositView) -> Self {
        let line = |line: LineView| DepositLine {
            line: line.position,
            errors: errors(app, context, &line),
            tax_code: line.line.fiscal_code,
            state: line.state,
            message: line.message,
            registration_number: line.number,
        };
        Self {
            id: view.row.id,
            name: view.row.name,
            state: view.row.state,
            sent: view.row.sent,
            failed: view.row.failed,
            lines: view.lines.into_iter().map(line).collect(),
        }
    }
}

fn errors(app: &App, context: &Context, line: &LineView) -> Vec<LineError> {
    let told = |fault: &plico_desk::deposit::check::Fault| {
        let args = Args::new().with("about", fault.about.clone());
        let detail =
            app.desk.catalogue().text(context.lang(), &format!("deposit-fault-{}", fault.code), &args);
        LineError { code: fault.code.clone(), detail }
    };
    line.faults.iter().map(told).collect()
}

/// Send letters by fiscal code
///
/// Looked at first: while a line is wrong nothing leaves, and each is told. Then every line becomes a letter, registered and made
/// available to its person, even to one who has never signed in. For tokens of operators.
#[utoipa::path(
    post,
    path = "/deposits",
    operation_id = "createDeposit",
    tag = "deposits",
    params((
        "Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]{1,255}$",
        description = "Chosen by the caller, one for each deposit; a repetition must use the same."
    )),
    request_body(content = NewDeposit, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "It is being sent.", body = Deposit,
            headers(("Location" = String, description = "Where it is told what became of each line."))),
        (status = 400, description = "The request cannot be read, or its key is missing."),
        (status = 403, description = "The token is not an operator's."),
        (status = 413, description = "Too large, or too many files."),
        (status = 422, description = "Lines or files are wrong, each named, or the key was used for something else."),
    ),
    security(("token" = ["messages:write"]))
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    request: Request,
) -> Result<Response, Error> {
    let actor = caller.with(Scope::WriteMessages)?;
    plico_desk::Desk::admit(actor, plico_record::authority::Deed::Answer)?;
    let key = format!("deposit/{}", key(request.headers())?);
    let mut brought = None;
    let outcome = bring(&app, actor, request, &mut brought).await;
    let (id, leave_out) = match (outcome, brought) {
        (Ok(Ok(leave_out)), Some(id)) => (id, leave_out),
        (outcome, id) => {
            if let Some(id) = id {
                app.desk.discard_deposit(actor, &id).await?;
            }
            return match outcome? {
                Err(errors) => answer::refused(&app, &context, errors),
                Ok(_) => Err(Refusal::unreadable().into()),
            };
        }
    };
    let asked = asked(&app, actor, &id, leave_out).await?;
    let known = match app.desk.claim_key(actor, &key, asked, &id).await {
        Ok(known) => known,
        Err(error) => {
            app.desk.discard_deposit(actor, &id).await?;
            return answer::refused(&app, &context, error);
        }
    };
    if known == id {
        let view = app.desk.deposit(actor, &id).await?;
        if let Err(error) = app.desk.start_deposit(actor, &id, leave_out).await {
            app.desk.forget_key(actor, &key, &id).await?;
            app.desk.discard_deposit(actor, &id).await?;
            return if view.checked.clean() {
                answer::refused(&app, &context, error)
            } else {
                Ok(wrong(&app, &context, &view))
            };
        }
    } else {
        // A repetition: what it brought is not needed. What the first one claimed and did not start starts now.
        app.desk.discard_deposit(actor, &id).await?;
        if app.desk.deposit(actor, &known).await?.row.state == "draft" {
            match app.desk.start_deposit(actor, &known, leave_out).await {
                // The first one goes on after all.
                Ok(()) | Err(plico_archive::ActError::Refused(plico_desk::Refusal::Exists)) => {}
                Err(error) => return answer::refused(&app, &context, error),
            }
        }
    }
    let view = app.desk.deposit(actor, &known).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/deposits/{known}")).map_err(Error::fault)?;
    let body = Deposit::of(&app, &context, view);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(body)).into_response())
}

type Wrong = plico_archive::ActError<plico_desk::Refusal>;

fn invalid(errors: Vec<FieldError>) -> Wrong {
    plico_archive::ActError::Refused(plico_desk::Refusal::Invalid(errors))
}

/// Takes the deposit, which is `brought` from its first file on; answers whether what is wrong is to be left out.
async fn bring(
    app: &App,
    actor: &Actor,
    request: Request,
    brought: &mut Option<String>,
) -> Result<Result<bool, Wrong>, Error> {
    let mut upload = Upload::from_request(request, app).await?.of_a_token();
    let (mut form, mut leave_out) = (DepositForm { source: "api", ..DepositForm::default() }, false);
    while let Some(piece) = upload.next().await? {
        match piece {
            Piece::Text { name, value } => match name.as_str() {
                "office" => form.office = value,
                "name" => form.name = value,
                "effect" => form.effect = value,
                "leave_out" => leave_out = value == "true",
                _ => return Err(Refusal::unreadable().into()),
            },
            Piece::File(file) => {
                if brought.is_none() {
                    match app.desk.begin_deposit(actor, form.clone()).await {
                        Ok(id) => *brought = Some(id),
                        Err(error @ plico_archive::ActError::Refused(_)) => return Ok(Err(error)),
                        Err(error) => return Err(error.into()),
                    }
                }
                let id = brought.clone().unwrap_or_default();
                if let Err(errors) = take(app, actor, &id, file).await? {
                    return Ok(Err(invalid(errors)));
                }
            }
        }
    }
    if brought.is_none() {
        return Ok(Err(invalid(vec![FieldError::required("list")])));
    }
    Ok(Ok(leave_out))
}

/// SHA-256 of all that was asked: what makes two requests the same.
async fn asked(app: &App, actor: &Actor, id: &str, leave_out: bool) -> Result<[u8; 32], Error> {
    let view = app.desk.deposit(actor, id).await?;
    let lines: Vec<_> = view
        .lines
        .iter()
        .map(|line| {
            (&line.line.fiscal_code, &line.line.name, &line.line.subject, &line.line.text, &line.line.files)
        })
        .collect();
    let files: Vec<_> = view.files.iter().map(|file| (&file.name, &file.sha256)).collect();
    let all = (&view.row.office, &view.row.name, &view.row.effect, leave_out, lines, files);
    Ok(sha256(&serde_json::to_vec(&all).map_err(Error::fault)?))
}

/// Every line that is wrong, and every file that is.
fn wrong(app: &App, context: &Context, view: &DepositView) -> Response {
    let text = |key: &str| app.desk.catalogue().text(context.lang(), key, &Args::new());
    let mut all = Vec::new();
    for line in &view.lines {
        for error in errors(app, context, line) {
            let field = format!("list/{}", line.position);
            all.push(serde_json::json!({"field": field, "code": error.code, "detail": error.detail}));
        }
    }
    for (names, code, key) in
        [(&view.checked.unused, "unused", "deposit-unused"), (&view.checked.twice, "twice", "deposit-twice")]
    {
        for name in names {
            let detail = format!("{} {name}", text(key));
            all.push(serde_json::json!({"field": "files", "code": code, "detail": detail}));
        }
    }
    let problem = serde_json::json!({
        "type": format!("{}/api/problems/invalid", app.shell.config().public_url),
        "title": text("problem-invalid-title"),
        "status": 422,
        "detail": text("field-deposit_faults"),
        "instance": format!("urn:plico:request:{}", context.id()),
        "errors": all,
    });
    answer::problem_json(StatusCode::UNPROCESSABLE_ENTITY, &problem)
}

/// Read a deposit
///
/// What became of each line.
#[utoipa::path(
    get,
    path = "/deposits/{id}",
    operation_id = "readDeposit",
    tag = "deposits",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the deposit.")),
    responses(
        (status = 200, description = "What became of each line.", body = Deposit,
            headers(("ETag" = String, description = "Tag of the content."))),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 404, description = "Not there, or not of your offices."),
    ),
    security(("token" = ["messages:read"]))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let view = app.desk.deposit(caller.with(Scope::ReadMessages)?, &id).await?;
    answer::json(&headers, &Deposit::of(&app, &context, view))
}
