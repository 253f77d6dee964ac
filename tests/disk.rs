//! The disk of the data fills up under the real program: it refuses and says so, nothing acknowledged is lost, and it goes on
//! when there is room again. The disk is a small one of its own, in a namespace where it may be mounted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plico::app;
use plico::config::Config;
use plico_database::args;

use crate::kill::{found, fsck, plico, ready, send};
use crate::support;

/// Bytes of the small disk.
const DISK: u64 = 64 << 20;
const RESERVE: u64 = 16 << 20;
/// Where the small disk is, in the process that has one.
const MOUNTED: &str = "SMALL_DISK_OF_THE_TEST";

/// What was acknowledged: key, identifier and number.
type Book = BTreeMap<String, (String, String)>;

struct Town {
    config: Config,
    address: SocketAddr,
    /// A caller may ask so often in a minute: several take turns.
    tokens: Vec<String>,
    office: String,
}

impl Town {
    /// One filing; the answer's status, and the problem's type when it is one.
    fn file(&self, key: &str, bytes: usize, book: &mut Book) -> (u16, String) {
        let file: Vec<u8> = key.bytes().cycle().take(bytes).collect();
        let fields = [
            ("kind", "istanza"),
            ("office", &*self.office),
            ("subject", key),
            ("text", "Chiedo il rimborso."),
        ];
        let (kind, body) = support::multipart(&fields, &[("allegato.bin", &file)]);
        let headers = format!(
            "authorization: Bearer {}\r\nidempotency-key: {key}\r\ncontent-type: {kind}\r\n",
            self.tokens[key.len() % self.tokens.len()]
        );
        let Some((status, answer)) = send(self.address, "POST /api/v1/messages", &headers, &body) else {
            return (0, String::new());
        };
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("an answer is JSON");
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if status == 201 || status == 200 {
            book.insert(key.to_owned(), (text("id"), text("registration_number")));
        }
        (status, text("type"))
    }

