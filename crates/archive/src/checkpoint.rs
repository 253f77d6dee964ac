//! Tiles and signed checkpoints, within a second of the act: a follower of every log.

use plico_crypto::keyholder::KeyHolder as _;
use plico_database::args;
use plico_journal::Checkpoint;
use plico_journal::merkle::{Hash, leaf_hash, verify_consistency};
use plico_journal::note::{Algorithm, VerifierKey};
use plico_vault::Access;
use plico_vault::signer::{Position, SignerError};

use crate::error::ArchiveError;
use crate::lead::LOOK;
use crate::setup::signer_error;
use crate::{Archive, tree};

/// As many leaves as one checkpoint takes at most: bounds memory when a follower is far behind.
const STRIDE: i64 = 65_536;
/// How often a follower looks for what another process appended.
pub(crate) const BESIDE: std::time::Duration = std::time::Duration::from_secs(3);

/// A log with how far it is signed.
#[derive(Debug, Clone, plico_database::Record)]
pub struct LogRow {
    /// Number in the database.
    pub id: i64,
    /// Administration; empty for the installation.
    pub administration: String,
    /// Origin.
    pub origin: String,
    /// Counts successors from 1.
    pub successor: i64,
    /// A successor goes on in its place: it is read, and never signed again.
    pub closed: bool,
    /// Events.
    pub size: i64,
    /// Instant of the last event (UTC milliseconds).
    pub last_ms: i64,
    /// Continuity is not shown.
    pub read_only: bool,
    /// Leaves under the last checkpoint.
    pub signed: i64,
}

/// A signed checkpoint.
#[derive(Debug, Clone, plico_database::Record)]
pub struct CheckpointRow {
    /// Leaves.
    pub size: i64,
    /// Root.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
    /// When it was signed (UTC milliseconds).
    pub instant_ms: i64,
}

const LOGS: &str = "select l.id, l.administration, l.origin, l.successor, l.size, l.last_ms, l.read_only,
    exists (select 1 from log n where n.administration = l.administration and n.successor > l.successor) as closed,
    coalesce((select max(c.size) from checkpoint c where c.log = l.id), 0) as signed from log l order by l.id";
pub(crate) const LEAVES: &str =
    "select leaf from event where log = $1 and idx >= $2 and idx < $3 order by idx";
const INSERT: &str = "insert into checkpoint (log, size, root, note, instant_ms) values ($1, $2, $3, $4, $5)
    on conflict (log, size) do nothing";
const COVERING: &str = "select size, root, note, instant_ms from checkpoint where log = $1 and size > $2
    order by size limit 1";
const BEFORE: &str = "select size, root, note, instant_ms from checkpoint where log = $1 and size <= $2
    order by size desc limit 1";
const LATEST: &str =
    "select size, root, note, instant_ms from checkpoint where log = $1 order by size desc limit 1";
const READ_ONLY: &str = "update log set read_only = true where id = $1";

