//! Proofs verified (RFC 9162, 2.1.3.2 and 2.1.4.2; subtrees as in draft-ietf-plants-merkle-tree-certs).

use super::{Hash, empty_root, node_hash};

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProofError {
    /// The leaf, subtree or older tree lies outside the tree, or the subtree is none.
    #[error("the proof is about something outside the tree")]
    Outside,
    /// Too many or too few hashes.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Verifies that the leaf with this hash stands at `index` in the tree of `size` leaves and this root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // Where the right edge has no sibling the node stands for its parent.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Verifies that the tree of `old` leaves is the beginning of the tree of `size` leaves. From the empty tree, whose root must be given
/// rightly, the proof is empty.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    verify_subtree_consistency(0, old, old_root, size, root, proof)
}

/// Verifies that the leaf with this hash stands at `index` (counted in the whole tree) in the subtree over `start..end`.
pub fn verify_subtree_inclusion(
    leaf: &Hash,
    index: u64,
    (start, end): (u64, u64),
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !is_subtree(start, end) || index < start {
        return Err(ProofError::Outside);
    }
    verify_inclusion(leaf, index - start, end - start, root, proof)
}

/// Verifies that the subtree over the leaves `start..end`, whose hash is `subtree`, lies in the tree of `size` leaves. An empty subtree
/// lies in every tree, by an empty proof, if its hash is the one of the empty tree.
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    subtree: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !is_subtree(start, end) || end > size {
        return Err(ProofError::Outside);
    }
    if start == end {
        let whole = *subtree == empty_root() && (size > 0 || root == subtree);
        return match (proof.is_empty(), whole) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::Root),
            (false, _) => Err(ProofError::Length),
        };
    }
    // Where on their level stand the subtree's first and last leaf, and the tree's last one.
    let mut place = Place { first: start, node: end - 1, last: size - 1 };
    // Climb as long as the subtree's own hash is the node; then the proof need not repeat it.
    while place.first != place.node && (place.node == place.last || place.node & 1 == 1) {
        place.up();
    }
    let mut proof = proof.iter();
    let seed = if place.first == place.node { *subtree } else { *proof.next().ok_or(ProofError::Length)? };
    let (mut part, mut whole) = (seed, seed);
    for sibling in proof {
        if place.last == 0 {
            return Err(ProofError::Length);
        }
        if place.node & 1 == 1 || place.node == place.last {
            if place.first < place.node {
                part = node_hash(sibling, &part);
            }
            whole = node_hash(sibling, &whole);
            while place.node & 1 == 0 && place.node != 0 {
                place.up();
            }
        } else {
            whole = node_hash(&whole, sibling);
        }
        place.up();
    }
    match (place.last, part == *subtree && whole == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

struct Place {
    first: u64,
    node: u64,
    last: u64,
}

impl Place {
    fn up(&mut self) {
        self.first >>= 1;
        self.node >>= 1;
        self.last >>= 1;
    }
}

/// A subtree begins at a multiple of the smallest power of two that is not below its size.
fn is_subtree(start: u64, end: u64) -> bool {
    let step = end.checked_sub(start).and_then(u64::checked_next_power_of_two);
    step.is_some_and(|step| start == end || start & (step - 1) == 0)
}
