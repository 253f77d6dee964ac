//! What a witness is asked and answers (C2SP tlog-witness, `add-checkpoint`): a consistency proof from the checkpoint
//! it last cosigned, and the new one.

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::merkle::{Hash, ProofError, verify_consistency};
use crate::note::{Checked, MAX_NOTE, Note, VerifierKey};
use crate::proof::write_hashes;
use crate::text::{decimal, hash_from_base64};

/// The longest request that is read, in bytes.
pub const MAX_REQUEST: usize = MAX_NOTE + 4096;
/// The most hashes of a request's proof.
pub const MAX_HASHES: usize = 63;

/// A checkpoint shown to a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the checkpoint that the proof starts from: the last one that the witness cosigned.
    pub old: u64,
    /// Consistency proof from there.
    pub proof: Vec<Hash>,
    /// What is to be cosigned.
    pub checkpoint: Checkpoint,
    /// The same, as the log signed it.
    pub note: Note,
}

/// Why text is not a request.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RequestError {
    /// Not UTF-8, or longer than [`MAX_REQUEST`].
    #[error("the request is not UTF-8 text of at most {MAX_REQUEST} bytes")]
    Text,
    /// A line before the checkpoint is malformed.
    #[error("line {0} of the request is malformed")]
    Line(usize),
    /// The checkpoint is malformed.
    #[error("the checkpoint in the request is malformed")]
    Checkpoint(#[from] CheckpointError),
}

impl Request {
    /// Reads a request. Neither proof nor signatures are checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        let text = Some(bytes)
            .filter(|b| b.len() <= MAX_REQUEST)
            .and_then(|b| std::str::from_utf8(b).ok())
            .ok_or(RequestError::Text)?;
        let (head, note) = text.split_once("\n\n").ok_or(RequestError::Line(1))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let old = old.ok_or(RequestError::Line(1))?;
        let proof = lines
            .enumerate()
            .map(|(n, line)| {
                hash_from_base64(line).filter(|_| n < MAX_HASHES).ok_or(RequestError::Line(n + 2))
            })
            .collect::<Result<_, _>>()?;
        let (checkpoint, note) = Checkpoint::parse_note(note.as_bytes())?;
        Ok(Self { old, proof, checkpoint, note })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "old {}\n{}\n{}", self.old, write_hashes(&self.proof), self.note)
    }
}

/// Why a witness does not cosign.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    /// It watches no log of this origin: 404.
    #[error("this witness does not watch the log")]
    UnknownLog,
    /// No key that it knows of the log has signed, or a line in its name is false: 403.
    #[error("the checkpoint is not signed by a key that this witness knows of the log")]
    Unsigned,
    /// The old size is beyond the new one: 400.
    #[error("the old size is beyond the checkpoint's")]
    Backwards,
    /// The witness has cosigned another size: 409, with that size.
    #[error("this witness has cosigned the log at size {0}")]
    OtherSize(u64),
    /// It has cosigned the same size with another root: two histories. 409, with the size.
    #[error("this witness has cosigned another root at size {0}: the log has two histories")]
    OtherRoot(u64),
    /// The proof does not show that the old tree is the beginning of the new: 422.
    #[error("the consistency proof does not hold")]
    Inconsistent(#[source] ProofError),
}

impl Refusal {
    /// The HTTP status that the specification gives it.
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::Backwards => 400,
            Self::OtherSize(_) | Self::OtherRoot(_) => 409,
            Self::Inconsistent(_) => 422,
        }
    }

    /// The size that a 409 gives back, so that the log may ask again from there.
    pub fn cosigned_size(&self) -> Option<u64> {
        match self {
            Self::OtherSize(size) | Self::OtherRoot(size) => Some(*size),
            _ => None,
        }
    }
}

/// Whether a witness that knows `logs` and has `cosigned` this size and root may cosign. Nothing was cosigned of a new
/// log: its size is 0, its root the empty tree's.
///
/// Whoever signs afterwards has made durable, before, that this is the position it cosigned last.
pub fn decide(logs: &[VerifierKey], cosigned: (u64, Hash), request: &Request) -> Result<(), Refusal> {
    let mut known = logs.iter().filter(|key| key.name() == request.checkpoint.origin).peekable();
    if known.peek().is_none() {
        return Err(Refusal::UnknownLog);
    }
    let checks: Vec<Checked> = known.map(|key| request.note.check(key)).collect();
    let good = checks.iter().any(|checked| matches!(checked, Checked::Good(_)));
    if !good || checks.contains(&Checked::Bad) || request.note.text() != request.checkpoint.text() {
        return Err(Refusal::Unsigned);
    }
    if request.old > request.checkpoint.size {
        return Err(Refusal::Backwards);
    }
    let (size, root) = cosigned;
    if request.old != size {
        return Err(Refusal::OtherSize(size));
    }
    if request.checkpoint.size == size && request.checkpoint.root != root {
        return Err(Refusal::OtherRoot(size));
    }
    verify_consistency(size, &root, request.checkpoint.size, &request.checkpoint.root, &request.proof)
        .map_err(Refusal::Inconsistent)
}

