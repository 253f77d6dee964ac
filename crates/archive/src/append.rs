//! An event becomes a leaf: its parts are sealed, committed to, and everything that follows from it is written in
//! the same transaction.

mod event;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::keyholder::KeyHolder as _;
use plico_crypto::{DataKey, stream};
use plico_database::{Arg, Tx, args};
use plico_journal::leaf::{Leaf, document_commitment, part_commitment};
use plico_record::event::SubjectKind;
use plico_record::id::PublicId;

pub use event::{Entry, EventRef, NewDocument, NewEvent};

use crate::error::ArchiveError;
use crate::hex::hex32;
use crate::read::receipt::{ITALIAN, Order};
use crate::step::{Reach, Step};
use crate::{Core, epoch, project};

/// A transaction of the writer, in which an act reads, decides and appends.
pub struct Work {
    /// The transaction.
    pub tx: Tx,
    core: Arc<Core>,
    step: Step,
    now_ms: i64,
    moved: bool,
    jobs: bool,
    /// Administrations whose newest epoch is at hand.
    renewed: HashSet<String>,
}

/// What a subject is called in leaves.
type LogId = [u8; 16];

/// The newest log of an administration, and where the history of a subject stands, in it or in one that it succeeds.
const HEAD: &str = "select l.id, l.size, l.last_ms, l.origin, l.read_only, l.believed_ms, s.log, s.successor, s.log_id,
    s.last_idx from log l left join (
        select subject.log, k.successor, subject.log_id, subject.last_idx from subject join log k on k.id = subject.log
        where k.administration = $1 and subject.kind = $2 and subject.id = $3
        order by k.successor desc limit 1) s on true
    where l.administration = $1 order by l.successor desc limit 1";
const ADVANCE: &str = "update log set size = $2, last_ms = $3 where id = $1";
const NEW_SUBJECT: &str = "insert into subject (log, log_id, kind, id, last_idx) values ($1, $2, $3, $4, $5)";
const MOVE_SUBJECT: &str = "update subject set last_idx = $3 where log = $1 and log_id = $2";
const INSERT_EVENT: &str =
    "insert into event (log, idx, leaf, kind, subject, instant_ms) values ($1, $2, $3, $4, $5, $6)";
/// Rows of one statement: an event has about as many parts.
const TOGETHER: usize = 8;
static INSERT_PARTS: LazyLock<Vec<String>> = LazyLock::new(|| inserts("part (log, idx, name, sealed)", 4));
static INSERT_GRANTS: LazyLock<Vec<String>> =
    LazyLock::new(|| inserts("access_grant (thing, holder, administration, epoch, wrapped, blob)", 6));
const INSERT_BLOB: &str = "insert into blob (digest, bytes) values ($1, $2) on conflict (digest) do nothing";
const INSERT_JOB: &str =
    "insert into job (id, kind, unique_key, administration, payload, state, run_ms, created_ms)
    values ($1, $2, $3, $4, $5, 'waiting', $6, $7) on conflict (unique_key) do nothing";

#[derive(plico_database::Record)]
struct Head {
    id: i64,
    size: i64,
    last_ms: i64,
    origin: String,
    read_only: bool,
    believed_ms: i64,
    /// Where the subject's newest event is; `None` before its first.
    log: Option<i64>,
    successor: Option<i64>,
    log_id: Option<Vec<u8>>,
    last_idx: Option<i64>,
}

/// The statements that insert one to [`TOGETHER`] rows of so many columns.
fn inserts(table: &str, columns: usize) -> Vec<String> {
    let row = |n: usize| {
        let cells: Vec<String> = (1..=columns).map(|column| format!("${}", n * columns + column)).collect();
        format!("({})", cells.join(", "))
    };
    let all = |rows: usize| (0..rows).map(row).collect::<Vec<_>>().join(", ");
    (1..=TOGETHER).map(|rows| ["insert into", table, "values", &all(rows)].join(" ")).collect()
}

