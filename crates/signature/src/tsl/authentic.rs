//! Whether a list is signed as it must be: with exactly a certificate that was pointed to, over the whole list
//! (ETSI TS 119 612 §5.7). What the signature says of its own key is not asked.

use plico_crypto::verify::{Hash, Outcome};

use super::ListFault;
use crate::certificate::Certificate;
use crate::digest::digest;
use crate::xml::reference::{Outside, Reference, Target};
use crate::xml::signature::Signature;
use crate::xml::{At, DSIG, Document, Work, properties};

/// Checks the signature of a list.
pub(crate) fn check(document: &Document, pointed: &[Vec<u8>]) -> Result<(), ListFault> {
    let root = document.root();
    let at = root.only(DSIG, "Signature").ok_or(ListFault::Form)?;
    // One more anywhere could be the one that somebody else looks at.
    if root.descendants().filter(|one| one.is(DSIG, "Signature")).count() != 1 {
        return Err(ListFault::Form);
    }
    let signature = Signature::read(at).ok_or(ListFault::Form)?;
    let fits = |der: &&Vec<u8>| {
        let certificate = Certificate::read(der);
        certificate.is_some_and(|certificate| signature.fits(certificate.spki) == Outcome::Valid)
    };
    let signer = pointed.iter().find(fits).ok_or(ListFault::Signer)?;
    let properties = properties::read(&signature).ok_or(ListFault::Form)?;
    covers(&signature, root, properties.signed)?;
    let work = Work::new();
    for reference in &signature.references {
        reference.check(at, &Outside::NOTHING, &work).map_err(|_| ListFault::Altered)?;
    }
    if properties.names(signer) == Some(true) { Ok(()) } else { Err(ListFault::Form) }
}

/// One reference is to the whole list, one to the signed properties; others only to this signature's key.
fn covers(signature: &Signature<'_>, root: At<'_>, properties: At<'_>) -> Result<(), ListFault> {
    let (mut whole, mut signed) = (0, 0);
    for reference in &signature.references {
        if !reference.is_plain() || !is_strong(reference) {
            return Err(ListFault::Form);
        }
        match reference.target(root.document) {
            Ok(Target::Document) => whole += 1,
            Ok(Target::Element(at)) if at.node == root.node => whole += 1,
            Ok(Target::Element(at)) if at.node == properties.node => {
                signed += usize::from(reference.kind == properties::KIND);
            }
            Ok(Target::Element(at)) if signature.key_info.is_some_and(|key| key.node == at.node) => {}
            _ => return Err(ListFault::Form),
        }
    }
    if whole == 1 && signed == 1 { Ok(()) } else { Err(ListFault::Form) }
}

/// SHA-1 lets two lists have one digest.
fn is_strong(reference: &Reference<'_>) -> bool {
    reference.hash().is_some_and(|hash| !matches!(hash, Hash::Sha1 | Hash::Sha224))
}

/// SHA-256 of a list, by which a compiled one is known.
pub(crate) fn fingerprint(files: &[(String, Vec<u8>)], signers: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    for (name, bytes) in files {
        whole.extend(digest(Hash::Sha256, name.as_bytes()));
        whole.extend(digest(Hash::Sha256, bytes));
    }
    whole.extend(digest(Hash::Sha256, signers));
    digest(Hash::Sha256, &whole)
}
