//! Small structures in memory: reading definite-length elements, turning BER into DER, writing DER.

use crate::ber::{BerError, HeaderError, MAX_DEPTH, MAX_ELEMENTS, parse_header};

/// One element: identifier octet, contents, and the whole encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Identifier octet.
    pub tag: u8,
    /// Contents.
    pub body: &'a [u8],
    /// Identifier, length and contents.
    pub raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The element that `bytes` are, with nothing after it.
    pub fn only(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let element = next(&mut rest)?;
        rest.is_empty().then_some(element)
    }

    /// Contents when the tag is this one.
    pub fn of(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.body)
    }
}

/// Takes the next definite-length element off `bytes`.
pub fn next<'a>(bytes: &mut &'a [u8]) -> Option<Tlv<'a>> {
    let header = parse_header(bytes).ok()?;
    let end = usize::try_from(header.length?).ok()?.checked_add(header.size)?;
    let (raw, rest) = bytes.split_at_checked(end)?;
    *bytes = rest;
    Some(Tlv { tag: header.tag, body: &raw[header.size..], raw })
}

/// Takes the contents of the next element, which must have this tag.
pub fn expect<'a>(bytes: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    next(bytes)?.of(tag)
}

/// Takes the next element only when it has this tag.
pub fn optional<'a>(bytes: &mut &'a [u8], tag: u8) -> Option<Tlv<'a>> {
    (bytes.first() == Some(&tag)).then(|| next(bytes)).flatten()
}

/// All elements of a run; `None` when it does not end where an element does.
pub fn all(mut bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut elements = Vec::new();
    while !bytes.is_empty() {
        elements.push(next(&mut bytes)?);
    }
    Some(elements)
}

/// Rewrites one BER element with minimal definite lengths and whole strings. With sets sorted by whoever knows
/// which they are, that is DER.
pub fn normalise(bytes: &[u8]) -> Result<Vec<u8>, BerError> {
    let mut work = Normaliser { bytes, at: 0, seen: 0 };
    let mut out = Vec::with_capacity(bytes.len());
    work.element(bytes.len(), 0, &mut out)?;
    Ok(out)
}

struct Normaliser<'a> {
    bytes: &'a [u8],
    at: usize,
    seen: u32,
}

impl Normaliser<'_> {
    /// Reads the element at `at` (at most up to `limit`) into `out`; false at an end-of-contents mark.
    fn element(&mut self, limit: usize, depth: usize, out: &mut Vec<u8>) -> Result<bool, BerError> {
        self.seen += 1;
        if self.seen > MAX_ELEMENTS {
            return Err(BerError::TooMany);
        }
        if depth > MAX_DEPTH {
            return Err(BerError::Depth);
        }
        let start = self.at;
        let header = parse_header(&self.bytes[start..limit]).map_err(|error| match error {
            HeaderError::Short => BerError::Truncated,
            HeaderError::Bad => BerError::Length,
        })?;
        let body = start + header.size;
        let end = match header.length {
            None => None,
            Some(length) => {
                let length = usize::try_from(length).ok();
                let end = length.and_then(|length| body.checked_add(length)).filter(|&end| end <= limit);
                Some(end.ok_or(BerError::Truncated)?)
            }
        };
        self.at = body;
        if header.tag == 0 && end == Some(body) {
            return Ok(false);
        }
        let identifier = identifier_length(&self.bytes[start..]);
        if header.tag & 0x20 == 0 {
            let end = end.ok_or(BerError::Length)?;
            write_header(&self.bytes[start..start + identifier], (end - body) as u64, out);
            out.extend_from_slice(&self.bytes[body..end]);
            self.at = end;
            return Ok(true);
        }
        let mut inner = Vec::new();
        let mut ended = false;
        while end.is_none_or(|end| self.at < end) {
            if !self.element(end.unwrap_or(limit), depth + 1, &mut inner)? {
                ended = true;
                break;
            }
        }
        if ended == end.is_some() {
            return Err(BerError::Unexpected);
        }
        if is_string(header.tag) {
            let joined = join(&inner, header.tag & !0x20).ok_or(BerError::Unexpected)?;
            write_header(&[header.tag & !0x20], joined.len() as u64, out);
            out.extend_from_slice(&joined);
        } else {
            write_header(&self.bytes[start..start + identifier], inner.len() as u64, out);
            out.extend_from_slice(&inner);
        }
        Ok(true)
    }
}

