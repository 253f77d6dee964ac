//! Beginning, appending, refusing.

use plico_archive::tree;
use plico_archive::{ActError, Archive, ArchiveError, NewEvent};
use plico_database::args;
use plico_journal::Checkpoint;
use plico_journal::merkle::{leaf_hash, verify_inclusion};
use plico_record::actor::Actor;

use crate::ground::{BODY, Ground, LOG, begin, document, entropy, office, present};

const EVENTS: &str = "select count(*) from event";
const MESSAGES: &str = "select count(*) from message";
const HEAD: &str = "select coalesce(max(next), 1) from register_head";
const JOBS: &str = "select count(*) from job";

#[tokio::test]
async fn begins_once_and_is_marked_as_a_demo_for_ever() {
    let ground = Ground::new().await;
    assert!(ground.archive.is_demo().await.unwrap());
    let logs = ground.archive.logs().await.unwrap();
    assert_eq!(logs.len(), 2);
    assert_eq!(logs[1].origin, "PROVA.archivio.example/c_x000/1");
    let again = Archive::init(&ground.paths, begin(), ground.clock.clone(), entropy(2)).await;
    assert!(matches!(again, Err(ArchiveError::Setup(_))), "an archive is never begun twice");
    let mut inside = ground.paths.clone();
    inside.key_file = inside.data.join("keys");
    assert!(matches!(
        Archive::init(&inside, begin(), ground.clock.clone(), entropy(2)).await,
        Err(ArchiveError::Setup(_))
    ));
}

#[tokio::test]
async fn what_was_appended_is_whole_when_read_again() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    assert_eq!(ground.file("m1", b"piccolo").await, 1);
    assert_eq!(ground.file("m2", &vec![7; 600_000]).await, 2);
    while ground.archive.sign_checkpoints().await.unwrap() {}
    let outcome = ground.archive.fsck().await.unwrap();
    assert_eq!(outcome.findings, vec![]);
    assert!(outcome.clean && outcome.events == 7 && outcome.documents == 2 && outcome.checkpoints == 2);
    let reader = ground.archive.open_document("m2-1").await.unwrap();
    assert_eq!(reader.read_all(1 << 20).await.unwrap(), vec![7; 600_000]);

    // Again from disk.
    let copy = ground.copy(9).await;
    assert_eq!(copy.archive.check_continuity().await.unwrap(), Vec::<String>::new());
    assert_eq!(copy.file("m3", b"terzo").await, 3);
    while copy.archive.sign_checkpoints().await.unwrap() {}
    assert_eq!(copy.archive.fsck().await.unwrap().findings, vec![]);
}

#[tokio::test]
async fn a_refused_act_leaves_no_trace() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    let database = ground.archive.database();
    let mut before = Vec::new();
    for sql in [EVENTS, MESSAGES, HEAD, JOBS] {
        before.push(database.scalar_i64(sql, args![]).await.unwrap());
    }
    let paper = document(&ground.archive, "m1-1", b"mai").await;
    let refused: Result<(), ActError<&str>> = ground
        .archive
        .act(move |work| {
            Box::pin(async move {
                present(work, "m1", paper).await?;
                work.enqueue("receipt", "m1", BODY, &serde_json::json!({}))?;
                Err(ActError::Refused("changed my mind"))
            })
        })
        .await;
    assert!(matches!(refused, Err(ActError::Refused("changed my mind"))));
    for (sql, before) in [EVENTS, MESSAGES, HEAD, JOBS].into_iter().zip(before) {
        assert_eq!(database.scalar_i64(sql, args![]).await.unwrap(), before, "{sql}");
    }
    assert_eq!(ground.file("m2", b"ora").await, 1, "the number of the refused act was never given");
}

