//! What is known of a document's signatures.

use axum::extract::State;
use axum::http::header::HeaderMap;
use axum::response::Response;
use plico_desk::token::Scope;
use plico_desk::verdict::{Verdict, Verdicts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::api::wire::instant;
use crate::app::App;
use crate::http::{Error, Path};

/// What is known of a document's signatures.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signatures {
    /// Identifier of the document.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub document: String,
    /// SHA-256 of the document, lower-case hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Every verdict that was kept, the newest first; none for a document that cannot hold signatures.
    #[schema(max_items = 101)]
    pub verdicts: Vec<VerdictGiven>,
}

/// A verdict, as it was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictGiven {
    /// When.
    #[schema(format = DateTime, max_length = 24)]
    pub at: String,
    /// The worst of its signatures: `TOTAL_PASSED`, `INDETERMINATE`, `TOTAL_FAILED`, `NO_SIGNATURE_FOUND`.
    #[schema(max_length = 30)]
    pub indication: String,
    /// The whole report, as `plico signature --json` prints it: names are never changed, new ones are added.
    #[schema(value_type = Object)]
    pub report: serde_json::Value,
}

impl Signatures {
    /// From what the desk tells.
    pub fn of(verdicts: &Verdicts) -> Self {
        Self {
            document: verdicts.document.id.clone(),
            sha256: verdicts.document.sha256.clone(),
            verdicts: verdicts.verdicts.iter().map(given).collect(),
        }
    }
}

fn given(verdict: &Verdict) -> VerdictGiven {
    let report = serde_json::to_value(&verdict.report).unwrap_or_default();
    VerdictGiven {
        at: instant(verdict.at),
        indication: report["indication"].as_str().unwrap_or_default().to_owned(),
        report,
    }
}

/// Read what is known of a document's signatures
///
/// Each verdict that was kept: when the document came, when it had its number, and when more was known. What could not be
/// checked is `INDETERMINATE`, never valid. What an office sent must have been opened before.
#[utoipa::path(
    get,
    path = "/documents/{id}/signatures",
    operation_id = "readSignatures",
    tag = "documents",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the document.")),
    responses(
        (status = 200, description = "The verdicts.", body = Signatures,
            headers(("ETag" = String, description = "Tag of the content."))),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 404, description = "Not there, or not yours."),
    ),
    security(("token" = ["documents:read"]))
)]
pub async fn signatures(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = caller.with(Scope::ReadDocuments)?;
    let verdicts = app.desk.verdicts(actor, &id).await?;
    answer::json(&headers, &Signatures::of(&verdicts))
}
