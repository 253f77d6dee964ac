//! Making an archive and opening one. `init` is the only way to begin: a wrong path never starts a second history.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use plico_database::{Database, Location, Mode, args, migration};
use plico_journal::note::{Algorithm, VerifierKey};
use plico_record::act::{Act, LogOpened};
use plico_record::actor::Actor;
use plico_search::{Index, SearchError};
use plico_vault::signer::{Position, SignerState};
use plico_vault::{Disk, Stores, Vault};
use tokio::sync::{Mutex, Notify, watch};

use crate::append::NewEvent;
use crate::clock::{Clock, Entropy};
use crate::error::ArchiveError;
use crate::index::snapshot;
use crate::keys::{KeyFile, KeyStore, Keys, Unlock, Wanted, card_seed};
use crate::outbox::flat;
use crate::step::Watch;
use crate::{Archive, Core};

/// Where an archive lives.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Blobs, tiles, index.
    pub data: PathBuf,
    /// The database: a file in `data`, or a server.
    pub database: Location,
    /// The key file, outside `data`.
    pub key_file: PathBuf,
    /// What opens it where it is sealed.
    pub unlock: Unlock,
    /// The signer's own memory, outside `data` and outside every backup.
    pub signer: PathBuf,
    /// What is not in `data`: blobs in a bucket, their replica, a folder of this machine's own.
    pub stores: Stores,
}

impl Paths {
    /// The database of an archive that keeps it in its folder.
    pub fn file_in(data: &Path) -> Location {
        Location::File(data.join("plico.db"))
    }

    /// The folder of the search index: this machine's own, or one for all.
    pub fn search(&self) -> PathBuf {
        self.stores.node.as_ref().unwrap_or(&self.data).join("search")
    }

    /// Whether an archive may be there: for a file, whether it exists; a server says so when it is asked.
    pub(crate) fn may_hold_one(&self) -> bool {
        self.database.file().is_none_or(Path::exists)
    }
}

/// What an archive begins with.
pub struct Begin {
    /// First part of every origin.
    pub domain: String,
    /// Administrations: identifier, name, IPA code.
    pub administrations: Vec<(String, String, String)>,
    /// A demo archive, for ever.
    pub demo: bool,
    /// The seal's certificate and key, PEM.
    pub seal_pem: Option<String>,
    /// How the key file is kept.
    pub keys: Wanted,
}

/// `<domain>/<ipa code>/<n>`; a demo archive says so in its origin.
pub fn origin_of(domain: &str, ipa_code: &str, successor: u32, demo: bool) -> String {
    let prova = if demo { "PROVA." } else { "" };
    format!("{prova}{domain}/{ipa_code}/{successor}")
}

pub(crate) const INSERT_LOG: &str =
    "insert into log (administration, origin, successor, demo, size, last_ms, believed_ms)
    values ($1, $2, $3, $4, 0, $5, $5)";
const DEMO: &str = "select count(*) from log where demo";

