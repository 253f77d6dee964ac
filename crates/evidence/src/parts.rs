//! The parts a holder may know, and the list of documents: written by whoever issues, read by whoever verifies.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{Digest, from_hex, to_hex};
use plico_journal::leaf::MAX_DOCUMENTS;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest `parts.json` that is read, in bytes.
pub const MAX_PARTS: usize = 8 * 1024 * 1024;

/// A part with what opens its commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPart {
    /// The 32 random bytes.
    pub salt: [u8; 32],
    /// The part's own bytes: a JSON object.
    pub bytes: Vec<u8>,
}

/// Why bytes are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// Longer than [`MAX_PARTS`].
    #[error("the parts have more than {MAX_PARTS} bytes")]
    TooLong,
    /// Not JSON, or not of the schema.
    #[error("not JSON of the expected form")]
    Json(#[source] serde_json::Error),
    /// Another version.
    #[error("version {0} is not known")]
    Version(u64),
    /// Salt, bytes or digest are not in their one spelling.
    #[error("not in canonical form")]
    NotCanonical,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartsFile {
    v: u64,
    parts: BTreeMap<String, PartText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartText {
    salt: String,
    bytes: String,
}

/// `parts.json` with these parts.
pub fn write(parts: &BTreeMap<String, OpenPart>) -> Vec<u8> {
    let parts = parts
        .iter()
        .map(|(name, part)| {
            let text = PartText { salt: STANDARD.encode(part.salt), bytes: STANDARD.encode(&part.bytes) };
            (name.clone(), text)
        })
        .collect();
    serde_json::to_vec(&PartsFile { v: 1, parts }).expect("strings and a number are always JSON")
}

/// Reads `parts.json`, which must be exactly what [`write()`] writes.
pub fn parse(bytes: &[u8]) -> Result<BTreeMap<String, OpenPart>, PartsError> {
    if bytes.len() > MAX_PARTS {
        return Err(PartsError::TooLong);
    }
    let file: PartsFile = serde_json::from_slice(bytes).map_err(PartsError::Json)?;
    if file.v != 1 {
        return Err(PartsError::Version(file.v));
    }
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| PartsError::NotCanonical);
    let mut parts = BTreeMap::new();
    for (name, text) in file.parts {
        let salt = decode(&text.salt)?.try_into().map_err(|_| PartsError::NotCanonical)?;
        parts.insert(name, OpenPart { salt, bytes: decode(&text.bytes)? });
    }
    // Spaces, order and repeated keys are what two readers could take for two things.
    if write(&parts) == bytes { Ok(parts) } else { Err(PartsError::NotCanonical) }
}

/// One document in the part `documents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentEntry {
    /// Its public identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// What opens its commitment in the leaf.
    pub salt: [u8; 32],
    /// `primary`, `attachment`, …
    pub role: String,
}

#[derive(Serialize, Deserialize)]
struct DocumentsText {
    v: u64,
    documents: Vec<DocumentText>,
}

#[derive(Serialize, Deserialize)]
struct DocumentText {
    id: String,
    name: String,
    media_type: String,
    size: u64,
    sha256: String,
    salt: String,
    role: String,
}

/// The bytes of the part `documents`, entries in the order of the leaf's `d`.
pub fn write_documents(documents: &[DocumentEntry]) -> Vec<u8> {
    let documents = documents
        .iter()
        .map(|d| DocumentText {
            id: d.id.clone(),
            name: d.name.clone(),
            media_type: d.media_type.clone(),
            size: d.size,
            sha256: to_hex(&d.sha256),
            salt: STANDARD.encode(d.salt),
            role: d.role.clone(),
        })
        .collect();
    serde_json::to_vec(&DocumentsText { v: 1, documents }).expect("strings and numbers are always JSON")
}

/// Reads the part `documents`. A later version may add keys.
pub fn parse_documents(bytes: &[u8]) -> Result<Vec<DocumentEntry>, PartsError> {
    let text: DocumentsText = serde_json::from_slice(bytes).map_err(PartsError::Json)?;
    if text.v != 1 {
        return Err(PartsError::Version(text.v));
    }
    if text.documents.len() > MAX_DOCUMENTS {
        return Err(PartsError::TooLong);
    }
    let read = |d: DocumentText| {
        Some(DocumentEntry {
            sha256: from_hex(&d.sha256)?,
            salt: STANDARD.decode(&d.salt).ok()?.try_into().ok()?,
            id: d.id,
            name: d.name,
            media_type: d.media_type,
            size: d.size,
            role: d.role,
        })
    };
    text.documents.into_iter().map(|d| read(d).ok_or(PartsError::NotCanonical)).collect()
}

/// A part as JSON: an object, nothing else.
pub(crate) fn object(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().filter(Value::is_object)
}
