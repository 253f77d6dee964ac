//! What is made of characters.

use super::Kind;

pub(super) fn sniff(head: &[u8]) -> Option<Kind> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return wide(head).then_some(Kind::Text16);
    }
    let body = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if body.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)) {
        return None;
    }
    let utf8 = match std::str::from_utf8(body) {
        Ok(_) => true,
        // The head may end in the middle of a character.
        Err(cut) => cut.error_len().is_none() && head.len() >= super::HEAD,
    };
    let start = body.trim_ascii_start();
    if utf8 && is_signed(start) {
        return Some(Kind::SignedText);
    }
    if start.starts_with(b"<") {
        return Some(markup(start));
    }
    if is_email(body) {
        return Some(Kind::Email);
    }
    if start.starts_with(b"%PDF-") {
        return Some(Kind::Pdf);
    }
    if utf8 && is_json(start) {
        return Some(Kind::Json);
    }
    if utf8 {
        return Some(Kind::Text);
    }
    // Bytes that windows-1252 does not define are a sign of something else.
    let defined = !body.iter().any(|b| matches!(b, 0x7f | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d));
    let letters = body.iter().filter(|b| b.is_ascii()).count() * 10 >= body.len() * 7;
    (defined && letters && !contains(body, b"%PDF-")).then_some(Kind::Text8)
}

/// Pairs of bytes of which most are plain letters.
fn wide(head: &[u8]) -> bool {
    let (low, high) = if head.starts_with(b"\xff\xfe") { (0, 1) } else { (1, 0) };
    let pairs = head[2..].chunks_exact(2);
    let plain =
        pairs.clone().filter(|pair| pair[high] < 0x20 && (pair[high] > 0 || pair[low] >= b'\t')).count();
    plain * 2 >= pairs.len()
}

fn is_signed(start: &[u8]) -> bool {
    const ARMOURS: [&[u8]; 3] = [b"-----BEGIN PKCS7", b"-----BEGIN CMS", b"-----BEGIN PKCS #7"];
    if ARMOURS.iter().any(|armour| start.starts_with(armour)) {
        return true;
    }
    if !start.starts_with(b"M") {
        return false;
    }
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u8);
    for b in start.iter().filter(|b| !b.is_ascii_whitespace()).take(64) {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    super::cms(&bytes) == Some(Kind::Signed)
}

fn markup(start: &[u8]) -> Kind {
    let begin: Vec<u8> = start.iter().take(super::HEAD).map(u8::to_ascii_lowercase).collect();
    let element = first_element(&begin);
    match element {
        Some(
            b"html" | b"head" | b"body" | b"script" | b"iframe" | b"table" | b"div" | b"p" | b"a" | b"meta"
            | b"title" | b"style",
        ) => Kind::Html,
        Some(b"svg" | b"svg:svg") => Kind::Svg,
        _ if begin.starts_with(b"<!doctype html") || contains(&begin, b"<html") => Kind::Html,
        Some(_) => Kind::Xml,
        None if begin.starts_with(b"<?xml") => Kind::Xml,
        None => Kind::Text,
    }
}

/// Name of the first element, after declarations, comments and instructions.
fn first_element(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = rest.trim_ascii_start();
        let skip: &[u8] = if rest.starts_with(b"<?") {
            b"?>"
        } else if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<!") {
            b">"
        } else {
            break;
        };
        let end = rest.windows(skip.len()).position(|window| window == skip)?;
        rest = &rest[end + skip.len()..];
    }
    let name = rest.strip_prefix(b"<")?;
    let end = name.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))?;
    let name = &name[..end];
    let first = name.first()?;
    (first.is_ascii_alphabetic() || *first == b'_' || !first.is_ascii()).then_some(name)
}

/// Header lines with at least two names that only mail uses.
fn is_email(body: &[u8]) -> bool {
    const KNOWN: [&[u8]; 14] = [
        b"received",
        b"return-path",
        b"from",
        b"to",
        b"date",
        b"message-id",
        b"mime-version",
        b"subject",
        b"content-type",
        b"delivered-to",
        b"dkim-signature",
        b"x-riferimento-message-id",
        b"x-ricevuta",
        b"x-trasporto",
    ];
    let mut known = 0;
    for line in body.split(|b| *b == b'\n').take(60) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { return false };
        let name = line[..colon].to_ascii_lowercase();
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return false;
        }
        known += usize::from(KNOWN.contains(&name.as_slice()));
    }
    known >= 3
}

fn is_json(start: &[u8]) -> bool {
    let mut rest = start.iter().copied().filter(|b| !b.is_ascii_whitespace());
    match (rest.next(), rest.next()) {
        (Some(b'{'), Some(b'"' | b'}')) => true,
        (Some(b'['), Some(b'{' | b'[' | b'"' | b']')) => start.contains(&b'"') || start.len() < 8,
        _ => false,
    }
}

fn contains(body: &[u8], needle: &[u8]) -> bool {
    body.windows(needle.len()).any(|window| window == needle)
}
