//! Machines that each have an index of their own: a new one starts from a snapshot, and none keeps what was destroyed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use plico_archive::{Archive, Authorisation, Paths};
use plico_search::{Audience, Query};

use crate::ground::{BODY, Ground, entropy, file};

/// The same archive on the machine of this name.
fn on(paths: &Paths, root: &Path, machine: &str) -> Paths {
    let mut paths = paths.clone();
    paths.stores.node = Some(root.join(machine));
    paths
}

async fn open(ground: &(Paths, Arc<crate::ground::Fixed>), root: &Path, machine: &str) -> Archive {
    let paths = on(&ground.0, root, machine);
    Archive::open(&paths, ground.1.clone(), entropy(machine.len() as u64 + 40)).await.unwrap()
}

/// All words that are in the files of a machine's index, those of removed entries included.
fn words(root: &Path, machine: &str) -> BTreeSet<String> {
    let index = tantivy::Index::open_in_dir(root.join(machine).join("search")).unwrap();
    let mut words = BTreeSet::new();
    for segment in index.searchable_segments().unwrap() {
        let reader = tantivy::SegmentReader::open(&segment).unwrap();
        for field in ["subject", "body"] {
            let inverted = reader.inverted_index(index.schema().get_field(field).unwrap()).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                words.insert(String::from_utf8_lossy(terms.key()).into_owned());
            }
        }
    }
    words
}

fn has(root: &Path, machine: &str, word: &str) -> bool {
    words(root, machine).iter().any(|known| known.starts_with(word))
}

fn found(archive: &Archive, text: &str) -> Vec<String> {
    let query = Query {
        administration: BODY.into(),
        audience: Audience::Everything,
        text: text.into(),
        limit: 10,
        ..Query::default()
    };
    archive.search().search(&query).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_machine_starts_from_a_snapshot_and_no_index_keeps_what_is_destroyed() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    ground.file("smeraldina", b"primo").await;
    let Ground { root, paths, clock, archive } = ground;
    archive.close().await;
    let (root, ground) = (root.path(), (paths, clock));
    let snapshot = ground.0.data.join("search.snapshot");

    let first = open(&ground, root, "a").await;
    let read = first.index_events().await.unwrap();
    // What a crash left of another one is in nobody's way.
    std::fs::write(ground.0.data.join("search.snapshot.part"), b"half").unwrap();
    assert!(first.snapshot_index().await.unwrap());
    assert!(!first.snapshot_index().await.unwrap(), "there is nothing new");
    assert!(!ground.0.data.join("search.snapshot.part").exists());
    file(&first, "ametista", b"secondo").await.unwrap();
    let more = first.index_events().await.unwrap();
    assert!(read > 0 && more > 0);
    assert!(has(root, "a", "smerald") && has(root, "a", "amet"));
    first.close().await;

    // It reads only what came since; the index for all is not there at all.
    let second = open(&ground, root, "bb").await;
    assert_eq!(found(&second, "smeraldina"), ["smeraldina"]);
    assert_eq!(second.index_events().await.unwrap(), more);
    assert_eq!(found(&second, "ametista"), ["ametista"]);
    assert_eq!(second.index_lag().await.unwrap(), 0);
    let authorisation = Authorisation {
        destruction: "scarto".into(),
        administration: BODY.into(),
        authority: "Soprintendenza".into(),
        number: "1".into(),
        date: "2026-11-20".into(),
    };
    second.erase(&authorisation, vec!["smeraldina".into()]).await.unwrap();
    second.forget_words().await.unwrap();
    assert!(!snapshot.exists(), "the snapshot held its words");
    assert!(!has(root, "bb", "smerald") && has(root, "bb", "amet"));
    second.close().await;

    // The other machine forgets as it follows, whatever it does else.
    assert!(has(root, "a", "smerald"));
    let first = open(&ground, root, "a").await;
    first.index_events().await.unwrap();
    assert!(!has(root, "a", "smerald") && has(root, "a", "amet"));
    assert_eq!(found(&first, "smeraldina"), Vec::<String>::new());
    assert!(first.snapshot_index().await.unwrap());
    first.close().await;

    let third = open(&ground, root, "ccc").await;
    assert!(!has(root, "ccc", "smerald") && has(root, "ccc", "amet"));
    assert_eq!(third.index_events().await.unwrap(), 0);
    third.close().await;

    // A snapshot that is not what was written is no beginning.
    let mut bytes = std::fs::read(&snapshot).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0xff;
    std::fs::write(&snapshot, &bytes[..bytes.len() / 2]).unwrap();
    let fourth = open(&ground, root, "dddd").await;
    assert!(fourth.index_events().await.unwrap() > 0);
    assert_eq!(found(&fourth, "ametista"), ["ametista"]);
    fourth.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_saw_more_than_there_is_begins_again() {
    let (long, short) = (Ground::new().await, Ground::new().await);
    for ground in [&long, &short] {
        ground.office("tributi").await;
    }
    long.file("diaspro", b"uno").await;
    long.file("opalina", b"due").await;
    short.file("granata", b"tre").await;
    let kept = tempfile::tempdir().unwrap();
    for (ground, word, lost) in [(long, "diaspro", "granata"), (short, "granata", "diaspro")] {
        let Ground { paths, clock, archive, root: _root } = ground;
        archive.close().await;
        let archive = open(&(paths, clock), kept.path(), "a").await;
        archive.index_events().await.unwrap();
        assert_eq!(found(&archive, word), [word]);
        assert_eq!(found(&archive, lost), Vec::<String>::new());
        archive.close().await;
    }
}
