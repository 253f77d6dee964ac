//! Content in an object store, by the real program against a real server: filings while the store comes and goes, content that
//! is changed or removed behind everybody's back, moves and backups.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plico::config::{self, Config, Secret, Store as Engine};
use plico_testkit::real::s3::{self, Store};
use plico_testkit::real::{or_say, postgres};

use crate::kill::{Book, attempt, each_is_there_once, found, plico, ready, send, serve_as};

struct Town {
    folder: tempfile::TempDir,
    store: Store,
    config: Config,
    address: SocketAddr,
    tokens: Vec<String>,
    office: String,
    book: Book,
}

/// An archive whose content goes to a bucket, with a folder for its replica.
async fn town() -> Option<Town> {
    let folder = tempfile::tempdir().unwrap();
    let store = or_say(s3::start(&folder.path().join("store")))?;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let blobs = config::Blobs {
        bucket: s3::BUCKET.into(),
        endpoint: store.endpoint(),
        access_key: Secret::new(s3::ACCESS_KEY),
        secret_key: Secret::new(s3::SECRET_KEY),
        ..config::Blobs::default()
    };
    let config = Config {
        data_dir: folder.path().join("data"),
        database: Engine { url: Secret::new(postgres::wanted(folder.path()).unwrap_or_default()) },
        listen: address.to_string(),
        public_url: format!("http://{address}"),
        origin_domain: "archivio.borgo.example".into(),
        blobs,
        ..Config::default()
    };
    let (tokens, office) = found(&config).await;
    Some(Town { folder, store, config, address, tokens, office, book: Arc::default() })
}

/// A key whose filing carries a file too large for a row.
fn large(name: &str) -> String {
    let fits = |key: &String| key.bytes().map(u32::from).sum::<u32>().is_multiple_of(3);
    (0..100).map(|n| format!("{name}-{n}")).find(fits).expect("one of three")
}

impl Town {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> std::process::Command {
        self.command_with(&self.store.endpoint(), s3::SECRET_KEY)
    }

    fn command_with(&self, endpoint: &str, secret: &str) -> std::process::Command {
        std::fs::write(self.path("secret"), secret).unwrap();
        let mut command = plico();
        command
            .env("PLICO_DATABASE_URL", self.config.database.url.expose())
            .env("PLICO_BLOBS_BUCKET", s3::BUCKET)
            .env("PLICO_BLOBS_ENDPOINT", endpoint)
            .env("PLICO_BLOBS_ACCESS_KEY", s3::ACCESS_KEY)
            .env("PLICO_BLOBS_SECRET_KEY", format!("file:{}", self.path("secret").display()))
            .env("PLICO_REPLICA_FOLDER", self.path("replica"));
        command
    }

