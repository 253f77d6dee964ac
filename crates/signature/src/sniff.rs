//! What a file is, from its bytes: the name means nothing.

use std::io;

use crate::base64::Base64;
use crate::der;
use crate::mime::headers_end;
use crate::oid;
use crate::source::{Source, take};

/// What a file turned out to be, as far as signatures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A CMS `ContentInfo` or a bare `SignedData`.
    Cms,
    /// Text that may be base64 of one, starting at an offset.
    Text64(u64, Text64),
    /// An encrypted CMS envelope.
    Encrypted,
    /// RFC 5544.
    TimeStamped,
    /// A PDF.
    Pdf,
    /// XML with an XML signature.
    SignedXml,
    /// A ZIP that says it is ASiC.
    Asic,
    /// A mail message with a signed part, or a binary envelope.
    SignedMail,
    /// None of these.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text64 {
    Bare,
    Pem,
    Mail,
}

const HEAD: usize = 4096;
const XML_SIGNATURE: &[u8] = b"http://www.w3.org/2000/09/xmldsig#";

pub(crate) fn kind(source: &mut dyn Source) -> io::Result<Kind> {
    let head = take(source, 0, HEAD)?;
    if let Some(kind) = cms(&head) {
        return Ok(kind);
    }
    if is_pdf(&head) {
        return Ok(Kind::Pdf);
    }
    if head.starts_with(b"PK\x03\x04") {
        let asic = find(&head, b"application/vnd.etsi.asic").is_some();
        return Ok(if asic { Kind::Asic } else { Kind::Other });
    }
    let start = text_start(&head);
    let text = &head[start..];
    if text.starts_with(b"-----BEGIN ") {
        let line = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
        return Ok(Kind::Text64((start + line) as u64, Text64::Pem));
    }
    if text.first() == Some(&b'<') {
        return Ok(if has_xml_signature(source)? { Kind::SignedXml } else { Kind::Other });
    }
    if let Some(end) = headers_end(text) {
        let headers = text[..end].to_ascii_lowercase();
        if find(&headers, b"content-type:").is_some() {
            // An envelope among other parts says so in the headers of its own.
            let parts = find(&headers, b"multipart/").is_some();
            let signed = find(&headers, b"multipart/signed").is_some();
            if start == 0 && (signed || (parts && find(&text.to_ascii_lowercase(), b"pkcs7-mime").is_some()))
            {
                return Ok(Kind::SignedMail);
            }
            if !parts && find(&headers, b"pkcs7-mime").is_some() {
                let base64 = find(&headers, b"base64").is_some();
                let body = Kind::Text64((start + end) as u64, Text64::Mail);
                return Ok(if base64 { body } else { Kind::SignedMail });
            }
        }
    }
    // 0x30 at the start of an envelope is 'M' in base64.
    if text.first() == Some(&b'M') {
        return Ok(Kind::Text64(start as u64, Text64::Bare));
    }
    Ok(Kind::Other)
}

/// What binary envelope starts here.
pub(crate) fn cms(head: &[u8]) -> Option<Kind> {
    let outer = crate::ber::parse_header(head).ok().filter(|header| header.tag == 0x30)?;
    let mut inside = &head[outer.size..];
    match *inside.first()? {
        0x06 => match der::expect(&mut inside, 0x06)? {
            oid::SIGNED_DATA => Some(Kind::Cms),
            oid::ENVELOPED_DATA => Some(Kind::Encrypted),
            oid::TIME_STAMPED_DATA => Some(Kind::TimeStamped),
            _ => None,
        },
        // A SignedData without its ContentInfo starts with a version and a set of digest algorithms.
        0x02 => {
            let version = der::expect(&mut inside, 0x02)?;
            let set = crate::ber::parse_header(inside).ok()?;
            let inner = crate::ber::parse_header(inside.get(set.size..)?).ok()?;
            (version.len() == 1 && version[0] <= 5 && set.tag == 0x31 && inner.tag == 0x30)
                .then_some(Kind::Cms)
        }
        _ => None,
    }
}

