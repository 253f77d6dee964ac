//! `multipart/related` (RFC 2387): SOAP with attachments. What is read may be malformed as it is met: lines that end with LF
//! alone, file names as identifiers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use plico_crypto::digest::{sha256, to_hex};

const MAX_PARTS: usize = 1000;
const MAX_HEAD: usize = 16 * 1024;

/// A part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// What it is called, without angle brackets: often a file's name.
    pub id: String,
    /// Media type.
    pub kind: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Why something cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No boundary, or none at the end.
    #[error("it has no boundary, or is cut off")]
    Boundary,
    /// A part's head is no list of fields.
    #[error("a part's head cannot be read")]
    Head,
    /// A part's content is not encoded as it says.
    #[error("a part's content is not encoded as it says")]
    Encoding,
    /// Too many parts.
    #[error("it has too many parts")]
    TooMuch,
}

/// Parts, the envelope first, as a body with its `content-type`. The boundary comes from the content: nothing in it can be
/// its own digest.
pub fn write(parts: &[Part]) -> (String, Vec<u8>) {
    let all: Vec<u8> = parts.iter().flat_map(|part| sha256(&part.content)).collect();
    let boundary = format!("plico-{}", &to_hex(&sha256(&all))[..32]);
    let mut body = Vec::with_capacity(parts.iter().map(|part| part.content.len() + 300).sum());
    for part in parts {
        let charset = if part.kind == "text/xml" { "; charset=UTF-8" } else { "" };
        let encoding = if part.kind == "text/xml" { "8bit" } else { "binary" };
        let head = format!(
            "--{boundary}\r\nContent-Type: {}{charset}\r\nContent-Transfer-Encoding: {encoding}\r\nContent-ID: <{}>\r\n\r\n",
            field(&part.kind),
            field(&part.id)
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let start = parts.first().map(|part| field(&part.id)).unwrap_or_default();
    let kind = format!("multipart/related; type=\"text/xml\"; start=\"<{start}>\"; boundary=\"{boundary}\"");
    (kind, body)
}

/// What may stand in a field: nothing that ends it.
fn field(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !"<>\"".contains(*c)).collect()
}

/// Reads the parts of a body. Without a `content-type` that names it, the boundary is what the first line says.
pub fn read(kind: Option<&str>, body: &[u8]) -> Result<Vec<Part>, ReadError> {
    let named = kind.and_then(boundary);
    let first = || {
        let line = body.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"--"))?;
        std::str::from_utf8(line).ok()?.trim_end().strip_prefix("--").map(str::to_owned)
    };
    let boundary = named.or_else(first).filter(|boundary| !boundary.is_empty()).ok_or(ReadError::Boundary)?;
    let delimiter = format!("--{boundary}").into_bytes();
    // Only at the beginning of a line.
    let at: Vec<usize> = memmem::find_iter(body, &delimiter)
        .filter(|at| *at == 0 || body[at - 1] == b'\n')
        .take(MAX_PARTS + 2)
        .collect();
    if at.len() > MAX_PARTS + 1 {
        return Err(ReadError::TooMuch);
    }
    let mut parts = Vec::new();
    for (index, start) in at.iter().enumerate() {
        let rest = &body[start + delimiter.len()..];
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let end = at.get(index + 1).ok_or(ReadError::Boundary)?;
        let rest = &body[start + delimiter.len()..*end];
        let rest = rest.strip_suffix(b"\n").unwrap_or(rest);
        parts.push(part(rest.strip_suffix(b"\r").unwrap_or(rest))?);
    }
    Err(ReadError::Boundary)
}

fn part(bytes: &[u8]) -> Result<Part, ReadError> {
    let (mut part, mut encoded, mut rest) = (Part::default(), false, bytes);
    for first in std::iter::once(true).chain(std::iter::repeat(false)) {
        let end = memchr::memchr(b'\n', rest).ok_or(ReadError::Head)?;
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        rest = &rest[end + 1..];
        if first && line.trim_ascii().is_empty() {
            // What is left of the boundary's line.
            continue;
        }
        if line.is_empty() {
            break;
        }
        if bytes.len() - rest.len() > MAX_HEAD {
            return Err(ReadError::Head);
        }
        let line = String::from_utf8_lossy(line);
        let (name, value) = line.split_once(':').ok_or(ReadError::Head)?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-id" => part.id = value.trim_matches(['<', '>']).to_owned(),
            "content-type" => value.split(';').next().unwrap_or_default().trim().clone_into(&mut part.kind),
            "content-transfer-encoding" => encoded = value.eq_ignore_ascii_case("base64"),
            _ => {}
        }
    }
    part.content = if encoded {
        let text: Vec<u8> = rest.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(text).map_err(|_| ReadError::Encoding)?
    } else {
        rest.to_vec()
    };
    Ok(part)
}

/// The boundary that a `content-type` names.
fn boundary(kind: &str) -> Option<String> {
    let at = kind.to_ascii_lowercase().find("boundary=")? + "boundary=".len();
    let rest = kind.get(at..)?;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(';').next(),
    };
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_malformed_one_is_read_as_it_is_met() {
        let kind = "multipart/related; type=\"text/xml\"; start=\"<uuid:1>\"; boundary=\"uuid:2\"";
        let body = b"--uuid:2\r\nContent-Type: text/xml; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nContent-Id: <uuid:1>\n\r\n<a/>\r\n--uuid:2\r\nContent-Type: application/pdf\nContent-Transfer-Encoding: 8bit\nContent-Id: <istanza.pdf>\n\r\n%PDF\r\n\x00--uuid:2--\r\n--uuid:2--";
        let parts = read(Some(kind), body).expect("two parts");
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].kind.as_str(), parts[0].content.as_slice()), ("text/xml", &b"<a/>"[..]));
        assert_eq!(parts[1].id, "istanza.pdf");
        assert_eq!(parts[1].content, b"%PDF\r\n\x00--uuid:2--");
        assert_eq!(read(None, body).expect("by its first line"), parts);
        assert_eq!(read(Some(kind), &body[..body.len() - 5]), Err(ReadError::Boundary));
        let encoded = b"--b\nContent-Transfer-Encoding: BASE64\n\nQUJD\nREVG\n--b--";
        assert_eq!(read(None, encoded).expect("a part")[0].content, b"ABCDEF");
    }

    #[test]
    fn a_name_cannot_end_its_field() {
        let part = Part { id: "a>\r\nX: y".into(), kind: "application/pdf".into(), content: b"1".to_vec() };
        let (kind, body) = write(&[part]);
        assert_eq!(read(Some(&kind), &body).expect("a part")[0].id, "aX: y");
    }

    proptest! {
        #[test]
        fn parts_come_back_and_nothing_makes_it_panic(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..5),
            garbage in "(--b|\r|\n|a|:|Content-Id: <x>|--){0,20}",
        ) {
            let parts: Vec<Part> = contents
                .into_iter()
                .enumerate()
                .map(|(index, content)| Part { id: format!("p{index}"), kind: "application/pdf".into(), content })
                .collect();
            let (kind, body) = write(&parts);
            prop_assert_eq!(read(Some(&kind), &body).expect("parts"), parts);
            let _ = read(None, garbage.as_bytes());
            let _ = read(Some("multipart/related; boundary=b"), garbage.as_bytes());
        }
    }
}
