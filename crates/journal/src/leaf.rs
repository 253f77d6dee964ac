//! One event as the exact bytes that are hashed. The README draws the format.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use plico_crypto::digest::{Digest, Sha256, from_hex, to_hex};
use serde_json::{Map, Value};

use crate::text::{hash_from_base64, to_base64};

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
    /// Not JSON.
    #[error("the leaf is not JSON")]
    Json(#[source] serde_json::Error),
    /// A field is missing or is not what it must be.
    #[error("the leaf's field `{0}` is missing or malformed")]
    Field(&'static str),
    /// JSON, but not in the one form a leaf has.
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
        if bytes.len() > MAX_LEAF {
            return Err(LeafError::TooLong);
        }
        let Value::Object(fields) = serde_json::from_slice(bytes).map_err(LeafError::Json)? else {
            return Err(LeafError::NotCanonical);
        };
        let leaf = Self::from_fields(&fields)?;
        // Order, spaces, repeated and unknown keys, escapes: whatever differs, differs here.
        if leaf.to_bytes()? == bytes { Ok(leaf) } else { Err(LeafError::NotCanonical) }
    }

    fn from_fields(fields: &Map<String, Value>) -> Result<Self, LeafError> {
        let text = |key: &'static str| fields.get(key).and_then(Value::as_str).ok_or(LeafError::Field(key));
        let hash = |value: &Value| value.as_str().and_then(hash_from_base64);
        if fields.get("v").and_then(Value::as_u64) != Some(1) {
            return Err(LeafError::Field("v"));
        }
        let previous = match fields.get("p") {
            Some(Value::Null) => None,
            Some(Value::Array(pair)) if pair.len() == 2 => Some((
                pair[0].as_u64().and_then(|n| n.try_into().ok()).ok_or(LeafError::Field("p"))?,
                pair[1].as_u64().ok_or(LeafError::Field("p"))?,
            )),
            _ => return Err(LeafError::Field("p")),
        };
        let parts = fields
            .get("c")
            .and_then(Value::as_object)
            .and_then(|c| c.iter().map(|(name, v)| Some((name.clone(), hash(v)?))).collect())
            .ok_or(LeafError::Field("c"))?;
        let documents = fields
            .get("d")
            .and_then(Value::as_array)
            .and_then(|d| d.iter().map(hash).collect())
            .ok_or(LeafError::Field("d"))?;
        Ok(Self {
            origin: text("o")?.to_owned(),
            index: fields.get("i").and_then(Value::as_u64).ok_or(LeafError::Field("i"))?,
            instant_ms: text("t")?.parse::<Timestamp>().map_err(|_| LeafError::Field("t"))?.as_millisecond(),
            kind: text("k")?.to_owned(),
            subject: from_hex(text("s")?).ok_or(LeafError::Field("s"))?,
            previous,
            parts,
            documents,
        })
    }

    fn check(&self) -> Result<(), LeafError> {
        let field = |good: bool, name| if good { Ok(()) } else { Err(LeafError::Field(name)) };
        field(is_origin(&self.origin), "o")?;
        field((0..=MAX_INSTANT_MS).contains(&self.instant_ms), "t")?;
        field(is_kind(&self.kind), "k")?;
        field(self.previous.is_none_or(|(log, _)| log > 0), "p")?;
        field(self.parts.keys().all(|name| is_part_name(name)), "c")?;
        field(self.documents.len() <= MAX_DOCUMENTS, "d")
    }
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
