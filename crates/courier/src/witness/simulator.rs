//! A witness as a pure state machine: a request in, an answer out. It cosigns as the specification says, and misbehaves
//! on demand.

use std::collections::HashMap;

use plico_crypto::ed25519::SigningKey;
use plico_journal::merkle::{Hash, empty_root};
use plico_journal::note::{Algorithm, Note, VerifierKey, cosigned_message};
use plico_journal::witness::{Request, decide};

/// How it misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answers this status, media type and text instead.
    Say(u16, &'static str, String),
    /// It signs with another key than the one it is known by.
    OtherKey,
    /// It signs another tree than the one it was shown.
    OtherTree,
    /// It dates its cosignature so many seconds off.
    Off(i64),
    /// It closes without an answer.
    HangUp,
    /// It never answers.
    Stall,
    /// It never stops answering.
    Endless,
}

/// What it does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It answers with a status, a media type and a body.
    Answer(u16, &'static str, Vec<u8>),
    /// It closes without a word.
    HangUp,
    /// It keeps the connection and never speaks.
    Stall,
    /// It speaks for ever.
    Endless,
}

/// The witness.
pub struct Witness {
    key: VerifierKey,
    signing: SigningKey,
    /// The logs that it watches.
    pub logs: Vec<VerifierKey>,
    /// Size and root that it cosigned last, by origin.
    pub cosigned: HashMap<String, (u64, Hash)>,
    /// What it does wrong, until told otherwise.
    pub fault: Option<Fault>,
    /// How often it was asked.
    pub asked: usize,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("key", &self.key.name()).finish_non_exhaustive()
    }
}

impl Witness {
    /// A witness of this name (which must be one) with a key from `seed`.
    ///
    /// # Panics
    /// When the name cannot be signed with.
    pub fn new(name: &str, seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_seed(seed);
        let key = VerifierKey::new(name, Algorithm::Cosignature, signing.public_key());
        let key = key.expect("a witness's name has no space and no +");
        Self { key, signing, logs: Vec::new(), cosigned: HashMap::new(), fault: None, asked: 0 }
    }

    /// What a policy names it by.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.key
    }

    /// `POST /add-checkpoint` at `now_s`, seconds since 1970.
    pub fn add_checkpoint(&mut self, body: &[u8], now_s: i64) -> Reply {
        self.asked += 1;
        match &self.fault {
            Some(Fault::HangUp) => return Reply::HangUp,
            Some(Fault::Stall) => return Reply::Stall,
            Some(Fault::Endless) => return Reply::Endless,
            Some(Fault::Say(status, kind, text)) => {
                return Reply::Answer(*status, kind, text.clone().into_bytes());
            }
            _ => {}
        }
        let say = |status, text: String| Reply::Answer(status, "text/plain", text.into_bytes());
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(error) => return say(400, format!("{error}\n")),
        };
        let origin = request.checkpoint.origin.clone();
        let known = self.cosigned.get(&origin).copied().unwrap_or((0, empty_root()));
        if let Err(refusal) = decide(&self.logs, known, &request) {
            return match refusal.cosigned_size() {
                Some(size) => Reply::Answer(409, "text/x.tlog.size", format!("{size}\n").into_bytes()),
                None => say(refusal.status(), format!("{refusal}\n")),
            };
        }
        self.cosigned.insert(origin, (request.checkpoint.size, request.checkpoint.root));
        say(200, self.line(&request.note, now_s))
    }

    fn line(&self, note: &Note, now_s: i64) -> String {
        let off = if let Some(Fault::Off(seconds)) = self.fault { seconds } else { 0 };
        let time = u64::try_from(now_s + off).unwrap_or_default();
        let tree = if self.fault == Some(Fault::OtherTree) { "another tree\n" } else { note.text() };
        let other = SigningKey::from_seed([0xee; 32]);
        let signing = if self.fault == Some(Fault::OtherKey) { &other } else { &self.signing };
        let Ok(mut alone) = Note::new(note.text()) else { return String::new() };
        alone.add_cosignature(&self.key, time, &signing.sign(&cosigned_message(time, tree)));
        alone.to_string()[note.text().len() + 1..].to_owned()
    }
}
