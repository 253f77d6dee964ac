//! Reading in a process of its own: the child that fails is an answer, never a failure of the caller's.

use plico_pdf::aside;
use plico_pdf::read::{LARGEST_FILE, ReadError};

/// One test, because the program is set once a process.
#[test]
fn a_child_that_fails_or_talks_nonsense_is_an_answer() {
    let pdf = b"%PDF-1.7 no more than this";
    // Nobody set a program: it is read here.
    assert!(matches!(aside::attachments(pdf), Err(ReadError::Unreadable)));
    let folder = std::env::temp_dir().join(format!("plico-aside-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let program = folder.join("child");
    aside::use_program(program.clone());
    assert!(matches!(aside::attachments(pdf), Err(ReadError::Aside(_))), "it is not there yet");
    let answers = |script: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let beside = folder.join("new");
        std::fs::write(&beside, format!("#!/bin/sh\n{script}\n")).expect("a script");
        std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
        std::fs::rename(&beside, &program).expect("it takes its place");
        aside::attachments(pdf)
    };
    let died = [
        "exit 1",
        // Before it read anything; after a good answer; by a signal, as at a limit.
        "exec 0<&-; exit 1",
        "printf '\\000'; exit 1",
        "kill -SEGV $$",
        // Nothing, and half a piece.
        "exit 0",
        "printf '\\000\\000\\000\\000\\000\\000\\000\\000\\011name'",
    ];
    for script in died {
        assert!(matches!(answers(script), Err(ReadError::Parser)), "{script}");
    }
    assert!(matches!(answers("printf '\\003'"), Err(ReadError::Encrypted)));
    assert_eq!(answers("cat >/dev/null; printf '\\000'").expect("an empty list"), []);
    assert!(matches!(aside::text(&vec![0; LARGEST_FILE + 1], 1), Err(ReadError::TooLarge)));
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
