//! An archive on a server, as an administrator keeps it: at the command line, under a role that cannot change what is final, and
//! from one engine to the other and back by way of a backup, its logs going on.

use plico_database::{Database, Location, Mode, args};
use plico_testkit::real::{or_say, postgres};

use super::kill::plico;

const ROLE: &str = "serves_from_the_shell";

#[test]
fn an_archive_is_kept_on_a_server_and_changes_engines() {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = or_say(postgres::database(folder.path())) else { return };
    let owner = url.replace("plico@", "plico:segretissima@");
    let service = url.replace("plico@", &format!("{ROLE}@"));
    let at = |name: &str| folder.path().join(name).display().to_string();
    let signer = at("data.signer");
    let run = |database: &str, arguments: &[&str]| {
        let mut command = plico();
        command.env("PLICO_DATABASE_URL", database).env("PLICO_SIGNER_STATE", &signer);
        let output = command.args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!text.contains("segretissima"), "{text}");
        (output.status.code().unwrap(), text)
    };
    let good = |database: &str, arguments: &[&str]| {
        let (code, text) = run(database, arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    };
    let data = at("data");
    let place = ["--data-dir", &data];
    let begin = ["--domain", "archivio.borgo.example", "--code", "c_b999", "--name", "Borgo"];
    let first = ["--administrator", "anna.bassi", "--email", "anna.bassi@borgo.example"];
    let init = [&["init"], &place[..], &begin, &first].concat();
    assert!(good(&owner, &init).contains("database      t_"));
    let (code, text) = run(&owner, &[&["init", "--data-dir", &at("other")], &begin[..], &first].concat());
    assert!(code != 0 && text.contains("holds an archive already"), "{text}");
    let (code, text) = run("mysql://a/b", &[&["fsck"], &place[..]].concat());
    assert!(code == 64 && text.contains("postgres://user:password@host/database"), "{text}");
    assert!(good(&owner, &["config", "show"]).contains("(hidden)"));

    // The owner lets a role serve; the role migrates nothing, and doctor says how it stands.
    assert!(run(&owner, &[&["doctor"], &place[..]].concat()).1.contains("warn database-role"));
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let database = Database::open(owner.parse::<Location>().unwrap(), Mode::Existing).await.unwrap();
        // Roles belong to the cluster, not to the test.
        let _ = database.execute("create role serves_from_the_shell login", args![]).await;
        database.close().await;
    });
    good(&owner, &[&["migrate", "--grant", ROLE], &place[..]].concat());
    assert!(good(&service, &[&["migrate", "--check"], &place[..]].concat()).contains("nothing to do"));
    assert!(run(&service, &[&["doctor"], &place[..]].concat()).1.contains("ok   database-role"));
    let add = ["user", "add", "ugo", "--role", "auditor", "--email", "ugo@borgo.example"];
    good(&service, &[&add[..], &place].concat());
    good(&service, &[&["rebuild"], &place[..]].concat());
    assert!(good(&service, &[&["fsck"], &place[..]].concat()).starts_with("clean: "));

    // Into a file, and from there to another server.
    let (tar, keys, moved) = (at("a.tar"), at("a.keys"), at("moved"));
    good(&service, &[&["backup", "create", &tar, "--keys", &keys], &place[..]].concat());
    let occupied = ["restore", &tar, "--keys", &keys, "--into", &at("nowhere")];
    let (code, text) = run(&owner, &occupied);
    assert!(
        code != 0 && text.contains("holds an archive already") && !folder.path().join("nowhere").exists(),
        "{text}"
    );
    let text = good("", &["restore", &tar, "--keys", &keys, "--into", &moved]);
    assert!(text.contains("goes on where it stopped"), "{text}");
    good("", &["rebuild", "--data-dir", &moved]);
    assert!(good("", &["fsck", "--data-dir", &moved]).starts_with("clean: "));
    let (tar, keys, again) = (at("b.tar"), at("b.keys"), at("again"));
    good("", &["backup", "create", &tar, "--keys", &keys, "--data-dir", &moved]);
    let elsewhere = tempfile::tempdir().unwrap();
    let server = postgres::database(elsewhere.path()).unwrap();
    good(&server, &["restore", &tar, "--keys", &keys, "--into", &again]);
    assert!(!folder.path().join("again/plico.db").exists());
    good(&server, &["rebuild", "--data-dir", &again]);
    assert!(good(&server, &["fsck", "--data-dir", &again]).starts_with("clean: "));
}

#[test]
fn an_archive_moves_to_a_server_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = or_say(postgres::database(folder.path())) else { return };
    let at = |name: &str| folder.path().join(name).display().to_string();
    let data = at("data");
    let run = |database: &str, arguments: &[&str]| {
        let mut command = plico();
        command.env("PLICO_DATABASE_URL", database);
        let output = command.args(arguments).args(["--data-dir", &data]).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().unwrap(), text)
    };
    let good = |database: &str, arguments: &[&str]| {
        let (code, text) = run(database, arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    };
    let config = plico::config::Config {
        data_dir: folder.path().join("data"),
        origin_domain: "archivio.borgo.example".into(),
        ..plico::config::Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(super::kill::found(&config));
    let add = |who: &'static str| ["user", "add", who, "--role", "auditor", "--email", "u@borgo.example"];
    good("", &add("ugo"));

    for wrong in ["elsewhere.db", "mysql://a/b", "file"] {
        assert_eq!(run("", &["move", "--to", wrong]).0, 64, "{wrong}");
    }
    let (code, text) = run("", &["move", "--to", "postgres://nobody@127.0.0.1:9/nothing"]);
    assert_eq!(code, 70, "{text}");
    // Whoever serves holds the signer's state.
    let signing = plico_vault::signer::SignerState::open(&folder.path().join("data.signer")).unwrap();
    let (code, text) = run("", &["move", "--to", &url]);
    assert!(code != 0 && text.contains("another process"), "{text}");
    drop(signing);

    let before = good("", &["fsck"]);
    let text = good("", &["move", "--to", &url]);
    assert!(text.contains("archivio.borgo.example/c_b999/1: ") && text.contains("database.url"), "{text}");
    assert!(
        folder.path().join("data/plico.db.moved").exists() && !folder.path().join("data/plico.db").exists()
    );
    assert!(good(&url, &["fsck"]).starts_with("clean: "), "{before}");
    good(&url, &add("ada"));
    let (code, text) = run("", &add("ida"));
    assert!(code != 0 && text.contains("no archive"), "{text}");
    assert!(!folder.path().join("data/plico.db").exists());

    let text = good(&url, &["move", "--to", "file"]);
    assert!(text.contains("read-only"), "{text}");
    assert!(good("", &["fsck"]).starts_with("clean: "));
    good("", &add("eva"));
    // What was left behind is shut, and not overwritten.
    let (code, text) = run(&url, &add("ida"));
    assert!(code != 0 && text.contains("read-only"), "{text}");
    let (code, text) = run("", &["move", "--to", &url]);
    assert!(code != 0 && text.contains("holds an archive already"), "{text}");
    good("", &add("leo"));
}
