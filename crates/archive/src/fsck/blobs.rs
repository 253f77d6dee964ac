//! Content as it is stored: rows and files have the digests that name them, and what is needed is there.

use plico_crypto::digest::sha256;
use plico_database::args;
use plico_vault::Condition;

use super::Outcome;
use crate::{Archive, ArchiveError};

const BLOB_ROWS: &str = "select digest, bytes from blob where digest > $1 order by digest limit 64";

impl Archive {
    pub(super) async fn check_blobs(
        &self,
        needed: Vec<(Vec<u8>,)>,
        repair: bool,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let mut present = std::collections::BTreeSet::new();
        let mut after = Vec::new();
        loop {
            let rows: Vec<(Vec<u8>, Vec<u8>)> = self.database().all(BLOB_ROWS, args![&after]).await?;
            let Some((last, _)) = rows.last() else { break };
            after.clone_from(last);
            for (digest, bytes) in rows {
                outcome.blobs += 1;
                if sha256(&bytes)[..] != digest[..] {
                    outcome.blob("blob ", &digest, "its bytes are not those of its name", false);
                }
                present.insert(digest);
            }
        }
        for first in 0..=255 {
            let shard = self.vault().shard(first).await?;
            for found in shard.blobs {
                outcome.blobs += 1;
                match self.vault().verify(found.blob).await? {
                    Condition::Whole { .. } => {}
                    // Swept since it was listed, or needed and missing: told below.
                    Condition::Missing => continue,
                    Condition::Altered => {
                        let mended = repair && self.mended(&found.blob).await;
                        outcome.blob("blobs/", &found.blob, "its bytes are not those of its name", mended);
                    }
                }
                present.insert(found.blob.to_vec());
            }
            for stranger in shard.strangers {
                outcome.found(stranger.display().to_string(), "this file has no place here");
            }
        }
        for (blob,) in needed {
            // A file that was not sent may have been discarded and swept meanwhile.
            if !present.contains(&blob) && self.names(&blob).await? {
                let mended = repair && self.mended(&blob).await;
                outcome.blob("blob ", &blob, "it is needed and not there", mended);
            }
        }
        Ok(())
    }
}
