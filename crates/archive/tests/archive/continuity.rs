//! One history: whatever becomes of process, keys and machine it goes on from what was signed, or it is read-only, and told.

use plico_archive::fsck::Check;
use plico_archive::{Archive, ArchiveError, Paths, Rotation, backup};
use plico_database::args;
use plico_journal::Checkpoint;

use crate::ground::{BODY, Ground, LOG, copy_folder, entropy, file, paths};

/// An archive with something signed, and the checkpoint that somebody kept.
async fn signed() -> (Ground, Checkpoint) {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    ground.file("m1", b"uno").await;
    while ground.archive.sign_checkpoints().await.unwrap() {}
    let kept = newest(&ground.archive).await;
    (ground, kept)
}

async fn newest(archive: &Archive) -> Checkpoint {
    let row = archive.last_checkpoint(LOG).await.unwrap().unwrap();
    Checkpoint::parse_note(row.note.as_bytes()).unwrap().0
}

/// It takes more, signs it, and whoever kept that checkpoint finds it in the same history.
async fn goes_on(archive: &Archive, kept: &Checkpoint) {
    assert_eq!(archive.check_continuity().await.unwrap(), Vec::<String>::new());
    file(archive, "more", b"altro").await.unwrap();
    while archive.sign_checkpoints().await.unwrap() {}
    assert!(newest(archive).await.size > kept.size);
    holds(archive, kept).await;
}

async fn holds(archive: &Archive, kept: &Checkpoint) {
    let check = Check { kept: std::slice::from_ref(kept), ..Check::default() };
    let outcome = archive.fsck_as(&check).await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
}

async fn is_read_only(archive: &Archive) {
    assert!(!archive.check_continuity().await.unwrap().is_empty());
    assert!(matches!(file(archive, "more", b"altro").await, Err(ArchiveError::ReadOnly)));
}

#[tokio::test]
async fn a_restart_goes_on() {
    let (ground, kept) = signed().await;
    let Ground { root: _root, paths, clock, archive } = ground;
    archive.close().await;
    goes_on(&Archive::open(&paths, clock, entropy(6)).await.unwrap(), &kept).await;
}

#[tokio::test]
async fn new_keys_go_on() {
    let (ground, kept) = signed().await;
    let key = ground.archive.verifier_key(&kept.origin).unwrap().to_string();
    for administration in ["", BODY] {
        while ground.archive.rotate(administration, 2).await.unwrap() == Rotation::Pending {}
    }
    goes_on(&ground.archive, &kept).await;
    let Ground { root: _root, paths, clock, archive } = ground;
    assert_eq!(archive.verifier_key(&kept.origin).unwrap().to_string(), key, "a log has one key");
    archive.close().await;
    let archive = Archive::open(&paths, clock, entropy(6)).await.unwrap();
    holds(&archive, &kept).await;
}

#[tokio::test]
async fn a_restored_backup_goes_on_where_the_signers_state_agrees() {
    let (ground, kept) = signed().await;
    let at = |name: &str| ground.root.path().join(name);
    let back_up = async |name: &str| {
        let (data, keys) = (at(&format!("{name}.tar")), at(&format!("{name}.keys")));
        ground.archive.back_up(&ground.paths, &data, &keys).await.unwrap();
    };
    back_up("older").await;
    ground.file("m2", b"due").await;
    while ground.archive.sign_checkpoints().await.unwrap() {}
    back_up("newest").await;
    for (name, seed, whole) in [("older", 30, false), ("newest", 40, true)] {
        let root = tempfile::tempdir().unwrap();
        let into = paths(root.path());
        copy_folder(&ground.paths.signer, &into.signer);
        let (data, keys) = (at(&format!("{name}.tar")), at(&format!("{name}.keys")));
        let clock = ground.clock.clone();
        let restored = backup::restore(&data, &keys, &into, clock.clone(), entropy(seed)).await.unwrap();
        assert_eq!(restored.read_only.is_empty(), whole, "{name}: {:?}", restored.read_only);
        let archive = Archive::open(&into, clock, entropy(seed + 1)).await.unwrap();
        if whole { goes_on(&archive, &kept).await } else { is_read_only(&archive).await }
    }
}

