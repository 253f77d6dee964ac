//! What came after a receipt was issued, as the file that is handed out beside it (`.evidence`, docs/receipts.md):
//! paths of the same leaf to later checkpoints, with who vouches for those.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The longest file that is read, in bytes.
pub const MAX_EVIDENCE: usize = 4 * 1024 * 1024;
/// The most checkpoints in one.
pub const MAX_LATER: usize = 16;
/// The most time stamps on a checkpoint.
pub const MAX_STAMPS: usize = 8;

/// The name of the file beside a receipt of this name.
pub fn beside(receipt: &str) -> String {
    receipt.strip_suffix(".pdf").unwrap_or(receipt).to_owned() + EVIDENCE
}

/// How such a file's name ends.
pub const EVIDENCE: &str = ".evidence";

/// The file's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    v: u8,
    /// Later checkpoints, each with its path.
    pub proofs: Vec<Later>,
}

/// A later checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    /// A `.tlog-proof` (C2SP) of the receipt's leaf; its checkpoint carries the cosignatures.
    pub proof: String,
    /// Consistency proof from the receipt's own checkpoint, one base64 hash a line; empty when it is the same.
    pub consistency: String,
    /// RFC 3161 tokens over the SHA-256 of the checkpoint's text (its three lines), base64.
    pub timestamps: Vec<String>,
}

/// Why a file is not evidence.
#[derive(Debug, thiserror::Error)]
pub enum BesideError {
    /// Not the JSON it should be.
    #[error("it is not a file of evidence")]
    Json(#[source] serde_json::Error),
    /// Longer, or with more in it, than is read; or of another version.
    #[error("it has another version, or more in it than is read")]
    Limits,
    /// A time stamp is not base64.
    #[error("a time stamp in it is not base64")]
    Base64,
}

impl Beside {
    /// Puts a file together.
    pub fn new(proofs: Vec<Later>) -> Self {
        Self { v: 1, proofs }
    }

    /// Reads a file. Nothing in it is checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, BesideError> {
        if bytes.len() > MAX_EVIDENCE {
            return Err(BesideError::Limits);
        }
        let read: Self = serde_json::from_slice(bytes).map_err(BesideError::Json)?;
        let stamps = |later: &Later| later.timestamps.len() <= MAX_STAMPS;
        if read.v != 1 || read.proofs.len() > MAX_LATER || !read.proofs.iter().all(stamps) {
            return Err(BesideError::Limits);
        }
        for later in &read.proofs {
            later.tokens()?;
        }
        Ok(read)
    }

    /// The file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BesideError> {
        serde_json::to_vec(self).map_err(BesideError::Json)
    }
}

impl Later {
    /// A later checkpoint with its tokens.
    pub fn new(proof: String, consistency: String, tokens: &[Vec<u8>]) -> Self {
        Self { proof, consistency, timestamps: tokens.iter().map(|token| STANDARD.encode(token)).collect() }
    }

    /// The tokens.
    pub fn tokens(&self) -> Result<Vec<Vec<u8>>, BesideError> {
        self.timestamps.iter().map(|text| STANDARD.decode(text).map_err(|_| BesideError::Base64)).collect()
    }
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back so that it parses alike.
pub fn fuzz_beside(bytes: &[u8]) {
    if let Ok(read) = Beside::parse(bytes)
        && let Ok(written) = read.to_bytes()
    {
        assert_eq!(Beside::parse(&written).ok(), Some(read));
    }
}
