//! Whether a file is another one to which nothing but signatures was added.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use crate::read::{ReadError, guarded};

/// Keys of the catalogue that come with a signature and change no page.
const OF_CATALOGUE: [&[u8]; 6] = [b"AcroForm", b"DSS", b"Extensions", b"Version", b"Perms", b"Metadata"];

/// Keys of the structure that name what is in it.
const OF_STRUCTURE: [&[u8]; 3] = [b"K", b"ParentTree", b"ParentTreeNextKey"];

/// Whether `signed` is `before`, byte by byte, with only signatures after it: every object says what it said, but that
/// pages and form may show new signature fields.
pub fn only_signed(before: &[u8], signed: &[u8]) -> Result<bool, ReadError> {
    if signed.len() <= before.len() || !signed.starts_with(before) {
        return Ok(false);
    }
    guarded(before, |old| guarded(signed, |new| Ok(same(old, new))))
}

fn same(old: &Document, new: &Document) -> bool {
    let pages: Vec<ObjectId> = old.get_pages().into_values().collect();
    if new.get_pages().into_values().ne(pages.iter().copied()) {
        return false;
    }
    let (Some(root), Some(new_root)) = (root(old), root(new)) else { return false };
    if root != new_root {
        return false;
    }
    // What a signing program writes anew: its marks, and what names them.
    let mut own: BTreeSet<ObjectId> = [b"Info".as_slice()]
        .into_iter()
        .filter_map(|key| old.trailer.get(key).and_then(Object::as_reference).ok())
        .collect();
    let Ok(catalogue) = old.get_dictionary(root) else { return false };
    own.extend(
        [b"AcroForm".as_slice(), b"Metadata", b"DSS"]
            .iter()
            .filter_map(|key| catalogue.get(key).and_then(Object::as_reference).ok()),
    );
    if let Ok(form) = catalogue.get(b"AcroForm").and_then(|form| old.dereference(form)?.1.as_dict()) {
        own.extend(form.get(b"Fields").and_then(Object::as_reference).ok());
    }
    for page in &pages {
        let marks = old.get_dictionary(*page).and_then(|page| page.get(b"Annots"));
        own.extend(marks.and_then(Object::as_reference).ok());
    }
    // A tagged file names the mark in its structure, too: elements may be added, none may say something else.
    if let Ok(tree) = catalogue.get(b"StructTreeRoot").and_then(|tree| old.dereference(tree)?.1.as_dict()) {
        own.extend(tree.get(b"ParentTree").and_then(Object::as_reference).ok());
    }
    old.objects.iter().all(|(id, object)| {
        if own.contains(id) || is_structure(object) {
            return true;
        }
        let Some(now) = new.objects.get(id) else { return false };
        match (object.as_dict(), now.as_dict()) {
            (Ok(object), Ok(now)) if *id == root => {
                without(object, &OF_CATALOGUE) == without(now, &OF_CATALOGUE)
            }
            (Ok(object), Ok(now)) if pages.contains(id) => {
                without(object, &[b"Annots"]) == without(now, &[b"Annots"])
            }
            (Ok(object), Ok(now)) if is_element(object) => {
                without(object, &OF_STRUCTURE) == without(now, &OF_STRUCTURE)
            }
            _ => alike(object, now),
        }
    }) && pages.iter().all(|page| marks_are_signatures(old, new, *page))
        && fields_are_signatures(new, root)
}

fn is_element(dictionary: &Dictionary) -> bool {
    dictionary.has_type(b"StructTreeRoot") || dictionary.has_type(b"StructElem")
}

/// Streams are compared by what they hold; where they stand in the file is no matter.
fn alike(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Stream(one), Object::Stream(other)) => {
            one.dict == other.dict && one.content == other.content
        }
        _ => one == other,
    }
}

/// Cross references and containers of objects: what they hold is compared by itself.
fn is_structure(object: &Object) -> bool {
    object.as_stream().is_ok_and(|stream| stream.dict.has_type(b"XRef") || stream.dict.has_type(b"ObjStm"))
}

fn root(document: &Document) -> Option<ObjectId> {
    document.trailer.get(b"Root").and_then(Object::as_reference).ok()
}

fn without(dictionary: &Dictionary, keys: &[&[u8]]) -> Dictionary {
    let mut rest = dictionary.clone();
    for key in keys {
        rest.remove(key);
    }
    rest
}

