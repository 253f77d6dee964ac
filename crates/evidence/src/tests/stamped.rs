//! Receipts with what came later beside them, and with time stamps.

use plico_journal::merkle::{Hash, consistency_proof, inclusion_proof, leaf_hash, root, subtree_root};
use plico_journal::proof::write_hashes;
use plico_journal::{Checkpoint, Proof};
use plico_signature::forge::{KeyKind, Pki, Signer, Subject, token};

use super::touched::Maker;
use super::*;
use crate::beside::{Beside, Later};

/// The world's leaf in a tree of `size`, as a later checkpoint.
pub(super) fn later(world: &World, size: u64, tokens: &[Vec<u8>]) -> (Checkpoint, Later) {
    let (opening, _) = opening();
    let leaf = world.enclosure.leaf.clone().unwrap();
    let hashes: Vec<Hash> = (0..size)
        .map(|n| match n {
            0 => leaf_hash(&opening),
            INDEX => leaf_hash(&leaf),
            other => leaf_hash(&other.to_be_bytes()),
        })
        .collect();
    let mut node =
        |level: u8, index: u64| -> Result<Hash, plico_journal::merkle::ProveError<std::fmt::Error>> {
            let (from, count) = ((index << level) as usize, 1usize << level);
            Ok(subtree_root(&hashes[from..from + count]))
        };
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: root(size, &mut node).unwrap() };
    let proof = Proof {
        extra: None,
        index: INDEX,
        hashes: inclusion_proof(INDEX, size, &mut node).unwrap(),
        note: world.sign(&checkpoint, NOW / 1000 - 30),
        checkpoint: checkpoint.clone(),
    };
    let consistency = write_hashes(&consistency_proof(SIZE, size, &mut node).unwrap());
    (checkpoint, Later::new(proof.to_string(), consistency, tokens))
}

pub(super) fn evidence(maker: &mut Maker<'_>, good: &[u8]) {
    let world = maker.world;
    let mut pki = Pki::new("Borgo", NOW).unwrap();
    let subject = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Marche temporali",
        from_ms: NOW - 86_400_000,
        to_ms: NOW + 86_400_000,
    };
    let authority = pki.stamper(&subject, KeyKind::P256, true).unwrap();
    let anchors = String::from_utf8(pki.anchors_pem().unwrap()).unwrap();
    let policy = format!("{}roots timestamp\n{anchors}", world.policy_text());
    let (checkpoint, _) = later(world, 20, &[]);
    let text = checkpoint.text();
    let stamp = |authority: &Signer, text: &str, at_ms| token(authority, text.as_bytes(), at_ms).unwrap();
    let stamped = stamp(&authority, &text, NOW - 1_000);
    let one = |tokens: &[Vec<u8>]| Beside::new(vec![later(world, 20, tokens).1]).to_bytes().unwrap();
    let mut add = |name: &str, evidence: Vec<u8>, now_ms: i64| {
        maker.add(name, good.to_vec(), |fixture| {
            fixture.evidence = vec![evidence];
            fixture.policy = Some(policy.clone());
            fixture.now_ms = now_ms;
        });
    };
    add("ok:later, cosigned", one(&[]), NOW);
    add("ok:later, stamped", one(std::slice::from_ref(&stamped)), NOW);
    add("ok:the same tree again", Beside::new(vec![later(world, SIZE, &[]).1]).to_bytes().unwrap(), NOW);
    add("ok:none in it", Beside::new(Vec::new()).to_bytes().unwrap(), NOW);
    add(
        "other:the stamp's certificate has expired since",
        one(std::slice::from_ref(&stamped)),
        NOW + 2 * 86_400_000,
    );
    add("failed:a stamp over something else", one(&[stamp(&authority, "other", NOW - 1_000)]), NOW);
    add(
        "failed:a stamp from before its certificate",
        one(&[stamp(&authority, &text, NOW - 2 * 86_400_000)]),
        NOW,
    );
    let careless = pki.stamper(&subject, KeyKind::P256, false).unwrap();
    add("failed:not for stamping alone", one(&[stamp(&careless, &text, NOW - 1_000)]), NOW);
    let mut elsewhere = Pki::new("Altrove", NOW).unwrap();
    let unknown = elsewhere.stamper(&subject, KeyKind::P256, true).unwrap();
    add("ok:a stamp of somebody unknown", one(&[stamp(&unknown, &text, NOW - 1_000)]), NOW);
    let rsa = pki.stamper(&subject, KeyKind::Rsa2048, true).unwrap();
    add(
        "ok:a stamp by RSA, and one unknown",
        one(&[stamp(&rsa, &text, NOW - 1_000), stamp(&unknown, &text, NOW)]),
        NOW,
    );
    for at in (0..stamped.len()).step_by(stamped.len() / 25) {
        let mut changed = stamped.clone();
        changed[at] ^= 1;
        add(&format!("other:byte {at} of the stamp"), one(&[changed]), NOW);
    }
    let file = one(std::slice::from_ref(&stamped));
    for at in (0..file.len()).step_by(file.len() / 25) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        add(&format!("other:byte {at} of the evidence"), changed, NOW);
    }
    let text = String::from_utf8(file.clone()).unwrap();
    for (how, from, to) in [
        ("an unknown key", "{\"v\":1", "{\"v\":1,\"w\":1"),
        ("a key twice", "{\"v\":1", "{\"v\":1,\"v\":1"),
        ("another version", "{\"v\":1", "{\"v\":2"),
        ("spaces", "{\"v\":1", "{ \"v\" : 1"),
        ("another event", "index 5", "index 6"),
        ("no consistency", "\"consistency\":\"", "\"consistency\":\"AAAA"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        add(&format!("other:evidence with {how}"), changed.into_bytes(), NOW);
    }
    let without = format!(
        "{}roots timestamp\n{anchors}",
        world.policy_text().replace(&String::from_utf8(world.root.pem()).unwrap(), "")
    );
    maker.add("ok:no roots of seals, stamped", good.to_vec(), |fixture| {
        fixture.evidence = vec![file];
        fixture.policy = Some(without);
    });
    earlier(maker, &authority, &policy);
}

/// Receipts whose earlier checkpoint bears a time stamp.
fn earlier(maker: &mut Maker<'_>, authority: &Signer, policy: &str) {
    let whole = maker.world.enclosure.clone();
    let (before, _) = Checkpoint::parse_note(whole.earlier.as_ref().unwrap()).unwrap();
    for (name, over) in
        [("ok:an earlier stamp", before.text()), ("failed:a false earlier stamp", "other".to_owned())]
    {
        let token = token(authority, over.as_bytes(), NOW - 5_000_000).unwrap();
        let enclosure = Enclosure { earlier_stamp: Some(token), ..whole.clone() };
        let file = maker.enclosed(&enclosure);
        maker.add(name, file, |fixture| fixture.policy = Some(policy.to_owned()));
    }
}
