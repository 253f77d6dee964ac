//! What a signature is worth in law, as trusted lists say it (ETSI TS 119 615, TS 119 172-4): a second axis beside
//! whether it is valid.

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::instant::rfc3339;
use crate::qualified::{self, Certified, Use};
use crate::report::Indication;
use crate::tsl::{self, List, ListReport, Service};

/// The result, in the words of the European reference validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Qualification {
    /// Qualified electronic signature.
    Qesig,
    /// Qualified electronic seal.
    Qeseal,
    /// Qualified certificate and device, for a use that is not told.
    UnknownQcQscd,
    /// Advanced signature with a qualified certificate.
    AdesigQc,
    /// Advanced seal with a qualified certificate.
    AdesealQc,
    /// Qualified certificate, for a use that is not told.
    UnknownQc,
    /// Advanced signature.
    Adesig,
    /// Advanced seal.
    Adeseal,
    /// Advanced, for a use that is not told.
    Unknown,
    /// As [`Self::Qesig`], were it settled.
    IndeterminateQesig,
    /// As [`Self::Qeseal`], were it settled.
    IndeterminateQeseal,
    /// As [`Self::UnknownQcQscd`], were it settled.
    IndeterminateUnknownQcQscd,
    /// As [`Self::AdesigQc`], were it settled.
    IndeterminateAdesigQc,
    /// As [`Self::AdesealQc`], were it settled.
    IndeterminateAdesealQc,
    /// As [`Self::UnknownQc`], were it settled.
    IndeterminateUnknownQc,
    /// As [`Self::Adesig`], were it settled.
    IndeterminateAdesig,
    /// As [`Self::Adeseal`], were it settled.
    IndeterminateAdeseal,
    /// As [`Self::Unknown`], were it settled.
    IndeterminateUnknown,
    /// Not valid, by a qualified certificate with a device.
    NotAdesQcQscd,
    /// Not valid, by a qualified certificate.
    NotAdesQc,
    /// Not valid.
    NotAdes,
    /// No trusted list speaks of who issued the certificate.
    Na,
}

/// Why it is no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualificationReason {
    /// No trusted list speaks of who issued the certificate.
    NotListed,
    /// The service was not granted when the certificate was issued.
    NotGrantedAtIssuance,
    /// The service was not granted at the time of the signature.
    NotGrantedAtSigning,
    /// The certificate does not say that it is qualified, and neither does the list.
    NotQualified,
    /// The list says that the certificate is not qualified.
    DeclaredNotQualified,
    /// The service is granted for another use.
    OtherUse,
    /// Neither certificate nor list says that the key is in a qualified device.
    NoDevice,
    /// Services, qualifiers or the times disagree.
    Contradiction,
    /// The list has criteria that are not understood.
    CriteriaUnknown,
    /// A newer list was due before the time of the signature.
    ListExpired,
    /// The same of the list of lists, which says who signs the others.
    ListOfListsExpired,
    /// The signature itself is not settled.
    SignatureIndeterminate,
    /// The signature is not valid.
    SignatureFailed,
}

/// What is said of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualificationReport {
    /// The result.
    pub result: Qualification,
    /// Why it is no more.
    pub reasons: Vec<QualificationReason>,
    /// The time of the signature that was asked about, RFC 3339: the best reference, or that of validation.
    pub at: String,
    /// The list that speaks of the issuer.
    pub list: Option<ListReport>,
    /// The provider.
    pub provider: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// Its status when the certificate was issued.
    pub status_at_issuance: Option<String>,
    /// Its status at the time of the signature.
    pub status_at_signing: Option<String>,
}

