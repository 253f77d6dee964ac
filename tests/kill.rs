//! kill -9 at any moment, under load: every acknowledged filing is there whole, once, with one number, and what was
//! not acknowledged may be sent again with the same key.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plico::app;
use plico::clock::SystemClock;
use plico::config::{Config, Secret, Store};
use plico_archive::{Archive, Begin, Clock};
use plico_database::args;
use plico_desk::account::Identity;
use plico_desk::admin::OfficeForm;
use plico_desk::kind::Kind;
use plico_desk::token::TokenForm;
use plico_desk::{Actor, Desk, Limits};
use plico_locale::Catalogue;
use plico_record::fiscal::FiscalCode;
use plico_testkit::real::postgres;

use crate::support;

const BODY: &str = "borgo";
/// Times the server is killed; more by `PLICO_KILLS`.
const KILLS: u64 = 8;
const CITIZENS: [&str; 4] = ["BSSNNA80A41H501", "CNTBRN75C12F205", "LTRZNE82D20L219", "RSSMRA80A41H501"];

/// A filing: its key, and what was acknowledged (identifier, number).
pub type Book = Arc<Mutex<BTreeMap<String, Option<(String, String)>>>>;

/// Random enough, and the same again from the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

pub async fn found(config: &Config) -> (Vec<String>, String) {
    found_at(config, Arc::new(SystemClock)).await
}

/// An archive whose beginning is told by another clock.
pub async fn found_at(config: &Config, clock: Arc<dyn Clock>) -> (Vec<String>, String) {
    let begin = Begin {
        domain: "archivio.borgo.example".into(),
        administrations: vec![(BODY.into(), "Comune di Borgo".into(), "c_b999".into())],
        demo: false,
        seal_pem: None,
        keys: plico_archive::keys::Wanted::Clear,
    };
    let archive = Archive::init(&app::paths(config), begin, clock, app::entropy()).await.unwrap();
    let catalogue = Arc::new(Catalogue::load().unwrap());
    let desk = Desk::new(archive.clone(), catalogue, Limits::default(), &config.public_url);
    let console = Actor::console(BODY, "test");
    let form = OfficeForm {
        name: "Tributi".into(),
        responsible: "Rosa Neri".into(),
        from: "2020-01-01".into(),
        protocol: true,
        ..OfficeForm::default()
    };
    let office = desk.save_office(&console, form).await.unwrap();
    let kind = Kind {
        code: "istanza".into(),
        name: "Istanza".into(),
        name_en: "Application".into(),
        help: String::new(),
        document_type: "istanza".into(),
        office: None,
        term_days: Some(30),
        silence: "none".into(),
        remedies: String::new(),
        retention_years: 10,
        confidential: false,
        offered: true,
        class: String::new(),
    };
    desk.save_kind(&console, kind).await.unwrap();
    let mut tokens = Vec::new();
    for first15 in CITIZENS {
        let identity = Identity {
            fiscal_code: FiscalCode::parse(&support::code(first15)).unwrap(),
            name: format!("Persona {first15}"),
            email: None,
        };
        let person = desk.person_signs_in(BODY, identity, support::login()).await.unwrap();
        let actor = desk.person_actor(&person, None, Some(support::login())).await.unwrap().unwrap();
        let form = TokenForm {
            account: String::new(),
            name: "prova".into(),
            scopes: vec!["messages:write".into(), "messages:read".into()],
            days: 1,
        };
        tokens.push(desk.make_token(&actor, form).await.unwrap().0);
    }
    drop(desk);
    // The server wants the signer's lock.
    archive.close().await;
    (tokens, office)
}

/// The variable of `database.url`.
pub const DATABASE: &str = "PLICO_DATABASE_URL";

/// The program, without this test's own settings: it refuses those that it does not know.
pub fn plico() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plico"));
    command.env_remove("PLICO_SEED").env_remove("PLICO_KILLS").env_remove("PLICO_FAULTS");
    command
}

