//! Raw signature verification over a `SubjectPublicKeyInfo`: by aws-lc-rs, and what it does not do by openssl.
//!
//! It answers one question: does this signature fit this message under this key? Whether the algorithm is still
//! strong enough, and whether the key may be believed, is asked elsewhere. What cannot be checked here is
//! [`Outcome::Unsupported`], which is never the same as wrong.

mod hash;
mod other;

pub use hash::{Hash, Hasher};

use aws_lc_rs::signature::{self as lc, RsaParameters, UnparsedPublicKey, VerificationAlgorithm};

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
    /// Ed448 without a context (RFC 8032, RFC 8410).
    Ed448,
    /// DSA (RFC 3279 §2.2.2), which only old paths have.
    Dsa(Hash),
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
    /// The kind of key or its curve is not one of those of [`KeyKind`].
    #[error("the kind of key is not supported")]
    KeyKind,
    /// An RSA modulus outside 1024–8192 bits; the size in bits.
    #[error("the RSA key has {0} bits, outside 1024 to 8192")]
    KeySize(u32),
    /// The key is of one kind and the signature algorithm of another.
    #[error("the signature algorithm does not belong to this kind of key")]
    KeyMismatch,
    /// The digest is not supported with this kind of key.
    #[error("the digest is not supported with this kind of key")]
    Digest,
    /// PSS parameters that no key of this size can have.
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
    /// Brainpool r1 (RFC 5639); the size of the curve in bits.
    Brainpool(u32),
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA; the size of its prime in bits, 0 when its parameters are elsewhere.
    Dsa(u32),
}

const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const OID_BRAINPOOL: &[u8] = &[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01];
const OID_DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const OID_ED448: &[u8] = &[0x2b, 0x65, 0x71];

/// Says what key a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7) holds.
pub fn key_kind(spki_der: &[u8]) -> Result<KeyKind, Unsupported> {
    read_key(spki_der).map(|(kind, _)| kind)
}

