//! The time stamps of an XML signature (ETSI EN 319 132-1 §5.3, §5.5.2, annex A): over its value, over its value and the
//! references to its evidence, and over everything that was there (archive time-stamps).

use std::cell::Cell;

use plico_crypto::verify::Hash;

use crate::proof::StampKind;
use crate::stamp::Stamp;
use crate::token::{MAX_INNER, Token, id};
use crate::xml::c14n::{Method, Subset, Without, canonicalise};
use crate::xml::properties::{Properties, XADES, XADES141};
use crate::xml::reference::{Fault, Taken, UNIT};
use crate::xml::signature::Signature;
use crate::xml::{At, DSIG, Work, algorithm, decode};

/// Time stamps of one signature that are looked at.
const MAX_STAMPS: usize = 32;

/// A time stamp that is made last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlStamp {
    /// `SigAndRefsTimeStampV2`.
    References,
    /// `ArchiveTimeStamp` of version 1.4.1.
    Archive,
    /// `ArchiveTimeStamp` of version 1.3.2.
    OlderArchive,
}

/// What a time stamp says it is over, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Value,
    /// Value, the stamps over it, and what says by which evidence it held.
    References,
    /// Everything; in the edition before the baseline without the objects that are signed anyway.
    All {
        older: bool,
    },
}

impl Over {
    fn of(at: At<'_>) -> Option<Self> {
        let named = |name: &str, later: &str| at.is(XADES, name) || at.is(XADES141, later);
        if at.is(XADES, "SignatureTimeStamp") {
            Some(Self::Value)
        } else if named("SigAndRefsTimeStamp", "SigAndRefsTimeStampV2") {
            Some(Self::References)
        } else if named("ArchiveTimeStamp", "ArchiveTimeStamp") {
            Some(Self::All { older: at.is(XADES, "ArchiveTimeStamp") })
        } else {
            None
        }
    }

    fn kind(self) -> StampKind {
        if matches!(self, Self::All { .. }) { StampKind::Archive } else { StampKind::Signature }
    }
}

/// The tokens in a time stamp.
pub(super) fn tokens(stamp: At<'_>) -> Vec<Vec<u8>> {
    stamp.children(XADES, "EncapsulatedTimeStamp").filter_map(|at| decode(&at.text())).collect()
}

/// The elements that are time stamps of kinds that are looked at.
pub(super) fn elements<'d>(properties: &Properties<'d>) -> impl Iterator<Item = At<'d>> {
    properties.unsigned().filter(|at| Over::of(*at).is_some()).take(MAX_STAMPS)
}

/// Every time stamp, and whether there are more that could not be looked at.
pub(super) fn all(signature: &Signature<'_>, properties: &Properties<'_>, work: &Work) -> (Vec<Stamp>, bool) {
    let (mut found, mut left) = (Vec::<Stamp>::new(), false);
    let (mut before, mut known) = (Vec::new(), Vec::new());
    for at in properties.unsigned() {
        if let Some(over) = Over::of(at) {
            let tokens = tokens(at);
            for token in &tokens {
                let read = if found.len() < MAX_STAMPS {
                    one(token, over, signature, (at, &before), work)
                } else {
                    None
                };
                let Some(read) = read else {
                    left = true;
                    continue;
                };
                let older = !matches!(over, Over::Value | Over::All { older: false });
                found.push(read.among(older, known.clone()));
            }
            known.extend(tokens.iter().map(|token| id(token)));
        }
        before.push(at);
    }
    (found, left)
}

/// One token; `None` when what it is over cannot be told.
fn one(
    token: &[u8],
    over: Over,
    signature: &Signature<'_>,
    (at, before): (At<'_>, &[At<'_>]),
    work: &Work,
) -> Option<Stamp> {
    let method = match at.child(DSIG, "CanonicalizationMethod") {
        Some(named) => algorithm::canonical(named)?,
        None => Method::default(),
    };
    // One that lists what it is over by itself is for properties that lie elsewhere.
    if over != Over::Value && at.child(XADES, "Include").is_some() {
        return None;
    }
    let untold = Cell::new(false);
    let imprint = |hash: Hash| {
        let mut hasher = hash.hasher();
        let fed = feed(over, signature, before, &method, work, &mut |piece| hasher.update(piece));
        untold.set(fed.is_err());
        fed.ok().map(|()| hasher.finish())
    };
    let read = Token::read(token, MAX_INNER, &imprint);
    (!untold.get()).then(|| Stamp::new(over.kind(), read))
}

