//! What is to be said of who seals.

use openssl::x509::X509;
use plico_crypto::verify::Hash;

use super::{SealError, Sealer};
use crate::digest::digest;
use crate::inspect::Options;
use crate::qualification::Qualification;
use crate::{inspect_detached, oid};

/// Signed to see that the key can, and is the certificate's: nothing that anybody could take for a document.
const PROBE: &[u8] = b"plico/seal-probe/v1";
/// Key usage: digitalSignature or nonRepudiation (RFC 5280 §4.2.1.3).
const SIGNS: u8 = 0xc0;

/// What a sealer's certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Common name of whose it is, or his organisation.
    pub subject: String,
    /// The same of who issued it.
    pub issuer: String,
    /// First instant at which it is valid, UTC milliseconds.
    pub not_before_ms: i64,
    /// Last one.
    pub not_after_ms: i64,
    /// Whether its key may be used to sign documents.
    pub may_sign: bool,
}

impl Sealer {
    /// What the certificate says.
    pub fn about(&self) -> Result<About, SealError> {
        let own = self.own()?;
        Ok(About {
            subject: named(|id| own.subject_attribute(id)),
            issuer: named(|id| own.issuer_attribute(id)),
            not_before_ms: own.not_before_ms,
            not_after_ms: own.not_after_ms,
            may_sign: own.key_usage.is_none_or(|bits| bits & SIGNS != 0),
        })
    }

    /// First value of an attribute of the certificate's subject.
    pub fn subject_attribute(&self, id: &[u8]) -> Result<Option<String>, SealError> {
        Ok(self.own()?.subject_attribute(id))
    }

    /// Signs something that means nothing, and answers what such a signature is worth to a verifier; nothing where no
    /// trusted list speaks of it. Fails where the key does not sign, or is not the certificate's.
    pub fn prove(&self, options: &Options<'_>) -> Result<Option<Qualification>, SealError> {
        let signed = self.sign_detached(&digest(Hash::Sha256, PROBE))?;
        let report = inspect_detached(&signed, PROBE, options);
        let told = report.signatures.first().and_then(|signature| signature.qualification.as_ref());
        Ok(told.map(|told| told.result))
    }

    /// The certificates in PEM: nothing secret.
    pub fn chain_pem(&self) -> Result<String, SealError> {
        let mut pem = String::new();
        for der in self.chain_der() {
            let certificate = X509::from_der(der).and_then(|certificate| certificate.to_pem());
            pem.push_str(&String::from_utf8_lossy(&certificate.map_err(SealError::Certificate)?));
        }
        Ok(pem)
    }
}

/// A common name, or an organisation's.
fn named(attribute: impl Fn(&[u8]) -> Option<String>) -> String {
    attribute(oid::COMMON_NAME).or_else(|| attribute(oid::ORGANIZATION)).unwrap_or_default()
}
