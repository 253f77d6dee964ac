//! Stored content read again, a little at a time and for ever: what a disk loses is found while there are still copies
//! that hold it, and brought back from the replica where there is one. No key is needed, because content is named by the digest of what is stored.
//!
//! A pass goes through 256 shards, by the first byte of the names; where it stands is kept in a small file, so that a
//! restart goes on from there. If we crash, the shards since the last note are read once more.

use std::collections::BTreeSet;
use std::future::Future;

use plico_crypto::digest::sha256;
use plico_database::args;
use plico_vault::{Access, Condition, VaultError};
use serde::{Deserialize, Serialize};

use crate::error::ArchiveError;
use crate::fsck::Finding;
use crate::{Archive, hex};

/// Where a pass stands. It is of this machine, and so in no backup.
const FILE: &str = "scrub";
/// Bytes of the longest such file.
const LIMIT: u64 = 1 << 20;
/// How many findings a pass remembers: after so many a person has long been called.
const FINDINGS: usize = 100;
const SHARDS: u16 = 256;
/// So many shards are read between two notes of how the pass stands.
const NOTED: u16 = 16;

const ROWS: &str =
    "select digest, bytes from blob where digest > $1 and digest < $2 order by digest limit 64";
const NEEDED: &str = "select blob from access_grant where blob >= $1 and blob < $2
    union select blob from upload where blob >= $1 and blob < $2";

/// A pass over all stored content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    v: u8,
    /// When it began (UTC milliseconds).
    pub began_ms: i64,
    next: u16,
    /// Blobs read so far.
    pub blobs: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What was wrong, and was brought back from the replica.
    #[serde(default)]
    pub mended: Vec<Finding>,
}

impl Pass {
    /// One that begins.
    pub fn begin(now_ms: i64) -> Self {
        Self { v: 1, began_ms: now_ms, next: 0, blobs: 0, findings: Vec::new(), mended: Vec::new() }
    }

    /// Everything has been read.
    pub fn is_over(&self) -> bool {
        self.next >= SHARDS
    }

    fn found(&mut self, blob: &[u8], what: &str, mended: bool) {
        let list = if mended { &mut self.mended } else { &mut self.findings };
        if list.len() < FINDINGS {
            list.push(Finding { place: format!("blob {}", hex(blob)), what: what.into() });
        }
    }

    fn known(&self) -> usize {
        self.findings.len() + self.mended.len()
    }
}

impl Archive {
    /// The present pass, or the last one if it is over; none where none was ever begun, or nobody can read how it stands.
    pub async fn pass(&self) -> Result<Option<Pass>, ArchiveError> {
        let bytes = self.vault().read_file(FILE, LIMIT).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).filter(|pass: &Pass| pass.v == 1))
    }

    /// Reads the next shard of a pass again, and notes now and then how the pass stands, at once when something is wrong. `pause` is waited for after each blob of so many
    /// bytes.
    pub async fn scrub<F: Future<Output = ()>>(
        &self,
        pass: &mut Pass,
        pause: impl Fn(u64) -> F,
    ) -> Result<(), ArchiveError> {
        let first = u8::try_from(pass.next).map_err(|_| ArchiveError::Corrupt("the pass is over".into()))?;
        let known = pass.known();
        // Asked before anything is read: what is stored meanwhile is named after it is there, and would be taken for missing.
        let (from, to) = bounds(first);
        let needed: Vec<(Vec<u8>,)> = self.database().all(NEEDED, args![&from, &to]).await?;
        let present = self.scrub_rows(first, pass, &pause).await?;
        let files = self.scrub_files(first, pass, &pause).await?;
        for (blob,) in needed {
            // What is gone may have been erased meanwhile.
            if !present.contains(&blob) && !files.contains(&blob) && self.names(&blob).await? {
                let mended = self.mended(&blob).await;
                pass.found(&blob, "it is needed and not there", mended);
            }
        }
        pass.next += 1;
        if !pass.next.is_multiple_of(NOTED) && pass.known() == known {
            return Ok(());
        }
        let bytes = serde_json::to_vec(pass).map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
        Ok(self.vault().put_file(FILE, bytes, Access::Group).await?)
    }

    /// Brings a blob back from the replica; whether it is whole now.
    pub(crate) async fn mended(&self, blob: &[u8]) -> bool {
        let Ok(blob) = blob.try_into() else { return false };
        match self.vault().mend(blob).await {
            Ok(true) => {
                // Believed once it has been read again.
                let whole = matches!(self.vault().verify(blob).await, Ok(Condition::Whole { .. }));
                tracing::warn!(blob = hex(&blob), whole, "stored content was brought back from the replica");
                whole
            }
            Ok(false) => false,
            Err(error) => {
                tracing::error!(blob = hex(&blob), %error, "stored content could not be brought back");
                false
            }
        }
    }

    async fn scrub_rows<F: Future<Output = ()>>(
        &self,
        first: u8,
        pass: &mut Pass,
        pause: &impl Fn(u64) -> F,
    ) -> Result<BTreeSet<Vec<u8>>, ArchiveError> {
        let (mut after, to) = bounds(first);
        let mut present = BTreeSet::new();
        loop {
            let rows: Vec<(Vec<u8>, Vec<u8>)> = self.database().all(ROWS, args![&after, &to]).await?;
            let Some((last, _)) = rows.last() else { return Ok(present) };
            after.clone_from(last);
            for (digest, bytes) in rows {
                pass.blobs += 1;
                if sha256(&bytes)[..] != digest[..] {
                    pass.found(&digest, "its bytes are not those of its name", false);
                }
                present.insert(digest);
                pause(bytes.len() as u64).await;
            }
        }
    }

    async fn scrub_files<F: Future<Output = ()>>(
        &self,
        first: u8,
        pass: &mut Pass,
        pause: &impl Fn(u64) -> F,
    ) -> Result<BTreeSet<Vec<u8>>, ArchiveError> {
        let mut present = BTreeSet::new();
        for found in self.vault().shard(first).await?.blobs {
            let condition = self.vault().verify(found.blob).await;
            pass.blobs += 1;
            match condition {
                Ok(Condition::Missing) => continue, // swept since it was listed
                Ok(Condition::Whole { .. }) => {}
                Ok(Condition::Altered) => {
                    let mended = self.mended(&found.blob).await;
                    pass.found(&found.blob, "its bytes are not those of its name", mended);
                }
                // Nobody answers: that says nothing about the content. The shard is read again.
                Err(error @ VaultError::Store { .. }) => return Err(error.into()),
                // The disk does not give it: that is what this looks for.
                Err(error) => {
                    let mended = self.mended(&found.blob).await;
                    pass.found(&found.blob, &error.to_string(), mended);
                }
            }
            present.insert(found.blob.to_vec());
            pause(found.stored_size).await;
        }
        Ok(present)
    }
}

/// Names that begin with this byte: from the first (none is all zeros) to below the second.
pub(crate) fn bounds(first: u8) -> (Vec<u8>, Vec<u8>) {
    let above = first.checked_add(1).map_or_else(|| vec![0xff; 33], |next| vec![next]);
    (vec![first], above)
}
