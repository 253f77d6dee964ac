//! What may be fetched of a log as C2SP tlog-tiles has it: by anybody its checkpoint and its hash tiles, by those who
//! may read them its leaves.

use plico_database::args;
use plico_journal::bundle;
use plico_journal::merkle::TileId;

use crate::checkpoint::{LEAVES, LogRow};
use crate::error::ArchiveError;
use crate::{Archive, tree};

impl Archive {
    /// The log at `<ipa code>/<n>`: its origin without the domain.
    pub async fn log_at(&self, place: &str) -> Result<Option<LogRow>, ArchiveError> {
        let mut logs = self.logs().await?;
        logs.retain(|log| log.origin.split_once('/').is_some_and(|(_, rest)| rest == place));
        Ok(logs.pop())
    }

    /// A tile under the last checkpoint; none beyond it.
    pub async fn published_tile(&self, log: &LogRow, tile: TileId) -> Result<Option<Vec<u8>>, ArchiveError> {
        tree::published(self.vault(), log.id, log.signed.cast_unsigned(), tile).await
    }

    /// The first `width` leaves of an entry bundle, for whoever may have them; none beyond the last checkpoint.
    pub async fn published_bundle(
        &self,
        log: &LogRow,
        index: u64,
        width: u16,
    ) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(first) = index.checked_mul(256).and_then(|first| i64::try_from(first).ok()) else {
            return Ok(None);
        };
        let after = first.saturating_add(i64::from(width));
        if width == 0 || after > log.signed {
            return Ok(None);
        }
        let leaves: Vec<(Vec<u8>,)> = self.database().all(LEAVES, args![log.id, first, after]).await?;
        let leaves: Vec<Vec<u8>> = leaves.into_iter().map(|(leaf,)| leaf).collect();
        if leaves.len() != usize::from(width) {
            return Err(ArchiveError::Corrupt(format!("events are missing in log {}", log.origin)));
        }
        let bytes = bundle::write(&leaves).map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
        Ok(Some(bytes))
    }
}
