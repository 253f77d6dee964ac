//! The tree against a naive one, against two foreign implementations, and against published vectors.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use plico_journal::merkle::{
    Frontier, Hash, ProveError, TileId, TileReader, consistency_proof, empty_root, inclusion_proof,
    leaf_hash, new_bundles, new_tiles, node_hash, subtree_root, tile_hashes, verify_consistency,
    verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};
use proptest::prelude::*;
use sha2::Sha256;

fn leaf(n: u64) -> Vec<u8> {
    format!("leaf {n}").into_bytes()
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|n| leaf_hash(&leaf(n))).collect()
}

/// RFC 6962, 2.1, word for word.
fn naive_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at((hashes.len() as u64).next_power_of_two() as usize / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// A log's tile files, written as it grows step by step.
#[derive(Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn grow(&mut self, old: u64, new: u64) {
        for id in new_tiles(old, new) {
            let first = id.index * 256;
            let hashes: Vec<Hash> = (first..first + u64::from(id.width))
                .map(|n| match id.level {
                    0 => leaf_hash(&leaf(n)),
                    level => {
                        let below = TileId { level: level - 1, index: n, width: 256 };
                        subtree_root(&tile_hashes(&self.0[&below.path()]).unwrap())
                    }
                })
                .collect();
            self.0.insert(id.path(), hashes.concat());
        }
    }

    fn reader(&self, size: u64) -> TileReader<impl FnMut(TileId) -> Result<Vec<u8>, Infallible>> {
        TileReader::new(size, |id| Ok(self.0[&id.path()].clone()))
    }
}

#[test]
fn every_pair_of_a_small_tree() {
    let all = leaves(70);
    let mut files = Files::default();
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    for (n, hash) in (0u64..).zip(&all) {
        frontier.push(*hash);
        files.grow(n, n + 1);
        roots.push(frontier.root());
    }
    for size in 0..=all.len() as u64 {
        let root = roots[size as usize];
        assert_eq!(root, naive_root(&all[..size as usize]));
        let mut reader = files.reader(size);
        assert_eq!(reader.root().unwrap(), root);
        for index in 0..size {
            let proof = reader.inclusion_proof(index).unwrap();
            let hash = all[index as usize];
            verify_inclusion(&hash, index, size, &root, &proof).unwrap();
            assert!(verify_inclusion(&hash, index + 1, size, &root, &proof).is_err());
            assert!(verify_inclusion(&hash, index, size, &roots[size as usize - 1], &proof).is_err());
            assert!(verify_inclusion(&hash, index, size, &root, &[&proof[..], &[root]].concat()).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify_inclusion(&hash, index, size, &root, shorter).is_err());
            }
        }
        for old in 0..=size {
            let proof = reader.consistency_proof(old).unwrap();
            verify_consistency(old, &roots[old as usize], size, &root, &proof).unwrap();
            let wrong = leaf_hash(b"wrong");
            assert!(verify_consistency(old, &wrong, size, &root, &proof).is_err());
            let longer = [&proof[..], &[root]].concat();
            assert!(verify_consistency(old, &roots[old as usize], size, &root, &longer).is_err());
            if old > 0 {
                assert!(verify_consistency(old, &roots[old as usize], size, &wrong, &proof).is_err());
            }
        }
        assert!(matches!(reader.inclusion_proof(size), Err(ProveError::Outside { .. })));
        assert!(matches!(reader.consistency_proof(size + 1), Err(ProveError::Outside { .. })));
    }
    assert!(verify_consistency(2, &roots[2], 1, &roots[1], &[]).is_err());
    assert!(verify_inclusion(&all[0], 0, 0, &roots[0], &[]).is_err());
}

#[test]
fn a_frontier_goes_on_where_it_was_kept() {
    let mut whole = Frontier::new();
    for hash in leaves(300) {
        whole.push(hash);
        assert_eq!(Frontier::from_peaks(whole.size(), whole.peaks().to_vec()), Some(whole.clone()));
    }
    assert_eq!(Frontier::from_peaks(3, vec![[0; 32]]), None);
}

