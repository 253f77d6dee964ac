//! Mirrors: who may fetch the leaves, that a copy follows and outlives, and that a log which rewrites is told from one
//! that cannot be had.

use std::convert::Infallible;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use plico::app;
use plico::clock::SystemClock;
use plico::config::Config;
use plico::http::server;
use plico::mirror::{Service, Source, router};
use plico_archive::Archive;
use plico_archive::mirror::{Mirror, MirrorError, Taken};
use plico_crypto::digest::{sha256, to_hex};
use plico_crypto::ed25519::SigningKey;
use plico_journal::merkle::{Frontier, bundle_path, leaf_hash, new_bundles, new_tiles, parse_bundle};
use plico_journal::note::Algorithm;
use plico_journal::{Checkpoint, Leaf, Policy, VerifierKey, bundle};
use tokio::net::TcpListener;

use crate::api::{token, token_of};
use crate::kill::found;
use crate::support::{MORNING, OTHER, Town, send};

const ORIGIN: &str = "archivio.borgo.example/c_b999/1";

/// So many acts of the auditor, under a checkpoint.
async fn grow(town: &Town, acts: usize) {
    let auditor = town.as_operator(&town.auditor).await;
    for n in 0..acts {
        town.app.desk.looked(&auditor, "register", &n.to_string(), "").await.unwrap();
    }
    town.app.desk.archive().sign_checkpoints().await.unwrap();
}

async fn checkpoint(town: &Town) -> Checkpoint {
    let note = town.send("GET", "/log/c_b999/1/checkpoint", &[], b"").await;
    Checkpoint::parse_note(&note.body).unwrap().0
}

#[tokio::test]
async fn leaves_are_for_auditors_with_a_token() {
    let town = Town::start().await;
    grow(&town, 260).await;
    let shown = checkpoint(&town).await;
    let ask = async |token: &str, path: &str| {
        let bearer = format!("Bearer {token}");
        let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("authorization", &bearer)] };
        town.send("GET", &format!("/log/{path}"), headers, b"").await
    };
    let good = token(&town, &town.auditor, &["log:read"]).await;
    let (mut frontier, mut leaves) = (Frontier::new(), 0);
    for (index, width) in new_bundles(0, shown.size) {
        let answer = ask(&good, &format!("c_b999/1/{}", bundle_path(index, width))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        for entry in bundle::parse(&answer.body).unwrap() {
            assert_eq!(Leaf::parse(entry).unwrap().index, leaves);
            frontier.push(leaf_hash(entry));
            leaves += 1;
        }
    }
    assert_eq!((leaves, frontier.root()), (shown.size, shown.root));

    let first = "c_b999/1/tile/entries/000";
    let installation = "installation/1/tile/entries/000.p/1";
    let origins: Vec<String> =
        town.app.desk.archive().logs().await.unwrap().into_iter().map(|log| log.origin).collect();
    assert!(origins.iter().any(|origin| origin.ends_with("/installation/1")), "{origins:?}");
    assert_eq!(ask(&good, installation).await.status, 200);
    assert_eq!(ask("", first).await.status, 401);
    assert_eq!(ask("plico_nobody", first).await.status, 401);
    let other_scope = token(&town, &town.auditor, &["messages:read"]).await;
    assert_eq!(ask(&other_scope, first).await.status, 403);
    for account in [&town.records_manager, &town.administrator, &town.building_operator] {
        let token = token(&town, account, &["log:read"]).await;
        assert_eq!(ask(&token, first).await.status, 403);
        assert_eq!(ask(&token, installation).await.status, 403);
    }
    let citizen = token(&town, &town.anna, &["log:read"]).await;
    assert_eq!(ask(&citizen, first).await.status, 404);
    let stranger = token_of(&town, OTHER, &town.stranger, &["log:read"]).await;
    assert_eq!(ask(&stranger, first).await.status, 404);
    assert_eq!(ask(&good, "c_a999/1/tile/entries/000.p/1").await.status, 404, "of another body");
    for nothing in ["000.p/0", "0", "001", "999", "x999/999", "000.p/256", "x018/x446/x744/x073/x709/551"] {
        let answer = ask(&good, &format!("c_b999/1/tile/entries/{nothing}")).await;
        assert_eq!(answer.status, 404, "{nothing}");
    }
}

