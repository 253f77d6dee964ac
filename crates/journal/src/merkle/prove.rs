//! Proofs made from the nodes of complete subtrees, which a [`TileReader`] finds in tiles.

use std::collections::HashMap;

use super::tile::{HEIGHT, TileId, WIDTH, subtree_root, tile_hashes};
use super::{Hash, empty_root, node_hash};

/// Why no proof was made; `E` is the error of whoever reads the tiles.
#[derive(Debug, thiserror::Error)]
pub enum ProveError<E: std::error::Error + 'static> {
    /// There is no such leaf, or no such older tree, in a tree of this size.
    #[error("{wanted} lies outside a tree of {size} leaves")]
    Outside {
        /// The leaf's index or the older size asked for.
        wanted: u64,
        /// The tree's size.
        size: u64,
    },
    /// A tile is shorter than it must be.
    #[error("the tile {0} is cut off")]
    Tile(TileId),
    /// A tile could not be read.
    #[error("a tile could not be read")]
    Read(#[source] E),
}

/// The root of the tree over the first `size` leaves. `node(level, index)` answers with the hash of the complete subtree over the leaves
/// `index << level ..` up to `(index + 1) << level`.
pub fn root<F>(size: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, F>) -> Result<Hash, F> {
    if size == 0 { Ok(empty_root()) } else { range(0, size, node) }
}

/// The path from leaf `index` to the root over `size` leaves, from the leaf's sibling upwards (RFC 6962, 2.1.1).
pub fn inclusion_proof<E: std::error::Error>(
    index: u64,
    size: u64,
    node: &mut impl FnMut(u8, u64) -> Result<Hash, ProveError<E>>,
) -> Result<Vec<Hash>, ProveError<E>> {
    if index >= size {
        return Err(ProveError::Outside { wanted: index, size });
    }
    let mut path = Vec::new();
    let (mut low, mut high) = (0, size);
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            path.push(range(middle, high, node)?);
            high = middle;
        } else {
            path.push(range(low, middle, node)?);
            low = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree over `old` leaves is the beginning of the one over `size` (RFC 6962, 2.1.2); empty when the old tree is, or
/// when they are the same.
pub fn consistency_proof<E: std::error::Error>(
    old: u64,
    size: u64,
    node: &mut impl FnMut(u8, u64) -> Result<Hash, ProveError<E>>,
) -> Result<Vec<Hash>, ProveError<E>> {
    if old > size {
        return Err(ProveError::Outside { wanted: old, size });
    }
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    let (mut low, mut high, mut known) = (0, size, true);
    while old != high {
        let middle = low + split(high - low);
        if old <= middle {
            path.push(range(middle, high, node)?);
            high = middle;
        } else {
            path.push(range(low, middle, node)?);
            low = middle;
            known = false;
        }
    }
    if !known {
        path.push(range(low, high, node)?);
    }
    path.reverse();
    Ok(path)
}

/// The hash over the leaves `low..high`, where `low` is a multiple of the smallest power of two that is not below their number.
fn range<F>(low: u64, high: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, F>) -> Result<Hash, F> {
    let count = high - low;
    if count.is_power_of_two() {
        let level = count.trailing_zeros() as u8;
        return node(level, low >> level);
    }
    let middle = low + split(count);
    let left = range(low, middle, node)?;
    let right = range(middle, high, node)?;
    Ok(node_hash(&left, &right))
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// Finds nodes in the tiles of a tree of one size, reading each tile once.
pub struct TileReader<R> {
    size: u64,
    read: R,
    tiles: HashMap<(u8, u64), Vec<Hash>>,
}

impl<R, E> TileReader<R>
where
    R: FnMut(TileId) -> Result<Vec<u8>, E>,
    E: std::error::Error,
{
    /// Reads the tree of `size` leaves through `read`, which may answer with a fuller tile than the one asked for.
    pub fn new(size: u64, read: R) -> Self {
        Self { size, read, tiles: HashMap::new() }
    }

    /// The root of the tree.
    pub fn root(&mut self) -> Result<Hash, ProveError<E>> {
        root(self.size, &mut |level, index| self.node(level, index))
    }

    /// The path of leaf `index`.
    pub fn inclusion_proof(&mut self, index: u64) -> Result<Vec<Hash>, ProveError<E>> {
        inclusion_proof(index, self.size, &mut |level, index| self.node(level, index))
    }

    /// The proof that this tree extends the one of `old` leaves.
    pub fn consistency_proof(&mut self, old: u64) -> Result<Vec<Hash>, ProveError<E>> {
        consistency_proof(old, self.size, &mut |level, index| self.node(level, index))
    }

    /// The hash of the complete subtree over the leaves from `index << level`.
    pub fn node(&mut self, level: u8, index: u64) -> Result<Hash, ProveError<E>> {
        let inside = level < 64 && index.checked_add(1).is_some_and(|next| next <= self.size >> level);
        if !inside {
            return Err(ProveError::Outside { wanted: index, size: self.size });
        }
        // The tile whose lowest level is at or below the node's: 2^within of its hashes lie under the node.
        let (row, within) = (level / HEIGHT, level % HEIGHT);
        let first = index << within;
        let tile = first / WIDTH as u64;
        let hashes = self.tile(row, tile)?;
        let at = (first % WIDTH as u64) as usize;
        Ok(subtree_root(&hashes[at..at + (1 << within)]))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash], ProveError<E>> {
        if !self.tiles.contains_key(&(level, index)) {
            let there = (self.size >> (HEIGHT * level)) - index * WIDTH as u64;
            let id = TileId { level, index, width: there.min(WIDTH as u64) as u16 };
            let bytes = (self.read)(id).map_err(ProveError::Read)?;
            let hashes =
                tile_hashes(&bytes).filter(|h| h.len() >= id.width.into()).ok_or(ProveError::Tile(id))?;
            self.tiles.insert((level, index), hashes);
        }
        Ok(&self.tiles[&(level, index)])
    }
}
