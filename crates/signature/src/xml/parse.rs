//! From bytes to a [`Document`], with limits. What quick-xml lets pass and XML does not is refused here.

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::tree::{Attribute, Document, Element, Kind, Name, Node};
use super::{XML, XmlError};

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) nodes: usize,
}

impl Limits {
    /// Of a document that anybody may have sent.
    pub(crate) const DOCUMENT: Self = Self { bytes: 12 * 1024 * 1024, nodes: 200_000 };
    /// Of a trusted list, which the verifier has chosen.
    pub(crate) const LIST: Self = Self { bytes: 64 * 1024 * 1024, nodes: 2_000_000 };
}

const MAX_DEPTH: usize = 128;
const MAX_ATTRIBUTES: usize = 256;
/// Declarations of namespaces in scope at once.
const MAX_SCOPE: usize = 128;

/// Reads a document.
pub(crate) fn parse(bytes: &[u8], limits: Limits) -> Result<Document, XmlError> {
    if bytes.len() > limits.bytes {
        return Err(XmlError::TooMuch);
    }
    let text = decoded(bytes)?;
    if !text.chars().all(is_char) {
        return Err(XmlError::Malformed);
    }
    let mut builder = Builder::new(limits);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_comments = true;
    loop {
        match reader.read_event().map_err(|_| XmlError::Malformed)? {
            Event::Start(start) => builder.start(&start)?,
            Event::Empty(start) => {
                builder.start(&start)?;
                builder.end();
            }
            Event::End(_) => builder.end(),
            Event::Text(text) if text.contains("]]>") => return Err(XmlError::Malformed),
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::CData(data) => builder.text(&data.xml10_content())?,
            Event::GeneralRef(reference) => builder.text(&referred(&reference)?)?,
            Event::Comment(comment) => builder.leaf(Kind::Comment(comment.xml10_content().into_owned()))?,
            Event::PI(instruction) => {
                let target = instruction.target().to_owned();
                let data = lines(instruction.content().trim_start());
                if !is_name(&target) || target.eq_ignore_ascii_case("xml") {
                    return Err(XmlError::Malformed);
                }
                builder.leaf(Kind::Instruction(target, data))?;
            }
            Event::Decl(declaration) => {
                let first = builder.document.nodes.is_empty() && !builder.has_root;
                if !first || declaration.version().ok().as_deref() != Some("1.0") {
                    return Err(XmlError::Malformed);
                }
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof => return builder.finish(),
        }
    }
}

/// Text of the encodings that are read. The declaration is asked only when the bytes do not tell.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    let units = |units: Vec<u16>| String::from_utf16(&units).map(Cow::Owned).map_err(|_| XmlError::Encoding);
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            return units(rest.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect());
        }
        [0xff, 0xfe, rest @ ..] => {
            return units(rest.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect());
        }
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match declared(bytes).as_deref() {
        None | Some("utf-8" | "us-ascii") => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| XmlError::Encoding)
        }
        Some("iso-8859-1" | "latin1") => Ok(Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect())),
        Some(_) => Err(XmlError::Encoding),
    }
}

/// The encoding that the declaration names, in lower case.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let end = head.iter().take(256).position(|&byte| byte == b'>')?;
    let head = std::str::from_utf8(&head[..end]).ok()?;
    let (_, rest) = head.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
    rest[1..].split_once(quote).map(|(name, _)| name.to_ascii_lowercase())
}

/// A character reference, or one of the five entities.
fn referred(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, XmlError> {
    let character = match &**reference {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => reference.resolve_char_ref().ok().flatten().ok_or(XmlError::Malformed)?,
    };
    is_char(character).then(|| character.to_string()).ok_or(XmlError::Malformed)
}

/// XML 1.0 §2.2.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// XML 1.0 §2.3, taking every character beyond ASCII for a letter.
fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    characters.next().is_some_and(letter)
        && characters.all(|c| letter(c) || c.is_ascii_digit() || c == '-' || c == '.')
}

/// XML 1.0 §2.11.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

struct Builder {
    document: Document,
    open: Vec<usize>,
    /// Prefix and namespace of each declaration in scope; how many there were before each open element.
    scope: Vec<(Name, Name)>,
    marks: Vec<usize>,
    names: HashMap<String, Name>,
    limits: Limits,
    has_root: bool,
}

impl Builder {
    fn new(limits: Limits) -> Self {
        let scope = vec![("xml".into(), XML.into())];
        Self {
            document: Document::default(),
            open: Vec::new(),
            scope,
            marks: Vec::new(),
            names: HashMap::new(),
            limits,
            has_root: false,
        }
    }

    fn name(&mut self, name: &str) -> Name {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let new: Name = name.into();
        self.names.insert(name.to_owned(), new.clone());
        new
    }

