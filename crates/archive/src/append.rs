//! An event becomes a leaf: its parts are sealed, committed to, and everything that follows from it is written in
//! the same transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::{DataKey, stream};
use plico_database::{Tx, args};
use plico_journal::leaf::{Leaf, document_commitment, part_commitment};
use plico_record::act::Act;
use plico_record::actor::Actor;
use plico_record::event::{Kind, SubjectKind};
use plico_record::id::PublicId;
use plico_record::part::{ActorPart, DocumentEntry, DocumentsPart, LoginPart, Party, RegisterPart};

use crate::error::ArchiveError;
use crate::{Core, project};

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
    /// What the register keeps.
    pub register: Option<RegisterPart>,
    /// What only the office may see.
    pub internal: Option<serde_json::Value>,
    /// Persons who get a receipt, with the message it is about.
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

/// A transaction of the writer, in which an act reads, decides and appends.
pub struct Work {
    /// The transaction.
    pub tx: Tx,
    core: Arc<Core>,
    now_ms: i64,
    moved: bool,
    jobs: bool,
}

const ADVANCE: &str = "update log set size = size + 1, last_ms = max(last_ms, $2) where id = (
    select id from log where administration = $1 order by successor desc limit 1)
    returning id, size - 1, last_ms, origin, successor, read_only";
const SUBJECT: &str = "select log_id, last_idx from subject where log = $1 and kind = $2 and id = $3";
const NEW_SUBJECT: &str = "insert into subject (log, log_id, kind, id, last_idx) values ($1, $2, $3, $4, $5)";
const MOVE_SUBJECT: &str = "update subject set last_idx = $3 where log = $1 and log_id = $2";
const INSERT_EVENT: &str =
    "insert into event (log, idx, leaf, kind, subject, instant_ms) values ($1, $2, $3, $4, $5, $6)";
const INSERT_PART: &str = "insert into part (log, idx, name, sealed) values ($1, $2, $3, $4)";
const INSERT_GRANT: &str = "insert into access_grant (thing, holder, administration, epoch, wrapped, blob)
    values ($1, $2, $3, $4, $5, $6)";
const INSERT_BLOB: &str = "insert into blob (digest, bytes) values ($1, $2) on conflict (digest) do nothing";
const INSERT_JOB: &str =
    "insert into job (id, kind, unique_key, administration, payload, state, run_ms, created_ms)
    values ($1, $2, $3, $4, $5, 'waiting', $6, $7) on conflict (unique_key) do nothing";

/// The name of a kind of subject in the database.
pub(crate) fn subject_code(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Message => "message",
        SubjectKind::Delivery => "delivery",
        SubjectKind::Document => "document",
        SubjectKind::Register => "register",
        SubjectKind::CaseFile => "case_file",
        SubjectKind::Delegation => "delegation",
        SubjectKind::Account => "account",
        SubjectKind::Installation => "installation",
    }
}

impl Work {
    pub(crate) fn new(core: Arc<Core>, tx: Tx) -> Self {
        let now_ms = core.clock.now_ms();
        Self { tx, core, now_ms, moved: false, jobs: false }
    }

    pub(crate) fn mark(&self) -> (bool, bool) {
        (self.moved, self.jobs)
    }

    pub(crate) fn reset(&mut self, (moved, jobs): (bool, bool)) {
        self.moved = moved;
        self.jobs = jobs;
    }

    pub(crate) fn end(self) -> (Tx, bool, bool) {
        (self.tx, self.moved, self.jobs)
    }

    /// The instant of this transaction (UTC milliseconds), before a log's own rule that instants never decrease.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// A fresh public identifier.
    pub fn new_id(&self) -> String {
        PublicId::new(self.now_ms, self.core.entropy.bytes()).to_string()
    }

    /// Wraps a small secret of an administration for the purpose `aad`; answers the epoch and the bytes.
    pub fn wrap(
        &self,
        administration: &str,
        aad: &str,
        secret: &[u8],
    ) -> Result<(u32, Vec<u8>), ArchiveError> {
        self.core.wrap(administration, aad, secret)
    }

    /// Enqueues a job in this transaction. `key` makes it unique: a second one with the same key is the same job.
    pub async fn enqueue(
        &mut self,
        kind: &str,
        key: &str,
        administration: &str,
        payload: &serde_json::Value,
    ) -> Result<(), ArchiveError> {
        let (id, now) = (self.new_id(), self.now_ms);
        self.tx
            .execute(INSERT_JOB, args![id, kind, key, administration, payload.to_string(), now, now])
            .await?;
        self.jobs = true;
        Ok(())
    }

    /// Inserts a small ciphertext; the same bytes twice are one row.
    pub async fn insert_blob(&mut self, digest: &[u8; 32], bytes: &[u8]) -> Result<(), ArchiveError> {
        self.tx.execute(INSERT_BLOB, args![digest, bytes]).await?;
        Ok(())
    }

