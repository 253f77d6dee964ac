//! Sending a message with its files in one call: presented and registered when the answer comes.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use plico_crypto::digest::{sha256, to_hex};
use plico_desk::draft::{Purpose, Words};
use plico_desk::once::Once;
use plico_desk::token::Scope;
use plico_desk::upload::Owner;
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::app::App;
use crate::clock::random_bytes;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Refusal, Upload};

/// Bytes of a JSON body.
const JSON_LIMIT: usize = 1024 * 1024;
/// Characters of a key.
const KEY_LIMIT: usize = 255;

/// A message to an office.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Code of its kind, as the body publishes them. Not needed with `reply_to` or `add_to`.
    #[serde(default)]
    #[schema(max_length = 64)]
    kind: String,
    /// Identifier of the office. Not needed with `reply_to` or `add_to`.
    #[serde(default)]
    #[schema(max_length = 64)]
    office: String,
    /// Subject.
    #[serde(default)]
    #[schema(max_length = 250)]
    subject: String,
    /// Text, plain.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    text: String,
    /// The message it answers.
    #[serde(default)]
    #[schema(max_length = 40)]
    reply_to: String,
    /// One's own message that it adds to.
    #[serde(default)]
    #[schema(max_length = 40)]
    add_to: String,
}

/// A message to an office with its files, as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is read piece by piece; this describes it")]
pub struct NewMessageForm {
    /// Code of its kind, as the body publishes them. Not needed with `reply_to` or `add_to`.
    #[schema(max_length = 64)]
    kind: Option<String>,
    /// Identifier of the office. Not needed with `reply_to` or `add_to`.
    #[schema(max_length = 64)]
    office: Option<String>,
    /// Subject.
    #[schema(max_length = 250)]
    subject: String,
    /// Text, plain.
    #[schema(max_length = 20_000)]
    text: String,
    /// The message it answers.
    #[schema(max_length = 40)]
    reply_to: Option<String>,
    /// One's own message that it adds to.
    #[schema(max_length = 40)]
    add_to: Option<String>,
    /// Files, in order. What each is, is measured from its bytes.
    #[schema(value_type = Vec<String>, format = Binary, max_items = 50, required = false)]
    files: Vec<Vec<u8>>,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sent {
    /// Identifier of the message.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    id: String,
    /// Number in the register.
    #[schema(max_length = 30, pattern = "^[0-9]{7,20}/[0-9]{4}$", examples("0000123/2026"))]
    registration_number: Option<String>,
}

/// Send a message to an office
///
/// Presented and registered in one act. The same key with the same content gives the first answer again; receipts
/// follow within seconds and are listed in the message's status.
#[utoipa::path(
    post,
    path = "/messages",
    operation_id = "createMessage",
    tag = "messages",
    params((
        "Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]{1,255}$",
        description = "Chosen by the caller, one for each message; a repetition must use the same."
    )),
    request_body(content(
        (NewMessage = "application/json"),
        (NewMessageForm = "multipart/form-data"),
    ), description = "The message; with files as a form."),
    responses(
        (status = 201, description = "Presented and registered.", body = Sent,
            headers(("Location" = String, description = "Where the message is."))),
        (status = 400, description = "The request cannot be read, or its key is missing."),
        (status = 404, description = "What it answers or adds to is not there for you."),
        (status = 408, description = "The sender stopped sending."),
        (status = 409, description = "The state of what it answers does not allow it, or another call with this key is under way."),
        (status = 413, description = "Too large, or too many files."),
        (status = 415, description = "Neither JSON nor a form."),
        (status = 422, description = "Some fields do not fit, or the key was used for something else."),
    ),
    security(("token" = ["messages:write"]))
)]
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    request: Request,
) -> Result<Response, Error> {
    let actor = caller.with(Scope::WriteMessages)?;
    // Files of somebody who cannot send are not even received.
    if actor.person().is_none() {
        return Err(Refusal::forbidden().into());
    }
    let key = key(request.headers())?;
    let token = to_hex(&random_bytes::<16>());
    let (files, _) = app.desk.form_files(actor, &token).await?;
    let written = match receive(&app, actor, &files, request).await {
        Ok(written) => written,
        Err(error) => {
            app.desk.drop_files(&files).await?;
            return Err(error);
        }
    };
    let about = match (written.reply_to.as_str(), written.add_to.as_str()) {
        ("", "") => None,
        (id, "") => Some((Purpose::Reply, id.to_owned())),
        ("", id) => Some((Purpose::Addition, id.to_owned())),
        _ => {
            app.desk.drop_files(&files).await?;
            let error = FieldError::of("add_to", "unknown");
            let error = plico_archive::ActError::Refused(plico_desk::Refusal::Invalid(vec![error]));
            return answer::refused(&app, &context, error);
        }
    };
    let once =
        Once { key, request: digest(&app, &written, &files).await?, words: written.words(), about, files };
    match app.desk.file_once(actor, once).await {
        Ok((filed, _)) => {
            let location = HeaderValue::from_str(&format!("/api/v1/messages/{}", filed.message))
                .map_err(Error::fault)?;
            let sent = Sent { id: filed.message, registration_number: filed.number };
            Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(sent)).into_response())
        }
        Err(error) => answer::refused(&app, &context, error),
    }
}

pub(super) fn key(headers: &HeaderMap) -> Result<String, Refusal> {
    headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok())
        .filter(|key| (1..=KEY_LIMIT).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()))
        .map(str::to_owned)
        .ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "key-needed"))
}

/// Takes the message, its files to the vault.
async fn receive(app: &App, actor: &Actor, files: &Owner, request: Request) -> Result<NewMessage, Error> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => {
            let body = axum::body::to_bytes(request.into_body(), JSON_LIMIT).await;
            let body = body.map_err(|_| Refusal::too_large(JSON_LIMIT as u64))?;
            Ok(serde_json::from_slice(&body).map_err(|_| Refusal::unreadable())?)
        }
        "multipart/form-data" => {
            let mut form = Upload::from_request(request, app).await?.of_a_token();
            let mut written = NewMessage::default();
            while let Some(piece) = form.next().await? {
                match piece {
                    Piece::Text { name, value } => {
                        *written.field(&name).ok_or_else(Refusal::unreadable)? = value;
                    }
                    Piece::File(file) => {
                        crate::web::receive::receive(app, actor, files, file).await?;
                    }
                }
            }
            Ok(written)
        }
        _ => Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type").into()),
    }
}

/// SHA-256 of all that was asked: what makes two requests the same.
async fn digest(app: &App, written: &NewMessage, files: &Owner) -> Result<[u8; 32], Error> {
    let files = app.desk.uploads_of(files).await?;
    let files: Vec<_> = files.iter().map(|file| (&file.name, &file.sha256)).collect();
    Ok(sha256(&serde_json::to_vec(&(written, files)).map_err(Error::fault)?))
}

impl NewMessage {
    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "kind" => &mut self.kind,
            "office" => &mut self.office,
            "subject" => &mut self.subject,
            "text" => &mut self.text,
            "reply_to" => &mut self.reply_to,
            "add_to" => &mut self.add_to,
            _ => return None,
        })
    }

    fn words(&self) -> Words {
        Words {
            kind: self.kind.clone(),
            office: self.office.clone(),
            subject: self.subject.clone(),
            text: self.text.clone(),
        }
    }
}
