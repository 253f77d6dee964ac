//! What was added to a file: signatures that change nothing that is seen, or more.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use crate::read::{ReadError, guarded};

/// What was added to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// Signatures, with what proves them, and nothing that is seen or does anything.
    Signatures,
    /// A signature with a picture on the page: it may cover what stands there.
    Mark,
    /// More than signatures, or not at the end of the same bytes.
    Other,
}

/// Keys of the catalogue that come with a signature and change no page.
const OF_CATALOGUE: [&[u8]; 6] = [b"AcroForm", b"DSS", b"Extensions", b"Version", b"Perms", b"Metadata"];
/// Keys of the form that come with a signature.
const OF_FORM: [&[u8]; 4] = [b"Fields", b"SigFlags", b"DR", b"DA"];
/// Keys of the root of the structure that come with the element of a field.
const OF_STRUCTURE: [&[u8]; 3] = [b"K", b"ParentTree", b"ParentTreeNextKey"];
/// All that the field of a signature may say; what it does or shows is not among them, but `AP`, for which it needs room.
const OF_FIELD: [&[u8]; 17] = [
    b"Type",
    b"Subtype",
    b"FT",
    b"T",
    b"TU",
    b"V",
    b"Rect",
    b"P",
    b"F",
    b"Ff",
    b"AP",
    b"MK",
    b"DA",
    b"DR",
    b"Lock",
    b"SV",
    b"StructParent",
];
/// The flag of a mark that is neither shown nor printed (ISO 32000-1, table 165): hidden.
const UNSEEN: i64 = 2;

/// What was added after `before` to make `signed`: byte by byte the same, and every object says what it said.
pub fn added(before: &[u8], signed: &[u8]) -> Result<Added, ReadError> {
    if signed.len() <= before.len() || !signed.starts_with(before) {
        return Ok(Added::Other);
    }
    guarded(before, |old| guarded(signed, |new| Ok(compare(old, new).unwrap_or(Added::Other))))
}

/// None where more than signatures was added.
fn compare(old: &Document, new: &Document) -> Option<Added> {
    // A file whose parts must be searched for may be read otherwise by another program.
    let sound = |file: &&Document| file.xref_recovery.is_none() && !file.is_encrypted();
    let pages: Vec<ObjectId> = old.get_pages().into_values().collect();
    let root = root(old)?;
    if ![old, new].iter().all(sound)
        || self::root(new)? != root
        || new.get_pages().into_values().ne(pages.iter().copied())
    {
        return None;
    }
    let (catalogue, now) = (old.get_dictionary(root).ok()?, new.get_dictionary(root).ok()?);
    let own = rewritten(old, catalogue, &pages);
    let kept = old.objects.iter().all(|(id, object)| {
        if own.contains(id) || is_container(object) {
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
                    && elements_are_of_fields(new, object, now)
            }
            _ => alike(object, now),
        }
    });
    if !kept || !parents_stay(old, catalogue, new, now) || !form_stays(old, catalogue, new, now) {
        return None;
    }
    let mut fields = grown(&of_form(old, catalogue), of_form(new, now))?;
    for page in &pages {
        fields.extend(grown(&marks(old, *page), marks(new, *page))?);
    }
    let mut added = Added::Signatures;
    for field in &fields {
        if is_seen(signature_field(new, field)?) {
            added = Added::Mark;
        }
    }
    Some(added)
}

/// The objects that a signing program writes anew; each is compared by itself.
fn rewritten(old: &Document, catalogue: &Dictionary, pages: &[ObjectId]) -> BTreeSet<ObjectId> {
    let reference = |dictionary: &Dictionary, key: &[u8]| dictionary.get(key).ok()?.as_reference().ok();
    let mut own: BTreeSet<ObjectId> = reference(&old.trailer, b"Info").into_iter().collect();
    own.extend(
        [b"AcroForm".as_slice(), b"Metadata", b"DSS"].iter().filter_map(|key| reference(catalogue, key)),
    );
    if let Some(form) = dictionary(old, catalogue, b"AcroForm") {
        own.extend(reference(form, b"Fields"));
    }
    own.extend(pages.iter().filter_map(|page| reference(old.get_dictionary(*page).ok()?, b"Annots")));
    if let Some(tree) = dictionary(old, catalogue, b"StructTreeRoot") {
        own.extend(reference(tree, b"ParentTree"));
    }
    own
}

