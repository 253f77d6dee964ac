//! Signed notes (C2SP signed-note) and witness cosignatures (C2SP tlog-cosignature, Ed25519).

use std::fmt;

use plico_crypto::digest::sha256;
use plico_crypto::ed25519;

use crate::text::{from_base64, to_base64};

/// The longest note that is read, in bytes.
pub const MAX_NOTE: usize = 256 * 1024;
/// The most signatures in a note that is read.
pub const MAX_SIGNATURES: usize = 100;

const MARK: &str = "\u{2014} ";

/// Why text is not a note or not a key.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE`].
    #[error("the note is longer than {MAX_NOTE} bytes")]
    TooLong,
    /// Not UTF-8, or with a control character.
    #[error("the note is not plain UTF-8 text")]
    Text,
    /// No text before an empty line and signatures.
    #[error("the note is not text, an empty line and signatures")]
    Layout,
    /// A signature line is malformed, or there are too many.
    #[error("the note's signature line {0} is malformed")]
    Signature(usize),
    /// Not a verifier key of a type we know.
    #[error("not a verifier key (name+id+base64) of type Ed25519 or cosignature/v1")]
    Key,
}

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 over the note's text: the signature of a log (type 1).
    Ed25519 = 1,
    /// Ed25519 over a header with a time and the text: what a witness gives (`cosignature/v1`, type 4).
    Cosignature = 4,
}

/// A public key with the name under which it signs notes ("vkey").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: ed25519::PublicKey,
}

impl VerifierKey {
    /// The key of a log or witness; an error when the name is empty or has a space, a control character or `+`.
    pub fn new(
        name: impl Into<String>,
        algorithm: Algorithm,
        key: ed25519::PublicKey,
    ) -> Result<Self, NoteError> {
        let name = name.into();
        if is_name(&name) { Ok(Self { name, algorithm, key }) } else { Err(NoteError::Key) }
    }

    /// Reads `name+id+base64`; the id must be the one of the key.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let (name, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            let bytes = from_base64(key)?;
            let (kind, key) = bytes.split_first()?;
            let algorithm = match kind {
                1 => Algorithm::Ed25519,
                4 => Algorithm::Cosignature,
                _ => return None,
            };
            let parsed = Self::new(name, algorithm, key.try_into().ok()?).ok()?;
            (parsed.to_string() == text).then_some(parsed)
        };
        read().ok_or(NoteError::Key)
    }

    /// The name under which the key signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key.
    pub fn public_key(&self) -> &ed25519::PublicKey {
        &self.key
    }

    /// The four bytes that, with the name, point at this key in a signature line.
    pub fn id(&self) -> u32 {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &[self.algorithm as u8], &self.key].concat());
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = to_base64(&[&[self.algorithm as u8][..], &self.key].concat());
        write!(f, "{}+{:08x}+{key}", self.name, self.id())
    }
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// Who claims to have signed; nobody has checked it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key, as claimed.
    pub fn id(&self) -> u32 {
        self.id
    }
}

/// Text with signatures. What it says may be believed only after [`Note::check`] with a key one trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// What a note says of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The key has not signed.
    Absent,
    /// The key has signed; a cosignature also says when, in seconds since 1970.
    Good(Option<u64>),
    /// A line that names the key is not its signature: the whole note is to be refused.
    Bad,
}

impl Note {
    /// A note not signed yet. The text must end in a line feed and have no other control character.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if text.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        if !text.ends_with('\n') || text == "\n" {
            return Err(NoteError::Layout);
        }
        if is_plain(&text) { Ok(Self { text, signatures: Vec::new() }) } else { Err(NoteError::Text) }
    }

    /// Reads a note. Its signatures are not checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        // The last empty line parts the text from the signatures.
        let end = whole.rfind("\n\n").ok_or(NoteError::Layout)? + 1;
        let mut note = Self::new(&whole[..end])?;
        let lines = whole[end + 1..].strip_suffix('\n').ok_or(NoteError::Layout)?;
        for (n, line) in lines.split('\n').enumerate() {
            let signature = parse_signature(line).filter(|_| n < MAX_SIGNATURES);
            note.signatures.push(signature.ok_or(NoteError::Signature(n + 1))?);
        }
        Ok(note)
    }

    /// The text, its last line feed included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, unchecked.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature that `key` made over [`Note::text`].
    pub fn add_signature(&mut self, key: &VerifierKey, signature: &ed25519::Signature) {
        self.add(key, signature.to_vec());
    }

    /// Adds a cosignature that a witness made over [`cosigned_message`] at `time_s`, seconds since 1970.
    pub fn add_cosignature(&mut self, key: &VerifierKey, time_s: u64, signature: &ed25519::Signature) {
        self.add(key, [&time_s.to_be_bytes()[..], signature].concat());
    }

    /// Takes over the signature lines of `other`, a note with the same text, that are not here yet; whether the text was the same.
    pub fn merge(&mut self, other: &Self) -> bool {
        let same = self.text == other.text;
        if same {
            for signature in &other.signatures {
                if !self.signatures.contains(signature) && self.signatures.len() < MAX_SIGNATURES {
                    self.signatures.push(signature.clone());
                }
            }
        }
        same
    }

    /// Whether `key` has signed this note.
    pub fn check(&self, key: &VerifierKey) -> Checked {
        let id = key.id();
        let mut result = Checked::Absent;
        for signature in self.signatures.iter().filter(|s| s.id == id && s.name == key.name) {
            match self.check_one(key, &signature.bytes) {
                Checked::Bad => return Checked::Bad,
                good if result == Checked::Absent => result = good,
                _ => {}
            }
        }
        result
    }

    fn check_one(&self, key: &VerifierKey, bytes: &[u8]) -> Checked {
        let (time, message, signature) = match (key.algorithm, bytes.split_first_chunk::<8>()) {
            (Algorithm::Ed25519, _) => (None, self.text.as_bytes().to_vec(), bytes),
            (Algorithm::Cosignature, Some((time, signature))) => {
                let time = u64::from_be_bytes(*time);
                (Some(time), cosigned_message(time, &self.text), signature)
            }
            (Algorithm::Cosignature, None) => return Checked::Bad,
        };
        let possible = time.is_none_or(|t| i64::try_from(t).is_ok());
        if possible && ed25519::verify(&key.key, &message, signature) {
            Checked::Good(time)
        } else {
            Checked::Bad
        }
    }

    fn add(&mut self, key: &VerifierKey, bytes: Vec<u8>) {
        self.signatures.push(NoteSignature { name: key.name.clone(), id: key.id(), bytes });
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let bytes = to_base64(&[&signature.id.to_be_bytes()[..], &signature.bytes].concat());
            writeln!(f, "{MARK}{} {bytes}", signature.name)?;
        }
        Ok(())
    }
}

