//! Raw signatures: by a key in memory, or by one that somebody else keeps.

use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Private};
use plico_crypto::sign::SigningKey;
use plico_crypto::verify::{Algorithm, Hash};

use super::SealError;
use crate::der::{self, Tlv};
use crate::signer;
use crate::xml::algorithm::value;

/// Where a private key is.
pub(super) enum Key {
    Here(PKey<Private>),
    Kept(Box<dyn SigningKey>),
}

impl Key {
    /// A signature as CMS has it: that of ECDSA is DER.
    pub(super) fn sign(&self, algorithm: Algorithm, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        match self {
            Self::Here(key) => raw(key, Hash::Sha256, bytes),
            Self::Kept(key) => {
                let signature = key.sign(algorithm, bytes).map_err(SealError::Refused)?;
                value(algorithm, &signature).ok_or(SealError::Mismatch)
            }
        }
    }
}

/// AlgorithmIdentifier of a key's signatures.
pub(crate) fn signature_algorithm(key: &PKey<Private>, hash: Hash) -> Vec<u8> {
    let algorithm = match key.id() {
        Id::ED25519 => Algorithm::Ed25519,
        Id::ED448 => Algorithm::Ed448,
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
        Hash::Shake256 => MessageDigest::shake_256(),
    };
    let signer = if matches!(key.id(), Id::ED25519 | Id::ED448) {
        openssl::sign::Signer::new_without_digest(key)
    } else {
        openssl::sign::Signer::new(hash, key)
    };
    signer.and_then(|mut signer| signer.sign_oneshot_to_vec(bytes)).map_err(SealError::Sign)
}

/// The two numbers of a DER signature as XML and tokens have them, `size` octets each.
pub fn side_by_side(signature: &[u8], size: usize) -> Option<Vec<u8>> {
    let numbers = der::all(Tlv::only(signature)?.of(0x30)?)?;
    let padded = |number: &Tlv<'_>| {
        let number = number.body.strip_prefix(&[0]).unwrap_or(number.body);
        let zeros = size.checked_sub(number.len())?;
        Some([vec![0; zeros], number.to_vec()].concat())
    };
    Some([padded(numbers.first()?)?, padded(numbers.get(1)?)?].concat())
}
