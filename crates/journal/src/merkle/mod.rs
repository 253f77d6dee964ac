//! The Merkle tree of RFC 6962 (SHA-256), stored as the tiles of C2SP tlog-tiles.

mod frontier;
mod prove;
mod tile;
mod verify;

pub use frontier::Frontier;
pub use prove::{ProveError, TileReader, consistency_proof, inclusion_proof, root};
pub use tile::{
    HEIGHT, TileId, WIDTH, bundle_path, new_bundles, new_tiles, parse_bundle, subtree_root, tile_hashes,
};
pub use verify::{
    ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};

use plico_crypto::digest::{Sha256, sha256};

/// A node of the tree: SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 ‖ bytes)`.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    let mut digest = Sha256::new();
    digest.update(&[0]);
    digest.update(bytes);
    digest.finish()
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&bytes)
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    sha256(b"")
}
