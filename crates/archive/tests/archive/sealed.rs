//! A key file under a passphrase: what it takes to open it, and what a backup of it gives away.

use std::sync::Arc;

use plico_archive::keys::{LockError, Protection, Unlock, Wanted, protect};
use plico_archive::{Archive, ArchiveError, Clock, Paths, backup};
use zeroize::Zeroizing;

use crate::ground::{Ground, begin, entropy, paths};
use plico_vault::Stores;

const WORDS: &str = "tre civette sul comò";

fn said(words: &'static str) -> Unlock {
    Unlock::new(move || Ok(Some(Zeroizing::new(words.to_owned()))), None)
}

fn nobody() -> Unlock {
    Unlock::new(|| Ok(None), None)
}

fn sealing(words: &str) -> Wanted {
    Wanted::Passphrase(Zeroizing::new(words.to_owned()))
}

/// An archive whose key file was sealed after it had been in the clear; answers the keys that stood in it.
async fn sealed() -> (Ground, Vec<String>) {
    let mut ground = Ground::new().await;
    ground.office("tributi").await;
    ground.file("m1", b"domanda").await;
    ground.archive.sign_checkpoints().await.unwrap();
    let clear: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&ground.paths.key_file).unwrap()).unwrap();
    let texts = |list: &str, field: &str| -> Vec<String> {
        clear[list].as_array().unwrap().iter().map(|of| of[field].as_str().unwrap().to_owned()).collect()
    };
    let keys = [texts("epochs", "key"), texts("logs", "seed")].concat();
    assert_eq!(keys.len(), 4);
    // One process changes the key file, and this one has it.
    let refused = protect(&ground.paths, sealing(WORDS), &entropy(5)).await;
    assert!(matches!(refused, Err(ArchiveError::Setup(why)) if why.contains("running")));
    ground.archive.clone().close().await;
    let Ground { root, clock, archive, .. } = ground;
    drop(archive);
    let mut now = paths(root.path());
    let done = protect_when_closed(&now, sealing(WORDS)).await;
    assert_eq!(done, (Protection::Clear, Protection::Passphrase));
    now.unlock = said(WORDS);
    let archive = Archive::open(&now, clock.clone(), entropy(6)).await.unwrap();
    ground = Ground { root, paths: now, clock, archive };
    (ground, keys)
}

/// The writer of a closed archive ends in its own time.
async fn protect_when_closed(paths: &Paths, wanted: Wanted) -> (Protection, Protection) {
    for _ in 0..200 {
        match protect(paths, wanted.clone(), &entropy(7)).await {
            Err(ArchiveError::Setup(why)) if why.contains("running") => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            done => return done.unwrap(),
        }
    }
    panic!("it is still open");
}

fn holds(path: &std::path::Path, keys: &[String]) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    keys.iter().any(|key| text.contains(key.as_str()))
}

