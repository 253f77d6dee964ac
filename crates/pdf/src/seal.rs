//! Seals a PDF: appends a revision with a PAdES signature (ETSI EN 319 142-1, `ETSI.CAdES.detached`), and later ones with
//! what it is verified with and with time stamps over everything, leaving every earlier byte as it is. Signatures and
//! stamps are made by the caller, who alone holds the key and asks the authority.

mod store;

use lopdf::{
    Dictionary, Document, IncrementalDocument, LoadOptions, Object, ObjectId, StringFormat, dictionary,
};
use sha2::{Digest, Sha256};

use crate::paper::civil;

pub use store::{Store, keep};

/// Room for a CMS with a certificate chain; 16 KiB also holds a time stamp.
pub const RESERVE: usize = 16 * 1024;

/// What the seal says about itself.
#[derive(Clone, Debug)]
pub struct Seal<'a> {
    /// Who seals: the certificate's name, shown by viewers. May be empty.
    pub name: &'a str,
    /// Why, in the reader's language. May be empty.
    pub reason: &'a str,
    /// Claimed instant, in milliseconds UTC.
    pub at_ms: i64,
    /// Bytes reserved for the CMS; [`RESERVE`] unless measured.
    pub reserve: usize,
}

/// Why a file was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError<E: std::error::Error + 'static> {
    /// It cannot be read as PDF.
    #[error("the file cannot be read as PDF")]
    Unreadable(#[source] lopdf::Error),
    /// Its cross references are broken: nothing can be appended to it.
    #[error("the file's cross references are broken, so nothing can be appended to it")]
    Damaged,
    /// It is encrypted.
    #[error("the file is encrypted")]
    Encrypted,
    /// It has no page, or its structure is not what the standard says.
    #[error("the file's structure does not allow a signature: {what}")]
    Structure {
        /// What was not found.
        what: &'static str,
    },
    /// The signer failed.
    #[error("the signer failed")]
    Signer(#[source] E),
    /// The CMS does not fit.
    #[error("the signature has {size} bytes, {reserve} were reserved")]
    TooSmall {
        /// Its size.
        size: usize,
        /// The room.
        reserve: usize,
    },
    /// The new revision could not be written.
    #[error("the new revision could not be written")]
    Write(#[source] std::io::Error),
}

/// Appends a signature over the whole file. `sign` gets the SHA-256 of all signed bytes and gives back a CMS
/// `SignedData` in DER, detached, of the CAdES baseline (without signing-time: the claimed time is in the PDF).
pub fn seal<E, F>(pdf: &[u8], seal: &Seal<'_>, sign: F) -> Result<Vec<u8>, SealError<E>>
where
    E: std::error::Error + 'static,
    F: FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
{
    let (year, month, day, hour, minute, second) = civil(seal.at_ms);
    let mut signature = unsigned("Sig", "ETSI.CAdES.detached", seal.reserve);
    let time = format!("D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    signature.set("M", Object::string_literal(time));
    for (key, text) in [("Name", seal.name), ("Reason", seal.reason)] {
        if !text.is_empty() {
            signature.set(key, lopdf::text_string(text));
        }
    }
    revise(pdf, signature, seal.reason, seal.reserve, sign)
}

/// Appends a time stamp over the whole file (ETSI EN 319 142-1 §5.4.3). `stamp` gets the SHA-256 of all bytes before it and
/// gives back the token. Over a file with everything that its signatures need it makes level LTA.
pub fn stamp<E, F>(pdf: &[u8], stamp: F) -> Result<Vec<u8>, SealError<E>>
where
    E: std::error::Error + 'static,
    F: FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
{
    revise(pdf, unsigned("DocTimeStamp", "ETSI.RFC3161", RESERVE), "", RESERVE, stamp)
}

/// A signature dictionary without its signature.
fn unsigned(kind: &str, how: &str, reserve: usize) -> Dictionary {
    dictionary! {
        "Type" => kind,
        "Filter" => "Adobe.PPKLite",
        "SubFilter" => how,
        "ByteRange" => vec![0.into(), PLACEHOLDER.into(), PLACEHOLDER.into(), PLACEHOLDER.into()],
        "Contents" => Object::String(vec![0; reserve], StringFormat::Hexadecimal),
    }
}

/// A new revision of a file.
fn begin<E: std::error::Error + 'static>(pdf: &[u8]) -> Result<IncrementalDocument, SealError<E>> {
    let before =
        Document::load_mem_with_options(pdf, LoadOptions::default()).map_err(SealError::Unreadable)?;
    if before.is_encrypted() || before.was_encrypted() {
        return Err(SealError::Encrypted);
    }
    if before.xref_recovery.is_some() || before.xref_start == 0 {
        return Err(SealError::Damaged);
    }
    Ok(IncrementalDocument::create_from(pdf.to_vec(), before))
}

/// Appends a field with a signature dictionary, and fills in what `sign` gives for the digest of all other bytes.
fn revise<E, F>(
    pdf: &[u8],
    signature: Dictionary,
    title: &str,
    reserve: usize,
    sign: F,
) -> Result<Vec<u8>, SealError<E>>
where
    E: std::error::Error + 'static,
    F: FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
{
    let mut update = begin(pdf)?;
    append_field(&mut update, signature, title).map_err(|what| SealError::Structure { what })?;
    let mut out = Vec::with_capacity(pdf.len() + 2 * reserve + 4096);
    update.save_to(&mut out).map_err(SealError::Write)?;
    out.push(b'\n');
    let room =
        patch_byte_range(&mut out, pdf.len(), reserve).ok_or(SealError::Structure { what: "placeholder" })?;
    let mut hash = Sha256::new();
    hash.update(&out[..room.start]);
    hash.update(&out[room.end..]);
    let cms = sign(&hash.finalize().into()).map_err(SealError::Signer)?;
    if cms.len() > reserve {
        return Err(SealError::TooSmall { size: cms.len(), reserve });
    }
    for (nth, byte) in cms.iter().enumerate() {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let at = room.start + 1 + 2 * nth;
        out[at] = HEX[usize::from(byte >> 4)];
        out[at + 1] = HEX[usize::from(byte & 15)];
    }
    Ok(out)
}

/// Ten digits, replaced once the offsets are known.
const PLACEHOLDER: i64 = 1_000_000_000;

fn append_field(
    update: &mut IncrementalDocument,
    signature: Dictionary,
    title: &str,
) -> Result<(), &'static str> {
    let before = update.get_prev_documents();
    let page = before.page_iter().next().ok_or("page")?;
    let root = catalog(update)?;
    let signature = update.new_document.add_object(signature);
    let name = field_name(update, root);
    let widget = update.new_document.add_object(dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "FT" => "Sig",
        "T" => Object::string_literal(name.as_str()),
        "TU" => lopdf::text_string(if title.is_empty() { &name } else { title }),
        // Printed, locked; a rectangle without area is not seen (EN 319 142-1, 5.5).
        "F" => 132,
        "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()],
        "P" => page,
        "V" => signature,
    });
    push(update, page, b"Annots", widget)?;
    add_to_form(update, root, widget)?;
    tag_widget(update, root, page, widget);
    Ok(())
}

fn catalog(update: &IncrementalDocument) -> Result<ObjectId, &'static str> {
    let trailer = &update.get_prev_documents().trailer;
    trailer.get(b"Root").and_then(Object::as_reference).map_err(|_| "catalog")
}

