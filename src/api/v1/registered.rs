//! A letter that an outside registry numbered, brought to the person it is for.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use plico_crypto::digest::{sha256, to_hex};
use plico_desk::Actor;
use plico_desk::addressee::Recipient;
use plico_desk::push::Registered;
use plico_desk::token::Scope;
use plico_desk::upload::Owner;
use plico_record::part::OutsideNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::send::key;
use crate::api::answer;
use crate::api::caller::Caller;
use crate::app::App;
use crate::clock::random_bytes;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Refusal, Upload};

/// A letter with its number. The fields stand before the files.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewRegisteredLetter {
    /// Identifier of the office that sends.
    #[schema(max_length = 64)]
    office: String,
    /// Fiscal code of who gets it.
    #[schema(max_length = 16)]
    tax_code: String,
    /// His name; may be left out for a person who is known.
    #[schema(max_length = 200)]
    recipient_name: Option<String>,
    /// His e-mail, for the notice.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// `courtesy`, `communication` or `notification`.
    #[schema(max_length = 20)]
    effect: String,
    /// Subject, as registered.
    #[schema(max_length = 250)]
    subject: String,
    /// Text, plain.
    #[schema(max_length = 20_000)]
    text: Option<String>,
    /// Name of the registry system.
    #[schema(max_length = 60)]
    system: String,
    /// Registry area of the number: not the one of this service's own register.
    #[schema(max_length = 60)]
    area: String,
    /// The number, digits only.
    #[schema(max_length = 18, pattern = "^[0-9]{1,18}$")]
    number: String,
    /// Day of the registration, `YYYY-MM-DD`; its year is the number's.
    #[schema(max_length = 10)]
    date: String,
    /// The registry's own identifier.
    #[schema(max_length = 200)]
    reference: Option<String>,
    /// The registry's mark (*segnatura*).
    #[schema(max_length = 200)]
    mark: Option<String>,
}

/// A letter with its number and its files, as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is read piece by piece; this describes it")]
pub struct NewRegisteredLetterForm {
    /// What is known of it.
    #[schema(inline)]
    #[schema(value_type = NewRegisteredLetter)]
    letter: NewRegisteredLetter,
    /// Files: the first one is what was registered.
    #[schema(value_type = Vec<String>, format = Binary, max_items = 50)]
    files: Vec<Vec<u8>>,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredLetter {
    /// Identifier of the message.
    #[schema(max_length = 40)]
    id: String,
    /// Identifier of the delivery.
    #[schema(max_length = 40)]
    delivery: Option<String>,
    /// Number in that registry.
    #[schema(max_length = 30)]
    registration_number: Option<String>,
}

/// Bring a letter that another registry numbered
///
/// What an office registered outgoing in its own system is made available to the person with this fiscal code, under that number: this
/// service gives it none. The field `letter` is JSON. The same key with the same content gives the first answer again. For tokens of
/// operators.
#[utoipa::path(
    post,
    path = "/registered-letters",
    operation_id = "createRegisteredLetter",
    tag = "deposits",
    params((
        "Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]{1,255}$",
        description = "Chosen by the caller, one for each letter; a repetition must use the same."
    )),
    request_body(content = NewRegisteredLetterForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "Available to its recipient.", body = RegisteredLetter),
        (status = 400, description = "The request cannot be read, or its key is missing."),
        (status = 403, description = "The token is not an operator's."),
        (status = 413, description = "Too large, or too many files."),
        (status = 422, description = "Some fields do not fit, the number is another letter's, or the key was used for something else."),
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
    let key = key(request.headers())?;
    let token = to_hex(&random_bytes::<16>());
    let (files, _) = app.desk.form_files(actor, &token).await?;
    let said = match receive(&app, actor, &files, request).await {
        Ok(said) => said,
        Err(error) => {
            app.desk.drop_files(&files).await?;
            return Err(error);
        }
    };
    let uploads = app.desk.uploads_of(&files).await?;
    let brought: Vec<_> = uploads.iter().map(|file| (&file.name, &file.sha256)).collect();
    let digest = sha256(&serde_json::to_vec(&(&said, brought)).map_err(Error::fault)?);
    match app.desk.push_letter(actor, &key, digest, said.letter(), files).await {
        Ok(sent) => {
            let sent = RegisteredLetter {
                id: sent.message,
                delivery: sent.delivery,
                registration_number: sent.number,
            };
            Ok((StatusCode::CREATED, Json(sent)).into_response())
        }
        Err(error) => answer::refused(&app, &context, error),
    }
}

async fn receive(
    app: &App,
    actor: &Actor,
    files: &Owner,
    request: Request,
) -> Result<NewRegisteredLetter, Error> {
    let mut form = Upload::from_request(request, app).await?.of_a_token();
    let mut said = None;
    while let Some(piece) = form.next().await? {
        match piece {
            Piece::Text { name, value } if name == "letter" => {
                said = Some(serde_json::from_str(&value).map_err(|_| Refusal::unreadable())?);
            }
            Piece::Text { .. } => return Err(Refusal::unreadable().into()),
            Piece::File(file) => {
                crate::web::receive::receive(app, actor, files, file).await?;
            }
        }
    }
    said.ok_or_else(|| Refusal::unreadable().into())
}

impl NewRegisteredLetter {
    fn letter(&self) -> Registered {
        let short = |text: &Option<String>| text.iter().flat_map(|text| text.chars()).take(200).collect();
        Registered {
            office: self.office.clone(),
            recipient: Recipient {
                fiscal_code: self.tax_code.clone(),
                name: self.recipient_name.clone().unwrap_or_default(),
                email: self.email.clone().unwrap_or_default(),
                ..Recipient::default()
            },
            effect: self.effect.clone(),
            subject: self.subject.clone(),
            text: self.text.clone().unwrap_or_default(),
            area: self.area.clone(),
            year: self.date.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default(),
            number: self.number.parse().unwrap_or_default(),
            outside: OutsideNumber {
                system: self.system.trim().to_owned(),
                date: self.date.clone(),
                reference: short(&self.reference),
                mark: short(&self.mark),
            },
        }
    }
}
