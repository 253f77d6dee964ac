//! A backup that is older than what was signed: read-only, then a successor that gives no number twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plico_archive::{Archive, ArchiveError, Paths, backup, succession};
use plico_database::args;
use plico_record::act::Act;

use crate::ground::{BODY, Ground, copy_folder, entropy, file};

const FIRST: &str = "PROVA.archivio.example/c_x000/1";
const SECOND: &str = "PROVA.archivio.example/c_x000/2";
const SUCCESSOR: i64 = 4;

struct Kept {
    folder: tempfile::TempDir,
    data: PathBuf,
    keys: PathBuf,
}

/// Two filings in the backup, one of them not under a checkpoint; a third one is lost.
async fn loss() -> (Ground, Kept) {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    assert_eq!(ground.file("m1", b"uno").await, 1);
    while ground.archive.sign_checkpoints().await.unwrap() {}
    assert_eq!(ground.file("m2", b"due").await, 2);
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data.tar"), folder.path().join("data.keys"));
    ground.archive.back_up(&ground.paths, &data, &keys).await.unwrap();
    assert_eq!(ground.file("m3", b"tre").await, 3);
    while ground.archive.sign_checkpoints().await.unwrap() {}
    (ground, Kept { folder, data, keys })
}

impl Kept {
    fn place(&self, name: &str) -> Paths {
        let root = self.folder.path().join(name);
        std::fs::create_dir_all(&root).unwrap();
        Paths {
            data: root.join("data"),
            database: crate::ground::database(&root),
            key_file: root.join("keys"),
            unlock: plico_archive::keys::Unlock::default(),
            signer: root.join("signer"),
            stores: plico_vault::Stores::default(),
        }
    }

    async fn restore(&self, ground: &Ground, paths: &Paths) -> Vec<String> {
        let clock = Arc::clone(&ground.clock) as _;
        backup::restore(&self.data, &self.keys, paths, clock, entropy(7)).await.unwrap().read_only
    }
}

async fn begin(ground: &Ground, paths: &Paths) -> Vec<succession::Succeeded> {
    succession::begin(paths, Arc::clone(&ground.clock) as _, entropy(8)).await.unwrap()
}

async fn open(ground: &Ground, paths: &Paths) -> Archive {
    Archive::open(paths, Arc::clone(&ground.clock) as _, entropy(9)).await.unwrap()
}

fn state_of(from: &Paths, to: &Path) {
    copy_folder(&from.signer, to);
}

#[tokio::test]
async fn a_successor_goes_on_and_gives_no_number_twice() {
    let (ground, kept) = loss().await;
    let paths = kept.place("new");
    assert_eq!(kept.restore(&ground, &paths).await.len(), 2, "nothing shows continuity");
    let restored = open(&ground, &paths).await;
    assert!(matches!(file(&restored, "m4", b"quattro").await, Err(ArchiveError::ReadOnly)));
    restored.close().await;

    ground.later(26 * 3_600_000);
    let begun = begin(&ground, &paths).await;
    assert_eq!(begun.len(), 2);
    assert_eq!((begun[1].origin.as_str(), begun[1].predecessor.origin.as_str()), (SECOND, FIRST));
    let before = &begun[1].predecessor;
    assert!(before.signed.is_empty(), "the signer's state is lost");
    assert!(before.checkpoint.as_ref().is_some_and(|note| note.starts_with(FIRST)));

    let archive = open(&ground, &paths).await;
    assert!(archive.check_continuity().await.unwrap().is_empty());
    // Two days began: nobody registers more than 200 000 in them.
    assert_eq!(file(&archive, "m4", b"quattro").await.unwrap(), 200_003);
    assert_eq!(file(&archive, "m5", b"cinque").await.unwrap(), 200_004);
    while archive.sign_checkpoints().await.unwrap() {}
    let logs = archive.logs().await.unwrap();
    assert_eq!(logs.iter().filter(|log| log.closed).count(), 2);
    assert!(logs.iter().all(|log| !log.read_only && (log.closed || log.signed == log.size)));
    let predecessor = logs.iter().find(|log| log.origin == FIRST).unwrap();
    assert!(predecessor.signed < predecessor.size, "its tail is not signed any more");

    // What happens to an old message goes on from its last event in the log before.
    ground_note(&archive, "m1").await;
    let sql = "select leaf from event where log = $1 order by idx desc limit 1";
    let rows: Vec<(Vec<u8>,)> = archive.database().all(sql, args![SUCCESSOR]).await.unwrap();
    let leaf = plico_journal::Leaf::parse(&rows[0].0).unwrap();
    assert_eq!(leaf.previous.map(|(log, _)| log), Some(1));

    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
    archive.rebuild().await.unwrap();
    assert_eq!(file(&archive, "m6", b"sei").await.unwrap(), 200_005);

    // A successor that does not say how the log before it ends is found, and so is a number of the gap.
    let sql = "update registration set number = 150000 where message = 'm5'";
    archive.database().execute(sql, args![]).await.unwrap();
    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.findings.iter().any(|f| f.what.contains("given again")), "{:?}", outcome.findings);
}

