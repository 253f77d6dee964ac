//! Dossiers, good and with everything that can be done to one.

use std::collections::BTreeMap;

use plico_crypto::digest::sha256;
use plico_journal::leaf::{document_commitment, part_commitment};
use plico_journal::merkle::{Hash, consistency_proof, inclusion_proof, leaf_hash, root, subtree_root};
use plico_journal::proof::write_hashes;
use plico_journal::{Checkpoint, Leaf, Proof};
use plico_package::bag::BagWriter;
use plico_package::pindex::{self, Group, Index, Indexed};

use super::fixtures::Fixture;
use super::*;
use crate::dossier::{INDEX as PINDEX, event_folder, log_folder};
use crate::parts::DocumentEntry;

const REQUEST: &[u8] = b"the request";
/// Where the events of the dossier stand in the log.
const OPENED: u64 = 3;
const PRESENTED: u64 = 4;
const FILED: u64 = 6;
const LEAVES: u64 = 9;

type Files = BTreeMap<String, Vec<u8>>;

struct Event {
    index: u64,
    kind: &'static str,
    subject: u8,
    previous: Option<u64>,
    act: &'static str,
    documents: bool,
}

const EVENTS: [Event; 3] = [
    Event {
        index: OPENED,
        kind: "casefile.opened",
        subject: 30,
        previous: None,
        act: r#"{"v":1,"number":"2026/1","title":"Rimborsi"}"#,
        documents: false,
    },
    Event {
        index: PRESENTED,
        kind: "message.presented",
        subject: 31,
        previous: None,
        act: r#"{"v":1,"content":{"message":"01MESSAGE","subject":"Perché"}}"#,
        documents: true,
    },
    Event {
        index: FILED,
        kind: "casefile.filed",
        subject: 30,
        previous: Some(OPENED),
        act: r#"{"v":1,"message":"01MESSAGE"}"#,
        documents: false,
    },
];

impl Event {
    fn parts(&self) -> BTreeMap<String, OpenPart> {
        let open = |n: u8, bytes: Vec<u8>| OpenPart { salt: salt(n), bytes };
        let mut parts = BTreeMap::from([("act".to_owned(), open(self.index as u8, self.act.into()))]);
        if self.documents {
            parts.insert("documents".into(), open(100, parts::write_documents(&[document()])));
        }
        parts
    }

    fn leaf(&self) -> Vec<u8> {
        let committed = |(name, part): (String, OpenPart)| (name, part_commitment(&part.salt, &part.bytes));
        let document = document();
        let leaf = Leaf {
            origin: ORIGIN.into(),
            index: self.index,
            instant_ms: NOW - 3_600_000 + self.index as i64,
            kind: self.kind.into(),
            subject: [self.subject; 16],
            previous: self.previous.map(|index| (2, index)),
            parts: self.parts().into_iter().map(committed).collect(),
            documents: self
                .documents
                .then(|| document_commitment(&document.salt, &document.sha256))
                .into_iter()
                .collect(),
        };
        leaf.to_bytes().unwrap()
    }
}

fn document() -> DocumentEntry {
    DocumentEntry {
        id: "01DOC".into(),
        name: "istanza è.txt".into(),
        media_type: "text/plain".into(),
        size: REQUEST.len() as u64,
        sha256: sha256(REQUEST),
        salt: salt(90),
        role: "primary".into(),
    }
}

