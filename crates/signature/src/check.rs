//! The checks on one signer, in the order of ETSI EN 319 102-1 §5.3: format, signing certificate, digest,
//! mathematics, then path and time.

use std::cell::Cell;

use plico_crypto::verify::{self, Algorithm, Hash, Outcome};

use crate::archive::older::Older;
use crate::believe::{self, Belief, Subject};
use crate::certificate::Certificate;
use crate::digest::digest;
use crate::digest_info::fits_without_null;
use crate::path::Judge;
use crate::proof::Poe;
use crate::report::{Format, Indication, Reason, SignatureReport, Signer, SubIndication, hex};
use crate::signer::{self, Attributes, SignerInfo, Single};
use crate::stamp::{self, Stamp};
use crate::{der, instant, level, oid, record, reference};

/// Counter-signatures of counter-signatures are followed so far.
pub(crate) const MAX_COUNTER_DEPTH: u8 = 4;
/// Signatures of one envelope, counter-signatures included, that are looked at.
pub(crate) const MAX_CHECKS: u32 = 512;

/// Which rules apply besides those of CMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// An envelope by itself.
    Cades,
    /// `ETSI.CAdES.detached` in a PDF.
    Pades,
    /// `adbe.pkcs7.detached` in a PDF: no signing-certificate attribute is demanded.
    Pkcs7,
    /// A signature over a signature, at a depth from one.
    Counter(u8),
}

/// What all signers of an envelope share.
pub(crate) struct Setting<'a> {
    pub certificates: &'a [Certificate<'a>],
    pub content_type: &'a [u8],
    /// Digest of the signed content; `None` when there is no content.
    pub digest: &'a dyn Fn(Hash) -> Option<Vec<u8>>,
    /// The content could be taken for signed attributes.
    pub content_is_attributes: bool,
    /// Who finds paths; `None` when no trust anchors were given.
    pub judge: Option<&'a Judge<'a>>,
    /// Proofs of existence from outside.
    pub poes: &'a [Poe],
    /// Time stamps over the document that holds the envelope.
    pub documents: &'a [Stamp],
    /// What stands in the envelope, as an archive time-stamp indexes it.
    pub envelope_certificates: &'a [Vec<u8>],
    pub envelope_revocations: &'a [Vec<u8>],
    /// What older archive time-stamps should be over; `None` when they are not looked at.
    pub older: Option<&'a [Older]>,
    pub at_ms: i64,
    pub rules: Rules,
    /// Counter-signatures that may still be checked.
    pub budget: &'a Cell<u32>,
}

/// What was found about one signature, in the order in which it was found.
#[derive(Default)]
pub(crate) struct Findings {
    failed: Option<SubIndication>,
    doubt: Option<SubIndication>,
    decisive: Vec<Reason>,
    doubts: Vec<Reason>,
    pub(crate) notes: Vec<Reason>,
}

impl Findings {
    pub(crate) fn fail(&mut self, sub: SubIndication, reason: Reason) {
        self.failed.get_or_insert(sub);
        self.decisive.push(reason);
    }

    pub(crate) fn doubt(&mut self, sub: SubIndication, reason: Reason) {
        self.doubt.get_or_insert(sub);
        self.doubts.push(reason);
    }

    /// The indication that what was found so far makes.
    pub(crate) fn standing(&self) -> (Indication, Option<SubIndication>) {
        match (self.failed, self.doubt) {
            (Some(failed), _) => (Indication::TotalFailed, Some(failed)),
            (None, Some(doubt)) => (Indication::Indeterminate, Some(doubt)),
            (None, None) => (Indication::TotalPassed, None),
        }
    }
}

