//! Everything about the signatures of a document: for the person in words, for the office with what to do, for the auditor
//! with every certificate, time and source; and the same as files to take away.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::verdict::{Class, Verdict, Verdicts, ms};
use plico_record::authority::Deed;
use plico_signature::proof::{ChainReport, Moment, PoeSource, RevocationState, StampKind, StampReport};
use plico_signature::report::{Indication, SignatureReport};
use plico_signature::revocation::Source;
use serde::{Deserialize, Serialize};

use super::confirm::Yes;
use super::file::{File, word};
use super::list::{done, say_done};
use super::{actor, citizen, download};
use crate::api::v1::signatures::Signatures;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};

/// The pages of people.
pub fn of_people() -> Router<App> {
    Router::new()
        .route("/documenti/{id}/firme", get(to_person))
        .route("/documenti/{id}/firme/dati.json", get(data_to_person))
        .route("/documenti/{id}/firme/rapporto.pdf", get(paper_to_person))
        .route("/documenti/{id}/firme/rapporto.xml", get(etsi_to_person))
}

/// The pages of the office.
pub fn of_office() -> Router<App> {
    Router::new()
        .route("/ufficio/documenti/{id}/firme", get(to_office))
        .route("/ufficio/documenti/{id}/firme/verifica", post(check_again))
        .route("/ufficio/documenti/{id}/firme/dati.json", get(data))
        .route("/ufficio/documenti/{id}/firme/rapporto.pdf", get(paper))
        .route("/ufficio/documenti/{id}/firme/rapporto.xml", get(etsi))
}

/// The pages of the auditor; his gate has asked who he is, and each look is an event.
pub fn of_auditor() -> Router<App> {
    Router::new()
        .route("/revisore/documenti/{id}/firme", get(to_auditor))
        .route("/revisore/documenti/{id}/firme/dati.json", get(data))
        .route("/revisore/documenti/{id}/firme/rapporto.pdf", get(paper))
        .route("/revisore/documenti/{id}/firme/rapporto.xml", get(etsi))
}

const OFFICE: &str = "/ufficio";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    fatto: Option<String>,
}

/// What the pages show.
#[derive(Serialize)]
struct Told {
    /// Where one came from.
    message: Link,
    file: File,
    number: Option<String>,
    registered_ms: Option<i64>,
    /// What it comes to.
    class: &'static str,
    /// When it was last looked at.
    at: Option<i64>,
    layers: usize,
    trailing_bytes: u64,
    signatures: Vec<Signed>,
    earlier: Vec<Earlier>,
    files: Files,
    /// Where it is looked at again.
    again: Option<String>,
}

#[derive(Serialize)]
struct Link {
    name: String,
    url: String,
}

#[derive(Serialize)]
struct Files {
    json: String,
    pdf: String,
    xml: String,
}

/// What was said before.
#[derive(Serialize)]
struct Earlier {
    at: i64,
    class: &'static str,
}

/// One signature.
#[derive(Serialize)]
struct Signed {
    name: String,
    fiscal_code: Option<String>,
    organization: Option<String>,
    class: &'static str,
    /// Over another signature, and not over the document.
    counter: bool,
    /// Envelope, 1 outermost.
    layer: usize,
    claimed: Option<i64>,
    issuer: Option<String>,
    from: Option<i64>,
    until: Option<i64>,
    certificate: Option<String>,
    format: String,
    digest: String,
    algorithm: String,
    times: Vec<Time>,
    stamps: Vec<Stamp>,
    chain: Vec<Certificate>,
    findings: Vec<String>,
}

/// The verdict at one instant.
#[derive(Serialize)]
struct Time {
    /// `now`, `claimed`, `opposable`.
    which: &'static str,
    at: Option<i64>,
    verdict: &'static str,
    reason: Option<String>,
    reference: Option<PoeSource>,
    name: Option<String>,
}

#[derive(Serialize)]
struct Stamp {
    kind: StampKind,
    at: Option<i64>,
    authority: Option<String>,
    /// `trusted`, `intact`, `broken`.
    state: &'static str,
}