impl Archive {
    /// Makes an archive: folder, database, keys, signer state, the first leaf of each log. Refuses where something
    /// is there already.
    pub async fn init(
        paths: &Paths,
        begin: Begin,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
    ) -> Result<Self, ArchiveError> {
        let there = |path: &PathBuf, what: &str| {
            ArchiveError::Setup(format!("{} is there already: {what} is never overwritten", path.display()))
        };
        if paths.key_file.exists() {
            return Err(there(&paths.key_file, "a key file"));
        }
        if paths.key_file.starts_with(&paths.data) || paths.signer.starts_with(&paths.data) {
            return Err(ArchiveError::Setup(
                "key file and signer state must lie outside the data folder".into(),
            ));
        }
        if paths.database.file().is_some_and(Path::exists) {
            return Err(there(&paths.data, "an archive"));
        }
        // A server is asked before keys are made for what it cannot hold.
        if paths.database.file().is_none() {
            Database::open(paths.database.clone(), Mode::Create).await?.close().await;
        }
        let logs: Vec<(String, String, String)> =
            std::iter::once((String::new(), "Installazione".to_owned(), "installation".to_owned()))
                .chain(begin.administrations.iter().cloned())
                .collect();
        let mut keys = KeyFile::default();
        let store = KeyStore::new(paths)?;
        // A wrong PIN is said before anything is made.
        keys.set_lock(store.lock(begin.keys, &entropy).await?);
        let mut signer = SignerState::open(&paths.signer).map_err(signer_error)?;
        for (administration, _, ipa) in &logs {
            let origin = origin_of(&begin.domain, ipa, 1, begin.demo);
            keys.add_epoch(administration, &entropy.bytes());
            keys.add_log(&origin, &entropy.bytes());
            let empty = Position { size: 0, root: plico_journal::merkle::empty_root() };
            signer.begin(&origin, empty).map_err(signer_error)?;
            if !administration.is_empty() {
                keys.add_card_key(administration, &card_seed(&entropy));
            }
        }
        if let Some(pem) = begin.seal_pem {
            keys.set_seal(pem);
        }
        drop(signer);
        store.write(&keys, &entropy).await?;
        // The database comes last: while it is missing, nothing here can be opened.
        Vault::open(&paths.data)?;
        let database = Database::open(paths.database.clone(), Mode::Create).await?;
        let now_ms = clock.now_ms();
        migration::apply(&database, now_ms).await.map_err(|e| ArchiveError::Setup(e.to_string()))?;
        for (administration, _, ipa) in &logs {
            let origin = origin_of(&begin.domain, ipa, 1, begin.demo);
            database.execute(INSERT_LOG, args![administration, origin, 1, begin.demo, 0]).await?;
        }
        database.close().await;
        let archive = Self::open(paths, clock, entropy).await?;
        let keyring = keys.keyring()?;
        for (administration, name, ipa) in logs {
            let origin = origin_of(&begin.domain, &ipa, 1, begin.demo);
            let key = plico_crypto::keyholder::KeyHolder::log_key(&keyring, &origin)?;
            let vkey = VerifierKey::new(&origin, Algorithm::Ed25519, key)
                .map_err(|e| ArchiveError::Setup(format!("{origin}: {e}")))?;
            let act: Act =
                LogOpened { origin, vkey: vkey.to_string(), demo: begin.demo, name, predecessor: None }
                    .into();
            let event = NewEvent::by(&Actor::system(&administration), "log", act);
            flat(archive.act(move |work| Box::pin(async move { Ok(work.append(event).await?) })).await)?;
        }
        Ok(archive)
    }

    /// Opens an archive that `init` made. Refuses a schema that is not this program's (`migrate` first), and a
    /// second process that would sign.
    pub async fn open(paths: &Paths, clock: Arc<dyn Clock>, entropy: Entropy) -> Result<Self, ArchiveError> {
        let signer = SignerState::open(&paths.signer).map_err(signer_error)?;
        Self::open_signing(paths, clock, entropy, signer).await
    }

    async fn open_signing(
        paths: &Paths,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
        signer: SignerState,
    ) -> Result<Self, ArchiveError> {
        let search = Arc::new(index_at(paths)?);
        let archive = Self::open_with(paths, clock, entropy, None, Some(signer), None, search).await?;
        // The write-ahead log may end with what a process before this one could not make durable: it is still in the
        // machine's memory, looks committed, and would be a hole under all that follows. Moved into the file, it is
        // written again and synced before anything is acknowledged.
        archive.database().checkpoint_wal().await?;
        Ok(archive)
    }

    /// The same for one of several processes that serve an archive on a database server: where another one signs, this
    /// one stands by.
    pub async fn open_node(
        paths: &Paths,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
    ) -> Result<Self, ArchiveError> {
        if paths.database.file().is_some() {
            return Self::open(paths, clock, entropy).await;
        }
        if let Some(signer) = crate::lead::free(&paths.signer)? {
            return Self::open_signing(paths, clock, entropy, signer).await;
        }
        let search = Arc::new(match paths.stores.node {
            Some(_) => index_at(paths)?,
            None => Index::reading(&paths.search())?,
        });
        Self::open_with(paths, clock, entropy, None, None, Some(paths.signer.clone()), search).await
    }

