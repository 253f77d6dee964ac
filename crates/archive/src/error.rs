//! Faults of the archive. A refusal that the person can mend is the desk's, never one of these.

use std::path::PathBuf;

use plico_database::DatabaseError;
use plico_vault::VaultError;

/// Something we must mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DatabaseError),
    /// The vault failed.
    #[error("the vault failed")]
    Vault(#[from] VaultError),
    /// The key file could not be read or written.
    #[error("the key file {} failed", path.display())]
    KeyFile {
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: VaultError,
    },
    /// A key is missing or does not open what it should.
    #[error("a key is missing or does not open what it should")]
    Key(#[from] plico_crypto::keyholder::KeyError),
    /// The key file stays shut, or cannot be sealed as asked.
    #[error("the key file stays shut")]
    Locked(#[from] crate::keys::LockError),
    /// A ciphertext does not open.
    #[error("a stored ciphertext does not open")]
    Stream(#[from] plico_crypto::stream::StreamError),
    /// An event does not fit the leaf format.
    #[error("the event does not fit the leaf format")]
    Leaf(#[from] plico_journal::leaf::LeafError),
    /// The search index failed.
    #[error("the search index failed")]
    Search(#[from] plico_search::SearchError),
    /// What is stored is not what it should be.
    #[error("the archive is damaged: {0}")]
    Corrupt(String),
    /// Continuity after a restore has not been shown yet.
    #[error("the archive is read-only until continuity with the last checkpoint is shown")]
    ReadOnly,
    /// The clock stepped too far to date anything by it.
    #[error(
        "the clock cannot be believed: set it right, or say that it is with `plico doctor --accept-clock`"
    )]
    Clock,
    /// The disk is full: nothing was acknowledged that is not kept.
    #[error("the disk is full")]
    Full,
    /// The writer has stopped after a fault; restart verifies.
    #[error("the writer has stopped")]
    Stopped,
    /// The archive's folder, key file or settings are not usable.
    #[error("{0}")]
    Setup(String),
}

impl ArchiveError {
    /// Whether it is the disk that is full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full | Self::Vault(VaultError::Full) | Self::KeyFile { source: VaultError::Full, .. } => {
                true
            }
            Self::Database(error) => error.is_full(),
            _ => false,
        }
    }

    /// Whether it is the object store that does not work: nothing was acknowledged, and later it may go well.
    pub fn is_store(&self) -> bool {
        matches!(self, Self::Vault(VaultError::Store { .. }))
    }
}

/// How an act ended when it did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ActError<R> {
    /// The person can mend it.
    #[error("refused")]
    Refused(R),
    /// We must mend it.
    #[error("the archive could not do it")]
    Fault(#[from] ArchiveError),
}

impl<R> From<DatabaseError> for ActError<R> {
    fn from(error: DatabaseError) -> Self {
        Self::Fault(error.into())
    }
}
