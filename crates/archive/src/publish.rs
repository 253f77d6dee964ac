//! What anybody may fetch of a log: its checkpoint and its hash tiles (C2SP tlog-tiles). Leaves are not among it: they
//! are for those who may read them.

use plico_journal::merkle::TileId;

use crate::checkpoint::LogRow;
use crate::error::ArchiveError;
use crate::{Archive, tree};

impl Archive {
    /// The log at `<ipa code>/<n>`: its origin without the domain.
    pub async fn log_at(&self, place: &str) -> Result<Option<LogRow>, ArchiveError> {
        let mut logs = self.logs().await?;
        logs.retain(|log| log.origin.split_once('/').is_some_and(|(_, rest)| rest == place));
        Ok(logs.pop())
    }

    /// A tile under the last checkpoint; none beyond it. A partial tile is given also when a fuller one has taken its
    /// place: its hashes are the first of that one.
    pub async fn published_tile(&self, log: &LogRow, tile: TileId) -> Result<Option<Vec<u8>>, ArchiveError> {
        let hashes = log.signed.cast_unsigned() >> (8 * u32::from(tile.level));
        let Some(rest) = tile.index.checked_mul(256).and_then(|before| hashes.checked_sub(before)) else {
            return Ok(None);
        };
        if rest < u64::from(tile.width) {
            return Ok(None);
        }
        let fullest = TileId { width: rest.min(256) as u16, ..tile };
        let mut bytes = tree::fetch(self.vault(), log.id, fullest).await?;
        bytes.truncate(usize::from(tile.width) * 32);
        Ok(Some(bytes))
    }
}
