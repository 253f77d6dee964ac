//! A blob on its way in: measured, sealed and stored while it streams.

use crate::blobs::There;
use crate::durable::Temporary;
use crate::vault::off_thread;
use crate::{Vault, VaultError};
use plico_crypto::DataKey;
use plico_crypto::digest::Sha256;
use plico_crypto::stream::Sealer;

/// Content up to this many bytes is handed back as bytes, for a database row in the caller's own transaction: one sync
/// for both, and no millions of small files. A vault over a bucket may draw the line lower.
pub const ROW_LIMIT: u64 = 256 * 1024;

/// How many of the first bytes of the content are kept, to tell what it is.
pub const HEAD: usize = 4096;

/// How much content is gathered before it is sealed and written, off the async threads.
const BATCH: usize = 256 * 1024;

/// Where a stored blob is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Here: the stored bytes, for the caller to write to a row.
    Row(Vec<u8>),
    /// Where the vault keeps its blobs, durable, under its name.
    File,
}

/// What was measured and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The blob's name: SHA-256 of the stored bytes.
    pub blob: [u8; 32],
    /// Length of the stored bytes.
    pub stored_size: u64,
    /// SHA-256 of the content: the *impronta*.
    pub sha256: [u8; 32],
    /// Length of the content in bytes.
    pub size: u64,
    /// The first [`HEAD`] bytes of the content, or all of it.
    pub head: Vec<u8>,
    /// Where it is.
    pub place: Place,
}

/// A blob being written. Dropped before [`finish`](BlobWriter::finish), it leaves nothing.
pub struct BlobWriter {
    /// Away while a batch is being written; gone for good after an error.
    core: Option<Core>,
    waiting: Vec<u8>,
    received: u64,
    limit: u64,
}

impl Vault {
    /// Begins a blob under a key that seals nothing else and a random `nonce_prefix`, of at most `limit` bytes of
    /// content.
    pub fn writer(&self, key: &DataKey, nonce_prefix: [u8; 7], limit: u64) -> BlobWriter {
        BlobWriter {
            core: Some(Core::new(self.clone(), key, nonce_prefix)),
            waiting: vec![],
            received: 0,
            limit,
        }
    }

    /// Stores content that is in memory already.
    pub async fn store(
        &self,
        key: &DataKey,
        nonce_prefix: [u8; 7],
        content: &[u8],
    ) -> Result<Stored, VaultError> {
        let mut writer = self.writer(key, nonce_prefix, u64::MAX);
        writer.write(content).await?;
        writer.finish().await
    }
}

impl BlobWriter {
    /// How much content has come so far, in bytes.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Takes the next piece, of any length. After an error, or when the call is cancelled, the writer is of no use.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.received += bytes.len() as u64;
        if self.received > self.limit {
            self.core = None;
            return Err(VaultError::TooLarge { limit: self.limit });
        }
        self.waiting.extend_from_slice(bytes);
        // One batch always waits, so that content for a row never leaves the async thread before the end.
        if self.waiting.len() > BATCH {
            let mut core = self.core.take().ok_or(VaultError::BrokenOff)?;
            let waiting = std::mem::take(&mut self.waiting);
            let back = off_thread(move || {
                core.push(&waiting)?;
                Ok((core, waiting))
            });
            let (core, mut waiting) = back.await?;
            waiting.clear();
            (self.core, self.waiting) = (Some(core), waiting);
        }
        Ok(())
    }

    /// Ends the content. When this returns, what is not for a row is durable under its name: on the disk, or so the
    /// object store says.
    pub async fn finish(mut self) -> Result<Stored, VaultError> {
        let mut core = self.core.take().ok_or(VaultError::BrokenOff)?;
        let waiting = std::mem::take(&mut self.waiting);
        off_thread(move || {
            core.push(&waiting)?;
            core.finish()
        })
        .await
    }
}

struct Core {
    vault: Vault,
    sealer: Sealer,
    content: Sha256,
    sealed: Sha256,
    size: u64,
    stored_size: u64,
    head: Vec<u8>,
    /// Sealed bytes not yet in the file; all of them while there is none.
    out: Vec<u8>,
    file: Option<Temporary>,
}

impl Core {
    fn new(vault: Vault, key: &DataKey, nonce_prefix: [u8; 7]) -> Self {
        let sealer = Sealer::new(key, nonce_prefix);
        let out = sealer.header().as_bytes().to_vec();
        let (content, sealed) = (Sha256::new(), Sha256::new());
        Self { vault, sealer, content, sealed, size: 0, stored_size: 0, head: vec![], out, file: None }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        let more = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..more]);
        self.content.update(bytes);
        self.size += bytes.len() as u64;
        self.sealer.push(bytes, &mut self.out)?;
        if self.size > self.vault.row_limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), VaultError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.vault.scratch.temporary(0o440)?),
        };
        file.write(&self.out)?;
        self.sealed.update(&self.out);
        self.stored_size += self.out.len() as u64;
        self.out.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Stored, VaultError> {
        self.sealer.finish(&mut self.out)?;
        self.stored_size += self.out.len() as u64;
        self.sealed.update(&self.out);
        let blob = self.sealed.finish();
        let place = match self.file {
            None => Place::Row(self.out),
            Some(mut file) => {
                file.write(&self.out)?;
                self.vault.blobs.put(file, &blob, self.stored_size, There::Stays)?;
                Place::File
            }
        };
        let (stored_size, size, head) = (self.stored_size, self.size, self.head);
        Ok(Stored { blob, stored_size, sha256: self.content.finish(), size, head, place })
    }
}