#[derive(Serialize)]
struct Certificate {
    name: Option<String>,
    /// The last of the path, which the installation believes.
    anchor: bool,
    state: Option<RevocationState>,
    since: Option<i64>,
    source: Option<Source>,
    made: Option<i64>,
    next: Option<i64>,
    sha256: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct ForPerson(Told);

#[derive(Serialize)]
#[serde(transparent)]
struct ForOffice(Told);

#[derive(Serialize)]
#[serde(transparent)]
struct ForAuditor(Told);

impl Page for ForPerson {
    const TEMPLATE: &'static str = "page/citizen/signatures.html";
    const NAV: &'static str = "messages";
}

impl Page for ForOffice {
    const TEMPLATE: &'static str = "page/office/signatures.html";
    const NAV: &'static str = "queue";
}

impl Page for ForAuditor {
    const TEMPLATE: &'static str = "page/auditor/signatures.html";
    const NAV: &'static str = "search";
}

async fn to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    let verdicts = app.desk.verdicts(&actor, &id).await?;
    app.shell.page(&context, &ForPerson(told(&verdicts, "")))
}

async fn to_office(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    say_done(&app, &context, asked.fatto.as_deref());
    let verdicts = app.desk.verdicts(&actor(&app, &context).await?, &id).await?;
    app.shell.page(&context, &ForOffice(told(&verdicts, OFFICE)))
}

/// Nobody waits for it but who asks: it reads one file.
async fn check_again(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    app.desk.check_again(&actor(&app, &context).await?, &id).await?;
    Ok(done(&format!("{OFFICE}/documenti/{id}/firme"), "verificato").into_response())
}

async fn to_auditor(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let verdicts = app.desk.verdicts(&actor, &id).await?;
    app.shell.page(&context, &ForAuditor(told(&verdicts, "/revisore")))
}

async fn data_to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    as_data(&app.desk.verdicts(&actor, &id).await?)
}

async fn paper_to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    as_paper(&app, &context, app.desk.verdicts(&actor, &id).await?).await
}

async fn etsi_to_person(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = citizen::citizen(&app, &context).await?;
    as_etsi(&app.desk.verdicts(&actor, &id).await?)
}

async fn data(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    as_data(&app.desk.verdicts(&actor(&app, &context).await?, &id).await?)
}

async fn paper(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let verdicts = app.desk.verdicts(&actor(&app, &context).await?, &id).await?;
    as_paper(&app, &context, verdicts).await
}

async fn etsi(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    as_etsi(&app.desk.verdicts(&actor(&app, &context).await?, &id).await?)
}

fn as_data(verdicts: &Verdicts) -> Result<Response, Error> {
    let json = serde_json::to_vec_pretty(&Signatures::of(verdicts)).map_err(Error::fault)?;
    let name = format!("{}.firme.json", verdicts.document.name);
    Ok((download::headers(&name, "application/json"), json).into_response())
}

async fn as_paper(app: &App, context: &Context, verdicts: Verdicts) -> Result<Response, Error> {
    let name = format!("{}.firme.pdf", verdicts.document.name);
    let pdf = app.desk.verdict_paper(verdicts, context.lang()).await?;
    Ok((download::headers(&name, "application/pdf"), pdf).into_response())
}

fn as_etsi(verdicts: &Verdicts) -> Result<Response, Error> {
    let name = format!("{}.firme.xml", verdicts.document.name);
    let xml = plico_desk::verdict::etsi(verdicts)?;
    Ok((download::headers(&name, "application/xml"), xml).into_response())
}

/// What the pages show, below the addresses that begin with `area`.
fn told(verdicts: &Verdicts, area: &str) -> Told {
    let (document, message) = (&verdicts.document, &verdicts.message);
    let place = format!("{area}/documenti/{}", document.id);
    let newest = verdicts.verdicts.first();
    let files = |name: &str| format!("{place}/firme/{name}");
    let number = message.registration_number();
    Told {
        message: Link {
            name: number.clone().unwrap_or_else(|| message.subject.clone()),
            url: format!("{area}/messaggi/{}", message.id),
        },
        file: File { details: None, ..File::of_document(document, &place) },
        registered_ms: message.registered_ms.filter(|_| number.is_some()),
        number,
        class: newest.map_or(Class::NotSigned, Class::of_all).code(),
        at: newest.map(|verdict| verdict.at),
        layers: newest.map_or(0, |verdict| layers(verdict).count()),
        trailing_bytes: newest.map_or(0, |verdict| verdict.report.trailing_bytes),
        signatures: newest.map(signatures).unwrap_or_default(),
        earlier: verdicts.verdicts.iter().skip(1).map(earlier).collect(),
        again: (area == OFFICE && newest.is_some()).then(|| format!("{place}/firme/verifica")),
        files: Files { json: files("dati.json"), pdf: files("rapporto.pdf"), xml: files("rapporto.xml") },
    }
}

