//! System calls of the real program fail, or it is killed at one: every acknowledged filing is there, once, the archive
//! opens and is whole, and the program said what happened. `strace` answers in the kernel's place.
//!
//! A fixed list of places, and `PLICO_FAULTS=n` more at random (`PLICO_SEED`).

use std::net::{SocketAddr, TcpListener};
use std::process::Child;
use std::time::{Duration, Instant};

use plico::app;
use plico::config::Config;
use plico_database::args;
use plico_testkit::real::or_say;
use plico_testkit::real::strace::{self, Fault};

use crate::kill::{Book, Dice, attempt, found, log_of, send, serve_as};

/// What is written in each run at least; more until the fault has come.
const FILINGS: usize = 8;

/// A place where something fails.
struct Place {
    calls: &'static str,
    what: &'static str,
    /// At which of these calls; `strace` counts for each thread.
    when: &'static str,
    /// Below the archive's folder; empty: whatever the program touches.
    path: &'static str,
    /// The program must stop writing, and say so.
    stops: bool,
}

const fn place(
    path: &'static str,
    calls: &'static str,
    what: &'static str,
    when: &'static str,
    stops: bool,
) -> Place {
    Place { calls, what, when, path, stops }
}

const EIO: &str = "error=EIO";
const KILL: &str = "signal=KILL";
const SYNCS: &str = "fdatasync,fsync";
const WAL: &str = "data/plico.db-wal";

const PLACES: &[Place] = &[
    place(WAL, SYNCS, EIO, "2", true),
    place(WAL, SYNCS, EIO, "3+", true),
    place(WAL, SYNCS, KILL, "3", false),
    place(WAL, "pwrite64", EIO, "20", false),
    place(WAL, "pwrite64", "error=ENOSPC", "20", false),
    place(WAL, "pwrite64", KILL, "25", false),
    // The folders that name tiles, checkpoints, the signer's state, and where large files are written.
    place("data/log/2", SYNCS, EIO, "1", true),
    place("data/log/2", SYNCS, KILL, "2", false),
    place("data.signer", SYNCS, EIO, "1", false),
    place("data.signer", SYNCS, KILL, "2", false),
    // Whatever gets its name: `strace` knows a rename by the old one.
    place("", "rename", EIO, "1+", false),
    place("", "rename", KILL, "2", false),
    place("", "fdatasync", EIO, "2", false),
    place("", "fdatasync", KILL, "3", false),
    place("", "rename", KILL, "5", false),
    place("", "write", EIO, "25", false),
    place("", "openat", "error=EMFILE", "60", false),
];

/// For the random ones.
const CALLS: [&str; 8] = ["fdatasync", "fsync", "pwrite64", "write", "rename", "openat", "unlink", "mkdir"];
const WHATS: [&str; 3] = [EIO, "error=ENOSPC", KILL];

struct Town {
    folder: tempfile::TempDir,
    config: Config,
    address: SocketAddr,
    tokens: Vec<String>,
    office: String,
}

