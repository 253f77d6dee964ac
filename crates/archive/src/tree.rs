//! The Merkle tree of a log as tiles in the vault: written by the checkpointer, read for proofs. A log is named by its
//! folder: its number in an archive, its origin in a mirror.

use std::collections::HashMap;
use std::fmt::Display;

use plico_journal::merkle::{self, Hash, ProveError, TileId, TileReader};
use plico_vault::{Access, Vault};

use crate::error::ArchiveError;

/// A tile that has to be fetched before the proof can go on.
#[derive(Debug, thiserror::Error)]
#[error("tile {0} is not at hand")]
struct Missing(TileId);

/// How often a tile may be replaced while it is looked for.
const REPLACED: usize = 16;

/// Where a tile lies, below the data folder.
pub fn tile_path(log: impl Display + Copy + Send, tile: TileId) -> String {
    format!("log/{log}/{}", tile.path())
}

pub(crate) async fn fetch(
    vault: &Vault,
    log: impl Display + Copy + Send,
    tile: TileId,
) -> Result<Vec<u8>, ArchiveError> {
    if let Some(bytes) = vault.read_file(tile_path(log, tile), 8192).await? {
        return Ok(bytes);
    }
    // A partial tile may have been replaced by a fuller one meanwhile, and that one again before it was read.
    for _ in 0..REPLACED {
        for width in fuller(vault, log, tile).await?.into_iter().chain([256]) {
            if let Some(mut bytes) = vault.read_file(tile_path(log, TileId { width, ..tile }), 8192).await? {
                bytes.truncate(usize::from(tile.width) * 32);
                return Ok(bytes);
            }
        }
    }
    Err(ArchiveError::Corrupt(format!("tile {} of log {log} is missing", tile.path())))
}

/// Widths of the partial tiles that lie in the place of a tile, its own and wider ones, the widest last.
async fn fuller(
    vault: &Vault,
    log: impl Display + Copy + Send,
    tile: TileId,
) -> Result<Vec<u16>, ArchiveError> {
    let mut widths: Vec<u16> = vault
        .list_files(partial_folder(log, tile))
        .await?
        .iter()
        .filter_map(|entry| entry.name.parse().ok())
        .filter(|width| *width >= tile.width)
        .collect();
    widths.sort_unstable();
    Ok(widths)
}

/// Where the partial tiles lie that a full one replaces.
pub(crate) fn partial_folder(log: impl Display + Copy + Send, tile: TileId) -> String {
    tile_path(log, TileId { width: 256, ..tile }) + ".p"
}

/// A reader of nodes that says which tile it lacks.
type Look<'a> = Box<dyn FnMut(TileId) -> Result<Vec<u8>, Missing> + Send + 'a>;

/// Runs a computation over the nodes of the tree of `size` leaves, fetching the tiles it turns out to need. `kept` leaves
/// are under the tiles that are there.
async fn over_tiles<T>(
    vault: &Vault,
    log: impl Display + Copy + Send,
    size: u64,
    kept: u64,
    compute: impl Fn(&mut TileReader<Look<'_>>) -> Result<T, ProveError<Missing>> + Send,
) -> Result<T, ArchiveError> {
    let mut tiles: HashMap<String, Vec<u8>> = HashMap::new();
    loop {
        let attempt = {
            let look: Look<'_> =
                Box::new(|tile: TileId| tiles.get(&tile.path()).cloned().ok_or(Missing(tile)));
            compute(&mut TileReader::new(size, look))
        };
        match attempt {
            Ok(value) => return Ok(value),
            Err(ProveError::Read(Missing(tile))) => {
                let bytes = published(vault, log, kept, tile).await?;
                let bytes =
                    bytes.ok_or_else(|| ArchiveError::Corrupt(format!("log {log} has no tile {tile}")))?;
                tiles.insert(tile.path(), bytes);
            }
            Err(other) => return Err(ArchiveError::Corrupt(format!("log {log}: {other}"))),
        }
    }
}

/// The root over the first `size` leaves.
pub async fn root(vault: &Vault, log: impl Display + Copy + Send, size: u64) -> Result<Hash, ArchiveError> {
    root_before(vault, log, size, size).await
}

/// The root over the first `size` of the `kept` leaves under whose tiles the partial ones of that size need not be.
pub(crate) async fn root_before(
    vault: &Vault,
    log: impl Display + Copy + Send,
    size: u64,
    kept: u64,
) -> Result<Hash, ArchiveError> {
    if size == 0 {
        return Ok(merkle::empty_root());
    }
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method alone is not general in its lifetime"
    )]
    over_tiles(vault, log, size, kept, |tree| tree.root()).await
}

