//! XML signatures by themselves: XAdES (ETSI EN 319 132-1) in a document, around a content, or over files beside it,
//! through the same verdict as every other signature.

mod content;
mod counter;
mod cover;
pub(crate) mod stamps;
pub(crate) mod write;

use std::cell::Cell;
use std::io;

use plico_crypto::verify::{Algorithm, Hash, Outcome};

use crate::believe::{self, Belief, Subject};
use crate::certificate::Certificate;
use crate::check::{self, Findings, Rules, Setting};
use crate::inspect::Options;
use crate::instant;
use crate::level;
use crate::material::Material;
use crate::path::Judge;
use crate::report::{
    Container, Format, Indication, Problem, Reason, Report, SignatureReport, SubIndication, worst,
};
use crate::signer;
use crate::source::{Source, take};
use crate::stamp::{self, Stamp};
use crate::strength;
use crate::xml::properties::{self, Properties};
use crate::xml::reference::{Outside, Reference};
use crate::xml::signature::{self, Signature};
use crate::xml::{self, At, Document, Limits, Work, XmlError};

pub(crate) use content::only_content;
use counter::Over;

/// Signatures of one document that are looked at.
const MAX_SIGNATURES: usize = 64;
/// Counter-signatures of one document that are looked at.
const MAX_COUNTERS: u32 = 64;

/// The report on an XML document; its content is filled in by the caller.
pub(crate) fn report(
    source: &mut dyn Source,
    outside: &Outside<'_>,
    options: &Options<'_>,
) -> io::Result<Report> {
    let unread = |indication, problem| Ok(Report::bare(Container::Xades, indication, Some(problem)));
    if source.size() > Limits::DOCUMENT.bytes as u64 {
        return unread(Indication::Indeterminate, Problem::TooComplex);
    }
    let bytes = take(source, 0, Limits::DOCUMENT.bytes)?;
    let document = match xml::parse(&bytes, Limits::DOCUMENT) {
        Ok(document) => document,
        Err(XmlError::TooMuch) => return unread(Indication::Indeterminate, Problem::TooComplex),
        Err(XmlError::Malformed) => return unread(Indication::TotalFailed, Problem::Damaged),
        Err(XmlError::DocumentType | XmlError::Encoding) => {
            return unread(Indication::Indeterminate, Problem::Unsupported);
        }
    };
    let found = signatures(&document, outside, options);
    match found {
        None => unread(Indication::Indeterminate, Problem::TooComplex),
        Some(found) if found.is_empty() => {
            Ok(Report::bare(Container::None, Indication::NoSignatureFound, None))
        }
        Some(found) => {
            let mut report = Report::bare(Container::Xades, worst(&found), None);
            report.sub_indication = None;
            report.signatures = found;
            Ok(report)
        }
    }
}

/// Every signature of a document; nothing when there are more than are looked at.
fn signatures(
    document: &Document,
    outside: &Outside<'_>,
    options: &Options<'_>,
) -> Option<Vec<SignatureReport>> {
    let places = signature::all(document);
    if places.len() > MAX_SIGNATURES {
        return None;
    }
    let context = Context { outside, options, work: Work::new(), counters: Cell::new(MAX_COUNTERS) };
    Some(places.into_iter().map(|at| one(at, Over::File, &context)).collect())
}

/// What the signatures of one document have in common.
struct Context<'a> {
    outside: &'a Outside<'a>,
    options: &'a Options<'a>,
    work: Work,
    /// Counter-signatures that may still be looked at.
    counters: Cell<u32>,
}

