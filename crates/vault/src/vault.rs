//! The vault: its layout, its small files, its sweep.

use crate::blobs::Blobs;
use crate::bucket::{Bucket, BucketSettings, Tried};
use crate::durable::{Durable, TEMPORARY};
use crate::{Disk, Entry, Files, ROW_LIMIT, Stop, VaultError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of blobs inside a vault.
const BLOBS: &str = "blobs";

/// Who on the machine may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Keys and the like: mode 0600.
    Secret,
    /// Tiles, checkpoints: mode 0640 (the vault's own directory is 0700 all the same).
    Group,
}

/// What is not in the vault's own folder.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    /// Where blobs are; none: in the folder.
    pub bucket: Option<BucketSettings>,
    /// A second copy of the blobs, which others make. It is only read.
    pub replica: Option<Replica>,
    /// A folder of this machine's own, where the vault's folder is shared: for what is on its way to the bucket.
    pub node: Option<PathBuf>,
}

/// A second copy.
#[derive(Clone, Debug)]
pub enum Replica {
    /// A folder that holds what the folder of blobs does.
    Folder(PathBuf),
    /// Another bucket.
    Bucket(BucketSettings),
}

/// Everything that is a file. Cheap to clone; safe to use from many tasks.
#[derive(Clone, Debug)]
pub struct Vault {
    pub(crate) durable: Arc<Durable>,
    pub(crate) blobs: Blobs,
    /// Where blobs are sealed before they have a name.
    pub(crate) scratch: Arc<Durable>,
    pub(crate) replica: Option<Blobs>,
    /// Content up to so many bytes is for a row.
    pub(crate) row_limit: u64,
}

