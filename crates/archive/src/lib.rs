#![doc = include_str!("../README.md")]

mod append;
pub mod backup;
pub mod checkpoint;
pub mod clock;
mod close;
pub mod content;
mod destruction;
mod epoch;
pub mod error;
pub mod fetched;
pub mod fsck;
mod hex;
pub mod index;
pub mod keys;
mod lead;
mod life;
pub mod mirror;
pub mod moving;
pub mod outage;
pub mod outbox;
mod peek;
mod project;
mod publish;
pub mod read;
pub mod rebuild;
pub mod register;
pub mod scrub;
mod setup;
mod step;
pub mod succession;
mod sweep;
pub mod tree;
pub mod vouch;
mod writer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use plico_crypto::keyholder::{KeyError, KeyHolder as _};
use plico_database::Database;
use plico_record::message::Message;
use plico_vault::Vault;
use tokio::sync::{Mutex, Notify, watch};

pub use append::{Entry, EventRef, NewDocument, NewEvent, Work};
pub use clock::{Clock, Entropy};
pub use destruction::{Authorisation, Erased};
pub use epoch::{EpochState, Rotation};
pub use error::{ActError, ArchiveError};
pub use hex::{hex, hex32};
pub use setup::{Begin, Paths, origin_of};
pub use writer::Acting;

/// What the parts of the archive share.
pub(crate) struct Core {
    pub(crate) database: Database,
    pub(crate) vault: Vault,
    pub(crate) keys: Arc<keys::Keys>,
    pub(crate) seal_pem: Option<zeroize::Zeroizing<String>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) watch: step::Watch,
    pub(crate) entropy: Entropy,
    /// Moves when events were committed: followers wait on it.
    pub(crate) committed: watch::Sender<u64>,
    /// Moves when a checkpoint was signed: receipts wait on it.
    pub(crate) checkpointed: watch::Sender<u64>,
    /// Wakes the workers.
    pub(crate) jobs: Notify,
    /// The signer's own memory; `None` in a process that does not sign.
    pub(crate) signer: Mutex<Option<plico_vault::signer::SignerState>>,
    /// Where this process waits for the signer's memory, if it stands by.
    pub(crate) stands_by: Option<std::path::PathBuf>,
    /// Why the signer records nothing more, once it does not.
    pub(crate) signer_stop: OnceLock<plico_vault::Stop>,
    /// Why the writer takes nothing more, once it does not.
    pub(crate) writer_stop: OnceLock<String>,
    pub(crate) search: Arc<plico_search::Index>,
    /// Whether this machine has an index of its own.
    pub(crate) own_index: bool,
    /// Where snapshots of the index are, for machines that have one of their own.
    pub(crate) snapshot: Option<std::path::PathBuf>,
    /// One reads the journal for the index at a time; how far the last snapshot had come.
    pub(crate) indexing: Mutex<plico_search::Positions>,
    /// Bytes that stay free for what must still be written when nothing more is received.
    pub(crate) reserve: AtomicU64,
    /// What evidence others are asked for.
    pub(crate) demand: OnceLock<vouch::Demand>,
}

impl Core {
    pub(crate) fn stopped(&self) -> Option<&str> {
        self.writer_stop
            .get()
            .map(String::as_str)
            .or_else(|| self.database.doubt())
            .or_else(|| self.vault.stop().why())
            .or_else(|| self.keys.stopped())
            .or_else(|| self.signer_stop.get().and_then(plico_vault::Stop::why))
    }
}

/// An open archive. Cheap to clone; the writer ends when the last clone is gone.
#[derive(Clone)]
pub struct Archive {
    core: Arc<Core>,
    writer: writer::Writer,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Archive")
    }
}

impl Archive {
    pub(crate) fn over(core: Core) -> Self {
        let core = Arc::new(core);
        Self { writer: writer::Writer::start(Arc::clone(&core)), core }
    }

