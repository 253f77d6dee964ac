//! SOAP 1.1 as these systems speak it: requests are written as text, answers are read by local name, whatever the case of
//! their letters. No document types, no entities of their own; depth, nodes and bytes have limits.

use std::fmt::Write as _;

use plico_courier::http::Answer;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::seam::Trouble;
use crate::{dime, multipart, wire};

/// The namespace of envelopes.
pub const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The namespace of rpc/encoded values.
pub const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

const MAX_BYTES: usize = 256 * 1024 * 1024;
const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 100_000;

/// An element with its text and its children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Local name.
    pub name: String,
    /// Local names and values; declarations of namespaces are left out.
    pub attributes: Vec<(String, String)>,
    /// All text directly inside.
    pub text: String,
    /// Elements inside.
    pub children: Vec<Node>,
}

/// Why something cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not XML.
    #[error("it is not well-formed XML")]
    Malformed,
    /// It has a document type or entities of its own.
    #[error("it has a document type or entities of its own")]
    DocumentType,
    /// It is too long, too deep or has too many elements.
    #[error("it is too much to read")]
    TooMuch,
}

impl Node {
    /// The first element of this name inside, at any depth.
    pub fn find(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| if child.is(name) { Some(child) } else { child.find(name) })
    }

    /// The elements of this name directly inside.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// The first element of this name directly inside.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// The text of the first element of this name inside, trimmed; nothing when it is empty.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.find(name).map(|node| node.text.trim()).filter(|text| !text.is_empty())
    }

    /// A number of that name.
    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.said(name)?.parse().ok()
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let known = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, value)| value.as_str())
    }

    /// Whether this is its name.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Text as it stands in an element or an attribute, without what XML cannot hold in any spelling.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// An element around text.
pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// An element around others, which are written already.
pub fn around(name: &str, inside: &str) -> String {
    format!("<{name}>{inside}</{name}>")
}

/// An element around text; nothing for no text.
pub fn optional(name: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { element(name, text) }
}

/// An envelope around a body; `spaces` are declarations of namespaces for it.
pub fn envelope(spaces: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\"{}{spaces}><soapenv:Header/><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>",
        if spaces.is_empty() { "" } else { " " }
    )
}

/// An operation of rpc/encoded style with its parts: name, type of XML Schema, text.
pub fn encoded(space: &str, operation: &str, parts: &[(&str, &str, &str)]) -> String {
    let mut inside = String::new();
    for (name, kind, text) in parts {
        let _ = write!(inside, "<{name} xsi:type=\"xsd:{kind}\">{}</{name}>", escape(text));
    }
    let body = format!(
        "<op:{operation} xmlns:op=\"{space}\" soapenv:encodingStyle=\"{ENCODING}\">{inside}</op:{operation}>"
    );
    envelope(
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"",
        &body,
    )
}

/// The same with the names of all elements in small letters, as some releases answer.
pub fn in_small_letters(xml: &str) -> String {
    let (mut small, mut in_name) = (String::with_capacity(xml.len()), false);
    for c in xml.chars() {
        in_name = if c == '<' { true } else { in_name && !c.is_whitespace() && c != '>' };
        small.push(if in_name { c.to_ascii_lowercase() } else { c });
    }
    small
}

/// Reads a document: the element that it is.
pub fn read(bytes: &[u8]) -> Result<Node, ReadError> {
    parse(bytes, false)
}

/// The same of a file that may name its document type, as those of 2001 do: it is never fetched, and one that is written
/// into the file is refused.
pub fn read_typed(bytes: &[u8]) -> Result<Node, ReadError> {
    parse(bytes, true)
}

