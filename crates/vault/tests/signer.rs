//! The signer's state refuses whatever is not an extension of what it signed.

use plico_vault::signer::{Position, SignerError, SignerState, fuzz_state};
use proptest::prelude::*;

const LOG: &str = "example.org/bsp/1";

fn at(size: u64, fill: u8) -> Position {
    Position { size, root: [fill; 32] }
}

#[test]
fn only_extensions_are_recorded_and_they_are_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("signer");
    let mut state = SignerState::open(&path).unwrap();
    assert!(matches!(state.record(LOG, at(1, 1), |_, _| true), Err(SignerError::Unknown { .. })));
    state.begin(LOG, at(0, 0)).unwrap();
    assert!(matches!(state.begin(LOG, at(0, 0)), Err(SignerError::Known { .. })));
    state.record(LOG, at(5, 5), |signed, next| signed.size == 0 && next.size == 5).unwrap();
    state.record(LOG, at(5, 5), |_, _| unreachable!("the same position needs no proof")).unwrap();
    assert!(matches!(
        state.record(LOG, at(4, 4), |_, _| true),
        Err(SignerError::Shorter { offered: 4, signed: 5 })
    ));
    for (next, proof) in [(at(5, 6), true), (at(9, 9), false)] {
        assert!(matches!(
            state.record(LOG, next, |_, _| proof),
            Err(SignerError::NotAnExtension { signed: 5, .. })
        ));
    }
    state.begin("example.org/other/1", at(3, 3)).unwrap();
    assert!(matches!(SignerState::open(&path), Err(SignerError::Locked)));
    drop(state);
    let state = SignerState::open(&path).unwrap();
    assert_eq!(state.position(LOG), Some(at(5, 5)));
    assert_eq!(state.positions().count(), 2);
}

#[test]
fn a_damaged_or_moved_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut state = SignerState::open(directory.path()).unwrap();
    state.begin(LOG, at(7, 7)).unwrap();
    drop(state);
    let mut files = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some()).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    for bad in [
        text.replace("\n7\n", "\n6\n"),
        text[..text.len() - 1].to_owned(),
        String::new(),
        text.replace("bsp", "bsq"),
    ] {
        std::fs::write(&file, bad).unwrap();
        assert!(matches!(SignerState::open(directory.path()), Err(SignerError::Damaged { .. })));
    }
    std::fs::write(&file, &text).unwrap();
    std::fs::rename(&file, directory.path().join("0000.state")).unwrap();
    assert!(matches!(SignerState::open(directory.path()), Err(SignerError::Damaged { .. })));
}

#[test]
fn an_origin_is_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let mut state = SignerState::open(directory.path()).unwrap();
    for bad in ["", "a\nb", &"x".repeat(600)] {
        assert!(matches!(state.begin(bad, at(0, 0)), Err(SignerError::Origin)));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        fuzz_state(&bytes);
    }
}
