//! What operations answer with.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_archive::ActError;
use plico_crypto::digest;
use plico_desk::{FieldError, Refusal as Refused};
use plico_locale::Args;
use plico_vault::BlobReader;
use serde::Serialize;

use crate::app::App;
use crate::http::{Context, Error};

/// A JSON object with the tag of its content; 304 when the caller has it already.
pub fn json(asked: &HeaderMap, value: &impl Serialize) -> Result<Response, Error> {
    let body = serde_json::to_vec(value).map_err(Error::fault)?;
    // Weak: on its way the answer may be compressed.
    let tag = format!("W/\"{}\"", &digest::to_hex(&digest::sha256(&body))[..32]);
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = if known.split(',').any(|one| one.trim() == tag || one.trim() == "*") {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    };
    let tag = HeaderValue::from_str(&tag).expect("plain ASCII");
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}

/// A file as it was sealed, with its digest (RFC 9530) so that the caller can check what arrived.
pub fn file(name: &str, media_type: &str, sha256_hex: &str, reader: BlobReader) -> Response {
    let mut response = crate::web::download::attachment(name, media_type, sha256_hex, reader);
    if let Some(digest) = digest::from_hex::<32>(sha256_hex)
        && let Ok(value) = HeaderValue::from_str(&format!("sha-256=:{}:", BASE64.encode(digest)))
    {
        response.headers_mut().insert(HeaderName::from_static("repr-digest"), value);
    }
    response
}

/// A refusal of the desk; fields that do not fit are named one by one.
pub fn refused(app: &App, context: &Context, error: ActError<Refused>) -> Result<Response, Error> {
    match error {
        ActError::Refused(Refused::Invalid(fields)) => Ok(invalid(app, context, &fields)),
        other => Err(other.into()),
    }
}

fn invalid(app: &App, context: &Context, fields: &[FieldError]) -> Response {
    let text = |key: &str, args: &Args| app.desk.catalogue().text(context.lang(), key, args);
    let errors: Vec<_> = fields
        .iter()
        .map(|field| {
            let args = Args::new().with("limit", field.limit.unwrap_or_default() as i64);
            let detail = text(&format!("field-{}", field.code), &args);
            serde_json::json!({"field": field.field, "code": field.code, "detail": detail})
        })
        .collect();
    let problem = serde_json::json!({
        "type": format!("{}/api/problems/invalid", app.shell.config().public_url),
        "title": text("problem-invalid-title", &Args::new()),
        "status": 422,
        "detail": text("problem-invalid-text", &Args::new()),
        "instance": format!("urn:plico:request:{}", context.id()),
        "errors": errors,
    });
    problem_json(StatusCode::UNPROCESSABLE_ENTITY, &problem)
}

/// A problem document as it stands.
pub fn problem_json(status: StatusCode, problem: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}
