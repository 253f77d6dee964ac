//! Whether a signer's certificate may be believed at the time of validation.

use crate::certificate::Certificate;
use crate::check::{Findings, Setting};
use crate::report::{Reason, SubIndication};
use crate::trust::Path;

/// Certificates between a signer and an anchor that are looked at.
const MAX_PATH: usize = 12;

/// Looks for a path to an anchor and says what is not settled.
pub(crate) fn judge(certificate: &Certificate<'_>, setting: &Setting<'_>, findings: &mut Findings) {
    let path =
        setting.anchors.map(|anchors| anchors.path(&above(certificate, setting.certificates), setting.at_ms));
    let led = matches!(path, Some(Path::Found | Path::Anchor));
    if certificate.key_usage.is_some_and(|bits| bits & 0xc0 == 0) {
        if led {
            findings.doubt(SubIndication::ChainConstraintsFailure, Reason::KeyUsage);
        } else {
            findings.notes.push(Reason::KeyUsage);
        }
    }
    match path {
        None => findings.doubt(SubIndication::NoCertificateChainFound, Reason::NoTrustAnchors),
        Some(Path::None) => findings.doubt(SubIndication::NoCertificateChainFound, Reason::NoPath),
        Some(Path::Broken) => {
            findings.doubt(SubIndication::CertificateChainGeneralFailure, Reason::PathConstraints);
        }
        Some(Path::Expired) => {
            findings.doubt(SubIndication::OutOfBoundsNoPoe, Reason::CertificateExpired);
        }
        Some(Path::NotYetValid) => {
            findings.doubt(SubIndication::OutOfBoundsNoPoe, Reason::CertificateNotYetValid);
        }
        Some(Path::Found) if !certificate.validity_assured => {
            findings.doubt(SubIndication::TryLater, Reason::RevocationNotChecked);
        }
        Some(Path::Found | Path::Anchor) => {}
    }
    // Said even when no anchor was given: the citizen can read it in his certificate.
    if matches!(path, None | Some(Path::None | Path::Broken)) {
        if setting.at_ms < certificate.not_before_ms {
            findings.notes.push(Reason::CertificateNotYetValid);
        } else if setting.at_ms >= certificate.not_after_ms + 1000 {
            findings.notes.push(Reason::CertificateExpired);
        }
    }
}

/// The signer's certificate and those that may stand above it, by name: openssl decodes each one it is handed, and
/// an envelope may hold hundreds.
fn above<'c>(signer: &Certificate<'c>, all: &[Certificate<'c>]) -> Vec<&'c [u8]> {
    let mut chosen = vec![signer.clone()];
    let mut at = 0;
    while at < chosen.len() && chosen.len() < MAX_PATH {
        let issuer = chosen[at].issuer;
        for other in all {
            let known = chosen.iter().any(|known| known.der == other.der);
            if other.subject == issuer && !known && chosen.len() < MAX_PATH {
                chosen.push(other.clone());
            }
        }
        at += 1;
    }
    chosen.iter().map(|certificate| certificate.der).collect()
}