/// The qualification of a signature whose path ends at these services.
pub(crate) fn of(
    certificate: &Certificate<'_>,
    services: &[(&List, &Service)],
    list_of_lists: Option<&List>,
    at_ms: i64,
    indication: Indication,
) -> QualificationReport {
    let mut reasons = Vec::new();
    let Some(&(list, service)) = chosen(services, at_ms) else {
        return bare(at_ms);
    };
    let issued_ms = certificate.not_before_ms;
    let all: Vec<&Service> = services.iter().map(|&(_, service)| service).collect();
    let issued = qualified::at(certificate, &all, issued_ms);
    let signed = qualified::at(certificate, &all, at_ms);
    let mut certified = signed.certified;
    reasons.extend(issued.reasons.iter().map(|&reason| match reason {
        QualificationReason::NotGrantedAtSigning => QualificationReason::NotGrantedAtIssuance,
        other => other,
    }));
    reasons.extend(signed.reasons.iter().filter(|reason| !issued.reasons.contains(reason)));
    certified.qualified &= issued.certified.qualified;
    certified.device &= certified.qualified;
    if certified.usage != issued.certified.usage && certified.qualified {
        certified.usage = Use::Unknown;
        reasons.push(QualificationReason::Contradiction);
    }
    if certified.qualified && !certified.device {
        reasons.push(QualificationReason::NoDevice);
    }
    let mut settled = issued.settled && signed.settled;
    if list.is_expired(at_ms) {
        settled = false;
        reasons.push(QualificationReason::ListExpired);
    }
    if list_of_lists.is_some_and(|list| list.is_expired(at_ms)) {
        settled = false;
        reasons.push(QualificationReason::ListOfListsExpired);
    }
    match indication {
        Indication::TotalPassed => {}
        Indication::TotalFailed => reasons.push(QualificationReason::SignatureFailed),
        _ => reasons.push(QualificationReason::SignatureIndeterminate),
    }
    let status = |at_ms| service.at(at_ms).map(|period| period.status.clone());
    QualificationReport {
        result: result(certified, indication, settled),
        reasons,
        at: rfc3339(at_ms),
        list: Some(tsl::report(list, at_ms)),
        provider: Some(service.provider.clone()),
        service: Some(service.name.clone()),
        status_at_issuance: status(issued_ms),
        status_at_signing: status(at_ms),
    }
}

/// That no list speaks of it.
pub(crate) fn bare(at_ms: i64) -> QualificationReport {
    QualificationReport {
        result: Qualification::Na,
        reasons: vec![QualificationReason::NotListed],
        at: rfc3339(at_ms),
        list: None,
        provider: None,
        service: None,
        status_at_issuance: None,
        status_at_signing: None,
    }
}

/// The service to be named: one that issues qualified certificates, and one that was granted if there is one.
fn chosen<'s, 'l>(
    services: &'s [(&'l List, &'l Service)],
    at_ms: i64,
) -> Option<&'s (&'l List, &'l Service)> {
    let issues = |service: &Service| service.periods.iter().any(|period| period.kind == tsl::Kind::CaQc);
    let granted = |service: &Service| service.at(at_ms).is_some_and(|period| period.is_granted(at_ms));
    let all = || services.iter().filter(|(_, service)| issues(service));
    all().find(|(_, service)| granted(service)).or_else(|| all().next())
}

fn result(certified: Certified, indication: Indication, settled: bool) -> Qualification {
    use Qualification as Q;
    let Certified { qualified, device, usage } = certified;
    if indication == Indication::TotalFailed {
        return match (qualified, device) {
            (true, true) => Q::NotAdesQcQscd,
            (true, false) => Q::NotAdesQc,
            _ => Q::NotAdes,
        };
    }
    let (settled_result, open) = match (usage, qualified, device) {
        (Use::Signature, true, true) => (Q::Qesig, Q::IndeterminateQesig),
        (Use::Seal, true, true) => (Q::Qeseal, Q::IndeterminateQeseal),
        (_, true, true) => (Q::UnknownQcQscd, Q::IndeterminateUnknownQcQscd),
        (Use::Signature, true, false) => (Q::AdesigQc, Q::IndeterminateAdesigQc),
        (Use::Seal, true, false) => (Q::AdesealQc, Q::IndeterminateAdesealQc),
        (_, true, false) => (Q::UnknownQc, Q::IndeterminateUnknownQc),
        (Use::Signature, false, _) => (Q::Adesig, Q::IndeterminateAdesig),
        (Use::Seal, false, _) => (Q::Adeseal, Q::IndeterminateAdeseal),
        (_, false, _) => (Q::Unknown, Q::IndeterminateUnknown),
    };
    if settled && indication == Indication::TotalPassed { settled_result } else { open }
}
