//! Why a request got no answer: a *refusal*, which the person can mend, or a *fault*, which we must.

use std::fmt;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use plico_database::DatabaseError;

/// Something the person can mend: what, why, how.
///
/// The `code` is stable: it is the end of the problem's type in the API and the key of its texts in the catalogues
/// (`problem-<code>-title`, `problem-<code>-text`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Status of the answer.
    pub status: StatusCode,
    /// Stable name.
    pub code: &'static str,
    /// What the texts mention, e.g. a limit.
    pub arguments: Vec<(&'static str, String)>,
    /// What was typed, so that it can be given back. Never passwords.
    pub typed: Vec<(String, String)>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with nothing to add.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, arguments: Vec::new(), typed: Vec::new(), retry_after: None }
    }

    /// Adds something that the texts mention.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }

    /// 404, for what is not there and for what this visitor must not know to be there: the same words, no hint.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found")
    }

    /// 401: nobody is signed in. A page sends the visitor to the sign-in and back.
    pub fn sign_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign-in")
    }

    /// 403: signed in, but this act is not his.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// 403: he worked for another, and that has ended.
    pub fn ended() -> Self {
        Self::new(StatusCode::FORBIDDEN, "ended")
    }

    /// 403: the request was started by another site.
    pub fn foreign_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign-origin")
    }

    /// 403: the form's token is missing or of another session. What was typed is given back.
    pub fn form_expired(typed: Vec<(String, String)>) -> Self {
        Self { typed, ..Self::new(StatusCode::FORBIDDEN, "form-expired") }
    }

    /// 400: the request cannot be read.
    pub fn unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable")
    }

    /// 413: more bytes than allowed.
    pub fn too_large(limit_bytes: u64) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large").with("limit", limit_bytes)
    }

    /// 408: the sender stopped sending.
    pub fn broken_off() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "broken-off")
    }

    /// 429: too often.
    pub fn too_often(retry_after_seconds: u64) -> Self {
        Self {
            retry_after: Some(retry_after_seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often").with("seconds", retry_after_seconds)
        }
    }

    /// 503: we cannot now, e.g. because the disk is full.
    pub fn unavailable(code: &'static str, retry_after_seconds: u64) -> Self {
        Self { retry_after: Some(retry_after_seconds), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code) }
    }
}

/// Why a handler has no answer.
///
/// There is deliberately no conversion from any error whatsoever: whoever writes a page decides whether an
/// error of the desk is a refusal or a fault.
#[derive(Debug)]
pub enum Error {
    /// The person can mend it.
    Refusal(Refusal),
    /// We must mend it. Logged once, with the request id; only the id leaves the house.
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A fault: `.map_err(Error::fault)?`. But a text that no database can hold came with the request.
    pub fn fault(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let error = error.into();
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
        while let Some(link) = cause {
            if let Some(DatabaseError::Unstorable) = link.downcast_ref() {
                return Refusal::unreadable().into();
            }
            cause = link.source();
        }
        Self::Fault(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        if error.is_full() { Refusal::unavailable("disk-full", 300).into() } else { Self::fault(error) }
    }
}

/// What a response carries until [`super::request`] makes a page or a problem document of it: only there are
/// language and request id known.
#[derive(Clone, Debug)]
pub(super) struct Failed(pub(super) std::sync::Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Refusal(refusal) => refusal.status,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Failed(std::sync::Arc::new(self)));
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Error::Refusal(self).into_response()
    }
}

#[cfg(test)]
mod tests {
    use plico_archive::ArchiveError;

    use super::*;

    #[test]
    fn what_no_database_holds_is_the_requests_matter() {
        let refused = Error::fault(ArchiveError::Database(DatabaseError::Unstorable));
        assert!(matches!(refused, Error::Refusal(refusal) if refusal.status == StatusCode::BAD_REQUEST));
        assert!(matches!(Error::fault(ArchiveError::Database(DatabaseError::NotFound)), Error::Fault(_)));
    }
}
