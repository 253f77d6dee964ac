//! A backup: two files, the data useless alone; every changed byte is found; a restore is read-only until the signer's
//! state agrees.

use std::fs;
use std::sync::Arc;

use plico::app;
use plico_archive::{Archive, Paths, backup};

use super::support::Town;

#[tokio::test]
async fn what_was_backed_up_comes_back_whole() {
    let town = Town::start().await;
    town.settle().await;
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data.tar"), folder.path().join("keys.json"));
    let archive = town.app.desk.archive();
    let paths = app::paths(town.app.shell.config());
    let made = archive.back_up(&paths, &data, &keys).await.unwrap();
    assert!(made.files > 0 && !made.sizes.is_empty());

    // Nothing that a person can read is in the data.
    let bytes = fs::read(&data).unwrap();
    for word in ["Anna Bassi", "BSSNNA80A41H501", "carla.protocollo"] {
        assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }

    let scratch = folder.path().join("scratch");
    let verify =
        async || backup::verify(&data, &keys, &scratch, Arc::clone(&town.clock) as _, app::entropy()).await;
    let outcome = verify().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
    assert!(!scratch.exists());

    let paths = |name: &str| Paths {
        data: folder.path().join(name),
        key_file: folder.path().join(format!("{name}.keys")),
        signer: folder.path().join(format!("{name}.signer")),
    };
    // Without the signer's state: read-only, and said.
    let elsewhere = paths("elsewhere");
    let restored = backup::restore(&data, &keys, &elsewhere, Arc::clone(&town.clock) as _, app::entropy())
        .await
        .unwrap();
    assert_eq!(restored.read_only.len(), made.sizes.len());
    let reopened =
        Archive::open_beside(&elsewhere, Arc::clone(&town.clock) as _, app::entropy()).await.unwrap();
    assert!(reopened.logs().await.unwrap().iter().all(|log| log.read_only));

    // With it, and nothing signed since: it goes on.
    let onwards = paths("onwards");
    fs::create_dir(&onwards.signer).unwrap();
    for entry in fs::read_dir(app::paths(town.app.shell.config()).signer).unwrap() {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|extension| extension == "state") {
            fs::copy(entry.path(), onwards.signer.join(entry.file_name())).unwrap();
        }
    }
    let restored =
        backup::restore(&data, &keys, &onwards, Arc::clone(&town.clock) as _, app::entropy()).await.unwrap();
    assert!(restored.read_only.is_empty(), "{:?}", restored.read_only);

    let mut changed = fs::read(&data).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&data, changed).unwrap();
    assert!(verify().await.map_or(true, |outcome| !outcome.clean));
}
