//! One event as the exact bytes that are hashed. The README draws the format.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use plico_crypto::digest::{Digest, Sha256, from_hex, to_hex};

use crate::text::{decimal, hash_from_base64, to_base64};

/// The longest leaf, in bytes: what an entry bundle can hold.
pub const MAX_LEAF: usize = 65_535;
/// The most documents one leaf names; a longer act is several events.
pub const MAX_DOCUMENTS: usize = 500;
/// The last instant a leaf can carry: 9998-12-31T23:59:59.999Z, in milliseconds.
pub const MAX_INSTANT_MS: i64 = 253_370_764_799_999;

/// An event as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The log it belongs to.
    pub origin: String,
    /// Its own index there.
    pub index: u64,
    /// When it happened: milliseconds since 1970, UTC.
    pub instant_ms: i64,
    /// What happened, such as `message.presented`.
    pub kind: String,
    /// The log id of what it happened to.
    pub subject: [u8; 16],
    /// The subject's previous event: number of the log, index.
    pub previous: Option<(u32, u64)>,
    /// Commitments to the parts, by name.
    pub parts: BTreeMap<String, Digest>,
    /// Commitments to the documents.
    pub documents: Vec<Digest>,
}

/// Why bytes are not a leaf, or a leaf cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// Longer than [`MAX_LEAF`].
    #[error("a leaf has at most {MAX_LEAF} bytes")]
    TooLong,
    /// A field is missing or is not what it must be.
    #[error("the leaf's field `{0}` is missing or malformed")]
    Field(&'static str),
    /// Not in the one form a leaf has: order, spaces, repeated and unknown keys, escapes.
    #[error("the leaf is not in canonical form")]
    NotCanonical,
}

impl Leaf {
    /// The bytes that are hashed and handed out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LeafError> {
        self.check()?;
        let instant = Timestamp::from_millisecond(self.instant_ms).map_err(|_| LeafError::Field("t"))?;
        let mut out = format!(
            r#"{{"v":1,"o":"{}","i":{},"t":"{instant:.3}","k":"{}","s":"{}","p":"#,
            self.origin,
            self.index,
            self.kind,
            to_hex(&self.subject)
        );
        // Writing to a String cannot fail.
        let _ = match self.previous {
            Some((log, index)) => write!(out, "[{log},{index}]"),
            None => write!(out, "null"),
        };
        out.push_str(r#","c":{"#);
        for (n, (name, commitment)) in self.parts.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(out, r#"{comma}"{name}":"{}""#, to_base64(commitment));
        }
        out.push_str(r#"},"d":["#);
        for (n, commitment) in self.documents.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(out, r#"{comma}"{}""#, to_base64(commitment));
        }
        out.push_str("]}");
        if out.len() > MAX_LEAF { Err(LeafError::TooLong) } else { Ok(out.into_bytes()) }
    }

    /// Reads a leaf; the bytes must be exactly those [`Leaf::to_bytes`] writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        Ok(LeafRef::parse(bytes)?.to_owned())
    }

    fn check(&self) -> Result<(), LeafError> {
        LeafRef {
            origin: &self.origin,
            index: self.index,
            instant_ms: self.instant_ms,
            kind: &self.kind,
            subject: self.subject,
            previous: self.previous,
            parts: self.parts.iter().map(|(name, commitment)| (name.as_str(), *commitment)).collect(),
            documents: self.documents.clone(),
        }
        .check()
    }
}

/// A [`Leaf`] that borrows its words from the bytes: for who reads millions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafRef<'a> {
    /// As in [`Leaf`].
    pub origin: &'a str,
    /// As in [`Leaf`].
    pub index: u64,
    /// As in [`Leaf`].
    pub instant_ms: i64,
    /// As in [`Leaf`].
    pub kind: &'a str,
    /// As in [`Leaf`].
    pub subject: [u8; 16],
    /// As in [`Leaf`].
    pub previous: Option<(u32, u64)>,
    /// As in [`Leaf`], in the order of their names.
    pub parts: Vec<(&'a str, Digest)>,
    /// As in [`Leaf`].
    pub documents: Vec<Digest>,
}

impl<'a> LeafRef<'a> {
    /// Reads a leaf; the bytes must be exactly those [`Leaf::to_bytes`] writes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LeafError> {
        if bytes.len() > MAX_LEAF {
            return Err(LeafError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| LeafError::NotCanonical)?;
        let leaf = Scan(text).leaf()?;
        leaf.check()?;
        Ok(leaf)
    }

    /// The same with words of its own.
    pub fn to_owned(&self) -> Leaf {
        Leaf {
            origin: self.origin.to_owned(),
            index: self.index,
            instant_ms: self.instant_ms,
            kind: self.kind.to_owned(),
            subject: self.subject,
            previous: self.previous,
            parts: self.parts.iter().map(|(name, commitment)| ((*name).to_owned(), *commitment)).collect(),
            documents: self.documents.clone(),
        }
    }

    fn check(&self) -> Result<(), LeafError> {
        let field = |good: bool, name| if good { Ok(()) } else { Err(LeafError::Field(name)) };
        field(is_origin(self.origin), "o")?;
        field((0..=MAX_INSTANT_MS).contains(&self.instant_ms), "t")?;
        field(is_kind(self.kind), "k")?;
        field(self.previous.is_none_or(|(log, _)| log > 0), "p")?;
        field(self.parts.iter().all(|(name, _)| is_part_name(name)), "c")?;
        field(self.documents.len() <= MAX_DOCUMENTS, "d")
    }
}