/// Inserts rows, as few statements as they take.
fn insert(tx: &mut Tx, statements: &'static [String], mut rows: Vec<Vec<Arg>>) -> Result<(), ArchiveError> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(TOGETHER));
        tx.write(&statements[rows.len() - 1], rows.into_iter().flatten().collect())?;
        rows = rest;
    }
    Ok(())
}

/// The name of a kind of subject in the database.
pub(crate) fn subject_code(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Message => "message",
        SubjectKind::Delivery => "delivery",
        SubjectKind::Document => "document",
        SubjectKind::Register => "register",
        SubjectKind::CaseFile => "case_file",
        SubjectKind::Card => "card",
        SubjectKind::Delegation => "delegation",
        SubjectKind::Destruction => "destruction",
        SubjectKind::Account => "account",
        SubjectKind::Installation => "installation",
    }
}

impl Work {
    pub(crate) fn new(core: Arc<Core>, tx: Tx) -> Self {
        let now_ms = core.clock.now_ms();
        let step = core.watch.look(now_ms, core.clock.boot_ms());
        Self { tx, core, step, now_ms, moved: false, jobs: false, renewed: HashSet::new() }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn step(&self) -> &Step {
        &self.step
    }

    pub(crate) fn step_mut(&mut self) -> &mut Step {
        &mut self.step
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

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        self.core.entropy.bytes()
    }

    /// A fresh public identifier.
    pub fn new_id(&self) -> String {
        PublicId::new(self.now_ms, self.core.entropy.bytes()).to_string()
    }

    /// Wraps a small secret of an administration for the purpose `aad`; answers the epoch and the bytes.
    pub(crate) async fn wrap(
        &mut self,
        administration: &str,
        aad: &str,
        secret: &[u8],
    ) -> Result<(u32, Vec<u8>), ArchiveError> {
        // Nobody else writes meanwhile: once asked, it holds for the transaction.
        if !self.renewed.contains(administration) {
            let current = epoch::current(&mut self.tx, administration).await?;
            if self.core.keys.current_epoch(administration)? < current {
                self.core.keys.reload().await?;
            }
            self.renewed.insert(administration.to_owned());
        }
        self.core.wrap(administration, aad, secret)
    }

    /// Enqueues a job in this transaction. `key` makes it unique: a second one with the same key is the same job.
    pub fn enqueue(
        &mut self,
        kind: &str,
        key: &str,
        administration: &str,
        payload: &serde_json::Value,
    ) -> Result<(), ArchiveError> {
        let (id, now) = (self.new_id(), self.now_ms);
        self.tx.write(INSERT_JOB, args![id, kind, key, administration, payload.to_string(), now, now])?;
        self.jobs = true;
        Ok(())
    }

    /// Orders a receipt: once for each event, holder and language.
    pub fn order_receipt(&mut self, administration: &str, order: &Order) -> Result<(), ArchiveError> {
        let Order { log, index, holder, language, .. } = order;
        let mut key = format!("receipt/{log}/{index}/{holder}");
        if language != ITALIAN {
            key = format!("{key}/{language}");
        }
        let payload =
            serde_json::to_value(order).map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
        self.enqueue("receipt", &key, administration, &payload)
    }

    /// Inserts a small ciphertext; the same bytes twice are one row.
    pub fn insert_blob(&mut self, digest: &[u8; 32], bytes: &[u8]) -> Result<(), ArchiveError> {
        self.tx.write(INSERT_BLOB, args![digest, bytes])?;
        Ok(())
    }

    /// Appends an event and everything that follows from it.
    pub async fn append(&mut self, event: NewEvent) -> Result<EventRef, ArchiveError> {
        let kind = event.act.kind();
        let subject_kind = subject_code(kind.subject());
        let asked = args![&event.administration, subject_kind, &event.subject];
        let head: Option<Head> = self.tx.optional(HEAD, asked).await?;
        let head = head.ok_or_else(|| {
            ArchiveError::Corrupt(format!("no log for administration {:?}", event.administration))
        })?;
        if head.read_only {
            return Err(ArchiveError::ReadOnly);
        }
        let (log, index, instant_ms) = (head.id, head.size, head.last_ms.max(self.now_ms));
        self.step.check(&self.core.watch, &Reach { last_ms: instant_ms, believed_ms: head.believed_ms })?;
        self.tx.write(ADVANCE, args![log, index + 1, instant_ms])?;
        let at = EventRef { log, index, instant_ms };
        let (subject, previous) = self.subject(at, &head, subject_kind, &event.subject)?;
        let origin = head.origin;
        let mut grants = Vec::new();
        let mut documents = Vec::with_capacity(event.documents.len());
        let mut commitments = Vec::with_capacity(event.documents.len());
        for document in event.documents {
            if let Some(row) = &document.row {
                self.insert_blob(&document.blob, row)?;
            }
            let thing = format!("document:{}", document.entry.id);
            let key = document.key.expose();
            grants.push(self.grant(&event.administration, thing, key, Some(&document.blob)).await?);
            documents.push(document.entry);
        }
        documents.extend(event.cites);
        for document in &mut documents {
            let salt: [u8; 32] = self.core.entropy.bytes();
            commitments.push(document_commitment(&salt, &hex32(&document.sha256)?));
            document.salt = BASE64.encode(salt);
        }
        let parts = event::parts(
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
            previous,
            parts: leaf_parts,
            documents: commitments,
        };
        self.tx.write(INSERT_EVENT, args![log, index, leaf.to_bytes()?, kind.name(), subject, instant_ms])?;
        let mut parts = Vec::with_capacity(sealed.len());
        for (name, ciphertext, secret) in sealed {
            let thing = format!("part:{log}/{index}/{name}");
            grants.push(self.grant(&event.administration, thing, &secret, None).await?);
            parts.push(args![log, index, name, ciphertext]);
        }
        insert(&mut self.tx, &INSERT_PARTS, parts)?;
        insert(&mut self.tx, &INSERT_GRANTS, grants)?;
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
                let (kind, language) = (receipt.code().into(), ITALIAN.into());
                let order = Order { log, index, kind, holder, message, language };
                self.order_receipt(&event.administration, &order)?;
            }
        }
        Ok(at)
    }

    /// The subject's log id and its latest event: a successor log goes on with the history of the one before it.
    fn subject(
        &mut self,
        at: EventRef,
        head: &Head,
        kind: &str,
        id: &str,
    ) -> Result<(LogId, Option<(u32, u64)>), ArchiveError> {
        let (Some(log), Some(successor), Some(log_id)) = (head.log, head.successor, &head.log_id) else {
            let log_id: [u8; 16] = self.core.entropy.bytes();
            self.tx.write(NEW_SUBJECT, args![at.log, log_id, kind, id, at.index])?;
            return Ok((log_id, None));
        };
        let log_id: [u8; 16] = log_id
            .as_slice()
            .try_into()
            .map_err(|_| ArchiveError::Corrupt(format!("log id of {kind} {id}")))?;
        if log == at.log {
            self.tx.write(MOVE_SUBJECT, args![log, log_id, at.index])?;
        } else {
            self.tx.write(NEW_SUBJECT, args![at.log, log_id, kind, id, at.index])?;
        }
        Ok((log_id, head.last_idx.map(|index| (successor as u32, index.cast_unsigned()))))
    }

    /// The row of a grant.
    async fn grant(
        &mut self,
        administration: &str,
        thing: String,
        secret: &[u8],
        blob: Option<&[u8; 32]>,
    ) -> Result<Vec<Arg>, ArchiveError> {
        let (epoch, wrapped) = self.wrap(administration, &thing, secret).await?;
        Ok(args![thing, "body", administration, epoch, wrapped, blob])
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
