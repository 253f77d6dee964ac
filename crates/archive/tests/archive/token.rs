//! Keys in a token: SoftHSM, a real one in software. Its module reads from the environment where the token is, so each test
//! starts itself again in a process that has it there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plico_archive::keys::{LockError, Protection, Unlock, Wanted};
use plico_archive::{Archive, ArchiveError, Begin, Paths, Rotation, backup};
use plico_testkit::real::{or_say, softhsm};
use plico_vault::{Token, TokenError, TokenPlace};

use crate::ground::{BODY, Fixed, Ground, NOON_MS, begin, entropy, paths};

/// The place of the token in the process that was started for it; `None` in the one that starts it.
fn place(test: &str) -> Option<TokenPlace> {
    if let Some(folder) = softhsm::inside() {
        let (module, token) = (softhsm::module().unwrap(), softhsm::LABEL.to_owned());
        return Some(TokenPlace { module, token, pin_file: folder.join("pin") });
    }
    if let Some(token) = or_say(softhsm::Token::start()) {
        token.again(&format!("token::{test}"));
    }
    None
}

fn unlock(place: &TokenPlace) -> Unlock {
    Unlock::new(|| Ok(None), Some(place.clone()))
}

async fn ground(place: &TokenPlace) -> Ground {
    let root = tempfile::tempdir().unwrap();
    let paths = Paths { unlock: unlock(place), ..paths(root.path()) };
    let clock = Arc::new(Fixed(NOON_MS.into()));
    let begin = Begin { keys: Wanted::Token, ..begin() };
    let archive = Archive::init(&paths, begin, clock.clone(), entropy(1)).await.unwrap();
    let ground = Ground { root, paths, clock, archive };
    ground.office("tributi").await;
    ground.file("m1", b"domanda").await;
    ground.archive.sign_checkpoints().await.unwrap();
    ground
}

async fn complete(archive: &Archive) {
    while archive.rotate(BODY, 2).await.unwrap() == Rotation::Pending {}
}

async fn reads(archive: &Archive) {
    assert_eq!(archive.open_document("m1-1").await.unwrap().read_all(100).await.unwrap(), b"domanda");
}

async fn opened(paths: &Paths) -> Result<Archive, ArchiveError> {
    Archive::open_beside(paths, Arc::new(Fixed(NOON_MS.into())), entropy(2)).await
}

async fn why(paths: &Paths, place: &TokenPlace) -> TokenError {
    match opened(&Paths { unlock: unlock(place), ..paths.clone() }).await {
        Err(ArchiveError::Locked(LockError::Token(why))) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn destroying_an_epoch_reaches_every_older_copy() {
    let Some(place) = place("destroying_an_epoch_reaches_every_older_copy") else { return };
    let ground = ground(&place).await;
    let at = |name: &str| ground.root.path().join(name);
    assert!(
        matches!(ground.archive.key_protection().await.unwrap(), Protection::Token(label, _) if label == "borgo")
    );
    // What somebody put aside: data and key file, and both files of a backup.
    let (_old, mut old) = ground.copied().await;
    old.unlock = unlock(&place);
    ground.archive.back_up(&ground.paths, &at("old.tar"), &at("old.keys")).await.unwrap();
    let copy = opened(&old).await.unwrap();
    reads(&copy).await;
    copy.close().await;

    // Whatever step is the last before a restart, the next process goes on; until the old key is gone the copy opens.
    let mut steps = 0;
    while ground.archive.rotate(BODY, 2).await.unwrap() == Rotation::Pending {
        steps += 1;
        let next = opened(&Paths { unlock: unlock(&place), ..ground.paths.clone() }).await.unwrap();
        reads(&next).await;
        next.close().await;
        old.unlock = unlock(&place);
        opened(&old).await.unwrap().close().await;
    }
    assert!(steps >= 3, "{steps}");

    assert!(matches!(why(&old, &place).await, TokenError::Missing(key) if key.ends_with("epoch/borgo/1")));
    let into = tempfile::tempdir().unwrap();
    let into = Paths { unlock: unlock(&place), ..paths(into.path()) };
    let clock: Arc<dyn plico_archive::Clock> = ground.clock.clone();
    let restored = backup::restore(&at("old.tar"), &at("old.keys"), &into, clock.clone(), entropy(3)).await;
    assert!(
        matches!(restored, Err(ArchiveError::Locked(LockError::Token(TokenError::Missing(_))))),
        "{restored:?}"
    );
    // The archive itself, and older data with the newest keys, open as ever.
    reads(&ground.archive).await;
    assert!(ground.archive.fsck().await.unwrap().clean);
    ground.archive.back_up(&ground.paths, &at("new.tar"), &at("new.keys")).await.unwrap();
    backup::restore(&at("old.tar"), &at("new.keys"), &into, clock, entropy(4)).await.unwrap();
    reads(&opened(&into).await.unwrap()).await;
}

#[tokio::test]
async fn a_crash_before_the_old_key_is_destroyed_is_made_good() {
    let Some(place) = place("a_crash_before_the_old_key_is_destroyed_is_made_good") else { return };
    let ground = ground(&place).await;
    complete(&ground.archive).await;
    let file: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&ground.paths.key_file).unwrap()).unwrap();
    let name = format!("{}/epoch/borgo/1", file["lock"]["token"]["id"].as_str().unwrap());
    let token = Token::open(&place).unwrap();
    let sealed = token.seal(&name, [7; 12], b"as if it were still there").unwrap();
    token.unseal(&name, &sealed).unwrap();
    complete(&ground.archive).await;
    assert!(matches!(token.unseal(&name, &sealed), Err(TokenError::Missing(_))));
}