    /// Appends an event and everything that follows from it.
    pub async fn append(&mut self, event: NewEvent) -> Result<EventRef, ArchiveError> {
        let kind = event.act.kind();
        let head: Option<(i64, i64, i64, String, i64, i64)> =
            self.tx.optional(ADVANCE, args![&event.administration, self.now_ms]).await?;
        let (log, index, instant_ms, origin, successor, read_only) = head.ok_or_else(|| {
            ArchiveError::Corrupt(format!("no log for administration {:?}", event.administration))
        })?;
        if read_only != 0 {
            return Err(ArchiveError::ReadOnly);
        }
        let at = EventRef { log, index, instant_ms };
        let (subject, previous) = self.subject(at, kind, &event.subject).await?;
        let mut documents = Vec::with_capacity(event.documents.len());
        let mut commitments = Vec::with_capacity(event.documents.len());
        for mut document in event.documents {
            let salt: [u8; 32] = self.core.entropy.bytes();
            let digest = hex32(&document.entry.sha256)?;
            commitments.push(document_commitment(&salt, &digest));
            document.entry.salt = BASE64.encode(salt);
            if let Some(row) = &document.row {
                self.insert_blob(&document.blob, row).await?;
            }
            let thing = format!("document:{}", document.entry.id);
            self.grant(&event.administration, &thing, document.key.expose(), Some(&document.blob)).await?;
            documents.push(document.entry);
        }
        let parts = parts(
            &event.act,
            &event.actor,
            event.login.as_ref(),
            &event.parties,
            &documents,
            event.register.as_ref(),
            event.internal.as_ref(),
        );
        let mut sealed = Vec::with_capacity(parts.len());
        let mut leaf_parts = BTreeMap::new();
        for (name, bytes) in parts {
            let salt: [u8; 32] = self.core.entropy.bytes();
            let key = DataKey::new(self.core.entropy.bytes());
            leaf_parts.insert(name.clone(), part_commitment(&salt, &bytes));
            let mut secret = key.expose().to_vec();
            secret.extend_from_slice(&salt);
            sealed.push((
                name,
                stream::seal(&key, self.core.entropy.bytes(), &bytes)?,
                zeroize::Zeroizing::new(secret),
            ));
        }
        let leaf = Leaf {
            origin,
            index: index.cast_unsigned(),
            instant_ms,
            kind: kind.name().into(),
            subject,
            previous: previous.map(|idx| (successor as u32, idx.cast_unsigned())),
            parts: leaf_parts,
            documents: commitments,
        };
        self.tx
            .execute(INSERT_EVENT, args![log, index, leaf.to_bytes()?, kind.name(), subject, instant_ms])
            .await?;
        for (name, ciphertext, secret) in sealed {
            self.tx.execute(INSERT_PART, args![log, index, &name, ciphertext]).await?;
            self.grant(&event.administration, &format!("part:{log}/{index}/{name}"), &secret, None).await?;
        }
        self.moved = true;
        let entry = Entry {
            at,
            administration: event.administration.clone(),
            subject: event.subject,
            act: event.act,
            actor: event.actor,
            parties: event.parties,
            documents,
            register: event.register,
            internal: event.internal,
        };
        project::apply(&mut self.tx, &entry).await?;
        if let Some(receipt) = kind.receipt() {
            for (holder, message) in event.receipts {
                let payload = serde_json::json!({"v": 1, "log": log, "index": index, "kind": receipt.code(),
                    "holder": holder, "message": message});
                let key = format!("receipt/{log}/{index}/{holder}");
                self.enqueue("receipt", &key, &event.administration, &payload).await?;
            }
        }
        Ok(at)
    }

    async fn subject(
        &mut self,
        at: EventRef,
        kind: Kind,
        id: &str,
    ) -> Result<([u8; 16], Option<i64>), ArchiveError> {
        let code = subject_code(kind.subject());
        let known: Option<(Vec<u8>, Option<i64>)> =
            self.tx.optional(SUBJECT, args![at.log, code, id]).await?;
        if let Some((log_id, last)) = known {
            let log_id: [u8; 16] =
                log_id.try_into().map_err(|_| ArchiveError::Corrupt(format!("log id of {code} {id}")))?;
            self.tx.execute(MOVE_SUBJECT, args![at.log, log_id, at.index]).await?;
            return Ok((log_id, last));
        }
        let log_id: [u8; 16] = self.core.entropy.bytes();
        self.tx.execute(NEW_SUBJECT, args![at.log, log_id, code, id, at.index]).await?;
        Ok((log_id, None))
    }

    async fn grant(
        &mut self,
        administration: &str,
        thing: &str,
        secret: &[u8],
        blob: Option<&[u8; 32]>,
    ) -> Result<(), ArchiveError> {
        let (epoch, wrapped) = self.core.wrap(administration, thing, secret)?;
        self.tx.execute(INSERT_GRANT, args![thing, "body", administration, epoch, wrapped, blob]).await?;
        Ok(())
    }
}

impl Core {
    pub(crate) fn wrap(
        &self,
        administration: &str,
        aad: &str,
        secret: &[u8],
    ) -> Result<(u32, Vec<u8>), ArchiveError> {
        let epoch = self.keys.current_epoch(administration)?;
        let wrapped = self.keys.wrap(
            administration,
            epoch,
            &mut |buffer| self.entropy.fill(buffer),
            aad.as_bytes(),
            secret,
        )?;
        Ok((epoch, wrapped))
    }
}

/// SHA-256 in hexadecimal as bytes.
pub(crate) fn hex32(text: &str) -> Result<[u8; 32], ArchiveError> {
    let damaged = || ArchiveError::Corrupt(format!("not a digest: {text:?}"));
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(damaged());
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| damaged())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| damaged())?;
    }
    Ok(out)
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parts(
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