    /// Files until it is accepted.
    fn file_at_last(&self, key: &str, book: &mut Book) {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            match self.file(key, 20_000, book) {
                (200 | 201, _) => return,
                other => assert!(Instant::now() < until, "{key} is not accepted again: {other:?}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn serve(&self, reserve: u64) -> std::process::Child {
        let log = File::options().create(true).append(true).open(self.config.data_dir.with_extension("log"));
        let server = plico()
            .args(["serve", "--data-dir"])
            .arg(&self.config.data_dir)
            .args(["--listen", &self.config.listen])
            .env("PLICO_PUBLIC_URL", &self.config.public_url)
            .env("PLICO_METRICS_LISTEN", "")
            .env("PLICO_ORIGIN_DOMAIN", "archivio.borgo.example")
            .env("PLICO_LIMITS_RESERVE_BYTES", reserve.to_string())
            .stdout(Stdio::null())
            .stderr(log.expect("a file for its log"))
            .spawn()
            .expect("the program starts");
        ready(self.address, &self.config);
        server
    }

    async fn receipts_come(&self) {
        let archive = app::open_beside(&self.config).await.unwrap();
        let sql = "select count(*) from registration r
            where not exists (select 1 from receipt c where c.message = r.message and c.kind = 'registration')";
        let until = Instant::now() + Duration::from_mins(1);
        while archive.database().scalar_i64(sql, args![]).await.unwrap() > 0 {
            let log =
                || std::fs::read_to_string(self.config.data_dir.with_extension("log")).unwrap_or_default();
            assert!(Instant::now() < until, "receipts are missing: {}", log());
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        archive.close().await;
    }

    fn free(&self) -> u64 {
        let vault = plico_vault::Vault::open(&self.config.data_dir).unwrap();
        vault.free().unwrap().unwrap()
    }

    /// Fills the disk until so many bytes are free.
    fn fill(&self, leave: u64) {
        let ballast =
            File::options().create(true).append(true).open(self.config.data_dir.join("tmp/ballast"));
        let mut ballast = ballast.expect("ballast");
        while self.free() > leave {
            let size = (self.free() - leave).clamp(1, 1 << 20) as usize;
            if ballast.write_all(&vec![0; size]).is_err() {
                return;
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.config.data_dir.join("tmp/ballast")).expect("the ballast goes");
    }
}

/// Runs the test below in a namespace of its own, as root there, with a small disk.
#[test]
fn a_full_disk_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for flags in ["-rm", "-m"] {
        let inside = |script: &str| {
            let mut command = Command::new("unshare");
            command.args([flags, "--", "sh", "-c", script]).arg(&data);
            command
        };
        let mount = format!("mount -t tmpfs -o size={DISK} tmpfs \"$0\"");
        if !inside(&mount).output().is_ok_and(|output| output.status.success()) {
            continue;
        }
        let status = inside(&format!("{mount} && shift 0 && exec \"$@\""))
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "disk::inside_a_small_disk", "--nocapture", "--ignored"])
            .env(MOUNTED, folder.path())
            .status();
        assert!(status.unwrap().success(), "see above");
        return;
    }
    eprintln!("NOT TESTED: neither `unshare` nor `mount` is allowed here, so the disk cannot be filled");
}

#[test]
#[ignore = "runs inside `a_full_disk_loses_nothing`, which gives it a small disk"]
fn inside_a_small_disk() {
    let Some(folder) = std::env::var_os(MOUNTED) else { return };
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = Config {
        data_dir: Path::new(&folder).join("data"),
        listen: address.to_string(),
        public_url: format!("http://{address}"),
        origin_domain: "archivio.borgo.example".into(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (tokens, office) = runtime.block_on(found(&config));
    let town = Town { config, address, tokens, office };
    assert!(town.free() < DISK, "this is not the small disk");
    let mut book = Book::new();

    // With a reserve: refused before anything is full, and what was accepted is completed.
    let mut server = town.serve(RESERVE);
    assert_eq!(town.file("first", 20_000, &mut book).0, 201);
    town.fill(RESERVE - 1);
    let (status, problem) = town.file("refused", 20_000, &mut book);
    assert_eq!(status, 503, "{problem}");
    assert!(problem.ends_with("/disk-full"), "{problem}");
    assert!(town.free() > RESERVE / 2, "the reserve is there");
    town.make_room();
    town.file_at_last("refused", &mut book);
    // A job under way when the server is killed waits for the end of its lease: none is.
    runtime.block_on(town.receipts_come());
    server.kill().expect("SIGKILL");
    server.wait().expect("it is gone");

    // Without one: whatever meets the full disk is refused or acknowledged, and nothing in between.
    let mut server = town.serve(0);
    town.fill(3 << 20);
    let mut refused = 0;
    for n in 0..200 {
        match town.file(&format!("full-{n}"), 200_000, &mut book) {
            (201, _) => {}
            (503, problem) => {
                assert!(problem.ends_with("/disk-full"), "{problem}");
                refused += 1;
            }
            (429, _) => std::thread::sleep(Duration::from_secs(2)),
            other => panic!("full-{n}: {other:?}"),
        }
        town.fill(0);
        if refused > 20 {
            break;
        }
    }
    assert!(refused > 20, "the disk did not fill");
    let before = book.len();
    town.make_room();
    town.file_at_last("after", &mut book);
    assert_eq!(book.len(), before + 1, "without a restart");
    // Everything acknowledged gets its receipts: whatever follows met the full disk, too.
    runtime.block_on(town.receipts_come());
    server.kill().expect("SIGKILL");
    server.wait().expect("it is gone");

    let rows: Vec<(String, i64, i32)> = runtime.block_on(async {
        let archive = app::open_archive(&town.config).await.unwrap();
        let sql = "select message, number, year from registration order by number";
        let rows = archive.database().all(sql, args![]).await.unwrap();
        archive.close().await;
        rows
    });
    for (place, (_, number, _)) in rows.iter().enumerate() {
        assert_eq!(usize::try_from(*number).unwrap(), place + 1, "the numbers have a gap");
    }
    for (key, (id, told)) in &book {
        let found = rows
            .iter()
            .any(|(message, number, year)| message == id && *told == format!("{number:07}/{year}"));
        assert!(found, "{key} was acknowledged as {told}");
    }
    drop(runtime);
    fsck(&town.config);
}
