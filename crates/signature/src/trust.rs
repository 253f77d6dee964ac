//! From a certificate to a trust anchor (RFC 5280 §6, by openssl), at a given time.
//!
//! Revocation is not asked here: whoever uses the answer must not say "valid" because of it alone.

use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509Ref, X509StoreContext, X509VerifyResult};

use crate::certificate::Certificate;

/// Trust anchors could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not PEM certificates.
    #[error("the trust anchors are not certificates in PEM")]
    Pem(#[source] ErrorStack),
    /// PEM without any certificate.
    #[error("there is no certificate among the trust anchors")]
    Empty,
    /// The library refused to build a store.
    #[error("the trust anchors cannot be loaded")]
    Store(#[source] ErrorStack),
}

/// The certificates that the verifier, not the signer, believes.
pub struct Anchors {
    store: X509Store,
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
        Self::from_x509(certificates).map_err(AnchorError::Store)
    }

    fn from_x509(certificates: Vec<X509>) -> Result<Self, ErrorStack> {
        let mut builder = X509StoreBuilder::new()?;
        let mut parameters = X509VerifyParam::new()?;
        // Times are judged apart, so that "expired" and "unknown" are told from each other.
        parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::NO_CHECK_TIME)?;
        builder.set_param(&parameters)?;
        let mut ders = Vec::new();
        for certificate in certificates {
            ders.push(certificate.to_der()?);
            builder.add_cert(certificate)?;
        }
        Ok(Self { store: builder.build(), certificates: ders })
    }

    /// Looks for a path from the first of `certificates` (DER), through any of the others, to an anchor.
    pub fn path(&self, certificates: &[&[u8]], at_ms: i64) -> Path {
        let Some(leaf) = certificates.first() else { return Path::None };
        if self.certificates.iter().any(|anchor| anchor == leaf) {
            return time(leaf, at_ms).unwrap_or(Path::Anchor);
        }
        match self.search(certificates) {
            Ok(Ok(path)) => {
                // The anchor itself is believed whatever its dates.
                let below = &path[..path.len().saturating_sub(1)];
                below.iter().find_map(|der| time(der, at_ms)).unwrap_or(Path::Found)
            }
            Ok(Err(error)) if missing(error) => Path::None,
            Ok(Err(_)) => Path::Broken,
            Err(_) => Path::None,
        }
    }

    fn search(&self, certificates: &[&[u8]]) -> Result<Result<Vec<Vec<u8>>, X509VerifyResult>, ErrorStack> {
        let leaf = X509::from_der(certificates[0])?;
        let mut others = Stack::new()?;
        for der in &certificates[1..] {
            // One unreadable bystander must not hide a good path.
            if let Ok(other) = X509::from_der(der) {
                others.push(other)?;
            }
        }
        X509StoreContext::new()?.init(&self.store, &leaf, &others, |context| {
            if !context.verify_cert()? {
                return Ok(Err(context.error()));
            }
            let chain = context.chain().into_iter().flatten();
            Ok(Ok(chain.map(X509Ref::to_der).collect::<Result<Vec<_>, _>>()?))
        })
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
}

/// Looks for a path from the first of `certificates_der` to one of `roots_pem` at an instant (UTC milliseconds).
/// Revocation is not asked.
pub fn verify_chain(certificates_der: &[Vec<u8>], roots_pem: &[u8], at_ms: i64) -> Result<Path, AnchorError> {
    let certificates: Vec<&[u8]> = certificates_der.iter().map(Vec::as_slice).collect();
    Ok(Anchors::from_pem(roots_pem)?.path(&certificates, at_ms))
}

fn time(der: &[u8], at_ms: i64) -> Option<Path> {
    match Certificate::read(der) {
        None => Some(Path::Broken),
        Some(read) if at_ms < read.not_before_ms => Some(Path::NotYetValid),
        // The last second is still within (RFC 5280 §4.1.2.5).
        Some(read) if at_ms >= read.not_after_ms + 1000 => Some(Path::Expired),
        Some(_) => None,
    }
}

/// X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, self-signed ones, and unable to verify the leaf.
fn missing(error: X509VerifyResult) -> bool {
    matches!(error.as_raw(), 2 | 18..=21)
}
