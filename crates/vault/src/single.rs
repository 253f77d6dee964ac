//! Files in a folder that is shared with others: one that is replaced whole, such as the key file, and a new one at a path
//! that somebody named.

use crate::durable::{Durable, Temporary};
use crate::{Disk, Files, Stop, VaultError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A small secret file that is replaced as a whole: after a crash its path holds the old content or the new one, and
/// nothing else is left beside it once it is written again.
#[derive(Debug)]
pub struct AtomicFile {
    durable: Arc<Durable>,
    name: PathBuf,
}

impl AtomicFile {
    /// The file at `path`, to be written: its folder is made if it is not there.
    pub fn at(path: &Path) -> Result<Self, VaultError> {
        let (folder, name) = split(path)?;
        Ok(Self::over(Arc::new(Disk::new(folder).map_err(VaultError::at(folder))?), name))
    }

    /// The file at `path`, to be read: nothing is made.
    pub fn existing(path: &Path) -> Result<Self, VaultError> {
        let (folder, name) = split(path)?;
        Ok(Self::over(Arc::new(Disk::unmade(folder)), name))
    }

    /// The file `name` over other files: a simulated disk, for instance.
    pub fn over(files: Arc<dyn Files>, name: &Path) -> Self {
        Self { durable: Arc::new(Durable::without_temporaries(files)), name: name.to_owned() }
    }

    /// Set by the first sync that failed: this value of it writes nothing more.
    pub fn stop(&self) -> &Stop {
        self.durable.stop()
    }

    /// Its content, if there is such a file; [`VaultError::TooLarge`] above `limit` bytes. What is read is durable: a killed
    /// process may have given the file its name without having synced the folder, and whoever relies on the content must
    /// not lose it.
    pub fn read(&self, limit: u64) -> Result<Option<Vec<u8>>, VaultError> {
        match self.durable.files().sync_dir(Path::new("")) {
            // There is no folder, so no file; or one that we may not list, so that no process of ours writes there.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(self.durable.unsure(&self.name, error)),
            Ok(()) => {}
        }
        self.durable.read(&self.name, limit)
    }

    /// Replaces it by `bytes`, durably, readable by the owner alone.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), VaultError> {
        let beside = with_suffix(&self.name, ".new");
        // What a crash left there.
        match self.durable.files().remove(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(VaultError::at(&beside)(error));
            }
            _ => {}
        }
        let mut file = self.durable.temporary_at(&beside, 0o600)?;
        file.write(bytes)?;
        file.publish(&self.name)
    }
}

/// A new file at a path that somebody named, readable by its owner alone: written beside it as `.part`, and whole and
/// durable under its name once finished. Dropped before, it leaves nothing.
pub struct NewFile {
    temporary: Temporary,
    name: PathBuf,
}

impl NewFile {
    /// Begins it, in a folder that is there. Fails where somebody is writing the same one, or broke off doing so.
    pub fn begin(path: &Path) -> Result<Self, VaultError> {
        let (folder, name) = split(path)?;
        let durable = Arc::new(Durable::without_temporaries(Arc::new(Disk::unmade(folder))));
        let temporary = durable.temporary_at(&with_suffix(name, ".part"), 0o600)?;
        Ok(Self { temporary, name: name.to_owned() })
    }

    /// Gives it its name.
    pub fn finish(self) -> Result<(), VaultError> {
        self.temporary.publish(&self.name)
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write_io(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn split(path: &Path) -> Result<(&Path, &Path), VaultError> {
    let name = path.file_name().ok_or_else(|| VaultError::Outside { path: path.to_owned() })?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((folder, Path::new(name)))
}

fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