fn one(at: At<'_>, over: Over, context: &Context<'_>) -> SignatureReport {
    let options = context.options;
    let Some(signature) = Signature::read(at) else {
        let sub = SubIndication::FormatFailure;
        return check::unread(Indication::TotalFailed, sub, Reason::Malformed, Format::XmlDsig);
    };
    let mut findings = Findings::default();
    let (parts, covered) = cover::parts(&signature, over, context, &mut findings);
    let properties = properties::read(&signature);
    let signed = properties.as_ref().filter(|found| covered.contains(&found.signed.node));
    if properties.is_some() && signed.is_none() {
        findings.doubt(SubIndication::SigConstraintsFailure, Reason::PropertiesUnsigned);
    }
    let mut material = Material::default();
    if let Some(properties) = &properties {
        enclosed(properties, &mut material);
    }
    let brought: Vec<&Vec<u8>> = signature.certificates.iter().chain(&material.certificates).collect();
    let certificates: Vec<Certificate<'_>> =
        brought.iter().filter_map(|der| Certificate::read(der)).collect();
    let certificate = signer_of(&signature, signed, &certificates);
    if certificate.is_none() {
        findings.doubt(SubIndication::NoSigningCertificateFound, Reason::CertificateMissing);
    }
    let fits = mathematics(&signature, certificate, &mut findings);
    let intact = fits && parts.iter().all(|part| part.intact);
    let format = format(&signature, signed, certificate, &covered, &mut findings);

    let judge = options.anchors.map(|anchors| {
        let mut judge = Judge::new(anchors, options.at_ms);
        judge.wanted = options.wanted;
        judge.add(certificates.iter().cloned());
        judge.hear(&material.evidence, true);
        if let Some(evidence) = options.evidence {
            judge.hear(evidence, false);
        }
        judge
    });
    let found = properties.as_ref().map(|all| stamps::all(&signature, all, &context.work));
    let (mut stamps, untold) = found.unwrap_or_default();
    if let Some(judge) = &judge {
        stamp::vouch(&mut stamps, judge, options.poes);
    }
    let hash = weakest(&signature, options.at_ms);
    let subject = |certificate| Subject {
        certificate,
        hash,
        algorithm: signature.algorithm(),
        claimed_ms: signed.and_then(Properties::signing_time),
    };
    let none = Cell::new(0);
    let setting = setting(&certificates, judge.as_ref(), options, &none);
    let belief = match certificate {
        Some(certificate) => believe::judge(&subject(certificate), &stamps, &setting, &mut findings),
        None => Belief::default(),
    };
    if untold || (judge.is_none() && !stamps.is_empty()) {
        findings.notes.push(Reason::TimeStampNotChecked);
    }
    findings.notes.extend(stamps.iter().filter_map(|stamp| stamp.report().reason));
    let names = (
        hash.map_or_else(String::new, |hash| signer::hash_name(hash).into()),
        signature.algorithm().map_or_else(|| signature.algorithm_id.to_owned(), signer::algorithm_name),
    );
    let described = certificate.map(check::describe).unwrap_or_default();
    let level = level::of(format, &stamps, belief.complete);
    let mut report = check::finish(findings, intact, level, described, names);
    report.claimed_signing_time = signed.and_then(Properties::signing_time).map(instant::rfc3339);
    report.claimed_roles = signed.map(Properties::roles).unwrap_or_default();
    report.times = belief.times;
    report.time_stamps = stamps.iter().map(Stamp::report).collect();
    report.chain = belief.chain;
    report.qualification = belief.qualification;
    report.signed_parts = parts;
    if let Some(properties) = &properties {
        let (counters, more) = counter::all(&signature, properties, over, context);
        report.counter_signatures = counters;
        if more {
            report.reasons.push(Reason::CounterSignaturesLeft);
        }
    }
    report
}

/// What is not of CMS in a setting stays empty.
fn setting<'a>(
    certificates: &'a [Certificate<'a>],
    judge: Option<&'a Judge<'a>>,
    options: &'a Options<'a>,
    budget: &'a Cell<u32>,
) -> Setting<'a> {
    Setting {
        certificates,
        content_type: &[],
        digest: &|_| None,
        content_is_attributes: false,
        judge,
        poes: options.poes,
        documents: &[],
        envelope_certificates: &[],
        envelope_revocations: &[],
        older: None,
        at_ms: options.at_ms,
        rules: Rules::Cades,
        budget,
    }
}