fn parse(bytes: &[u8], typed: bool) -> Result<Node, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooMuch);
    }
    let text = decoded(bytes);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    let (mut open, mut root, mut nodes) = (Vec::<Node>::new(), None::<Node>, 0_usize);
    loop {
        let event = reader.read_event().map_err(|_| ReadError::Malformed)?;
        match event {
            Event::Start(start) | Event::Empty(start) if nodes > MAX_NODES || open.len() >= MAX_DEPTH => {
                drop(start);
                return Err(ReadError::TooMuch);
            }
            Event::Start(ref start) | Event::Empty(ref start) => {
                nodes += 1;
                let mut node = Node { name: local(start.name().as_ref()), ..Node::default() };
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|_| ReadError::Malformed)?;
                    let name = attribute.key.as_ref();
                    if name == "xmlns" || name.starts_with("xmlns:") {
                        continue;
                    }
                    let value = quick_xml::escape::unescape(attribute.value.as_ref());
                    let value = value.map_err(|_| ReadError::DocumentType)?;
                    node.attributes.push((local(name), value.into_owned()));
                }
                if matches!(event, Event::Start(_)) {
                    open.push(node);
                } else {
                    closed(node, &mut open, &mut root)?;
                }
            }
            Event::End(_) => {
                let node = open.pop().ok_or(ReadError::Malformed)?;
                closed(node, &mut open, &mut root)?;
            }
            Event::Text(text) => put(&mut open, &text.xml10_content())?,
            Event::CData(data) => put(&mut open, &data.xml10_content())?,
            Event::GeneralRef(reference) => put(&mut open, &referred(&reference)?)?,
            Event::DocType(named) if typed && root.is_none() && !named.contains('[') => {}
            Event::DocType(_) => return Err(ReadError::DocumentType),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof if open.is_empty() => return root.ok_or(ReadError::Malformed),
            Event::Eof => return Err(ReadError::Malformed),
        }
    }
}

fn closed(node: Node, open: &mut [Node], root: &mut Option<Node>) -> Result<(), ReadError> {
    match open.last_mut() {
        Some(parent) => parent.children.push(node),
        None if root.is_none() => *root = Some(node),
        None => return Err(ReadError::Malformed),
    }
    Ok(())
}

fn put(open: &mut [Node], text: &str) -> Result<(), ReadError> {
    match open.last_mut() {
        Some(node) => node.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(ReadError::Malformed),
    }
    Ok(())
}

fn referred(reference: &BytesRef<'_>) -> Result<String, ReadError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| ReadError::Malformed)? {
        return Ok(c.to_string());
    }
    match &**reference {
        "amp" => Ok("&".into()),
        "lt" => Ok("<".into()),
        "gt" => Ok(">".into()),
        "quot" => Ok("\"".into()),
        "apos" => Ok("'".into()),
        _ => Err(ReadError::DocumentType),
    }
}

/// UTF-8, and where it is not that ISO-8859-1: some say one and send the other, so the bytes decide.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