/// The bytes that a witness signs at `time_s` over a checkpoint's text.
pub fn cosigned_message(time_s: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time_s}\n{text}").into_bytes()
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back alike.
pub fn fuzz_note(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = VerifierKey::parse(text)
    {
        assert_eq!(key.to_string(), text);
    }
}

fn parse_signature(line: &str) -> Option<NoteSignature> {
    let (name, base64) = line.strip_prefix(MARK)?.split_once(' ')?;
    let bytes = from_base64(base64)?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    let whole = is_name(name) && !bytes.is_empty();
    whole.then(|| NoteSignature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b >= 0x20 || b == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use plico_crypto::ed25519::SigningKey;

    /// The example of the Go package `sumdb/note`, from which the specification grew.
    const FOREIGN_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const FOREIGN: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_foreign_note() {
        let key = VerifierKey::parse(FOREIGN_KEY).unwrap();
        assert_eq!(key.id(), 0xc74f_20a3);
        let note = Note::parse(FOREIGN.as_bytes()).unwrap();
        assert_eq!(note.to_string(), FOREIGN);
        assert_eq!(note.check(&key), Checked::Good(None));
        let altered = Note::parse(FOREIGN.replace("your problem is", "your problem was").as_bytes()).unwrap();
        assert_eq!(altered.check(&key), Checked::Bad);
    }

    #[test]
    fn logs_and_witnesses_sign() {
        let (log, witness) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let log_key = VerifierKey::new("example.org/log", Algorithm::Ed25519, log.public_key()).unwrap();
        let witness_key =
            VerifierKey::new("w.example", Algorithm::Cosignature, witness.public_key()).unwrap();
        let mut note = Note::new("example.org/log\n1\nroot\n").unwrap();
        assert_eq!(note.check(&log_key), Checked::Absent);
        note.add_signature(&log_key, &log.sign(note.text().as_bytes()));
        let alone = note.clone();
        let signature = witness.sign(&cosigned_message(1_700_000_000, note.text()));
        note.add_cosignature(&witness_key, 1_700_000_000, &signature);

        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.check(&log_key), Checked::Good(None));
        assert_eq!(read.check(&witness_key), Checked::Good(Some(1_700_000_000)));
        // The same key as log and as witness has two ids: neither stands for the other.
        let confused = VerifierKey::new("w.example", Algorithm::Ed25519, witness.public_key()).unwrap();
        assert_eq!(read.check(&confused), Checked::Absent);
        let mut late = alone.clone();
        late.add_cosignature(&witness_key, 1_700_000_001, &signature);
        assert_eq!(late.check(&witness_key), Checked::Bad);
        late.merge(&read);
        assert_eq!(late.check(&witness_key), Checked::Bad, "one false line spoils the note");

        let mut merged = alone.clone();
        assert!(merged.merge(&read) && merged == read);
        assert!(!merged.merge(&Note::new("other\n").unwrap()));
    }

    #[test]
    fn malformed_notes_and_keys() {
        for bad in [
            "",
            "\n",
            "\n\n",
            "text\n",
            "text\n\n",
            "text\n\nno signature\n",
            "te\txt\n\n\u{2014} a AAAAAAE=\n",
            "text\n\n\u{2014} a AAAAAAE=",
            "text\n\n\u{2014} a AAAAAA==\n",
            "text\n\n\u{2014} a+b AAAAAAE=\n",
            "text\n\n\u{2014}  AAAAAAE=\n",
            "text\n\n\u{2014} a AAAAAAE= \n",
            "text\n\n\u{2014} a AAAAAAE=\n\n",
        ] {
            assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(Note::parse("text\n\n\u{2014} a AAAAAAE=\n".as_bytes()).is_ok());
        let many = format!("text\n\n{}", "\u{2014} a AAAAAAE=\n".repeat(MAX_SIGNATURES + 1));
        assert_eq!(Note::parse(many.as_bytes()), Err(NoteError::Signature(MAX_SIGNATURES + 1)));
        for bad in
            ["", "a", "a+b", "a+00000000+", &FOREIGN_KEY.replace("c74f", "c74e"), &FOREIGN_KEY.to_uppercase()]
        {
            assert!(VerifierKey::parse(bad).is_err(), "{bad}");
        }
    }
}