/// A name that no field of the form has yet.
fn field_name(update: &IncrementalDocument, root: ObjectId) -> String {
    let before = update.get_prev_documents();
    let fields = before
        .get_dictionary(root)
        .and_then(|root| root.get_deref(b"AcroForm", before))
        .and_then(Object::as_dict)
        .and_then(|form| form.get_deref(b"Fields", before))
        .and_then(Object::as_array);
    let taken: Vec<&[u8]> = fields
        .into_iter()
        .flatten()
        .filter_map(|field| before.dereference(field).ok()?.1.as_dict().ok()?.get(b"T").ok()?.as_str().ok())
        .collect();
    let mut nth = 1;
    while taken.contains(&format!("Seal{nth}").as_bytes()) {
        nth += 1;
    }
    format!("Seal{nth}")
}

/// The new revision's copy of a dictionary of the file.
fn copy(update: &mut IncrementalDocument, id: ObjectId) -> Result<&mut Dictionary, &'static str> {
    update.opt_clone_object_to_new_document(id).map_err(|_| "object")?;
    update.new_document.get_dictionary_mut(id).map_err(|_| "dictionary")
}

/// Appends to an array of a dictionary, wherever the array lies.
fn push(
    update: &mut IncrementalDocument,
    holder: ObjectId,
    key: &[u8],
    item: ObjectId,
) -> Result<(), &'static str> {
    let dictionary = copy(update, holder)?;
    match dictionary.get_mut(key) {
        Ok(Object::Array(array)) => array.push(item.into()),
        Ok(Object::Reference(elsewhere)) => {
            let elsewhere = *elsewhere;
            update.opt_clone_object_to_new_document(elsewhere).map_err(|_| "array")?;
            let array = update.new_document.get_object_mut(elsewhere).and_then(Object::as_array_mut);
            array.map_err(|_| "array")?.push(item.into());
        }
        Ok(Object::Null) | Err(_) => dictionary.set(key, vec![Object::Reference(item)]),
        Ok(_) => return Err("array"),
    }
    Ok(())
}

