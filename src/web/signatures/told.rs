//! What the pages about signatures show of a verdict.

use plico_desk::verdict::{Class, Verdict, Verdicts, ms, worth};
use plico_signature::proof::{ChainReport, Moment, PoeSource, RevocationState, StampKind, StampReport};
use plico_signature::qualification::QualificationReport;
use plico_signature::report::{Indication, SignatureReport};
use plico_signature::revocation::Source;
use plico_signature::tsl::ListReport;
use serde::Serialize;

use super::OFFICE;
use crate::web::file::{File, word};

/// What the pages show.
#[derive(Serialize)]
pub(super) struct Told {
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
    /// Trusted lists that were asked.
    lists: Vec<List>,
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
    qualification: Option<Worth>,
}

/// What a signature is worth in law, as trusted lists say it.
#[derive(Serialize)]
struct Worth {
    code: String,
    settled: bool,
    reasons: Vec<String>,
    at: Option<i64>,
    provider: Option<String>,
    service: Option<String>,
    issued: Option<String>,
    signed: Option<String>,
}

/// A trusted list.
#[derive(Serialize)]
struct List {
    territory: String,
    sequence: u64,
    issued: Option<i64>,
    next: Option<i64>,
    expired: bool,
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

/// What the pages show, below the addresses that begin with `area`.
pub(super) fn told(verdicts: &Verdicts, area: &str) -> Told {
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
        lists: newest.iter().flat_map(|verdict| &verdict.report.trusted_lists).map(list).collect(),
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
        qualification: found.qualification.as_ref().map(qualification),
    });
    for over in &found.counter_signatures {
        push(over, layer, true, all);
    }
}

fn list(of: &ListReport) -> List {
    List {
        territory: of.territory.clone(),
        sequence: of.sequence,
        issued: ms(&of.issued),
        next: of.next_update.as_deref().and_then(ms),
        expired: of.expired,
    }
}

fn qualification(told: &QualificationReport) -> Worth {
    let (code, settled) = worth(told.result);
    let name = |reason| serde_json::to_value(reason).ok()?.as_str().map(str::to_owned);
    Worth {
        code,
        settled,
        reasons: told.reasons.iter().filter_map(name).collect(),
        at: ms(&told.at),
        provider: told.provider.clone(),
        service: told.service.clone(),
        issued: told.status_at_issuance.clone(),
        signed: told.status_at_signing.clone(),
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
