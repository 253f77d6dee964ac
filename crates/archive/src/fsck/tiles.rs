//! Tiles against the hashes that they hold: every file below a log's folder is one of them, or the published checkpoint.

use plico_journal::Checkpoint;
use plico_journal::merkle::{self, Hash, TileId};

use super::Outcome;
use crate::checkpoint::{CheckpointRow, LogRow};
use crate::error::ArchiveError;
use crate::{Archive, tree};

/// Hashes of one level, as they come: full tiles are checked at once, and give the level above its hashes.
#[derive(Default)]
pub(super) struct Level {
    /// Those of the tile that is not full yet.
    edge: Vec<Hash>,
    /// How many tiles were full.
    full: u64,
}

/// All levels of a log's tree.
#[derive(Default)]
pub(super) struct Levels(Vec<Level>);

impl Archive {
    /// Takes the next leaf's hash.
    pub(super) async fn check_next(
        &self,
        log: &LogRow,
        levels: &mut Levels,
        leaf: Hash,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let (mut level, mut hash) = (0, leaf);
        loop {
            if levels.0.len() == level {
                levels.0.push(Level::default());
            }
            let at = &mut levels.0[level];
            at.edge.push(hash);
            if at.edge.len() < merkle::WIDTH {
                return Ok(());
            }
            let (hashes, index) = (std::mem::take(&mut at.edge), at.full);
            at.full += 1;
            self.check_tile(log, level as u8, index, &hashes, outcome).await?;
            (level, hash) = (level + 1, merkle::subtree_root(&hashes));
        }
    }

    /// Those at the edge, when there are no more leaves.
    pub(super) async fn check_edge(
        &self,
        log: &LogRow,
        levels: &Levels,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        for (number, level) in levels.0.iter().enumerate() {
            self.check_tile(log, number as u8, level.full, &level.edge, outcome).await?;
        }
        Ok(())
    }

    /// One tile of the whole log, and the partial ones that lie in its place.
    async fn check_tile(
        &self,
        log: &LogRow,
        level: u8,
        index: u64,
        hashes: &[Hash],
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        // What is signed has its tiles; those of what came after it may be there or not.
        let signed = (log.signed.cast_unsigned() >> (8 * level)).saturating_sub(index * 256).min(256);
        let tile = TileId { level, index, width: 256 };
        let mut widths: Vec<u16> = Vec::new();
        for entry in self.vault().list_files(tree::partial_folder(log.id, tile)).await? {
            match entry.name.parse() {
                Ok(width @ 1..256) => widths.push(width),
                _ => outcome.found(
                    format!("{}/{}", tree::partial_folder(log.id, tile), entry.name),
                    "this file has no place here",
                ),
            }
        }
        if signed > 0 {
            widths.push(signed as u16);
        }
        widths.sort_unstable();
        widths.dedup();
        for width in widths {
            let path = tree::tile_path(log.id, TileId { width, ..tile });
            outcome.tiles += 1;
            match self.vault().read_file(&path, 8192).await? {
                None if u64::from(width) == signed => outcome.found(path, "the tile is missing"),
                None => {}
                Some(bytes) => {
                    let ours = hashes.get(..width.into());
                    if ours.is_none() || merkle::tile_hashes(&bytes).as_deref() != ours {
                        outcome.found(path, "the tile is not that of the events");
                    }
                }
            }
        }
        Ok(())
    }

    /// The checkpoint that everybody is shown.
    pub(super) async fn check_published(
        &self,
        log: &LogRow,
        last: Option<&CheckpointRow>,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let path = format!("log/{}/checkpoint", log.id);
        let shown = self.vault().read_file(&path, 1 << 20).await?;
        match (shown, last) {
            (None, Some(_)) => outcome.found(path, "the checkpoint is missing"),
            (Some(bytes), Some(last)) if bytes != last.note.as_bytes() => {
                // It may be ahead of the row: that is written after it, and again if we crashed in between.
                let vkey = self.verifier_key(&log.origin)?;
                let good = Checkpoint::parse_note(&bytes).is_ok_and(|(checkpoint, note)| {
                    checkpoint.size > last.size.cast_unsigned() && checkpoint.is_signed_by(&note, &vkey)
                });
                if !good {
                    outcome.found(path, "it is not the last checkpoint that was signed");
                }
            }
            _ => {}
        }
        Ok(())
    }
}
