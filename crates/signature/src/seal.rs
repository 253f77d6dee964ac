//! Making signatures: CAdES baseline B around a content, and the CMS that a PDF embeds (PAdES baseline B).
//!
//! ECDSA draws its nonce inside openssl: the one randomness of this crate that is not a parameter.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{Id, PKey, Private};
use openssl::x509::X509;
use plico_crypto::verify::{Algorithm, Hash};

use crate::certificate::Certificate;
use crate::der::sorted;
use crate::digest::digest;
use crate::write::{self, DataParts, SignerParts};
use crate::{oid, signer};

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
    #[error("only RSA from 2048 bits, P-256 and P-384 keys can seal")]
    KeyKind,
    /// What was given is not a SHA-256.
    #[error("a SHA-256 digest has 32 bytes")]
    Digest,
    /// The signature could not be computed.
    #[error("the signature could not be computed")]
    Sign(#[source] ErrorStack),
}

/// A private key with its certificate and those above it.
pub struct Sealer {
    key: PKey<Private>,
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

    pub(crate) fn new(key: PKey<Private>, certificates: &[X509]) -> Result<Self, SealError> {
        let first = certificates.first().ok_or(SealError::Missing)?;
        if !first.public_key().map_err(SealError::Certificate)?.public_eq(&key) {
            return Err(SealError::Mismatch);
        }
        let supported = match key.id() {
            Id::RSA => key.bits() >= 2048,
            Id::EC => {
                let curve = key.ec_key().map_err(SealError::Key)?.group().curve_name();
                matches!(curve, Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1))
            }
            _ => false,
        };
        if !supported {
            return Err(SealError::KeyKind);
        }
        let certificates = certificates.iter().map(|certificate| certificate.to_der());
        let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(SealError::Certificate)?;
        Ok(Self { key, certificates })
    }

    /// Key and certificates in PEM, as [`Self::from_pem`] reads them back: a secret.
    pub fn to_pem(&self) -> Result<Vec<u8>, SealError> {
        let mut pem = self.key.private_key_to_pem_pkcs8().map_err(SealError::Key)?;
        for der in &self.certificates {
            let certificate = X509::from_der(der).and_then(|certificate| certificate.to_pem());
            pem.extend(certificate.map_err(SealError::Certificate)?);
        }
        Ok(pem)
    }

    /// Last instant at which the certificate is valid, UTC milliseconds: a seal past it convinces nobody.
    pub fn not_after_ms(&self) -> Option<i64> {
        Certificate::read(self.certificate_der()).map(|certificate| certificate.not_after_ms)
    }

    /// The key's certificate in DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificates[0]
    }

    /// The certificate and those above it in DER.
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// CMS over bytes known by their SHA-256 and kept elsewhere: what the `/Contents` of a PAdES signature holds.
    /// Without signing time, which in a PDF stands in the dictionary (ETSI EN 319 142-1 §6.3).
    pub fn sign_detached(&self, sha256: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sign(sha256, None, None)
    }

    /// Detached CAdES baseline B (`.p7s`) over bytes known by their SHA-256; the time is the signer's claim.
    pub fn sign_detached_at(&self, sha256: &[u8], at_ms: i64) -> Result<Vec<u8>, SealError> {
        self.sign(sha256, None, Some(at_ms))
    }

    /// CAdES baseline B around `content` (`.p7m`) in DER; the time is the signer's claim.
    pub fn sign_enveloping(&self, content: &[u8], at_ms: i64) -> Result<Vec<u8>, SealError> {
        self.sign(&digest(Hash::Sha256, content), Some(content), Some(at_ms))
    }

    fn sign(&self, sha256: &[u8], content: Option<&[u8]>, at_ms: Option<i64>) -> Result<Vec<u8>, SealError> {
        if sha256.len() != 32 {
            return Err(SealError::Digest);
        }
        let certificate = Certificate::read(self.certificate_der()).ok_or(SealError::Missing)?;
        let digest_algorithm = write::algorithm(oid::SHA256);
        let algorithm = signature_algorithm(&self.key, Hash::Sha256);
        let mut attributes = vec![
            write::content_type(oid::DATA),
            write::message_digest(sha256),
            write::signing_certificate_v2(&digest(Hash::Sha256, certificate.der)),
            write::algorithm_protection(&digest_algorithm, &algorithm),
        ];
        attributes.extend(at_ms.map(write::signing_time));
        attributes.sort();
        let signed_bytes = sorted(0x31, &attributes.concat()).unwrap_or_default();
        let signature = raw(&self.key, Hash::Sha256, &signed_bytes)?;
        let signer = write::signer_info(&SignerParts {
            certificate: &certificate,
            digest: &digest_algorithm,
            signed: Some(&attributes),
            algorithm: &algorithm,
            signature: &signature,
            unsigned: &[],
        });
        let parts = DataParts {
            digests: vec![digest_algorithm],
            content_type: oid::DATA,
            content,
            certificates: self.certificates.clone(),
            revocations: Vec::new(),
            signers: vec![signer],
        };
        Ok(parts.der())
    }
}

/// AlgorithmIdentifier of a key's signatures.
pub(crate) fn signature_algorithm(key: &PKey<Private>, hash: Hash) -> Vec<u8> {
    let algorithm = match key.id() {
        Id::ED25519 => Algorithm::Ed25519,
        Id::EC => Algorithm::Ecdsa(hash),
        _ => Algorithm::RsaPkcs1(hash),
    };
    signer::written(algorithm)
}

/// The signature itself.
pub(crate) fn raw(key: &PKey<Private>, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let hash = match hash {
        Hash::Sha1 => MessageDigest::sha1(),
        Hash::Sha224 => MessageDigest::sha224(),
        Hash::Sha256 => MessageDigest::sha256(),
        Hash::Sha384 => MessageDigest::sha384(),
        Hash::Sha512 => MessageDigest::sha512(),
        Hash::Sha3_224 => MessageDigest::sha3_224(),
        Hash::Sha3_256 => MessageDigest::sha3_256(),
        Hash::Sha3_384 => MessageDigest::sha3_384(),
        Hash::Sha3_512 => MessageDigest::sha3_512(),
    };
    let signer = if key.id() == Id::ED25519 {
        openssl::sign::Signer::new_without_digest(key)
    } else {
        openssl::sign::Signer::new(hash, key)
    };
    signer.and_then(|mut signer| signer.sign_oneshot_to_vec(bytes)).map_err(SealError::Sign)
}
