//! A machine whose clock ran days ahead when the archive was written, as an administrator meets it: at the command line.

use std::sync::Arc;

use plico::clock::SystemClock;
use plico::config::Config;
use plico_archive::Clock;

use super::kill::{found_at, plico};

struct Ahead;

impl Clock for Ahead {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms() + 3 * 86_400_000
    }
}

#[test]
fn an_archive_dated_ahead_is_refused_backed_up_and_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let config = Config {
        data_dir: folder.path().join("data"),
        origin_domain: "archivio.borgo.example".into(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(found_at(&config, Arc::new(Ahead)));
    drop(runtime);
    let run = |arguments: &[&str]| {
        let output = plico().args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    };
    let add = |login: &str, place: &str| {
        run(&[
            "user",
            "add",
            login,
            "--role",
            "auditor",
            "--email",
            "x@borgo.example",
            "--data-dir",
            &at(place),
        ])
    };

    // Nothing is written, and both commands say what to do.
    let (code, text) = run(&["doctor", "--data-dir", &at("data")]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("BAD  clock") && text.contains("--accept-clock"), "{text}");
    let (code, text) = add("x", "data");
    assert!(code != 0 && text.contains("--accept-clock"), "{text}");

    // A backup is possible and good, whatever the clock; only its event cannot be recorded.
    let (data, keys) = (at("b.tar"), at("b.keys"));
    let (code, text) = run(&["backup", "create", &data, "--keys", &keys, "--data-dir", &at("data")]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("not recorded: the clock cannot be believed"), "{text}");
    let (code, text) = run(&["backup", "verify", &data, "--keys", &keys]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&["restore", &data, "--keys", &keys, "--into", &at("one")]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("READ-ONLY archivio.borgo.example/c_b999/1"), "{text}");

    // A successor begins in the restoring administrator's name: that he went on with this clock is part of what he did.
    let (code, text) = run(&["restore", &data, "--keys", &keys, "--into", &at("two"), "--successor"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = add("x", "two");
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&["fsck", "--data-dir", &at("two")]);
    assert_eq!(code, 0, "{text}");

    // Whoever knows that the clock is right now says so, once.
    let (code, text) = run(&["doctor", "--accept-clock", "--data-dir", &at("data")]);
    assert!(text.contains("ok   clock"), "{code} {text}");
    let (code, text) = add("x", "data");
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&["fsck", "--data-dir", &at("data")]);
    assert_eq!(code, 0, "{text}");
}