fn add_to_form(
    update: &mut IncrementalDocument,
    root: ObjectId,
    widget: ObjectId,
) -> Result<(), &'static str> {
    let catalog = copy(update, root)?;
    let form = match catalog.get(b"AcroForm") {
        Ok(Object::Reference(id)) => *id,
        Ok(Object::Dictionary(form)) => {
            let form = form.clone();
            let id = update.new_document.add_object(form);
            copy(update, root)?.set("AcroForm", id);
            id
        }
        _ => {
            let id = update.new_document.add_object(Dictionary::new());
            copy(update, root)?.set("AcroForm", id);
            id
        }
    };
    // Signatures exist, and the file may only be appended to (ISO 32000-1, table 219).
    copy(update, form)?.set("SigFlags", 3);
    push(update, form, b"Fields", widget)
}

/// PDF/UA-1 7.18.1: a widget belongs to a Form element. Left out where the file has no structure, or one of another shape.
fn tag_widget(
    update: &mut IncrementalDocument,
    root: ObjectId,
    page: ObjectId,
    widget: ObjectId,
) -> Option<()> {
    let before = update.get_prev_documents();
    let tree = before.get_dictionary(root).ok()?.get(b"StructTreeRoot").ok()?.as_reference().ok()?;
    let dictionary = before.get_dictionary(tree).ok()?;
    let next = dictionary.get(b"ParentTreeNextKey").ok()?.as_i64().ok()?;
    let numbers = match dictionary.get(b"ParentTree").ok()? {
        Object::Reference(id) => Some(*id),
        Object::Dictionary(_) => None,
        _ => return None,
    };
    let in_tree = match numbers {
        Some(id) => before.get_dictionary(id).ok()?,
        None => dictionary.get(b"ParentTree").ok()?.as_dict().ok()?,
    };
    in_tree.get(b"Nums").ok()?.as_array().ok()?;
    let document = match dictionary.get(b"K").ok()? {
        Object::Reference(id) => *id,
        Object::Array(kids) => kids.first()?.as_reference().ok()?,
        _ => return None,
    };
    before.get_dictionary(document).ok()?.get(b"K").ok()?;
    let element = update.new_document.add_object(dictionary! {
        "Type" => "StructElem",
        "S" => "Form",
        "P" => document,
        "Pg" => page,
        "K" => dictionary! { "Type" => "OBJR", "Obj" => widget, "Pg" => page },
    });
    push(update, document, b"K", element).ok()?;
    let root = copy(update, tree).ok()?;
    root.set("ParentTreeNextKey", next + 1);
    let numbers = match numbers {
        Some(id) => copy(update, id).ok()?,
        None => root.get_mut(b"ParentTree").ok()?.as_dict_mut().ok()?,
    };
    let numbers = numbers.get_mut(b"Nums").ok()?.as_array_mut().ok()?;
    numbers.extend([next.into(), element.into()]);
    copy(update, widget).ok()?.set("StructParent", next);
    Some(())
}

/// Writes the true offsets, and gives back where the hexadecimal string lies, brackets included.
fn patch_byte_range(out: &mut [u8], from: usize, reserve: usize) -> Option<std::ops::Range<usize>> {
    let find = |needle: &[u8]| {
        let at = out[from..].windows(needle.len()).position(|window| window == needle)?;
        Some(from + at)
    };
    let range = find(b"/ByteRange[0 1000000000 1000000000 1000000000]")? + b"/ByteRange[".len();
    let contents = find(b"/Contents<00")? + b"/Contents".len();
    let room = contents..contents + 2 * reserve + 2;
    if out.get(room.end - 1) != Some(&b'>') {
        return None;
    }
    let numbers = format!("0 {} {} {}]", room.start, room.end, out.len() - room.end);
    let width = b"0 1000000000 1000000000 1000000000]".len();
    let padded = format!("{numbers:<width$}");
    out.get_mut(range..range + width)?.copy_from_slice(padded.as_bytes());
    Some(room)
}
