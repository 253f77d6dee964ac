//! DIME (draft-nielsen-dime-02): what stood where `multipart/related` stands now, and still does in some registries. A
//! record is twelve bytes of head, then options, identifier, type and data, each filled up to a multiple of four.

use crate::multipart::Part;
use crate::soap::ENVELOPE;

/// Value of `content-type`.
pub const KIND: &str = "application/dime";

const VERSION: u8 = 1;
const BEGIN: u8 = 0b100;
const END: u8 = 0b010;
const CHUNK: u8 = 0b001;
const TYPE_UNCHANGED: u8 = 0;
const TYPE_MEDIA: u8 = 1;
const TYPE_URI: u8 = 2;
const MAX_RECORDS: usize = 10_000;
const HEAD: usize = 12;

/// Why something cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Another version.
    #[error("it is not DIME of version 1")]
    Version,
    /// It ends before it is over, or begins in the middle.
    #[error("it is cut off")]
    Cut,
    /// Too many records.
    #[error("it has too many records")]
    TooMuch,
}

/// Parts, the envelope first. `None` when a part is longer than a record can say (4 GiB).
pub fn write(parts: &[Part]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(parts.iter().map(|part| part.content.len() + 200).sum());
    for (index, part) in parts.iter().enumerate() {
        let (format, kind) = if index == 0 { (TYPE_URI, ENVELOPE) } else { (TYPE_MEDIA, part.kind.as_str()) };
        let place = if index == 0 { BEGIN } else { 0 } | if index + 1 == parts.len() { END } else { 0 };
        // An identifier is 16 bits of length; names are far shorter, and what is not is cut at a letter.
        let id = cut(&part.id);
        body.extend_from_slice(&[VERSION << 3 | place, format << 4, 0, 0]);
        body.extend_from_slice(&(id.len() as u16).to_be_bytes());
        body.extend_from_slice(&(cut(kind).len() as u16).to_be_bytes());
        body.extend_from_slice(&u32::try_from(part.content.len()).ok()?.to_be_bytes());
        for field in [id.as_bytes(), cut(kind).as_bytes(), &part.content] {
            body.extend_from_slice(field);
            body.resize(body.len().next_multiple_of(4), 0);
        }
    }
    Some(body)
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(usize::from(u16::MAX))]
}

/// Reads the parts of a body; chunks of one part are put together.
pub fn read(body: &[u8]) -> Result<Vec<Part>, ReadError> {
    let (mut parts, mut rest, mut more) = (Vec::<Part>::new(), body, false);
    for record in 0.. {
        if record == MAX_RECORDS {
            return Err(ReadError::TooMuch);
        }
        let head = take(&mut rest, HEAD)?;
        if head[0] >> 3 != VERSION {
            return Err(ReadError::Version);
        }
        if (head[0] & BEGIN != 0) != (record == 0) {
            return Err(ReadError::Cut);
        }
        let short = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
        let long = u32::from_be_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let (options, id, kind) = (short(2), short(4), short(6));
        take(&mut rest, options)?;
        let id = String::from_utf8_lossy(take(&mut rest, id)?).into_owned();
        let kind = String::from_utf8_lossy(take(&mut rest, kind)?).into_owned();
        let content = take(&mut rest, long)?;
        match parts.last_mut() {
            Some(part) if more => {
                if head[1] >> 4 != TYPE_UNCHANGED {
                    return Err(ReadError::Cut);
                }
                part.content.extend_from_slice(content);
            }
            _ => parts.push(Part { id, kind, content: content.to_vec() }),
        }
        more = head[0] & CHUNK != 0;
        if head[0] & END != 0 {
            return if more { Err(ReadError::Cut) } else { Ok(parts) };
        }
    }
    Err(ReadError::Cut)
}

/// So many bytes, and what fills them up; the last of all may lack that.
fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], ReadError> {
    let (taken, after) = rest.split_at_checked(length).ok_or(ReadError::Cut)?;
    let filling = length.next_multiple_of(4) - length;
    *rest = after.get(filling..).unwrap_or_default();
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(id: &str, kind: &str, content: &[u8]) -> Part {
        Part { id: id.into(), kind: kind.into(), content: content.to_vec() }
    }

    #[test]
    fn a_record_is_twelve_bytes_and_fields_filled_up() {
        let body =
            write(&[part("a", "", b"<x/>"), part("b.pdf", "application/pdf", b"12345")]).expect("DIME");
        assert_eq!(&body[..12], [0x0c, 0x20, 0, 0, 0, 1, 0, 41, 0, 0, 0, 4]);
        assert_eq!(&body[12..16], b"a\0\0\0");
        assert_eq!(body.len() % 4, 0);
        let second = 12 + 4 + 44 + 4;
        assert_eq!(body[second..second + 2], [0x0a, 0x10]);
        let parts = read(&body).expect("two parts");
        assert_eq!(parts, [part("a", ENVELOPE, b"<x/>"), part("b.pdf", "application/pdf", b"12345")]);
    }

    #[test]
    fn chunks_are_put_together() {
        let mut body = vec![0x0d, 0x10, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2];
        body.extend_from_slice(b"a/b\0xy\0\0");
        body.extend_from_slice(&[0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, b'z']);
        assert_eq!(read(&body).expect("a part"), [part("", "a/b", b"xyz")]);
        assert_eq!(read(&body[..14]), Err(ReadError::Cut));
        body[0] = 0x15;
        assert_eq!(read(&body), Err(ReadError::Version));
    }

    proptest! {
        #[test]
        fn parts_come_back_and_nothing_makes_it_panic(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..5),
            garbage in proptest::collection::vec(any::<u8>(), 0..100),
            at in 0usize..100,
        ) {
            let parts: Vec<Part> =
                contents.iter().map(|content| part("id", ENVELOPE, content)).collect();
            let mut body = write(&parts).expect("DIME");
            prop_assert_eq!(read(&body).expect("parts"), parts);
            let _ = read(&garbage);
            let at = at % body.len();
            body.truncate(at);
            prop_assert!(read(&body).is_err() || at + 3 >= body.len());
        }
    }
}
