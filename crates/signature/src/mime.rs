//! Mail messages as far as signatures go (RFC 2045, RFC 2046): the headers of an entity, its parts, and the bytes that a
//! part stands for. Nothing is copied: parts are ranges.

use std::io;

use crate::base64::Base64;
use crate::pades::occurrences;
use crate::source::{Pieces, Range, Source, take};

/// Longest headers of an entity.
const MAX_HEADERS: usize = 32 * 1024;
/// Most parts of an entity.
const MAX_PARTS: usize = 64;

/// An entity: a message, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    /// Headers and body, less the line end before the next boundary: what a signature is over.
    pub(crate) whole: Range,
    body: Range,
    /// In lower case, without parameters.
    pub(crate) media_type: String,
    boundary: Option<String>,
    base64: bool,
    /// An encoding in which the body is not as it stands, other than base64.
    coded: bool,
}

impl Entity {
    /// Reads the headers of the entity that a range is.
    pub(crate) fn read(source: &mut dyn Source, whole: Range) -> io::Result<Option<Self>> {
        let most = usize::try_from(whole.length).unwrap_or(usize::MAX).min(MAX_HEADERS);
        let head = take(source, whole.at, most)?;
        let Some(end) = headers_end(&head) else { return Ok(None) };
        let text = unfolded(&head[..end]);
        let field = |name: &str| {
            let mut all = text.lines().filter_map(|line| line.split_once(':'));
            all.find(|(other, _)| other.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        let content_type = field("content-type").unwrap_or("text/plain");
        let encoding = field("content-transfer-encoding").unwrap_or("7bit").to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Ok(Some(Self {
            whole,
            body: Range { at: whole.at + end as u64, length: whole.length - end as u64 },
            media_type,
            boundary: parameter(content_type, "boundary"),
            base64: encoding == "base64",
            coded: !["7bit", "8bit", "binary", "base64"].contains(&encoding.as_str()),
        }))
    }

    /// The parts of a multipart entity that can be read.
    pub(crate) fn parts(&self, source: &mut dyn Source) -> io::Result<Vec<Self>> {
        let boundary = match &self.boundary {
            Some(boundary) if (1..=70).contains(&boundary.len()) => format!("--{boundary}"),
            _ => return Ok(Vec::new()),
        };
        let ranges = [self.body];
        let mut body = Pieces::new(source, &ranges);
        let mut found = Vec::new();
        // Where the last part begins, behind the line of its boundary.
        let mut from = None;
        for at in occurrences(&mut body, boundary.as_bytes(), 4 * MAX_PARTS)? {
            let Some(line) = Line::at(&mut body, at, boundary.len() as u64)? else { continue };
            if let Some(from) = from.filter(|&from| from <= line.before) {
                found.push(Range { at: self.body.at + from, length: line.before - from });
            }
            from = Some(line.after);
            if line.last || found.len() == MAX_PARTS {
                break;
            }
        }
        let mut parts = Vec::new();
        for range in found {
            parts.extend(Self::read(source, range)?);
        }
        Ok(parts)
    }

    /// The bytes that its body stands for; nothing when its encoding is not read.
    pub(crate) fn content<T>(
        &self,
        source: &mut dyn Source,
        then: impl FnOnce(&mut dyn Source) -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        if self.coded {
            return Ok(None);
        }
        let ranges = [self.body];
        let mut body = Pieces::new(source, &ranges);
        if self.base64 { then(&mut Base64::new(&mut body, 0)?) } else { then(&mut body) }.map(Some)
    }
}

/// A line that is a boundary.
struct Line {
    /// The end of what stands before it, less its line end.
    before: u64,
    /// The first byte after it.
    after: u64,
    /// No part follows.
    last: bool,
}

impl Line {
    /// The line of a boundary found at an offset, when it is one by itself.
    fn at(body: &mut dyn Source, at: u64, length: u64) -> io::Result<Option<Self>> {
        let two = take(body, at.saturating_sub(2), usize::try_from(at.min(2)).unwrap_or_default())?;
        let before = match two.as_slice() {
            [] => at,
            [b'\r', b'\n'] => at - 2,
            [.., b'\n'] => at - 1,
            _ => return Ok(None),
        };
        let rest = take(body, at + length, 256)?;
        let last = rest.starts_with(b"--");
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        // What goes on behind it is another boundary.
        let blank = line.iter().skip(if last { 2 } else { 0 }).all(u8::is_ascii_whitespace);
        let after = at + length + end.map_or(rest.len(), |end| end + 1) as u64;
        Ok(blank.then_some(Self { before, after, last }))
    }
}

/// The first byte after the empty line that ends headers.
pub(crate) fn headers_end(text: &[u8]) -> Option<usize> {
    let unix = crate::sniff::find(text, b"\n\n").map(|at| at + 2);
    let dos = crate::sniff::find(text, b"\r\n\r\n").map(|at| at + 4);
    let none = text.starts_with(b"\r\n").then_some(2).or_else(|| text.starts_with(b"\n").then_some(1));
    unix.into_iter().chain(dos).chain(none).min()
}

/// Headers with their continued lines joined.
fn unfolded(headers: &[u8]) -> String {
    let text = String::from_utf8_lossy(headers).replace("\r\n", "\n");
    text.replace("\n ", " ").replace("\n\t", " ")
}

/// A parameter of a header's value, quoted or not.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (key, value) = after.split_once('=')?;
        let value = value.trim_start();
        let (found, next) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find([';', ' ', '\t']).unwrap_or(value.len())),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(found.to_owned());
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    fn entity(text: &[u8]) -> Entity {
        let whole = Range { at: 0, length: text.len() as u64 };
        Entity::read(&mut Memory(text), whole).unwrap().unwrap()
    }