/// The town's two logs that its auditor may mirror, as a service.
async fn service(town: &Town, folder: &Path, token: &str) -> Service {
    let policy = town.send("GET", "/log/policy", &[], b"").await.text();
    let policy = Policy::parse(policy.split("\nroots ").next().unwrap()).unwrap();
    let (mut keys, mut sources) = (Vec::new(), Vec::new());
    for log in policy.logs().iter().filter(|log| !log.key.name().contains("c_a999")) {
        keys.push(log.key.clone());
        let url = log.url.clone().expect("the published policy says where its logs lie");
        sources.push(Source { origin: log.key.name().into(), url, token: Some(token.to_owned()) });
    }
    let mirror = Mirror::open(folder, keys).await.unwrap();
    let readers = vec![sha256(b"a reader")];
    Service::new(mirror, sources, readers, Duration::from_secs(20)).unwrap()
}

#[tokio::test]
async fn a_copy_follows_is_served_and_read_again() {
    let town = Town::start().await;
    let folder = tempfile::tempdir().unwrap();
    grow(&town, 7).await;
    let token = token(&town, &town.auditor, &["log:read"]).await;
    let one = service(&town, folder.path(), &token).await;
    let size = checkpoint(&town).await.size;
    let found = one.look().await;
    assert_eq!(found.len(), 2);
    assert!(matches!(found[ORIGIN], Ok(Taken::New(new)) if new == size), "{found:?}");
    assert!(matches!(one.look().await[ORIGIN], Ok(Taken::Known)));
    // Over the border of a bundle, twice, and with a start in between.
    grow(&town, 300).await;
    let found = one.look().await;
    let grown = checkpoint(&town).await.size;
    assert!(matches!(found[ORIGIN], Ok(Taken::New(new)) if new == grown - size), "{found:?}");
    drop(one);
    let two = service(&town, folder.path(), &token).await;
    grow(&town, 250).await;
    let found = two.look().await;
    let size = checkpoint(&town).await.size;
    assert!(matches!(found[ORIGIN], Ok(Taken::New(new)) if new == size - grown), "{found:?}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let two = Arc::new(two);
    let pages = router(Arc::clone(&two));
    tokio::spawn(server::serve(listener, pages, 8, Duration::from_secs(1), std::future::pending()));
    let kept = async |path: &str| send(address, "GET", &format!("/log/{ORIGIN}/{path}"), &[], b"").await;
    let here = async |path: &str| town.send("GET", &format!("/log/c_b999/1/{path}"), &[], b"").await;
    let shown = checkpoint(&town).await;
    assert_eq!(kept("checkpoint").await.body, here("checkpoint").await.body);
    for tile in new_tiles(0, shown.size) {
        assert_eq!(kept(&tile.path()).await.body, here(&tile.path()).await.body, "{tile}");
    }
    assert_eq!(kept("tile/0/000.p/9").await.body, here("tile/0/000.p/9").await.body);
    assert_eq!(kept("tile/0/009").await.status, 404);
    let entries = bundle_path(0, 100);
    assert_eq!(kept(&entries).await.status, 401);
    let reader = [("authorization", "Bearer a reader")];
    let answer = send(address, "GET", &format!("/log/{ORIGIN}/{entries}"), &reader, b"").await;
    assert_eq!((answer.status, bundle::parse(&answer.body).unwrap().len()), (200, 100));
    let answer = send(address, "GET", "/", &[], b"").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains(&format!("{ORIGIN} {} good", shown.size)), "{}", answer.text());
    assert_eq!(send(address, "GET", "/log/nobody.example/x/1/checkpoint", &[], b"").await.status, 404);
}

/// A log as somebody with its key could make it.
#[derive(Clone)]
struct Forger {
    seed: u8,
    leaves: Vec<Vec<u8>>,
}

impl Forger {
    fn new() -> Self {
        Self { seed: 7, leaves: Vec::new() }
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_seed([self.seed; 32])
    }

    fn key(&self) -> VerifierKey {
        VerifierKey::new(ORIGIN, Algorithm::Ed25519, self.signing().public_key()).unwrap()
    }

    fn leaf(&self, subject: u8, previous: Option<u64>) -> Leaf {
        Leaf {
            origin: ORIGIN.into(),
            index: self.leaves.len() as u64,
            instant_ms: MORNING + self.leaves.len() as i64,
            kind: "message.noted".into(),
            subject: [subject; 16],
            previous: previous.map(|index| (1, index)),
            parts: [("act".to_owned(), [subject; 32])].into(),
            documents: Vec::new(),
        }
    }

    fn push(&mut self, leaf: &Leaf) {
        self.leaves.push(leaf.to_bytes().unwrap());
    }