impl Town {
    async fn found() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let root = folder.path();
        let config = Config {
            data_dir: root.join("data"),
            listen: address.to_string(),
            public_url: format!("http://{address}"),
            origin_domain: "archivio.borgo.example".into(),
            ..Config::default()
        };
        let (tokens, office) = found(&config).await;
        Self { folder, config, address, tokens, office }
    }

    /// What the program wrote to its log.
    fn said(&self) -> String {
        std::fs::read_to_string(log_of(&self.config)).unwrap_or_default()
    }

    fn is_up(&self) -> bool {
        send(self.address, "GET /healthz", "", b"").is_some_and(|(status, _)| status == 200)
    }

    /// Files until the fault has come and a little longer; kills the program.
    fn run(&self, place: &Place, name: &str, book: &Book) {
        let log = self.folder.path().join("strace.log");
        let path = self.folder.path().join(place.path);
        let fault = Fault {
            calls: place.calls,
            what: place.what,
            when: place.when,
            path: (!place.path.is_empty()).then_some(path.as_path()),
        };
        let mut server = serve_as(strace::under(&fault, &log, env!("CARGO_BIN_EXE_plico")), &self.config);
        let injected = || std::fs::read_to_string(&log).is_ok_and(|text| text.contains("(INJECTED)"));
        let until = Instant::now() + Duration::from_secs(20);
        while !self.is_up() && server.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "{name}: it neither comes up nor ends: {}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        // Which thread makes which call is the kernel's to say: go on until it was made.
        let until = Instant::now() + Duration::from_secs(20);
        let came =
            |server: &mut Child| server.try_wait().unwrap().is_some() || place.what != KILL && injected();
        for n in 0.. {
            if n >= FILINGS && (place.path.is_empty() || came(&mut server) || Instant::now() > until) {
                break;
            }
            let key = format!("{name}-{n}");
            let token = &self.tokens[n % self.tokens.len()];
            book.lock().unwrap().insert(key.clone(), None);
            let (status, answer) = attempt(self.address, token, &self.office, &key, book);
            assert!(matches!(status, 0 | 201 | 409 | 429 | 500 | 503), "{key}: {status} {answer}");
            std::thread::sleep(Duration::from_millis(60));
        }
        // A checkpoint follows within a second.
        std::thread::sleep(Duration::from_millis(400));
        if place.stops {
            let until = Instant::now() + Duration::from_secs(5);
            while send(self.address, "GET /readyz", "", b"").is_none_or(|(status, _)| status != 503) {
                assert!(Instant::now() < until, "{name}: it does not say that it stopped: {}", self.said());
                std::thread::sleep(Duration::from_millis(50));
            }
            let late = format!("{name}-late");
            let (status, _) = attempt(self.address, &self.tokens[0], &self.office, &late, book);
            assert!(matches!(status, 500 | 503), "{name}: it goes on with {status}");
        }
        let dead = server.try_wait().unwrap().is_some();
        if place.what == KILL {
            assert!(dead || place.path.is_empty(), "{name}: no such call was made");
        } else if !place.path.is_empty() {
            assert!(injected(), "{name}: no such call was made");
            // In the log, or by refusing: a full disk is no fault of the program.
            let said = ["ERROR", "\"status\":50"].iter().any(|word| self.said().contains(word));
            assert!(said || dead, "{name}: nothing was said: {}", self.said());
        }
        let _ = server.kill();
        server.wait().expect("it is gone");
    }

    /// Everything acknowledged is there, once, and nothing is wrong.
    async fn check(&self, name: &str, book: &Book) {
        let archive = app::open_archive(&self.config).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(archive.check_continuity().await.unwrap(), Vec::<String>::new(), "{name}");
        while archive.sign_checkpoints().await.unwrap() {}
        let sql = "select r.message, m.subject, r.number, r.year from registration r
            join message m on m.id = r.message order by r.number";
        let rows: Vec<(String, String, i64, i32)> = archive.database().all(sql, args![]).await.unwrap();
        for (place, (_, subject, number, _)) in rows.iter().enumerate() {
            assert_eq!(usize::try_from(*number).unwrap(), place + 1, "{name}: {subject}: a gap");
        }
        for (key, told) in book.lock().unwrap().iter() {
            let found: Vec<_> = rows.iter().filter(|(_, subject, ..)| subject == key).collect();
            assert!(found.len() <= 1, "{name}: {key} was filed twice");
            if let Some((id, number)) = told {
                let kept = found.first().is_some_and(|(message, _, n, year)| {
                    message == id && *number == format!("{n:07}/{year}")
                });
                assert!(kept, "{name}: {key} was acknowledged as {number}: {found:?}");
            }
        }
        let outcome = archive.fsck().await.unwrap();
        assert_eq!(outcome.findings, vec![], "{name}: {}", self.said());
        archive.close().await;
    }
}

fn number(name: &str, other: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(other)
}

#[test]
fn whatever_the_system_refuses_nothing_acknowledged_is_lost() {
    if or_say(strace::find()).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let town = runtime.block_on(Town::found());
    let book = Book::default();
    let one = |place: &Place, name: &str| {
        let began = Instant::now();
        town.run(place, name, &book);
        runtime.block_on(town.check(name, &book));
        eprintln!("{name}: {} {} {} {:?}", place.path, place.calls, place.what, began.elapsed());
    };
    for (number, place) in PLACES.iter().enumerate() {
        one(place, &format!("fault-{number}-{}", place.when.trim_end_matches('+')));
    }
    let (seed, more) = (number("PLICO_SEED", 20_261_122), number("PLICO_FAULTS", 0));
    let mut dice = Dice(seed | 1);
    for number in 0..more {
        let when = (1 + dice.roll(60)).to_string();
        let place = Place {
            calls: CALLS[dice.roll(CALLS.len() as u64) as usize],
            what: WHATS[dice.roll(WHATS.len() as u64) as usize],
            when: when.leak(),
            path: "",
            stops: false,
        };
        one(&place, &format!("random-{seed}-{number}"));
    }
    let told = book.lock().unwrap().values().flatten().count();
    eprintln!("{told} acknowledged of {}", book.lock().unwrap().len());
    assert!(told > PLACES.len() / 2, "hardly anything was acknowledged");
}
