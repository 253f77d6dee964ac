//! `.tlog-proof` (C2SP tlog-proof): that one leaf stands in one checkpoint, in a text that needs nothing else.

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::merkle::{Hash, ProofError, leaf_hash, verify_inclusion};
use crate::note::Note;
use crate::text::{decimal, from_base64, hash_from_base64, to_base64};

/// The longest proof that is read, in bytes.
pub const MAX_PROOF: usize = 512 * 1024;
/// The most hashes a path can have.
pub const MAX_HASHES: usize = 64;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A leaf's place in a checkpointed tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Bytes with a meaning of the application's; nothing vouches for them.
    pub extra: Option<Vec<u8>>,
    /// The leaf's index.
    pub index: u64,
    /// The path, from the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The tree.
    pub checkpoint: Checkpoint,
    /// The checkpoint as it was signed and cosigned.
    pub note: Note,
}

/// Why text is not a proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofTextError {
    /// Not UTF-8 or longer than [`MAX_PROOF`].
    #[error("the proof is not UTF-8 text of at most {MAX_PROOF} bytes")]
    Text,
    /// A line before the checkpoint is malformed.
    #[error("line {0} of the proof is malformed")]
    Line(usize),
    /// The checkpoint is malformed.
    #[error("the checkpoint in the proof is malformed")]
    Checkpoint(#[from] CheckpointError),
}

impl Proof {
    /// Reads a proof. Neither path nor signatures are checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofTextError> {
        let text = Some(bytes)
            .filter(|b| b.len() <= MAX_PROOF)
            .and_then(|b| std::str::from_utf8(b).ok())
            .ok_or(ProofTextError::Text)?;
        let (head, note) = text.split_once("\n\n").ok_or(ProofTextError::Line(1))?;
        let (checkpoint, note) = Checkpoint::parse_note(note.as_bytes())?;

        let mut lines = head.split('\n').enumerate().map(|(n, line)| (n + 1, line)).peekable();
        if lines.next().is_none_or(|(_, line)| line != FIRST_LINE) {
            return Err(ProofTextError::Line(1));
        }
        let extra = lines
            .next_if(|(_, line)| line.starts_with("extra "))
            .map(|(n, line)| from_base64(&line[6..]).ok_or(ProofTextError::Line(n)))
            .transpose()?;
        let (n, index) = lines.next().ok_or(ProofTextError::Line(2))?;
        let index = index.strip_prefix("index ").and_then(decimal).ok_or(ProofTextError::Line(n))?;
        let hashes = lines
            .enumerate()
            .map(|(count, (n, line))| {
                hash_from_base64(line).filter(|_| count < MAX_HASHES).ok_or(ProofTextError::Line(n))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { extra, index, hashes, checkpoint, note })
    }

    /// Whether the leaf of these bytes stands at the index in the checkpointed tree. Who signed the checkpoint is another question.
    pub fn verify(&self, leaf: &[u8]) -> Result<(), ProofError> {
        verify_inclusion(
            &leaf_hash(leaf),
            self.index,
            self.checkpoint.size,
            &self.checkpoint.root,
            &self.hashes,
        )
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", to_base64(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

/// A consistency proof as text: one base64 hash a line, nothing when it is empty.
pub fn write_hashes(hashes: &[Hash]) -> String {
    hashes.iter().map(|hash| to_base64(hash) + "\n").collect()
}

/// Reads what [`write_hashes`] wrote; `None` when it is anything else.
pub fn parse_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    // A consistency proof has at most one hash for every level, and one more.
    let text = std::str::from_utf8(bytes).ok().filter(|t| t.len() <= 45 * (MAX_HASHES + 1))?;
    text.split_inclusive('\n').map(|line| hash_from_base64(line.strip_suffix('\n')?)).collect()
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back alike.
pub fn fuzz_proof(bytes: &[u8]) {
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        let _ = proof.verify(b"leaf");
    }
    if let Some(hashes) = parse_hashes(bytes) {
        assert_eq!(write_hashes(&hashes).as_bytes(), bytes);
    }
}
