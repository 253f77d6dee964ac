//! Leaf, proof and policy: their one spelling, and that nothing else passes for them.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plico_crypto::ed25519::SigningKey;
use plico_journal::leaf::{LeafError, MAX_INSTANT_MS, document_commitment, fuzz_leaf, part_commitment};
use plico_journal::merkle::{ProofError, leaf_hash, node_hash};
use plico_journal::note::{Algorithm, Checked, cosigned_message};
use plico_journal::policy::{PolicyError, fuzz_policy};
use plico_journal::proof::{fuzz_proof, parse_hashes, write_hashes};
use plico_journal::{Checkpoint, Leaf, Note, Policy, Proof, VerifierKey};
use proptest::prelude::*;

fn leaf() -> Leaf {
    Leaf {
        origin: "example.org/c_a001/1".into(),
        index: 42,
        instant_ms: 1_795_286_761_123,
        kind: "delivery.made_available".into(),
        subject: std::array::from_fn(|n| n as u8),
        previous: Some((1, 17)),
        parts: BTreeMap::from([
            ("act".into(), part_commitment(&[1; 32], b"{}")),
            ("party.0".into(), part_commitment(&[2; 32], b"{}")),
        ]),
        documents: vec![document_commitment(&[3; 32], &[4; 32])],
    }
}

/// The commitments were computed with another implementation of SHA-256.
const LEAF: &str = concat!(
    r#"{"v":1,"o":"example.org/c_a001/1","i":42,"t":"2026-11-21T18:46:01.123Z","k":"delivery.made_available","#,
    r#""s":"000102030405060708090a0b0c0d0e0f","p":[1,17],"#,
    r#""c":{"act":"U2t2dBbGIjqbCAw56Lt8C+9xXaNc1lcT4PJGfy8RZFg=","party.0":"Ys2Mw+TlyXg+6KcjQn2ukAxvhXJC/uAjOJKSIafDLQU="},"d":["KWZOWcWb6rb7lovgG2iBbcAXpmLi6DxuFvteuEQNwmg="]}"#,
);