/// Checks `signature` over `message` (not its digest) under the key of a DER `SubjectPublicKeyInfo`.
pub fn verify(spki_der: &[u8], algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Outcome {
    let (kind, key) = match read_key(spki_der) {
        Ok(read) => read,
        Err(reason) => return Outcome::Unsupported(reason),
    };
    match choose(kind, algorithm) {
        Err(reason) => Outcome::Unsupported(reason),
        Ok(Some(chosen)) => match UnparsedPublicKey::new(chosen, key).verify(message, signature) {
            Ok(()) => Outcome::Valid,
            Err(_) => Outcome::Invalid,
        },
        Ok(None) => other::verify(spki_der, algorithm, message, signature),
    }
}

/// The algorithm of aws-lc-rs; `None` when only openssl has it.
fn choose(
    kind: KeyKind,
    algorithm: Algorithm,
) -> Result<Option<&'static dyn VerificationAlgorithm>, Unsupported> {
    if let KeyKind::Rsa(bits) | KeyKind::RsaPss(bits) = kind
        && !(1024..=8192).contains(&bits)
    {
        return Err(Unsupported::KeySize(bits));
    }
    Ok(Some(match (kind, algorithm) {
        (KeyKind::Rsa(bits), Algorithm::RsaPkcs1(hash)) if bits >= 2048 => match hash {
            Hash::Sha1 => &lc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &lc::RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &lc::RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &lc::RSA_PKCS1_2048_8192_SHA512,
            _ => return Ok(None),
        },
        (KeyKind::Rsa(bits) | KeyKind::RsaPss(bits), Algorithm::RsaPss { hash, mgf, salt }) => {
            // RFC 8017 §9.1.1: salt, digest and two octets fit into the modulus.
            if salt as usize + hash.len() + 2 > bits as usize / 8 {
                return Err(Unsupported::PssParameters);
            }
            if hash != mgf || salt as usize != hash.len() || bits < 2048 {
                return Ok(None);
            }
            match hash {
                Hash::Sha256 => &lc::RSA_PSS_2048_8192_SHA256,
                Hash::Sha384 => &lc::RSA_PSS_2048_8192_SHA384,
                Hash::Sha512 => &lc::RSA_PSS_2048_8192_SHA512,
                _ => return Ok(None),
            }
        }
        (KeyKind::P256, Algorithm::Ecdsa(hash)) => match hash {
            Hash::Sha1 => &lc::ECDSA_P256_SHA1_ASN1,
            Hash::Sha256 => &lc::ECDSA_P256_SHA256_ASN1,
            Hash::Sha384 => &lc::ECDSA_P256_SHA384_ASN1,
            Hash::Sha512 => &lc::ECDSA_P256_SHA512_ASN1,
            _ => return Ok(None),
        },
        (KeyKind::P384, Algorithm::Ecdsa(hash)) => match hash {
            Hash::Sha256 => &lc::ECDSA_P384_SHA256_ASN1,
            Hash::Sha384 => &lc::ECDSA_P384_SHA384_ASN1,
            Hash::Sha512 => &lc::ECDSA_P384_SHA512_ASN1,
            _ => return Ok(None),
        },
        (KeyKind::P521, Algorithm::Ecdsa(hash)) => match hash {
            Hash::Sha1 => &lc::ECDSA_P521_SHA1_ASN1,
            Hash::Sha256 => &lc::ECDSA_P521_SHA256_ASN1,
            Hash::Sha384 => &lc::ECDSA_P521_SHA384_ASN1,
            Hash::Sha512 => &lc::ECDSA_P521_SHA512_ASN1,
            _ => return Ok(None),
        },
        (KeyKind::Ed25519, Algorithm::Ed25519) => &lc::ED25519,
        (KeyKind::Rsa(_), Algorithm::RsaPkcs1(_))
        | (KeyKind::Brainpool(_), Algorithm::Ecdsa(_))
        | (KeyKind::Ed448, Algorithm::Ed448)
        | (KeyKind::Dsa(1..), Algorithm::Dsa(_)) => return Ok(None),
        _ => return Err(Unsupported::KeyMismatch),
    }))
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
        OID_ED448 => KeyKind::Ed448,
        OID_EC => match element(parameters, 0x06) {
            Some((OID_P256, [])) => KeyKind::P256,
            Some((OID_P384, [])) => KeyKind::P384,
            Some((OID_P521, [])) => KeyKind::P521,
            // A curve is named or it is not taken: explicit parameters let anybody forge a key (CVE-2020-0601).
            Some((id, [])) => KeyKind::Brainpool(brainpool(id).ok_or(Unsupported::KeyKind)?),
            _ => return Err(Unsupported::KeyKind),
        },
        OID_DSA => {
            KeyKind::Dsa(element(parameters, 0x30).and_then(|(inside, _)| integer_bits(inside)).unwrap_or(0))
        }
        _ => return Err(Unsupported::KeyKind),
    };
    Ok((kind, key))
}

/// Bits of the r1 curves of RFC 5639 that are in use.
fn brainpool(id: &[u8]) -> Option<u32> {
    Some(match id.strip_prefix(OID_BRAINPOOL)? {
        [7] => 256,
        [9] => 320,
        [11] => 384,
        [13] => 512,
        _ => return None,
    })
}

/// Bits of the INTEGER that comes first.
fn integer_bits(bytes: &[u8]) -> Option<u32> {
    let (number, _) = element(bytes, 0x02)?;
    let first = number.iter().position(|&byte| byte != 0)?;
    Some((number.len() - first) as u32 * 8 - number[first].leading_zeros())
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
        assert_eq!(verify(&key, odd, b"atto", &signature), Outcome::Invalid);
        let long = Algorithm::RsaPss { hash: Hash::Sha256, mgf: Hash::Sha256, salt: 223 };
        assert_eq!(verify(&key, long, b"atto", &signature), Outcome::Unsupported(Unsupported::PssParameters));
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
    fn ed448_round_trip() {
        let pair = openssl::pkey::PKey::generate_ed448().unwrap();
        let key = pair.public_key_to_der().unwrap();
        let mut signer = openssl::sign::Signer::new_without_digest(&pair).unwrap();
        let signature = signer.sign_oneshot_to_vec(b"atto").unwrap();
        assert_eq!(key_kind(&key), Ok(KeyKind::Ed448));
        assert_eq!(verify(&key, Algorithm::Ed448, b"atto", &signature), Outcome::Valid);
        assert_eq!(verify(&key, Algorithm::Ed448, b"atti", &signature), Outcome::Invalid);
        assert_eq!(verify(&key, Algorithm::Ed448, b"atto", &signature[..113]), Outcome::Invalid);
        let mismatch = Outcome::Unsupported(Unsupported::KeyMismatch);
        assert_eq!(verify(&key, Algorithm::Ed25519, b"atto", &signature), mismatch);
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
