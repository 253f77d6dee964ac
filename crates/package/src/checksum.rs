//! Checksums of manifests. MD5 and SHA-1 are read, because old bags have no other; what we write has SHA-256.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// A checksum that a manifest may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// By the name it has in a manifest's file name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|one| one.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Whether a text can be one.
    pub(crate) fn fits(self, digest: &str) -> bool {
        let digits = match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha224 => 56,
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        };
        digest.len() == digits && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

enum Running {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

/// Several checksums of the same bytes, in one pass.
pub(crate) struct Checksums(Vec<(Algorithm, Running)>);

impl Checksums {
    pub(crate) fn new(algorithms: impl Iterator<Item = Algorithm>) -> Self {
        let begin = |algorithm| match algorithm {
            Algorithm::Md5 => Running::Md5(Md5::new()),
            Algorithm::Sha1 => Running::Sha1(Sha1::new()),
            Algorithm::Sha224 => Running::Sha224(Sha224::new()),
            Algorithm::Sha384 => Running::Sha384(Sha384::new()),
            Algorithm::Sha256 => Running::Sha256(Sha256::new()),
            Algorithm::Sha512 => Running::Sha512(Sha512::new()),
        };
        Self(algorithms.map(|algorithm| (algorithm, begin(algorithm))).collect())
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for (_, running) in &mut self.0 {
            match running {
                Running::Md5(hash) => hash.update(bytes),
                Running::Sha1(hash) => hash.update(bytes),
                Running::Sha224(hash) => hash.update(bytes),
                Running::Sha384(hash) => hash.update(bytes),
                Running::Sha256(hash) => hash.update(bytes),
                Running::Sha512(hash) => hash.update(bytes),
            }
        }
    }

    /// Each as lower-case hexadecimal.
    pub(crate) fn finish(self) -> Vec<(Algorithm, String)> {
        let end = |running| match running {
            Running::Md5(hash) => hex(&hash.finalize()),
            Running::Sha1(hash) => hex(&hash.finalize()),
            Running::Sha224(hash) => hex(&hash.finalize()),
            Running::Sha384(hash) => hex(&hash.finalize()),
            Running::Sha256(hash) => hex(&hash.finalize()),
            Running::Sha512(hash) => hex(&hash.finalize()),
        };
        self.0.into_iter().map(|(algorithm, running)| (algorithm, end(running))).collect()
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
