//! Raw signature verification over a `SubjectPublicKeyInfo`, by aws-lc-rs.
//!
//! It answers one question: does this signature fit this message under this key? Whether the algorithm is still
//! strong enough, and whether the key may be believed, is asked elsewhere. What cannot be checked here is
//! [`Outcome::Unsupported`], which is never the same as wrong.

use aws_lc_rs::signature::{self as lc, RsaParameters, UnparsedPublicKey, VerificationAlgorithm};

/// A message digest named by a signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1: only so that old signatures can be told apart from broken ones; it proves nothing today.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// Length of the digest in bytes.
    pub fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Always false: there is no empty digest.
    pub fn is_empty(self) -> bool {
        false
    }
}

/// A signature algorithm with the parameters that change the mathematics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS (RFC 8017 §8.1).
    RsaPss {
        /// Digest of the message.
        hash: Hash,
        /// Digest inside MGF1.
        mgf: Hash,
        /// Length of the salt in bytes.
        salt: u32,
    },
    /// ECDSA with a DER signature (RFC 3279 §2.2.3, RFC 5758 §3.2); the curve is the key's.
    Ecdsa(Hash),
    /// Ed25519 (RFC 8032, RFC 8410).
    Ed25519,
}

/// What the mathematics say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The signature fits.
    Valid,
    /// The signature does not fit, or is malformed.
    Invalid,
    /// It could not be checked.
    Unsupported(Unsupported),
}

/// Why a signature could not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// The public key is not a well-formed `SubjectPublicKeyInfo`.
    #[error("the public key cannot be read")]
    Key,
    /// The kind of key or its curve is not one of RSA, P-256, P-384, P-521, Ed25519.
    #[error("the kind of key is not supported")]
    KeyKind,
    /// An RSA modulus outside 2048–8192 bits; the size in bits.
    #[error("the RSA key has {0} bits, outside 2048 to 8192")]
    KeySize(u32),
    /// The key is of one kind and the signature algorithm of another.
    #[error("the signature algorithm does not belong to this kind of key")]
    KeyMismatch,
    /// The digest is not supported with this kind of key.
    #[error("the digest is not supported with this kind of key")]
    Digest,
    /// PSS whose MGF1 digest or salt length differ from the digest of the message.
    #[error("these RSA-PSS parameters are not supported")]
    PssParameters,
}

/// The kind of key inside a `SubjectPublicKeyInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `rsaEncryption`; the size of the modulus in bits.
    Rsa(u32),
    /// `id-RSASSA-PSS`; the size of the modulus in bits.
    RsaPss(u32),
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Ed25519.
    Ed25519,
}

const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// Says what key a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7) holds.
pub fn key_kind(spki_der: &[u8]) -> Result<KeyKind, Unsupported> {
    read_key(spki_der).map(|(kind, _)| kind)
}

