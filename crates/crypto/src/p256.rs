//! ECDSA on P-256 with SHA-256 (FIPS 186-5), signatures as COSE and JOSE have them: the keys that sign cards.
//!
//! The nonce of a signature is drawn inside aws-lc: the one randomness here that is no parameter.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use zeroize::Zeroizing;

/// A public key: the point, uncompressed (SEC 1 §2.3.3).
pub type PublicKey = [u8; 65];
/// A signature: both numbers, 32 bytes each.
pub type Signature = [u8; 64];

/// ECPrivateKey (RFC 5915) on P-256, around the number.
const BEFORE: [u8; 7] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
const AFTER: [u8; 12] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// SubjectPublicKeyInfo (RFC 5480) of a P-256 key, before its point.
const INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A signing key; never printed.
pub struct SigningKey(EcdsaKeyPair);

impl SigningKey {
    /// The key of this number; `None` for the few that are no key (0, or not below the curve's order): take others.
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let der = Zeroizing::new([&BEFORE[..], seed, &AFTER].concat());
        EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok().map(Self)
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        self.0.public_key().as_ref().try_into().expect("an uncompressed point on P-256 has 65 bytes")
    }

    /// Signs `message`; `None` where the library does not.
    pub fn sign(&self, message: &[u8]) -> Option<Signature> {
        self.0.sign(&SystemRandom::new(), message).ok()?.as_ref().try_into().ok()
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// Whether `signature` is one of `key` over `message`. Any bytes may be given.
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature).is_ok()
}

/// The key as DER `SubjectPublicKeyInfo`.
pub fn key_info(key: &PublicKey) -> Vec<u8> {
    [&INFO[..], key].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{from_hex, to_hex};
    use crate::verify::{KeyKind, key_kind};

    /// RFC 6979 §A.2.5: the key and one signature.
    const SEED: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
    const POINT: &str = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
        7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const SAMPLE: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
        f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

    #[test]
    fn rfc6979_sample() {
        let key = SigningKey::from_seed(&from_hex(SEED).unwrap()).unwrap();
        assert_eq!(to_hex(&key.public_key()), POINT);
        let known: [u8; 64] = from_hex(SAMPLE).unwrap();
        assert!(verify(&key.public_key(), b"sample", &known));
        let own = key.sign(b"sample").unwrap();
        assert!(verify(&key.public_key(), b"sample", &own));
        assert!(
            !verify(&key.public_key(), b"simple", &own) && !verify(&key.public_key(), b"sample", &own[..63])
        );
        for at in 0..64 {
            let mut bad = known;
            bad[at] ^= 1;
            assert!(!verify(&key.public_key(), b"sample", &bad));
        }
        assert_eq!(key_kind(&key_info(&key.public_key())), Ok(KeyKind::P256));
    }

    #[test]
    fn what_is_no_key_says_so() {
        assert!(SigningKey::from_seed(&[0; 32]).is_none() && SigningKey::from_seed(&[0xff; 32]).is_none());
    }
}