/// Why an answer is not the cosignature that was asked for.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AnswerError {
    /// No line of the witness's key is in it.
    #[error("the answer has no cosignature by the witness's key")]
    Absent,
    /// A line in the name of its key is not its signature over this checkpoint.
    #[error("the cosignature is false")]
    False,
    /// The time in the cosignature is not near this machine's.
    #[error("the cosignature's time is {0} s off this machine's clock")]
    Time(i64),
}

/// How far a witness's clock may be from ours, in seconds.
pub const MAX_OFF: i64 = 600;

/// A cosignature, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness says it saw the tree, in seconds since 1970.
    pub time_s: u64,
    /// The signature line with its line feed.
    pub line: String,
}

/// Finds the cosignature of `key` over `note` in what a witness answered at `now_s`. Lines of other keys are passed over:
/// a witness may give one for each kind of key it has.
pub fn read_answer(
    note: &Note,
    key: &VerifierKey,
    body: &[u8],
    now_s: i64,
) -> Result<Cosignature, AnswerError> {
    let text = std::str::from_utf8(body).map_err(|_| AnswerError::Absent)?;
    for line in text.split_inclusive('\n') {
        let alone = format!("{}\n{line}", note.text());
        let Ok(alone) = Note::parse(alone.as_bytes()) else { continue };
        match alone.check(key) {
            Checked::Absent | Checked::Good(None) => {}
            Checked::Bad => return Err(AnswerError::False),
            Checked::Good(Some(time_s)) => {
                let off = time_s.cast_signed().saturating_sub(now_s);
                if off.abs() > MAX_OFF {
                    return Err(AnswerError::Time(off));
                }
                return Ok(Cosignature { time_s, line: line.to_owned() });
            }
        }
    }
    Err(AnswerError::Absent)
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back alike.
pub fn fuzz_request(bytes: &[u8]) {
    if let Ok(request) = Request::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
        let _ = decide(&[], (0, crate::merkle::empty_root()), &request);
    }
}

#[cfg(test)]
mod tests {
    use plico_crypto::ed25519::SigningKey;

    use super::*;
    use crate::merkle::{Frontier, ProveError, consistency_proof, empty_root, leaf_hash};
    use crate::note::Algorithm;

    const ORIGIN: &str = "example.org/c_a001/1";