fn earlier(verdict: &Verdict) -> Earlier {
    Earlier { at: verdict.at, class: Class::of_all(verdict).code() }
}

fn layers(verdict: &Verdict) -> impl Iterator<Item = &plico_signature::Report> {
    std::iter::successors(Some(&verdict.report), |layer| layer.nested.as_deref())
        .filter(|layer| !layer.signatures.is_empty())
}

fn signatures(verdict: &Verdict) -> Vec<Signed> {
    let mut all = Vec::new();
    for (layer, report) in layers(verdict).enumerate() {
        for found in &report.signatures {
            push(found, layer + 1, false, &mut all);
        }
    }
    all
}

/// A signature, and after it those that were made over it.
fn push(found: &SignatureReport, layer: usize, counter: bool, all: &mut Vec<Signed>) {
    let signer = &found.signer;
    let at = |text: &Option<String>| text.as_deref().and_then(ms);
    let times = found.times.as_ref();
    let moments = [
        ("now", times.map(|times| &times.now)),
        ("opposable", times.and_then(|times| times.opposable.as_ref())),
        ("claimed", times.and_then(|times| times.claimed.as_ref())),
    ];
    all.push(Signed {
        name: plico_signature::plain::name(signer).unwrap_or_else(|| "?".into()),
        fiscal_code: signer.fiscal_code.clone(),
        organization: signer.organization.clone(),
        class: Class::of(found).code(),
        counter,
        layer,
        claimed: at(&found.claimed_signing_time),
        issuer: signer.issuer.clone(),
        from: at(&signer.not_before),
        until: at(&signer.not_after),
        certificate: signer.certificate_sha256.clone(),
        format: code(&found.format),
        digest: found.digest_algorithm.clone(),
        algorithm: found.signature_algorithm.clone(),
        times: moments.into_iter().filter_map(|(which, moment)| Some(time(which, moment?))).collect(),
        stamps: found.time_stamps.iter().map(stamp).collect(),
        chain: found.chain.iter().map(certificate).collect(),
        findings: found.reasons.iter().copied().map(word).collect(),
    });
    for over in &found.counter_signatures {
        push(over, layer, true, all);
    }
}

/// The name that the report's JSON has for a value, as the end of a key.
fn code(value: &impl Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.and_then(|name| name.as_str().map(|name| name.to_lowercase().replace('_', "-"))).unwrap_or_default()
}

fn time(which: &'static str, moment: &Moment) -> Time {
    Time {
        which,
        at: ms(&moment.at),
        verdict: match moment.indication {
            Indication::TotalPassed => "valid",
            Indication::TotalFailed => "invalid",
            _ => "indeterminate",
        },
        reason: moment.sub_indication.as_ref().map(code),
        reference: moment.reference,
        name: moment.name.clone(),
    }
}

fn stamp(found: &StampReport) -> Stamp {
    Stamp {
        kind: found.kind,
        at: found.at.as_deref().and_then(ms),
        authority: found.authority.clone(),
        state: match (found.intact, found.trusted) {
            (true, true) => "trusted",
            (true, false) => "intact",
            (false, _) => "broken",
        },
    }
}

fn certificate(link: &ChainReport) -> Certificate {
    let known = link.revocation.as_ref();
    let at = |text: Option<&String>| text.and_then(|text| ms(text));
    Certificate {
        name: link.subject.clone(),
        anchor: known.is_none(),
        state: known.map(|known| known.state),
        since: at(known.and_then(|known| known.since.as_ref())),
        source: known.and_then(|known| known.source),
        made: at(known.and_then(|known| known.made.as_ref())),
        next: at(known.and_then(|known| known.next.as_ref())),
        sha256: link.sha256.clone(),
    }
}