    fn push(&mut self, kind: Kind) -> Result<usize, XmlError> {
        let number = self.document.nodes.len();
        if number >= self.limits.nodes {
            return Err(XmlError::TooMuch);
        }
        self.document.nodes.push(Node { parent: self.open.last().copied(), end: number + 1, kind });
        Ok(number)
    }

    fn leaf(&mut self, kind: Kind) -> Result<(), XmlError> {
        self.push(kind).map(drop)
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        if self.open.is_empty() {
            // Only white space stands outside of the document element.
            let space = text.bytes().all(|byte| b" \t\r\n".contains(&byte));
            return if space { Ok(()) } else { Err(XmlError::Malformed) };
        }
        let parent = self.open.last().copied();
        match self.document.nodes.last_mut() {
            Some(Node { parent: of, kind: Kind::Text(before), .. }) if *of == parent => {
                before.push_str(text);
                Ok(())
            }
            _ => self.leaf(Kind::Text(text.to_owned())),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.is_empty() && std::mem::replace(&mut self.has_root, true) {
            return Err(XmlError::Malformed);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(XmlError::TooMuch);
        }
        self.marks.push(self.scope.len());
        let mut written = Vec::new();
        let mut declared = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| XmlError::Malformed)?;
            if written.len() + declared.len() >= MAX_ATTRIBUTES {
                return Err(XmlError::TooMuch);
            }
            if attribute.value.contains('<') {
                return Err(XmlError::Malformed);
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| XmlError::Malformed)?.into_owned();
            if !value.chars().all(is_char) {
                return Err(XmlError::Malformed);
            }
            match split(attribute.key.0)? {
                ("", "xmlns") => declared.push(("", value)),
                ("xmlns", prefix) => declared.push((prefix, value)),
                (prefix, local) => written.push((self.name(prefix), self.name(local), value)),
            }
        }
        let declared = self.declare(&declared)?;
        let (prefix, local) = split(start.name().0)?;
        let (prefix, local) = (self.name(prefix), self.name(local));
        let namespace = self.namespace(&prefix)?;
        let mut attributes = Vec::with_capacity(written.len());
        for (prefix, local, value) in written {
            // An attribute without prefix is in no namespace, whatever the default is.
            let namespace = if prefix.is_empty() { prefix.clone() } else { self.namespace(&prefix)? };
            attributes.push(Attribute { prefix, local, namespace, value });
        }
        if is_repeated(&attributes) {
            return Err(XmlError::Malformed);
        }
        let element = Element { prefix, local, namespace, attributes, declared };
        let number = self.push(Kind::Element(Box::new(element)))?;
        if self.open.is_empty() {
            self.document.root = number;
        }
        self.open.push(number);
        Ok(())
    }

    fn declare(&mut self, declared: &[(&str, String)]) -> Result<Vec<(Name, Name)>, XmlError> {
        let mut found = Vec::new();
        for (prefix, namespace) in declared {
            let lost = namespace.is_empty() && !prefix.is_empty();
            let reserved = *prefix == "xmlns" || (*prefix == "xml") != (namespace == XML);
            if lost || reserved {
                return Err(XmlError::Malformed);
            }
            let pair = (self.name(prefix), self.name(namespace));
            if *prefix != "xml" {
                self.scope.push(pair.clone());
                found.push(pair);
            }
        }
        if self.scope.len() > MAX_SCOPE { Err(XmlError::TooMuch) } else { Ok(found) }
    }

    fn namespace(&mut self, prefix: &str) -> Result<Name, XmlError> {
        match self.scope.iter().rev().find(|(other, _)| &**other == prefix) {
            Some((_, namespace)) => Ok(namespace.clone()),
            None if prefix.is_empty() => Ok(self.name("")),
            None => Err(XmlError::Malformed),
        }
    }

    fn end(&mut self) {
        if let (Some(number), Some(mark)) = (self.open.pop(), self.marks.pop()) {
            self.document.nodes[number].end = self.document.nodes.len();
            self.scope.truncate(mark);
        }
    }

    fn finish(self) -> Result<Document, XmlError> {
        if self.has_root && self.open.is_empty() { Ok(self.document) } else { Err(XmlError::Malformed) }
    }
}

/// Prefix and local name.
fn split(name: &str) -> Result<(&str, &str), XmlError> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let good = is_name(local) && (is_name(prefix) || !name.contains(':'));
    if good { Ok((prefix, local)) } else { Err(XmlError::Malformed) }
}

/// The same attribute by two prefixes.
fn is_repeated(attributes: &[Attribute]) -> bool {
    let mut names: Vec<_> = attributes.iter().map(|one| (&one.namespace, &one.local)).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests;
