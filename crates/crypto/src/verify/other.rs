//! What aws-lc-rs does not verify, by openssl: Ed448, brainpool curves, DSA, SHA-3 and SHA-224 with RSA and ECDSA, RSA
//! below 2048 bits, PSS whose parameters are not all one digest.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};

use super::{Algorithm, Hash, Outcome, Unsupported};

pub(super) fn verify(spki: &[u8], algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Outcome {
    let outcome = match PKey::public_key_from_der(spki) {
        Err(_) => Outcome::Unsupported(Unsupported::Key),
        Ok(key) => match fits(&key, algorithm, message, signature) {
            Ok(true) => Outcome::Valid,
            // An encoding that cannot be a signature is an error to openssl; to us it does not fit.
            Ok(false) | Err(_) => Outcome::Invalid,
        },
    };
    // openssl leaves its errors behind for whoever asks next.
    drop(ErrorStack::get());
    outcome
}

fn fits(
    key: &PKey<Public>,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    if algorithm == Algorithm::Ed448 {
        return Verifier::new_without_digest(key)?.verify_oneshot(signature, message);
    }
    let (Algorithm::RsaPkcs1(hash)
    | Algorithm::RsaPss { hash, .. }
    | Algorithm::Ecdsa(hash)
    | Algorithm::Dsa(hash)) = algorithm
    else {
        return Ok(false);
    };
    let mut verifier = Verifier::new(digest(hash), key)?;
    if let Algorithm::RsaPss { mgf, salt, .. } = algorithm {
        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
        verifier.set_rsa_mgf1_md(digest(mgf))?;
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::try_from(salt).unwrap_or(i32::MAX)))?;
    }
    verifier.verify_oneshot(signature, message)
}

/// A hasher of what `sha2` does not have; `None` when the library refuses.
pub(super) fn hasher(hash: Hash) -> Option<openssl::hash::Hasher> {
    openssl::hash::Hasher::new(digest(hash)).ok()
}

fn digest(hash: Hash) -> MessageDigest {
    match hash {
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
    }
}