    fn leaves(count: u64, of: &str) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(format!("{of} {n}").as_bytes())).collect()
    }

    fn root(leaves: &[Hash]) -> Hash {
        let mut frontier = Frontier::new();
        for leaf in leaves {
            frontier.push(*leaf);
        }
        frontier.root()
    }

    fn request(leaves: &[Hash], old: u64, signer: &SigningKey, key: &VerifierKey) -> Request {
        let size = leaves.len() as u64;
        let mut node = |level: u8, index: u64| {
            let span = 1usize << level;
            let start = index as usize * span;
            Ok::<_, ProveError<std::convert::Infallible>>(root(
                &leaves[start..(start + span).min(leaves.len())],
            ))
        };
        let proof = consistency_proof(old, size, &mut node).unwrap_or_default();
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size, root: root(leaves) };
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(key, &signer.sign(note.text().as_bytes()));
        Request { old, proof, checkpoint, note }
    }

    #[test]
    fn each_refusal_has_its_status() {
        let signer = SigningKey::from_seed([1; 32]);
        let key = VerifierKey::new(ORIGIN, Algorithm::Ed25519, signer.public_key()).unwrap();
        let logs = [key.clone()];
        let (five, nine) = (leaves(5, "a"), leaves(9, "a"));
        let new = (0, empty_root());
        let at_five = (5, root(&five));
        let first = request(&five, 0, &signer, &key);
        assert_eq!(decide(&logs, new, &first), Ok(()));
        let next = request(&nine, 5, &signer, &key);
        assert_eq!(decide(&logs, at_five, &next), Ok(()));
        // Asked again, after an answer that got lost: the same again.
        assert_eq!(decide(&logs, at_five, &request(&five, 5, &signer, &key)), Ok(()));

        let status = |result: Result<(), Refusal>| result.map_err(|refusal| refusal.status());
        assert_eq!(status(decide(&[], new, &first)), Err(404));
        let thief = SigningKey::from_seed([2; 32]);
        assert_eq!(status(decide(&logs, new, &request(&five, 0, &thief, &key))), Err(403));
        assert_eq!(status(decide(&logs, at_five, &request(&five, 9, &signer, &key))), Err(400));
        let late = decide(&logs, at_five, &first).unwrap_err();
        assert_eq!((late.status(), late.cosigned_size()), (409, Some(5)));
        let fork = decide(&logs, at_five, &request(&leaves(5, "b"), 5, &signer, &key)).unwrap_err();
        assert_eq!((fork.status(), fork.cosigned_size()), (409, Some(5)));
        let grown = request(&leaves(9, "b"), 5, &signer, &key);
        assert_eq!(status(decide(&logs, at_five, &grown)), Err(422));
        let mut unproven = next;
        unproven.proof.clear();
        assert_eq!(status(decide(&logs, at_five, &unproven)), Err(422));
    }

    #[test]
    fn an_answer_is_the_witness_own_line_over_this_checkpoint() {
        use crate::note::cosigned_message;
        let signer = SigningKey::from_seed([1; 32]);
        let log = VerifierKey::new(ORIGIN, Algorithm::Ed25519, signer.public_key()).unwrap();
        let (note, other) = (
            request(&leaves(5, "a"), 0, &signer, &log).note,
            request(&leaves(6, "a"), 0, &signer, &log).note,
        );
        let witness = SigningKey::from_seed([2; 32]);
        let key = VerifierKey::new("w.example", Algorithm::Cosignature, witness.public_key()).unwrap();
        let thief = SigningKey::from_seed([3; 32]);
        let line = |by: &SigningKey, over: &Note, time: u64| {
            let mut alone = Note::new(over.text()).unwrap();
            alone.add_cosignature(&key, time, &by.sign(&cosigned_message(time, over.text())));
            alone.to_string()[over.text().len() + 1..].to_owned()
        };
        let good = line(&witness, &note, 1_000);
        let read = |body: &str| read_answer(&note, &key, body.as_bytes(), 1_000);
        assert_eq!(read(&good), Ok(Cosignature { time_s: 1_000, line: good.clone() }));
        let foreign = "\u{2014} another.example AAAAAAE=\n";
        assert_eq!(read(&format!("{foreign}{good}")).unwrap().line, good);
        for (body, error) in [
            (String::new(), AnswerError::Absent),
            ("<html>gateway</html>\n".to_owned(), AnswerError::Absent),
            (foreign.to_owned(), AnswerError::Absent),
            (good.trim_end().to_owned(), AnswerError::Absent),
            (line(&thief, &note, 1_000), AnswerError::False),
            (line(&witness, &other, 1_000), AnswerError::False),
            (line(&witness, &note, 10), AnswerError::Time(-990)),
            (line(&witness, &note, 5_000), AnswerError::Time(4_000)),
        ] {
            assert_eq!(read(&body), Err(error), "{body}");
        }
        assert_eq!(read_answer(&note, &key, &[0xff, b'\n'], 1_000), Err(AnswerError::Absent));
    }

    #[test]
    fn requests_are_written_as_they_are_read() {
        let signer = SigningKey::from_seed([1; 32]);
        let key = VerifierKey::new(ORIGIN, Algorithm::Ed25519, signer.public_key()).unwrap();
        for (size, old) in [(1, 0), (5, 5), (9, 5), (300, 256)] {
            let request = request(&leaves(size, "a"), old, &signer, &key);
            let text = request.to_string();
            assert_eq!(Request::parse(text.as_bytes()).unwrap(), request);
            fuzz_request(text.as_bytes());
            for cut in 0..text.len() {
                fuzz_request(&text.as_bytes()[..cut]);
            }
            for bad in ["old ", "old 05", "old -1", "new 5"] {
                let wrong = text.replacen(&format!("old {old}"), bad, 1);
                assert_eq!(Request::parse(wrong.as_bytes()), Err(RequestError::Line(1)));
            }
        }
        assert_eq!(Request::parse(&[0xff]), Err(RequestError::Text));
    }
}
