//! The head of a growing tree: the roots of its complete subtrees, and nothing else.

use super::{Hash, empty_root, node_hash};

/// What is needed to append to a tree and to tell its root: at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Largest subtree first; one for every bit set in `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The head of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The head kept from before: `peaks` as [`Frontier::peaks`] gave them; `None` when their number does not fit.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _| ());
    }

    /// Appends a leaf by its hash, and shows each subtree that it completes: how high it is (a leaf is not shown), and its root.
    pub fn push_with(&mut self, leaf: Hash, mut complete: impl FnMut(u32, Hash)) {
        let mut node = leaf;
        for height in 1..=self.size.trailing_ones() {
            let left = self.peaks.pop().expect("there is a peak for every bit of the size");
            node = node_hash(&left, &node);
            complete(height, node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root of the tree as it stands.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}