/// What a server says: each its own.
pub fn log_of(config: &Config) -> std::path::PathBuf {
    let port = config.listen.rsplit(':').next().unwrap_or_default();
    config.data_dir.with_extension(format!("{port}.log"))
}

pub fn serve(config: &Config) -> Child {
    serve_as(plico(), config)
}

/// The same by a command that runs the program.
pub fn serve_as(mut command: Command, config: &Config) -> Child {
    let log = std::fs::File::create(log_of(config)).expect("a file for its log");
    command
        .env_remove("PLICO_SEED")
        .env_remove("PLICO_KILLS")
        .env_remove("PLICO_FAULTS")
        .args(["serve", "--data-dir"])
        .arg(&config.data_dir)
        .args(["--listen", &config.listen])
        .env("PLICO_PUBLIC_URL", &config.public_url)
        .env("PLICO_METRICS_LISTEN", "")
        .env(DATABASE, config.database.url.expose())
        .env("PLICO_ORIGIN_DOMAIN", "archivio.borgo.example")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the program starts")
}

/// One request; `None` when the connection ended before a whole answer.
pub fn send(address: SocketAddr, line: &str, headers: &str, body: &[u8]) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    stream.write_all(format!("{head}{headers}\r\n").as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let promised = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
        .and_then(|length| length.trim().parse::<usize>().ok());
    // Half an answer is no acknowledgement.
    if promised.is_some_and(|promised| body.len() < promised) {
        return None;
    }
    Some((status, body.to_owned()))
}

/// Files under a key; writes into the book what was acknowledged. `false`: no answer, or not now.
pub fn file(address: SocketAddr, token: &str, office: &str, key: &str, book: &Book) -> bool {
    match attempt(address, token, office, key, book) {
        (201, _) => true,
        (0 | 409 | 429 | 503, _) => false,
        (status, answer) => panic!("{key}: {status} {answer}"),
    }
}

/// The same, whatever comes of it: the answer's status, or 0 where there is none, and its text.
pub fn attempt(address: SocketAddr, token: &str, office: &str, key: &str, book: &Book) -> (u16, String) {
    // Every third one carries a file too large for a row.
    let large = key.bytes().map(u32::from).sum::<u32>().is_multiple_of(3);
    let file: Vec<u8> = key.bytes().cycle().take(if large { 400_000 } else { 20_000 }).collect();
    let fields = [("kind", "istanza"), ("office", office), ("subject", key), ("text", "Chiedo il rimborso.")];
    let (kind, body) = support::multipart(&fields, &[("allegato.bin", &file)]);
    let headers =
        format!("authorization: Bearer {token}\r\nidempotency-key: {key}\r\ncontent-type: {kind}\r\n");
    match send(address, "POST /api/v1/messages", &headers, &body) {
        Some((201, answer)) => {
            let answer: serde_json::Value = serde_json::from_str(&answer).expect("an answer is JSON");
            let text = |name: &str| answer[name].as_str().expect(name).to_owned();
            let told = (text("id"), text("registration_number"));
            let mut book = book.lock().unwrap();
            let before = book.insert(key.to_owned(), Some(told.clone())).flatten();
            assert!(before.is_none_or(|before| before == told), "{key} was acknowledged otherwise before");
            (201, String::new())
        }
        Some(answered) => answered,
        None => (0, String::new()),
    }
}

pub fn ready(address: SocketAddr, config: &Config) {
    let until = Instant::now() + Duration::from_mins(1);
    while send(address, "GET /healthz", "", b"").is_none_or(|(status, _)| status != 200) {
        let log = || std::fs::read_to_string(log_of(config)).unwrap_or_default();
        assert!(Instant::now() < until, "the server does not come up: {}", log());
        std::thread::sleep(Duration::from_millis(30));
    }
}

