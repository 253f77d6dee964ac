//! The document security store (ETSI EN 319 142-1 §5.4): certificates, revocation lists and OCSP answers, kept with the
//! signatures that are verified with them. With a time stamp of the signature it makes level LT.

use std::convert::Infallible;

use lopdf::{Dictionary, IncrementalDocument, Object, ObjectId, Stream, dictionary};

use super::{SealError, begin, catalog, copy};

/// What is kept, in DER.
#[derive(Clone, Copy, Debug, Default)]
pub struct Store<'a> {
    /// Certificates of the paths.
    pub certificates: &'a [Vec<u8>],
    /// Revocation lists.
    pub lists: &'a [Vec<u8>],
    /// OCSP answers.
    pub answers: &'a [Vec<u8>],
}

/// Appends a store; what an earlier one holds stays in it.
pub fn keep(pdf: &[u8], store: &Store<'_>) -> Result<Vec<u8>, SealError<Infallible>> {
    let structure = |what| SealError::Structure { what };
    let mut update = begin(pdf)?;
    let root = catalog(&update).map_err(structure)?;
    let mut kept = earlier(&update, root).unwrap_or_else(|| dictionary! { "Type" => "DSS" });
    for (key, all) in [("Certs", store.certificates), ("CRLs", store.lists), ("OCSPs", store.answers)] {
        let mut references = kept.get(key.as_bytes()).and_then(Object::as_array).cloned().unwrap_or_default();
        for der in all {
            let stream = Stream::new(Dictionary::new(), der.clone());
            references.push(update.new_document.add_object(stream).into());
        }
        if !references.is_empty() {
            kept.set(key, references);
        }
    }
    let kept = update.new_document.add_object(kept);
    copy(&mut update, root).map_err(structure)?.set("DSS", kept);
    let mut out = Vec::with_capacity(pdf.len() + 64 * 1024);
    update.save_to(&mut out).map_err(SealError::Write)?;
    out.push(b'\n');
    Ok(out)
}

/// The store that the file has, its arrays in it.
fn earlier(update: &IncrementalDocument, root: ObjectId) -> Option<Dictionary> {
    let before = update.get_prev_documents();
    let mut kept = before.get_dictionary(root).ok()?.get_deref(b"DSS", before).ok()?.as_dict().ok()?.clone();
    for key in ["Certs", "CRLs", "OCSPs"] {
        let array = kept.get_deref(key.as_bytes(), before).and_then(Object::as_array).cloned();
        if let Ok(array) = array {
            kept.set(key, array);
        }
    }
    Some(kept)
}