/// Another server, promoted, with the one signer's state: whole where it had everything, and otherwise like a roll-back.
#[tokio::test]
async fn a_promoted_standby_goes_on_where_it_has_everything() {
    let (ground, kept) = signed().await;
    let (_root, lagging) = ground.copied().await;
    ground.file("m2", b"due").await;
    while ground.archive.sign_checkpoints().await.unwrap() {}
    let (_root, current) = ground.copied().await;
    for (standby, whole) in [(lagging, false), (current, true)] {
        // Files and signer's state are shared; the database is the standby's.
        let promoted = tempfile::tempdir().unwrap();
        let signer = promoted.path().join("signer");
        copy_folder(&ground.paths.signer, &signer);
        let paths = Paths { signer, ..standby };
        let archive = Archive::open(&paths, ground.clock.clone(), entropy(6)).await.unwrap();
        if whole { goes_on(&archive, &kept).await } else { is_read_only(&archive).await }
    }
}

#[tokio::test]
async fn of_two_processes_one_signs() {
    let (ground, kept) = signed().await;
    let second = Archive::open(&ground.paths, ground.clock.clone(), entropy(6)).await;
    assert!(matches!(second, Err(ArchiveError::Setup(why)) if why.contains("signer")));
    let beside = Archive::open_beside(&ground.paths, ground.clock.clone(), entropy(7)).await.unwrap();
    file(&beside, "m2", b"due").await.unwrap();
    assert!(beside.sign_checkpoints().await.is_err(), "it has nothing to sign with");
    goes_on(&ground.archive, &kept).await;
    beside.close().await;
}

#[tokio::test]
async fn a_rolled_back_data_folder_is_read_only() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    ground.file("m1", b"uno").await;
    while ground.archive.sign_checkpoints().await.unwrap() {}
    let (_root, rolled) = ground.copied().await;

    ground.file("m2", b"due").await;
    while ground.archive.sign_checkpoints().await.unwrap() {}

    // Yesterday's data beside today's signer state.
    std::fs::remove_dir_all(&rolled.signer).unwrap();
    copy_folder(&ground.paths.signer, &rolled.signer);
    let archive = Archive::open(&rolled, ground.clock.clone(), entropy(6)).await.unwrap();
    let broken = archive.check_continuity().await.unwrap();
    assert_eq!(broken, ["PROVA.archivio.example/c_x000/1"]);
    let refused = file(&archive, "m3", b"tre").await;
    assert!(matches!(refused, Err(ArchiveError::ReadOnly)), "{refused:?}");
    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.findings.iter().any(|f| f.what.contains("read-only")), "{:?}", outcome.findings);
}

#[tokio::test]
async fn a_rolled_back_log_that_grew_again_is_not_signed() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    let (_root, rolled) = ground.copied().await;
    ground.file("m1", b"uno").await;
    while ground.archive.sign_checkpoints().await.unwrap() {}

    std::fs::remove_dir_all(&rolled.signer).unwrap();
    copy_folder(&ground.paths.signer, &rolled.signer);
    let archive = Archive::open(&rolled, ground.clock.clone(), entropy(6)).await.unwrap();
    // Nobody looked, and other events take the places of those that were signed.
    for n in 0..3 {
        file(&archive, &format!("x{n}"), b"altro").await.unwrap();
    }
    assert!(archive.sign_checkpoints().await.is_err(), "a second history is never signed");
    let sql = "select count(*) from log where read_only";
    assert_eq!(archive.database().scalar_i64(sql, args![]).await.unwrap(), 1);
    assert!(matches!(file(&archive, "x9", b"altro").await, Err(ArchiveError::ReadOnly)));
}

#[tokio::test]
async fn without_the_signers_memory_nothing_is_signed() {
    let ground = Ground::new().await;
    while ground.archive.sign_checkpoints().await.unwrap() {}
    let (_root, copy) = ground.copied().await;
    std::fs::remove_dir_all(&copy.signer).unwrap();
    std::fs::create_dir_all(&copy.signer).unwrap();
    let archive = Archive::open(&copy, ground.clock.clone(), entropy(6)).await.unwrap();
    assert_eq!(archive.check_continuity().await.unwrap().len(), 2);
    assert!(matches!(file(&archive, "m1", b"uno").await, Err(ArchiveError::ReadOnly)));
}

#[tokio::test]
async fn an_archive_whose_index_was_lost_opens() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    ground.file("m1", b"uno").await;
    ground.archive.index_events().await.unwrap();
    let (_root, copy) = ground.copied().await;
    std::fs::remove_dir_all(copy.data.join("search")).unwrap();
    let archive = Archive::open(&copy, ground.clock.clone(), entropy(6)).await.unwrap();
    assert!(archive.index_events().await.unwrap() > 0, "it is read from the beginning");
}
