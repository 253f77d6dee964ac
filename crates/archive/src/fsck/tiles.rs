//! Tiles against the hashes that they hold: every file below a log's folder is one of them, or the published checkpoint.

use plico_journal::Checkpoint;
use plico_journal::merkle::{self, Frontier, Hash, TileId};

use super::Outcome;
use crate::checkpoint::{CheckpointRow, LogRow};
use crate::error::ArchiveError;
use crate::{Archive, tree};

/// Tiles that are looked at together.
const TOGETHER: usize = 64;

/// Hashes of one level, as they come.
#[derive(Default)]
struct Level {
    /// Those of the tile that is not full yet.
    edge: Vec<Hash>,
    /// How many tiles were full.
    full: u64,
}

/// A tile of the whole log.
struct Tile {
    level: u8,
    index: u64,
    hashes: Vec<Hash>,
}

impl Tile {
    fn id(&self) -> TileId {
        TileId { level: self.level, index: self.index, width: merkle::WIDTH as u16 }
    }
}

/// All levels of a log's tree.
#[derive(Default)]
pub(super) struct Levels {
    levels: Vec<Level>,
    /// Full tiles that were not looked at yet.
    waiting: Vec<Tile>,
}

impl Levels {
    /// Appends a leaf's hash to the tree; whether tiles should be looked at now.
    pub(super) fn push(&mut self, frontier: &mut Frontier, leaf: Hash) -> bool {
        self.take(0, leaf);
        frontier.push_with(leaf, |height, node| {
            if height.is_multiple_of(merkle::HEIGHT.into()) {
                self.take((height / u32::from(merkle::HEIGHT)) as usize, node);
            }
        });
        self.waiting.len() >= TOGETHER
    }

    fn take(&mut self, level: usize, hash: Hash) {
        if self.levels.len() == level {
            self.levels.push(Level::default());
        }
        let at = &mut self.levels[level];
        at.edge.push(hash);
        if at.edge.len() == merkle::WIDTH {
            let hashes = std::mem::replace(&mut at.edge, Vec::with_capacity(merkle::WIDTH));
            self.waiting.push(Tile { level: level as u8, index: at.full, hashes });
            at.full += 1;
        }
    }
}

impl Archive {
    /// The tiles that are full, and the partial ones that lie in their places.
    pub(super) async fn check_full(
        &self,
        log: &LogRow,
        levels: &mut Levels,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let waiting = std::mem::take(&mut levels.waiting);
        let places = waiting.iter().map(|tile| tree::partial_folder(log.id, tile.id())).collect();
        let lists = self.vault().list_folders(places).await?;
        let mut looked = Vec::new();
        for (tile, list) in waiting.iter().zip(lists) {
            // What is signed has its tiles; those of what came after it may be there or not.
            let signed = (log.signed.cast_unsigned() >> (8 * tile.level))
                .saturating_sub(tile.index * 256)
                .min(256) as u16;
            let mut widths: Vec<u16> = Vec::new();
            for entry in list {
                match entry.name.parse() {
                    Ok(width @ 1..256) => widths.push(width),
                    _ => outcome.found(
                        format!("{}/{}", tree::partial_folder(log.id, tile.id()), entry.name),
                        "this file has no place here",
                    ),
                }
            }
            if signed > 0 {
                widths.push(signed);
            }
            widths.sort_unstable();
            widths.dedup();
            looked.extend(widths.into_iter().map(|width| (tile, width, width == signed)));
        }
        let path = |(tile, width, _): &(&Tile, u16, bool)| {
            tree::tile_path(log.id, TileId { width: *width, ..tile.id() })
        };
        let found = self.vault().read_files(looked.iter().map(path).collect(), 8192).await?;
        for (asked, bytes) in looked.iter().zip(found) {
            let (tile, width, signed) = *asked;
            outcome.tiles += 1;
            match bytes {
                None if signed => outcome.found(path(asked), "the tile is missing"),
                None => {}
                Some(bytes) => {
                    let ours = tile.hashes.get(..width.into());
                    if ours.is_none() || merkle::tile_hashes(&bytes).as_deref() != ours {
                        outcome.found(path(asked), "the tile is not that of the events");
                    }
                }
            }
        }
        Ok(())
    }

    /// Those at the edge too, when there are no more leaves.
    pub(super) async fn check_edge(
        &self,
        log: &LogRow,
        mut levels: Levels,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        for (number, level) in std::mem::take(&mut levels.levels).into_iter().enumerate() {
            levels.waiting.push(Tile { level: number as u8, index: level.full, hashes: level.edge });
        }
        self.check_full(log, &mut levels, outcome).await
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
