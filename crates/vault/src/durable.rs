//! Atomic, durable files over [`Files`]: after a crash a name holds the old content whole or the new one whole, and
//! what a call acknowledged is there.

use crate::{Files, Reading, VaultError, Writing};
use std::collections::HashSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Where files are written before they have a name that counts.
pub(crate) const TEMPORARY: &str = "tmp";

#[derive(Debug)]
pub(crate) struct Durable {
    files: Arc<dyn Files>,
    /// Directories whose own name is known to be durable. One found on disk is not in it at first: a killed process may
    /// have made it without syncing its parent.
    directories: Mutex<HashSet<PathBuf>>,
    stop: Stop,
    serial: AtomicU64,
}

/// Set by the first sync that failed, and never taken back: whatever it stops writes nothing more in this process.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<OnceLock<String>>);

impl Stop {
    /// What could not be made durable, and what the system said; `None` while all is well.
    pub fn why(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl Durable {
    pub(crate) fn new(files: Arc<dyn Files>) -> Result<Self, VaultError> {
        let durable = Self::without_temporaries(files);
        durable.need_dir(Path::new(TEMPORARY))?;
        Ok(durable)
    }

    /// In a folder that is shared with others: nothing is made there but what is asked for.
    pub(crate) fn without_temporaries(files: Arc<dyn Files>) -> Self {
        let directories = Mutex::new(HashSet::from([PathBuf::new()]));
        Self { files, directories, stop: Stop::default(), serial: AtomicU64::new(0) }
    }

    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
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
                created => return self.begun(path, created),
            }
        }
    }

    /// The same at a path of its own, which nobody may have.
    pub(crate) fn temporary_at(self: &Arc<Self>, path: &Path, mode: u32) -> Result<Temporary, VaultError> {
        check_path(path)?;
        self.refuse_when_stopped()?;
        self.begun(path.to_owned(), self.files.create(path, mode))
    }

    fn begun(
        self: &Arc<Self>,
        path: PathBuf,
        created: io::Result<Box<dyn Writing>>,
    ) -> Result<Temporary, VaultError> {
        let file = created.map_err(VaultError::at(&path))?;
        Ok(Temporary { durable: self.clone(), path, file, published: false })
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
            Ok(()) => self.sync_name(path),
        }
    }

    pub(crate) fn need_dir(&self, path: &Path) -> Result<(), VaultError> {
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

    pub(crate) fn sync_dir(&self, path: &Path) -> Result<(), VaultError> {
        self.files.sync_dir(path).map_err(|source| self.unsure(path, source))
    }

    /// Makes a name durable that was given or taken.
    pub(crate) fn sync_name(&self, path: &Path) -> Result<(), VaultError> {
        self.files.sync_dir(parent(path)).map_err(|source| self.unsure(path, source))
    }

    pub(crate) fn unsure(&self, path: &Path, source: io::Error) -> VaultError {
        // The first reason is the one that counts.
        let _ = self.stop.0.set(format!("{}: {source}", path.display()));
        VaultError::Sync { path: path.to_owned(), source }
    }

    pub(crate) fn refuse_when_stopped(&self) -> Result<(), VaultError> {
        if self.stop.why().is_some() { Err(VaultError::Stopped) } else { Ok(()) }
    }
}

pub(crate) fn check_path(path: &Path) -> Result<(), VaultError> {
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if inside && path.file_name().is_some() {
        return Ok(());
    }
    Err(VaultError::Outside { path: path.to_owned() })
}

pub(crate) fn parent(path: &Path) -> &Path {
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
        self.write_io(bytes).map_err(VaultError::at(&self.path))
    }

    pub(crate) fn write_io(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// What was written so far, to read.
    pub(crate) fn reading(&self) -> Result<Box<dyn Reading>, VaultError> {
        self.durable.files.open(&self.path).map_err(VaultError::at(&self.path))
    }

    /// If we crash before the rename, a file without meaning is left in `tmp`; after it and before the last sync, the
    /// name may or may not be there, and nobody has been told that it is.
    pub(crate) fn publish(mut self, to: &Path) -> Result<(), VaultError> {
        check_path(to)?;
        self.durable.refuse_when_stopped()?;
        self.file.sync_data().map_err(|source| self.durable.unsure(to, source))?;
        self.durable.need_dir(parent(to))?;
        self.durable.files.rename(&self.path, to).map_err(VaultError::at(to))?;
        self.published = true;
        self.durable.sync_name(to)
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
