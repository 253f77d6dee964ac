//! Checkpoints (C2SP tlog-checkpoint): what a log says of itself, as the text of a note.

use crate::merkle::Hash;
use crate::note::{Checked, Note, NoteError, VerifierKey};
use crate::text::{decimal, hash_from_base64, to_base64};

/// A log's size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why text is not a checkpoint.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// Not a note.
    #[error("the checkpoint is not a signed note")]
    Note(#[from] NoteError),
    /// Not three lines of origin, size and root; extension lines are refused.
    #[error("the checkpoint is not origin, size and root on three lines")]
    Lines,
}

impl Checkpoint {
    /// The note's text: three lines.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(&self.root))
    }

    /// Reads a note's text.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let mut next = || lines.next().ok_or(CheckpointError::Lines);
        let (origin, size, root) = (next()?, next()?, next()?);
        if origin.is_empty() || lines.next().is_some() {
            return Err(CheckpointError::Lines);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: decimal(size).ok_or(CheckpointError::Lines)?,
            root: hash_from_base64(root).ok_or(CheckpointError::Lines)?,
        })
    }

    /// Reads a signed checkpoint; its signatures are not checked.
    pub fn parse_note(bytes: &[u8]) -> Result<(Self, Note), CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok((Self::parse(note.text())?, note))
    }

    /// The checkpoint as a note to be signed; an error when the origin could not be read back.
    ///
    /// Whoever signs it has made durable, before, that this size and root are the successor of the last one.
    pub fn to_note(&self) -> Result<Note, CheckpointError> {
        let note = Note::new(self.text())?;
        if Self::parse(note.text())? == *self { Ok(note) } else { Err(CheckpointError::Lines) }
    }

    /// Whether the note of this checkpoint bears a good signature of `key`, and the key's name is the origin.
    pub fn is_signed_by(&self, note: &Note, key: &VerifierKey) -> bool {
        key.name() == self.origin && note.text() == self.text() && matches!(note.check(key), Checked::Good(_))
    }
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back alike.
pub fn fuzz_checkpoint(bytes: &[u8]) {
    if let Ok((checkpoint, note)) = Checkpoint::parse_note(bytes) {
        assert_eq!(checkpoint.text(), note.text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Algorithm;
    use plico_crypto::ed25519::SigningKey;

    #[test]
    fn sign_and_read() {
        let signer = SigningKey::from_seed([1; 32]);
        let key = VerifierKey::new("example.org/c_a001/1", Algorithm::Ed25519, signer.public_key()).unwrap();
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size: 7, root: [9; 32] };
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(&key, &signer.sign(note.text().as_bytes()));
        let (read, again) = Checkpoint::parse_note(note.to_string().as_bytes()).unwrap();
        assert_eq!((&read, &again), (&checkpoint, &note));
        assert!(read.is_signed_by(&again, &key));
        let other =
            VerifierKey::new("example.org/c_a001/2", Algorithm::Ed25519, signer.public_key()).unwrap();
        assert!(!read.is_signed_by(&again, &other));
        for origin in [
            "", "a
b", "a	b",
        ] {
            assert!(Checkpoint { origin: origin.into(), ..checkpoint.clone() }.to_note().is_err());
        }
    }

    #[test]
    fn malformed() {
        let root = to_base64(&[0; 32]);
        assert!(Checkpoint::parse(&format!("o\n0\n{root}\n")).is_ok());
        for bad in [
            String::new(),
            format!("o\n0\n{root}"),
            format!("\n0\n{root}\n"),
            format!("o\n00\n{root}\n"),
            format!("o\n-1\n{root}\n"),
            format!("o\n1\n{root}\nextension\n"),
            format!("o\n1\n{}\n", &root[..40]),
            "o\n1\n".to_owned(),
        ] {
            assert_eq!(Checkpoint::parse(&bad), Err(CheckpointError::Lines), "{bad:?}");
        }
    }
}