#[test]
fn the_leaf_has_one_spelling() {
    let bytes = leaf().to_bytes().unwrap();
    assert_eq!(std::str::from_utf8(&bytes).unwrap(), LEAF);
    assert_eq!(Leaf::parse(&bytes).unwrap(), leaf());
    let first = Leaf { previous: None, parts: BTreeMap::new(), documents: vec![], instant_ms: 0, ..leaf() };
    let text = String::from_utf8(first.to_bytes().unwrap()).unwrap();
    assert!(
        text.contains(r#""t":"1970-01-01T00:00:00.000Z""#) && text.ends_with(r#""p":null,"c":{},"d":[]}"#)
    );
    assert_eq!(Leaf::parse(text.as_bytes()).unwrap(), first);
}

#[test]
fn other_spellings_are_no_leaf() {
    let good = String::from_utf8(leaf().to_bytes().unwrap()).unwrap();
    for (from, to) in [
        (r#"{"v":1"#, r#"{ "v":1"#),
        ("]}", "]}\n"),
        (r#""v":1"#, r#""v":1.0"#),
        (r#""v":1"#, r#""v":2"#),
        (r#""v":1,"#, ""),
        (r#""v":1,"#, r#""v":1,"v":1,"#),
        (r#""v":1,"#, r#""v":1,"x":1,"#),
        (r#""i":42"#, r#""i":042"#),
        (r#""i":42"#, r#""i":-42"#),
        (r#""i":42"#, r#""i":4.2e1"#),
        (r#""i":42"#, r#""i":"42""#),
        (r#""i":42"#, r#""i":18446744073709551616"#),
        ("example.org", "ex\\u0061mple.org"),
        ("example.org", "example org"),
        ("example.org", "ex\u{e0}mple.org"),
        ("01.123Z", "01.12Z"),
        ("01.123Z", "01.1230Z"),
        ("01.123Z", "01.123+00:00"),
        ("2026-11", "2026-13"),
        ("delivery.made", "Delivery.made"),
        ("delivery.made", "delivery.x.made"),
        ("0a0b", "0A0B"),
        ("000102", "0001"),
        ("[1,17]", "[1]"),
        ("[1,17]", "[1,17,0]"),
        ("[1,17]", "[0,17]"),
        ("[1,17]", "[4294967296,17]"),
        ("[1,17]", "[]"),
        (r#""act""#, r#""Act""#),
        (r#""act""#, r#""zact""#),
        (r#""party.0""#, r#""party.""#),
        (r#""party.0""#, r#""party.0.1""#),
        (r#""party.0""#, r#""act""#),
        (r#"="],"#, r#""],"#),
        ("]}", ",null]}"),
        (r#""d":["#, r#""d":{"#),
    ] {
        let bad = good.replacen(from, to, 1);
        if bad != good {
            assert!(Leaf::parse(bad.as_bytes()).is_err(), "{from} → {to}");
        }
    }
    let swapped =
        good.replace(r#""i":42,"t":"2026-11-21T18:46:01.123Z""#, r#""t":"2026-11-21T18:46:01.123Z","i":42"#);
    assert!(matches!(Leaf::parse(swapped.as_bytes()), Err(LeafError::NotCanonical)));
    assert!(Leaf::parse("[".repeat(60_000).as_bytes()).is_err());
}

/// With any one byte changed it is another leaf, or none: never a second form of one.
#[test]
fn a_leaf_has_one_form() {
    let good = Leaf { documents: vec![[7; 32], [8; 32]], ..leaf() }.to_bytes().unwrap();
    let mut read = 0;
    for at in 0..good.len() {
        for byte in 0..=255 {
            let mut bytes = good.clone();
            bytes[at] = byte;
            if let Ok(leaf) = Leaf::parse(&bytes) {
                assert_eq!(leaf.to_bytes().unwrap(), bytes);
                read += 1;
            }
            let mut longer = good.clone();
            longer.insert(at, byte);
            plico_journal::leaf::fuzz_leaf(&longer);
        }
        plico_journal::leaf::fuzz_leaf(&good[..at]);
        assert!(Leaf::parse(&good[..at]).is_err());
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn limits_of_a_leaf() {
    let full = Leaf { documents: vec![[7; 32]; 500], ..leaf() };
    assert_eq!(Leaf::parse(&full.to_bytes().unwrap()).unwrap(), full);
    assert!(Leaf { documents: vec![[7; 32]; 501], ..leaf() }.to_bytes().is_err());
    let many = |n: u32| Leaf { parts: (0..n).map(|i| (format!("party.{i}"), [7; 32])).collect(), ..leaf() };
    assert!(many(1000).to_bytes().is_ok());
    assert!(matches!(many(2000).to_bytes(), Err(LeafError::TooLong)));
    assert!(Leaf { instant_ms: MAX_INSTANT_MS, ..leaf() }.to_bytes().is_ok());
    assert!(Leaf { instant_ms: MAX_INSTANT_MS + 1, ..leaf() }.to_bytes().is_err());
    assert!(Leaf { instant_ms: -1, ..leaf() }.to_bytes().is_err());
    assert!(matches!(Leaf::parse(&vec![b' '; 65_536]), Err(LeafError::TooLong)));
}

#[test]
fn a_commitment_depends_on_everything() {
    let part = part_commitment(&[1; 32], &[5; 32]);
    assert_ne!(part, part_commitment(&[2; 32], &[5; 32]));
    assert_ne!(part, part_commitment(&[1; 32], &[6; 32]));
    assert_ne!(part, document_commitment(&[1; 32], &[5; 32]));
}

struct World {
    log: SigningKey,
    witnesses: [SigningKey; 3],
}

impl World {
    fn new() -> Self {
        Self {
            log: SigningKey::from_seed([1; 32]),
            witnesses: [11, 12, 13].map(|n| SigningKey::from_seed([n; 32])),
        }
    }

    fn log_key(&self) -> VerifierKey {
        VerifierKey::new("example.org/c_a001/1", Algorithm::Ed25519, self.log.public_key()).unwrap()
    }

    fn witness_key(&self, n: usize) -> VerifierKey {
        VerifierKey::new(format!("w{n}.example"), Algorithm::Cosignature, self.witnesses[n].public_key())
            .unwrap()
    }

    fn checkpoint(&self) -> (Checkpoint, Note) {
        let root = node_hash(&leaf_hash(b"zero"), &leaf_hash(b"one"));
        let checkpoint = Checkpoint { origin: "example.org/c_a001/1".into(), size: 2, root };
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(&self.log_key(), &self.log.sign(note.text().as_bytes()));
        (checkpoint, note)
    }

    fn cosign(&self, n: usize, note: &mut Note) {
        let signature = self.witnesses[n].sign(&cosigned_message(1_800_000_000, note.text()));
        note.add_cosignature(&self.witness_key(n), 1_800_000_000, &signature);
    }

    fn policy(&self, quorum: &str) -> String {
        let mut text = format!("# who we trust\n\nlog {} https://log.example/\n", self.log_key());
        for n in 0..3 {
            writeln!(text, "\twitness w{n}  {}", self.witness_key(n)).unwrap();
        }
        text + "group two 2 w0 w1\ngroup all-of-it all two w2\n" + quorum + "\n"
    }
}

#[test]
fn a_proof_verifies_alone() {
    let world = World::new();
    let (checkpoint, mut note) = world.checkpoint();
    world.cosign(0, &mut note);
    let proof = Proof { extra: None, index: 1, hashes: vec![leaf_hash(b"zero")], checkpoint, note };
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 1\n"));
    let read = Proof::parse(text.as_bytes()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.verify(b"one"), Ok(()));
    assert_eq!(read.verify(b"two"), Err(ProofError::Root));
    assert_eq!(Proof { index: 0, ..read.clone() }.verify(b"one"), Err(ProofError::Root));
    assert_eq!(Proof { index: 2, ..read.clone() }.verify(b"one"), Err(ProofError::Outside));
    assert_eq!(Proof { hashes: vec![], ..read.clone() }.verify(b"one"), Err(ProofError::Length));
    let extra = Proof { extra: Some(b"hint".to_vec()), ..read.clone() };
    assert_eq!(Proof::parse(extra.to_string().as_bytes()).unwrap(), extra);
    let alone = Proof { hashes: vec![], ..read };
    assert_eq!(Proof::parse(alone.to_string().as_bytes()).unwrap(), alone);

    for (from, to) in [
        ("proof@v1", "proof@v2"),
        ("index 1", "index 01"),
        ("index 1", "Index 1"),
        ("index 1", "extra !\nindex 1"),
        ("index 1", "index 1\nextra AA=="),
        ("=\n\n", "=\n"),
        ("\n2\n", "\n2\n\n"),
    ] {
        let bad = text.replacen(from, to, 1);
        assert_ne!(bad, text);
        assert!(Proof::parse(bad.as_bytes()).is_err(), "{from} → {to}");
    }
    let hashes = [[1; 32], [2; 32]];
    assert_eq!(parse_hashes(write_hashes(&hashes).as_bytes()).unwrap(), hashes);
    assert_eq!(parse_hashes(b"").unwrap(), [[0; 32]; 0]);
    assert_eq!(parse_hashes(b"\n"), None);
    assert_eq!(parse_hashes(write_hashes(&hashes).trim_end().as_bytes()), None);
    assert_eq!(parse_hashes(write_hashes(&[[0; 32]; 66]).as_bytes()), None);
}

#[test]
fn a_policy_says_what_a_checkpoint_is_worth() {
    let world = World::new();
    let (checkpoint, note) = world.checkpoint();
    let policy = |quorum: &str| Policy::parse(&world.policy(quorum)).unwrap();
    assert_eq!(policy("quorum none").logs()[0].url.as_deref(), Some("https://log.example/"));
    assert_eq!(policy("quorum none").witnesses().count(), 3);

    let met = |quorum: &str, cosigners: &[usize]| {
        let mut note = note.clone();
        for n in cosigners {
            world.cosign(*n, &mut note);
        }
        policy(quorum).evaluate(&checkpoint, &note).is_met()
    };
    assert!(met("quorum none", &[]));
    assert!(!met("quorum w0", &[]));
    assert!(!met("quorum w0", &[1]));
    assert!(met("quorum w0", &[0]));
    assert!(!met("quorum two", &[0, 2]));
    assert!(met("quorum two", &[0, 1]));
    assert!(!met("quorum all-of-it", &[0, 1]));
    assert!(met("quorum all-of-it", &[2, 1, 0]));

    // A false line of a known witness refuses the checkpoint even where no quorum is asked for.
    let mut spoiled = note.clone();
    spoiled.add_cosignature(&world.witness_key(0), 1, &[0; 64]);
    let evaluation = policy("quorum none").evaluate(&checkpoint, &spoiled);
    assert!(evaluation.any_bad() && !evaluation.is_met() && evaluation.log == Checked::Good(None));
    // A log of another origin with the same key is another log.
    let other = Checkpoint { origin: "example.org/c_a001/2".into(), ..checkpoint.clone() };
    let mut renamed = other.to_note().unwrap();
    renamed.add_signature(&world.log_key(), &world.log.sign(renamed.text().as_bytes()));
    let evaluation = policy("quorum none").evaluate(&other, &renamed);
    assert!(!evaluation.log_known && !evaluation.is_met());
    // Signatures over one text say nothing of another checkpoint.
    let bigger = Checkpoint { size: 3, ..checkpoint };
    assert!(!policy("quorum none").evaluate(&bigger, &note).is_met());
}

/// Several bodies on one hub are one operator: their witnesses count once, unless a policy that nobody can meet says so first.
#[test]
fn a_quorum_counts_operators() {
    let key = |host: &str, n: u8| {
        VerifierKey::new(host, Algorithm::Cosignature, SigningKey::from_seed([n; 32]).public_key()).unwrap()
    };
    let named = [
        ("hub1", key("hub.example/c_a001", 1)),
        ("hub2", key("hub.example/c_a002", 2)),
        ("uni", key("uni.example", 3)),
    ];
    let mut lines = String::new();
    for (name, key) in &named {
        writeln!(lines, "witness {name} {key} https://{name}.example").unwrap();
    }
    let policy = Policy::parse(&format!("{lines}group two 2 hub1 hub2 uni\nquorum two\n")).unwrap();
    let reached = |who: &[&str]| policy.is_reached(|name, _| who.contains(&name));
    assert!(!reached(&["hub1", "hub2"]) && !reached(&["uni"]));
    assert!(reached(&["hub1", "uni"]) && reached(&["hub2", "uni"]));
    for group in ["group three 3 hub1 hub2 uni", "group both all hub1 hub2"] {
        let bad = format!("{lines}{group}\nquorum none\n");
        assert_eq!(Policy::parse(&bad), Err(PolicyError::Operators(4)), "{group}");
    }
    // Written and read again it is the same, also for other logs.
    assert_eq!(Policy::parse(&policy.to_string()).unwrap(), policy);
    let log = World::new().log_key();
    let own = policy.with_logs([plico_journal::policy::Log { key: log.clone(), url: None }]);
    assert_eq!(own.to_string(), format!("log {log}\n{lines}group two 2 hub1 hub2 uni\nquorum two\n"));
}

#[test]
fn malformed_policies() {
    let world = World::new();
    let (log, witness) = (world.log_key().to_string(), world.witness_key(0).to_string());
    for (text, error) in [
        (String::new(), PolicyError::NoQuorum),
        (format!("log {log}\n"), PolicyError::NoQuorum),
        ("quorum none\nquorum none".into(), PolicyError::Repeated(2)),
        ("quorum w".into(), PolicyError::Unknown(1)),
        (format!("log {witness}\nquorum none"), PolicyError::Line(1)),
        (format!("witness w {log}\nquorum none"), PolicyError::Line(1)),
        (format!("witness none {witness}\nquorum none"), PolicyError::Line(1)),
        (format!("log {log}\nlog {log}\nquorum none"), PolicyError::Repeated(2)),
        (format!("witness a {witness}\nwitness b {witness}\nquorum none"), PolicyError::Repeated(2)),
        (format!("witness a {witness}\ngroup a any a\nquorum none"), PolicyError::Repeated(2)),
        (format!("witness a {witness}\ngroup g 2 a\nquorum none"), PolicyError::Line(2)),
        (format!("witness a {witness}\ngroup g 0 a\nquorum none"), PolicyError::Line(2)),
        (format!("witness a {witness}\ngroup g any\nquorum none"), PolicyError::Line(2)),
        (format!("witness a {witness}\ngroup g any a a\nquorum none"), PolicyError::Repeated(2)),
        (format!("witness a {witness}\ngroup g any a\ngroup h any a\nquorum none"), PolicyError::Repeated(3)),
        (format!("group g any a\nwitness a {witness}\nquorum none"), PolicyError::Unknown(1)),
        ("group g any none\nquorum none".into(), PolicyError::Unknown(1)),
        ("trust everybody\nquorum none".into(), PolicyError::Line(1)),
        ("quorum none\r\n".into(), PolicyError::Text),
    ] {
        assert_eq!(Policy::parse(&text), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn any_leaf_comes_back(
        index: u64, instant_ms in 0..=MAX_INSTANT_MS, subject: [u8; 16], previous in proptest::option::of((1u32.., any::<u64>())),
        kind in "[a-z_]{1,20}\\.[a-z_]{1,20}", origin in "[A-Za-z0-9._/-]{1,60}",
        parts in proptest::collection::btree_map("[a-z]{1,9}(\\.[0-9]{1,3})?", proptest::array::uniform32(any::<u8>()), 0..9),
        documents in proptest::collection::vec(proptest::array::uniform32(any::<u8>()), 0..9),
        flip in any::<(proptest::sample::Index, u8)>(),
    ) {
        let leaf = Leaf { origin, index, instant_ms, kind, subject, previous, parts, documents };
        let mut bytes = leaf.to_bytes().unwrap();
        prop_assert_eq!(Leaf::parse(&bytes).unwrap(), leaf);
        let at = flip.0.index(bytes.len());
        bytes[at] = flip.1;
        fuzz_leaf(&bytes);
    }

    #[test]
    fn any_text_never_panics(text in "(log |witness a |group |quorum |index |c2sp.org/tlog-proof@v1\n|\n\n|— a |[ -~\n]){0,12}", bytes: Vec<u8>) {
        for bytes in [text.as_bytes(), &bytes] {
            fuzz_policy(bytes);
            fuzz_proof(bytes);
            fuzz_leaf(bytes);
            plico_journal::note::fuzz_note(bytes);
            plico_journal::checkpoint::fuzz_checkpoint(bytes);
            plico_journal::bundle::fuzz_bundle(bytes);
        }
    }

    #[test]
    fn a_changed_proof_text_never_panics_nor_passes(at: proptest::sample::Index, byte: u8) {
        let world = World::new();
        let (checkpoint, note) = world.checkpoint();
        let policy = Policy::parse(&world.policy("quorum none")).unwrap();
        let good = Proof { extra: None, index: 1, hashes: vec![leaf_hash(b"zero")], checkpoint, note }.to_string();
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        fuzz_proof(&bytes);
        if let Ok(proof) = Proof::parse(&bytes) {
            let accepted = proof.verify(b"one").is_ok() && policy.evaluate(&proof.checkpoint, &proof.note).is_met();
            prop_assert_eq!(accepted, bytes == good.as_bytes());
        }
    }
}
