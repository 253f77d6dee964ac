//! What a person finds, and what he does not.

use plico_search::{Audience, Entry, Index, Order, Piece, Positions, Query, SearchError};
use proptest::prelude::*;

fn at(position: u64) -> Positions {
    Positions::from([(0, position)])
}

fn entries() -> Vec<Entry> {
    let entry = |id: &str, instant_ms, audience: &[&str], subject: &str, body: &str| Entry {
        id: id.to_owned(),
        administration: "bsp".to_owned(),
        audience: audience.iter().map(|term| (*term).to_owned()).collect(),
        office: Some("anagrafe".to_owned()),
        kind: "filing".to_owned(),
        instant_ms,
        subject: subject.to_owned(),
        body: body.to_owned(),
        ..Entry::default()
    };
    vec![
        Entry {
            number: Some("0000123/2026".to_owned()),
            persons: vec!["Nicolò D'Amico".to_owned(), "DMCNCL80A01H501Q".to_owned()],
            digests: vec!["AB".repeat(32)],
            ..entry(
                "a",
                100,
                &["person:1", "office:anagrafe"],
                "Richiesta di certificato di residenza",
                "Il sottoscritto chiede il rilascio del certificato di stato di famiglia.",
            )
        },
        Entry {
            number: Some("0001230/2026".to_owned()),
            persons: vec!["Maria Rossi".to_owned()],
            office: Some("tributi".to_owned()),
            ..entry(
                "b",
                200,
                &["person:2", "office:tributi"],
                "Attività produttive: segnalazione",
                "L'attività di residenza turistica aprirà presto; nessun certificato.",
            )
        },
        Entry {
            kind: "report".to_owned(),
            ..entry("c", 300, &["person:1"], "Buche in strada", "Certificati scaduti")
        },
        Entry { administration: "altrove".to_owned(), ..entry("d", 400, &["person:1"], "Certificato", "") },
    ]
}

fn index() -> Index {
    let index = Index::memory().expect("an index");
    for entry in entries() {
        index.add(&entry).expect("an entry is added");
    }
    index.commit(&at(4)).expect("a commit");
    index
}

fn all(text: &str) -> Query {
    Query {
        administration: "bsp".to_owned(),
        audience: Audience::Everything,
        text: text.to_owned(),
        ..Query::default()
    }
}