/// The body of an answer. What cannot be read, and what only the server knows why it failed, is a doubt, unless asking was
/// `harmless`.
pub fn answered(answer: &Answer, harmless: bool) -> Result<Node, Trouble> {
    let parts = match answer.media_type.as_str() {
        dime::KIND => dime::read(&answer.body).ok(),
        _ if answer.body.starts_with(b"--") => multipart::read(None, &answer.body).ok(),
        _ => None,
    };
    let first = parts.and_then(|parts| parts.into_iter().next());
    let bytes = first.as_ref().map_or(&answer.body, |part| &part.content);
    let body = read(bytes).ok().filter(|root| root.is("Envelope")).and_then(|root| {
        let body = root.children.into_iter().find(|child| child.is("Body"));
        body.filter(|body| !body.children.is_empty())
    });
    let Some(body) = body else {
        wire::status(answer, harmless)?;
        return Err(wire::unclear("the answer cannot be read: it is no SOAP envelope", harmless));
    };
    if let Some(fault) = body.child("Fault") {
        let code = fault.said("faultcode").or_else(|| fault.find("Code")?.said("Value"));
        let code = local(code.unwrap_or_default());
        let words = fault.said("faultstring").or_else(|| fault.find("Reason")?.said("Text"));
        let words: String = words.unwrap_or_default().chars().take(500).collect();
        // Of the others only those say that nothing was done (SOAP 1.1 §4.4.1).
        let class = code.split('.').next().unwrap_or_default();
        return Err(match class {
            "Client" | "Sender" | "VersionMismatch" | "MustUnderstand" => Trouble::Refused { code, words },
            _ => wire::unclear(&format!("{code}: {words}"), harmless),
        });
    }
    wire::status(answer, harmless)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, media_type: "text/xml".into(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn text_comes_back_as_it_was() {
        let text = "a & b <c> \"d\" ]]> è\r\n\tfine";
        let written = envelope("", &format!("<x y=\"{}\">{}</x>", escape(text), escape(text)));
        let root = read(written.as_bytes()).expect("XML");
        let x = root.find("X").expect("the element");
        assert_eq!((x.text.as_str(), x.attribute("Y")), (text, Some(text)));
        assert_eq!(escape("a\u{0}b\u{b}c\u{ffff}"), "abc");
    }

    #[test]
    fn latin_1_is_read_and_document_types_are_not() {
        let root = read(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>perch\xe9</a>").expect("XML");
        assert_eq!(root.text, "perch\u{e9}");
        // A text inside of another that was written where texts are UTF-16.
        assert!(read(b"<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>").is_ok());
        assert_eq!(read(b"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), Err(ReadError::DocumentType));
        assert_eq!(read(b"<a>&x;</a>"), Err(ReadError::DocumentType));
        assert_eq!(read(b"<a x='&y;'/>"), Err(ReadError::DocumentType));
        assert_eq!(read("<a>".repeat(100).as_bytes()), Err(ReadError::TooMuch));
        assert_eq!(read(format!("<a>{}</a>", "<b/>".repeat(100_100)).as_bytes()), Err(ReadError::TooMuch));
        for bad in ["", "a", "<a>", "<a/><b/>", "<a/>b", "<a></b>", "<<?xml broken"] {
            assert_eq!(read(bad.as_bytes()), Err(ReadError::Malformed), "{bad}");
        }
    }

    #[test]
    fn faults_say_whether_anything_may_have_been_done() {
        let fault = |code: &str| {
            let body = format!(
                "<soap:Fault><faultcode>{code}</faultcode><faultstring>no</faultstring></soap:Fault>"
            );
            let text = format!(
                "<soap:Envelope xmlns:soap='{ENVELOPE}'><soap:Body>{body}</soap:Body></soap:Envelope>"
            );
            answered(&answer(500, &text), false).expect_err("a fault")
        };
        assert_eq!(fault("soap:Client.Auth").code(), "refused");
        assert_eq!(fault("soap:Server").code(), "doubt");
        assert_eq!(fault("whatever").code(), "doubt");
        let empty = "<e:Envelope xmlns:e='x'><e:Body/></e:Envelope>";
        assert_eq!(answered(&answer(200, empty), false).expect_err("nothing").code(), "doubt");
        assert_eq!(answered(&answer(200, empty), true).expect_err("nothing").code(), "not-asked");
        assert_eq!(answered(&answer(401, "no"), false).expect_err("no entry").code(), "refused");
        let good = envelope("", "<r>1</r>");
        assert_eq!(answered(&answer(200, &good), false).expect("a body").number("r"), Some(1));
        assert_eq!(answered(&answer(500, &good), false).expect_err("500").code(), "doubt");
        let part = multipart::Part { id: "a".into(), kind: "text/xml".into(), content: good.into_bytes() };
        let (_, body) = multipart::write(std::slice::from_ref(&part));
        let mime = Answer { status: 200, media_type: "multipart/related".into(), body };
        let body = dime::write(&[part]).expect("DIME");
        let dime = Answer { status: 200, media_type: dime::KIND.into(), body };
        for beside in [mime, dime] {
            assert_eq!(answered(&beside, false).expect("a body").number("r"), Some(1));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in "[<>a-b/&;#x0-9:'\"= !\\[\\]?-]{0,80}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
            let _ = answered(&answer(200, &text), false);
            let _ = answered(&Answer { status: 200, media_type: String::new(), body: bytes }, false);
        }
    }
}
