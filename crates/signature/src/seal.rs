//! Making signatures: CAdES around a content or beside it, the CMS that a PDF embeds, XAdES; level B, and level T with
//! the time stamp of whom the caller asks.
//!
//! ECDSA draws its nonce inside openssl, or inside of the token: the one randomness of this crate that is not a parameter.

mod about;
mod cms;
mod jose;
mod key;
mod xml;

use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use plico_crypto::sign::{SigningError, SigningKey};
use plico_crypto::verify::{self, Algorithm, Hash, KeyKind, Outcome};

use crate::certificate::Certificate;
use crate::digest::digest;
use crate::timestamp::{self, TimestampError};

pub use about::About;
pub use jose::RsaKey;
use key::Key;
pub use key::side_by_side;
pub(crate) use key::{raw, signature_algorithm};

/// Why a sealer cannot be made or cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The private key cannot be read.
    #[error("the private key cannot be read")]
    Key(#[source] ErrorStack),
    /// The PKCS#12 file cannot be opened: wrong password, or encrypted as openssl 3 no longer reads.
    #[error("the PKCS#12 file cannot be opened: is the password right?")]
    Pkcs12(#[source] ErrorStack),
    /// A certificate cannot be read.
    #[error("the certificate cannot be read")]
    Certificate(#[source] ErrorStack),
    /// There is no certificate, or no key.
    #[error("the key or its certificate is missing")]
    Missing,
    /// The key is not the certificate's.
    #[error("the private key does not belong to the first certificate")]
    Mismatch,
    /// Neither RSA of 2048 bits or more, nor P-256, nor P-384.
    #[error("only RSA from 2048 bits, P-256 and P-384 keys can sign")]
    KeyKind,
    /// The key lies where it cannot be taken out.
    #[error("the key cannot be taken out of where it is kept")]
    Kept,
    /// What was given is not a SHA-256.
    #[error("a SHA-256 digest has 32 bytes")]
    Digest,
    /// The signature could not be computed.
    #[error("the signature could not be computed")]
    Sign(#[source] ErrorStack),
    /// Whoever keeps the key did not sign.
    #[error("the signature could not be computed where the key is kept")]
    Refused(#[source] SigningError),
    /// No time stamp could be had.
    #[error("no time stamp could be had for the signature")]
    Stamp(#[source] StampFailure),
    /// What came back is not a time stamp over this signature.
    #[error("what came back is not a time stamp over this signature")]
    StampWrong(#[source] TimestampError),
    /// The document is not XML that can be signed.
    #[error(
        "the document is not XML in UTF-8 without a document type: sign it inside of the signature instead"
    )]
    Xml,
    /// The document has an XML signature.
    #[error(
        "the document is signed already, and a second signature in it would break the first: sign it inside of the signature instead"
    )]
    SignedAlready,
    /// The content could not be read, or the signature not written.
    #[error("the content could not be read, or the signature not written")]
    Io(#[from] std::io::Error),
}

/// Why whoever was asked gave no time stamp.
pub type StampFailure = Box<dyn std::error::Error + Send + Sync>;
/// Gets the token of a time stamp (RFC 3161) over a SHA-256: this crate asks nobody itself.
pub type Stamper<'a> = dyn Fn(&[u8; 32]) -> Result<Vec<u8>, StampFailure> + 'a;

/// What a signature says besides who made it, and what is added to it.
#[derive(Clone, Copy, Default)]
pub struct Making<'a> {
    /// The time that the signer claims, UTC milliseconds. In a PDF it stands in the dictionary instead (ETSI EN 319 142-1
    /// §6.3).
    pub at_ms: Option<i64>,
    /// Who stamps the signature, which makes level T of level B.
    pub stamper: Option<&'a Stamper<'a>>,
}

impl Making<'_> {
    /// Level B with a claimed time.
    pub const fn at(at_ms: i64) -> Self {
        Self { at_ms: Some(at_ms), stamper: None }
    }
}

/// A private key with its certificate and those above it.
pub struct Sealer {
    key: Key,
    /// The key's certificate first.
    certificates: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("certificates", &self.certificates.len()).finish_non_exhaustive()
    }
}

impl Sealer {
    /// A PEM key (PKCS#8 or traditional, not encrypted) and PEM certificates, the key's own first.
    pub fn from_pem(key: &[u8], certificates: &[u8]) -> Result<Self, SealError> {
        let key = PKey::private_key_from_pem(key).map_err(SealError::Key)?;
        let certificates = X509::stack_from_pem(certificates).map_err(SealError::Certificate)?;
        Self::new(key, &certificates)
    }

