//! Reads foreign PDF files: what they carry, what they would do, what they say. Everything is bounded, nothing panics.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

/// Largest file looked at, in bytes.
pub const LARGEST_FILE: usize = 256 << 20;
/// Largest size of one stream once decompressed, in bytes.
pub const LARGEST_STREAM: usize = 64 << 20;
/// Most attachments given back.
pub const MOST_ATTACHMENTS: usize = 1000;
/// Most content decompressed in search of text, in bytes; and most pages.
const TEXT_BUDGET: usize = 64 << 20;
const TEXT_PAGES: usize = 2000;
/// Deepest name tree.
const DEEPEST: usize = 32;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Larger than [`LARGEST_FILE`].
    #[error("the file is larger than {LARGEST_FILE} bytes")]
    TooLarge,
    /// Not a PDF, or broken beyond repair.
    #[error("the file cannot be read as PDF")]
    Unreadable,
    /// The content needs a password.
    #[error("the file needs a password")]
    Encrypted,
    /// What it carries exceeds the limits, or cannot be decompressed.
    #[error("an attachment is too large or cannot be decompressed")]
    Attachment,
    /// More than [`MOST_ATTACHMENTS`], or more bytes than [`LARGEST_FILE`].
    #[error("the file carries too much")]
    TooMuch,
    /// The parser gave up in a way it should not have.
    #[error("the parser failed on this file")]
    Parser,
    /// No process could be started for it: the server's fault, not the file's.
    #[error("no process could be started to read the file: {0}")]
    Aside(String),
}

impl ReadError {
    /// What a process that read aside answers.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::TooLarge => 1,
            Self::Unreadable => 2,
            Self::Encrypted => 3,
            Self::Attachment => 4,
            Self::TooMuch => 5,
            Self::Parser | Self::Aside(_) => 6,
        }
    }

    /// What it meant.
    pub(crate) fn of_code(code: u8) -> Self {
        match code {
            1 => Self::TooLarge,
            2 => Self::Unreadable,
            3 => Self::Encrypted,
            4 => Self::Attachment,
            5 => Self::TooMuch,
            _ => Self::Parser,
        }
    }
}

/// What a file is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Pages.
    pub pages: usize,
    /// Encrypted, with or without a password to open it.
    pub encrypted: bool,
    /// It cannot be opened without a password; what follows is then unknown.
    pub needs_password: bool,
    /// It contains JavaScript.
    pub has_javascript: bool,
    /// It would start a program or send a form.
    pub has_actions: bool,
    /// Files inside.
    pub attachments: usize,
    /// Signature fields that are signed.
    pub signatures: usize,
    /// Revisions: 1, and one for each update appended.
    pub revisions: usize,
    /// It has a logical structure for screen readers.
    pub tagged: bool,
    /// Its cross references were broken and had to be found again.
    pub repaired: bool,
    /// The part and level of PDF/A that it claims, such as `3A`. A claim, not a verdict.
    pub claims_pdfa: Option<String>,
    /// Title from its information dictionary.
    pub title: Option<String>,
}

/// Text of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extract {
    /// The words, page after page.
    pub text: String,
    /// Whether nothing was left out.
    pub whole: bool,
}

/// The files inside, in the order of the name tree: name and bytes.
pub fn attachments(pdf: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
    guarded(pdf, |document| {
        if document.is_encrypted() {
            return Err(ReadError::Encrypted);
        }
        let mut out = Vec::new();
        let mut room = LARGEST_FILE;
        for specification in specifications(document)? {
            let Some((name, stream)) = embedded(document, specification) else { continue };
            let limit = room.min(LARGEST_STREAM);
            let bytes = if stream.dict.has(b"Filter") {
                stream.decompressed_content_with_limit(limit).map_err(|_| ReadError::Attachment)?
            } else {
                stream.content.clone()
            };
            room = room.checked_sub(bytes.len()).ok_or(ReadError::TooMuch)?;
            out.push((name, bytes));
        }
        Ok(out)
    })
}

