//! One byte changed anywhere is found, and its place is named. Whoever can write to the database can drop its
//! triggers: they are a seat belt, so these tests unbuckle them first.

use std::path::PathBuf;

use plico_archive::fsck::Finding;
use plico_database::args;

use crate::ground::{Ground, LOG, files};

/// What is done to the archive.
enum Harm {
    /// One bit of the value a query reads; a statement writes it back.
    Bit { read: &'static str, write: &'static str },
    /// A statement.
    Sql(&'static [&'static str]),
    /// One bit of the first file whose path contains this.
    File(&'static str),
    /// That file goes away.
    Gone(&'static str),
    /// A file nobody put there.
    Stranger(&'static str),
}

struct Case {
    harm: Harm,
    /// What a finding's place must contain.
    place: &'static str,
    /// What it must say.
    what: &'static str,
}

const fn case(harm: Harm, place: &'static str, what: &'static str) -> Case {
    Case { harm, place, what }
}

// Event 2 of the body's log presents m1 (a small document), event 4 presents m2 (a large one).
const CASES: &[Case] = &[
    case(
        Harm::Bit {
            read: "select leaf from event where log = 2 and idx = 2",
            write: "update event set leaf = $1 where log = 2 and idx = 2",
        },
        "event 2 of",
        "",
    ),
    case(
        Harm::Sql(&["update event set kind = 'message.noted' where log = 2 and idx = 2"]),
        "event 2 of",
        "its row does not say what its leaf says",
    ),
    case(
        Harm::Bit {
            read: "select subject from event where log = 2 and idx = 2",
            write: "update event set subject = $1 where log = 2 and idx = 2",
        },
        "event 2 of",
        "its row does not say what its leaf says",
    ),
    case(
        Harm::Sql(&["update event set instant_ms = instant_ms - 86400000 where log = 2 and idx = 2"]),
        "event 2 of",
        "its instant is before the previous one",
    ),
    case(
        Harm::Sql(&[
            "delete from part where log = 2 and idx = 3",
            "delete from event where log = 2 and idx = 3",
        ]),
        "event 4 of",
        "the events 3–3 before it are missing",
    ),
    case(
        Harm::Sql(&[
            "delete from part where log = 2 and idx = 5",
            "delete from event where log = 2 and idx = 5",
            "update log set size = 5 where id = 2",
        ]),
        "checkpoint 6 of",
        "rolled back",
    ),
    case(Harm::Sql(&["update log set size = size - 1 where id = 2"]), "checkpoint 6 of", "rolled back"),
    case(
        Harm::Sql(&["update log set size = size + 1 where id = 2"]),
        "log PROVA",
        "its size is 7, but 6 events",
    ),
    case(
        Harm::Sql(&["update subject set last_idx = 2 where log = 2 and id = 'm1'"]),
        "subject ",
        "its last event is not the one its row names",
    ),
    case(
        Harm::Bit {
            read: "select sealed from part where log = 2 and idx = 2 and name = 'act'",
            write: "update part set sealed = $1 where log = 2 and idx = 2 and name = 'act'",
        },
        "event 2 of",
        "a part does not open",
    ),
    case(
        Harm::Sql(&["delete from part where log = 2 and idx = 2 and name = 'party.0'"]),
        "event 2 of",
        "part party.0 is missing, or its key is",
    ),
    case(
        Harm::Bit {
            read: "select wrapped from access_grant where thing = 'part:2/2/act'",
            write: "update access_grant set wrapped = $1 where thing = 'part:2/2/act'",
        },
        "event 2 of",
        "a part does not open",
    ),
    case(
        Harm::Bit {
            read: "select wrapped from access_grant where thing = 'document:m1-1'",
            write: "update access_grant set wrapped = $1 where thing = 'document:m1-1'",
        },
        "document:m1-1",
        "it does not open",
    ),
    case(
        // Another document in its place.
        Harm::Sql(&[
            "update access_grant set blob = (select blob from access_grant where thing = 'document:m2-1')
            where thing = 'document:m1-1'",
        ]),
        "document:m1-1",
        "it does not open",
    ),
    case(
        Harm::Sql(&["delete from access_grant where thing = 'document:m1-1'"]),
        "document:m1-1",
        "it does not open",
    ),
    case(
        Harm::Bit {
            read: "select bytes from blob order by digest limit 1",
            write: "update blob set bytes = $1 where digest = (select digest from blob order by digest limit 1)",
        },
        "blob ",
        "its bytes are not those of its name",
    ),
    case(
        Harm::Sql(&["delete from blob where digest = (select digest from blob order by digest limit 1)"]),
        "blob ",
        "it is needed and not there",
    ),
    case(Harm::File("/blobs/"), "blobs/", "its bytes are not those of its name"),
    case(Harm::Gone("/blobs/"), "blob ", "it is needed and not there"),
    case(Harm::Stranger("blobs/aa/bb/cc"), "blobs/aa/bb/cc", "no place here"),
    case(Harm::File("/log/2/tile/0/"), "log/2/tile/0/", "the tile is not that of the events"),
    case(Harm::Gone("/log/2/tile/0/"), "log/2/tile/0/", "the tile is missing"),
    case(
        Harm::Sql(&["update checkpoint set note = replace(note, '— PROVA', '— prova') where log = 2"]),
        "checkpoint 6 of",
        "",
    ),
    case(
        Harm::Bit {
            read: "select root from checkpoint where log = 2 and size = 6",
            write: "update checkpoint set root = $1 where log = 2 and size = 6",
        },
        "checkpoint 6 of",
        "its root is not that of the events",
    ),
    case(
        Harm::Sql(&["update registration set number = 9 where message = 'm2'"]),
        "register AOO1 2026 of borgo",
        "entries up to 9 are there",
    ),
    case(
        Harm::Sql(&["delete from registration where message = 'm1'"]),
        "register AOO1 2026 of borgo",
        "1 entries",
    ),
    case(
        Harm::Sql(&["update registration set subject = 'Altro' where message = 'm1'"]),
        "registration borgo/AOO1/2026/1",
        "not say what the journal says",
    ),
    case(
        Harm::Sql(&["update registration set digest = 'ff' where message = 'm2'"]),
        "registration borgo/AOO1/2026/2",
        "not say what the journal says",
    ),
    case(
        Harm::Sql(&["update message set text = 'Rinuncio al rimborso.' where id = 'm1'"]),
        "message m1",
        "not say what the journal says",
    ),
    case(
        Harm::Sql(&["update document set sha256 = 'ff' where id = 'm1-1'"]),
        "document m1-1",
        "not say what the journal says",
    ),
    case(
        Harm::Sql(&["insert into register_head values ('borgo', 'fascicoli', 2026, 3)"]),
        "register fascicoli 2026 of borgo",
        "the next number is 3, but 0 entries",
    ),
    case(Harm::Sql(&["update tally set value = 7"]), "tally borgo/", "not say what"),
];

async fn town() -> Ground {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    ground.file("m1", b"un documento piccolo").await;
    ground.file("m2", &(0..700_000u32).map(|n| n.to_le_bytes()[1]).collect::<Vec<u8>>()).await;
    while ground.archive.sign_checkpoints().await.unwrap() {}
    ground
}

fn find(ground: &Ground, part: &str) -> PathBuf {
    let mut all = Vec::new();
    files(&ground.paths.data, &mut all);
    all.into_iter()
        .find(|path| path.to_string_lossy().contains(part))
        .unwrap_or_else(|| panic!("no file with {part}"))
}

async fn harm(ground: &Ground, harm: &Harm) {
    let database = ground.archive.database();
    let unbuckle: &[&str] = match ground.paths.database.file() {
        Some(_) => &["drop trigger event_is_final", "drop trigger event_stays", "drop trigger part_is_final"],
        None => &["alter table event disable trigger user", "alter table part disable trigger user"],
    };
    for sql in unbuckle {
        database.execute(sql, args![]).await.unwrap();
    }
    match harm {
        Harm::Bit { read, write } => {
            let (mut bytes,): (Vec<u8>,) = database.one(read, args![]).await.unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            assert!(database.execute(write, args![bytes]).await.unwrap() > 0, "{write} changes nothing");
        }
        Harm::Sql(statements) => {
            for sql in *statements {
                assert!(database.execute(sql, args![]).await.unwrap() > 0, "{sql} changes nothing");
            }
        }
        Harm::File(part) => {
            let path = find(ground, part);
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, bytes).unwrap();
        }
        Harm::Gone(part) => std::fs::remove_file(find(ground, part)).unwrap(),
        Harm::Stranger(path) => {
            let path = ground.paths.data.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "?").unwrap();
        }
    }
}

#[tokio::test]
async fn every_harm_is_found_and_its_place_is_named() {
    let whole = town().await;
    assert_eq!(whole.archive.logs().await.unwrap()[1].id, LOG);
    let clean = whole.archive.fsck().await.unwrap();
    assert_eq!(clean.findings, vec![], "the whole one must be clean, or the rest says nothing");
    let mut missed = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let ground = whole.copy(100 + number as u64).await;
        ground.later(1000);
        harm(&ground, &case.harm).await;
        let found: Vec<Finding> = ground.archive.fsck().await.unwrap().findings;
        if !found.iter().any(|f| f.place.contains(case.place) && f.what.contains(case.what)) {
            missed.push(format!("row {number}: wanted {:?} at {:?}, got {found:#?}", case.what, case.place));
        }
        ground.archive.database().close().await;
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn the_engine_itself_refuses_to_change_the_journal() {
    let ground = town().await;
    for sql in [
        "update event set kind = 'message.noted' where idx = 2",
        "delete from event where idx = 5",
        "update part set sealed = sealed where idx = 2",
    ] {
        let refused = ground.archive.database().execute(sql, args![]).await;
        assert!(refused.is_err_and(|error| error.is_refused_as_final()), "{sql}");
    }
}
