//! Data that were rolled back, or are not those that were signed: read-only, and told.

use plico_archive::{Archive, ArchiveError};
use plico_database::args;

use crate::ground::{Ground, copy_folder, entropy, file};

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
