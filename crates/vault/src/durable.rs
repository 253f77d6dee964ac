//! Atomic, durable files over [`Files`]: after a crash a name holds the old content whole or the new one whole, and
//! what a call acknowledged is there.

use crate::{Files, VaultError, Writing};
use std::collections::HashSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where files are written before they have a name that counts.
pub(crate) const TEMPORARY: &str = "tmp";

#[derive(Debug)]
pub(crate) struct Durable {
    files: Arc<dyn Files>,
    /// Directories whose own name is known to be durable. One found on disk is not in it at first: a killed process may
    /// have made it without syncing its parent.
    directories: Mutex<HashSet<PathBuf>>,
    stopped: AtomicBool,
    serial: AtomicU64,
}

impl Durable {
    pub(crate) fn new(files: Arc<dyn Files>) -> Result<Self, VaultError> {
        let directories = Mutex::new(HashSet::from([PathBuf::new()]));
        let durable = Self { files, directories, stopped: AtomicBool::new(false), serial: AtomicU64::new(0) };
        durable.need_dir(Path::new(TEMPORARY))?;
        Ok(durable)
    }

    pub(crate) fn files(&self) -> &dyn Files {
        &*self.files
    }

    /// A new file without a name that counts; removed when dropped before it is published.
    pub(crate) fn temporary(self: &Arc<Self>, mode: u32) -> Result<Temporary, VaultError> {
        self.refuse_when_stopped()?;
        loop {
            let serial = self.serial.fetch_add(1, Ordering::Relaxed);
            let path = Path::new(TEMPORARY).join(format!("{}-{serial}", std::process::id()));
            match self.files.create(&path, mode) {
                // Left by a crashed process that had our number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(VaultError::at(&path)(error)),
                Ok(file) => return Ok(Temporary { durable: self.clone(), path, file, published: false }),
            }
        }
    }

    /// Replaces `path` by `bytes`, durably.
    pub(crate) fn put(self: &Arc<Self>, path: &Path, bytes: &[u8], mode: u32) -> Result<(), VaultError> {
        let mut file = self.temporary(mode)?;
        file.write(bytes)?;
        file.publish(path)
    }

    /// The content of `path`, if there is such a file; an error when it is larger than `limit` bytes.
    pub(crate) fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, VaultError> {
        check_path(path)?;
        let file = match self.files.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            result => result.map_err(VaultError::at(path))?,
        };
        let size = file.size().map_err(VaultError::at(path))?;
        if size > limit {
            return Err(VaultError::TooLarge { limit });
        }
        let mut bytes = vec![0; size as usize];
        let count = file.read_at(&mut bytes, 0).map_err(VaultError::at(path))?;
        bytes.truncate(count);
        Ok(Some(bytes))
    }

    /// Removes a name, durably. Not an error when it is gone already.
    pub(crate) fn remove(&self, path: &Path) -> Result<(), VaultError> {
        check_path(path)?;
        self.refuse_when_stopped()?;
        match self.files.remove(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(VaultError::at(path)(error)),
            Ok(()) => self.sync_dir(parent(path)),
        }
    }

    fn need_dir(&self, path: &Path) -> Result<(), VaultError> {
        // The lock is held while syncing, so that nobody relies on a directory that is not durable yet.
        let mut known = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<&Path> = path.ancestors().take_while(|path| !known.contains(*path)).collect();
        for directory in missing.into_iter().rev() {
            self.files.create_dir(directory).map_err(VaultError::at(directory))?;
            self.sync_dir(parent(directory))?;
            known.insert(directory.to_owned());
        }
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> Result<(), VaultError> {
        self.files.sync_dir(path).map_err(|source| self.stop(path, source))
    }

    fn stop(&self, path: &Path, source: io::Error) -> VaultError {
        self.stopped.store(true, Ordering::SeqCst);
        VaultError::Sync { path: path.to_owned(), source }
    }

    fn refuse_when_stopped(&self) -> Result<(), VaultError> {
        if self.stopped.load(Ordering::SeqCst) { Err(VaultError::Stopped) } else { Ok(()) }
    }
}

pub(crate) fn check_path(path: &Path) -> Result<(), VaultError> {
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if inside && path.file_name().is_some() {
        return Ok(());
    }
    Err(VaultError::Outside { path: path.to_owned() })
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

pub(crate) struct Temporary {
    durable: Arc<Durable>,
    path: PathBuf,
    file: Box<dyn Writing>,
    published: bool,
}

impl Temporary {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.file.write_all(bytes).map_err(VaultError::at(&self.path))
    }

    /// If we crash before the rename, a file without meaning is left in `tmp`; after it and before the last sync, the
    /// name may or may not be there, and nobody has been told that it is.
    pub(crate) fn publish(mut self, to: &Path) -> Result<(), VaultError> {
        check_path(to)?;
        self.durable.refuse_when_stopped()?;
        self.file.sync_data().map_err(|source| self.durable.stop(to, source))?;
        self.durable.need_dir(parent(to))?;
        self.durable.files.rename(&self.path, to).map_err(VaultError::at(to))?;
        self.published = true;
        self.durable.sync_dir(parent(to))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.published {
            // If this fails too, the sweep finds it.
            let _ = self.durable.files.remove(&self.path);
        }
    }
}
