//! The public verification of a receipt. The anchors are this installation's own, and the page says so: whoever wants
//! to be independent of it runs `plico verify` with a policy got elsewhere.

use axum::extract::State;
use axum::response::{Redirect, Response};
use plico_crypto::Digest;
use plico_crypto::digest::Sha256;
use plico_evidence::beside::MAX_EVIDENCE;
use plico_evidence::enclosure::Enclosure;
use plico_evidence::{CheckResult, Facts, Given, Policy, Report, Verdict};
use plico_locale::{Args, Lang};
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::{File, Piece};
use crate::http::{Context, Error, Refusal, Upload};
use crate::web::public::log::own_policy;
use crate::web::words::{Words, Wrong};

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
    /// What came out.
    pub result: Option<Shown>,
}

/// What was typed.
#[derive(Default, Serialize)]
pub struct Form {
    /// The code of a document.
    pub code: String,
}

/// A result as shown.
#[derive(Serialize)]
pub struct Shown {
    /// `ok`, `failed` or `incomplete`.
    pub verdict: &'static str,
    /// Name of the file.
    pub name: String,
    /// What it says.
    pub facts: Vec<Fact>,
    /// Check by check.
    pub checks: Vec<Check>,
}

/// A fact.
#[derive(Serialize)]
pub struct Fact {
    label: String,
    value: String,
    mono: bool,
}

/// A check.
#[derive(Serialize)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// `ok`, `failed` or `absent`.
    pub result: &'static str,
    /// Why.
    pub detail: Option<String>,
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "page/public/verify.html";
    const NAV: &'static str = "verify";
}

impl Fact {
    /// A fact in words.
    pub fn new(label: String, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), mono: false }
    }

    /// A fact to be compared letter by letter.
    pub fn mono(label: String, value: impl Into<String>) -> Self {
        Self { mono: true, ..Self::new(label, value) }
    }
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
    let page = VerifyPage { errors, form: Form { code }, limit, result };
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
    let (mut receipt, mut documents, mut evidence) = (None, Vec::new(), Vec::new());
    while let Some(piece) = upload.next().await? {
        let Piece::File(mut file) = piece else { continue };
        let name = plico_package::name::clean(&file.file_name);
        if file.name == "receipt" && receipt.is_none() {
            receipt = Some((name, whole(&mut file, RECEIPT_LIMIT).await?));
        } else if file.name == "evidence" {
            evidence.push(whole(&mut file, MAX_EVIDENCE as u64).await?);
        } else {
            documents.push((name, digest(&mut file).await?));
        }
    }
    let Some((name, bytes)) = receipt else {
        let wrong = Wrong { field: "receipt".into(), text: words.t("field-required") };
        return show(&app, &context, vec![wrong], String::new(), None);
    };
    let policy = Policy::parse(own_policy(&app).await?.as_bytes()).map_err(Error::fault)?;
    let now_ms = context.now_ms();
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
        let wrong = Wrong { field: "receipt".into(), text: words.t("verify-no-receipt") };
        return show(&app, &context, vec![wrong], String::new(), None);
    }
    let result = shown(&words, name, &report);
    show(&app, &context, Vec::new(), String::new(), Some(result))
}

fn shown(words: &Words<'_>, name: String, report: &Report) -> Shown {
    let verdict = match report.verdict {
        Verdict::Ok => "ok",
        Verdict::Failed => "failed",
        Verdict::Incomplete => "incomplete",
    };
    let checks = report.checks.iter().map(|check| {
        let name = serde_json::to_value(check.name).ok();
        let name = name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        let result = match check.result {
            CheckResult::Ok => "ok",
            CheckResult::Failed => "failed",
            CheckResult::Absent => "absent",
        };
        // The verifier speaks English; whoever reads Italian gets the check's own words, and what it means that it
        // failed or could not be made.
        let detail = match (words.lang(), check.result) {
            (Lang::En, _) => Some(check.detail.clone()).filter(|detail| !detail.is_empty()),
            (_, CheckResult::Absent) => Some(words.t(&format!("check-absent-{name}"))),
            (_, CheckResult::Failed) => Some(words.t(&format!("check-failed-{name}"))),
            _ => None,
        };
        Check { name, result, detail }
    });
    Shown { verdict, name, facts: facts(words, &report.facts), checks: checks.collect() }
}

fn facts(words: &Words<'_>, facts: &Facts) -> Vec<Fact> {
    let label = |key: &str| words.t(key);
    let text = |part: &str, field: &str| {
        let value = facts.parts.get(part)?.get(field)?;
        value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
    };
    let mut list = Vec::new();
    if let Some(kind) = &facts.kind {
        list.push(Fact::new(label("fact-what"), words.t(&format!("event-{}", kind.replace('.', "-")))));
    }
    if let Some(instant) = facts.instant.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok()) {
        list.push(Fact::new(label("fact-when"), words.datetime(instant.as_millisecond())));
    }
    for (key, bound) in [("fact-not-before", &facts.not_before), ("fact-not-after", &facts.not_after)] {
        let at = bound.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        list.extend(at.map(|at| Fact::new(label(key), words.datetime(at.as_millisecond()))));
    }
    list.extend(text("actor", "name").map(|name| Fact::new(label("fact-who"), name)));
    if let (Some(number), Some(year)) = (text("register", "number"), text("register", "year")) {
        let (number, year) = (number.parse().unwrap_or_default(), year.parse().unwrap_or_default());
        let number = plico_record::part::registration_number(number, year);
        list.push(Fact::new(label("fact-number"), number));
    }
    for (field, key) in [("from", "fact-from"), ("to", "fact-to")] {
        let at = facts.parts.get("act").and_then(|act| act.get(field)?.as_i64());
        list.extend(at.map(|at| Fact::new(label(key), words.datetime(at))));
    }
    let content = facts.parts.get("act").and_then(|act| act.get("content"));
    let subject = content.and_then(|content| content.get("subject")?.as_str().map(str::to_owned));
    let subject = text("register", "subject").or(subject);
    list.extend(subject.map(|subject| Fact::new(label("fact-subject"), subject)));
    for document in &facts.documents {
        let given = if document.given { "fact-document-given" } else { "fact-document" };
        let args = Args::new().with("name", document.name.clone());
        list.push(Fact::mono(words.with(given, &args), document.sha256.clone()));
    }
    if let (Some(origin), Some(index)) = (&facts.origin, facts.index) {
        list.push(Fact::mono(label("fact-place"), format!("{origin} #{index}")));
    }
    list.extend(facts.succeeds.as_ref().map(|before| {
        let args = Args::new().with("origin", before.origin.clone()).with("size", before.size.to_string());
        Fact::new(label("fact-succeeds"), words.with("fact-succeeds-value", &args))
    }));
    list.extend(facts.sealed_by.clone().map(|name| Fact::new(label("fact-sealed-by"), name)));
    list.push(Fact::new(label("fact-anchors"), words.t("fact-anchors-own")));
    list
}
