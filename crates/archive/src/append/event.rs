//! What an act hands over, and what projections see of it.

use plico_crypto::DataKey;
use plico_record::act::Act;
use plico_record::actor::Actor;
use plico_record::part::{ActorPart, DocumentEntry, DocumentsPart, LoginPart, Party, RegisterPart};

/// A document that an event commits to.
#[derive(Debug)]
pub struct NewDocument {
    /// What the `documents` part says of it; the salt is filled in here.
    pub entry: DocumentEntry,
    /// SHA-256 of what is stored.
    pub blob: [u8; 32],
    /// What opens it.
    pub key: DataKey,
    /// The ciphertext, when it is small enough to be a row; otherwise it is durable in the vault already.
    pub row: Option<Vec<u8>>,
}

/// An event to be.
#[derive(Debug)]
pub struct NewEvent {
    /// Administration; empty for the installation.
    pub administration: String,
    /// Identifier of the subject; its kind follows from the act.
    pub subject: String,
    /// What happened.
    pub act: Act,
    /// Who did it.
    pub actor: ActorPart,
    /// Evidence of identity.
    pub login: Option<LoginPart>,
    /// Persons concerned.
    pub parties: Vec<Party>,
    /// Documents, the primary one first.
    pub documents: Vec<NewDocument>,
    /// Documents that are there and that it is about as well: committed to, so that its receipt proves which they were.
    pub cites: Vec<DocumentEntry>,
    /// What the register keeps.
    pub register: Option<RegisterPart>,
    /// What only the office may see.
    pub internal: Option<serde_json::Value>,
    /// Persons who get a receipt (empty: everybody), with the message it is about (empty: none).
    pub receipts: Vec<(String, String)>,
}

impl NewEvent {
    /// An event of an actor on a subject.
    pub fn by(actor: &Actor, subject: impl Into<String>, act: impl Into<Act>) -> Self {
        Self {
            administration: actor.administration.clone(),
            subject: subject.into(),
            act: act.into(),
            actor: actor.part(),
            login: actor.login.clone(),
            parties: Vec::new(),
            documents: Vec::new(),
            cites: Vec::new(),
            register: None,
            internal: None,
            receipts: Vec::new(),
        }
    }
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRef {
    /// Log number in the database.
    pub log: i64,
    /// Index in the log.
    pub index: i64,
    /// Its instant (UTC milliseconds).
    pub instant_ms: i64,
}

/// An opened event, as projections see it.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands.
    pub at: EventRef,
    /// Administration; empty for the installation.
    pub administration: String,
    /// The subject's identifier.
    pub subject: String,
    /// What happened.
    pub act: Act,
    /// Who did it.
    pub actor: ActorPart,
    /// Persons concerned.
    pub parties: Vec<Party>,
    /// Documents.
    pub documents: Vec<DocumentEntry>,
    /// The register's part.
    pub register: Option<RegisterPart>,
    /// The internal part.
    pub internal: Option<serde_json::Value>,
}

/// The parts of an event, by name, each in its bytes.
pub(super) fn parts(
    act: &Act,
    actor: &ActorPart,
    login: Option<&LoginPart>,
    parties: &[Party],
    documents: &[DocumentEntry],
    register: Option<&RegisterPart>,
    internal: Option<&serde_json::Value>,
) -> Vec<(String, Vec<u8>)> {
    fn json(value: &impl serde::Serialize) -> Vec<u8> {
        serde_json::to_vec(value).expect("plain structures of text and numbers always serialize")
    }
    let mut parts = vec![("act".to_string(), act.to_bytes()), ("actor".to_string(), json(actor))];
    parts.extend(login.map(|login| ("login".to_string(), json(login))));
    parts.extend(parties.iter().enumerate().map(|(n, party)| (format!("party.{n}"), json(party))));
    if !documents.is_empty() {
        parts.push(("documents".into(), json(&DocumentsPart { v: 1, documents: documents.to_vec() })));
    }
    parts.extend(register.map(|register| ("register".to_string(), json(register))));
    parts.extend(internal.map(|internal| ("internal".to_string(), json(internal))));
    parts
}
