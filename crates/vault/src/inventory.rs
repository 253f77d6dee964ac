//! What blobs there are, whether they are whole, and their end. No key is needed for any of it.

use crate::durable::Durable;
use crate::{Vault, VaultError};
use plico_crypto::digest::{Sha256, from_hex, to_hex};
use std::path::{Path, PathBuf};

const BLOBS: &str = "blobs";
/// How much is read at once while hashing.
const PIECE: usize = 256 * 1024;

/// Where a blob's file is, inside the vault.
pub(crate) fn blob_path(blob: &[u8; 32]) -> PathBuf {
    let name = to_hex(blob);
    Path::new(BLOBS).join(&name[..2]).join(&name[2..4]).join(name)
}

/// One 256th of the vault: the blobs whose name begins with the same byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shard {
    /// The blobs, by name.
    pub blobs: Vec<Found>,
    /// Paths that the vault did not write.
    pub strangers: Vec<PathBuf>,
}

/// A blob's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name: SHA-256 of the stored bytes.
    pub blob: [u8; 32],
    /// Length of the stored bytes.
    pub stored_size: u64,
    /// When it was written, in milliseconds UTC: a young blob that nothing names may be about to be named.
    pub modified_ms: i64,
}

/// What re-reading a blob says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The stored bytes have the digest that names them.
    Whole {
        /// Length of the stored bytes.
        stored_size: u64,
    },
    /// They have not.
    Altered,
    /// There is no such file.
    Missing,
}

impl Vault {
    /// The blobs whose name begins with `first`. All of 0..=255 are all of the vault.
    pub async fn shard(&self, first: u8) -> Result<Shard, VaultError> {
        self.blocking(move |durable| shard(durable, first)).await
    }

    /// Reads a blob's stored bytes again and compares their digest with the name.
    pub async fn verify(&self, blob: [u8; 32]) -> Result<Condition, VaultError> {
        self.blocking(move |durable| verify(durable, &blob)).await
    }

    /// Removes a blob, durably: erasure, or one that nothing names. Not an error when it is gone already.
    pub async fn remove(&self, blob: [u8; 32]) -> Result<(), VaultError> {
        self.blocking(move |durable| durable.remove(&blob_path(&blob))).await
    }
}

fn shard(durable: &Durable, first: u8) -> Result<Shard, VaultError> {
    let list = |path: &Path| durable.files().list(path).map_err(VaultError::at(path));
    let mut shard = Shard::default();
    let top = Path::new(BLOBS).join(to_hex(&[first]));
    for middle in list(&top)? {
        let directory = top.join(&middle.name);
        if !middle.directory || from_hex::<1>(&middle.name).is_none() {
            shard.strangers.push(directory);
            continue;
        }
        for entry in list(&directory)? {
            let path = directory.join(&entry.name);
            match from_hex(&entry.name) {
                Some(blob) if !entry.directory && blob_path(&blob) == path => {
                    let (stored_size, modified_ms) = (entry.size, entry.modified_ms);
                    shard.blobs.push(Found { blob, stored_size, modified_ms });
                }
                _ => shard.strangers.push(path),
            }
        }
    }
    shard.blobs.sort_unstable_by_key(|found| found.blob);
    shard.strangers.sort_unstable();
    Ok(shard)
}

fn verify(durable: &Durable, blob: &[u8; 32]) -> Result<Condition, VaultError> {
    let path = blob_path(blob);
    let file = match durable.files().open(&path).map_err(VaultError::at(&path)) {
        Err(VaultError::Missing { .. }) => return Ok(Condition::Missing),
        result => result?,
    };
    let mut digest = Sha256::new();
    let mut stored_size = 0;
    let mut piece = vec![0; PIECE];
    loop {
        let count = file.read_at(&mut piece, stored_size).map_err(VaultError::at(&path))?;
        digest.update(&piece[..count]);
        stored_size += count as u64;
        if count < PIECE {
            break;
        }
    }
    Ok(if digest.finish() == *blob { Condition::Whole { stored_size } } else { Condition::Altered })
}