/// Looks at the structure, not at the content.
pub fn inspect(pdf: &[u8]) -> Result<Inspection, ReadError> {
    guarded(pdf, |document| {
        let mut found = Inspection {
            encrypted: document.is_encrypted() || document.was_encrypted(),
            needs_password: document.is_encrypted(),
            revisions: document.revision_count(),
            repaired: document.xref_recovery.is_some(),
            ..Inspection::default()
        };
        if found.needs_password {
            return Ok(found);
        }
        found.pages = document.page_iter().count();
        found.attachments = specifications(document)?.len();
        if let Ok(catalog) = document.catalog() {
            found.tagged = catalog.has(b"StructTreeRoot");
            found.claims_pdfa = catalog
                .get_deref(b"Metadata", document)
                .and_then(Object::as_stream)
                .ok()
                .and_then(|stream| stream.get_plain_content_with_limit(1 << 20).ok())
                .and_then(|xmp| pdfa_claim(&String::from_utf8_lossy(&xmp)));
        }
        found.title = document
            .trailer
            .get_deref(b"Info", document)
            .and_then(Object::as_dict)
            .and_then(|info| info.get_deref(b"Title", document))
            .ok()
            .and_then(|title| lopdf::decode_text_string(title).ok())
            .map(|title| title.chars().take(1000).collect());
        for object in document.objects.values() {
            walk(object, &mut |dictionary| {
                let is = |key: &[u8], name: &[u8]| {
                    dictionary.get(key).and_then(Object::as_name).is_ok_and(|n| n == name)
                };
                found.has_javascript |= is(b"S", b"JavaScript") || dictionary.has(b"JS");
                found.has_actions |= [b"Launch".as_slice(), b"SubmitForm", b"ImportData", b"Rendition"]
                    .iter()
                    .any(|name| is(b"S", name));
                if is(b"FT", b"Sig") && dictionary.has(b"V") {
                    found.signatures += 1;
                }
            });
        }
        Ok(found)
    })
}

/// Words of the file, at most `limit` characters. Good enough to search by; it keeps neither layout nor every word.
pub fn text(pdf: &[u8], limit: usize) -> Result<Extract, ReadError> {
    guarded(pdf, |document| {
        if document.is_encrypted() {
            return Err(ReadError::Encrypted);
        }
        let mut out = Extract { text: String::new(), whole: true };
        let (mut room, mut budget) = (limit, TEXT_BUDGET);
        for (nth, page) in document.page_iter().enumerate() {
            if nth >= TEXT_PAGES || room == 0 {
                out.whole = false;
                break;
            }
            let Ok(content) = document.get_page_content_with_limit(page, budget) else {
                out.whole = false;
                continue;
            };
            budget = budget.saturating_sub(content.len());
            for piece in document.extract_text_chunks_with_limit(&[nth as u32 + 1], LARGEST_STREAM) {
                let Ok(piece) = piece else {
                    out.whole = false;
                    continue;
                };
                for c in piece.chars().filter(|c| *c != '\0') {
                    if room == 0 {
                        out.whole = false;
                        break;
                    }
                    out.text.push(c);
                    room -= 1;
                }
            }
            if room > 0 && !out.text.ends_with('\n') {
                out.text.push('\n');
                room -= 1;
            }
        }
        Ok(out)
    })
}

/// Everything this module does with foreign bytes, for a fuzzer.
pub fn fuzz_read(pdf: &[u8]) {
    let _ = inspect(pdf);
    let _ = attachments(pdf);
    let _ = text(pdf, 10_000);
}

/// Loads and looks. lopdf has not panicked on any file we know; a server must outlive the first one on which it does.
pub(crate) fn guarded<T>(
    pdf: &[u8],
    look: impl FnOnce(&Document) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    if pdf.len() > LARGEST_FILE {
        return Err(ReadError::TooLarge);
    }
    catch_unwind(AssertUnwindSafe(|| {
        let options = LoadOptions::with_max_decompressed_size(LARGEST_STREAM);
        look(&Document::load_mem_with_options(pdf, options).map_err(|_| ReadError::Unreadable)?)
    }))
    .unwrap_or(Err(ReadError::Parser))
}

