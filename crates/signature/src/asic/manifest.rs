//! The manifest of a container (ETSI EN 319 162-1 annex A.4): which files one signature is over, by their digests.

use std::collections::BTreeMap;

use plico_crypto::verify::Hash;

use super::Member;
use crate::xml::{self, DSIG, Limits, algorithm, decode};

/// Namespace of manifests.
const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";

/// A manifest as written; its bytes are what is signed.
pub(super) struct Manifest<'a> {
    pub(super) bytes: &'a [u8],
    /// Names and what must be their digest; nothing where that cannot be told.
    files: Vec<(String, Option<Expected>)>,
}

type Expected = (Hash, Vec<u8>);

/// What the files are to a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// All of them are in it, as they are.
    Holds,
    /// One is not what it was, or is gone.
    Altered,
    /// There are others.
    Partial,
}

/// The manifest of a signature, if this is it.
pub(super) fn of<'a>(bytes: &'a [u8], signature: &str) -> Option<Manifest<'a>> {
    let document = xml::parse(bytes, Limits::DOCUMENT).ok()?;
    let root = document.root();
    let own = root.is(ASIC, "ASiCManifest").then(|| root.only(ASIC, "SigReference")).flatten()?;
    if plain(own.attribute("URI")?)? != signature {
        return None;
    }
    let mut files = Vec::new();
    for reference in root.children(ASIC, "DataObjectReference") {
        let expected = || {
            let hash = algorithm::digest(reference.only(DSIG, "DigestMethod")?.attribute("Algorithm")?)?;
            Some((hash, decode(&reference.only(DSIG, "DigestValue")?.text())?))
        };
        files.push((plain(reference.attribute("URI")?)?, expected()));
    }
    Some(Manifest { bytes, files })
}

impl Manifest<'_> {
    pub(super) fn check(&self, files: &BTreeMap<String, Member>) -> Standing {
        let mut unknown = false;
        for (name, expected) in &self.files {
            let Some((hash, expected)) = expected else {
                unknown = true;
                continue;
            };
            match files.get(name).map(|file| file.digest(*hash)) {
                Some(Some(actual)) if actual == expected => {}
                Some(None) => unknown = true,
                _ => return Standing::Altered,
            }
        }
        let named = |name: &String| self.files.iter().any(|(other, _)| other == name);
        if unknown || !files.keys().all(named) { Standing::Partial } else { Standing::Holds }
    }
}

/// A name as it stands in the ZIP: a URI writes some characters as `%20`.
pub(crate) fn plain(uri: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        if *first == b'%' {
            let digits = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &more[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}
