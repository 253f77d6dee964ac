//! Whom the verifier believes, and what a path to them is worth at a given time.

use openssl::error::ErrorStack;
use openssl::x509::X509;

use crate::certificate::Certificate;
use crate::path::{Answer, Demands, Judge};
use crate::revocation::Evidence;

/// Trust anchors could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not PEM certificates.
    #[error("the trust anchors are not certificates in PEM")]
    Pem(#[source] ErrorStack),
    /// PEM without any certificate.
    #[error("there is no certificate among the trust anchors")]
    Empty,
    /// A certificate whose fields cannot be read.
    #[error("a certificate among the trust anchors cannot be read")]
    Unreadable,
}

/// The certificates that the verifier, not the signer, believes.
pub struct Anchors {
    certificates: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Anchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anchors").field("certificates", &self.certificates.len()).finish_non_exhaustive()
    }
}

impl Anchors {
    /// One or more certificates in PEM. Those of subordinate authorities may be anchors too, as in trusted lists.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AnchorError> {
        let certificates = X509::stack_from_pem(pem).map_err(AnchorError::Pem)?;
        if certificates.is_empty() {
            return Err(AnchorError::Empty);
        }
        let ders = certificates.iter().map(|certificate| certificate.to_der());
        let certificates = ders.collect::<Result<Vec<_>, _>>().map_err(AnchorError::Pem)?;
        if certificates.iter().any(|der| Certificate::read(der).is_none()) {
            return Err(AnchorError::Unreadable);
        }
        Ok(Self { certificates })
    }

    /// DER of each.
    pub(crate) fn ders(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Looks for a path from the first of `certificates` (DER), through any of the others, to an anchor. Revocation is
    /// not asked: whoever uses the answer must not say "valid" because of it alone.
    pub fn path(&self, certificates: &[&[u8]], at_ms: i64) -> Path {
        answer(certificates, Judge::new(&self.certificates, at_ms).without_revocation(), at_ms)
    }

    /// As [`Self::path`], with everything that RFC 5280 asks: revocation by `evidence`, and what is demanded of
    /// policies. `at_ms` is the instant that matters, `now_ms` the one at which it is looked at.
    pub fn judge<'a>(
        &'a self,
        certificates: &[&'a [u8]],
        evidence: &'a Evidence,
        demands: Demands,
        at_ms: i64,
        now_ms: i64,
    ) -> Path {
        let mut judge = Judge::new(&self.certificates, now_ms).demanding(demands);
        judge.hear(evidence, false);
        answer(certificates, judge, at_ms)
    }
}

/// What was found between a certificate and the anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The certificate is itself an anchor.
    Anchor,
    /// A path of good signatures, every certificate below the anchor within its dates.
    Found,
    /// No path.
    None,
    /// A path in which a certificate does what it may not, or whose signatures fail.
    Broken,
    /// A certificate of the path had expired.
    Expired,
    /// A certificate of the path was not valid yet.
    NotYetValid,
    /// A certificate of the path was revoked.
    Revoked,
    /// A certificate of the path was on hold.
    Suspended,
    /// Whether a certificate of the path was revoked is not known.
    NotAsked,
}

/// Looks for a path from the first of `certificates_der` to one of `roots_pem` at an instant (UTC milliseconds).
/// Revocation is not asked.
pub fn verify_chain(certificates_der: &[Vec<u8>], roots_pem: &[u8], at_ms: i64) -> Result<Path, AnchorError> {
    let certificates: Vec<&[u8]> = certificates_der.iter().map(Vec::as_slice).collect();
    Ok(Anchors::from_pem(roots_pem)?.path(&certificates, at_ms))
}

fn answer<'a>(certificates: &[&'a [u8]], mut judge: Judge<'a>, at_ms: i64) -> Path {
    let Some(leaf) = certificates.first().and_then(|der| Certificate::read(der)) else {
        return Path::None;
    };
    let Some(leaf) = judge.pool.add(leaf, false) else { return Path::None };
    // One unreadable bystander must not hide a good path.
    judge.add(certificates[1..].iter().filter_map(|der| Certificate::read(der)));
    let found = judge.find(leaf, at_ms, 0);
    match found.answer {
        Answer::Good if found.chain.len() == 1 => Path::Anchor,
        Answer::Good => Path::Found,
        Answer::None => Path::None,
        Answer::Broken | Answer::Unsigned => Path::Broken,
        Answer::Expired(_) => Path::Expired,
        Answer::NotYetValid(_) => Path::NotYetValid,
        Answer::Revoked(..) => Path::Revoked,
        Answer::Suspended(..) => Path::Suspended,
        Answer::NotAsked(..) => Path::NotAsked,
    }
}