/// Universal strings that BER lets one cut into pieces.
fn is_string(tag: u8) -> bool {
    matches!(tag, 0x23 | 0x24 | 0x2c | 0x32..=0x3e)
}

/// Contents of pieces that are already normalised. Every bit string piece but the last must be whole octets.
fn join(mut pieces: &[u8], tag: u8) -> Option<Vec<u8>> {
    let mut joined = Vec::with_capacity(pieces.len());
    let mut unused = 0;
    while !pieces.is_empty() {
        let mut piece = expect(&mut pieces, tag)?;
        if tag == 0x03 {
            if unused != 0 {
                return None;
            }
            let (&bits, rest) = piece.split_first()?;
            (unused, piece) = (bits, rest);
        }
        joined.extend_from_slice(piece);
    }
    if tag == 0x03 {
        joined.insert(0, unused);
    }
    Some(joined)
}

fn identifier_length(bytes: &[u8]) -> usize {
    if bytes[0] & 0x1f != 0x1f {
        return 1;
    }
    1 + bytes[1..].iter().take_while(|&&octet| octet & 0x80 != 0).count() + 1
}

/// Writes identifier and length octets.
pub(crate) fn write_header(identifier: &[u8], length: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(identifier);
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let octets = length.to_be_bytes();
        let octets = &octets[octets.iter().take_while(|&&octet| octet == 0).count()..];
        out.push(0x80 | octets.len() as u8);
        out.extend_from_slice(octets);
    }
}

/// Writes an element around `body`.
pub fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 6);
    write_header(&[tag], body.len() as u64, &mut out);
    out.extend_from_slice(body);
    out
}

/// Writes a SEQUENCE of elements that are already encoded.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// Writes a SET OF in DER order (X.690 §11.6).
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(0x31, &parts.concat())
}

/// The contents of a SET OF, put in DER order under `tag`. `None` when they are not whole elements.
pub fn sorted(tag: u8, body: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = all(body)?.into_iter().map(|part| part.raw).collect();
    parts.sort_unstable();
    Some(tlv(tag, &parts.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_and_cut_strings_become_definite_and_whole() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x04, 0x81, 0x01, b'b', 0, 0, 0xbf, 0x81, 0x01, 0x80,
            0, 0, 0, 0,
        ];
        assert_eq!(normalise(&ber).unwrap(), [0x30, 0x08, 0x04, 0x02, b'a', b'b', 0xbf, 0x81, 0x01, 0x00]);
        assert!(matches!(normalise(&ber[..20]), Err(BerError::Truncated)));
        assert!(matches!(normalise(&[0x30, 0x80].repeat(1000)), Err(BerError::Depth)));
        assert!(matches!(normalise(&[0x30, 0x02, 0, 0]), Err(BerError::Unexpected)));
    }

    #[test]
    fn der_stays_as_it_is_and_long_lengths_are_written() {
        let long = sequence(&[&tlv(0x04, &[7; 300]), &tlv(0x02, &[1])]);
        assert_eq!(long[..4], [0x30, 0x82, 0x01, 0x33]);
        assert_eq!(normalise(&long).unwrap(), long);
        assert_eq!(Tlv::only(&long).unwrap().body.len(), 0x133);
    }

    #[test]
    fn sets_are_sorted() {
        let body = [0x04, 0x01, 2, 0x02, 0x01, 9];
        assert_eq!(sorted(0x31, &body).unwrap(), [0x31, 6, 0x02, 0x01, 9, 0x04, 0x01, 2]);
        assert_eq!(set_of(vec![vec![4, 0], vec![2, 0]]), [0x31, 4, 2, 0, 4, 0]);
    }
}
