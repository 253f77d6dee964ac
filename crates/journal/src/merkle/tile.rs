//! Tiles: 256 hashes of one level in one immutable file, and the paths under which everybody finds them.

use std::fmt;

use super::{Hash, node_hash};
use crate::text::decimal;

/// Levels of the tree in one tile.
pub const HEIGHT: u8 = 8;
/// Hashes in a full tile, and entries in a full bundle.
pub const WIDTH: usize = 256;

/// One tile: hashes `index * 256 ..` of tree level `8 * level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// 0 holds the hashes of leaves, 1 the roots of full tiles of level 0, and so on up to 7.
    pub level: u8,
    /// Which one on its level.
    pub index: u64,
    /// How many hashes, 1 to 256; fewer than 256 is a partial tile, which a fuller one replaces.
    pub width: u16,
}

impl TileId {
    /// The tile's path: `tile/0/x001/x234/067`, partial ones with `.p/<width>`.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, numbered(self.index, self.width))
    }

    /// Reads a path; only the one spelling that [`TileId::path`] writes.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = u8::try_from(decimal(level)?).ok().filter(|l| *l < HEIGHT)?;
        let (digits, width) = match rest.split_once(".p/") {
            Some((digits, width)) => (digits, u16::try_from(decimal(width)?).ok()?),
            None => (rest, WIDTH as u16),
        };
        // 20 digits are the most a number of 64 bits has: seven groups.
        if digits.len() > 7 * 5 {
            return None;
        }
        let number: String =
            digits.split('/').map(|group| group.strip_prefix('x').unwrap_or(group)).collect();
        let id = Self { level, index: number.parse().ok()?, width };
        (id.path() == path && width > 0).then_some(id)
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// The path of the entry bundle `index` with `width` entries: `tile/entries/x001/x234/067[.p/<width>]`.
pub fn bundle_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}", numbered(index, width))
}

/// Reads the path of an entry bundle: its index and width. Only the one spelling that [`bundle_path`] writes.
pub fn parse_bundle(path: &str) -> Option<(u64, u16)> {
    let id = TileId::parse(&format!("tile/0/{}", path.strip_prefix("tile/entries/")?))?;
    Some((id.index, id.width))
}

/// The tiles that a log must write when it grows from `old` to `new` leaves: the full ones that became full, and the
/// partial ones at its edge. A level without a hash has no tile.
pub fn new_tiles(old: u64, new: u64) -> Vec<TileId> {
    (0..HEIGHT)
        .flat_map(|level| {
            let (old, new) = (old >> (HEIGHT * level), new >> (HEIGHT * level));
            widths(old, new).map(move |(index, width)| TileId { level, index, width })
        })
        .collect()
}

/// The entry bundles, as index and width, that a log must write when it grows from `old` to `new` leaves.
pub fn new_bundles(old: u64, new: u64) -> Vec<(u64, u16)> {
    widths(old, new).collect()
}

fn widths(old: u64, new: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = WIDTH as u64;
    let last = if old < new { new.div_ceil(width) } else { 0 };
    (old / width..last).map(move |index| (index, (new - index * width).min(width) as u16))
}

/// The root of the complete subtree over 1, 2, 4 … 256 neighbouring hashes; a full tile gives one hash of the level above.
pub fn subtree_root(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two(), "only complete subtrees have a place of their own");
    if let [one] = hashes {
        return *one;
    }
    let (left, right) = hashes.split_at(hashes.len() / 2);
    node_hash(&subtree_root(left), &subtree_root(right))
}

/// The hashes of a tile's bytes; `None` when they are not 1 to 256 whole hashes.
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && (1..=WIDTH).contains(&hashes.len())).then(|| hashes.to_vec())
}

fn numbered(index: u64, width: u16) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if usize::from(width) < WIDTH { format!("{path}.p/{width}") } else { path }
}
