//! Message digests that signature algorithms name.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::other;

/// A message digest named by a signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1: only so that old signatures can be told apart from broken ones; it proves nothing today.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-224.
    Sha3_224,
    /// SHA3-256.
    Sha3_256,
    /// SHA3-384.
    Sha3_384,
    /// SHA3-512.
    Sha3_512,
    /// SHAKE256 with 512 bits of output, as Ed448 in CMS wants it (RFC 8419 §3.1).
    Shake256,
}

impl Hash {
    /// Length of the digest in bytes.
    pub fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Shake256 => 64,
        }
    }

    /// The digest of bytes.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
            other => {
                let mut hasher = other.hasher();
                hasher.update(bytes);
                hasher.finish()
            }
        }
    }

    /// A digest of bytes that come one after another.
    pub fn hasher(self) -> Hasher {
        match self {
            Self::Sha256 => Hasher(Running::Sha256(Sha256::new())),
            Self::Sha384 => Hasher(Running::Sha384(Sha384::new())),
            Self::Sha512 => Hasher(Running::Sha512(Sha512::new())),
            Self::Shake256 => Hasher(Running::Extendable(other::hasher(self))),
            other => Hasher(Running::Other(other::hasher(other))),
        }
    }

    /// Always false: there is no empty digest.
    pub fn is_empty(self) -> bool {
        false
    }
}

/// A digest under way.
pub struct Hasher(Running);

enum Running {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    /// `None` when the library refuses: then there is no digest, which nothing equals.
    Other(Option<openssl::hash::Hasher>),
    /// One whose output has the length that is asked for.
    Extendable(Option<openssl::hash::Hasher>),
}

impl Hasher {
    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Running::Sha256(running) => running.update(bytes),
            Running::Sha384(running) => running.update(bytes),
            Running::Sha512(running) => running.update(bytes),
            Running::Other(running) | Running::Extendable(running) => {
                if running.as_mut().is_some_and(|running| running.update(bytes).is_err()) {
                    *running = None;
                }
            }
        }
    }

    /// The digest.
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            Running::Sha256(running) => running.finalize().to_vec(),
            Running::Sha384(running) => running.finalize().to_vec(),
            Running::Sha512(running) => running.finalize().to_vec(),
            Running::Other(running) => {
                let digest = running.and_then(|mut running| running.finish().ok());
                digest.map(|digest| digest.to_vec()).unwrap_or_default()
            }
            Running::Extendable(running) => {
                let mut digest = vec![0; Hash::Shake256.len()];
                let done = running.and_then(|mut running| running.finish_xof(&mut digest).ok());
                done.map(|()| digest).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shake256_has_the_published_output() {
        // FIPS 202, of nothing: the first 512 bits.
        let empty = "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f\
            d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be";
        assert_eq!(crate::digest::to_hex(&Hash::Shake256.of(b"")), empty);
    }
}