    fn run(mut command: std::process::Command, arguments: &[&str]) -> (i32, String) {
        let output = command.args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!text.contains(s3::SECRET_KEY), "{text}");
        (output.status.code().unwrap(), text)
    }

    fn plico(&self, arguments: &[&str]) -> (i32, String) {
        let data = self.config.data_dir.display().to_string();
        Self::run(self.command(), &[arguments, &["--data-dir", &data]].concat())
    }

    fn serve(&self) -> Child {
        let mut command = self.command();
        // A pass over everything at once, as fast as it goes.
        command.env("PLICO_SCRUB_MIB_PER_SECOND", "10000").env("PLICO_SCRUB_DAYS", "0");
        let server = serve_as(command, &self.config);
        ready(self.address, &self.config);
        server
    }

    fn file(&self, key: &str) -> (u16, String) {
        self.book.lock().unwrap().entry(key.to_owned()).or_default();
        attempt(self.address, &self.tokens[0], &self.office, key, &self.book)
    }

    fn replicate(&self) {
        for object in self.store.objects().unwrap() {
            let to = self.path("replica").join(object.strip_prefix(self.store.bucket()).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&object, to).unwrap();
        }
    }

    /// Waits until a page says it.
    fn until(&self, what: &str, line: &str, right: impl Fn(u16, &str) -> bool) -> String {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            if let Some((status, text)) = send(self.address, line, "", b"")
                && right(status, &text)
            {
                return text;
            }
            assert!(Instant::now() < until, "{what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn stop(mut server: Child) {
    server.kill().expect("SIGKILL");
    server.wait().expect("it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_in_the_store_however_it_comes_and_goes() {
    let Some(mut town) = town().await else { return };
    let server = town.serve();
    assert_eq!(town.file(&large("a")).0, 201);
    let before = town.store.objects().unwrap();
    assert!(!before.is_empty(), "the attachment is in the bucket");
    assert!(!town.config.data_dir.join("blobs").exists());

    // Gone in the middle of filings: a clear answer, nothing half, and small ones go on.
    town.store.kill();
    let (status, answer) = town.file(&large("b"));
    assert_eq!(status, 503, "{answer}");
    assert!(answer.contains("\"store\"") || answer.contains("/store"), "{answer}");
    let said = town.until("it is not said", "GET /readyz", |status, _| status == 503);
    assert!(said.contains("blobs") && !said.contains("127.0.0.1"), "{said}");
    town.store.begin().unwrap();
    town.until("it does not come back", "GET /readyz", |status, _| status == 200);
    assert_eq!(town.file(&large("b")).0, 201);

    // The store is killed again and again while one files.
    let mut acknowledged = 0;
    for round in 0..4 {
        let writing = {
            let (address, token, office) = (town.address, town.tokens[1].clone(), town.office.clone());
            let book = Arc::clone(&town.book);
            std::thread::spawn(move || {
                let mut done = 0;
                for n in 0..12 {
                    let key = large(&format!("round{round}-{n}"));
                    book.lock().unwrap().entry(key.clone()).or_default();
                    match attempt(address, &token, &office, &key, &book).0 {
                        201 => done += 1,
                        0 | 503 => {}
                        other => panic!("{key}: {other}"),
                    }
                }
                done
            })
        };
        std::thread::sleep(Duration::from_millis(150 + 90 * round));
        town.store.kill();
        std::thread::sleep(Duration::from_millis(400));
        town.store.begin().unwrap();
        acknowledged += writing.join().unwrap();
    }
    eprintln!("{acknowledged} of 48 acknowledged while the store was killed");
    assert!(acknowledged > 4);
    // Whatever was not taken is sent again with its key.
    let keys: Vec<String> = town.book.lock().unwrap().keys().cloned().collect();
    for key in &keys {
        let citizen = usize::from(key.starts_with("round"));
        let until = Instant::now() + Duration::from_mins(1);
        while attempt(town.address, &town.tokens[citizen], &town.office, key, &town.book).0 != 201 {
            assert!(Instant::now() < until, "{key} is not taken");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    stop(server);
    each_is_there_once(&town.config, &town.book, &keys).await;
    let (code, text) = town.plico(&["fsck"]);
    assert!(code == 0 && text.starts_with("clean: "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_altered_or_gone_is_named_and_mended_and_the_content_moves_and_is_backed_up() {
    let Some(town) = town().await else { return };
    let server = town.serve();
    for name in ["a", "b", "c"] {
        assert_eq!(town.file(&large(name)).0, 201);
    }
    town.replicate();
    let objects = town.store.objects().unwrap();
    assert!(objects.len() >= 3);
    let name = |object: &Path| object.file_name().unwrap().to_string_lossy().into_owned();
    let spoil = || {
        let mut bytes = std::fs::read(&objects[0]).unwrap();
        bytes[1000] ^= 1;
        std::fs::write(&objects[0], bytes).unwrap();
        std::fs::remove_file(&objects[1]).unwrap();
    };
    stop(server);

    spoil();
    let (code, text) = town.plico(&["fsck"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("WRONG blobs/{}: its bytes", name(&objects[0]))), "{text}");
    assert!(text.contains(&format!("WRONG blob {}: it is needed", name(&objects[1]))), "{text}");
    let (code, text) = town.plico(&["fsck", "--repair"]);
    assert!(code == 0 && text.matches("MENDED").count() == 2, "{text}");
    assert!(town.plico(&["fsck"]).1.starts_with("clean: "));

    // The background reading does it by itself: at the next pass, which is due when nobody knows of one.
    spoil();
    std::fs::remove_file(town.config.data_dir.join("scrub")).unwrap();
    let server = town.serve();
    let until = Instant::now() + Duration::from_mins(1);
    while !objects[1].exists() || std::fs::read(&objects[0]).unwrap() != replica(&town, &objects[0]) {
        assert!(Instant::now() < until, "the pass does not mend");
        std::thread::sleep(Duration::from_millis(100));
    }
    stop(server);

    let (code, text) = town.plico(&["doctor"]);
    assert!(text.contains("ok   blobs: written, and a piece of it read back"), "{code} {text}");
    assert!(text.contains("ok   replica"), "{text}");
    let data = town.config.data_dir.display().to_string();
    let wrong = town.command_with(&town.store.endpoint(), "wrong");
    let (code, text) = Town::run(wrong, &["doctor", "--data-dir", &data]);
    assert!(code == 1 && text.contains("BAD  blobs") && text.contains("SignatureDoesNotMatch"), "{text}");
    let shown = town.plico(&["config", "show"]).1;
    assert!(shown.contains("secret_key = \"(hidden)\""), "{shown}");

    backed_up(&town);
    moved(&town, objects.len());
}

fn replica(town: &Town, object: &Path) -> Vec<u8> {
    std::fs::read(town.path("replica").join(object.strip_prefix(town.store.bucket()).unwrap())).unwrap()
}

/// The backup lists what stays in the bucket; whoever restores must have it.
fn backed_up(town: &Town) {
    let at = |name: &str| town.path(name).display().to_string();
    let (tar, keys, signer) = (at("a.tar"), at("a.keys"), town.config.signer_state());
    let (code, text) = town.plico(&["backup", "create", &tar, "--keys", &keys]);
    assert!(code == 0 && text.contains("stay in the bucket"), "{text}");
    let restore = ["restore", &tar, "--keys", &keys, "--into"];
    let mut bare = plico();
    bare.env("PLICO_SIGNER_STATE", &signer);
    let (code, text) = Town::run(bare, &[&restore[..], &[&at("bare")]].concat());
    assert!(code != 0 && text.contains("in an object store"), "{text}");
    let mut with = town.command();
    with.env("PLICO_SIGNER_STATE", &signer).env("PLICO_DATABASE_URL", "");
    let (code, text) = Town::run(with, &[&restore[..], &[&at("with")]].concat());
    assert!(code == 0 && text.contains("are there"), "{text}");
    let mut with = town.command();
    with.env("PLICO_DATABASE_URL", "");
    let (code, text) = Town::run(with, &["fsck", "--data-dir", &at("with")]);
    assert!(code == 0, "{text}");
    let toml = town.path("bucket.toml");
    let text = format!(
        "[blobs]\nbucket = '{}'\nendpoint = '{}'\naccess_key = '{}'\nsecret_key = 'file:{}'\n",
        s3::BUCKET,
        town.store.endpoint(),
        s3::ACCESS_KEY,
        at("secret")
    );
    std::fs::write(&toml, text).unwrap();
    let verify = ["backup", "verify", &tar, "--keys", &keys];
    assert_eq!(Town::run(plico(), &verify).0, 1);
    let (code, text) =
        Town::run(plico(), &[&verify[..], &["--config", &toml.display().to_string()]].concat());
    assert!(code == 0 && text.starts_with("good: "), "{text}");
}

/// To the folder and back, broken off once, nothing removed on the way.
fn moved(town: &Town, many: usize) {
    let files = || {
        let mut found = Vec::new();
        let mut waiting = vec![town.config.data_dir.join("blobs")];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { waiting.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found
    };
    let (code, text) = town.plico(&["move", "--blobs", "folder"]);
    assert!(code == 0 && text.contains(&format!("{many} copied and read again, 0 there already")), "{text}");
    assert_eq!((files().len(), town.store.objects().unwrap().len()), (many, many));
    let data = town.config.data_dir.display().to_string();
    let mut folder = plico();
    folder.env("PLICO_DATABASE_URL", town.config.database.url.expose());
    let (code, text) = Town::run(folder, &["fsck", "--data-dir", &data]);
    assert!(code == 0 && text.starts_with("clean: "), "{text}");

    // One is there already, one is there and damaged, the others are not.
    let objects = town.store.objects().unwrap();
    std::fs::write(&objects[0], b"half").unwrap();
    for object in &objects[2..] {
        std::fs::remove_file(object).unwrap();
    }
    let (code, text) = town.plico(&["move", "--blobs", "bucket"]);
    let said = format!("{} copied and read again, 1 there already", many - 1);
    assert!(code == 0 && text.contains(&said), "{text}");
    assert_eq!(files().len(), many, "nothing is removed where it came from");
    assert!(town.plico(&["fsck"]).1.starts_with("clean: "));
    // A source that is damaged is named, and nothing is given up.
    let file = &files()[0];
    let object = town.store.bucket().join(file.strip_prefix(town.config.data_dir.join("blobs")).unwrap());
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, b"half").unwrap();
    std::fs::remove_file(&object).unwrap();
    let (code, text) = town.plico(&["move", "--blobs", "bucket"]);
    assert!(code == 1 && text.contains("WRONG blob") && text.contains("run `plico fsck`"), "{text}");
    let (code, text) = town.plico(&["move", "--blobs", "elsewhere"]);
    assert_eq!(code, 64, "{text}");
    let mut none = plico();
    none.env("PLICO_DATABASE_URL", town.config.database.url.expose());
    let (code, text) = Town::run(none, &["move", "--blobs", "bucket", "--data-dir", &data]);
    assert!(code == 64 && text.contains("name the bucket"), "{text}");
    let signing = plico_vault::signer::SignerState::open(&town.config.signer_state()).unwrap();
    let (code, text) = town.plico(&["move", "--blobs", "bucket"]);
    assert!(code != 0 && text.contains("another process"), "{text}");
    drop(signing);
}
