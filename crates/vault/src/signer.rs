//! What the signer of the logs remembers, at a path outside the data folder, the database and the backups: for each log
//! the size and root it last signed. It is written *before* a signature is made, so that a database restored from an
//! old backup, or a second node, cannot lead it to sign two histories.
//!
//! It is as good as its place: rolling back this state together with the data is seen only by witnesses.

use crate::durable::Durable;
use crate::{Disk, Files, Lock, Stop, VaultError};
use plico_crypto::digest::{from_hex, sha256, to_hex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// The first line of each file.
const FORMAT: &str = "plico signer state v1";
/// Longest origin accepted, in bytes.
const ORIGIN: usize = 512;
/// Where [`SignerState::secret`] lies.
const SECRET: &str = "secret.key";

/// How long a log is, and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Number of leaves.
    pub size: u64,
    /// Merkle root of them (RFC 6962).
    pub root: [u8; 32],
}

/// Why the signer does not sign.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignerError {
    /// Another process signs.
    #[error("another process holds the signer's state")]
    Locked,
    /// Nothing is known of this log: it is new, or the state was lost. Only a person may say which.
    #[error("the signer's state knows nothing of the log {origin}")]
    Unknown {
        /// The log.
        origin: String,
    },
    /// `begin` for a log that is known.
    #[error("the signer's state knows the log {origin} already")]
    Known {
        /// The log.
        origin: String,
    },
    /// The log is shorter than what was signed: an old backup, or a rolled-back machine.
    #[error("the log has {offered} leaves, but {signed} were signed")]
    Shorter {
        /// Leaves now.
        offered: u64,
        /// Leaves at the last signature.
        signed: u64,
    },
    /// The log is not an extension of what was signed: a second history.
    #[error("the log at {offered} leaves does not extend the one signed at {signed}")]
    NotAnExtension {
        /// Leaves now.
        offered: u64,
        /// Leaves at the last signature.
        signed: u64,
    },
    /// A file of the state is not what this program wrote.
    #[error("the signer's state in {} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// An origin with control characters, empty, or too long.
    #[error("not an origin")]
    Origin,
    /// The file could not be read or written.
    #[error("the signer's state cannot be read or written")]
    Vault(#[from] VaultError),
}

/// The signer's own state, held by one process at a time.
#[derive(Debug)]
pub struct SignerState {
    durable: Arc<Durable>,
    positions: BTreeMap<String, Position>,
    _lock: Lock,
}

impl SignerState {
    /// The state in the directory `root`, made if it is not there. Nobody else can open it until this is dropped.
    pub fn open(root: &Path) -> Result<Self, SignerError> {
        Self::over(Arc::new(Disk::new(root).map_err(VaultError::at(root))?))
    }

    /// The state over other files: a simulated disk, for instance.
    pub fn over(files: Arc<dyn Files>) -> Result<Self, SignerError> {
        let lock = files.lock(Path::new("lock")).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => SignerError::Locked,
            _ => VaultError::at(Path::new("lock"))(error).into(),
        })?;
        let durable = Arc::new(Durable::new(files)?);
        let root = Path::new("");
        // A killed process may have renamed a file without having synced the folder. What it recorded is believed below, and
        // the same position is signed without being written again: so it must be durable first.
        durable.sync_dir(root)?;
        let mut positions = BTreeMap::new();
        for entry in durable.files().list(root).map_err(VaultError::at(root))? {
            let path = PathBuf::from(&entry.name);
            if entry.directory || path.extension().is_none_or(|extension| extension != "state") {
                continue;
            }
            let bytes = durable.read(&path, 4096)?.unwrap_or_default();
            let (origin, position) = parse(&bytes)
                .filter(|(origin, _)| file_of(origin) == path)
                .ok_or(SignerError::Damaged { path })?;
            positions.insert(origin, position);
        }
        Ok(Self { durable, positions, _lock: lock })
    }

    /// Says whether a sync failed: from then on nothing is recorded, and so nothing signed.
    pub fn stop(&self) -> &Stop {
        self.durable.stop()
    }

    /// What was last signed for this log.
    pub fn position(&self, origin: &str) -> Option<Position> {
        self.positions.get(origin).copied()
    }

    /// Every log that is known.
    pub fn positions(&self) -> impl Iterator<Item = (&str, Position)> {
        self.positions.iter().map(|(origin, position)| (origin.as_str(), *position))
    }

    /// Makes a log known: a new one at its beginning, or, after the state was lost, one whose `position` a person has
    /// established from a witness or a mirror. Refuses a log that is known.
    pub fn begin(&mut self, origin: &str, position: Position) -> Result<(), SignerError> {
        if self.positions.contains_key(origin) {
            return Err(SignerError::Known { origin: origin.to_owned() });
        }
        self.write(origin, position)
    }

    /// Records, durably, what is about to be signed. `extends(signed, next)` answers whether a consistency proof shows
    /// that the log at `next` begins with the log at `signed`; it is asked only when `next` is longer. If we crash after
    /// this and before the signature, the same position is accepted again.
    pub fn record(
        &mut self,
        origin: &str,
        next: Position,
        extends: impl FnOnce(&Position, &Position) -> bool,
    ) -> Result<(), SignerError> {
        let signed =
            self.position(origin).ok_or_else(|| SignerError::Unknown { origin: origin.to_owned() })?;
        if next == signed {
            return Ok(());
        }
        if next.size < signed.size {
            return Err(SignerError::Shorter { offered: next.size, signed: signed.size });
        }
        if next.size == signed.size || !extends(&signed, &next) {
            return Err(SignerError::NotAnExtension { offered: next.size, signed: signed.size });
        }
        self.write(origin, next)
    }

    /// A secret that lives and dies with this state, such as a witness's key: whoever loses the one has lost the other.
    pub fn secret(&self) -> Result<Option<Vec<u8>>, SignerError> {
        Ok(self.durable.read(Path::new(SECRET), 4096)?)
    }

    /// Keeps it, readable by the owner only.
    pub fn keep_secret(&mut self, secret: &[u8]) -> Result<(), SignerError> {
        Ok(self.durable.put(Path::new(SECRET), secret, 0o600)?)
    }

    fn write(&mut self, origin: &str, position: Position) -> Result<(), SignerError> {
        if origin.is_empty() || origin.len() > ORIGIN || origin.chars().any(char::is_control) {
            return Err(SignerError::Origin);
        }
        let body = format!("{FORMAT}\n{origin}\n{}\n{}\n", position.size, to_hex(&position.root));
        let whole = format!("{body}{}\n", to_hex(&sha256(body.as_bytes())));
        self.durable.put(&file_of(origin), whole.as_bytes(), 0o600)?;
        self.positions.insert(origin.to_owned(), position);
        Ok(())
    }
}

fn file_of(origin: &str) -> PathBuf {
    PathBuf::from(format!("{}.state", to_hex(&sha256(origin.as_bytes())[..16])))
}

fn parse(bytes: &[u8]) -> Option<(String, Position)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (body, check) = text.split_at_checked(text.len().checked_sub(65)?)?;
    if check != format!("{}\n", to_hex(&sha256(body.as_bytes()))) {
        return None;
    }
    let mut lines = body.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    let origin = lines.next()?.to_owned();
    let size = lines.next()?.parse().ok()?;
    let root = from_hex(lines.next()?)?;
    Some((origin, Position { size, root }))
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_state(bytes: &[u8]) {
    let _ = parse(bytes);
}