#[tokio::test]
async fn a_refusal_is_told_only_when_what_it_rests_on_is_durable() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    // Many acts wait at once, so that they share a transaction: the first files, the others find it there already.
    let mut tasks = Vec::new();
    for n in 0..24 {
        let archive = ground.archive.clone();
        tasks.push(tokio::spawn(async move {
            let paper = document(&archive, &format!("m-{n}"), b"una volta").await;
            let filed: Result<u64, ActError<()>> = archive
                .act(move |work| {
                    Box::pin(async move {
                        if work.message("m").await?.is_some() {
                            return Err(ActError::Refused(()));
                        }
                        Ok(present(work, "m", paper).await?)
                    })
                })
                .await;
            let seen = archive.database().scalar_i64(MESSAGES, args![]).await.unwrap();
            (filed.is_ok(), seen)
        }));
    }
    let mut filed = 0;
    for task in tasks {
        let (ok, seen) = task.await.unwrap();
        filed += i64::from(ok);
        assert_eq!(seen, 1, "whoever was told `it is there` must find it there");
    }
    assert_eq!(filed, 1);
}

/// What an act writes last runs only when it ends: it fails alone, and is told so.
#[tokio::test]
async fn an_act_whose_last_statement_fails_is_undone_and_the_others_stand() {
    const IMPOSSIBLE: &str =
        "insert into tally (administration, owner, name, value) values ($1, 'nobody', 'nothing', null)";
    let ground = Ground::new().await;
    ground.office("tributi").await;
    let tasks: Vec<_> = (0..24)
        .map(|n| {
            let archive = ground.archive.clone();
            tokio::spawn(async move {
                let id = format!("m{n}");
                let paper = document(&archive, &format!("{id}-1"), id.as_bytes()).await;
                let filed: Result<u64, ActError<()>> = archive
                    .act(move |work| {
                        Box::pin(async move {
                            let number = present(work, &id, paper).await?;
                            if n % 3 == 1 {
                                work.tx.write(IMPOSSIBLE, args![BODY]).map_err(ArchiveError::from)?;
                            }
                            Ok(number)
                        })
                    })
                    .await;
                (n % 3 == 1, filed)
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            (true, filed) => assert!(matches!(filed, Err(ActError::Fault(ArchiveError::Database(_))))),
            (false, filed) => numbers.push(filed.unwrap()),
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    assert_eq!(ground.archive.database().scalar_i64(MESSAGES, args![]).await.unwrap(), 16);
    while ground.archive.sign_checkpoints().await.unwrap() {}
    assert_eq!(ground.archive.fsck().await.unwrap().findings, vec![]);
}

#[tokio::test]
async fn a_checkpoint_is_signed_and_proves_every_event() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    // More than one full tile, in several strides.
    for n in 0..300 {
        ground
            .append(NewEvent::by(&Actor::system(BODY), "settings", office(&format!("o{n}"))))
            .await
            .unwrap();
        if n % 77 == 0 {
            ground.archive.sign_checkpoints().await.unwrap();
        }
    }
    while ground.archive.sign_checkpoints().await.unwrap() {}
    let log = ground.archive.logs().await.unwrap().remove(1);
    assert_eq!((log.size, log.signed), (302, 302));
    let row = ground.archive.last_checkpoint(LOG).await.unwrap().unwrap();
    let (checkpoint, note) = Checkpoint::parse_note(row.note.as_bytes()).unwrap();
    assert!(checkpoint.is_signed_by(&note, &ground.archive.verifier_key(&log.origin).unwrap()));
    let other = ground.archive.verifier_key("PROVA.archivio.example/installation/1").unwrap();
    assert!(!checkpoint.is_signed_by(&note, &other));
    for index in [0, 1, 255, 256, 301] {
        let path = tree::inclusion(ground.archive.vault(), LOG, index, 302).await.unwrap();
        let hash = leaf_hash(&ground.archive.leaf(LOG, index.cast_signed()).await.unwrap());
        verify_inclusion(&hash, index, 302, &checkpoint.root, &path).unwrap();
        let wrong = leaf_hash(b"another leaf");
        assert!(verify_inclusion(&wrong, index, 302, &checkpoint.root, &path).is_err());
    }
    assert_eq!(ground.archive.fsck().await.unwrap().findings, vec![]);
}

#[tokio::test]
async fn nothing_is_left_beside_the_key_file() {
    let ground = Ground::new().await;
    let beside: Vec<_> = std::fs::read_dir(ground.paths.key_file.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(beside, [ground.paths.key_file.file_name().unwrap()]);
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&ground.paths.key_file).unwrap());
    assert_eq!(mode & 0o777, 0o600);
}
