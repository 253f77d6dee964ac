//! Content above the size of a row: from the folder to the bucket, and back. Each piece is read again where it went; nothing is
//! removed where it came from. Whoever is broken off goes on where he was: what is there already, and whole, stays.

use std::collections::BTreeSet;

use plico_database::{Database, Mode, args};
use plico_vault::signer::SignerState;
use plico_vault::{Taken, Vault};

use crate::error::ArchiveError;
use crate::fsck::Finding;
use crate::scrub::bounds;
use crate::setup::signer_error;
use crate::{Paths, hex};

/// Where content goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// To the bucket of the configuration.
    Bucket,
    /// From it to the folder.
    Folder,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovedBlobs {
    /// Copied now, and read again there.
    pub copied: u64,
    /// There already, and whole.
    pub there: u64,
    /// What is not there: damaged where it came from, or nowhere.
    pub missing: Vec<Finding>,
}

// Content that something names and that is no row.
pub(crate) const NAMED: &str =
    "select n.blob from (select blob from access_grant where blob >= $1 and blob < $2
    union select blob from upload where blob >= $1 and blob < $2) n
    where not exists (select 1 from blob b where b.digest = n.blob) order by n.blob";

/// Moves the content of an archive that nobody serves. `tell` hears after each 256th what was done so far.
pub async fn move_blobs(
    paths: &Paths,
    into: Into,
    tell: impl Fn(u16, &MovedBlobs),
) -> Result<MovedBlobs, ArchiveError> {
    // Whoever serves holds it.
    let _alone = SignerState::open(&paths.signer).map_err(signer_error)?;
    if !paths.may_hold_one() {
        return Err(ArchiveError::Setup(format!("there is no archive in {}", paths.data.display())));
    }
    let (folder, bucket) = (Vault::open(&paths.data)?, Vault::open_with(&paths.data, &paths.stores)?);
    let (from, to) = if into == Into::Bucket { (folder, bucket) } else { (bucket, folder) };
    let database = Database::open(paths.database.clone(), Mode::Existing).await?;
    let mut moved = MovedBlobs::default();
    for first in 0..=255 {
        one_shard(&from, &to, &database, first, &mut moved).await?;
        tell(u16::from(first) + 1, &moved);
    }
    database.close().await;
    Ok(moved)
}

async fn one_shard(
    from: &Vault,
    to: &Vault,
    database: &Database,
    first: u8,
    moved: &mut MovedBlobs,
) -> Result<(), ArchiveError> {
    let mut present = BTreeSet::new();
    let mut lost = |blob: &[u8], what: &str| {
        moved.missing.push(Finding { place: format!("blob {}", hex(blob)), what: what.into() });
    };
    for found in from.shard(first).await?.blobs {
        match to.take_from(from, found.blob).await? {
            Taken::Copied => moved.copied += 1,
            Taken::ThereAlready => moved.there += 1,
            Taken::Damaged => {
                lost(&found.blob, "its bytes are not those of its name");
                continue;
            }
        }
        present.insert(found.blob.to_vec());
    }
    // What an earlier run brought, and the source has not any more.
    for found in to.shard(first).await?.blobs {
        present.insert(found.blob.to_vec());
    }
    let (low, high) = bounds(first);
    for (blob,) in database.all::<(Vec<u8>,)>(NAMED, args![&low, &high]).await? {
        if !present.contains(&blob) {
            lost(&blob, "it is needed and not there");
        }
    }
    Ok(())
}