/// Gives what a time stamp should be over, piece by piece: `before` are the properties that stand before it.
fn feed(
    over: Over,
    signature: &Signature<'_>,
    before: &[At<'_>],
    method: &Method,
    work: &Work,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), Fault> {
    let element = |at: At<'_>, take: &mut dyn FnMut(&[u8])| {
        let nodes = at.document.nodes[at.node].end - at.node;
        let subset = Subset { apex: Some(at.node), without: Without::Nothing, comments: true };
        let octets = work.spend(nodes).then(|| canonicalise(at.document, subset, method).ok()).flatten();
        let octets = octets.filter(|octets| work.spend(octets.len() / UNIT)).ok_or(Fault::TooMuch)?;
        take(&octets);
        Ok(())
    };
    let Over::All { older } = over else {
        element(signature.value_at, take)?;
        let with = before.iter().filter(|at| over == Over::References && is_reference(**at));
        return with.copied().try_for_each(|at| element(at, take));
    };
    for reference in &signature.references {
        match reference.octets(signature.at, method, work)? {
            Taken::Octets(octets) => take(&octets),
            // Of what lies outside only digests are known here.
            Taken::Outside(_) => return Err(Fault::Missing),
        }
    }
    element(signature.signed_info, take)?;
    element(signature.value_at, take)?;
    signature.key_info.into_iter().try_for_each(|at| element(at, take))?;
    before.iter().copied().try_for_each(|at| element(at, take))?;
    for &object in &signature.objects {
        let referenced = || {
            let names = |id: &str| {
                signature
                    .references
                    .iter()
                    .any(|one| one.uri.and_then(|uri| uri.strip_prefix('#')) == Some(id))
            };
            object.attribute("Id").is_some_and(names)
        };
        if object.child(XADES, "QualifyingProperties").is_none() && !(older && referenced()) {
            element(object, take)?;
        }
    }
    Ok(())
}

/// Whether a stamp over value and references is over this (annex A.1.5.1).
fn is_reference(at: At<'_>) -> bool {
    const FIRST: [&str; 5] = [
        "SignatureTimeStamp",
        "CompleteCertificateRefs",
        "CompleteRevocationRefs",
        "AttributeCertificateRefs",
        "AttributeRevocationRefs",
    ];
    const LATER: [&str; 2] = ["CompleteCertificateRefsV2", "AttributeCertificateRefsV2"];
    FIRST.iter().any(|name| at.is(XADES, name)) || LATER.iter().any(|name| at.is(XADES141, name))
}

/// What a time stamp of a name at the end of the properties would be over, for whoever makes one.
pub(crate) fn bytes(
    signature: &Signature<'_>,
    properties: &Properties<'_>,
    method: &Method,
    kind: XmlStamp,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let before: Vec<At<'_>> = properties.unsigned().collect();
    let over = match kind {
        XmlStamp::References => Over::References,
        XmlStamp::Archive => Over::All { older: false },
        XmlStamp::OlderArchive => Over::All { older: true },
    };
    let mut take = |piece: &[u8]| bytes.extend_from_slice(piece);
    feed(over, signature, &before, method, &Work::new(), &mut take).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{self, Limits, properties, signature};

    /// Written so that each element is its own canonical form, but for what it inherits.
    const DOCUMENT: &str = "<a><b>c</b><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"s\">\
<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
<ds:SignatureMethod Algorithm=\"x\"></ds:SignatureMethod>\
<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"y\"></ds:DigestMethod><ds:DigestValue>AA==</ds:DigestValue></ds:Reference>\
<ds:Reference URI=\"#o\"><ds:DigestMethod Algorithm=\"y\"></ds:DigestMethod><ds:DigestValue>AA==</ds:DigestValue></ds:Reference>\
</ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo>k</ds:KeyInfo><ds:Object Id=\"o\">signed</ds:Object><ds:Object Id=\"p\">not</ds:Object>\
<ds:Object><q:QualifyingProperties xmlns:q=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#s\"><q:SignedProperties></q:SignedProperties>\
<q:UnsignedProperties><q:UnsignedSignatureProperties><q:CertificateValues>v</q:CertificateValues><q:CompleteCertificateRefs>r</q:CompleteCertificateRefs></q:UnsignedSignatureProperties></q:UnsignedProperties></q:QualifyingProperties></ds:Object></ds:Signature></a>";

    /// A part of it by its element, with the namespace that it inherits.
    fn part(element: &str) -> String {
        let from = DOCUMENT.find(&format!("<{element}")).unwrap();
        let end = format!("</{}>", element.split(' ').next().unwrap());
        let to = from + DOCUMENT[from..].find(&end).unwrap() + end.len();
        let (prefix, name) = element.split(' ').next().unwrap().split_once(':').unwrap();
        let space = if prefix == "ds" { DSIG } else { XADES };
        let head = format!("<{prefix}:{name}");
        DOCUMENT[from..to].replacen(&head, &format!("{head} xmlns:{prefix}=\"{space}\""), 1)
    }

    #[test]
    fn what_each_is_over_is_written_out() {
        let document = xml::parse(DOCUMENT.as_bytes(), Limits::DOCUMENT).unwrap();
        let signature = Signature::read(signature::all(&document)[0]).unwrap();
        let properties = properties::read(&signature).unwrap();
        let method = Method { exclusive: true, ..Method::default() };
        let of = |kind| String::from_utf8(bytes(&signature, &properties, &method, kind).unwrap()).unwrap();
        let (value, references) = (part("ds:SignatureValue"), part("q:CompleteCertificateRefs"));
        assert_eq!(of(XmlStamp::References), [value.as_str(), &references].concat());
        let (signed, other) = (part("ds:Object Id=\"o\""), part("ds:Object Id=\"p\""));
        let first = [
            "<a><b>c</b></a>",
            &signed,
            &part("ds:SignedInfo"),
            &value,
            &part("ds:KeyInfo"),
            &part("q:CertificateValues"),
            &references,
        ]
        .concat();
        assert_eq!(of(XmlStamp::Archive), [first.as_str(), &signed, &other].concat());
        assert_eq!(of(XmlStamp::OlderArchive), [first.as_str(), &other].concat());
    }
}
