//! The vault: its layout, its small files, its sweep.

use crate::durable::{Durable, TEMPORARY};
use crate::{Disk, Entry, Files, Stop, VaultError};
use std::path::Path;
use std::sync::Arc;

/// Who on the machine may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Keys and the like: mode 0600.
    Secret,
    /// Tiles, checkpoints: mode 0640 (the vault's own directory is 0700 all the same).
    Group,
}

/// Everything that is a file. Cheap to clone; safe to use from many tasks.
#[derive(Clone, Debug)]
pub struct Vault {
    pub(crate) durable: Arc<Durable>,
}

impl Vault {
    /// The vault in the directory `root`, made if it is not there.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        Self::over(Arc::new(Disk::new(root).map_err(VaultError::at(root))?))
    }

    /// A vault over other files: a simulated disk, for instance.
    pub fn over(files: Arc<dyn Files>) -> Result<Self, VaultError> {
        Ok(Self { durable: Arc::new(Durable::new(files)?) })
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
        self.blocking(move |durable| {
            let directory = Path::new(TEMPORARY);
            let entries = durable.files().list(directory).map_err(VaultError::at(directory))?;
            let old = entries.iter().filter(|entry| !entry.directory && entry.modified_ms < before_ms);
            let mut swept = 0;
            for entry in old {
                durable.remove(&directory.join(&entry.name))?;
                swept += 1;
            }
            Ok(swept)
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