pub fn fsck(config: &Config) {
    let mut command = plico();
    command.args(["fsck", "--data-dir"]).arg(&config.data_dir);
    let output = command.env(DATABASE, config.database.url.expose()).output().expect("fsck runs");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let number =
        |name: &str, other: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(other);
    let (seed, kills) = (number("PLICO_SEED", 20_261_121), number("PLICO_KILLS", KILLS));
    eprintln!("PLICO_SEED={seed} PLICO_KILLS={kills}");
    let mut dice = Dice(seed | 1);
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // On the engine of this run: it keeps its word to a program that is killed like a machine that stops.
    let database = Store { url: Secret::new(postgres::wanted(folder.path()).unwrap_or_default()) };
    let config = Config {
        data_dir: folder.path().join("data"),
        database,
        listen: address.to_string(),
        public_url: format!("http://{address}"),
        origin_domain: "archivio.borgo.example".into(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (tokens, office) = runtime.block_on(found(&config));
    let book: Book = Arc::default();

    for round in 0..kills {
        let mut server = serve(&config);
        ready(address, &config);
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = tokens
            .iter()
            .enumerate()
            .map(|(citizen, token)| {
                let (token, office, book, stop) =
                    (token.clone(), office.clone(), Arc::clone(&book), Arc::clone(&stop));
                std::thread::spawn(move || {
                    for n in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        let key = format!("seed{seed}-{citizen}-{round}-{n}");
                        book.lock().unwrap().insert(key.clone(), None);
                        if !file(address, &token, &office, &key, &book) {
                            std::thread::sleep(Duration::from_millis(20));
                        }
                    }
                })
            })
            .collect();
        // Not before the first acknowledgement of the round, and then at a random moment.
        let prefix = format!("-{round}-");
        let until = Instant::now() + Duration::from_mins(1);
        while !book.lock().unwrap().iter().any(|(key, told)| key.contains(&prefix) && told.is_some()) {
            assert!(Instant::now() < until, "nothing is acknowledged");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(dice.roll(700)));
        server.kill().expect("SIGKILL");
        server.wait().expect("it is gone");
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().expect("no writer saw anything wrong");
        }
        let (acknowledged, begun) = {
            let book = book.lock().unwrap();
            (book.values().flatten().count(), book.len())
        };
        eprintln!("round {round}: {acknowledged} acknowledged of {begun}");
    }

    // Everything is sent again with its key: what was acknowledged answers the same, the rest is filed now.
    let mut server = serve(&config);
    ready(address, &config);
    let keys: Vec<String> = book.lock().unwrap().keys().cloned().collect();
    for key in &keys {
        let citizen: usize = key.split('-').nth(1).and_then(|n| n.parse().ok()).unwrap();
        let until = Instant::now() + Duration::from_mins(2);
        while !file(address, &tokens[citizen], &office, key, &book) {
            assert!(Instant::now() < until, "{key} is not accepted");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    server.kill().expect("SIGKILL");
    server.wait().expect("it is gone");

    runtime.block_on(each_is_there_once(&config, &book, &keys));
    drop(runtime);
    fsck(&config);
}

/// Each filing is there once, under the number that was told, and no number is missing.
pub async fn each_is_there_once(config: &Config, book: &Book, keys: &[String]) {
    let told: BTreeMap<String, String> = book.lock().unwrap().values().flatten().cloned().collect();
    assert_eq!(told.len(), keys.len(), "two keys were answered with one filing");
    let archive = app::open_archive(config).await.unwrap();
    let sql = "select r.message, m.subject, r.number, r.year from registration r
        join message m on m.id = r.message order by r.number";
    let rows: Vec<(String, String, i64, i32)> = archive.database().all(sql, args![]).await.unwrap();
    archive.close().await;
    assert_eq!(rows.len(), keys.len(), "each filing is there once");
    for (place, (message, subject, number, year)) in rows.iter().enumerate() {
        assert_eq!(usize::try_from(*number).unwrap(), place + 1, "the numbers have a gap");
        assert_eq!(told.get(message), Some(&format!("{number:07}/{year}")), "{subject}");
    }
}
