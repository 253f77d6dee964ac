//! Whole folders: one that is filled at once, one for the while, and the end of one.

use crate::durable::{Durable, check_path, parent};
use crate::{Disk, Files, VaultError, Writing};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder that is filled while nobody relies on it yet, as by a restore: each file is written under its own name, and the
/// names are durable together once all of it is finished. If we crash before, the folder is to be emptied.
pub struct Filling {
    durable: Durable,
    folders: BTreeSet<PathBuf>,
}

impl Filling {
    /// Into the folder `root`, made if it is not there.
    pub fn of(root: &Path) -> Result<Self, VaultError> {
        Ok(Self::over(Arc::new(Disk::new(root).map_err(VaultError::at(root))?)))
    }

    /// Over other files: a simulated disk, for instance.
    pub fn over(files: Arc<dyn Files>) -> Self {
        Self { durable: Durable::without_temporaries(files), folders: BTreeSet::new() }
    }

    /// A new file at `path` (relative), with the folders above it.
    pub fn create(&mut self, path: &Path) -> Result<Filled, VaultError> {
        check_path(path)?;
        self.durable.refuse_when_stopped()?;
        self.durable.need_dir(parent(path))?;
        let file = self.durable.files().create(path, 0o600).map_err(VaultError::at(path))?;
        self.folders.insert(parent(path).to_owned());
        Ok(Filled { file, path: path.to_owned() })
    }

    /// Makes the content of a file durable.
    pub fn keep(&mut self, mut file: Filled) -> Result<(), VaultError> {
        file.file.sync_data().map_err(|source| self.durable.unsure(&file.path, source))
    }

    /// Makes the names durable. What was not kept is not.
    pub fn finish(self) -> Result<(), VaultError> {
        self.folders.iter().try_for_each(|folder| self.durable.sync_dir(folder))
    }
}

/// A file of a [`Filling`].
pub struct Filled {
    file: Box<dyn Writing>,
    path: PathBuf,
}

impl io::Write for Filled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file for the while, of its owner alone, that has no name: whatever happens, nothing of it is left.
pub fn unnamed(folder: &Path) -> Result<File, VaultError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!(".unnamed-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = folder.join(name);
    // After a crash between these two lines an empty one is left, and taken again.
    let file = File::options().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path);
    let file = file.map_err(VaultError::at(&path))?;
    std::fs::remove_file(&path).map_err(VaultError::at(&path))?;
    Ok(file)
}

/// A folder for the while, of its owner alone. It goes away with everything in it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes it; an error where something is there.
    pub fn make(path: &Path) -> Result<Self, VaultError> {
        std::fs::DirBuilder::new().mode(0o700).create(path).map_err(VaultError::at(path))?;
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it, and says so when it cannot: what is left of it may be secret.
    pub fn remove(self) -> Result<(), VaultError> {
        clear_away(&self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Again after `remove`, and after a panic or a caller that went away.
        let _ = clear_away(&self.0);
    }
}

/// Gives a file another name in its folder, durably.
pub fn set_aside(path: &Path, to: &Path) -> Result<(), VaultError> {
    std::fs::rename(path, to).map_err(VaultError::at(path))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| VaultError::Sync { path: to.to_owned(), source })
}

/// Removes a file, or a folder with everything in it; not an error when it is gone already.
pub fn clear_away(path: &Path) -> Result<(), VaultError> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(VaultError::at(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[test]
    fn a_file_without_a_name_is_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = [unnamed(folder.path()).unwrap(), unnamed(folder.path()).unwrap()];
        for (file, word) in files.iter_mut().zip(["one", "two"]) {
            io::Write::write_all(file, word.as_bytes()).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for (file, word) in files.iter_mut().zip(["one", "two"]) {
            let mut read = String::new();
            file.rewind().unwrap();
            file.read_to_string(&mut read).unwrap();
            assert_eq!(read, word);
        }
        assert!(unnamed(&folder.path().join("nowhere")).is_err());
    }
}