async fn ground_note(archive: &Archive, message: &str) {
    use plico_archive::NewEvent;
    use plico_record::act::MessageTakenInCharge;
    use plico_record::actor::Actor;
    let act = MessageTakenInCharge {
        message: message.into(),
        operator: "carla".into(),
        responsible: "Carla Neri".into(),
    };
    let event = NewEvent::by(&Actor::system(BODY), message, act);
    crate::ground::act(archive, move |work| Box::pin(async move { Ok(work.append(event).await?) }))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_signers_state_that_knows_more_is_cited() {
    let (ground, kept) = loss().await;
    let paths = kept.place("new");
    state_of(&ground.paths, &paths.signer);
    let size = ground.archive.logs().await.unwrap().pop().unwrap().size.cast_unsigned();
    assert_eq!(kept.restore(&ground, &paths).await, [FIRST], "only this one grew");
    let begun = begin(&ground, &paths).await;
    assert_eq!(begun.len(), 1);
    let before = &begun[0].predecessor;
    assert_eq!((before.size + 2, before.signed[0].size), (size, size));
    let archive = open(&ground, &paths).await;
    let opened = archive.entry(3, 0).await.unwrap().unwrap();
    let Act::LogOpened(act) = opened.act else { panic!("{:?}", opened.act) };
    assert_eq!(act.predecessor.as_ref(), Some(before));
    assert!(archive.check_continuity().await.unwrap().is_empty());
    assert!(archive.fsck().await.unwrap().clean);
    archive.close().await;
    // It is begun once.
    assert!(begin(&ground, &paths).await.is_empty());
}

#[tokio::test]
async fn an_old_signers_state_found_later_does_not_continue_a_successor() {
    let (ground, kept) = loss().await;
    let paths = kept.place("new");
    kept.restore(&ground, &paths).await;
    begin(&ground, &paths).await;
    let archive = open(&ground, &paths).await;
    file(&archive, "m4", b"quattro").await.unwrap();
    while archive.sign_checkpoints().await.unwrap() {}
    archive.database().checkpoint_wal().await.unwrap();
    archive.close().await;

    std::fs::remove_dir_all(&paths.signer).unwrap();
    state_of(&ground.paths, &paths.signer);
    let archive = open(&ground, &paths).await;
    assert_eq!(archive.check_continuity().await.unwrap().len(), 2);
    assert!(matches!(file(&archive, "m5", b"cinque").await, Err(ArchiveError::ReadOnly)));
    archive.close().await;

    // The same backup once more, where a successor was signed already: its name is not used again.
    let again = kept.place("again");
    let first = kept.place("first");
    kept.restore(&ground, &first).await;
    begin(&ground, &first).await;
    let archive = open(&ground, &first).await;
    while archive.sign_checkpoints().await.unwrap() {}
    archive.close().await;
    state_of(&first, &again.signer);
    kept.restore(&ground, &again).await;
    let begun = begin(&ground, &again).await;
    assert!(begun.iter().all(|log| log.origin.ends_with("/3")), "{begun:?}");
    let archive = open(&ground, &again).await;
    file(&archive, "m4", b"quattro").await.unwrap();
    assert!(archive.fsck().await.unwrap().clean);
}

/// The highest number that a log gives in two filings.
async fn give(archive: &Archive) -> u64 {
    file(archive, "m4", b"quattro").await.unwrap();
    file(archive, "m5", b"cinque").await.unwrap()
}

#[tokio::test]
async fn the_successor_of_a_lost_successor_gives_none_of_its_numbers() {
    let (ground, kept) = loss().await;
    let second = kept.place("second");
    kept.restore(&ground, &second).await;
    begin(&ground, &second).await;
    let archive = open(&ground, &second).await;
    let highest = give(&archive).await;
    while archive.sign_checkpoints().await.unwrap() {}
    archive.close().await;

    let third = kept.place("third");
    state_of(&second, &third.signer);
    kept.restore(&ground, &third).await;
    let begun = begin(&ground, &third).await;
    assert!(begun.iter().all(|log| log.origin.ends_with("/3")), "{begun:?}");
    let archive = open(&ground, &third).await;
    let first = file(&archive, "m6", b"sei").await.unwrap();
    assert!(first > highest, "{first} after {highest}");
    assert!(archive.fsck().await.unwrap().clean);
}

#[tokio::test]
async fn an_origin_that_has_a_key_is_not_begun_again() {
    let (ground, kept) = loss().await;
    let second = kept.place("second");
    kept.restore(&ground, &second).await;
    begin(&ground, &second).await;
    let archive = open(&ground, &second).await;
    let highest = give(&archive).await;
    let (data, keys) = (kept.folder.path().join("newer.tar"), kept.folder.path().join("newer.keys"));
    archive.back_up(&second, &data, &keys).await.unwrap();
    archive.close().await;

    // The older data, the newer keys, and no signer's state.
    let third = kept.place("third");
    let clock = Arc::clone(&ground.clock) as _;
    backup::restore(&kept.data, &keys, &third, clock, entropy(7)).await.unwrap();
    let begun = begin(&ground, &third).await;
    assert!(begun.iter().all(|log| log.origin.ends_with("/3")), "{begun:?}");
    let archive = open(&ground, &third).await;
    let first = file(&archive, "m6", b"sei").await.unwrap();
    assert!(first > highest, "{first} after {highest}");
}
