//! An event reader of BER (X.690) over a [`Source`]: definite and indefinite lengths, never trusting either.
//!
//! Elements are visited once, in order. Nothing is allocated from a length field; depth and the number of elements
//! are bounded, so ten megabytes of nested or empty elements end in an error and not in a stack overflow.

use std::io;

use crate::source::{Range, Source};

/// Deepest nesting followed.
pub const MAX_DEPTH: usize = 64;
/// Most elements visited in one structure. A 4 GiB content in the 4 KiB pieces that signers use has as many.
pub const MAX_ELEMENTS: u32 = 1_000_000;

/// Why bytes are not the BER that was expected.
#[derive(Debug, thiserror::Error)]
pub enum BerError {
    /// The source could not be read.
    #[error("the bytes could not be read")]
    Io(#[from] io::Error),
    /// The bytes end before the structure does.
    #[error("the file ends before its structure does")]
    Truncated,
    /// A length points outside the element that contains it, or cannot be a length at all.
    #[error("a length is impossible")]
    Length,
    /// Nested more than [`MAX_DEPTH`] deep.
    #[error("the structure is nested too deeply")]
    Depth,
    /// More than [`MAX_ELEMENTS`] elements, or more bytes than a part may have.
    #[error("the structure has too many parts")]
    TooMany,
    /// Another element was expected here.
    #[error("the structure is not a signed envelope")]
    Unexpected,
}

/// One element's header.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// Identifier octet (class, constructed bit, number; 0x1f in the low bits for large numbers).
    pub tag: u8,
    /// Offset of the identifier octet.
    pub at: u64,
    /// Offset of the contents.
    pub body: u64,
    /// Length of the contents; `None` when indefinite.
    pub length: Option<u64>,
}

/// The contents of an element while they are being visited.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Where the next child starts.
    pub at: u64,
    /// First byte that no child may reach.
    limit: u64,
    /// Ends at an end-of-contents mark instead of at `limit`.
    indefinite: bool,
}

impl Scope {
    /// A run of elements between two offsets.
    pub fn new(at: u64, limit: u64) -> Self {
        Self { at, limit, indefinite: false }
    }
}

/// Reads headers of one source and counts them.
pub struct Reader<'a> {
    /// The bytes.
    pub source: &'a mut dyn Source,
    seen: u32,
    /// Whether something was met that DER forbids (indefinite length).
    pub indefinite: bool,
}

impl<'a> Reader<'a> {
    /// A reader that has seen nothing yet.
    pub fn new(source: &'a mut dyn Source) -> Self {
        Self { source, seen: 0, indefinite: false }
    }

    /// The next child, or `None` at the end of the scope. The scope moves only by [`Self::skip`] and
    /// [`Self::leave`].
    pub fn next(&mut self, scope: &mut Scope) -> Result<Option<Element>, BerError> {
        if scope.at == scope.limit && !scope.indefinite {
            return Ok(None);
        }
        let element = self.header(scope.at, scope.limit)?;
        if element.tag == 0 {
            if scope.indefinite && element.length == Some(0) {
                scope.at = element.body;
                // The scope is spent: asking again gives the same answer.
                scope.indefinite = false;
                scope.limit = scope.at;
                return Ok(None);
            }
            return Err(BerError::Unexpected);
        }
        Ok(Some(element))
    }

    /// The next child, which must have this tag.
    pub fn expect(&mut self, scope: &mut Scope, tag: u8) -> Result<Element, BerError> {
        match self.next(scope)? {
            Some(element) if element.tag == tag => Ok(element),
            _ => Err(BerError::Unexpected),
        }
    }

    /// Starts visiting the children of an element met in `scope`.
    pub fn enter(&self, element: &Element, scope: &Scope) -> Scope {
        match element.length {
            Some(length) => Scope { at: element.body, limit: element.body + length, indefinite: false },
            None => Scope { at: element.body, limit: scope.limit, indefinite: true },
        }
    }

    /// Skips what is left in `inner` and puts `outer` behind it.
    pub fn leave(&mut self, mut inner: Scope, outer: &mut Scope) -> Result<(), BerError> {
        if inner.indefinite {
            while let Some(element) = self.next(&mut inner)? {
                self.skip(&element, &mut inner)?;
            }
        }
        outer.at = if inner.indefinite { inner.at } else { inner.limit };
        Ok(())
    }

    /// Puts `scope` behind an element without looking inside, except for ends of contents.
    pub fn skip(&mut self, element: &Element, scope: &mut Scope) -> Result<(), BerError> {
        if let Some(length) = element.length {
            scope.at = element.body + length;
            return Ok(());
        }
        let (mut at, mut depth) = (element.body, 1usize);
        while depth > 0 {
            let inner = self.header(at, scope.limit)?;
            at = inner.body;
            match (inner.tag, inner.length) {
                (0, Some(0)) => depth -= 1,
                (0, _) => return Err(BerError::Unexpected),
                (_, Some(length)) => at += length,
                (_, None) if depth == MAX_DEPTH => return Err(BerError::Depth),
                (_, None) => depth += 1,
            }
        }
        scope.at = at;
        Ok(())
    }

