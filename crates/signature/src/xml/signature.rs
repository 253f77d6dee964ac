//! One `Signature` element (XMLDSig §4), read strictly: what stands where it should not is not skipped.

use plico_crypto::verify::{self, Algorithm, Outcome, Unsupported};

use super::algorithm;
use super::c14n::{Method, Subset, Without, canonicalise};
use super::reference::Reference;
use super::tree::{At, Document};
use super::{DSIG, decode};

/// References of one signature.
const MAX_REFERENCES: usize = 64;
/// Certificates of one signature.
const MAX_CERTIFICATES: usize = 64;

/// A signature as written.
#[derive(Debug)]
pub(crate) struct Signature<'d> {
    pub(crate) at: At<'d>,
    /// What is really signed: which references, by which algorithms.
    pub(crate) signed_info: At<'d>,
    method: Option<Method>,
    pub(crate) algorithm_id: &'d str,
    pub(crate) value: Vec<u8>,
    /// The element that holds the value, which time stamps are over.
    pub(crate) value_at: At<'d>,
    pub(crate) references: Vec<Reference<'d>>,
    pub(crate) key_info: Option<At<'d>>,
    /// Certificates that it brings. None of them is believed for that.
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) objects: Vec<At<'d>>,
}

/// The signatures of a document; those inside of another's properties are that one's matter.
pub(crate) fn all(document: &Document) -> Vec<At<'_>> {
    let mut found: Vec<At<'_>> = Vec::new();
    for at in document.root().descendants().filter(|at| at.is(DSIG, "Signature")) {
        if found.last().is_none_or(|last| !at.within(*last)) {
            found.push(at);
        }
    }
    found
}

impl<'d> Signature<'d> {
    pub(crate) fn read(at: At<'d>) -> Option<Self> {
        let mut parts = at.elements().peekable();
        let mut next = |name: &str| parts.next_if(|part| part.is(DSIG, name));
        let signed_info = next("SignedInfo")?;
        let value_at = next("SignatureValue")?;
        let key_info = next("KeyInfo");
        let objects: Vec<At<'d>> = parts.collect();
        if objects.iter().any(|object| !object.is(DSIG, "Object")) {
            return None;
        }
        let mut inside = signed_info.elements();
        let method = inside.next().filter(|one| one.is(DSIG, "CanonicalizationMethod"))?;
        let algorithm = inside.next().filter(|one| one.is(DSIG, "SignatureMethod"))?;
        let references = inside.map(|one| one.is(DSIG, "Reference").then(|| Reference::read(one)).flatten());
        let references = references.take(MAX_REFERENCES + 1).collect::<Option<Vec<_>>>()?;
        if references.is_empty() || references.len() > MAX_REFERENCES {
            return None;
        }
        Some(Self {
            at,
            signed_info,
            method: algorithm::canonical(method),
            algorithm_id: algorithm.attribute("Algorithm")?,
            value: decode(&value_at.text())?,
            value_at,
            references,
            key_info,
            certificates: key_info.map(certificates).unwrap_or_default(),
            objects,
        })
    }

    /// The algorithm that it names.
    pub(crate) fn algorithm(&self) -> Option<Algorithm> {
        algorithm::signature(self.algorithm_id)
    }

    /// The bytes that are signed.
    pub(crate) fn signed_bytes(&self) -> Option<Vec<u8>> {
        let subset = Subset { apex: Some(self.signed_info.node), without: Without::Nothing, comments: true };
        canonicalise(self.at.document, subset, self.method.as_ref()?).ok()
    }

    /// Whether its value fits what is signed, under a key (`SubjectPublicKeyInfo`). The references are checked apart.
    pub(crate) fn fits(&self, spki: &[u8]) -> Outcome {
        let unsupported = Outcome::Unsupported(Unsupported::KeyMismatch);
        let (Some(algorithm), Some(bytes)) = (self.algorithm(), self.signed_bytes()) else {
            return unsupported;
        };
        match algorithm::value(algorithm, &self.value) {
            Some(value) => verify::verify(spki, algorithm, &bytes, &value),
            None => Outcome::Invalid,
        }
    }
}

/// The certificates of a `KeyInfo`.
fn certificates(key_info: At<'_>) -> Vec<Vec<u8>> {
    let data = key_info.children(DSIG, "X509Data").flat_map(|data| data.children(DSIG, "X509Certificate"));
    data.filter_map(|certificate| decode(&certificate.text())).take(MAX_CERTIFICATES).collect()
}
