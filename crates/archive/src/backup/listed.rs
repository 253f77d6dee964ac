//! Content in a bucket is not copied into a backup: the backup lists it, and says how much of it is there. What keeps it is the
//! bucket's own replica; a copy of everything in each backup would be one of terabytes.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use plico_crypto::digest::from_hex;
use plico_database::{Database, args};
use plico_vault::{NewFile, Vault};

use super::pack::{failed, unnamed};
use crate::error::ArchiveError;
use crate::moving::NAMED;
use crate::scrub::bounds;
use crate::{Paths, hex};

/// The list in the data file: one name a line.
pub(super) const FILE: &str = "blobs.list";

/// A list, compared with the bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Found there.
    pub found: u64,
    /// Not there: names, hexadecimal.
    pub missing: Vec<String>,
}

impl Listed {
    fn count(&mut self, there: bool, blob: &[u8]) {
        if there {
            self.found += 1;
        } else {
            self.missing.push(hex(blob));
        }
    }
}

/// Writes the list of what a copy of the database names, and looks for it.
pub(super) async fn write(copy: &Database, vault: &Vault, file: &Path) -> Result<Listed, ArchiveError> {
    let mut out = BufWriter::new(NewFile::begin(file).map_err(unnamed(file))?);
    let mut listed = Listed::default();
    for first in 0..=255 {
        let (low, high) = bounds(first);
        let named: Vec<(Vec<u8>,)> = copy.all(NAMED, args![&low, &high]).await?;
        if named.is_empty() {
            continue;
        }
        let there = vault.shard(first).await?.blobs;
        for (blob,) in named {
            listed.count(there.binary_search_by(|found| found.blob[..].cmp(&blob)).is_ok(), &blob);
            writeln!(out, "{}", hex(&blob)).map_err(failed(file))?;
        }
    }
    let out = out.into_inner().map_err(|error| failed(file)(error.into_error()))?;
    out.finish().map_err(unnamed(file))?;
    Ok(listed)
}

/// Looks for what the list of a restored backup names, and removes the list. `None` where there is none.
pub(super) async fn compare(paths: &Paths) -> Result<Option<Listed>, ArchiveError> {
    let file = paths.data.join(FILE);
    if !file.exists() {
        return Ok(None);
    }
    let vault = Vault::open_with(&paths.data, &paths.stores)?;
    let (mut listed, mut there, mut shard) = (Listed::default(), Vec::new(), None);
    let lines = BufReader::new(std::fs::File::open(&file).map_err(failed(&file))?).lines();
    for line in lines {
        let line = line.map_err(failed(&file))?;
        let blob: [u8; 32] = from_hex(&line)
            .ok_or_else(|| ArchiveError::Setup(format!("{} is not a list of content", file.display())))?;
        if shard != Some(blob[0]) {
            there = vault.shard(blob[0]).await?.blobs;
            shard = Some(blob[0]);
        }
        listed.count(there.binary_search_by_key(&blob, |found| found.blob).is_ok(), &blob);
    }
    vault.remove_file(FILE).await?;
    Ok(Some(listed))
}