    /// A PKCS#12 file (RFC 7292).
    pub fn from_pkcs12(file: &[u8], password: &str) -> Result<Self, SealError> {
        let file = Pkcs12::from_der(file).map_err(SealError::Pkcs12)?;
        let parsed = file.parse2(password).map_err(SealError::Pkcs12)?;
        let mut certificates: Vec<X509> = parsed.cert.into_iter().collect();
        certificates.extend(parsed.ca.into_iter().flatten());
        Self::new(parsed.pkey.ok_or(SealError::Missing)?, &certificates)
    }

    /// A key that somebody else keeps, such as a token, and its certificates in DER, its own first. Whether the two belong
    /// together shows when it first signs.
    pub fn with_key(key: Box<dyn SigningKey>, certificates: Vec<Vec<u8>>) -> Result<Self, SealError> {
        Self { key: Key::Kept(key), certificates }.checked()
    }

    pub(crate) fn new(key: PKey<Private>, certificates: &[X509]) -> Result<Self, SealError> {
        let first = certificates.first().ok_or(SealError::Missing)?;
        if !first.public_key().map_err(SealError::Certificate)?.public_eq(&key) {
            return Err(SealError::Mismatch);
        }
        let certificates = certificates.iter().map(|certificate| certificate.to_der());
        let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(SealError::Certificate)?;
        Self { key: Key::Here(key), certificates }.checked()
    }

    fn checked(self) -> Result<Self, SealError> {
        self.algorithm().map(|_| self)
    }

    /// Certificates in PEM, as DER.
    pub fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, SealError> {
        let read = X509::stack_from_pem(pem).map_err(SealError::Certificate)?;
        read.iter().map(|certificate| certificate.to_der().map_err(SealError::Certificate)).collect()
    }

    /// With more certificates (PEM), those above its own.
    pub fn with_chain(mut self, pem: &[u8]) -> Result<Self, SealError> {
        for der in Self::certificates(pem)? {
            if !self.certificates.contains(&der) {
                self.certificates.push(der);
            }
        }
        Ok(self)
    }

    /// Key and certificates in PEM, as [`Self::from_pem`] reads them back: a secret.
    pub fn to_pem(&self) -> Result<Vec<u8>, SealError> {
        let Key::Here(key) = &self.key else { return Err(SealError::Kept) };
        let mut pem = key.private_key_to_pem_pkcs8().map_err(SealError::Key)?;
        for der in &self.certificates {
            let certificate = X509::from_der(der).and_then(|certificate| certificate.to_pem());
            pem.extend(certificate.map_err(SealError::Certificate)?);
        }
        Ok(pem)
    }

    /// The key's certificate in DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificates[0]
    }

    /// The certificate and those above it in DER.
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Bytes that a detached signature takes at most, without the time stamp: the certificates, an RSA-4096 signature and the
    /// attributes beside them.
    pub fn room(&self) -> usize {
        self.certificates.iter().map(Vec::len).sum::<usize>() + 2048
    }

    fn own(&self) -> Result<Certificate<'_>, SealError> {
        self.certificates.first().and_then(|der| Certificate::read(der)).ok_or(SealError::Missing)
    }

    /// What it signs with.
    fn algorithm(&self) -> Result<Algorithm, SealError> {
        match verify::key_kind(self.own()?.spki) {
            Ok(KeyKind::Rsa(2048..)) => Ok(Algorithm::RsaPkcs1(Hash::Sha256)),
            Ok(KeyKind::P256 | KeyKind::P384) => Ok(Algorithm::Ecdsa(Hash::Sha256)),
            _ => Err(SealError::KeyKind),
        }
    }

    /// How long each of the two numbers of its ECDSA signatures is, in octets.
    fn octets(&self) -> Result<usize, SealError> {
        match verify::key_kind(self.own()?.spki) {
            Ok(KeyKind::P256) => Ok(32),
            Ok(KeyKind::P384) => Ok(48),
            _ => Err(SealError::KeyKind),
        }
    }

    /// A signature as CMS has it. One that does not fit the certificate is never handed out.
    fn raw(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let algorithm = self.algorithm()?;
        let signature = self.key.sign(algorithm, bytes)?;
        match verify::verify(self.own()?.spki, algorithm, bytes, &signature) {
            Outcome::Valid => Ok(signature),
            _ => Err(SealError::Mismatch),
        }
    }
}

/// The token of a time stamp over some bytes, which is over nothing else.
fn stamped(stamper: &Stamper<'_>, over: &[u8]) -> Result<Vec<u8>, SealError> {
    let sha256: [u8; 32] = digest(Hash::Sha256, over).try_into().map_err(|_| SealError::Digest)?;
    let token = stamper(&sha256).map_err(SealError::Stamp)?;
    // Who the authority is asks whoever has anchors; when it is looked at matters only to them.
    timestamp::verify(&token, &sha256, 0, None).map_err(SealError::StampWrong)?;
    Ok(token)
}