impl Vault {
    /// The vault in the directory `root`, made if it is not there.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        Self::over(Arc::new(Disk::new(root).map_err(VaultError::at(root))?))
    }

    /// The same with blobs where `stores` says.
    pub fn open_with(root: &Path, stores: &Stores) -> Result<Self, VaultError> {
        let mut vault = Self::open(root)?;
        if let Some(settings) = &stores.bucket {
            vault.blobs = Blobs::Bucket(Arc::new(Bucket::new(settings)?));
            vault.row_limit = settings.row_bytes.min(ROW_LIMIT);
            if let Some(node) = &stores.node {
                let disk = Disk::new(node).map_err(VaultError::at(node))?;
                vault.scratch = Arc::new(Durable::new(Arc::new(disk))?);
            }
        }
        vault.replica = match &stores.replica {
            None => None,
            Some(Replica::Bucket(settings)) => Some(Blobs::Bucket(Arc::new(Bucket::new(settings)?))),
            Some(Replica::Folder(folder)) => Some(Blobs::Folder {
                // Nothing is made there, not even the folder.
                durable: Arc::new(Durable::without_temporaries(Arc::new(Disk::unmade(folder)))),
                top: PathBuf::new(),
            }),
        };
        Ok(vault)
    }

    /// A vault over other files: a simulated disk, for instance.
    pub fn over(files: Arc<dyn Files>) -> Result<Self, VaultError> {
        let durable = Arc::new(Durable::new(files)?);
        let blobs = Blobs::Folder { durable: Arc::clone(&durable), top: PathBuf::from(BLOBS) };
        Ok(Self { scratch: Arc::clone(&durable), durable, blobs, replica: None, row_limit: ROW_LIMIT })
    }

    /// Why the object store does not work; `None` where there is none, or as far as anybody knows.
    pub fn trouble(&self) -> Option<String> {
        self.blobs.trouble()
    }

    /// The same of the replica.
    pub fn replica_trouble(&self) -> Option<String> {
        match &self.replica {
            Some(Blobs::Folder { durable, .. }) => {
                let found = durable.files().free();
                found.err().map(|error| format!("its folder cannot be read: {error}"))
            }
            other => other.as_ref().and_then(Blobs::trouble),
        }
    }

    /// Whether there is a second copy to mend from.
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// Asks the object stores, if there are any, how they are: what [`Vault::trouble`] answers afterwards.
    pub async fn look(&self) -> Result<(), VaultError> {
        let places = [Some(self.blobs.clone()), self.replica.clone()];
        off_thread(move || {
            for place in places.into_iter().flatten() {
                if let Blobs::Bucket(bucket) = place {
                    // It remembers what came of it.
                    let _ = bucket.look();
                }
            }
            Ok(())
        })
        .await
    }

    /// Tries out the object store, if there is one: what it does, and what it only says.
    pub async fn try_out(&self) -> Result<Vec<Tried>, VaultError> {
        match self.blobs.clone() {
            Blobs::Folder { .. } => Ok(vec![]),
            Blobs::Bucket(bucket) => off_thread(move || Ok(bucket.try_out())).await,
        }
    }

    /// Says whether a sync failed: from then on nothing is written.
    pub fn stop(&self) -> &Stop {
        self.durable.stop()
    }

    /// Replaces the file at `path` (relative) by `bytes`: atomically, and durably once this returns.
    pub async fn put_file(
        &self,
        path: impl AsRef<Path>,
        bytes: Vec<u8>,
        access: Access,
    ) -> Result<(), VaultError> {
        let path = path.as_ref().to_owned();
        let mode = if access == Access::Secret { 0o600 } else { 0o640 };
        self.blocking(move |durable| durable.put(&path, &bytes, mode)).await
    }

    /// The file at `path`, if there is one; [`VaultError::TooLarge`] above `limit` bytes.
    pub async fn read_file(&self, path: impl AsRef<Path>, limit: u64) -> Result<Option<Vec<u8>>, VaultError> {
        let path = path.as_ref().to_owned();
        self.blocking(move |durable| durable.read(&path, limit)).await
    }

    /// The files at `paths`, in their order; `None` for one that is not there.
    pub async fn read_files(
        &self,
        paths: Vec<String>,
        limit: u64,
    ) -> Result<Vec<Option<Vec<u8>>>, VaultError> {
        self.blocking(move |durable| paths.iter().map(|path| durable.read(Path::new(path), limit)).collect())
            .await
    }

    /// What each of the directories holds, as [`Vault::list_files`] says it.
    pub async fn list_folders(&self, paths: Vec<String>) -> Result<Vec<Vec<Entry>>, VaultError> {
        self.blocking(move |durable| {
            let list = |path: &String| {
                durable.files().list(Path::new(path)).map_err(VaultError::at(Path::new(path)))
            };
            paths.iter().map(list).collect()
        })
        .await
    }

    /// Removes the file at `path`, durably; not an error when it is gone already.
    pub async fn remove_file(&self, path: impl AsRef<Path>) -> Result<(), VaultError> {
        let path = path.as_ref().to_owned();
        self.blocking(move |durable| durable.remove(&path)).await
    }

    /// What the directory at `path` holds, in no order; nothing when there is no such directory.
    pub async fn list_files(&self, path: impl AsRef<Path>) -> Result<Vec<Entry>, VaultError> {
        let path = path.as_ref().to_owned();
        self.blocking(move |durable| durable.files().list(&path).map_err(VaultError::at(&path))).await
    }

    /// Bytes that may still be written, where anybody knows. It asks the system, and waits for nothing.
    pub fn free(&self) -> Result<Option<u64>, VaultError> {
        let root = Path::new("");
        self.durable.files().free().map_err(VaultError::at(root))
    }

    /// Removes what broken-off uploads and crashed processes left, when last written before `before_ms` (UTC). Says how
    /// many files went. Choose an age no upload can reach: a day.
    pub async fn sweep(&self, before_ms: i64) -> Result<usize, VaultError> {
        let (ours, scratch) = (Arc::clone(&self.durable), Arc::clone(&self.scratch));
        off_thread(move || {
            let own = if Arc::ptr_eq(&ours, &scratch) { 0 } else { swept(&scratch, before_ms)? };
            Ok(own + swept(&ours, before_ms)?)
        })
        .await
    }

    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Durable>) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let durable = self.durable.clone();
        off_thread(move || work(&durable)).await
    }
}

fn swept(durable: &Durable, before_ms: i64) -> Result<usize, VaultError> {
    let directory = Path::new(TEMPORARY);
    let entries = durable.files().list(directory).map_err(VaultError::at(directory))?;
    let old = entries.iter().filter(|entry| !entry.directory && entry.modified_ms < before_ms);
    let mut swept = 0;
    for entry in old {
        durable.remove(&directory.join(&entry.name))?;
        swept += 1;
    }
    Ok(swept)
}

/// Runs file and cipher work off the async threads.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(VaultError::BrokenOff), // the runtime is shutting down
        },
    }
}