    /// The same archive read from another copy of its database. It signs nothing.
    pub(crate) fn reading(&self, database: Database) -> Self {
        let core = &self.core;
        Self::over(Core {
            database,
            vault: core.vault.clone(),
            keys: Arc::clone(&core.keys),
            seal_pem: None,
            clock: Arc::clone(&core.clock),
            watch: step::Watch::default(),
            entropy: core.entropy.clone(),
            committed: watch::Sender::new(0),
            checkpointed: watch::Sender::new(0),
            jobs: Notify::new(),
            signer: Mutex::new(None),
            stands_by: None,
            signer_stop: OnceLock::new(),
            writer_stop: OnceLock::new(),
            search: Arc::clone(&core.search),
            own_index: false,
            snapshot: None,
            indexing: Mutex::default(),
            reserve: AtomicU64::new(0),
            demand: OnceLock::new(),
        })
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// Runs an act in the writer's next transaction. What it refuses leaves no trace; what it does is durable when
    /// this returns.
    pub async fn act<T, R, F>(&self, deed: F) -> Result<T, ActError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'a> FnOnce(&'a mut Work) -> Acting<'a, Result<T, ActError<R>>> + Send + 'static,
    {
        if self.is_stopped() {
            return Err(ArchiveError::Stopped.into());
        }
        self.writer.act(deed).await
    }

    /// For reading.
    pub fn database(&self) -> &Database {
        &self.core.database
    }

    /// The files.
    pub fn vault(&self) -> &Vault {
        &self.core.vault
    }

    /// The search index.
    pub fn search(&self) -> &Arc<plico_search::Index> {
        &self.core.search
    }

    /// Now (UTC milliseconds).
    pub fn now_ms(&self) -> i64 {
        self.core.clock.now_ms()
    }

    /// Randomness.
    pub fn entropy(&self) -> &Entropy {
        &self.core.entropy
    }

    /// The seal's certificate and key, PEM, when this process may seal.
    pub fn seal_pem(&self) -> Option<&str> {
        self.core.seal_pem.as_ref().map(|pem| pem.as_str())
    }

    /// Keeps so many bytes of the data's disk free: below that [`Archive::need_room`] refuses.
    pub fn keep_free(&self, bytes: u64) {
        self.core.reserve.store(bytes, Ordering::Relaxed);
    }

    /// Refuses with [`ArchiveError::Full`] while less than the reserve is free. Asked before anything is received, so that
    /// checkpoints, receipts and the database's own log still find room when nothing more comes in.
    pub fn need_room(&self) -> Result<(), ArchiveError> {
        let reserve = self.core.reserve.load(Ordering::Relaxed);
        match self.core.vault.free()? {
            Some(free) if free < reserve => Err(ArchiveError::Full),
            _ => Ok(()),
        }
    }

    /// Why nothing is written any more: a commit failed, or the device did not confirm that something is durable, of the
    /// database, the vault, the key file or the signer's state. What is on disk is unknown until whoever begins anew has looked.
    pub fn stopped(&self) -> Option<&str> {
        self.core.stopped()
    }

    /// Whether it is so.
    pub fn is_stopped(&self) -> bool {
        self.stopped().is_some()
    }

    /// A receiver that changes when events were committed.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.core.committed.subscribe()
    }

    /// A receiver that changes when a checkpoint was signed.
    pub fn checkpointed(&self) -> watch::Receiver<u64> {
        self.core.checkpointed.subscribe()
    }

    /// Wraps a small secret of an administration for a purpose; answers epoch and bytes.
    pub async fn wrap(
        &self,
        administration: &str,
        purpose: &str,
        secret: &[u8],
    ) -> Result<(u32, Vec<u8>), ArchiveError> {
        self.renewed(administration).await?;
        self.core.wrap(administration, purpose, secret)
    }

    /// Opens what [`Archive::wrap`] made.
    pub async fn unwrap(
        &self,
        administration: &str,
        epoch: u32,
        purpose: &str,
        wrapped: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, ArchiveError> {
        let keys = &self.core.keys;
        match keys.unwrap(administration, epoch, purpose.as_bytes(), wrapped) {
            Err(KeyError::NoEpoch { .. }) => keys.reload().await?,
            other => return Ok(other?),
        }
        Ok(keys.unwrap(administration, epoch, purpose.as_bytes(), wrapped)?)
    }
}

impl Work {
    /// The present state of a message.
    pub async fn message(&mut self, id: &str) -> Result<Option<Message>, ArchiveError> {
        project::state(&mut self.tx, id).await
    }
}
