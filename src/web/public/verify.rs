//! The public verification of a receipt or a dossier. The anchors are this installation's own, and the page says so: whoever wants
//! to be independent of it runs `plico verify` with a policy got elsewhere.

use std::fs::File as StdFile;

use axum::extract::State;
use axum::response::{Redirect, Response};
use plico_crypto::Digest;
use plico_crypto::digest::{Sha256, from_hex};
use plico_evidence::beside::MAX_EVIDENCE;
use plico_evidence::enclosure::Enclosure;
use plico_evidence::{Given, Policy};
use serde::Serialize;

use super::verify_shown::Shown;
use super::{verify_dossier, verify_shown};
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::{File, Piece};
use crate::http::{Context, Error, Refusal, Upload};
use crate::web::public::log::own_policy;
use crate::web::words::{Words, Wrong};

/// How a ZIP begins.
const ZIP: &[u8] = b"PK\x03\x04";
/// Bytes of a receipt: ours have a few hundred kilobytes.
const RECEIPT_LIMIT: u64 = 20 * 1024 * 1024;

/// The page.
#[derive(Serialize)]
pub struct VerifyPage {
    /// What is wrong with the form.
    pub errors: Vec<Wrong>,
    /// What was typed.
    pub form: Form,
    /// Bytes of one file.
    pub limit: u64,
    /// The offline verifier; none in a build without assets.
    pub offline: Option<Offline>,
    /// What came out.
    pub result: Option<Shown>,
}

/// What was typed.
#[derive(Default, Serialize)]
pub struct Form {
    /// The code of a document.
    pub code: String,
}

/// The offline verifier, as it is handed out.
#[derive(Serialize)]
pub struct Offline {
    /// Bytes.
    pub size: usize,
    /// SHA-256, for people to compare.
    pub sha256: &'static str,
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "page/public/verify.html";
    const NAV: &'static str = "verify";
}

/// The page with an answer or with what is wrong.
pub fn show(
    app: &App,
    context: &Context,
    errors: Vec<Wrong>,
    code: String,
    result: Option<Shown>,
) -> Result<Response, Error> {
    let wrong = !errors.is_empty();
    let limit = app.shell.config().limits.upload_max_bytes;
    let offline = crate::http::assets::verifier();
    let offline = offline.map(|file| Offline { size: file.bytes.len(), sha256: &file.sha256 });
    let page = VerifyPage { errors, form: Form { code }, limit, offline, result };
    app.shell.form(context, &page, wrong)
}

/// `GET /verifica`.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    show(&app, &context, Vec::new(), String::new(), None)
}

/// `GET /verifica/documento`: somebody reloaded.
pub async fn again() -> Redirect {
    Redirect::to("/verifica")
}

/// The digest of a file of which nothing is kept.
pub async fn digest(file: &mut File<'_>) -> Result<Digest, Error> {
    let mut digest = Sha256::new();
    while let Some(chunk) = file.chunk().await? {
        digest.update(&chunk);
    }
    Ok(digest.finish())
}

/// What a browser says of a file that it hashed and kept, in the form of `sha256sum`: digest, two spaces, name.
pub fn told(value: &str) -> Option<(String, Digest)> {
    let (digest, name) = value.split_once("  ")?;
    Some((plico_package::name::clean(name), from_hex(digest)?))
}

/// What is to be verified.
enum Brought {
    Receipt(Vec<u8>),
    Dossier(StdFile),
}

/// A receipt is held in memory, a dossier in a file without a name.
async fn brought(app: &App, file: &mut File<'_>) -> Result<Brought, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = file.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.starts_with(ZIP) {
            return verify_dossier::keep(&app.shell.config().data_dir, bytes, file)
                .await
                .map(Brought::Dossier);
        }
        if bytes.len() as u64 > RECEIPT_LIMIT {
            return Err(Refusal::too_large(RECEIPT_LIMIT).into());
        }
    }
    Ok(Brought::Receipt(bytes))
}

/// A file of which everything is wanted, up to a limit in bytes.
async fn whole(file: &mut File<'_>, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = file.chunk().await? {
        if bytes.len() as u64 + chunk.len() as u64 > limit {
            return Err(Refusal::too_large(limit).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// `POST /verifica`. The only form that answers without a redirection: its answer is of what was sent, and of nothing
/// that is kept.
pub async fn verify(State(app): State<App>, context: Context, mut upload: Upload) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let words = Words::of(&app, &context);
    let (mut first, mut documents, mut evidence) = (None, Vec::new(), Vec::new());
    while let Some(piece) = upload.next().await? {
        let mut file = match piece {
            Piece::Text { name, value } if name == "digest" => {
                documents.extend(told(&value));
                continue;
            }
            Piece::Text { .. } => continue,
            Piece::File(file) => file,
        };
        let name = plico_package::name::clean(&file.file_name);
        if file.name == "receipt" && first.is_none() {
            first = Some((name, brought(&app, &mut file).await?));
        } else if file.name == "evidence" {
            evidence.push(whole(&mut file, MAX_EVIDENCE as u64).await?);
        } else {
            documents.push((name, digest(&mut file).await?));
        }
    }
    let wrong = |text: &str| vec![Wrong { field: "receipt".into(), text: words.t(text) }];
    let Some((name, brought)) = first else {
        return show(&app, &context, wrong("field-required"), String::new(), None);
    };
    let policy = Policy::parse(own_policy(&app).await?.as_bytes()).map_err(Error::fault)?;
    let now_ms = context.now_ms();
    let bytes = match brought {
        Brought::Receipt(bytes) => bytes,
        Brought::Dossier(_) if !documents.is_empty() || !evidence.is_empty() => {
            return show(&app, &context, wrong("verify-dossier-alone"), String::new(), None);
        }
        Brought::Dossier(file) => {
            let limit = app.shell.config().limits.upload_max_bytes;
            return match verify_dossier::report(file, policy, now_ms, limit).await? {
                Some(report) => {
                    let result = verify_shown::dossier(&words, name, &report);
                    show(&app, &context, Vec::new(), String::new(), Some(result))
                }
                None => show(&app, &context, wrong("verify-dossier-large"), String::new(), None),
            };
        }
    };
    let report = tokio::task::spawn_blocking(move || {
        let given = Given { documents: &documents, evidence: &evidence };
        let report = plico_evidence::verify(&bytes, &given, Some(&policy), now_ms);
        let holds_proof = Enclosure::read(&bytes)
            .is_ok_and(|found| found.leaf.is_some() || found.parts.is_some() || found.proof.is_some());
        (report, holds_proof)
    });
    let (report, holds_proof) = report.await.map_err(Error::fault)?;
    // Nothing of a receipt in it: any other PDF, or a scan. A receipt that was damaged gets its report.
    if !holds_proof && report.facts.sealed_by.is_none() {
        return show(&app, &context, wrong("verify-no-receipt"), String::new(), None);
    }
    let result = verify_shown::receipt(&words, name, &report);
    show(&app, &context, Vec::new(), String::new(), Some(result))
}
