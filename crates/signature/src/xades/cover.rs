//! What the references of an XML signature cover, and whether that is the file.

use super::Context;
use super::counter::Over;
use crate::asic::plain;
use crate::check::Findings;
use crate::report::{Part, Reason, SignedPart, SubIndication};
use crate::xml::properties::XADES;
use crate::xml::reference::{Fault, Target};
use crate::xml::signature::Signature;

/// Namespace of the files in an ASiC container (ETSI EN 319 162-1 annex A).
const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";

/// What the references cover and whether it is what was signed; and the elements that are covered and intact.
pub(super) fn parts(
    signature: &Signature<'_>,
    over: Over,
    context: &Context<'_>,
    findings: &mut Findings,
) -> (Vec<SignedPart>, Vec<usize>) {
    let document = signature.at.document;
    let (mut parts, mut covered) = (Vec::new(), Vec::new());
    for reference in &signature.references {
        let target = reference.target(document);
        let checked = reference.check(signature.at, context.outside, &context.work);
        if let Err(fault) = checked {
            raise(fault, findings);
        }
        let (what, name) = part(signature, target);
        if let (Ok(()), Ok(Target::Element(at))) = (checked, target) {
            covered.push(at.node);
        }
        parts.push(SignedPart { what, name, intact: checked.is_ok() });
    }
    let whole = match over {
        Over::File => is_whole(signature, &parts, &covered, context.outside.all),
        Over::Value(node, _) => covered.contains(&node),
    };
    if !whole {
        findings.doubt(SubIndication::SigConstraintsFailure, Reason::PartlySigned);
    }
    (parts, covered)
}

fn raise(fault: Fault, findings: &mut Findings) {
    use SubIndication as Sub;
    match fault {
        Fault::Altered => findings.fail(Sub::HashFailure, Reason::ContentAltered),
        Fault::Unresolved | Fault::TooMuch => {
            findings.doubt(Sub::SignedDataNotFound, Reason::ReferenceUnresolved);
        }
        Fault::Missing => findings.doubt(Sub::SignedDataNotFound, Reason::ContentMissing),
        Fault::Transform => findings.doubt(Sub::SigConstraintsFailure, Reason::TransformRefused),
        Fault::Digest => findings.doubt(Sub::CryptoConstraintsFailure, Reason::DigestUnsupported),
    }
}

fn part(signature: &Signature<'_>, target: Result<Target<'_>, Fault>) -> (Part, Option<String>) {
    let at = match target {
        Err(_) => return (Part::Unknown, None),
        Ok(Target::Outside(name)) => return (Part::File, Some(name.to_owned())),
        Ok(Target::Document) => return (Part::Document, None),
        Ok(Target::Element(at)) => at,
    };
    let what = if at.node == at.document.root {
        Part::Document
    } else if at.is(XADES, "SignedProperties") && at.within(signature.at) {
        Part::Properties
    } else if signature.key_info.is_some_and(|key| key.node == at.node) {
        Part::Key
    } else if signature.objects.iter().any(|object| at.within(*object)) {
        Part::Object
    } else {
        Part::Element
    };
    (what, Some(at.local().to_owned()))
}

/// Whether nothing that the file shows is left unsigned. An element that is signed and lies somewhere else than where
/// it is looked for is how such signatures are abused: part of a file is never taken for the file.
fn is_whole(signature: &Signature<'_>, parts: &[SignedPart], covered: &[usize], files: &[String]) -> bool {
    let has = |what| parts.iter().any(|part| part.what == what);
    let root = signature.at.document.root();
    let named = |file: &String| {
        parts.iter().any(|part| {
            part.what == Part::File && part.name.as_ref().and_then(|name| plain(name)) == Some(file.clone())
        })
    };
    if !files.iter().all(named) {
        return false;
    }
    if signature.at.node != root.node {
        return has(Part::Document) || (has(Part::File) && root.is(ASIC, "XAdESSignatures"));
    }
    let contents =
        signature.objects.iter().filter(|object| object.child(XADES, "QualifyingProperties").is_none());
    let mut contents = contents.peekable();
    if contents.peek().is_none() {
        return has(Part::File);
    }
    contents.all(|object| {
        let mut inside = object.elements();
        let only = inside.next().filter(|_| inside.next().is_none());
        covered.contains(&object.node) || only.is_some_and(|only| covered.contains(&only.node))
    })
}
