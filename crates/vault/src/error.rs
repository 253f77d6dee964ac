//! What can go wrong with a file, in the terms a caller can act on.

use plico_crypto::stream::StreamError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the vault did not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// No space is left. Nothing half-written stays behind; what was acknowledged is safe.
    #[error("no space is left on the device")]
    Full,
    /// The device did not confirm that `path` is durable. What it holds is unknown: the process must stop, never retry,
    /// and verify when it starts again. Until then the vault refuses every write.
    #[error("the device did not confirm that {} is durable", path.display())]
    Sync {
        /// What was being synced.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// An earlier sync failed in this process, so nothing is written any more.
    #[error("writing has stopped after a failed sync")]
    Stopped,
    /// There is no such file.
    #[error("{} is missing", path.display())]
    Missing {
        /// Its path inside the vault.
        path: PathBuf,
    },
    /// The blob does not open: altered, cut, or another key.
    #[error("a blob is damaged, or this is not its key")]
    Damaged {
        /// Which chunk, and how.
        #[source]
        source: StreamError,
    },
    /// More bytes than the caller allows.
    #[error("larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A path that is absolute, empty or climbs out of the vault.
    #[error("{} is not a path inside the vault", path.display())]
    Outside {
        /// The path.
        path: PathBuf,
    },
    /// A writer whose last `write` failed or was cancelled cannot go on.
    #[error("the upload was broken off")]
    BrokenOff,
    /// The object store does not answer, or refuses. Nothing was acknowledged that it does not have; later it may go well.
    #[error("the object store: {why}")]
    Store {
        /// What it said, or what became of the connection. It holds no secret and no address.
        why: String,
    },
    /// Anything else the system refuses.
    #[error("{} cannot be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl VaultError {
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.downcast::<Self>() {
            // Of what is no file at all.
            Ok(own) => own,
            Err(source) => Self::of(path, source),
        }
    }

    fn of(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::NotFound => Self::Missing { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

impl From<StreamError> for VaultError {
    fn from(source: StreamError) -> Self {
        Self::Damaged { source }
    }
}