fn marks(document: &Document, page: ObjectId) -> Vec<Object> {
    let marks = document.get_dictionary(page).and_then(|page| page.get(b"Annots"));
    let list = marks.and_then(|marks| Ok(document.dereference(marks)?.1.as_array()?.clone()));
    list.unwrap_or_default()
}

/// The old marks are there, in their order; what is new is the mark of a signature.
fn marks_are_signatures(old: &Document, new: &Document, page: ObjectId) -> bool {
    let (before, after) = (marks(old, page), marks(new, page));
    after.starts_with(&before) && after[before.len()..].iter().all(|mark| is_signature(new, mark))
}

fn fields_are_signatures(document: &Document, root: ObjectId) -> bool {
    let form = document.get_dictionary(root).and_then(|catalogue| catalogue.get(b"AcroForm"));
    let Ok(form) = form.and_then(|form| document.dereference(form)?.1.as_dict()) else { return false };
    let fields = form.get(b"Fields").and_then(|fields| document.dereference(fields)?.1.as_array());
    form.get(b"XFA").is_err()
        && fields.is_ok_and(|fields| fields.iter().all(|field| is_signature(document, field)))
}

fn is_signature(document: &Document, field: &Object) -> bool {
    let field = document.dereference(field).and_then(|(_, field)| field.as_dict());
    field.is_ok_and(|field| field.get(b"FT").and_then(Object::as_name).is_ok_and(|kind| kind == b"Sig"))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::seal::{RESERVE, Seal, seal};

    fn signed(pdf: &[u8]) -> Vec<u8> {
        let how = Seal { name: "Anna", reason: "Firma", at_ms: 1_795_286_761_123, reserve: RESERVE };
        seal(pdf, &how, |_| Ok::<_, Infallible>(vec![0x30, 0x00])).unwrap()
    }

    fn appended(pdf: &[u8], change: impl FnOnce(&mut lopdf::IncrementalDocument, ObjectId)) -> Vec<u8> {
        let document = Document::load_mem(pdf).unwrap();
        let page = document.get_pages()[&1];
        let mut update = lopdf::IncrementalDocument::create_from(pdf.to_vec(), document);
        update.opt_clone_object_to_new_document(page).unwrap();
        change(&mut update, page);
        let mut out = Vec::new();
        update.save_to(&mut out).unwrap();
        out
    }

    #[test]
    fn signatures_may_be_added_and_nothing_else() {
        let pdf = crate::forge::letter(&crate::forge::Letter {
            language: "it".into(),
            created_ms: 1_795_286_761_123,
            document_id: "lettera".into(),
            from: vec!["Anna Verdi".into()],
            to: vec!["Comune di Borgo".into()],
            place_and_date: "Borgo, 21 novembre 2026".into(),
            subject: "Oggetto: prova".into(),
            body: "Una lettera.".into(),
        })
        .unwrap();
        let once = signed(&pdf);
        assert!(only_signed(&pdf, &once).unwrap());
        assert!(only_signed(&pdf, &signed(&once)).unwrap());
        assert!(only_signed(&once, &signed(&once)).unwrap());
        assert!(!only_signed(&once, &once).unwrap(), "nothing was added");
        let mut other = once.clone();
        other[20] ^= 1;
        assert!(!only_signed(&pdf, &other).unwrap(), "not the same bytes");
        // A page that says something else, by an update that keeps every byte.
        let changed = appended(&pdf, |update, page| {
            let blank =
                update.new_document.add_object(lopdf::Stream::new(Dictionary::new(), b"q Q".to_vec()));
            let page = update.new_document.get_object_mut(page).unwrap().as_dict_mut().unwrap();
            page.set("Contents", blank);
        });
        assert!(changed.starts_with(&pdf));
        assert!(!only_signed(&pdf, &signed(&changed)).unwrap());
        // A note over it.
        let noted = appended(&pdf, |update, page| {
            let mut note = Dictionary::new();
            note.set("Subtype", "FreeText");
            let note = update.new_document.add_object(note);
            let page = update.new_document.get_object_mut(page).unwrap().as_dict_mut().unwrap();
            page.set("Annots", vec![Object::from(note)]);
        });
        assert!(!only_signed(&pdf, &signed(&noted)).unwrap());
    }
}
