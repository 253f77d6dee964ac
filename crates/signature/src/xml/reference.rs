//! One reference of an XML signature: what it names, and whether that is what was signed. What is covered is decided
//! here from what was digested, never from what the signature says of itself.

use plico_crypto::verify::Hash;

use super::algorithm::{self, Transform};
use super::c14n::{Method, Subset, Without, canonicalise};
use super::tree::{At, Document};
use super::{DSIG, Work, decode};
use crate::digest::digest;

/// Most steps of one reference.
const MAX_TRANSFORMS: usize = 8;
/// Bytes that are digested for the work of one node.
pub(crate) const UNIT: usize = 32;

/// A reference as written.
#[derive(Debug)]
pub(crate) struct Reference<'d> {
    pub(crate) uri: Option<&'d str>,
    /// What its author says it is.
    pub(crate) kind: &'d str,
    pub(crate) digest_id: &'d str,
    transforms: Vec<Transform>,
    expected: Vec<u8>,
}

/// What a reference covers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'d> {
    /// The whole document, less the signature.
    Document,
    /// One element with everything in it, less the signature.
    Element(At<'d>),
    /// What lies outside, by its name.
    Outside(&'d str),
}

/// Why a reference does not hold, or cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No element has the identifier, or more than one.
    Unresolved,
    /// A transform that is not followed.
    Transform,
    /// What lies outside was not given.
    Missing,
    /// A digest that is not computed here.
    Digest,
    /// The digest differs.
    Altered,
    /// Too much work.
    TooMuch,
}

/// What a reference is over, after its transforms.
pub(crate) enum Taken<'d> {
    Octets(Vec<u8>),
    /// What lies outside, by its name.
    Outside(&'d str),
}

enum Data {
    Nodes(Subset),
    Octets(Vec<u8>),
    Outside,
}

/// What lies outside.
pub(crate) struct Outside<'o> {
    /// Digests by name.
    pub(crate) digest: &'o dyn Fn(&str, Hash) -> Option<Vec<u8>>,
    /// Every file that must be signed.
    pub(crate) all: &'o [String],
}

impl Outside<'_> {
    /// That there is nothing.
    pub(crate) const NOTHING: Self = Self { digest: &|_, _| None, all: &[] };
}

impl<'d> Reference<'d> {
    pub(crate) fn read(at: At<'d>) -> Option<Self> {
        let mut transforms = Vec::new();
        if let Some(list) = at.child(DSIG, "Transforms") {
            transforms.extend(list.elements().map(algorithm::transform));
        }
        if transforms.len() > MAX_TRANSFORMS {
            return None;
        }
        Some(Self {
            uri: at.attribute("URI"),
            kind: at.attribute("Type").unwrap_or_default(),
            digest_id: at.only(DSIG, "DigestMethod")?.attribute("Algorithm")?,
            transforms,
            expected: decode(&at.only(DSIG, "DigestValue")?.text())?,
        })
    }

    /// The digest that it names.
    pub(crate) fn hash(&self) -> Option<Hash> {
        algorithm::digest(self.digest_id)
    }

    /// Whether nothing but the signature itself can have been taken away from what it covers.
    pub(crate) fn is_plain(&self) -> bool {
        self.transforms.iter().all(|one| matches!(one, Transform::Enveloped | Transform::Canonical(_)))
    }