async fn why(paths: &Paths, unlock: Unlock) -> LockError {
    let paths = Paths { unlock, ..paths.clone() };
    let clock: Arc<dyn Clock> = Arc::new(crate::ground::Fixed(crate::ground::NOON_MS.into()));
    match Archive::open_beside(&paths, clock, entropy(8)).await {
        Err(ArchiveError::Locked(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_but_the_passphrase_opens_it() {
    let (ground, keys) = sealed().await;
    assert!(!holds(&ground.paths.key_file, &keys), "a key is in the file");
    assert_eq!(ground.archive.open_document("m1-1").await.unwrap().read_all(100).await.unwrap(), b"domanda");
    assert_eq!(ground.archive.key_protection().await.unwrap(), Protection::Passphrase);
    assert!(matches!(why(&ground.paths, nobody()).await, LockError::NoPassphrase));
    assert!(matches!(why(&ground.paths, said("tre civette sul como")).await, LockError::Wrong));
    // It stays sealed when the keys are renewed, with a key more and one less.
    while ground.archive.rotate(crate::ground::BODY, 2).await.unwrap() == plico_archive::Rotation::Pending {}
    let renewed = std::fs::read_to_string(&ground.paths.key_file).unwrap();
    assert!(renewed.contains("\"argon2id\"") && !renewed.contains("\"seed\""), "{renewed}");
    assert!(ground.archive.fsck().await.unwrap().clean);
}

#[tokio::test]
async fn an_altered_byte_is_refused() {
    let (ground, _) = sealed().await;
    let good = std::fs::read(&ground.paths.key_file).unwrap();
    // One look takes the work of a passphrase: some places of each kind, spread over the file.
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        std::fs::write(&ground.paths.key_file, &bad).unwrap();
        let paths = Paths { unlock: said(WORDS), ..ground.paths.clone() };
        let opened = Archive::open_beside(&paths, ground.clock.clone(), entropy(9)).await;
        // White space and names of what is not there may be altered without harm: then it must be the same keys.
        if let Ok(archive) = opened {
            assert_eq!(archive.open_document("m1-1").await.unwrap().read_all(100).await.unwrap(), b"domanda");
        }
    }
}

#[tokio::test]
async fn a_backup_of_it_is_sealed_too() {
    let (ground, keys) = sealed().await;
    let at = |name: &str| ground.root.path().join(name);
    let (data, file) = (at("b.tar"), at("b.keys"));
    let draft =
        "insert into draft (id, administration, person, author, kind, office, subject, text, purpose, updated_ms)
        values ('d', 'borgo', 'maria', 'maria', 'istanza', 'tributi', 'TORMALINA', '', 'filing', 0)";
    ground.archive.database().execute(draft, plico_database::args![]).await.unwrap();
    ground.archive.back_up(&ground.paths, &data, &file).await.unwrap();
    assert!(!holds(&file, &keys) && !holds(&file, &["TORMALINA".into(), "document:".into()]));

    let root = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = ground.clock.clone();
    let wrong = Paths { unlock: said("un'altra frase"), ..paths(root.path()) };
    let refused = backup::restore(&data, &file, &wrong, clock.clone(), entropy(20)).await;
    assert!(matches!(refused, Err(ArchiveError::Locked(LockError::Wrong))), "{refused:?}");
    assert!(!wrong.data.exists() && !wrong.key_file.exists(), "nothing was begun");
    let into = Paths { unlock: said(WORDS), ..wrong };
    backup::restore(&data, &file, &into, clock.clone(), entropy(21)).await.unwrap();
    assert!(!holds(&into.key_file, &keys), "restored as it was kept");
    let archive = Archive::open_beside(&into, clock.clone(), entropy(22)).await.unwrap();
    assert_eq!(archive.open_document("m1-1").await.unwrap().read_all(100).await.unwrap(), b"domanda");
    let drafts = "select count(*) from draft where subject = 'TORMALINA'";
    assert_eq!(archive.database().scalar_i64(drafts, plico_database::args![]).await.unwrap(), 1);
    let checked =
        backup::verify(Stores::default(), &data, &file, &at("scratch"), said(WORDS), clock, entropy(23))
            .await
            .unwrap();
    assert!(checked.clean, "{:?}", checked.findings);
}

#[tokio::test]
async fn an_archive_may_begin_sealed_and_end_in_the_clear() {
    let root = tempfile::tempdir().unwrap();
    let mut paths = paths(root.path());
    paths.unlock = said(WORDS);
    let clock = Arc::new(crate::ground::Fixed(crate::ground::NOON_MS.into()));
    let short = plico_archive::Begin { keys: sealing("corta"), ..begin() };
    let refused = Archive::init(&paths, short, clock.clone(), entropy(1)).await;
    assert!(matches!(refused, Err(ArchiveError::Locked(LockError::Passphrase(_)))), "{refused:?}");
    assert!(!paths.key_file.exists() && !paths.signer.exists(), "nothing was begun");
    let sealed = plico_archive::Begin { keys: sealing(WORDS), ..begin() };
    let archive = Archive::init(&paths, sealed, clock.clone(), entropy(1)).await.unwrap();
    assert_eq!(archive.key_protection().await.unwrap(), Protection::Passphrase);
    archive.close().await;
    assert!(!std::fs::read_to_string(&paths.key_file).unwrap().contains("\"seed\""));
    assert_eq!(
        protect_when_closed(&paths, sealing("quattro civette sul comò")).await,
        (Protection::Passphrase, Protection::Passphrase)
    );
    assert!(matches!(why(&paths, said(WORDS)).await, LockError::Wrong));
    paths.unlock = said("quattro civette sul comò");
    assert_eq!(protect_when_closed(&paths, Wanted::Clear).await, (Protection::Passphrase, Protection::Clear));
    let archive = Archive::open(&Paths { unlock: nobody(), ..paths }, clock, entropy(2)).await.unwrap();
    assert!(archive.fsck().await.unwrap().clean);
}