fn ids(index: &Index, query: &Query) -> String {
    index.search(query).expect("a search does not fail").hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn words_in_any_inflection_and_without_accents() {
    let index = index();
    for (typed, found) in [
        ("certificato", "cba"),
        ("certificati", "cba"),
        ("CERTIFICATO residenza", "ba"),
        ("attivita", "b"),
        ("attività", "b"),
        ("dell'attività", "b"),
        ("il certificato di", "cba"),
        ("certificato -scaduto", "ba"),
        ("\"certificato di residenza\"", "a"),
        ("\"residenza certificato\"", ""),
        ("\"stato di famiglia\"", "a"),
        ("resid*", "ba"),
        ("certificat*", "cba"),
        ("nicolo", "a"),
        ("Nicolò d'amico", "a"),
        ("dmcncl80a01h501q", "a"),
        ("123", "a"),
        ("0000123/2026", "a"),
        ("123/2026", "a"),
        ("1230", "b"),
        ("inesistente", ""),
        ("", "cba"),
        ("???", "cba"),
    ] {
        assert_eq!(ids(&index, &all(typed)), found, "{typed}");
    }
    assert_eq!(ids(&index, &all(&"ab".repeat(32))), "a");
}

#[test]
fn filters_narrow() {
    let index = index();
    let narrowed = |narrow: fn(&mut Query)| {
        let mut query = all("");
        narrow(&mut query);
        ids(&index, &query)
    };
    assert_eq!(narrowed(|q| q.offices = vec!["tributi".into()]), "b");
    assert_eq!(narrowed(|q| q.offices = vec!["tributi".into(), "anagrafe".into()]), "cba");
    assert_eq!(narrowed(|q| q.kinds = vec!["report".into()]), "c");
    assert_eq!(narrowed(|q| q.number = Some("0000123/2026".into())), "a");
    assert_eq!(narrowed(|q| q.number = Some(" 123 ".into())), "a");
    assert_eq!(narrowed(|q| q.number = Some("12".into())), "");
    assert_eq!(narrowed(|q| q.digest = Some("ab".repeat(32))), "a");
    assert_eq!(narrowed(|q| q.person = Some("rossi mar".into())), "b");
    assert_eq!(narrowed(|q| q.person = Some("DMCNCL80".into())), "a");
    assert_eq!(narrowed(|q| q.person = Some("--".into())), "cba");
    assert_eq!(narrowed(|q| q.from_ms = Some(200)), "cb");
    assert_eq!(narrowed(|q| q.before_ms = Some(200)), "a");
    assert_eq!(narrowed(|q| (q.from_ms, q.before_ms) = (Some(101), Some(300))), "b");
}

#[test]
fn nobody_finds_what_is_not_for_him() {
    let index = index();
    let on_behalf = |audience: &[&str], text: &str| {
        let audience = Audience::AnyOf(audience.iter().map(|term| (*term).to_owned()).collect());
        ids(&index, &Query { audience, ..all(text) })
    };
    assert_eq!(on_behalf(&["person:1"], "certificato"), "ca");
    assert_eq!(on_behalf(&["person:2", "office:anagrafe"], ""), "ba");
    assert_eq!(on_behalf(&["person:3"], ""), "");
    assert_eq!(on_behalf(&["person"], ""), "");
    assert_eq!(on_behalf(&[], ""), "");
    assert_eq!(ids(&index, &Query { text: String::new(), ..Query::default() }), "");
    assert_eq!(ids(&index, &Query { administration: "altrove".into(), ..all("") }), "d");
    // What is typed cannot widen it.
    for text in ["administration:altrove", "-certificato OR *:*", "audience:person:2 segnalazione"] {
        assert_eq!(on_behalf(&["person:3"], text), "", "{text}");
    }
}

#[test]
fn pages_and_orders() {
    let index = index();
    let mut query = Query { limit: 2, ..all("") };
    let page = index.search(&query).unwrap();
    assert_eq!((page.hits.len(), page.more), (2, true));
    assert_eq!(page.hits[0].instant_ms, 300);
    query.offset = 2;
    let page = index.search(&query).unwrap();
    assert_eq!((page.hits.len(), page.more), (1, false));
    let best = index.search(&Query { order: Order::Score, ..all("residenza") }).unwrap();
    assert_eq!(best.hits[0].id, "a", "a match in the subject counts more");
    assert!(best.hits[0].score > best.hits[1].score && best.hits[1].score > 0.0);
    assert_eq!(best.hits[0].instant_ms, 100);
    query.offset = usize::MAX;
    query.limit = usize::MAX;
    assert!(index.search(&query).unwrap().hits.is_empty());
}

#[test]
fn replaced_and_removed_entries_are_not_found() {
    let index = index();
    index.add(&Entry { subject: "Ritirato".into(), ..entries().remove(0) }).unwrap();
    index.remove("b").unwrap();
    assert_eq!(ids(&index, &all("")), "cba", "not before the commit");
    index.commit(&at(6)).unwrap();
    assert_eq!(ids(&index, &all("richiesta")), "");
    assert_eq!(ids(&index, &all("ritirato")), "a");
    assert_eq!((index.len(), index.positions()), (3, at(6)));
}

#[test]
fn a_directory_remembers_its_position_and_has_one_writer() {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    assert_eq!(index.positions(), Positions::new());
    assert!(index.is_empty());
    for entry in entries() {
        index.add(&entry).unwrap();
    }
    index.commit(&at(41)).unwrap();
    index.remove("a").unwrap();
    assert!(matches!(Index::open(directory.path()), Err(SearchError::Locked)));
    drop(index);
    let index = Index::open(directory.path()).unwrap();
    assert_eq!(index.positions(), at(41));
    assert_eq!(ids(&index, &all("richiesta")), "a", "the removal was not committed");
    drop(index);
    std::fs::write(directory.path().join("stranger.txt"), "x").unwrap();
    let index = Index::reset(directory.path()).unwrap();
    assert!((index.positions(), index.len()) == (Positions::new(), 0));
    assert!(directory.path().join("stranger.txt").exists());
}

#[test]
fn one_that_reads_finds_what_the_writer_committed_and_takes_over() {
    let directory = tempfile::tempdir().unwrap();
    let writer = Index::open(directory.path()).unwrap();
    let reader = Index::reading(directory.path()).unwrap();
    let everything = Query { limit: 10, ..Query::default() };
    let entry = entries().remove(0);
    assert!(matches!(reader.add(&entry), Err(SearchError::Locked)));
    assert!(matches!(reader.commit(&at(1)), Err(SearchError::Locked)));
    assert!(matches!(reader.take_over(), Err(SearchError::Locked)));
    writer.add(&entry).unwrap();
    writer.commit(&at(5)).unwrap();
    assert_eq!(
        reader.search(&everything).unwrap().hits.len(),
        writer.search(&everything).unwrap().hits.len()
    );
    assert_eq!(reader.positions(), at(5));
    drop(writer);
    reader.take_over().unwrap();
    reader.remove(&entry.id).unwrap();
    reader.commit(&at(6)).unwrap();
    assert_eq!((reader.len(), reader.positions()), (0, at(6)));
    assert!(matches!(Index::reading(tempfile::tempdir().unwrap().path()), Err(SearchError::Index(_))));
}

#[test]
fn a_damaged_index_is_recognised_and_can_be_reset() {
    let directory = tempfile::tempdir().unwrap();
    Index::open(directory.path()).unwrap().commit(&at(1)).unwrap();
    std::fs::write(directory.path().join("meta.json"), "{").unwrap();
    assert!(matches!(Index::open(directory.path()), Err(SearchError::Unusable)));
    assert_eq!(Index::reset(directory.path()).unwrap().positions(), Positions::new());
}

#[test]
fn a_purge_leaves_no_word_of_what_was_removed_in_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    let mut entry = entries().remove(0);
    entry.body = "parolasegretissima".into();
    index.add(&entry).unwrap();
    index.add(&entries()[1]).unwrap();
    index.commit(&at(1)).unwrap();
    // A dictionary is compressed: look into the segments as files, deleted documents included.
    let written = || {
        let index = tantivy::Index::open_in_dir(directory.path()).unwrap();
        let body = index.schema().get_field("body").unwrap();
        index.searchable_segments().unwrap().iter().any(|segment| {
            let reader = tantivy::SegmentReader::open(segment).unwrap();
            let inverted = reader.inverted_index(body).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            let mut found = false;
            while terms.advance() {
                found |= terms.key().starts_with(b"parolasegret");
            }
            found
        })
    };
    let files = || std::fs::read_dir(directory.path()).unwrap().count();
    let before = files();
    assert!(written());
    index.remove("a").unwrap();
    index.commit(&at(2)).unwrap();
    index.purge().unwrap();
    assert!(!written());
    assert!(files() <= before, "the old segments are gone");
    assert_eq!(ids(&index, &all("")), "b");
    index.commit(&at(3)).unwrap();
    assert_eq!(index.positions(), at(3));
}