    /// What it names.
    pub(crate) fn target(&self, document: &'d Document) -> Result<Target<'d>, Fault> {
        self.named(document).map(|(target, _)| target)
    }

    /// What it names, and whether comments are in it.
    fn named(&self, document: &'d Document) -> Result<(Target<'d>, bool), Fault> {
        // Without a URI the application knows what is meant: we do not.
        let uri = self.uri.ok_or(Fault::Unresolved)?;
        let by_id = |id: &str| document.by_id(id).map(Target::Element).ok_or(Fault::Unresolved);
        let Some(fragment) = uri.strip_prefix('#') else {
            return Ok((if uri.is_empty() { Target::Document } else { Target::Outside(uri) }, false));
        };
        let Some(pointer) = fragment.strip_prefix("xpointer(").and_then(|rest| rest.strip_suffix(')')) else {
            return by_id(fragment).map(|target| (target, false));
        };
        if pointer == "/" {
            return Ok((Target::Document, true));
        }
        let id = pointer.strip_prefix("id(").and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
        let quoted = |quote: char| id.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let id = quoted('\'').or_else(|| quoted('"')).ok_or(Fault::Unresolved)?;
        by_id(id).map(|target| (target, true))
    }

    /// Whether what it names is what was signed. `own` is the signature that it is of.
    pub(crate) fn check(&self, own: At<'d>, outside: &Outside<'_>, work: &Work) -> Result<(), Fault> {
        if self.digest(own, outside, work)? == self.expected { Ok(()) } else { Err(Fault::Altered) }
    }

    /// The digest of what it names.
    pub(crate) fn digest(&self, own: At<'d>, outside: &Outside<'_>, work: &Work) -> Result<Vec<u8>, Fault> {
        let hash = self.hash().ok_or(Fault::Digest)?;
        match self.octets(own, &Method::default(), work)? {
            Taken::Octets(octets) => Ok(digest(hash, &octets)),
            Taken::Outside(name) => (outside.digest)(name, hash).ok_or(Fault::Missing),
        }
    }

    /// What it names, as bytes; `method` is for what no transform has made into bytes.
    pub(crate) fn octets(&self, own: At<'d>, method: &Method, work: &Work) -> Result<Taken<'d>, Fault> {
        let document = own.document;
        if !work.spend(document.nodes.len()) {
            return Err(Fault::TooMuch);
        }
        let (target, comments) = self.named(document)?;
        let subset = |apex| Data::Nodes(Subset { apex, without: Without::Nothing, comments });
        let mut data = match target {
            Target::Document => subset(None),
            Target::Element(at) => subset(Some(at.node)),
            Target::Outside(_) => Data::Outside,
        };
        // Of a part of a document, or of a signature, this could take away what is to be signed.
        let whole = match target {
            Target::Document => true,
            Target::Element(at) => at.node == document.root,
            Target::Outside(_) => false,
        };
        let takes_parts = !whole || document.root().is(DSIG, "Signature");
        if takes_parts && self.transforms.contains(&Transform::Unsigned) {
            return Err(Fault::Transform);
        }
        for transform in &self.transforms {
            data = step(transform, data, own)?;
        }
        let octets = match (data, target) {
            (Data::Outside, Target::Outside(name)) => {
                return Ok(Taken::Outside(name));
            }
            (Data::Outside, _) => return Err(Fault::Unresolved),
            (Data::Octets(octets), _) => octets,
            (Data::Nodes(subset), _) => {
                canonicalise(document, subset, method).map_err(|_| Fault::Transform)?
            }
        };
        if !work.spend(octets.len() / UNIT) {
            return Err(Fault::TooMuch);
        }
        Ok(Taken::Octets(octets))
    }
}

fn step(transform: &Transform, data: Data, own: At<'_>) -> Result<Data, Fault> {
    match (transform, data) {
        (Transform::Unsigned, Data::Nodes(subset)) => {
            Ok(Data::Nodes(Subset { without: Without::Signatures, ..subset }))
        }
        // It is among those that are left out already.
        (Transform::Enveloped, Data::Nodes(subset)) if subset.without == Without::Signatures => {
            Ok(Data::Nodes(subset))
        }
        (Transform::Enveloped, Data::Nodes(subset)) => {
            Ok(Data::Nodes(Subset { without: Without::Element(own.node), ..subset }))
        }
        (Transform::Canonical(method), Data::Nodes(subset)) => {
            let octets = canonicalise(own.document, subset, method);
            octets.map(Data::Octets).map_err(|_| Fault::Transform)
        }
        // Of a whole document this would leave the text alone, and take away what the text means.
        (Transform::Base64, Data::Nodes(Subset { apex: Some(node), without: Without::Nothing, .. })) => {
            let at = At { document: own.document, node };
            let object = at.is(DSIG, "Object") && at.elements().next().is_none();
            let octets = object.then(|| decode(&at.text())).flatten();
            octets.map(Data::Octets).ok_or(Fault::Transform)
        }
        _ => Err(Fault::Transform),
    }
}
