//! Whether a certificate was qualified at an instant, for what, and with a device: by what it says itself and what its
//! service's entry in the trusted list says of it (ETSI TS 119 615 §4.4 and §4.5).

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::oid;
use crate::qualification::QualificationReason as Reason;
use crate::tsl::{EIDAS_MS, Kind, Period, Service, identifiers};

/// What a certificate is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Use {
    Signature,
    Seal,
    WebSite,
    #[default]
    Unknown,
}

/// What is certified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Certified {
    pub(crate) qualified: bool,
    /// The key is in a qualified device.
    pub(crate) device: bool,
    pub(crate) usage: Use,
}

/// What was found at an instant.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) certified: Certified,
    /// Nothing was contradicted and everything was understood.
    pub(crate) settled: bool,
    pub(crate) reasons: Vec<Reason>,
}

/// Asks all services of the issuer.
pub(crate) fn at(certificate: &Certificate<'_>, services: &[&Service], at_ms: i64) -> Found {
    let claims = claims(certificate);
    let granted = services
        .iter()
        .filter_map(|service| service.at(at_ms))
        .filter(|period| period.kind == Kind::CaQc && period.is_granted(at_ms));
    let found: Vec<Found> = granted.map(|period| by(certificate, claims, period, at_ms)).collect();
    // Several entries of one key are for several uses: those that are for another say nothing.
    let fitting = found.iter().any(|found| !found.reasons.contains(&Reason::OtherUse));
    let mut fitting =
        found.into_iter().filter(|found| !fitting || !found.reasons.contains(&Reason::OtherUse));
    let Some(mut first) = fitting.next() else {
        let certified = Certified { qualified: false, device: false, ..claims };
        return Found { certified, settled: true, reasons: vec![Reason::NotGrantedAtSigning] };
    };
    if fitting.any(|other| other.certified != first.certified) {
        first.settled = false;
        first.reasons.push(Reason::Contradiction);
    }
    first
}

/// What one granted service says.
fn by(certificate: &Certificate<'_>, claims: Certified, period: &Period, at_ms: i64) -> Found {
    let mut found = Found { certified: claims, settled: true, reasons: Vec::new() };
    let said = qualifiers(certificate, period, &mut found);
    let has = |names: &[&str]| said.iter().any(|one| names.contains(one));
    let certified = &mut found.certified;

    match (has(&["QCStatement"]), has(&["NotQualified"])) {
        (true, true) => {
            found.settled = false;
            found.reasons.push(Reason::Contradiction);
        }
        (true, false) => certified.qualified = true,
        (false, true) => {
            certified.qualified = false;
            found.reasons.push(Reason::DeclaredNotQualified);
        }
        (false, false) if !certified.qualified => found.reasons.push(Reason::NotQualified),
        (false, false) => {}
    }
    let uses = [
        (has(&["QCForESig"]), Use::Signature),
        (has(&["QCForESeal"]) || has(&["QCForLegalPerson"]) && at_ms < EIDAS_MS, Use::Seal),
        (has(&["QCForWSA"]), Use::WebSite),
    ];
    let mut named = uses.iter().filter(|(named, _)| *named).map(|&(_, usage)| usage);
    if let Some(usage) = named.next() {
        certified.usage = usage;
        if named.next().is_some() {
            found.settled = false;
            found.reasons.push(Reason::Contradiction);
        }
    }
    let with = has(&["QCWithQSCD", "QCWithSSCD", "QCQSCDManagedOnBehalf"]);
    match (with, has(&["QCNoQSCD", "QCNoSSCD"])) {
        (true, true) => {
            found.settled = false;
            found.reasons.push(Reason::Contradiction);
        }
        (true, false) => certified.device = true,
        (false, true) => certified.device = false,
        (false, false) => {}
    }
    if at_ms >= EIDAS_MS && certified.qualified && !is_for(period, certified.usage) {
        certified.qualified = false;
        found.reasons.push(Reason::OtherUse);
    }
    certified.device &= certified.qualified;
    found
}

/// Whether a service that says its uses has this one. A certificate that does not say its own is for none of them.
fn is_for(period: &Period, usage: Use) -> bool {
    let word = match usage {
        Use::Signature => "ForeSignatures",
        Use::Seal => "ForeSeals",
        Use::WebSite => "ForWebSiteAuthentication",
        Use::Unknown => "",
    };
    let said = ["ForeSignatures", "ForeSeals", "ForWebSiteAuthentication"];
    let mut uses = period.uses.iter().filter(|one| said.contains(&one.as_str())).peekable();
    uses.peek().is_none() || uses.any(|one| one == word)
}

/// The qualifiers whose criteria a certificate meets.
fn qualifiers<'p>(certificate: &Certificate<'_>, period: &'p Period, found: &mut Found) -> Vec<&'p str> {
    let mut said = Vec::new();
    for qualification in &period.qualifications {
        match qualification.criteria.meet(certificate) {
            Some(true) => said.extend(qualification.qualifiers.iter().map(String::as_str)),
            Some(false) => {}
            None => {
                found.settled = false;
                found.reasons.push(Reason::CriteriaUnknown);
            }
        }
    }
    said
}

/// What a certificate says of itself (ETSI EN 319 412-5; before the Regulation also by policies, ETSI TS 101 456).
fn claims(certificate: &Certificate<'_>) -> Certified {
    let statements = identifiers(certificate, oid::QC_STATEMENTS);
    let policies = identifiers(certificate, oid::CERTIFICATE_POLICIES);
    let before = certificate.not_before_ms < EIDAS_MS;
    let by_policy = |id| before && policies.contains(&id);
    // A law that is named is another than the Union's.
    let elsewhere = statements.contains(&oid::QC_LEGISLATION);
    let compliant = statements.contains(&oid::QC_COMPLIANCE) && !elsewhere;
    let qualified = compliant || by_policy(oid::QCP_PUBLIC) || by_policy(oid::QCP_PUBLIC_SSCD);
    Certified {
        qualified,
        device: qualified && (statements.contains(&oid::QC_SSCD) || by_policy(oid::QCP_PUBLIC_SSCD)),
        usage: usage(certificate, qualified),
    }
}

/// The statement of type; a qualified certificate without it is for signatures.
fn usage(certificate: &Certificate<'_>, qualified: bool) -> Use {
    match types(certificate).unwrap_or_default().as_slice() {
        [] if qualified => Use::Signature,
        [oid::QC_TYPE_SIGNATURE] => Use::Signature,
        [oid::QC_TYPE_SEAL] => Use::Seal,
        [other] if other.starts_with(oid::QC_TYPE) => Use::WebSite,
        _ => Use::Unknown,
    }
}

fn types<'a>(certificate: &Certificate<'a>) -> Option<Vec<&'a [u8]>> {
    for statement in der::all(Tlv::only(certificate.extension(oid::QC_STATEMENTS)?)?.of(0x30)?)? {
        let mut fields = statement.of(0x30)?;
        if der::expect(&mut fields, 0x06)? == oid::QC_TYPE {
            return der::all(der::expect(&mut fields, 0x30)?)?.iter().map(|one| one.of(0x06)).collect();
        }
    }
    None
}
