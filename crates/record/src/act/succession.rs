//! What a log says of the one before it.

use serde::{Deserialize, Serialize};

/// What a successor log knows of the log before it. What lies between the restored events and what its signer remembers
/// is lost; nobody can say that nothing lies beyond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    /// Origin.
    pub origin: String,
    /// Events that were restored, those that no checkpoint covers included.
    pub size: u64,
    /// The Merkle root over them, hexadecimal.
    pub root: String,
    /// The last checkpoint at hand: the signed note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// What its signer remembers of it, and of successors that are not at hand: what was signed beyond is lost. Empty
    /// when the signer's state is lost too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<Signed>,
    /// Numbers that may have been given and are not known: they are never given again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<Reserved>,
}

/// How far a log was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Origin.
    pub origin: String,
    /// Events.
    pub size: u64,
    /// The Merkle root over them, hexadecimal.
    pub root: String,
}

/// A range of numbers, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// Registry area, or the series of case files.
    pub area: String,
    /// Legal year.
    pub year: i32,
    /// First number.
    pub first: u64,
    /// Last number.
    pub last: u64,
}