    /// One subject's events, in a row.
    fn run(&mut self, subject: u8, count: usize) {
        let mut previous = None;
        for _ in 0..count {
            let leaf = self.leaf(subject, previous);
            previous = Some(leaf.index);
            self.push(&leaf);
        }
    }

    fn note(&self) -> Vec<u8> {
        let mut frontier = Frontier::new();
        for leaf in &self.leaves {
            frontier.push(leaf_hash(leaf));
        }
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size: frontier.size(), root: frontier.root() };
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(&self.key(), &self.signing().sign(note.text().as_bytes()));
        note.to_string().into_bytes()
    }

    fn bundle(&self, path: &str) -> Vec<u8> {
        let (index, width) = parse_bundle(path).unwrap();
        let first = index as usize * 256;
        bundle::write(&self.leaves[first..first + usize::from(width)]).unwrap()
    }

    async fn show(&self, mirror: &Mirror) -> Result<Taken, MirrorError> {
        let fetch = |path: String| async move { Ok::<_, Infallible>(self.bundle(&path)) };
        mirror.take(ORIGIN, &self.note(), fetch).await
    }
}

#[tokio::test]
async fn whoever_rewrites_is_told_so_whatever_he_signs() {
    let folder = tempfile::tempdir().unwrap();
    let mut honest = Forger::new();
    honest.run(1, 300);
    let mirror = Mirror::open(folder.path(), vec![honest.key()]).await.unwrap();
    assert_eq!(honest.show(&mirror).await.unwrap(), Taken::New(300));

    let mut shorter = honest.clone();
    shorter.leaves.truncate(299);
    assert_eq!(shorter.show(&mirror).await.unwrap(), Taken::Known, "an older checkpoint is no accusation");

    let edited = |at: usize, grow: usize| {
        let mut log = honest.clone();
        let mut leaf = Leaf::parse(&log.leaves[at]).unwrap();
        leaf.kind = "message.withdrawn".into();
        log.leaves[at] = leaf.to_bytes().unwrap();
        log.run(2, grow);
        log
    };
    let mut removed = honest.clone();
    removed.leaves.truncate(290);
    removed.run(3, 30);
    let forks = [
        ("an old entry, same size", edited(3, 0), 300),
        ("an old entry, and more after it", edited(3, 40), 340),
        ("an entry of the last bundle, and more after it", edited(299, 1), 301),
        ("the last ten taken back", removed, 320),
    ];
    for (what, forger, size) in forks {
        let refused = forger.show(&mirror).await.unwrap_err();
        assert!(matches!(refused, MirrorError::Forked(at) if at == size), "{what}: {refused}");
        assert!(refused.is_evidence());
    }
    let proofs = std::fs::read_dir(folder.path().join("log").join(ORIGIN).join("other-history")).unwrap();
    assert_eq!(proofs.count(), 4, "each signed proof is kept");

    // In one history, and signed: the rules of the journal are what it breaks.
    let bad = |change: &dyn Fn(&mut Leaf)| {
        let mut log = honest.clone();
        let mut leaf = log.leaf(1, Some(299));
        change(&mut leaf);
        log.push(&leaf);
        log
    };
    let subjects = [
        bad(&|leaf| leaf.previous = Some((1, 298))),
        bad(&|leaf| leaf.previous = None),
        bad(&|leaf| leaf.previous = Some((1, 300))),
        bad(&|leaf| leaf.previous = Some((2, 299))),
        bad(&|leaf| leaf.subject = [9; 16]),
    ];
    for forger in subjects {
        let refused = forger.show(&mirror).await.unwrap_err();
        assert!(matches!(refused, MirrorError::Subject { index: 300, .. }), "{refused}");
        assert!(refused.is_evidence());
    }
    let entries = [
        bad(&|leaf| leaf.index = 299),
        bad(&|leaf| leaf.instant_ms = MORNING),
        bad(&|leaf| leaf.origin = "altrove.example/c_a999/1".into()),
    ];
    for forger in entries {
        let refused = forger.show(&mirror).await.unwrap_err();
        assert!(matches!(refused, MirrorError::Entry { index: 300, .. }), "{refused}");
    }
    let proofs = async |mirror: &Mirror| mirror.accused(ORIGIN).await.unwrap();
    assert_eq!(proofs(&mirror).await, 4 + 5 + 3, "each broken rule is proved by what the log signed");
    // A byte that somebody changed on the way is no accusation.
    let mut later = honest.clone();
    later.run(6, 50);
    let note = later.note();
    for place in [299, 320] {
        let mut served = later.clone();
        served.leaves[place][5] ^= 1;
        let served = &served;
        let fetch = |path: String| async move { Ok::<_, Infallible>(served.bundle(&path)) };
        let refused = mirror.take(ORIGIN, &note, fetch).await.unwrap_err();
        assert!(
            matches!(refused, MirrorError::Mismatch(350)) && !refused.is_evidence(),
            "{place}: {refused}"
        );
    }
    assert_eq!(proofs(&mirror).await, 12);
    // Nor does a log that says it is endless take the mirror with it.
    let endless = Checkpoint { origin: ORIGIN.into(), size: 1 << 62, root: [7; 32] };
    let mut endless_note = endless.to_note().unwrap();
    endless_note.add_signature(&honest.key(), &honest.signing().sign(endless_note.text().as_bytes()));
    let nothing = |path: String| async move { Err::<Vec<u8>, std::io::Error>(std::io::Error::other(path)) };
    let refused = mirror.take(ORIGIN, endless_note.to_string().as_bytes(), nothing).await;
    assert!(matches!(refused, Err(MirrorError::Fetch(..))), "{refused:?}");
    let mut other_key = honest.clone();
    other_key.run(4, 1);
    other_key.seed = 8;
    assert!(matches!(other_key.show(&mirror).await, Err(MirrorError::Unsigned)));

    // After all that, and a start, the honest log goes on.
    drop(mirror);
    let mirror = Mirror::open(folder.path(), vec![honest.key()]).await.unwrap();
    assert_eq!(mirror.size(ORIGIN), 300);
    let tail = honest.leaf(1, Some(299));
    honest.push(&tail);
    honest.run(5, 600);
    assert_eq!(honest.show(&mirror).await.unwrap(), Taken::New(601));
    drop(mirror);

    // What it keeps is read again when it starts: a changed byte is found.
    let bundle = folder.path().join("log").join(ORIGIN).join("tile/entries/001");
    let mut bytes = std::fs::read(&bundle).unwrap();
    let place = bytes.windows(13).position(|word| word == b"message.noted").unwrap();
    bytes[place + 8] = b'v';
    std::fs::write(&bundle, bytes).unwrap();
    let damaged = Mirror::open(folder.path(), vec![honest.key()]).await;
    assert!(matches!(damaged, Err(MirrorError::Damaged(..))), "{damaged:?}");
}