/// Media type from the bytes, for showing and for choosing a preview: never a reason to trust.
pub fn media_type(source: &mut dyn Source) -> io::Result<&'static str> {
    let head = take(source, 0, HEAD)?;
    if let Some(found) = magic(&head) {
        return Ok(found);
    }
    Ok(match kind(source)? {
        Kind::Cms | Kind::Encrypted => "application/pkcs7-mime",
        Kind::TimeStamped => "application/timestamped-data",
        Kind::SignedMail | Kind::Text64(_, Text64::Mail) => "message/rfc822",
        Kind::Text64(at, _) => {
            let inside = take(&mut Base64::new(source, at)?, 0, 64)?;
            if cms(&inside).is_some() { "application/pkcs7-mime" } else { text_type(&head) }
        }
        _ => text_type(&head),
    })
}

fn magic(head: &[u8]) -> Option<&'static str> {
    const STARTS: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"{\\rtf", "application/rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"Rar!\x1a\x07", "application/vnd.rar"),
        (b"\x1f\x8b", "application/gzip"),
        (b"ID3", "audio/mpeg"),
        (b"MZ", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF", "application/x-executable"),
    ];
    if is_pdf(head) {
        return Some("application/pdf");
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some(zip_type(head));
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(if head.get(8..11) == Some(b"hei") { "image/heic" } else { "video/mp4" });
    }
    STARTS.iter().find(|(start, _)| head.starts_with(start)).map(|&(_, media_type)| media_type)
}

/// Office formats say what they are in the first names of their archive.
fn zip_type(head: &[u8]) -> &'static str {
    const INSIDE: &[(&[u8], &str)] = &[
        (b"mimetypeapplication/vnd.etsi.asic-e+zip", "application/vnd.etsi.asic-e+zip"),
        (b"mimetypeapplication/vnd.etsi.asic-s+zip", "application/vnd.etsi.asic-s+zip"),
        (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        (
            b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ];
    let found = INSIDE.iter().find(|(name, _)| find(head, name).is_some());
    found.map_or("application/zip", |&(_, media_type)| media_type)
}

fn text_type(head: &[u8]) -> &'static str {
    if head.is_empty() {
        return "application/x-empty";
    }
    let text = &head[text_start(head)..];
    // The head may end inside a character.
    let whole = match std::str::from_utf8(text) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > text.len(),
    };
    let plain = |bytes: &[u8]| !bytes.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c));
    if !plain(text) {
        return "application/octet-stream";
    }
    let lower = text[..text.len().min(256)].to_ascii_lowercase();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        "text/html"
    } else if lower.starts_with(b"<?xml") || (lower.starts_with(b"<") && find(&lower, b"xmlns").is_some()) {
        "application/xml"
    } else if whole {
        "text/plain"
    } else {
        // Latin-1 text has no control characters either, but few high bytes.
        let high = text.iter().filter(|&&byte| byte >= 0x80).count();
        if high * 4 < text.len() { "text/plain" } else { "application/octet-stream" }
    }
}

fn is_pdf(head: &[u8]) -> bool {
    find(&head[..head.len().min(1024)], b"%PDF-").is_some()
}

fn text_start(head: &[u8]) -> usize {
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    bom + head[bom..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// An enveloped signature stands at the end, an enveloping one at the start: both ends are searched.
fn has_xml_signature(source: &mut dyn Source) -> io::Result<bool> {
    const SPAN: usize = 256 * 1024;
    let tail = source.size().saturating_sub(SPAN as u64);
    Ok(find(&take(source, 0, SPAN)?, XML_SIGNATURE).is_some()
        || find(&take(source, tail, SPAN)?, XML_SIGNATURE).is_some())
}

/// Where `needle` first occurs.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let &first = needle.first()?;
    let mut at = 0;
    loop {
        at += haystack.get(at..)?.iter().position(|&byte| byte == first)?;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn media_types_from_bytes() {
        for (bytes, expected) in [
            (&b"%PDF-1.7\n"[..], "application/pdf"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"", "application/x-empty"),
            (b"Gentile ufficio,\r\n", "text/plain"),
            (b"Mario scrive", "text/plain"),
            ("perché".as_bytes(), "text/plain"),
            (b"perch\xe9 no, dice lui", "text/plain"),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?>", "application/xml"),
            (b"<!DOCTYPE html><p>", "text/html"),
            (b"0\x01\x02", "application/octet-stream"),
            (
                b"PK\x03\x04....word/document.xml",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
        ] {
            assert_eq!(media_type(&mut Memory(bytes)).unwrap(), expected, "{bytes:?}");
        }
    }
}