/// The path of a leaf in the tree of `size`.
pub async fn inclusion(
    vault: &Vault,
    log: impl Display + Copy + Send,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ArchiveError> {
    over_tiles(vault, log, size, size, |tree| tree.inclusion_proof(index)).await
}

/// The proof that the tree of `size` begins with the one of `old`.
pub async fn consistency(
    vault: &Vault,
    log: impl Display + Copy + Send,
    old: u64,
    size: u64,
) -> Result<Vec<Hash>, ArchiveError> {
    over_tiles(vault, log, size, size, |tree| tree.consistency_proof(old)).await
}

/// A tile under the first `size` leaves; none beyond them. A partial tile is given also when a fuller one has taken its
/// place: its hashes are the first of that one.
pub(crate) async fn published(
    vault: &Vault,
    log: impl Display + Copy + Send,
    size: u64,
    tile: TileId,
) -> Result<Option<Vec<u8>>, ArchiveError> {
    let hashes = size >> (8 * u32::from(tile.level));
    let Some(rest) = tile.index.checked_mul(256).and_then(|before| hashes.checked_sub(before)) else {
        return Ok(None);
    };
    if rest < u64::from(tile.width) {
        return Ok(None);
    }
    let fullest = TileId { width: rest.min(256) as u16, ..tile };
    let mut bytes = fetch(vault, log, fullest).await?;
    bytes.truncate(usize::from(tile.width) * 32);
    Ok(Some(bytes))
}

/// Writes the tiles that a log needs when it grows from `old` to `old + leaves.len()` leaves, whose hashes are given
/// from the first of the tile in which `old` lies. Crash here: they are a pure function of the events and are
/// written again.
pub async fn grow(
    vault: &Vault,
    log: impl Display + Copy + Send,
    old: u64,
    first: u64,
    leaves: &[Hash],
) -> Result<(), ArchiveError> {
    let new = first + leaves.len() as u64;
    let mut made: HashMap<(u8, u64), Vec<Hash>> = HashMap::new();
    let mut tiles = merkle::new_tiles(old, new);
    tiles.sort_by_key(|tile| tile.level);
    for tile in tiles {
        let mut hashes = Vec::with_capacity(tile.width.into());
        for place in 0..u64::from(tile.width) {
            let node = tile.index * 256 + place;
            let hash = if tile.level == 0 {
                leaves[(node - first) as usize]
            } else if let Some(below) = made.get(&(tile.level - 1, node)) {
                merkle::subtree_root(below)
            } else {
                let below = TileId { level: tile.level - 1, index: node, width: 256 };
                let bytes = fetch(vault, log, below).await?;
                let below = merkle::tile_hashes(&bytes).ok_or_else(|| {
                    ArchiveError::Corrupt(format!("tile {} of log {log} is cut", below.path()))
                })?;
                merkle::subtree_root(&below)
            };
            hashes.push(hash);
        }
        let bytes = hashes.concat();
        vault.put_file(tile_path(log, tile), bytes, Access::Group).await?;
        made.insert((tile.level, tile.index), hashes);
    }
    Ok(())
}

/// Removes the partial tiles at the edge of `old` leaves that those of `new` have replaced: whoever asks for one is given
/// the first hashes of the fuller one. Only once nothing goes back to `old`.
pub(crate) async fn forget(
    vault: &Vault,
    log: impl Display + Copy + Send,
    old: u64,
    new: u64,
) -> Result<(), ArchiveError> {
    for level in 0..merkle::HEIGHT {
        let (before, after) = (old >> (8 * level), new >> (8 * level));
        if before != after && before % 256 > 0 {
            let tile = TileId { level, index: before / 256, width: (before % 256) as u16 };
            vault.remove_file(tile_path(log, tile)).await?;
        }
    }
    Ok(())
}
