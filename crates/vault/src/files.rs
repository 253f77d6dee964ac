//! The seam: the few operations that everything in the vault is made of, so that a simulated disk can stand in and
//! fail, fill up or lose power between any two of them.

use std::any::Any;
use std::fmt::Debug;
use std::io;
use std::path::Path;

/// A directory. Paths are relative to it; nothing here is durable until it is synced.
pub trait Files: Debug + Send + Sync {
    /// A new file that nobody else has; `AlreadyExists` otherwise. `mode` as in `open(2)`.
    fn create(&self, path: &Path, mode: u32) -> io::Result<Box<dyn Writing>>;
    /// An existing file, to read.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Reading>>;
    /// Gives a file another name, replacing what had it, at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a name.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes one directory, whose parent exists; not an error when it is there.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes the names inside a directory durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// What a directory holds, in no order; nothing when there is no such directory.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;
    /// Bytes that may still be written, where anybody knows.
    fn free(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }
    /// Takes a lock that only one process at a time can hold, until dropped; `WouldBlock` when another holds it.
    fn lock(&self, path: &Path) -> io::Result<Lock>;
}

/// A file being written, front to back.
pub trait Writing: Send {
    /// Appends all of `bytes`.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes the content (not the name) durable.
    fn sync_data(&mut self) -> io::Result<()>;
}

/// A file being read. It stays readable when its name is removed meanwhile.
pub trait Reading: Send + Sync {
    /// Its length in bytes.
    fn size(&self) -> io::Result<u64>;
    /// Fills `buffer` from `offset`, and says how much there was: less only at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, without the directory.
    pub name: String,
    /// Whether it is a directory itself.
    pub directory: bool,
    /// Length in bytes.
    pub size: u64,
    /// Last written, in milliseconds UTC.
    pub modified_ms: i64,
}

/// A lock, held until dropped.
pub struct Lock(pub Box<dyn Any + Send + Sync>);

impl Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}
