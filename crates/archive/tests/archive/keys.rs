//! New keys: everything is wrapped again and the old keys are destroyed, whatever step is the last before a crash.

use std::sync::Arc;

use plico_archive::keys::Unlock;
use plico_archive::{Archive, ArchiveError, Rotation, backup};
use plico_database::args;

use crate::ground::{BODY, Ground, entropy, paths};
use plico_vault::Stores;

/// Enough for three batches.
const MESSAGES: usize = 130;

async fn filled() -> Ground {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    for n in 0..MESSAGES {
        ground.file(&format!("m{n}"), format!("domanda {n}").as_bytes()).await;
    }
    ground.archive.sign_checkpoints().await.unwrap();
    ground
}

async fn read(archive: &Archive, n: usize) -> Result<Vec<u8>, ArchiveError> {
    let reader = archive.open_document(&format!("m{n}-1")).await?;
    Ok(reader.read_all(1000).await?)
}

async fn complete(archive: &Archive) -> u32 {
    for _ in 0..100 {
        if let Rotation::Complete(epoch) = archive.rotate(BODY, 2).await.unwrap() {
            return epoch;
        }
    }
    panic!("it does not end");
}

async fn count(archive: &Archive, sql: &'static str) -> i64 {
    archive.database().scalar_i64(sql, args![]).await.unwrap()
}

const ADDED: &str = "select count(*) from event where kind = 'key.added'";
const RETIRED: &str = "select count(*) from event where kind = 'key.retired'";
const OLD: &str = "select count(*) from access_grant where administration = 'borgo' and epoch < 2";

/// Goes on where a crash left it, and looks at everything.
async fn goes_on(ground: &Ground) {
    let archive = &ground.archive;
    assert_eq!(read(archive, 7).await.unwrap(), b"domanda 7");
    assert_eq!(complete(archive).await, 2);
    assert_eq!(count(archive, ADDED).await, 1);
    assert_eq!(count(archive, RETIRED).await, 1);
    assert_eq!(count(archive, OLD).await, 0);
    let state = archive.epoch_state(BODY).await.unwrap();
    assert_eq!((state.newest, state.older, state.pending), (2, vec![], 0));
    assert_eq!(read(archive, MESSAGES - 1).await.unwrap(), format!("domanda {}", MESSAGES - 1).as_bytes());
    archive.sign_checkpoints().await.unwrap();
    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
}

#[tokio::test]
async fn a_crash_after_any_step_loses_nothing() {
    let ground = filled().await;
    let mut steps = 0;
    loop {
        // Another machine takes over what is durable now.
        goes_on(&ground.copy(50 + steps).await).await;
        let step = ground.archive.rotate(BODY, 2).await.unwrap();
        steps += 1;
        assert_eq!(read(&ground.archive, 3).await.unwrap(), b"domanda 3", "after step {steps}");
        if step == Rotation::Complete(2) {
            break;
        }
        let state = ground.archive.epoch_state(BODY).await.unwrap();
        assert_eq!((state.newest, state.older), (2, vec![1]), "the old key stays until all is wrapped again");
        // Intake goes on under the new one.
        ground.file(&format!("n{steps}"), b"altra").await;
    }
    // The key, its event, at least three batches, and the end.
    assert!(steps >= 6, "{steps}");
    goes_on(&ground).await;
}

#[tokio::test]
async fn a_crash_between_the_old_keys_end_and_its_record() {
    let ground = filled().await;
    let mut before = None;
    loop {
        let copy = ground.copied().await;
        if ground.archive.rotate(BODY, 2).await.unwrap() == Rotation::Complete(2) {
            break;
        }
        before = Some(copy);
    }
    // The data of before the last step, the key file of after it.
    let (root, _) = ground.copied().await;
    let (old, old_paths) = before.unwrap();
    let left = Archive::open(&old_paths, ground.clock.clone(), entropy(90)).await.unwrap();
    let _ = left.rotate(BODY, 2).await.unwrap();
    left.close().await;
    std::fs::copy(paths(root.path()).key_file, &old_paths.key_file).unwrap();
    let archive = Archive::open(&old_paths, ground.clock.clone(), entropy(91)).await.unwrap();
    let copy = Ground { root: old, paths: old_paths, clock: ground.clock.clone(), archive };
    goes_on(&copy).await;
}

#[tokio::test]
async fn whoever_still_holds_the_old_keys_learns_the_new_ones() {
    let ground = filled().await;
    let beside = Archive::open_beside(&ground.paths, ground.clock.clone(), entropy(60)).await.unwrap();
    assert_eq!(read(&beside, 1).await.unwrap(), b"domanda 1");
    complete(&ground.archive).await;
    // It reads what was wrapped again, and writes under the new epoch.
    assert_eq!(read(&beside, 2).await.unwrap(), b"domanda 2");
    let (epoch, _) = beside.wrap(BODY, "prova", b"segreto").await.unwrap();
    assert_eq!(epoch, 2);
    crate::ground::file(&beside, "beside", b"da un altro processo").await.unwrap();
    assert_eq!(count(&ground.archive, OLD).await, 0);
    // What would be wrapped under an epoch that is gone is refused by the database itself.
    let late = "insert into access_grant (thing, holder, administration, epoch, wrapped) values ('document:x', 'body', 'borgo', 1, $1)";
    assert!(ground.archive.database().execute(late, args![[1u8; 8]]).await.is_err());
    beside.close().await;
}

#[tokio::test]
async fn an_old_backup_opens_with_the_newest_keys_and_not_with_its_own_epoch() {
    let ground = filled().await;
    let at = |name: &str| ground.root.path().join(name);
    let back_up = async |name: &str| {
        let (data, keys) = (at(&format!("{name}.tar")), at(&format!("{name}.keys")));
        ground.archive.back_up(&ground.paths, &data, &keys).await.unwrap();
    };
    back_up("first").await;
    complete(&ground.archive).await;
    ground.archive.sign_checkpoints().await.unwrap();
    back_up("second").await;
    let root = tempfile::tempdir().unwrap();
    let into = paths(root.path());
    let restored =
        backup::restore(&at("first.tar"), &at("second.keys"), &into, ground.clock.clone(), entropy(70)).await;
    restored.unwrap();
    let archive = Archive::open_beside(&into, ground.clock.clone(), entropy(71)).await.unwrap();
    assert_eq!(read(&archive, 5).await.unwrap(), b"domanda 5");
    assert_eq!(archive.epoch_state(BODY).await.unwrap().older, Vec::<u32>::new());
    archive.close().await;
    let clock: Arc<dyn plico_archive::Clock> = ground.clock.clone();
    let checked = backup::verify(
        Stores::default(),
        &at("second.tar"),
        &at("second.keys"),
        &at("scratch"),
        Unlock::default(),
        clock,
        entropy(72),
    )
    .await
    .unwrap();
    assert!(checked.clean, "{:?}", checked.findings);
}