#[test]
fn a_snippet_is_plain_pieces() {
    let index = index();
    let text = format!(
        "{} Le attività <b>commerciali</b> & i certificati. {}",
        "parola ".repeat(200),
        "altro ".repeat(200)
    );
    let pieces = index.snippet(&all("attivita certificato"), &text, 120);
    let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    assert!(text.contains(&whole) && whole.chars().count() <= 130, "{whole}");
    let marked: Vec<&str> =
        pieces.iter().filter(|piece| piece.marked).map(|piece| piece.text.as_str()).collect();
    assert_eq!(marked, ["attività", "certificati"]);
    let none = index.snippet(&all("inesistente"), "Così è.", 4);
    assert_eq!(none, [Piece { text: "Così".into(), marked: false }]);
    assert_eq!(index.snippet(&all("x"), "", 10), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_typed_text_is_an_error_or_widens_what_may_be_seen(text in "\\PC{0,120}", words in "(certificato|residenza|123|\"|-|\\*|/| |:){0,12}") {
        thread_local!(static INDEX: Index = index());
        INDEX.with(|index| {
            for text in [&text, &words] {
                for order in [Order::Newest, Order::Score] {
                    let audience = Audience::AnyOf(vec!["person:1".to_owned()]);
                    let query = Query { audience, order, ..all(text) };
                    for hit in index.search(&query).unwrap().hits {
                        assert!("ac".contains(&hit.id));
                    }
                }
                index.search(&Query { number: Some(text.clone()), person: Some(text.clone()), digest: Some(text.clone()), ..all("") }).unwrap();
                index.snippet(&all(text), text, 50);
            }
        });
    }
}

#[test]
fn an_index_is_made_again_from_its_files() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = Index::open(first.path()).unwrap();
    for entry in entries() {
        index.add(&entry).unwrap();
    }
    index.commit(&Positions::from([(1, 40), (7, 2)])).unwrap();
    index.remove("a").unwrap();
    index.commit(&Positions::from([(1, 41), (7, 2)])).unwrap();
    let mut names = Vec::new();
    let handed = index.files(|name, size, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert_eq!(bytes.len() as u64, size);
        names.push(name.to_owned());
        std::fs::write(second.path().join(name), bytes)
    });
    handed.unwrap();
    assert_eq!(names.last().map(String::as_str), Some("meta.json"), "nothing before it is an index");
    assert!(Index::is_in(second.path()) && !Index::is_in(tempfile::tempdir().unwrap().path()));
    let again = Index::open(second.path()).unwrap();
    assert!(again.is_whole().unwrap());
    assert_eq!(again.positions(), Positions::from([(1, 41), (7, 2)]));
    assert_eq!(ids(&again, &all("certificato")), ids(&index, &all("certificato")));
    again.clear().unwrap();
    assert!(again.is_empty() && again.positions().is_empty());
    drop(again);
    // One byte of a segment changed.
    let store = names.iter().find(|name| name.rsplit('.').next() == Some("store")).unwrap();
    let mut bytes = std::fs::read(first.path().join(store)).unwrap();
    bytes[3] ^= 1;
    drop(index);
    std::fs::write(first.path().join(store), bytes).unwrap();
    assert!(!Index::open(first.path()).unwrap().is_whole().unwrap());
}