/// Checks one `SignerInfo` in definite-length encoding.
pub(crate) fn signer(bytes: &[u8], setting: &Setting<'_>) -> SignatureReport {
    let mut findings = Findings::default();
    let Some(info) = SignerInfo::read(bytes) else {
        findings.fail(SubIndication::FormatFailure, Reason::Malformed);
        return finish(findings, false, Format::Cms, Signer::default(), (String::new(), String::new()));
    };
    let certificate = info.certificate(setting.certificates);
    let hash = signer::hash(info.digest);
    let algorithm = hash.and_then(|hash| signer::signature_algorithm(info.algorithm, hash));
    let names = (
        hash.map_or_else(|| oid::dotted(info.digest), |hash| signer::hash_name(hash).into()),
        algorithm.map_or_else(|| oid::dotted(info.algorithm.0), signer::algorithm_name),
    );

    if setting.content_is_attributes {
        findings.fail(SubIndication::FormatFailure, Reason::ContentIsAttributes);
    }
    let mut digest_holds = false;
    if let Some(signed) = &info.signed {
        attributes(signed, &info, setting, &mut findings);
        digest_holds = message_digest(signed, hash, setting, &mut findings);
    } else {
        // A signature over bare content fits a forged envelope whose attributes are that content, and the other
        // way round; CAdES demands attributes.
        findings.fail(SubIndication::FormatFailure, Reason::NoSignedAttributes);
    }
    if certificate.is_none() {
        findings.doubt(SubIndication::NoSigningCertificateFound, Reason::CertificateMissing);
    }
    let fits = mathematics(&info, certificate.as_ref(), hash, algorithm, &mut findings);
    let intact = findings.failed.is_none() && digest_holds && fits;

    let format = reference::format(info.signed.as_ref(), certificate.as_ref(), setting, &mut findings);
    let claimed_ms = info.signed.as_ref().and_then(Attributes::signing_time);
    let stamps = stamp::all(&info, setting);
    let belief = match &certificate {
        Some(certificate) => {
            let subject = Subject { certificate, hash, algorithm, claimed_ms };
            believe::judge(&subject, &stamps, setting, &mut findings)
        }
        None => Belief::default(),
    };
    if record::is_inside(&info) || (setting.judge.is_none() && !stamps.is_empty()) {
        findings.notes.push(Reason::TimeStampNotChecked);
    }
    findings.notes.extend(stamps.iter().filter_map(|stamp| stamp.report().reason));

    let described = certificate.as_ref().map(describe).unwrap_or_default();
    let mut report = finish(findings, intact, level::of(format, &stamps, belief.complete), described, names);
    report.claimed_signing_time = claimed_ms.map(instant::rfc3339);
    let (counters, left) = counters(&info, setting);
    report.counter_signatures = counters;
    if left {
        report.reasons.push(Reason::CounterSignaturesLeft);
    }
    report.times = belief.times;
    report.time_stamps = stamps.iter().map(Stamp::report).collect();
    report.chain = belief.chain;
    report.qualification = belief.qualification;
    report
}

/// Number of attributes, content type, RFC 6211.
fn attributes(
    signed: &Attributes<'_>,
    info: &SignerInfo<'_>,
    setting: &Setting<'_>,
    findings: &mut Findings,
) {
    let single = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME, oid::ALGORITHM_PROTECTION]
        .iter()
        .all(|id| !matches!(signed.single(id), Single::Wrong));
    if !single || signed.repeats() {
        findings.fail(SubIndication::FormatFailure, Reason::DuplicateAttribute);
    }
    match (setting.rules, signed.single(oid::CONTENT_TYPE)) {
        (Rules::Counter(_), Single::Absent) => {}
        // RFC 5652 §11.4 forbids it there; signers write it all the same and nothing hangs on it.
        (Rules::Counter(_), _) => findings.notes.push(Reason::ContentTypeAttribute),
        (_, Single::One(value)) => {
            if value.of(0x06) != Some(setting.content_type) {
                findings.fail(SubIndication::FormatFailure, Reason::ContentTypeDiffers);
            }
        }
        (_, Single::Absent) => findings.fail(SubIndication::FormatFailure, Reason::ContentTypeAttribute),
        (_, Single::Wrong) => {}
    }
    if let Single::One(value) = signed.single(oid::ALGORITHM_PROTECTION)
        && !protects(value.body, info)
    {
        findings.fail(SubIndication::SigCryptoFailure, Reason::AlgorithmProtectionDiffers);
    }
}

/// RFC 6211: SEQUENCE { digestAlgorithm, `[1]` signatureAlgorithm }. Parameters are not compared: NULL and absent
/// mean the same and both are in use.
fn protects(mut fields: &[u8], info: &SignerInfo<'_>) -> bool {
    let digest = signer::algorithm(&mut fields).map(|(id, _)| id);
    let signature = der::expect(&mut fields, 0xa1).and_then(|mut inside| der::expect(&mut inside, 0x06));
    digest == Some(info.digest) && signature == Some(info.algorithm.0)
}

fn message_digest(
    signed: &Attributes<'_>,
    hash: Option<Hash>,
    setting: &Setting<'_>,
    findings: &mut Findings,
) -> bool {
    let Single::One(value) = signed.single(oid::MESSAGE_DIGEST) else {
        if matches!(signed.single(oid::MESSAGE_DIGEST), Single::Absent) {
            findings.fail(SubIndication::FormatFailure, Reason::MessageDigestMissing);
        }
        return false;
    };
    let Some(hash) = hash else {
        findings.doubt(SubIndication::CryptoConstraintsFailure, Reason::DigestUnsupported);
        return false;
    };
    let Some(actual) = (setting.digest)(hash) else {
        findings.doubt(SubIndication::SignedDataNotFound, Reason::ContentMissing);
        return false;
    };
    let same = value.of(0x04) == Some(&actual);
    if !same {
        findings.fail(SubIndication::HashFailure, Reason::ContentAltered);
    }
    same
}

