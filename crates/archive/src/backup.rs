//! A backup is two files. The data (database, blobs, tiles: useless alone; of blobs in a bucket their list) is a tar file that may be kept long; the keys
//! (key file, wrapped keys of everything, accounts, drafts) are one JSON file that is kept elsewhere and shorter, so
//! that what was erased stays erased. The signer's state is in neither.

mod keys;
mod listed;
pub(crate) mod pack;
mod secrets;
pub mod tar;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use plico_database::{Database, Mode, args, migration};
use plico_vault::signer::{Position, SignerState};
use plico_vault::{NewFile, Scratch, Stores, Vault};

use crate::clock::{Clock, Entropy};
use crate::error::ArchiveError;
use crate::keys::{KeyStore, Unlock};
use crate::setup::signer_error;
use crate::{Archive, Paths, fsck, tree};
use keys::Keys;
pub use listed::Listed;
use pack::{beside, failed, pack, unnamed, unpack};
use secrets::Secrets;

const SET_READ_ONLY: &str = "update log set read_only = $2 where id = $1";

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// SHA-256 of the data file, hexadecimal.
    pub sha256: String,
    /// Files in it.
    pub files: usize,
    /// Sizes of the logs in it, by origin.
    pub sizes: Vec<(String, u64)>,
    /// Content that stays in the bucket: how much of it was found there, where it is in one.
    pub listed: Option<Listed>,
}

/// A restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Files.
    pub files: usize,
    /// Logs whose continuity with what was last signed is not shown: they are read-only.
    pub read_only: Vec<String>,
    /// The content that the backup lists, compared with what is in the bucket; none where it holds it itself.
    pub listed: Option<Listed>,
}

impl Archive {
    /// Makes a backup while the archive is in use. Neither file may be there.
    pub async fn back_up(&self, paths: &Paths, data: &Path, keys: &Path) -> Result<Made, ArchiveError> {
        for file in [data, keys] {
            if file.exists() {
                return Err(ArchiveError::Setup(format!("{} is there already", file.display())));
            }
        }
        let folder = beside(data, ".part.d");
        let scratch = Scratch::make(&folder).map_err(unnamed(&folder))?;
        let made = self.back_up_by_way_of(scratch.path(), paths, data, keys).await;
        // What is left of it is as secret as the archive.
        scratch.remove().map_err(unnamed(&folder))?;
        made
    }

    async fn back_up_by_way_of(
        &self,
        scratch: &Path,
        paths: &Paths,
        data: &Path,
        keys: &Path,
    ) -> Result<Made, ArchiveError> {
        // The database first: whatever it names is durable already.
        let full = scratch.join("full.db");
        self.database().backup_into(&full).await?;
        let copy = Database::open(full, Mode::Existing).await?;
        let listed = match &paths.stores.bucket {
            Some(_) => Some(listed::write(&copy, self.vault(), &scratch.join(listed::FILE)).await?),
            None => None,
        };
        let secrets = Secrets::take(&copy).await?;
        let sizes: Vec<(String, i64)> = copy.all("select origin, size from log order by id", args![]).await?;
        // Copied once more, so that no free page remembers anything.
        copy.backup_into(&scratch.join("plico.db")).await?;
        copy.close().await;
        let (scratch, data, from) = (scratch.to_owned(), data.to_owned(), paths.data.clone());
        let content = listed.is_none();
        let packed = tokio::task::spawn_blocking(move || pack(&scratch, &from, content, &data));
        let (sha256, files) = packed.await.map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
        let file = KeyStore::of(paths)?.read().await?;
        if !secrets.open_with(&file) {
            return Err(ArchiveError::Setup("the keys were renewed meanwhile: make the backup again".into()));
        }
        let (entropy, data) = (self.entropy().clone(), sha256.clone());
        let write = move || Keys::of(data, &file, secrets, &entropy)?.bytes();
        let written = tokio::task::spawn_blocking(write).await;
        let bytes = written.map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
        let mut out = NewFile::begin(keys).map_err(unnamed(keys))?;
        out.write_all(&bytes).map_err(failed(keys))?;
        out.finish().map_err(unnamed(keys))?;
        let sizes = sizes.into_iter().map(|(origin, size)| (origin, size.cast_unsigned())).collect();
        Ok(Made { sha256, files, sizes, listed })
    }
}