/// What is left to be read of a leaf. Only its one form is read: whatever [`Leaf::to_bytes`] would write differently is refused.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn next(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) -> Result<(), LeafError> {
        if self.next(text) { Ok(()) } else { Err(LeafError::NotCanonical) }
    }

    fn until(&mut self, end: char) -> Result<&'a str, LeafError> {
        let (found, rest) = self.0.split_once(end).ok_or(LeafError::NotCanonical)?;
        self.0 = rest;
        Ok(found)
    }

    fn digest(&mut self, field: &'static str) -> Result<Digest, LeafError> {
        hash_from_base64(self.until('"')?).ok_or(LeafError::Field(field))
    }

    fn leaf(mut self) -> Result<LeafRef<'a>, LeafError> {
        self.expect(r#"{"v":1,"o":""#)?;
        let origin = self.until('"')?;
        self.expect(r#","i":"#)?;
        let index = decimal(self.until(',')?).ok_or(LeafError::Field("i"))?;
        self.expect(r#""t":""#)?;
        let instant_ms = instant_ms(self.until('"')?).ok_or(LeafError::Field("t"))?;
        self.expect(r#","k":""#)?;
        let kind = self.until('"')?;
        self.expect(r#","s":""#)?;
        let subject = from_hex(self.until('"')?).ok_or(LeafError::Field("s"))?;
        self.expect(r#","p":"#)?;
        let previous = if self.next("null") { None } else { Some(self.previous()?) };
        self.expect(r#","c":{"#)?;
        let parts = self.parts()?;
        self.expect(r#"},"d":["#)?;
        let mut documents = Vec::new();
        while self.next(if documents.is_empty() { "\"" } else { ",\"" }) {
            documents.push(self.digest("d")?);
        }
        self.expect("]}")?;
        let leaf = LeafRef { origin, index, instant_ms, kind, subject, previous, parts, documents };
        if self.0.is_empty() { Ok(leaf) } else { Err(LeafError::NotCanonical) }
    }

    fn previous(&mut self) -> Result<(u32, u64), LeafError> {
        self.expect("[")?;
        let log = decimal(self.until(',')?).and_then(|log| log.try_into().ok());
        log.zip(decimal(self.until(']')?)).ok_or(LeafError::Field("p"))
    }

    fn parts(&mut self) -> Result<Vec<(&'a str, Digest)>, LeafError> {
        let mut parts: Vec<(&str, Digest)> = Vec::with_capacity(4);
        while self.next(if parts.is_empty() { "\"" } else { ",\"" }) {
            let name = self.until('"')?;
            self.expect(":\"")?;
            if parts.last().is_some_and(|(last, _)| *last >= name) {
                return Err(LeafError::NotCanonical);
            }
            parts.push((name, self.digest("c")?));
        }
        Ok(parts)
    }
}

/// Milliseconds since 1970 of an instant in the one form that is written.
fn instant_ms(text: &str) -> Option<i64> {
    let bytes: &[u8; 24] = text.as_bytes().try_into().ok()?;
    let shape = b"0000-00-00T00:00:00.000Z";
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    if !bytes.iter().zip(shape).all(fits) {
        return None;
    }
    // At most 9999: it fits wherever it is asked.
    let number = |at: Range<usize>| {
        bytes[at].iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0'))
    };
    let small = |at: usize| number(at..at + 2) as i8;
    let date = DateTime::new(
        number(0..4),
        small(5),
        small(8),
        small(11),
        small(14),
        small(17),
        i32::from(number(20..23)) * 1_000_000,
    );
    Some(Offset::UTC.to_timestamp(date.ok()?).ok()?.as_millisecond())
}

/// Whether a log may bear this origin. Nothing in it is ever escaped, and it can be a key's name.
pub fn is_origin(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'))
}

/// Whether this can name a kind of event: `[a-z_]+\.[a-z_]+`, at most 64 bytes.
pub fn is_kind(text: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    text.len() <= 64 && text.split_once('.').is_some_and(|(a, b)| word(a) && word(b))
}

/// Whether this can name a part: `[a-z]+(\.[0-9]+)?`, at most 64 bytes.
pub fn is_part_name(text: &str) -> bool {
    let (word, number) = text.split_once('.').unwrap_or((text, "0"));
    text.len() <= 64
        && !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_lowercase())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// What a leaf says of a part: without the salt it tells nothing about the bytes.
pub fn part_commitment(salt: &[u8; 32], bytes: &[u8]) -> Digest {
    commitment(b"plico/part/v1", salt, bytes)
}

/// What a leaf says of a document whose SHA-256 is `document`.
pub fn document_commitment(salt: &[u8; 32], document: &Digest) -> Digest {
    commitment(b"plico/document/v1", salt, document)
}

fn commitment(domain: &[u8], salt: &[u8; 32], bytes: &[u8]) -> Digest {
    let mut digest = Sha256::new();
    digest.update(domain);
    digest.update(salt);
    digest.update(bytes);
    digest.finish()
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back alike.
pub fn fuzz_leaf(bytes: &[u8]) {
    if let Ok(leaf) = Leaf::parse(bytes) {
        assert_eq!(leaf.to_bytes().ok().as_deref(), Some(bytes));
    }
}
