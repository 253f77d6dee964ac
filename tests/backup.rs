//! A backup: two files, the data useless alone; every changed byte is found; a restore is read-only until the signer's
//! state agrees.

use std::fs;
use std::sync::Arc;

use plico::app;
use plico::config::Config;
use plico_archive::{Archive, Paths, backup};

use super::kill::{found, plico};
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
    let verify = async || {
        backup::verify(
            plico_vault::Stores::default(),
            &data,
            &keys,
            &scratch,
            plico_archive::keys::Unlock::default(),
            Arc::clone(&town.clock) as _,
            app::entropy(),
        )
        .await
    };
    let outcome = verify().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
    assert!(!scratch.exists());

    let paths = |name: &str| Paths {
        data: folder.path().join(name),
        database: Paths::file_in(&folder.path().join(name)),
        key_file: folder.path().join(format!("{name}.keys")),
        unlock: plico_archive::keys::Unlock::default(),
        signer: folder.path().join(format!("{name}.signer")),
        stores: plico_vault::Stores::default(),
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

/// The same at the command line, as an administrator does it after a loss.
#[test]
fn a_successor_is_begun_at_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let config = Config {
        data_dir: folder.path().join("data"),
        origin_domain: "archivio.borgo.example".into(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(found(&config));
    drop(runtime);
    let run = |arguments: &[&str]| {
        let output = plico().args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    };
    let (data, keys) = (at("b.tar"), at("b.keys"));
    let (code, text) = run(&["backup", "create", &data, "--keys", &keys, "--data-dir", &at("data")]);
    assert_eq!(code, 0, "{text}");

    let (code, text) = run(&["restore", &data, "--keys", &keys, "--into", &at("one")]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("READ-ONLY archivio.borgo.example/c_b999/1") && text.contains("--successor"),
        "{text}"
    );
    let (code, text) = run(&[
        "user",
        "add",
        "x",
        "--role",
        "auditor",
        "--email",
        "x@borgo.example",
        "--data-dir",
        &at("one"),
    ]);
    assert!(code != 0 && text.contains("read-only"), "{text}");

    let (code, text) = run(&["restore", &data, "--keys", &keys, "--into", &at("two"), "--successor"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("SUCCESSOR archivio.borgo.example/c_b999/2"), "{text}");
    assert!(text.contains("are left out") && text.contains("not at hand"), "{text}");
    let (code, text) = run(&["fsck", "--data-dir", &at("two")]);
    assert_eq!(code, 0, "{text}");

    // A second loss: the successor's own backup goes on with its own signer's state, or has a successor in turn.
    let (data, keys) = (at("c.tar"), at("c.keys"));
    let (code, text) = run(&["backup", "create", &data, "--keys", &keys, "--data-dir", &at("two")]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&["backup", "verify", &data, "--keys", &keys]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&["restore", &data, "--keys", &keys, "--into", &at("three"), "--successor"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("SUCCESSOR archivio.borgo.example/c_b999/3"), "{text}");
    let (code, text) = run(&["fsck", "--data-dir", &at("three")]);
    assert_eq!(code, 0, "{text}");
}