#[tokio::test]
async fn keys_never_leave_the_token_and_nothing_altered_opens() {
    let Some(place) = place("keys_never_leave_the_token_and_nothing_altered_opens") else { return };
    let token = Token::open(&place).unwrap();
    let sealed = token.seal("a/epoch/borgo/1", [3; 12], &[9; 32]).unwrap();
    assert_eq!(&token.unseal("a/epoch/borgo/1", &sealed).unwrap()[..], [9; 32]);
    for at in 0..sealed.len() {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        assert!(matches!(token.unseal("a/epoch/borgo/1", &bad), Err(TokenError::Refused)), "byte {at}");
        assert!(matches!(token.unseal("a/epoch/borgo/1", &sealed[..at]), Err(TokenError::Refused)), "{at}");
    }
    let _ = token.seal("a/epoch/borgo/2", [3; 12], &[9; 32]).unwrap();
    assert!(matches!(token.unseal("a/epoch/borgo/2", &sealed), Err(TokenError::Refused)));
    assert!(matches!(token.unseal("a/epoch/borgo/3", &sealed), Err(TokenError::Missing(_))));
    assert!(token.destroy("a/epoch/borgo/1").unwrap() && !token.destroy("a/epoch/borgo/1").unwrap());

    let ground = ground(&place).await;
    let text = std::fs::read_to_string(&ground.paths.key_file).unwrap();
    assert!(
        text.contains("\"token\"") && !text.contains("\"seed\"") && !text.contains("PRIVATE KEY"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_and_a_pin_is_tried_once() {
    let Some(place) = place("what_is_wrong_with_a_token_is_said_and_a_pin_is_tried_once") else { return };
    let ground = ground(&place).await;
    let at = |file: &str, text: &str| -> PathBuf {
        let path = ground.root.path().join(file);
        std::fs::write(&path, text).unwrap();
        path
    };
    let other = |change: &dyn Fn(&mut TokenPlace)| {
        let mut other = place.clone();
        change(&mut other);
        other
    };
    let paths = &ground.paths;
    let module = other(&|p| p.module = Path::new("/nowhere/pkcs11.so").into());
    assert!(matches!(why(paths, &module).await, TokenError::Module(..)));
    let not_one = other(&|p| p.module = at("not-a-module", "text"));
    assert!(matches!(why(paths, &not_one).await, TokenError::Module(..)));
    assert!(matches!(why(paths, &other(&|p| p.token = "altro".into())).await, TokenError::Absent(_)));
    let no_pin = other(&|p| p.pin_file = "/nowhere/pin".into());
    assert!(matches!(why(paths, &no_pin).await, TokenError::PinFile(..)));
    // Whoever never said where the token is.
    let nowhere = opened(&Paths { unlock: Unlock::new(|| Ok(None), None), ..paths.clone() }).await;
    assert!(matches!(nowhere, Err(ArchiveError::Locked(LockError::NoToken(name))) if name.contains("borgo")));
}

/// In a process of its own that is not signed in already.
#[tokio::test]
async fn a_wrong_pin_is_not_tried_again() {
    let Some(place) = place("a_wrong_pin_is_not_tried_again") else { return };
    let root = tempfile::tempdir().unwrap();
    let pin = root.path().join("pin");
    std::fs::write(&pin, "1234-1234").unwrap();
    let wrong = TokenPlace { pin_file: pin.clone(), ..place.clone() };
    let paths = Paths { unlock: unlock(&wrong), ..paths(root.path()) };
    let clock = Arc::new(Fixed(NOON_MS.into()));
    for _ in 0..2 {
        let begin = Begin { keys: Wanted::Token, ..begin() };
        let refused = Archive::init(&paths, begin, clock.clone(), entropy(1)).await;
        assert!(
            matches!(refused, Err(ArchiveError::Locked(LockError::Token(TokenError::Pin)))),
            "{refused:?}"
        );
        assert!(!paths.key_file.exists());
        // Even the right one is not tried any more: the person starts again.
        std::fs::copy(&place.pin_file, &pin).unwrap();
    }
    let paths = Paths { unlock: unlock(&wrong), ..paths };
    let begin = Begin { keys: Wanted::Token, ..begin() };
    Archive::init(&paths, begin, clock, entropy(1)).await.unwrap();
}
