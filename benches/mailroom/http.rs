//! Filings over HTTP on the real program, beside two syncs of a file of the same size, and beside Postfix and Dovecot that
//! store as many messages of the same size (`../shared/baselines/mail.sh`, where it is there).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use plico_desk::token::TokenForm;

use crate::RUNS;
use crate::probe::median;
use crate::town::town;

const SIZE: usize = 50_000;
/// Filings of one measurement.
const FILINGS: usize = 320;
const CLIENTS: usize = 16;

pub struct Served {
    program: Child,
    pub address: SocketAddr,
    /// One for each client: calls are counted by token.
    tokens: Vec<String>,
    office: String,
    folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Served {
    /// The process.
    pub fn id(&self) -> u32 {
        self.program.id()
    }
}

/// The real program over a fresh archive.
pub async fn served() -> Served {
    let town = town().await;
    let mut tokens = Vec::new();
    for client in 0..=CLIENTS {
        let form = TokenForm {
            account: String::new(),
            name: format!("bench {client}"),
            scopes: vec!["messages:write".into(), "messages:read".into()],
            days: 1,
        };
        tokens.push(town.desk.make_token(&town.citizen, form).await.expect("a token").0);
    }
    let archive = town.desk.archive().clone();
    let (office, folder) = (town.office, town.folder);
    drop(town.desk);
    archive.close().await;
    let address =
        TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    let at = |name: &str| folder.path().join(name);
    // Where the program expects them beside `data`.
    std::fs::rename(at("keys"), at("data.keys")).expect("its keys");
    std::fs::rename(at("signer"), at("data.signer")).expect("its signer's state");
    let program = Command::new(env!("CARGO_BIN_EXE_plico"))
        .args(["serve", "--data-dir"])
        .arg(at("data"))
        .args(["--listen", &address.to_string()])
        .env("PLICO_PUBLIC_URL", format!("http://{address}"))
        .env("PLICO_METRICS_LISTEN", "")
        .env("PLICO_ORIGIN_DOMAIN", "bench.example")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(at("log")).expect("a log"))
        .spawn()
        .expect("it starts");
    let served = Served { program, address, tokens, office, folder };
    let until = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(address).is_err() {
        let log = std::fs::read_to_string(served.folder.path().join("log")).unwrap_or_default();
        assert!(Instant::now() < until, "it does not come up: {log}");
        std::thread::sleep(Duration::from_millis(20));
    }
    served
}

/// One filing; answers how long its client waited.
fn file(served: &Served, client: usize, key: &str) -> Duration {
    let mut body = Vec::with_capacity(SIZE + 1024);
    for (name, value) in
        [("kind", "istanza"), ("office", &*served.office), ("subject", key), ("text", "Chiedo il rimborso.")]
    {
        let part = format!("--xXx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(
        b"--xXx\r\ncontent-disposition: form-data; name=\"files\"; filename=\"allegato.bin\"\r\n\r\n",
    );
    body.extend(key.bytes().cycle().take(SIZE));
    body.extend_from_slice(b"\r\n--xXx--\r\n");
    let head = format!(
        "POST /api/v1/messages HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
         authorization: Bearer {}\r\nidempotency-key: {key}\r\n\
         content-type: multipart/form-data; boundary=xXx\r\n\r\n",
        served.address,
        body.len(),
        served.tokens[client]
    );
    let began = Instant::now();
    let mut stream = TcpStream::connect(served.address).expect("a connection");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let took = began.elapsed();
    let line = String::from_utf8_lossy(&answer[..answer.len().min(400)]).into_owned();
    assert!(line.starts_with("HTTP/1.1 201"), "{line}");
    took
}

/// Two syncs of a file of the size of a filing.
fn two_syncs(folder: &Path) -> Duration {
    let bytes = vec![0x5a_u8; SIZE];
    let times = (0..64).map(|n| {
        let began = Instant::now();
        let mut file = std::fs::File::create(folder.join(format!("sync-{n}"))).expect("a file");
        for _ in 0..2 {
            file.write_all(&bytes).and_then(|()| file.sync_data()).expect("it is durable");
        }
        began.elapsed()
    });
    median(times.collect())
}

/// Messages that Postfix and Dovecot store in a second, by 16 sessions; `None` where they are not measured.
fn mail(folder: &Path) -> Option<f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/baselines/mail.sh");
    if !script.exists() {
        println!("Postfix and Dovecot are not measured: {} is not there", script.display());
        return None;
    }
    for program in ["/usr/sbin/postfix", "/usr/sbin/dovecot"] {
        if !Path::new(program).exists() {
            println!("Postfix and Dovecot are not measured: {program} is not there");
            return None;
        }
    }
    let output = Command::new("bash")
        .arg(script)
        .arg(folder.join("mail"))
        .args([&FILINGS.to_string(), &SIZE.to_string(), &CLIENTS.to_string(), "5"])
        .output()
        .expect("bash");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("{said}{}", String::from_utf8_lossy(&output.stderr));
    let stored = |line: &str| -> Option<f64> {
        line.ends_with(&format!("delivered {FILINGS}/{FILINGS}")).then_some(())?;
        let mut words = line.split_whitespace();
        words.find(|word| *word == "stored")?;
        words.next()?.strip_suffix("/s")?.parse().ok()
    };
    let mut rates: Vec<f64> = said.lines().filter_map(stored).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied()
}

pub async fn filing_over_http() {
    let (mut rates, mut waits, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    let mut mailed = None;
    for run in 0..RUNS {
        let served = served().await;
        // The first pays for fonts and statements.
        file(&served, CLIENTS, "warm");
        syncs.push(two_syncs(served.folder.path()));
        waits.push(median((0..64).map(|n| file(&served, CLIENTS, &format!("one-{n}"))).collect()));
        let began = Instant::now();
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let served = &served;
                scope.spawn(move || {
                    for n in 0..FILINGS / CLIENTS {
                        file(served, client, &format!("many-{client}-{n}"));
                    }
                });
            }
        });
        rates.push(began.elapsed());
        if run == 0 {
            mailed = mail(served.folder.path());
        }
    }
    let (wait, sync) = (median(waits), median(syncs));
    println!(
        "filing over HTTP, 50 KB, 1 client: {:.1} ms (median); two syncs of 50 KB {:.1} ms; ratio {:.1}",
        wait.as_secs_f64() * 1000.0,
        sync.as_secs_f64() * 1000.0,
        wait.as_secs_f64() / sync.as_secs_f64()
    );
    let rate = FILINGS as f64 / median(rates).as_secs_f64();
    print!("filing over HTTP, 50 KB, {CLIENTS} clients: {rate:.0}/s");
    match mailed {
        Some(mailed) => println!("; Postfix and Dovecot store {mailed:.0}/s; ratio {:.1}", rate / mailed),
        None => println!(),
    }
}