/// What a dossier holds, but for its index.
fn payload(world: &World) -> Files {
    let (opening, opened) = opening();
    let leaves: Vec<Vec<u8>> = (0..LEAVES)
        .map(|n| match EVENTS.iter().find(|event| event.index == n) {
            Some(event) => event.leaf(),
            None if n == 0 => opening.clone(),
            None => n.to_be_bytes().to_vec(),
        })
        .collect();
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let mut node =
        |level: u8, index: u64| -> Result<Hash, plico_journal::merkle::ProveError<std::fmt::Error>> {
            let (from, count) = ((index << level) as usize, 1usize << level);
            Ok(subtree_root(&hashes[from..from + count]))
        };
    let checkpoint =
        Checkpoint { origin: ORIGIN.into(), size: LEAVES, root: root(LEAVES, &mut node).unwrap() };
    let before = Checkpoint { origin: ORIGIN.into(), size: OPENED, root: root(OPENED, &mut node).unwrap() };
    let note = world.sign(&checkpoint, NOW / 1000 - 60);
    let mut files = Files::new();
    for event in &EVENTS {
        let folder = event_folder(2, event.index);
        let hashes = inclusion_proof(event.index, LEAVES, &mut node).unwrap();
        let proof = Proof {
            extra: None,
            index: event.index,
            hashes,
            checkpoint: checkpoint.clone(),
            note: note.clone(),
        };
        files.insert(format!("{folder}/leaf.json"), event.leaf());
        files.insert(format!("{folder}/parts.json"), parts::write(&event.parts()));
        files.insert(format!("{folder}/proof.tlog-proof"), proof.to_string().into());
    }
    let folder = log_folder(2);
    let mut shared = |name: &str, bytes: Vec<u8>| files.insert(format!("{folder}/{name}"), bytes);
    shared("earlier.checkpoint", world.sign(&before, NOW / 1000 - 7200).to_string().into());
    shared("consistency.txt", write_hashes(&consistency_proof(OPENED, LEAVES, &mut node).unwrap()).into());
    shared("opening.json", opening);
    shared("opening-parts.json", parts::write(&BTreeMap::from([("act".to_owned(), opened)])));
    shared("opening.txt", write_hashes(&inclusion_proof(0, LEAVES, &mut node).unwrap()).into());
    files.insert("documenti/001-1/istanza 100%.txt".into(), REQUEST.to_vec());
    files.insert("indice.html".into(), b"<p>\xc3\xa8".to_vec());
    files.insert("ricevute/ricevuta.pdf".into(), world.receipt());
    let beside = beside::Beside::new(vec![super::stamped::later(world, 20, &[]).1]);
    files.insert("ricevute/ricevuta.evidence".into(), beside.to_bytes().unwrap());
    files
}

fn indexed(files: &Files) -> Vec<u8> {
    let file = |(n, (path, bytes)): (usize, (&String, &Vec<u8>))| Indexed {
        id: format!("f{n}"),
        path: path.clone(),
        media_type: "text/plain".into(),
        sha256: sha256(bytes),
        metadata: None,
    };
    let group = Group {
        id: "tutto".into(),
        label: "Tutto & più".into(),
        files: files.iter().enumerate().map(file).collect(),
    };
    let index = Index {
        id: "fascicolo-2026-1".into(),
        label: "Fascicolo <2026/1>".into(),
        producer: "Comune di Borgo San Plico".into(),
        signer_role: "responsabile".into(),
        rule: "Manuale".into(),
        instant: "2026-11-21T18:46:01Z".into(),
        version: "0".into(),
    };
    pindex::write(Vec::new(), &index, &[group]).unwrap()
}

/// A bag of these files; `wrong`: those for which the manifest lies.
fn bag(files: &Files, wrong: &[&str], tags: &[(&str, &[u8])], info: &[(&str, &str)]) -> Vec<u8> {
    let mut bag = BagWriter::new(Vec::new(), "fascicolo-2026-1").unwrap();
    for (path, bytes) in files {
        let known = wrong.contains(&path.as_str()).then_some([7; 32]);
        bag.add(path, known, &mut &bytes[..]).unwrap();
    }
    for (name, bytes) in tags {
        bag.tag(name, bytes).unwrap();
    }
    bag.finish(info).unwrap()
}

/// A bag of these files with the index that names them.
fn packed(files: &Files) -> Vec<u8> {
    let mut all = files.clone();
    all.insert(PINDEX.into(), indexed(files));
    bag(&all, &[], &[("verifica.html", b"<!doctype html>")], &[("Source-Organization", "Comune")])
}