#[test]
fn which_tiles_a_growing_log_writes() {
    let paths = |old, new| new_tiles(old, new).iter().map(TileId::path).collect::<Vec<_>>();
    assert_eq!(paths(0, 0), [""; 0]);
    assert_eq!(paths(5, 5), [""; 0]);
    assert_eq!(paths(0, 5), ["tile/0/000.p/5"]);
    assert_eq!(paths(5, 256), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(paths(256, 257), ["tile/0/001.p/1"]);
    assert_eq!(paths(250, 520), ["tile/0/000", "tile/0/001", "tile/0/002.p/8", "tile/1/000.p/2"]);
    assert_eq!(paths(70_000 - 1, 70_000), ["tile/0/273.p/112"]);
    assert_eq!(paths(65_535, 65_536), ["tile/0/255", "tile/1/000", "tile/2/000.p/1"]);
    assert_eq!(new_bundles(250, 520), [(0, 256), (1, 256), (2, 8)]);
    assert!(paths(u64::MAX - 1, u64::MAX).len() <= 8);
}

#[test]
fn paths_are_those_of_the_specification() {
    for (index, width, path) in [
        (0, 256, "tile/0/000"),
        (67, 8, "tile/0/067.p/8"),
        (1_234_067, 256, "tile/0/x001/x234/067"),
        (1_000, 1, "tile/0/x001/000.p/1"),
        (u64::MAX, 256, "tile/0/x018/x446/x744/x073/x709/x551/615"),
    ] {
        let id = TileId { level: 0, index, width };
        assert_eq!(id.path(), path);
        assert_eq!(TileId::parse(path), Some(id));
    }
    for bad in [
        "tile/0/0",
        "tile/8/000",
        "tile/00/000",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/+01",
        "tile/0/../x",
        "tile/entries/000",
        "",
    ] {
        assert_eq!(TileId::parse(bad), None, "{bad}");
    }
    assert_eq!(plico_journal::merkle::bundle_path(1_234_067, 9), "tile/entries/x001/x234/067.p/9");
}

#[test]
fn a_short_tile_is_named() {
    let mut reader = TileReader::new(5, |_| Ok::<_, Infallible>(vec![0; 4 * 32]));
    assert!(matches!(reader.root(), Err(ProveError::Tile(id)) if id.width == 5));
    let mut fuller = TileReader::new(2, |_| Ok::<_, Infallible>(leaves(9).concat()));
    assert_eq!(fuller.root().unwrap(), naive_root(&leaves(2)));
}

struct Foreign(RefCell<Vec<tlog_tiles::tlog::Hash>>);

impl tlog_tiles::tlog::HashReader for Foreign {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::tlog::Hash>, tlog_tiles::tlog::Error> {
        Ok(indexes.iter().map(|i| self.0.borrow()[*i as usize]).collect())
    }
}

/// Roots and proofs are byte for byte those of Cloudflare's `tlog_tiles`, and `ct-merkle` accepts them; beyond one tile.
#[test]
fn two_foreign_implementations_agree() {
    const SIZE: u64 = 700;
    let all = leaves(SIZE);
    let mut files = Files::default();
    files.grow(0, 300);
    files.grow(300, SIZE);
    let foreign = Foreign(RefCell::default());
    let mut second = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    for n in 0..SIZE {
        let hashes = tlog_tiles::tlog::stored_hashes(n, &leaf(n), &foreign).unwrap();
        foreign.0.borrow_mut().extend(hashes);
        second.push(leaf(n));
        frontier.push(all[n as usize]);
        roots.push(frontier.root());
    }
    assert_eq!(second.root().as_bytes()[..], frontier.root()[..]);
    let digests =
        |proof: &[Hash]| proof.iter().map(|h| (*h).into()).collect::<Vec<sha2::digest::Output<Sha256>>>();
    let root_of = |size: u64| RootHash::<Sha256>::new(roots[size as usize].into(), size);

    let sizes = [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 640, 699, 700];
    for size in sizes {
        let mut reader = TileReader::new(size, |id: TileId| {
            let full = TileId { width: 256, ..id };
            let edge = new_tiles(0, SIZE).into_iter().find(|t| t.level == id.level && t.index == id.index);
            let stored = files.0.get(&full.path()).or_else(|| files.0.get(&edge.unwrap().path()));
            Ok::<_, Infallible>(stored.unwrap().clone())
        });
        assert_eq!(tlog_tiles::tlog::tree_hash(size, &foreign).unwrap().0, roots[size as usize]);
        assert_eq!(reader.root().unwrap(), roots[size as usize]);
        for index in (0..size).step_by(7).chain([size - 1]) {
            let proof = reader.inclusion_proof(index).unwrap();
            let theirs = tlog_tiles::tlog::prove_record(size, index, &foreign).unwrap();
            assert_eq!(proof, theirs.iter().map(|h| h.0).collect::<Vec<_>>());
            let digests = digests(&proof);
            let given = ct_merkle::InclusionProof::from_digests(digests.iter());
            root_of(size).verify_inclusion(&leaf(index), index, &given).unwrap();
        }
        for old in (1..=size).step_by(5).chain(sizes.into_iter().filter(|s| *s <= size)) {
            let proof = reader.consistency_proof(old).unwrap();
            let theirs = tlog_tiles::tlog::prove_tree(size, old, &foreign).unwrap();
            assert_eq!(proof, theirs.iter().map(|h| h.0).collect::<Vec<_>>(), "{old} to {size}");
            if old < size {
                let digests = digests(&proof);
                let given = ct_merkle::ConsistencyProof::from_digests(digests.iter());
                root_of(size).verify_consistency(&root_of(old), &given).unwrap();
            }
        }
    }
}

/// Random sizes, indices and older sizes, the same again from the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Pairs of an inclusion and a consistency proof that are compared when `MERKLE_PAIRS` says nothing else.
const PAIRS: u64 = 1_000_000;

/// Random pairs of proofs: byte for byte those of `tlog_tiles`, and accepted by `ct-merkle`, which refuses them when a hash is
/// another.
#[test]
fn random_proofs_agree_with_two_foreign_implementations() {
    const SIZE: u64 = 5_000;
    let pairs = std::env::var("MERKLE_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(PAIRS);
    let all = leaves(SIZE);
    let foreign = Foreign(RefCell::default());
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    for n in 0..SIZE {
        let hashes = tlog_tiles::tlog::stored_hashes(n, &leaf(n), &foreign).unwrap();
        foreign.0.borrow_mut().extend(hashes);
        frontier.push(all[n as usize]);
        roots.push(frontier.root());
    }
    let mut levels = vec![all];
    while levels.last().unwrap().len() > 1 {
        let below = levels.last().unwrap();
        levels.push(below.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect());
    }
    let mut node =
        |level: u8, index: u64| Ok::<_, ProveError<Infallible>>(levels[usize::from(level)][index as usize]);
    let digests =
        |proof: &[Hash]| proof.iter().map(|h| (*h).into()).collect::<Vec<sha2::digest::Output<Sha256>>>();
    let root_of = |size: u64| RootHash::<Sha256>::new(roots[size as usize].into(), size);
    let bytes = |proof: &[tlog_tiles::tlog::Hash]| proof.iter().map(|hash| hash.0).collect::<Vec<_>>();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..pairs {
        let size = 2 + dice.below(SIZE - 1);
        let (index, old) = (dice.below(size), 1 + dice.below(size - 1));
        let path = inclusion_proof(index, size, &mut node).unwrap();
        assert_eq!(
            path,
            bytes(&tlog_tiles::tlog::prove_record(size, index, &foreign).unwrap()),
            "{index} in {size}"
        );
        let mut given = digests(&path);
        let proof = ct_merkle::InclusionProof::from_digests(given.iter());
        root_of(size).verify_inclusion(&leaf(index), index, &proof).unwrap();
        let consistency = consistency_proof(old, size, &mut node).unwrap();
        assert_eq!(
            consistency,
            bytes(&tlog_tiles::tlog::prove_tree(size, old, &foreign).unwrap()),
            "{old} to {size}"
        );
        let ours = digests(&consistency);
        let proof = ct_merkle::ConsistencyProof::from_digests(ours.iter());
        root_of(size).verify_consistency(&root_of(old), &proof).unwrap();
        // What they refuse we refuse.
        let place = dice.below(given.len() as u64) as usize;
        let mut wrong = path.clone();
        wrong[place][0] ^= 1;
        given[place][0] ^= 1;
        let proof = ct_merkle::InclusionProof::from_digests(given.iter());
        assert!(root_of(size).verify_inclusion(&leaf(index), index, &proof).is_err());
        assert!(
            verify_inclusion(&leaf_hash(&leaf(index)), index, size, &roots[size as usize], &wrong).is_err()
        );
    }
    eprintln!("{pairs} random pairs of proofs");
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    desc: String,
    want_err: bool,
    proof: Option<Vec<String>>,
    leaf_idx: Option<u64>,
    leaf_hash: Option<String>,
    tree_size: Option<u64>,
    start: Option<u64>,
    end: Option<u64>,
    size: Option<u64>,
    size1: Option<u64>,
    size2: Option<u64>,
    root: Option<String>,
    root1: Option<String>,
    root2: Option<String>,
}

/// A hash of a vector. Where a vector has bytes of another length, a hash of them stands for them: what was equal stays equal.
fn vector_hash(text: Option<&String>) -> Option<Hash> {
    let bytes = STANDARD.decode(text?).ok().filter(|b| !b.is_empty())?;
    Some(bytes.as_slice().try_into().unwrap_or_else(|_| leaf_hash(&bytes)))
}

fn holds(kind: &str, v: &Vector) -> Option<()> {
    let proof: Vec<Hash> = v.proof.iter().flatten().map(|h| vector_hash(Some(h))).collect::<Option<_>>()?;
    let (root, leaf) = (vector_hash(v.root.as_ref()), vector_hash(v.leaf_hash.as_ref()));
    let (root1, root2) = (vector_hash(v.root1.as_ref()), vector_hash(v.root2.as_ref()));
    match kind {
        "inclusion" => verify_inclusion(&leaf?, v.leaf_idx?, v.tree_size?, &root?, &proof),
        "consistency" => verify_consistency(v.size1?, &root1?, v.size2?, &root2?, &proof),
        "subtreeinclusion" => {
            verify_subtree_inclusion(&leaf?, v.leaf_idx?, (v.start?, v.end?), &root?, &proof)
        }
        _ => verify_subtree_consistency(v.start?, v.end?, &root1?, v.size?, &root2?, &proof),
    }
    .ok()
}

fn json_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
}

/// The vectors of transparency-dev/merkle, but for two conventions: they refuse the empty tree as the older one, where we follow
/// `tlog-witness` and accept it; and they accept any root for a tree of size 0, where we want the one it has.
#[test]
fn published_vectors() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/merkle");
    if !dir.is_dir() {
        eprintln!("SKIPPED: {} is not there; the published Merkle vectors were not checked", dir.display());
        return;
    }
    let (mut checked, mut ours) = (0, Vec::new());
    for kind in ["inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"] {
        let mut files = Vec::new();
        json_files(&dir.join(kind), &mut files);
        for path in files {
            let v: Vector = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            checked += 1;
            if holds(kind, &v).is_some() == v.want_err {
                let accepted = v.size1 == Some(0) && vector_hash(v.root1.as_ref()) == Some(empty_root());
                let refused = v.size == Some(0) && vector_hash(v.root2.as_ref()) != Some(empty_root());
                assert!(if v.want_err { accepted } else { refused }, "{} ({})", path.display(), v.desc);
                ours.push(v.desc);
            }
        }
    }
    eprintln!("{checked} published vectors; by our own convention: {ours:?}");
    assert!(checked >= 518 && ours.len() <= 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_proof_and_sizes_never_panic(
        numbers in proptest::array::uniform4(prop_oneof![any::<u64>(), 0u64..20, Just(u64::MAX)]),
        proof in proptest::collection::vec(proptest::array::uniform32(any::<u8>()), 0..70),
    ) {
        let [a, b, c, _] = numbers;
        // An empty older tree or subtree asks for a hash that is not among these.
        let (leaf, root) = ([1; 32], [2; 32]);
        prop_assert!(verify_inclusion(&leaf, a, b, &root, &proof).is_err());
        prop_assert!(verify_consistency(a, &leaf, b, &root, &proof).is_err());
        prop_assert!(verify_subtree_inclusion(&leaf, a, (b, c), &root, &proof).is_err());
        prop_assert!(verify_subtree_consistency(a, b, &leaf, c, &root, &proof).is_err());
    }

    #[test]
    fn any_path_never_panics(path in "tile/[0-9x/.p]{0,40}") {
        if let Some(id) = TileId::parse(&path) { prop_assert_eq!(id.path(), path); }
    }
}
