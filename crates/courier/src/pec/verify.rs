//! The provider's signature (RFC 6109 §4.3, RFC 8551): over the raw bytes of the first part, and by whom.

use std::collections::BTreeSet;

use plico_crypto::digest::{sha256, to_hex};
use plico_signature::report::{Container, Report, SignatureReport};
use plico_signature::{Options, inspect};

/// The certificates of providers that are believed, by their SHA-256: the list that AgID publishes, or part of it.
#[derive(Debug, Clone, Default)]
pub struct Providers(BTreeSet<String>);

impl Providers {
    /// From SHA-256 digests of certificates in hexadecimal, with or without colons.
    pub fn new<T: AsRef<str>>(digests: impl IntoIterator<Item = T>) -> Self {
        Self(digests.into_iter().map(|one| one.as_ref().replace(':', "").trim().to_lowercase()).collect())
    }

    fn has(&self, digest: &str) -> bool {
        self.0.contains(digest)
    }
}

/// Who signed, as the certificate says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signer {
    /// Common name.
    pub name: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub certificate_sha256: String,
    /// End of the certificate's validity, RFC 3339: an old receipt outlives the certificate.
    pub not_after: String,
}

/// What is known of a message's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// It holds, and a provider that is believed made it.
    Intact(Signer),
    /// It holds, and whoever made it is not on the list.
    UnknownSigner(Signer),
    /// There is one, and it does not hold.
    Broken,
    /// There is none.
    Unsigned,
}

impl Seal {
    /// Whether what it is over counts.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Intact(_))
    }
}

/// The seal of a message, and the bytes that are signed. Those are handed out also when the signature is broken, to be
/// shown; they are the ones of which the digest was verified when it is not.
pub(crate) fn verify(raw: &[u8], boundary: &str, providers: &Providers) -> (Seal, Option<Vec<u8>>) {
    let Some(part) = first_part(raw, boundary) else { return (Seal::Broken, None) };
    let report = inspect(raw, &Options::at(0, None));
    let signature = match report.signatures.as_slice() {
        [one] if report.container == Container::Smime && one.intact => one,
        _ => return (Seal::Broken, Some(part.to_vec())),
    };
    // The two readers of the message must have found the same bytes, as they are or with line ends mended.
    let Some(signed) = [part.to_vec(), mended(part)].into_iter().find(|bytes| is_signed(&report, bytes))
    else {
        return (Seal::Broken, Some(part.to_vec()));
    };
    let signer = signer(signature);
    let seal = if providers.has(&signer.certificate_sha256) {
        Seal::Intact(signer)
    } else {
        Seal::UnknownSigner(signer)
    };
    (seal, Some(signed))
}

fn is_signed(report: &Report, bytes: &[u8]) -> bool {
    let digest = sha256(bytes);
    report.content.as_ref().is_some_and(|content| content.sha256 == to_hex(&digest))
}

fn signer(signature: &SignatureReport) -> Signer {
    let signer = &signature.signer;
    Signer {
        name: signer.common_name.clone().unwrap_or_default(),
        certificate_sha256: signer.certificate_sha256.clone().unwrap_or_default(),
        not_after: signer.not_after.clone().unwrap_or_default(),
    }
}

/// The first part of a message in parts: between its first two delimiter lines (RFC 2046 §5.1.1).
fn first_part<'a>(raw: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let is_delimiter = |line: &[u8]| {
        let line = line.trim_ascii_end();
        line == delimiter.as_bytes() || line.strip_suffix(b"--") == Some(delimiter.as_bytes())
    };
    let (mut at, mut start) = (0, None);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if is_delimiter(line) {
            let Some(start) = start else {
                start = Some(at + line.len());
                at += line.len();
                continue;
            };
            let part = raw.get(start..at)?;
            let part = part.strip_suffix(b"\n")?;
            return Some(part.strip_suffix(b"\r").unwrap_or(part));
        }
        at += line.len();
    }
    None
}

fn mended(part: &[u8]) -> Vec<u8> {
    let (mut out, mut before) = (Vec::with_capacity(part.len() + part.len() / 32), 0);
    for &byte in part {
        if byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(byte);
        before = byte;
    }
    out
}