fn dictionary<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    document.dereference(of.get(key).ok()?).ok()?.1.as_dict().ok()
}

fn array(document: &Document, of: &Dictionary, key: &[u8]) -> Vec<Object> {
    let list = of.get(key).and_then(|list| Ok(document.dereference(list)?.1.as_array()?.clone()));
    list.unwrap_or_default()
}

/// What is in a list after all that was in it before; none where that did not stay.
fn grown<T: PartialEq>(before: &[T], mut after: Vec<T>) -> Option<Vec<T>> {
    after.starts_with(before).then(|| after.split_off(before.len()))
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
fn is_container(object: &Object) -> bool {
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
    document.get_dictionary(page).map(|page| array(document, page, b"Annots")).unwrap_or_default()
}

fn of_form(document: &Document, catalogue: &Dictionary) -> Vec<Object> {
    let form = dictionary(document, catalogue, b"AcroForm");
    form.map(|form| array(document, form, b"Fields")).unwrap_or_default()
}

fn form_stays(old: &Document, catalogue: &Dictionary, new: &Document, now: &Dictionary) -> bool {
    let rest = |document, catalogue| {
        dictionary(document, catalogue, b"AcroForm").map(|form| without(form, &OF_FORM)).unwrap_or_default()
    };
    rest(old, catalogue) == rest(new, now)
}

/// The elements below another one, as a list, however few they are.
fn kids(document: &Document, element: &Dictionary) -> Vec<Object> {
    match element.get(b"K").map(|kids| document.dereference(kids)) {
        Ok(Ok((_, Object::Array(kids)))) => kids.clone(),
        Ok(Ok((Some(id), _))) => vec![Object::Reference(id)],
        Ok(Ok((None, one))) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// A tagged file names the field in its structure, too: elements of fields may be added below an old one, and they say
/// nothing in the place of anything.
fn elements_are_of_fields(new: &Document, before: &Dictionary, now: &Dictionary) -> bool {
    let Some(added) = grown(&kids(new, before), kids(new, now)) else { return false };
    added.iter().all(|element| {
        let element = new.dereference(element).and_then(|(_, element)| element.as_dict());
        element.is_ok_and(|element| {
            element.get(b"S").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form")
                && element.get(b"ActualText").is_err()
                && kids(new, element).iter().all(|kid| {
                    let kid = new.dereference(kid).and_then(|(_, kid)| kid.as_dict());
                    kid.is_ok_and(|kid| kid.has_type(b"OBJR"))
                })
        })
    })
}

/// What leads from pages to the structure leads where it led.
fn parents_stay(old: &Document, catalogue: &Dictionary, new: &Document, now: &Dictionary) -> bool {
    let tree = |document, catalogue| {
        dictionary(document, dictionary(document, catalogue, b"StructTreeRoot")?, b"ParentTree")
    };
    match (tree(old, catalogue), tree(new, now)) {
        (Some(before), Some(after)) => {
            without(before, &[b"Nums"]) == without(after, &[b"Nums"])
                && grown(&array(old, before, b"Nums"), array(new, after, b"Nums")).is_some()
        }
        (before, after) => before == after,
    }
}

/// The field of a signature that is there, which does nothing but hold it.
fn signature_field<'a>(document: &'a Document, field: &'a Object) -> Option<&'a Dictionary> {
    let field = document.dereference(field).ok()?.1.as_dict().ok()?;
    let is = |key: &[u8], name: &[u8]| field.get(key).and_then(Object::as_name).is_ok_and(|is| is == name);
    let value = dictionary(document, field, b"V")?;
    let holds = value.has_type(b"Sig") || value.has_type(b"DocTimeStamp") || value.get(b"ByteRange").is_ok();
    let plain = field.iter().all(|(key, _)| OF_FIELD.contains(&key.as_slice()));
    (is(b"FT", b"Sig") && is(b"Subtype", b"Widget") && holds && plain).then_some(field)
}

/// Whether it takes room on a page.
fn is_seen(field: &Dictionary) -> bool {
    if field.get(b"F").and_then(Object::as_i64).is_ok_and(|flags| flags & UNSEEN != 0) {
        return false;
    }
    let sides: Vec<f32> = field
        .get(b"Rect")
        .and_then(Object::as_array)
        .map(|sides| sides.iter().filter_map(|side| side.as_float().ok()).collect())
        .unwrap_or_default();
    match sides[..] {
        [left, bottom, right, top] => left.to_bits() != right.to_bits() && bottom.to_bits() != top.to_bits(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use lopdf::dictionary;

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

    /// A mark on the page, beside those that are there.
    fn marked(pdf: &[u8], mark: Dictionary) -> Vec<u8> {
        appended(pdf, |update, page| {
            let mark = update.new_document.add_object(mark);
            let page = update.new_document.get_dictionary_mut(page).unwrap();
            let mut marks = page.get(b"Annots").and_then(Object::as_array).cloned().unwrap_or_default();
            marks.push(mark.into());
            page.set("Annots", marks);
        })
    }

    fn letter() -> Vec<u8> {
        crate::forge::letter(&crate::forge::Letter {
            language: "it".into(),
            created_ms: 1_795_286_761_123,
            document_id: "lettera".into(),
            from: vec!["Anna Verdi".into()],
            to: vec!["Comune di Borgo".into()],
            place_and_date: "Borgo, 21 novembre 2026".into(),
            subject: "Oggetto: prova".into(),
            body: "Una lettera.".into(),
        })
        .unwrap()
    }

    /// The field of a signature, as tools write it.
    fn field() -> Dictionary {
        dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig", "T" => Object::string_literal("Firma"),
            "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()],
            "V" => dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 1.into(), 2.into(), 3.into()] },
        }
    }

    fn with(key: &str, value: impl Into<Object>) -> Dictionary {
        let mut field = field();
        field.set(key, value);
        field
    }

    #[test]
    fn signatures_may_be_added_and_nothing_else() {
        let pdf = letter();
        let once = signed(&pdf);
        assert_eq!(added(&pdf, &once).unwrap(), Added::Signatures);
        assert_eq!(added(&pdf, &signed(&once)).unwrap(), Added::Signatures);
        assert_eq!(added(&once, &signed(&once)).unwrap(), Added::Signatures);
        assert_eq!(added(&once, &once).unwrap(), Added::Other, "nothing was added");
        let mut other = once.clone();
        other[20] ^= 1;
        assert_eq!(added(&pdf, &other).unwrap(), Added::Other, "not the same bytes");
        // A page that says something else, by an update that keeps every byte.
        let changed = appended(&pdf, |update, page| {
            let blank =
                update.new_document.add_object(lopdf::Stream::new(Dictionary::new(), b"q Q".to_vec()));
            let page = update.new_document.get_object_mut(page).unwrap().as_dict_mut().unwrap();
            page.set("Contents", blank);
        });
        assert!(changed.starts_with(&pdf));
        assert_eq!(added(&pdf, &signed(&changed)).unwrap(), Added::Other);
    }

    #[test]
    fn a_mark_is_a_signature_and_covers_nothing() {
        let pdf = letter();
        assert_eq!(added(&pdf, &marked(&pdf, field())).unwrap(), Added::Signatures);
        let page: Vec<Object> = [0, 0, 595, 842].map(Object::from).into();
        let over = with("Rect", page.clone());
        assert_eq!(added(&pdf, &marked(&pdf, over.clone())).unwrap(), Added::Mark, "over the page");
        let mut hidden = over.clone();
        hidden.set("F", 2);
        assert_eq!(added(&pdf, &marked(&pdf, hidden.clone())).unwrap(), Added::Signatures);
        // Not on the screen, and on paper; or under the pointer.
        for flags in [36, 292] {
            hidden.set("F", flags);
            assert_eq!(added(&pdf, &marked(&pdf, hidden.clone())).unwrap(), Added::Mark, "{flags}");
        }
        let mut note = over;
        note.set("Subtype", "FreeText");
        let mut empty = field();
        empty.remove(b"V");
        let act = dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
        for (what, mark) in [
            ("a note that calls itself a signature", note),
            ("a field without a signature", empty),
            ("a field that does something", with("A", act.clone())),
            ("a field that does something when it is entered", with("AA", dictionary! { "E" => act })),
            ("a field with others below it", with("Kids", Vec::<Object>::new())),
            ("another kind of field", with("FT", "Tx")),
            ("a note", dictionary! { "Subtype" => "FreeText", "Rect" => page }),
        ] {
            assert_eq!(added(&pdf, &signed(&marked(&pdf, mark))).unwrap(), Added::Other, "{what}");
        }
    }

    #[test]
    fn what_is_read_aloud_stays() {
        let pdf = letter();
        let element = |kind: &str, more: Option<(&str, Object)>| {
            appended(&pdf, |update, _| {
                let before = update.get_prev_documents();
                let catalogue = before.get_dictionary(root(before).unwrap()).unwrap();
                let tree = catalogue.get(b"StructTreeRoot").unwrap().as_reference().unwrap();
                update.opt_clone_object_to_new_document(tree).unwrap();
                let mut added = dictionary! { "Type" => "StructElem", "S" => kind, "P" => tree };
                if let Some((key, value)) = more {
                    added.set(key, value);
                }
                let added = update.new_document.add_object(added);
                let tree = update.new_document.get_dictionary_mut(tree).unwrap();
                let mut kids = match tree.get(b"K").unwrap() {
                    Object::Array(kids) => kids.clone(),
                    one => vec![one.clone()],
                };
                kids.push(added.into());
                tree.set("K", kids);
            })
        };
        let words = Object::string_literal("Un altro testo");
        assert_eq!(added(&pdf, &element("Form", None)).unwrap(), Added::Signatures);
        assert_eq!(added(&pdf, &element("P", None)).unwrap(), Added::Other);
        assert_eq!(added(&pdf, &element("Form", Some(("ActualText", words)))).unwrap(), Added::Other);
        assert_eq!(added(&pdf, &element("Form", Some(("K", 3.into())))).unwrap(), Added::Other);
    }

    #[test]
    fn the_form_does_nothing_new() {
        let pdf = signed(&letter());
        let form = |key: &str, value: Object| {
            appended(&pdf, |update, _| {
                let before = update.get_prev_documents();
                let catalogue = before.get_dictionary(root(before).unwrap()).unwrap();
                let form = catalogue.get(b"AcroForm").unwrap().as_reference().unwrap();
                update.opt_clone_object_to_new_document(form).unwrap();
                update.new_document.get_dictionary_mut(form).unwrap().set(key, value);
            })
        };
        assert_eq!(added(&pdf, &form("SigFlags", 3.into())).unwrap(), Added::Signatures);
        assert_eq!(added(&pdf, &form("NeedAppearances", true.into())).unwrap(), Added::Other);
        assert_eq!(added(&pdf, &form("XFA", Object::string_literal("<x/>"))).unwrap(), Added::Other);
        assert_eq!(added(&pdf, &form("Fields", Vec::<Object>::new().into())).unwrap(), Added::Other);
    }
}