    /// The same over other files than those at `paths`, where only database and key file are: for simulated disks.
    pub async fn open_over(
        paths: &Paths,
        vault: Vault,
        signer: SignerState,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
    ) -> Result<Self, ArchiveError> {
        let search = Arc::new(Index::memory()?);
        Self::open_with(paths, clock, entropy, Some(vault), Some(signer), None, search).await
    }

    /// Opens an archive beside the process that serves it: for commands that read, or append an event. It signs
    /// nothing and indexes nothing; the process that serves does, as soon as it notices.
    pub async fn open_beside(
        paths: &Paths,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
    ) -> Result<Self, ArchiveError> {
        let search = Arc::new(Index::memory()?);
        Self::open_with(paths, clock, entropy, None, None, None, search).await
    }

    async fn open_with(
        paths: &Paths,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
        vault: Option<Vault>,
        signer: Option<SignerState>,
        stands_by: Option<PathBuf>,
        search: Arc<Index>,
    ) -> Result<Self, ArchiveError> {
        if !paths.may_hold_one() {
            return Err(ArchiveError::Setup(format!(
                "there is no archive in {}: make one with `plico init`",
                paths.data.display()
            )));
        }
        let database = Database::open(paths.database.clone(), Mode::Existing).await?;
        let pending = migration::pending(&database).await.map_err(|e| ArchiveError::Setup(e.to_string()))?;
        if !pending.is_empty() {
            return Err(ArchiveError::Setup(format!(
                "the database lacks {} migrations: run `plico migrate`",
                pending.len()
            )));
        }
        let store = KeyStore::of(paths)?;
        let keys = store.read().await?;
        Ok(Self::over(Core {
            database,
            vault: vault.map_or_else(|| Vault::open_with(&paths.data, &paths.stores), Ok)?,
            seal_pem: keys.seal(),
            keys: Arc::new(Keys::new(store, keys.keyring()?)),
            watch: Watch::default(),
            clock,
            entropy,
            committed: watch::Sender::new(0),
            checkpointed: watch::Sender::new(0),
            jobs: Notify::new(),
            signer_stop: signer.as_ref().map_or_else(OnceLock::new, |signer| signer.stop().clone().into()),
            writer_stop: OnceLock::new(),
            signer: Mutex::new(signer),
            stands_by,
            search,
            own_index: paths.stores.node.is_some(),
            snapshot: paths.stores.node.is_some().then(|| paths.data.join(snapshot::FILE)),
            indexing: Mutex::default(),
            reserve: AtomicU64::new(0),
            demand: OnceLock::new(),
        }))
    }

    /// Whether this archive is marked as a demo for ever.
    pub async fn is_demo(&self) -> Result<bool, ArchiveError> {
        Ok(self.database().scalar_i64(DEMO, args![]).await? != 0)
    }
}

/// The index is derived: where its folder is not there (a new archive, a new machine, or one whose index was lost) it starts
/// from a snapshot, or empty; one of another version is thrown away. The follower fills it.
fn index_at(paths: &Paths) -> Result<Index, ArchiveError> {
    let folder = paths.search();
    if let Some(node) = &paths.stores.node {
        make(node)?;
        if snapshot::start_from(&paths.data.join(snapshot::FILE), &folder)? {
            tracing::info!("the search index starts from the snapshot");
        }
    }
    make(&folder)?;
    match Index::open(&folder) {
        Err(SearchError::Unusable) => {
            tracing::warn!("the search index is damaged, or of another version: it is built again");
            Ok(Index::reset(&folder)?)
        }
        other => Ok(other?),
    }
}

fn make(folder: &Path) -> Result<(), ArchiveError> {
    Disk::new(folder).map(drop).map_err(|error| {
        ArchiveError::Setup(format!("the folder {} cannot be made: {error}", folder.display()))
    })
}

pub(crate) fn signer_error(error: plico_vault::signer::SignerError) -> ArchiveError {
    match error {
        plico_vault::signer::SignerError::Vault(error) => error.into(),
        other => ArchiveError::Setup(format!("the signer refuses: {other}")),
    }
}