    #[test]
    fn parts_are_what_stands_between_boundaries() {
        let text = b"Content-Type: multipart/mixed;\r\n charset=x; boundary=\"a b\"\r\n\r\npreamble --a b\r\n--a b\r\n\r\none\r\n\r\n--a bc\r\n--a b \r\nContent-Type: TEXT/Html; x=y\r\nContent-Transfer-Encoding: BASE64\r\n\r\nZHVl\r\n--a b--\r\n--a b\r\n\r\nno\r\n--a b--";
        let message = entity(text);
        assert_eq!(message.media_type, "multipart/mixed");
        let mut source = Memory(text);
        let parts = message.parts(&mut source).unwrap();
        let read = |source: &mut Memory<'_>, part: &Entity| {
            part.content(source, |content| take(content, 0, 99)).unwrap().unwrap()
        };
        assert_eq!(parts.len(), 2);
        assert_eq!(read(&mut source, &parts[0]), b"one\r\n\r\n--a bc");
        assert_eq!(
            (parts[1].media_type.as_str(), read(&mut source, &parts[1])),
            ("text/html", b"due".to_vec())
        );
        let lines = String::from_utf8_lossy(text).replace("\r\n", "\n");
        let parts = entity(lines.as_bytes()).parts(&mut Memory(lines.as_bytes())).unwrap();
        assert_eq!(read(&mut Memory(lines.as_bytes()), &parts[0]), b"one\n\n--a bc");
    }

    #[test]
    fn what_is_no_message_has_no_parts() {
        for text in [
            &b"\r\n"[..],
            b"a: b\n\n",
            b"Content-Type: multipart/mixed\n\n--x\n",
            b"Content-Type: multipart/mixed; boundary=x\n\n--x",
            b"Content-Type: multipart/mixed; boundary=\n\n--\n--\n",
        ] {
            assert!(entity(text).parts(&mut Memory(text)).unwrap().is_empty(), "{text:?}");
        }
        let bare = b"no headers";
        assert!(Entity::read(&mut Memory(bare), Range { at: 0, length: 10 }).unwrap().is_none());
    }
}
