//! What is done with the archive as a whole, at the command line.

use serde::{Deserialize, Serialize};

/// A command used on the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleUsed {
    /// Command without secrets.
    pub command: String,
    /// Operating-system user.
    pub user: String,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    /// SHA-256 of the data file, hexadecimal.
    pub sha256: String,
    /// Sizes of the logs in it, by origin.
    pub sizes: Vec<(String, u64)>,
}

/// A restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRestored {
    /// How continuity was shown, or that it was not.
    pub continuity: String,
}

/// A migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaMigrated {
    /// Highest migration now.
    pub to: u32,
}