/// What the tiles say; none when they are not what they should be. A disk that cannot be read now says nothing of the log,
/// which must not become read-only for it.
fn readable<T>(read: Result<T, ArchiveError>) -> Result<Option<T>, ArchiveError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(ArchiveError::Corrupt(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Archive {
    /// Every log with how far it is signed.
    pub async fn logs(&self) -> Result<Vec<LogRow>, ArchiveError> {
        Ok(self.database().all(LOGS, args![]).await?)
    }

    /// The first checkpoint that covers an event.
    pub async fn checkpoint_covering(
        &self,
        log: i64,
        index: i64,
    ) -> Result<Option<CheckpointRow>, ArchiveError> {
        Ok(self.database().optional(COVERING, args![log, index]).await?)
    }

    /// The last checkpoint that does not cover an event yet: the lower bound of its time.
    pub async fn checkpoint_before(
        &self,
        log: i64,
        index: i64,
    ) -> Result<Option<CheckpointRow>, ArchiveError> {
        Ok(self.database().optional(BEFORE, args![log, index]).await?)
    }

    /// The last checkpoint.
    pub async fn last_checkpoint(&self, log: i64) -> Result<Option<CheckpointRow>, ArchiveError> {
        Ok(self.database().optional(LATEST, args![log]).await?)
    }

    /// Signs what has grown since; answers whether anything had.
    pub async fn sign_checkpoints(&self) -> Result<bool, ArchiveError> {
        let mut moved = false;
        for log in self.logs().await? {
            if log.signed < log.size && !log.read_only && !log.closed {
                self.sign_one(&log).await?;
                moved = true;
            }
        }
        if moved {
            self.core().checkpointed.send_modify(|n| *n += 1);
        }
        Ok(moved)
    }

    async fn sign_one(&self, log: &LogRow) -> Result<(), ArchiveError> {
        let size = log.size.min(log.signed + STRIDE);
        let first = log.signed / 256 * 256;
        let leaves: Vec<(Vec<u8>,)> = self.database().all(LEAVES, args![log.id, first, size]).await?;
        let hashes: Vec<Hash> = leaves.iter().map(|(leaf,)| leaf_hash(leaf)).collect();
        if hashes.len() as i64 != size - first {
            return Err(ArchiveError::Corrupt(format!("events are missing in log {}", log.origin)));
        }
        let (from, to) = (log.signed.cast_unsigned(), size.cast_unsigned());
        tree::grow(self.vault(), log.id, from, first.cast_unsigned(), &hashes).await?;
        let root = tree::root(self.vault(), log.id, to).await?;
        self.record_before_signing(log, Position { size: to, root }).await?;
        let checkpoint = Checkpoint { origin: log.origin.clone(), size: to, root };
        let vkey = self.verifier_key(&log.origin)?;
        let keys = self.core().keys.clone();
        let origin = log.origin.clone();
        let mut note = checkpoint.to_note().map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
        let signature = keys.sign(&origin, note.text().as_bytes())?;
        note.add_signature(&vkey, &signature);
        let (text, now) = (note.to_string(), self.now_ms());
        let path = format!("log/{}/checkpoint", log.id);
        self.vault().put_file(&path, text.clone().into_bytes(), Access::Group).await?;
        // If we crash here the same position is signed again: the signer accepts it.
        self.database().execute(INSERT, args![log.id, size, root, text, now]).await?;
        tree::forget(self.vault(), log.id, from, to).await
    }

    /// The signer's own state moves, durably, before anything is signed; it refuses what is not an extension.
    async fn record_before_signing(&self, log: &LogRow, next: Position) -> Result<(), ArchiveError> {
        let mut guard = self.core().signer.lock().await;
        let none = || ArchiveError::Setup("this process does not sign".into());
        let signed = guard.as_ref().ok_or_else(none)?.position(&log.origin);
        let extends = match signed {
            Some(signed) if signed.size > 0 && signed.size < next.size => {
                let proof = tree::consistency(self.vault(), log.id, signed.size, next.size).await;
                readable(proof)?.is_some_and(|proof| {
                    verify_consistency(signed.size, &signed.root, next.size, &next.root, &proof).is_ok()
                })
            }
            Some(signed) => signed.size == 0,
            None => false,
        };
        let mut signer = guard.take().ok_or_else(none)?;
        let origin = log.origin.clone();
        let (signer, recorded) = tokio::task::spawn_blocking(move || {
            let recorded = signer.record(&origin, next, |_, _| extends);
            (signer, recorded)
        })
        .await
        .map_err(|error| ArchiveError::Corrupt(format!("the signer's thread ended: {error}")))?;
        *guard = Some(signer);
        drop(guard);
        // What cannot be written down now says nothing of the log.
        if let Err(SignerError::Vault(error)) = recorded {
            return Err(error.into());
        }
        if let Err(error) = recorded {
            self.database().execute(READ_ONLY, args![log.id]).await?;
            tracing::error!(log = %log.origin, error = %error, "the log is not the one that was signed: read-only");
            return Err(signer_error(error));
        }
        Ok(())
    }

    /// Compares what the signer remembers with what the database holds; a log that is behind or other than what was
    /// signed becomes read-only. Answers the origins that did.
    pub async fn check_continuity(&self) -> Result<Vec<String>, ArchiveError> {
        let mut broken = Vec::new();
        for log in self.logs().await?.into_iter().filter(|log| !log.closed) {
            let signed = {
                let guard = self.core().signer.lock().await;
                guard.as_ref().and_then(|signer| signer.position(&log.origin))
            };
            let continues = match signed {
                None => false,
                Some(signed) if signed.size > log.size.cast_unsigned() => false,
                Some(signed) if signed.size > log.signed.cast_unsigned() || signed.size == 0 => true,
                Some(signed) => {
                    let root = tree::root(self.vault(), log.id, signed.size).await;
                    readable(root)?.is_some_and(|root| root == signed.root)
                }
            };
            if !continues {
                self.database().execute(READ_ONLY, args![log.id]).await?;
            }
            if !continues || log.read_only {
                broken.push(log.origin);
            }
        }
        Ok(broken)
    }

    /// The key with which checkpoints of a log are verified.
    pub fn verifier_key(&self, origin: &str) -> Result<VerifierKey, ArchiveError> {
        let key = self.core().keys.log_key(origin)?;
        VerifierKey::new(origin, Algorithm::Ed25519, key).map_err(|e| ArchiveError::Setup(e.to_string()))
    }

    /// Signs checkpoints as the logs grow, until the archive is closed.
    pub async fn follow_with_checkpoints(&self) {
        let mut committed = self.committed();
        loop {
            match self.lead().await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
                Err(error) => {
                    tracing::error!(error = %error, "the signer's state cannot be taken over");
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            }
            committed.mark_unchanged();
            match self.sign_checkpoints().await {
                Ok(true) => {}
                Ok(false) => {
                    // Another process may have appended beside this one: look now and then without being woken.
                    if matches!(tokio::time::timeout(BESIDE, committed.changed()).await, Ok(Err(_))) {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(error = %error, "no checkpoint could be signed");
                    if self.is_stopped() {
                        return;
                    }
                    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
                }
            }
            // A checkpoint a fifth of a second covers whatever came meanwhile.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}