/// Checks `signature` over `message` (not its digest) under the key of a DER `SubjectPublicKeyInfo`.
pub fn verify(spki_der: &[u8], algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Outcome {
    let checked = read_key(spki_der).and_then(|(kind, key)| Ok((choose(kind, algorithm)?, key)));
    match checked {
        Err(reason) => Outcome::Unsupported(reason),
        Ok((algorithm, key)) => match UnparsedPublicKey::new(algorithm, key).verify(message, signature) {
            Ok(()) => Outcome::Valid,
            Err(_) => Outcome::Invalid,
        },
    }
}

fn choose(kind: KeyKind, algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm, Unsupported> {
    if let KeyKind::Rsa(bits) | KeyKind::RsaPss(bits) = kind
        && !(2048..=8192).contains(&bits)
    {
        return Err(Unsupported::KeySize(bits));
    }
    Ok(match (kind, algorithm) {
        (KeyKind::Rsa(_), Algorithm::RsaPkcs1(hash)) => match hash {
            Hash::Sha1 => &lc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &lc::RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &lc::RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &lc::RSA_PKCS1_2048_8192_SHA512,
        },
        (KeyKind::Rsa(_) | KeyKind::RsaPss(_), Algorithm::RsaPss { hash, mgf, salt }) => {
            if hash != mgf || salt as usize != hash.len() {
                return Err(Unsupported::PssParameters);
            }
            match hash {
                Hash::Sha1 => return Err(Unsupported::Digest),
                Hash::Sha256 => &lc::RSA_PSS_2048_8192_SHA256,
                Hash::Sha384 => &lc::RSA_PSS_2048_8192_SHA384,
                Hash::Sha512 => &lc::RSA_PSS_2048_8192_SHA512,
            }
        }
        (KeyKind::P256, Algorithm::Ecdsa(hash)) => match hash {
            Hash::Sha1 => &lc::ECDSA_P256_SHA1_ASN1,
            Hash::Sha256 => &lc::ECDSA_P256_SHA256_ASN1,
            Hash::Sha384 => &lc::ECDSA_P256_SHA384_ASN1,
            Hash::Sha512 => &lc::ECDSA_P256_SHA512_ASN1,
        },
        (KeyKind::P384, Algorithm::Ecdsa(hash)) => match hash {
            Hash::Sha1 => return Err(Unsupported::Digest),
            Hash::Sha256 => &lc::ECDSA_P384_SHA256_ASN1,
            Hash::Sha384 => &lc::ECDSA_P384_SHA384_ASN1,
            Hash::Sha512 => &lc::ECDSA_P384_SHA512_ASN1,
        },
        (KeyKind::P521, Algorithm::Ecdsa(hash)) => match hash {
            Hash::Sha1 => &lc::ECDSA_P521_SHA1_ASN1,
            Hash::Sha256 => &lc::ECDSA_P521_SHA256_ASN1,
            Hash::Sha384 => &lc::ECDSA_P521_SHA384_ASN1,
            Hash::Sha512 => &lc::ECDSA_P521_SHA512_ASN1,
        },
        (KeyKind::Ed25519, Algorithm::Ed25519) => &lc::ED25519,
        _ => return Err(Unsupported::KeyMismatch),
    })
}

/// Splits a `SubjectPublicKeyInfo` into its kind and the bare key. Strict DER: a certificate's key is always DER.
fn read_key(spki: &[u8]) -> Result<(KeyKind, &[u8]), Unsupported> {
    let read = || {
        let (body, rest) = element(spki, 0x30)?;
        let (algorithm, after) = element(body, 0x30)?;
        let (bits, tail) = element(after, 0x03)?;
        let (oid, parameters) = element(algorithm, 0x06)?;
        let (&unused, key) = bits.split_first()?;
        (rest.is_empty() && tail.is_empty() && unused == 0).then_some((oid, parameters, key))
    };
    let (oid, parameters, key) = read().ok_or(Unsupported::Key)?;
    let rsa_bits = || RsaParameters::public_modulus_len(key).map_err(|_| Unsupported::Key);
    let kind = match oid {
        OID_RSA => KeyKind::Rsa(rsa_bits()?),
        OID_PSS => KeyKind::RsaPss(rsa_bits()?),
        OID_ED25519 => KeyKind::Ed25519,
        OID_EC => match element(parameters, 0x06) {
            Some((OID_P256, [])) => KeyKind::P256,
            Some((OID_P384, [])) => KeyKind::P384,
            Some((OID_P521, [])) => KeyKind::P521,
            _ => return Err(Unsupported::KeyKind),
        },
        _ => return Err(Unsupported::KeyKind),
    };
    Ok((kind, key))
}

/// The contents of the first element when it has this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::KeyPair;

    fn spki(key: &impl AsDer<PublicKeyX509Der<'static>>) -> Vec<u8> {
        key.as_der().unwrap().as_ref().to_vec()
    }

    #[test]
    fn p256_fits_only_its_own_message_key_and_digest() {
        let pair = lc::EcdsaKeyPair::generate(&lc::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let other = lc::EcdsaKeyPair::generate(&lc::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let signature = pair.sign(&SystemRandom::new(), b"atto").unwrap();
        let key = spki(pair.public_key());
        let ecdsa = Algorithm::Ecdsa(Hash::Sha256);
        assert_eq!(verify(&key, ecdsa, b"atto", signature.as_ref()), Outcome::Valid);
        assert_eq!(verify(&key, ecdsa, b"atti", signature.as_ref()), Outcome::Invalid);
        assert_eq!(verify(&key, ecdsa, b"atto", &[]), Outcome::Invalid);
        assert_eq!(
            verify(&key, Algorithm::Ecdsa(Hash::Sha512), b"atto", signature.as_ref()),
            Outcome::Invalid
        );
        assert_eq!(verify(&spki(other.public_key()), ecdsa, b"atto", signature.as_ref()), Outcome::Invalid);
        assert_eq!(
            verify(&key, Algorithm::RsaPkcs1(Hash::Sha256), b"atto", signature.as_ref()),
            Outcome::Unsupported(Unsupported::KeyMismatch)
        );
    }

    #[test]
    fn rsa_paddings_are_not_confused() {
        let pair = lc::RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&lc::RSA_PKCS1_SHA256, &SystemRandom::new(), b"atto", &mut signature).unwrap();
        let key = spki(pair.public_key());
        assert_eq!(key_kind(&key), Ok(KeyKind::Rsa(2048)));
        assert_eq!(verify(&key, Algorithm::RsaPkcs1(Hash::Sha256), b"atto", &signature), Outcome::Valid);
        let pss = Algorithm::RsaPss { hash: Hash::Sha256, mgf: Hash::Sha256, salt: 32 };
        assert_eq!(verify(&key, pss, b"atto", &signature), Outcome::Invalid);
        pair.sign(&lc::RSA_PSS_SHA256, &SystemRandom::new(), b"atto", &mut signature).unwrap();
        assert_eq!(verify(&key, pss, b"atto", &signature), Outcome::Valid);
        let odd = Algorithm::RsaPss { hash: Hash::Sha256, mgf: Hash::Sha256, salt: 20 };
        assert_eq!(verify(&key, odd, b"atto", &signature), Outcome::Unsupported(Unsupported::PssParameters));
    }

    #[test]
    fn ed25519_round_trip() {
        let pair = lc::Ed25519KeyPair::generate().unwrap();
        let key = spki(pair.public_key());
        let signature = pair.sign(b"atto");
        assert_eq!(verify(&key, Algorithm::Ed25519, b"atto", signature.as_ref()), Outcome::Valid);
        assert_eq!(verify(&key, Algorithm::Ed25519, b"", signature.as_ref()), Outcome::Invalid);
    }

    #[test]
    fn a_broken_key_is_unsupported_not_invalid() {
        let pair = lc::EcdsaKeyPair::generate(&lc::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let key = spki(pair.public_key());
        for length in 0..key.len() {
            assert_eq!(
                verify(&key[..length], Algorithm::Ecdsa(Hash::Sha256), b"", b""),
                Outcome::Unsupported(Unsupported::Key)
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn random_keys_and_signatures_never_panic(
            key in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            signature in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100),
        ) {
            verify(&key, Algorithm::Ed25519, b"x", &signature);
            verify(&key, Algorithm::RsaPkcs1(Hash::Sha256), b"x", &signature);
        }
    }
}
