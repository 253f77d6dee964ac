//! Where content is: a folder, or a bucket of an object store. Both name it by the SHA-256 of what is stored and lay it out
//! alike, so that one can be copied to the other by anybody's means. Calls wait: they belong off the async threads.

use crate::bucket::Bucket;
use crate::durable::{Durable, Temporary};
use crate::inventory::{self, Condition, Shard};
use crate::{Reading, VaultError};
use plico_crypto::digest::{Sha256, to_hex};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is read at once while hashing.
const PIECE: usize = 256 * 1024;

/// A place for content.
#[derive(Clone, Debug)]
pub(crate) enum Blobs {
    /// Files below `top`.
    Folder { durable: Arc<Durable>, top: PathBuf },
    /// Objects.
    Bucket(Arc<Bucket>),
}

/// What to do where there is something under the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    /// It is compared, and stays.
    Stays,
    /// It is known to be damaged.
    IsReplaced,
}

/// `aa/bb/<name>`.
pub(crate) fn place_of(blob: &[u8; 32]) -> String {
    let name = to_hex(blob);
    format!("{}/{}/{name}", &name[..2], &name[2..4])
}

impl Blobs {
    /// Keeps what was sealed, durably, under its name. A folder takes a temporary of its own.
    pub(crate) fn put(
        &self,
        sealed: Temporary,
        blob: &[u8; 32],
        size: u64,
        there: There,
    ) -> Result<(), VaultError> {
        match self {
            // The same name is the same bytes: replacing them changes nothing, and mends what was damaged.
            Self::Folder { top, .. } => sealed.publish(&top.join(place_of(blob))),
            Self::Bucket(bucket) => bucket.put(&*sealed.reading()?, blob, size, there),
        }
    }

    /// A blob, to read.
    pub(crate) fn open(&self, blob: &[u8; 32]) -> Result<Box<dyn Reading>, VaultError> {
        match self {
            Self::Folder { durable, top } => {
                let path = top.join(place_of(blob));
                durable.files().open(&path).map_err(VaultError::at(&path))
            }
            Self::Bucket(bucket) => Ok(Box::new(bucket.open(blob)?)),
        }
    }

    /// The blobs whose name begins with `first`.
    pub(crate) fn shard(&self, first: u8) -> Result<Shard, VaultError> {
        match self {
            Self::Folder { durable, top } => inventory::shard(durable, top, first),
            Self::Bucket(bucket) => bucket.shard(first),
        }
    }

    /// Removes a blob, durably; not an error when it is gone already.
    pub(crate) fn remove(&self, blob: &[u8; 32]) -> Result<(), VaultError> {
        match self {
            Self::Folder { durable, top } => durable.remove(&top.join(place_of(blob))),
            Self::Bucket(bucket) => bucket.remove(blob),
        }
    }

    /// Reads a blob to its end and compares it with its name.
    pub(crate) fn verify(&self, blob: &[u8; 32]) -> Result<Condition, VaultError> {
        let stored = match self.open(blob) {
            Err(VaultError::Missing { .. }) => return Ok(Condition::Missing),
            result => result?,
        };
        read_through(&*stored, blob, |_| Ok(()))
    }

    /// What this place says about itself when it does not work.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Self::Folder { .. } => None,
            Self::Bucket(bucket) => bucket.trouble(),
        }
    }
}

/// Reads all of it, hands each piece on, and compares the whole with its name.
pub(crate) fn read_through(
    stored: &dyn Reading,
    blob: &[u8; 32],
    mut take: impl FnMut(&[u8]) -> Result<(), VaultError>,
) -> Result<Condition, VaultError> {
    let name = place_of(blob);
    let (mut digest, mut stored_size, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let count = stored.read_at(&mut piece, stored_size).map_err(VaultError::at(Path::new(&name)))?;
        digest.update(&piece[..count]);
        take(&piece[..count])?;
        stored_size += count as u64;
        if count < PIECE {
            break;
        }
    }
    Ok(if digest.finish() == *blob { Condition::Whole { stored_size } } else { Condition::Altered })
}