/// Restores a backup into `paths`: the folder must be empty. Each log is read-only unless the signer's state at its path
/// shows that nothing was signed beyond it.
pub async fn restore(
    data: &Path,
    keys: &Path,
    paths: &Paths,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<Restored, ArchiveError> {
    let empty = std::fs::read_dir(&paths.data).map_or(true, |mut entries| entries.next().is_none());
    if !empty || paths.key_file.exists() {
        return Err(ArchiveError::Setup(format!(
            "{} must be empty, and {} must not be there",
            paths.data.display(),
            paths.key_file.display()
        )));
    }
    // A server is asked before anything is written.
    if paths.database.file().is_none() {
        Database::open(paths.database.clone(), Mode::Create).await?.close().await;
    }
    let bytes = zeroize::Zeroizing::new(std::fs::read(keys).map_err(failed(keys))?);
    let whole = Keys::read(&bytes, keys)?;
    let unlock = paths.unlock.clone();
    let opened = tokio::task::spawn_blocking(move || whole.open(&unlock)).await;
    let (file, secrets) = opened.map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
    let (from, into, bucket) = (data.to_owned(), paths.data.clone(), paths.stores.bucket.is_some());
    let files = tokio::task::spawn_blocking(move || unpack(&from, &into, bucket))
        .await
        .map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
    let listed = listed::compare(paths).await?;
    let database = bring_in(paths, clock.now_ms()).await?;
    secrets.put_back(&database).await?;
    database.close().await;
    KeyStore::new(paths)?.write(&file, &entropy).await?;
    let archive = Archive::open_beside(paths, clock, entropy).await?;
    archive.rebuild().await?;
    let read_only = archive.show_continuity(&paths.signer).await?;
    archive.close().await;
    Ok(Restored { files, read_only, listed })
}

/// What a witness or a mirror last saw of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The log.
    pub origin: String,
    /// How long it was, and what was in it.
    pub position: Position,
}

/// Opens the logs of a restored archive that end exactly where others last saw them; answers those that stay read-only.
/// Where the signer's own state is there it has spoken, and nobody overrules it. Somebody who saw less proves nothing, and
/// one who saw more or other proves that something is lost: whoever calls this asks those who would know.
pub async fn agree(
    paths: &Paths,
    heard: &[Heard],
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<Vec<String>, ArchiveError> {
    let mut signer = SignerState::open(&paths.signer).map_err(signer_error)?;
    let archive = Archive::open_beside(paths, clock, entropy).await?;
    let mut read_only = Vec::new();
    for log in archive.logs().await?.into_iter().filter(|log| log.read_only && !log.closed) {
        let ours = Position {
            size: log.signed.cast_unsigned(),
            root: tree::root(archive.vault(), log.id, log.signed.cast_unsigned()).await?,
        };
        let mut theirs = heard.iter().filter(|heard| heard.origin == log.origin).peekable();
        let known = signer.position(&log.origin).is_some() || ours.size == 0 || theirs.peek().is_none();
        if known || theirs.any(|theirs| theirs.position != ours) {
            read_only.push(log.origin);
            continue;
        }
        signer.begin(&log.origin, ours).map_err(signer_error)?;
        archive.database().execute(SET_READ_ONLY, args![log.id, false]).await?;
    }
    archive.close().await;
    Ok(read_only)
}

/// The database of the unpacked data, brought to this program's version and to where it is to be kept.
async fn bring_in(paths: &Paths, now_ms: i64) -> Result<Database, ArchiveError> {
    let file = paths.data.join("plico.db");
    let unpacked = Database::open(file.as_path(), Mode::Existing).await?;
    let migrated = migration::apply(&unpacked, now_ms).await;
    migrated.map_err(|error| ArchiveError::Setup(error.to_string()))?;
    if paths.database.file().is_some() {
        return Ok(unpacked);
    }
    let server = Database::open(paths.database.clone(), Mode::Create).await?;
    unpacked.copy_into_new(&server).await?;
    unpacked.close().await;
    Vault::open(&paths.data)?.remove_file("plico.db").await?;
    Ok(server)
}

/// Restores to `scratch`, which must not be there, reads everything again, and removes it; content that the backup only lists
/// is read in the bucket of `stores`.
pub async fn verify(
    stores: Stores,
    data: &Path,
    keys: &Path,
    scratch: &Path,
    unlock: Unlock,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<fsck::Outcome, ArchiveError> {
    let folder = Scratch::make(scratch).map_err(unnamed(scratch))?;
    let paths = Paths {
        data: scratch.join("data"),
        database: Paths::file_in(&scratch.join("data")),
        key_file: scratch.join("keys"),
        unlock,
        signer: scratch.join("signer"),
        stores,
    };
    let checked = async {
        restore(data, keys, &paths, clock.clone(), entropy.clone()).await?;
        let archive = Archive::open_beside(&paths, clock, entropy).await?;
        // Continuity is shown where a backup is restored to stay; here it is not asked for.
        for log in archive.logs().await? {
            archive.database().execute(SET_READ_ONLY, args![log.id, false]).await?;
        }
        let outcome = archive.fsck().await;
        archive.close().await;
        outcome
    }
    .await;
    folder.remove().map_err(unnamed(scratch))?;
    checked
}

impl Archive {
    /// Opens the logs that are exactly where the signer left them; answers those that are not.
    async fn show_continuity(&self, state: &Path) -> Result<Vec<String>, ArchiveError> {
        let signer =
            if state.exists() { Some(SignerState::open(state).map_err(signer_error)?) } else { None };
        let mut read_only = Vec::new();
        for log in self.logs().await?.into_iter().filter(|log| !log.closed) {
            let signed = signer.as_ref().and_then(|signer| signer.position(&log.origin));
            let shown = match signed {
                Some(signed) if signed.size <= log.signed.cast_unsigned() && signed.size > 0 => {
                    tree::root(self.vault(), log.id, signed.size).await.is_ok_and(|root| root == signed.root)
                }
                _ => false,
            };
            self.database().execute(SET_READ_ONLY, args![log.id, !shown]).await?;
            if !shown {
                read_only.push(log.origin);
            }
        }
        Ok(read_only)
    }
}
