//! What blobs there are, whether they are whole, and their end. No key is needed for any of it.

use crate::blobs::{Blobs, There, place_of, read_through};
use crate::durable::Durable;
use crate::vault::off_thread;
use crate::{Vault, VaultError};
use plico_crypto::digest::{from_hex, to_hex};
use std::path::{Path, PathBuf};

/// One 256th of the vault: the blobs whose name begins with the same byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shard {
    /// The blobs, by name.
    pub blobs: Vec<Found>,
    /// Paths that the vault did not write.
    pub strangers: Vec<PathBuf>,
}

/// A blob, where it is kept.
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
    /// There is none.
    Missing,
}

/// What came of taking a blob over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is here, and was read again.
    Copied,
    /// It was here, and whole.
    ThereAlready,
    /// The other has none, or not the right bytes.
    Damaged,
}

impl Vault {
    /// The blobs whose name begins with `first`. All of 0..=255 are all there are.
    pub async fn shard(&self, first: u8) -> Result<Shard, VaultError> {
        self.of_blobs(move |blobs| blobs.shard(first)).await
    }

    /// Reads a blob's stored bytes again and compares their digest with the name.
    pub async fn verify(&self, blob: [u8; 32]) -> Result<Condition, VaultError> {
        self.of_blobs(move |blobs| blobs.verify(&blob)).await
    }

    /// Removes a blob, durably: erasure, or one that nothing names. Not an error when it is gone already.
    pub async fn remove(&self, blob: [u8; 32]) -> Result<(), VaultError> {
        self.of_blobs(move |blobs| blobs.remove(&blob)).await
    }

    /// Brings a blob that is damaged or missing back from the replica; `false` where there is none, or it has no right one.
    /// Only bytes that hash to the name are taken.
    pub async fn mend(&self, blob: [u8; 32]) -> Result<bool, VaultError> {
        let Some(replica) = self.replica.clone() else { return Ok(false) };
        let vault = self.clone();
        off_thread(move || vault.copy(&replica, &blob, There::IsReplaced)).await
    }

    /// Takes a blob over from another vault, and reads it again here. What is here already, and whole, stays.
    pub async fn take_from(&self, other: &Self, blob: [u8; 32]) -> Result<Taken, VaultError> {
        let (vault, other) = (self.clone(), other.blobs.clone());
        off_thread(move || {
            let there = match vault.blobs.verify(&blob)? {
                Condition::Whole { .. } => return Ok(Taken::ThereAlready),
                Condition::Altered => There::IsReplaced,
                Condition::Missing => There::Stays,
            };
            if !vault.copy(&other, &blob, there)? {
                return Ok(Taken::Damaged);
            }
            match vault.blobs.verify(&blob)? {
                Condition::Whole { .. } => Ok(Taken::Copied),
                _ => Err(VaultError::Store { why: format!("{} is not what was written", place_of(&blob)) }),
            }
        })
        .await
    }

    /// Takes a blob over from another place; `false` where that has no right one.
    pub(crate) fn copy(&self, from: &Blobs, blob: &[u8; 32], there: There) -> Result<bool, VaultError> {
        let stored = match from.open(blob) {
            Err(VaultError::Missing { .. }) => return Ok(false),
            result => result?,
        };
        let mut sealed = self.scratch.temporary(0o440)?;
        match read_through(&*stored, blob, |piece| sealed.write(piece))? {
            Condition::Whole { stored_size } => {
                self.blobs.put(sealed, blob, stored_size, there)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn of_blobs<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Blobs) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let blobs = self.blobs.clone();
        off_thread(move || work(&blobs)).await
    }
}

/// The same of files below `folder`.
pub(crate) fn shard(durable: &Durable, folder: &Path, first: u8) -> Result<Shard, VaultError> {
    let list = |path: &Path| durable.files().list(path).map_err(VaultError::at(path));
    let mut shard = Shard::default();
    let top = folder.join(to_hex(&[first]));
    for middle in list(&top)? {
        let directory = top.join(&middle.name);
        if !middle.directory || from_hex::<1>(&middle.name).is_none() {
            shard.strangers.push(directory);
            continue;
        }
        for entry in list(&directory)? {
            let path = directory.join(&entry.name);
            match from_hex(&entry.name) {
                Some(blob) if !entry.directory && folder.join(place_of(&blob)) == path => {
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