/// Whoever listens there shows the forger's log.
async fn serve(forger: Forger) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let note = forger.note();
    let bundle =
        async move |path: plico::http::Path<String>| forger.bundle(&format!("tile/entries/{}", path.0));
    let pages = axum::Router::new()
        .route("/checkpoint", axum::routing::get(async move || note))
        .route("/tile/entries/{*path}", axum::routing::get(bundle));
    tokio::spawn(server::serve(listener, pages, 8, Duration::from_secs(1), std::future::pending()));
    address
}

fn plico(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plico"));
    command.current_dir(folder).args(["mirror", "--once", "--logs", "logs.policy"]);
    if !more.contains(&"--state") {
        command.args(["--state", "kept"]);
    }
    command.args(more).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_command_line_each_outcome_has_its_exit_code() {
    let town = Town::start().await;
    grow(&town, 3).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let run = async |more: &'static [&'static str]| {
        let path = folder.path().to_owned();
        tokio::task::spawn_blocking(move || plico(&path, more)).await.unwrap()
    };
    let said = |output: &Output| {
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    // The policy as it is published, with the seal's certificate; of it, this body's log.
    let policy = town.send("GET", "/log/policy", &[], b"").await.text();
    let wanted = |line: &&str| !line.starts_with("log ") || line.contains("/c_b999/");
    let policy = policy.lines().filter(wanted).collect::<Vec<_>>().join("\n") + "\n";
    write("logs.policy", &policy);
    let output = run(&[]).await;
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("log:read"), "{}", said(&output));

    let token = token(&town, &town.auditor, &["log:read"]).await;
    write("tokens", &format!("{ORIGIN} {token}\n"));
    let output = run(&["--tokens", "tokens"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let size = checkpoint(&town).await.size;
    assert!(said(&output).contains(&format!("{ORIGIN}: {size} new")), "{}", said(&output));
    assert!(!said(&output).contains(&token));

    write("readers", &format!("{} revisore\n", to_hex(&sha256(b"x"))));
    let output = run(&["--tokens", "tokens", "--readers", "readers"]).await;
    assert!(said(&output).contains("nothing new"), "{}", said(&output));
    write("readers", "nothing at all\n");
    assert_eq!(run(&["--tokens", "tokens", "--readers", "readers"]).await.status.code(), Some(64));
    write("tokens", "nobody.example/x/1 secret\n");
    let output = run(&["--tokens", "tokens"]).await;
    assert_eq!(output.status.code(), Some(64));
    assert!(!said(&output).contains("secret"), "{}", said(&output));
    // A log that was rolled back and went on: another history, signed with the right key.
    let mut forger = Forger::new();
    forger.run(1, 20);
    write(
        "logs.policy",
        &format!("log {} http://{}\nquorum none\n", forger.key(), serve(forger.clone()).await),
    );
    assert_eq!(run(&["--state", "other"]).await.status.code(), Some(0));
    forger.leaves.truncate(10);
    forger.run(2, 30);
    write("logs.policy", &format!("log {} http://{}\nquorum none\n", forger.key(), serve(forger).await));
    let output = run(&["--state", "other"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("another history"), "{}", said(&output));
    write("logs.policy", "quorum none\n");
    assert_eq!(run(&[]).await.status.code(), Some(64));
}

/// What the archive in a folder shows now is taken by the mirror.
async fn copy(config: &Config, mirror: &Mirror) {
    let clock = Arc::new(SystemClock);
    let archive = Archive::open(&app::paths(config), clock, app::entropy()).await.unwrap();
    archive.sign_checkpoints().await.unwrap();
    for log in archive.logs().await.unwrap() {
        let note = archive.published_checkpoint(&log).await.unwrap().unwrap();
        let fetch = async |path: String| {
            let (index, width) = parse_bundle(&path).unwrap();
            Ok::<_, Infallible>(archive.published_bundle(&log, index, width).await.unwrap().unwrap())
        };
        mirror.take(&log.origin, note.as_bytes(), fetch).await.unwrap();
    }
    archive.close().await;
}

#[test]
fn a_mirror_knows_where_the_logs_of_a_restored_archive_ended() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let config = Config {
        data_dir: folder.path().join("data"),
        origin_domain: "archivio.borgo.example".into(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (mirror, address) = runtime.block_on(async {
        found(&config).await;
        let archive =
            Archive::open_beside(&app::paths(&config), Arc::new(SystemClock), app::entropy()).await.unwrap();
        let policy = archive.own_policy("").await.unwrap();
        archive.close().await;
        let keys: Vec<VerifierKey> =
            Policy::parse(&policy).unwrap().logs().iter().map(|log| log.key.clone()).collect();
        let mirror = Mirror::open(&folder.path().join("mirror"), keys).await.unwrap();
        copy(&config, &mirror).await;
        let service = Arc::new(Service::new(mirror, Vec::new(), Vec::new(), Duration::from_secs(5)).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let pages = router(Arc::clone(&service));
        tokio::spawn(server::serve(listener, pages, 8, Duration::from_secs(1), std::future::pending()));
        (service, address)
    });
    let run = |arguments: &[&str]| {
        let output = crate::kill::plico().args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    };
    let (data, keys) = (at("b.tar"), at("b.keys"));
    let (code, text) = run(&["backup", "create", &data, "--keys", &keys, "--data-dir", &at("data")]);
    assert_eq!(code, 0, "{text}");
    let restore = |into: &str, asked: &str| {
        run(&["restore", &data, "--keys", &keys, "--into", &at(into), "--mirror", asked])
    };

    let (code, text) = restore("one", "http://127.0.0.1:9");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("says nothing of") && text.contains("READ-ONLY"), "{text}");

    let (code, text) = restore("two", &address);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&["fsck", "--data-dir", &at("two")]);
    assert_eq!(code, 0, "{text}");
    let add = ["user", "add", "x", "--role", "auditor", "--email", "x@borgo.example", "--data-dir"];
    let (code, text) = run(&[&add[..], &[&at("two")]].concat());
    assert_eq!(code, 0, "{text}");

    // The lost machine went on after its backup, and the mirror saw it.
    let (code, text) = run(&[&add[..], &[&at("data")]].concat());
    assert_eq!(code, 0, "{text}");
    runtime.block_on(copy(&config, mirror.kept()));
    let (code, text) = restore("three", &address);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("READ-ONLY archivio.borgo.example/c_b999/1"), "{text}");
}
