//! Taking out the content that an XML signature is around.

use crate::xml::c14n::{Method, Subset, Without, canonicalise};
use crate::xml::properties::XADES;
use crate::xml::signature::Signature;
use crate::xml::{self, DSIG, Limits, decode};

/// The content inside of a signature that is the whole file, as it was before it was put there: bytes in base64, or one
/// element.
pub(crate) fn only_content(bytes: &[u8]) -> Option<Vec<u8>> {
    let document = xml::parse(bytes, Limits::DOCUMENT).ok()?;
    let root = document.root();
    let signature = root.is(DSIG, "Signature").then(|| Signature::read(root)).flatten()?;
    let mut objects =
        signature.objects.iter().filter(|object| object.child(XADES, "QualifyingProperties").is_none());
    let object = objects.next().filter(|_| objects.next().is_none())?;
    let mut inside = object.elements();
    match (inside.next(), inside.next()) {
        (None, _) => decode(&object.text()),
        (Some(only), None) => {
            let subset = Subset { apex: Some(only.node), without: Without::Nothing, comments: true };
            canonicalise(&document, subset, &Method { exclusive: true, comments: true, ..Method::default() })
                .ok()
        }
        _ => None,
    }
}