/// File specifications of the name tree, then those only in `/AF`, each once.
fn specifications(document: &Document) -> Result<Vec<&Dictionary>, ReadError> {
    let Ok(catalog) = document.catalog() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let tree = catalog
        .get_deref(b"Names", document)
        .and_then(Object::as_dict)
        .and_then(|names| names.get_deref(b"EmbeddedFiles", document));
    let mut waiting: Vec<(&Object, usize)> = tree.into_iter().map(|node| (node, 0)).collect();
    let mut nodes = 0;
    while let Some((node, depth)) = waiting.pop() {
        nodes += 1;
        if depth > DEEPEST || nodes > 10 * MOST_ATTACHMENTS {
            return Err(ReadError::TooMuch);
        }
        let Ok(node) = document.dereference(node).and_then(|(_, node)| node.as_dict()) else { continue };
        if let Ok(names) = node.get_deref(b"Names", document).and_then(Object::as_array) {
            for specification in names.iter().skip(1).step_by(2) {
                keep(document, specification, &mut seen, &mut found)?;
            }
        }
        if let Ok(kids) = node.get_deref(b"Kids", document).and_then(Object::as_array) {
            waiting.extend(kids.iter().rev().map(|kid| (kid, depth + 1)));
        }
    }
    if let Ok(associated) = catalog.get_deref(b"AF", document).and_then(Object::as_array) {
        for specification in associated {
            keep(document, specification, &mut seen, &mut found)?;
        }
    }
    Ok(found)
}

fn keep<'a>(
    document: &'a Document,
    object: &'a Object,
    seen: &mut BTreeSet<ObjectId>,
    found: &mut Vec<&'a Dictionary>,
) -> Result<(), ReadError> {
    if let Ok(id) = object.as_reference()
        && !seen.insert(id)
    {
        return Ok(());
    }
    if found.len() >= MOST_ATTACHMENTS {
        return Err(ReadError::TooMuch);
    }
    if let Ok(dictionary) = document.dereference(object).and_then(|(_, object)| object.as_dict())
        && dictionary.has(b"EF")
    {
        found.push(dictionary);
    }
    Ok(())
}

fn embedded<'a>(
    document: &'a Document,
    specification: &'a Dictionary,
) -> Option<(String, &'a lopdf::Stream)> {
    let file = specification.get_deref(b"EF", document).ok()?.as_dict().ok()?;
    let stream = [b"UF".as_slice(), b"F"]
        .iter()
        .find_map(|key| file.get_deref(key, document).ok()?.as_stream().ok())?;
    let name = [b"UF".as_slice(), b"F"]
        .iter()
        .find_map(|key| lopdf::decode_text_string(specification.get_deref(key, document).ok()?).ok())
        .unwrap_or_default();
    Some((name, stream))
}

/// Every dictionary in an object, without recursion: the file decides how deep it is.
fn walk(object: &Object, visit: &mut dyn FnMut(&Dictionary)) {
    let mut waiting = vec![object];
    while let Some(object) = waiting.pop() {
        match object {
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(dictionary) => {
                visit(dictionary);
                waiting.extend(dictionary.iter().map(|(_, value)| value));
            }
            Object::Stream(stream) => {
                visit(&stream.dict);
                waiting.extend(stream.dict.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
}

/// `pdfaid:part` and `pdfaid:conformance`, as element or as attribute.
fn pdfa_claim(xmp: &str) -> Option<String> {
    let value = |key: &str| {
        let after = &xmp[xmp.find(key)? + key.len()..];
        let value = after.trim_start_matches(['=', '"', '\'', '>']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric())?;
        (1..=2).contains(&end).then(|| value[..end].to_owned())
    };
    let part = value("pdfaid:part")?;
    Some(part + &value("pdfaid:conformance").unwrap_or_default())
}
