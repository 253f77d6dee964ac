//! Content that nothing names any more: blobs of uploads that were never sent, and what a crash left behind.

use plico_database::args;
use plico_vault::Found;

use crate::Archive;
use crate::append::Work;
use crate::error::{ActError, ArchiveError};
use crate::outbox::flat;

/// A file without a name in the database may be about to get one: an upload is stored before it is recorded.
const YOUNG_MS: i64 = 86_400_000;
/// Rows removed in one transaction.
const BATCH: i64 = 256;

// An event's documents and receipts are named by their grants. The same content may have several names: while one of
// them is left, the blob stays.
const UNNAMED: &str = "select b.digest from blob b where b.digest > $1
    and not exists (select 1 from access_grant g where g.blob = b.digest)
    and not exists (select 1 from upload u where u.blob = b.digest)
    order by b.digest limit $2";
const REMOVE: &str = "delete from blob where digest = $1
    and not exists (select 1 from access_grant g where g.blob = blob.digest)
    and not exists (select 1 from upload u where u.blob = blob.digest)";
const NAMED: &str = "select exists (select 1 from access_grant where blob = $1)
    or exists (select 1 from upload where blob = $1)";

impl Archive {
    /// Removes content that nothing names; answers how many blobs went. Crash here: what is left goes the next time.
    pub async fn sweep_blobs(&self) -> Result<u64, ArchiveError> {
        self.believe_clock().await?;
        Ok(self.sweep_rows().await? + self.sweep_files().await?)
    }

    /// Rows are inserted by the transaction that names them: one without a name has lost it.
    async fn sweep_rows(&self) -> Result<u64, ArchiveError> {
        let (mut after, mut swept) = (Vec::new(), 0);
        loop {
            let rows: Vec<(Vec<u8>,)> = self.database().all(UNNAMED, args![&after, BATCH]).await?;
            let Some((last,)) = rows.last() else { return Ok(swept) };
            after.clone_from(last);
            let removed = self.act(move |work: &mut Work| {
                Box::pin(async move {
                    let mut removed = 0;
                    for (digest,) in rows {
                        removed += work.tx.execute(REMOVE, args![digest]).await?;
                    }
                    Ok::<_, ActError<()>>(removed)
                })
            });
            swept += flat(removed.await)?;
        }
    }

    async fn sweep_files(&self) -> Result<u64, ArchiveError> {
        let before_ms = self.now_ms() - YOUNG_MS;
        let mut swept = 0;
        for first in 0..=255 {
            for Found { blob, modified_ms, .. } in self.vault().shard(first).await?.blobs {
                if modified_ms < before_ms && !self.names(&blob).await? {
                    self.vault().remove(blob).await?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }

    /// Whether anything names this content.
    pub(crate) async fn names(&self, blob: &[u8]) -> Result<bool, ArchiveError> {
        Ok(self.database().one::<(bool,)>(NAMED, args![blob]).await?.0)
    }

    /// Removes temporary files and copies of the database that a crash left behind; answers how many.
    pub async fn sweep_leftovers(&self) -> Result<u64, ArchiveError> {
        self.believe_clock().await?;
        let before_ms = self.now_ms() - YOUNG_MS;
        let mut swept = self.vault().sweep(before_ms).await? as u64;
        for entry in self.vault().list_files("").await? {
            let copy = entry.name.starts_with("rebuilt-");
            if copy && !entry.directory && entry.modified_ms < before_ms {
                self.vault().remove_file(&entry.name).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
