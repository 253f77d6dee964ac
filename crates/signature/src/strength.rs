//! Until when an algorithm or a key proves something.
//!
//! Sources: ETSI TS 102 176-1 V2.1.1 and ETSI TS 119 312 V1.3.1 as the European reference validator applies them; for
//! SHA-1 the later date until which Italian law accepted it (CNIPA 45/2009 as amended). What has no end in a table of
//! today has none here: an end that lies ahead is a matter for a later version.

use plico_crypto::verify::{Algorithm, Hash, KeyKind, key_kind};

/// 30 June 2011, the end of the day in Rome.
const SHA1_END_MS: i64 = 1_309_471_200_000;
/// The end of 2009: RSA and DSA below 1536 bits.
const SHORT_END_MS: i64 = 1_262_300_400_000;
/// The end of 2016: RSA below 1900 bits.
const MIDDLE_END_MS: i64 = 1_483_225_200_000;
/// The end of 2023: SHA-224.
const SHA224_END_MS: i64 = 1_704_063_600_000;

/// What is too weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weak {
    Digest,
    Key,
}

/// Whether digest, algorithm and key still proved something at an instant.
pub(crate) fn weakness(
    digest: Option<Hash>,
    algorithm: Option<Algorithm>,
    spki: &[u8],
    at_ms: i64,
) -> Option<Weak> {
    let used = digest.into_iter().chain(algorithm.into_iter().flat_map(digests));
    if used.map(digest_end).any(|end| end.is_some_and(|end| at_ms > end)) {
        return Some(Weak::Digest);
    }
    key_end(spki).filter(|&end| at_ms > end).map(|_| Weak::Key)
}

fn digests(algorithm: Algorithm) -> Vec<Hash> {
    match algorithm {
        Algorithm::RsaPkcs1(hash) | Algorithm::Ecdsa(hash) | Algorithm::Dsa(hash) => vec![hash],
        Algorithm::RsaPss { hash, mgf, .. } => vec![hash, mgf],
        Algorithm::Ed25519 | Algorithm::Ed448 => Vec::new(),
    }
}

fn digest_end(hash: Hash) -> Option<i64> {
    match hash {
        Hash::Sha1 => Some(SHA1_END_MS),
        Hash::Sha224 => Some(SHA224_END_MS),
        _ => None,
    }
}

fn key_end(spki: &[u8]) -> Option<i64> {
    match key_kind(spki) {
        Ok(KeyKind::Rsa(bits) | KeyKind::RsaPss(bits) | KeyKind::Dsa(bits)) => match bits {
            0..1536 => Some(SHORT_END_MS),
            1536..1900 => Some(MIDDLE_END_MS),
            _ => None,
        },
        _ => None,
    }
}