/// The signer's certificate: the one that the signed properties name; else one whose key fits, and it will be said
/// that nobody named it.
fn signer_of<'c, 'a>(
    signature: &Signature<'_>,
    signed: Option<&Properties<'_>>,
    certificates: &'c [Certificate<'a>],
) -> Option<&'c Certificate<'a>> {
    let named = certificates
        .iter()
        .find(|certificate| signed.is_some_and(|signed| signed.names(certificate.der) == Some(true)));
    let fits = |certificate: &&Certificate<'_>| signature.fits(certificate.spki) == Outcome::Valid;
    named.or_else(|| certificates.iter().take(8).find(fits)).or_else(|| certificates.first())
}

fn mathematics(
    signature: &Signature<'_>,
    certificate: Option<&Certificate<'_>>,
    findings: &mut Findings,
) -> bool {
    let Some(certificate) = certificate else { return false };
    match signature.fits(certificate.spki) {
        Outcome::Valid => true,
        Outcome::Invalid => {
            findings.fail(SubIndication::SigCryptoFailure, Reason::SignatureDoesNotFit);
            false
        }
        Outcome::Unsupported(_) => {
            findings.doubt(SubIndication::CryptoConstraintsFailure, Reason::AlgorithmUnsupported);
            false
        }
    }
}

fn format(
    signature: &Signature<'_>,
    signed: Option<&Properties<'_>>,
    certificate: Option<&Certificate<'_>>,
    covered: &[usize],
    findings: &mut Findings,
) -> Format {
    let Some(signed) = signed else {
        findings.doubt(SubIndication::SigConstraintsFailure, Reason::SigningCertificateMissing);
        return Format::XmlDsig;
    };
    if signed.is_ambiguous() {
        findings.doubt(SubIndication::SigConstraintsFailure, Reason::SigningCertificateTwice);
        return Format::XmlDsig;
    }
    // A signed key with its certificate names the signer as well (ETSI TS 101 903 §4.4.1).
    let key_is_signed = signature.key_info.is_some_and(|key| covered.contains(&key.node));
    match certificate.and_then(|certificate| signed.names(certificate.der)) {
        Some(true) => {}
        Some(false) => {
            findings.doubt(SubIndication::NoSigningCertificateFound, Reason::SigningCertificateDiffers);
            return Format::XmlDsig;
        }
        None if key_is_signed => return Format::XadesBes,
        None => {
            findings.doubt(SubIndication::SigConstraintsFailure, Reason::SigningCertificateMissing);
            return Format::XmlDsig;
        }
    }
    if signed.signing_time().is_some() {
        Format::XadesB
    } else {
        findings.notes.push(Reason::NoSigningTime);
        Format::XadesBes
    }
}

/// Certificates and evidence that came with the signature.
fn enclosed(properties: &Properties<'_>, material: &mut Material) {
    for at in stamps::elements(properties) {
        for token in stamps::tokens(at) {
            material.take_token(&token);
        }
    }
    material.certificates.extend(properties.values("CertificateValues", "EncapsulatedX509Certificate"));
    for list in properties.values("RevocationValues", "EncapsulatedCRLValue") {
        material.evidence.push_crl(&list);
    }
    for answer in properties.values("RevocationValues", "EncapsulatedOCSPValue") {
        material.evidence.push_response(&answer);
    }
}

/// Of the digests of references the one that proves the least.
fn weakest(signature: &Signature<'_>, at_ms: i64) -> Option<Hash> {
    let mut all = signature.references.iter().map(Reference::hash);
    let first = all.next()?;
    let weak = |hash: &Option<Hash>| strength::weakness(*hash, None::<Algorithm>, &[], at_ms).is_some();
    all.find(weak).unwrap_or(first)
}