    /// The bytes of a string that may be cut into pieces (`tag` primitive or constructed), as ranges.
    pub fn string(&mut self, element: &Element, scope: &mut Scope) -> Result<Vec<Range>, BerError> {
        let mut ranges = Vec::new();
        if element.tag & 0x20 == 0 {
            ranges.push(Range { at: element.body, length: element.length.unwrap_or_default() });
            self.skip(element, scope)?;
            return Ok(ranges);
        }
        self.indefinite = true;
        let mut open = vec![self.enter(element, scope)];
        while let Some(mut inner) = open.pop() {
            match self.next(&mut inner)? {
                None => match open.last_mut() {
                    Some(outer) => outer.at = inner.at,
                    None => scope.at = inner.at,
                },
                Some(piece) if piece.tag & 0x1f != element.tag & 0x1f => return Err(BerError::Unexpected),
                Some(piece) if piece.tag & 0x20 != 0 => {
                    if open.len() + 1 >= MAX_DEPTH {
                        return Err(BerError::Depth);
                    }
                    let deeper = self.enter(&piece, &inner);
                    open.push(inner);
                    open.push(deeper);
                }
                Some(piece) => {
                    let length = piece.length.unwrap_or_default();
                    if length > 0 {
                        ranges.push(Range { at: piece.body, length });
                    }
                    inner.at = piece.body + length;
                    open.push(inner);
                }
            }
        }
        Ok(ranges)
    }

    fn header(&mut self, at: u64, limit: u64) -> Result<Element, BerError> {
        self.seen += 1;
        if self.seen > MAX_ELEMENTS {
            return Err(BerError::TooMany);
        }
        // Identifier of at most five octets, length of at most nine.
        let mut bytes = [0u8; 14];
        let want = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
        let have = self.source.fill_at(at, &mut bytes[..want])?;
        let short =
            if have < want || limit >= self.source.size() { BerError::Truncated } else { BerError::Length };
        let header = match parse_header(&bytes[..have]) {
            Ok(header) => header,
            Err(HeaderError::Short) => return Err(short),
            Err(HeaderError::Bad) => return Err(BerError::Length),
        };
        let body = at + header.size as u64;
        if let Some(length) = header.length {
            if body.checked_add(length).is_none_or(|end| end > limit) {
                return Err(short);
            }
        } else {
            self.indefinite = true;
        }
        Ok(Element { tag: header.tag, at, body, length: header.length })
    }
}

pub(crate) struct Header {
    pub tag: u8,
    pub size: usize,
    pub length: Option<u64>,
}

pub(crate) enum HeaderError {
    /// More bytes are needed.
    Short,
    /// No bytes could mend it.
    Bad,
}

/// Identifier and length octets at the start of `bytes`.
pub(crate) fn parse_header(bytes: &[u8]) -> Result<Header, HeaderError> {
    let mut rest = bytes.iter();
    let mut octet = || rest.next().copied().ok_or(HeaderError::Short);
    let tag = octet()?;
    let mut size = 2;
    if tag & 0x1f == 0x1f {
        loop {
            size += 1;
            if octet()? & 0x80 == 0 {
                break;
            }
            if size > 6 {
                return Err(HeaderError::Bad);
            }
        }
    }
    let first = octet()?;
    let length = match first {
        0..=0x7f => Some(u64::from(first)),
        0x80 if tag & 0x20 != 0 => None,
        0x81..=0x88 => {
            let mut length = 0u64;
            for _ in 0..first & 0x7f {
                length = (length << 8) | u64::from(octet()?);
                size += 1;
            }
            Some(length)
        }
        _ => return Err(HeaderError::Bad),
    };
    Ok(Header { tag, size, length })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    fn walk(bytes: &[u8]) -> Result<u64, BerError> {
        let mut memory = Memory(bytes);
        let mut scope = Scope::new(0, bytes.len() as u64);
        let mut reader = Reader::new(&mut memory);
        let element = reader.next(&mut scope)?.ok_or(BerError::Unexpected)?;
        reader.skip(&element, &mut scope)?;
        Ok(scope.at)
    }

    #[test]
    fn lengths_of_every_form() {
        assert_eq!(walk(&[0x30, 0x00]).unwrap(), 2);
        assert_eq!(walk(&[0x30, 0x81, 0x01, 0x00]).unwrap(), 4);
        assert_eq!(walk(&[0x30, 0x80, 0x04, 0x01, 0x00, 0x00, 0x00, 9]).unwrap(), 7);
        assert!(matches!(walk(&[0x30, 0x02, 0x00]), Err(BerError::Truncated)));
        assert!(matches!(walk(&[0x30, 0x80, 0x04, 0x01]), Err(BerError::Truncated)));
        let huge = [0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert!(matches!(walk(&huge), Err(BerError::Truncated)));
        assert!(matches!(walk(&[0x04, 0x80, 0, 0]), Err(BerError::Length)));
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested = [0x30, 0x80].repeat(1_000_000);
        assert!(matches!(walk(&nested), Err(BerError::Depth)));
        let mut many = vec![0x30, 0x80];
        many.extend([0x04, 0x00].repeat(5_000_000));
        assert!(matches!(walk(&many), Err(BerError::TooMany)));
    }

    #[test]
    fn strings_are_joined_from_their_pieces() {
        let bytes =
            [0x24, 0x80, 0x04, 0x01, b'a', 0x24, 0x03, 0x04, 0x01, b'b', 0x04, 0x00, 0x00, 0x00, 0x05];
        let mut memory = Memory(&bytes);
        let mut scope = Scope::new(0, bytes.len() as u64);
        let mut reader = Reader::new(&mut memory);
        let element = reader.next(&mut scope).unwrap().unwrap();
        let ranges = reader.string(&element, &mut scope).unwrap();
        assert_eq!(ranges, [Range { at: 4, length: 1 }, Range { at: 9, length: 1 }]);
        assert_eq!(scope.at, 14);
    }
}
