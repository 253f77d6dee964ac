//! What a verdict comes to, in one word: the key of what people are told, and of what whoever works on it is to do.

use plico_signature::Plain;
use plico_signature::report::{Indication, Reason, SignatureReport};

use super::Verdict;

/// What a signature, or all of a file's, comes to. From the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing is signed.
    NotSigned,
    /// Everything holds now.
    Valid,
    /// Everything held at a time that is proven.
    Proven,
    /// Whether a certificate was revoked could not be asked.
    Unchecked,
    /// Who vouches for it stands in a trusted list that should have been replaced.
    Outdated,
    /// Nobody whom the installation believes vouches for it.
    Untrusted,
    /// On hold.
    Suspended,
    /// Out of its dates, and nothing proves that the signature is older.
    Expired,
    /// An algorithm that proves nothing any more.
    Weak,
    /// Revoked, and nothing proves that the signature is older.
    Revoked,
    /// Something else is open.
    Unknown,
    /// The file could not be looked at: damaged, encrypted, of a kind that is not checked.
    Unreadable,
    /// The signature is wrong.
    Broken,
    /// The document was changed.
    Altered,
}

impl Class {
    /// The end of its keys in the catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotSigned => "not-signed",
            Self::Valid => "valid",
            Self::Proven => "proven",
            Self::Unchecked => "unchecked",
            Self::Outdated => "outdated",
            Self::Untrusted => "untrusted",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Weak => "weak",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
            Self::Broken => "broken",
            Self::Altered => "altered",
        }
    }

    /// Of one signature.
    pub fn of(found: &SignatureReport) -> Self {
        let has = |any: &[Reason]| any.iter().any(|reason| found.reasons.contains(reason));
        match found.indication {
            Indication::TotalPassed if has(&[Reason::ProvenBefore]) => Self::Proven,
            Indication::TotalPassed => Self::Valid,
            Indication::TotalFailed if has(&[Reason::ContentAltered]) => Self::Altered,
            Indication::TotalFailed => Self::Broken,
            _ if !found.intact => Self::Unknown,
            _ if has(&[Reason::CertificateSuspended]) => Self::Suspended,
            _ if has(&[Reason::CertificateRevoked, Reason::AuthorityRevoked]) => Self::Revoked,
            _ if has(&[Reason::DigestWeak, Reason::KeyWeak]) => Self::Weak,
            _ if has(&[Reason::CertificateExpired, Reason::CertificateNotYetValid]) => Self::Expired,
            _ if has(&[Reason::ListExpired]) => Self::Outdated,
            _ if has(&[Reason::NoTrustAnchors, Reason::NoPath]) => Self::Untrusted,
            _ if has(&[
                Reason::RevocationNotChecked,
                Reason::RevocationStale,
                Reason::RevocationUntrusted,
                Reason::RevocationUnknown,
            ]) =>
            {
                Self::Unchecked
            }
            _ => Self::Unknown,
        }
    }

    /// Of a whole file: the worst of its signatures.
    pub fn of_all(verdict: &Verdict) -> Self {
        match verdict.plain {
            Plain::Signed { .. } => {
                verdict.report.all_signatures().map(Self::of).max().unwrap_or(Self::Unreadable)
            }
            Plain::NotSigned { .. } | Plain::Empty => Self::NotSigned,
            _ => Self::Unreadable,
        }
    }
}