pub(super) fn dossiers(world: &World) -> Vec<Fixture> {
    let mut all = Vec::new();
    let mut add = |name: &str, file: Vec<u8>, policy: Option<String>| {
        all.push(Fixture { name: name.into(), file, policy, now_ms: NOW, ..Fixture::default() });
    };
    let policy = || Some(world.policy_text());
    let whole = payload(world);
    let good = packed(&whole);
    add("ok:a dossier", good.clone(), policy());
    add("incomplete:a dossier without a policy", good.clone(), None);
    let other = VerifierKey::new(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    add("failed:a dossier under another key", good.clone(), Some(format!("log {other}\nquorum none\n")));
    let lone = format!("log {}\nquorum none\n", world.log_key());
    add("ok:a dossier, nothing else demanded", good.clone(), Some(lone));

    // Whoever packs it again makes manifests and index that fit: what the events say does not.
    for (path, bytes) in &whole {
        let mut without = whole.clone();
        without.remove(path);
        add(&format!("other:without {path}"), packed(&without), policy());
        let mut changed = whole.clone();
        let at = bytes.len() / 2;
        changed.get_mut(path).unwrap()[at] ^= 1;
        add(&format!("other:changed {path}"), packed(&changed), policy());
        let mut all = whole.clone();
        all.insert(PINDEX.into(), indexed(&whole));
        add(&format!("failed:a manifest that lies about {path}"), bag(&all, &[path], &[], &[]), policy());
    }
    let with = |path: &str, bytes: &[u8]| {
        let mut more = whole.clone();
        more.insert(path.into(), bytes.to_vec());
        more
    };
    add("failed:a document of no event", packed(&with("documenti/001-1/altro.txt", b"another")), policy());
    add("ok:a document twice", packed(&with("documenti/001-1/copia.txt", REQUEST)), policy());
    add("other:a receipt that is none", packed(&with("ricevute/altra.pdf", b"%PDF-1.7\n")), policy());
    add("other:evidence of no receipt", packed(&with("ricevute/altra.evidence", b"{}")), policy());
    for event in &EVENTS {
        let folder = event_folder(2, event.index);
        let without: Files = whole
            .iter()
            .filter(|(path, _)| !path.starts_with(&folder))
            .map(|(p, b)| (p.clone(), b.clone()))
            .collect();
        add(&format!("other:without the event {}", event.kind), packed(&without), policy());
        let moved: Files = whole
            .iter()
            .map(|(p, b)| (p.replace(&folder, &event_folder(2, event.index + 1)), b.clone()))
            .collect();
        add(&format!("failed:{} lies elsewhere", event.kind), packed(&moved), policy());
    }
    let mut unindexed = whole.clone();
    add("failed:no index", bag(&unindexed, &[], &[], &[]), policy());
    for (how, index) in [
        ("is empty", Vec::new()),
        ("has a document type", b"<!DOCTYPE x><x/>".to_vec()),
        ("ends early", indexed(&whole)[..800].to_vec()),
        ("names less", indexed(&whole.clone().into_iter().skip(1).collect())),
        ("names more", indexed(&with("storia/niente", b""))),
    ] {
        unindexed.insert(PINDEX.into(), index);
        add(&format!("other:an index that {how}"), bag(&unindexed, &[], &[], &[]), policy());
    }
    unindexed.insert(PINDEX.into(), indexed(&whole));
    add("failed:another sum of sizes", bag(&unindexed, &[], &[], &[("Payload-Oxum", "1.1")]), policy());
    add(
        "other:a manifest of MD5",
        bag(
            &unindexed,
            &[],
            &[("manifest-md5.txt", b"00000000000000000000000000000000  data/indice.html\n")],
            &[],
        ),
        policy(),
    );
    add(
        "other:a manifest of something unknown",
        bag(&unindexed, &[], &[("manifest-blake.txt", b"00  data/indice.html\n")], &[]),
        policy(),
    );
    add(
        "other:something is to be fetched",
        bag(&unindexed, &[], &[("fetch.txt", b"http://a.example/ - data/altro\n")], &[]),
        policy(),
    );
    // Up to the directory of the ZIP: what a reader makes of a damaged one is its own affair (docs/receipts.md).
    let directory = good.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for at in (0..directory).step_by(good.len() / 60) {
        let mut changed = good.clone();
        changed[at] ^= 1;
        add(&format!("other:byte {at} of the dossier"), changed, policy());
    }
    for cut in [good.len() - 1, good.len() / 2, 100] {
        add(&format!("failed:a dossier cut to {cut}"), good[..cut].to_vec(), policy());
    }
    add("other:a dossier with bytes after it", [&good[..], b"more"].concat(), policy());
    all
}