fn mathematics(
    info: &SignerInfo<'_>,
    certificate: Option<&Certificate<'_>>,
    hash: Option<Hash>,
    algorithm: Option<Algorithm>,
    findings: &mut Findings,
) -> bool {
    let Some(algorithm) = algorithm else {
        findings.doubt(SubIndication::CryptoConstraintsFailure, Reason::AlgorithmUnsupported);
        return false;
    };
    if let Algorithm::RsaPkcs1(named) | Algorithm::Ecdsa(named) | Algorithm::Dsa(named) = algorithm
        && Some(named) != hash
    {
        findings.fail(SubIndication::SigCryptoFailure, Reason::DigestNamedTwice);
        return false;
    }
    let (Some(certificate), Some(signed)) = (certificate, &info.signed) else { return false };
    let Some(bytes) = signed.signed_bytes() else { return false };
    match verify::verify(certificate.spki, algorithm, &bytes, info.signature) {
        Outcome::Valid => true,
        Outcome::Invalid if without_null(certificate, algorithm, &bytes, info.signature) => true,
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

fn without_null(certificate: &Certificate<'_>, algorithm: Algorithm, bytes: &[u8], signature: &[u8]) -> bool {
    match algorithm {
        Algorithm::RsaPkcs1(hash) => fits_without_null(certificate.spki, hash, bytes, signature),
        _ => false,
    }
}

/// The counter-signatures, and whether there are more that were not looked at.
fn counters(info: &SignerInfo<'_>, setting: &Setting<'_>) -> (Vec<SignatureReport>, bool) {
    let depth = if let Rules::Counter(depth) = setting.rules { depth } else { 0 };
    if depth >= MAX_COUNTER_DEPTH {
        return (Vec::new(), info.unsigned.values(oid::COUNTER_SIGNATURE).next().is_some());
    }
    let over = |hash: Hash| Some(digest(hash, info.signature));
    let inner = Setting {
        certificates: setting.certificates,
        content_type: oid::DATA,
        digest: &over,
        content_is_attributes: false,
        judge: setting.judge,
        poes: setting.poes,
        documents: &[],
        envelope_certificates: setting.envelope_certificates,
        envelope_revocations: setting.envelope_revocations,
        older: None,
        at_ms: setting.at_ms,
        rules: Rules::Counter(depth + 1),
        budget: setting.budget,
    };
    let mut found = Vec::new();
    for counter in info.unsigned.values(oid::COUNTER_SIGNATURE) {
        let left = setting.budget.get();
        if left == 0 {
            return (found, true);
        }
        setting.budget.set(left - 1);
        found.push(signer(counter.raw, &inner));
    }
    (found, false)
}

pub(crate) fn describe(certificate: &Certificate<'_>) -> Signer {
    let subject = |id| certificate.subject_attribute(id);
    Signer {
        common_name: subject(oid::COMMON_NAME),
        fiscal_code: certificate.fiscal_code(),
        given_name: subject(oid::GIVEN_NAME),
        surname: subject(oid::SURNAME),
        organization: subject(oid::ORGANIZATION),
        organization_identifier: subject(oid::ORGANIZATION_IDENTIFIER),
        issuer: certificate
            .issuer_attribute(oid::COMMON_NAME)
            .or_else(|| certificate.issuer_attribute(oid::ORGANIZATION)),
        not_before: Some(instant::rfc3339(certificate.not_before_ms)),
        not_after: Some(instant::rfc3339(certificate.not_after_ms)),
        certificate_sha256: Some(hex(&digest(Hash::Sha256, certificate.der))),
    }
}

pub(crate) fn finish(
    findings: Findings,
    intact: bool,
    format: Format,
    signer: Signer,
    (digest_algorithm, signature_algorithm): (String, String),
) -> SignatureReport {
    let (indication, sub_indication) = findings.standing();
    let reasons = [findings.decisive, findings.doubts, findings.notes].concat();
    SignatureReport {
        intact,
        indication,
        sub_indication,
        format,
        digest_algorithm,
        signature_algorithm,
        signer,
        claimed_signing_time: None,
        counter_signatures: Vec::new(),
        reasons,
        times: None,
        time_stamps: Vec::new(),
        chain: Vec::new(),
        qualification: None,
        signed_parts: Vec::new(),
        claimed_roles: Vec::new(),
    }
}

/// The row of a signature that could not be looked into.
pub(crate) fn unread(
    indication: Indication,
    sub_indication: SubIndication,
    reason: Reason,
    format: Format,
) -> SignatureReport {
    let mut findings = Findings::default();
    match indication {
        Indication::TotalFailed => findings.fail(sub_indication, reason),
        _ => findings.doubt(sub_indication, reason),
    }
    finish(findings, false, format, Signer::default(), (String::new(), String::new()))
}
