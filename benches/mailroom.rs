//! What a filing costs, as a ratio to the same rows and bytes written raw in the same run; a page of an inbox among
//! 10^5 messages; one receipt. `make bench`; figures are kept in docs/performance.md together with this command.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use plico::clock::SystemClock;
use plico_archive::read::inbox;
use plico_archive::{Archive, Begin, Paths};
use plico_database::{Database, Mode, args};
use plico_desk::account::Identity;
use plico_desk::admin::OfficeForm;
use plico_desk::draft::{Purpose, Words};
use plico_desk::kind::Kind;
use plico_desk::upload::Scan;
use plico_desk::{Actor, Desk, Limits};
use plico_locale::Catalogue;
use plico_record::fiscal::FiscalCode;
use plico_record::part::LoginPart;

const BODY: &str = "borgo";
/// Filings of one measurement.
const FILINGS: usize = 64;
/// Measurements; the median counts.
const RUNS: usize = 5;
/// Messages of the large inbox.
const MANY: i64 = 100_000;

struct Town {
    desk: Desk,
    citizen: Actor,
    office: String,
    folder: tempfile::TempDir,
}

fn login() -> LoginPart {
    LoginPart { v: 1, method: "demo".into(), level: "L2".into(), at: 0, evidence: serde_json::Value::Null }
}

async fn town() -> Town {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let paths = Paths {
        data: at("data"),
        database: Paths::file_in(&at("data")),
        key_file: at("keys"),
        signer: at("signer"),
    };
    let begin = Begin {
        domain: "bench.example".into(),
        administrations: vec![(BODY.into(), "Comune di Borgo".into(), "c_x000".into())],
        demo: true,
        seal_pem: None,
    };
    let archive = Archive::init(&paths, begin, Arc::new(SystemClock), plico::app::entropy())
        .await
        .expect("an archive begins");
    let catalogue = Arc::new(Catalogue::load().expect("catalogues"));
    let desk = Desk::new(archive, catalogue, Limits::default(), "http://127.0.0.1");
    let console = Actor::console(BODY, "bench");
    let form = OfficeForm {
        name: "Tributi".into(),
        responsible: "Rosa Neri".into(),
        from: "2020-01-01".into(),
        protocol: true,
        ..OfficeForm::default()
    };
    let office = desk.save_office(&console, form).await.expect("an office");
    let kind = Kind {
        code: "istanza".into(),
        name: "Istanza".into(),
        name_en: "Application".into(),
        help: String::new(),
        document_type: "istanza".into(),
        office: None,
        term_days: Some(30),
        silence: "none".into(),
        retention_years: 10,
        confidential: false,
        offered: true,
    };
    desk.save_kind(&console, kind).await.expect("a kind");
    let first15 = "RSSMRA80A41H501";
    let code = format!("{first15}{}", FiscalCode::check_of(first15).expect("a check character"));
    let identity = Identity {
        fiscal_code: FiscalCode::parse(&code).expect("a fiscal code"),
        name: "Maria Rossi".into(),
        email: None,
    };
    let person = desk.person_signs_in(BODY, identity, login()).await.expect("a person");
    let citizen =
        desk.person_actor(&person, None, Some(login())).await.expect("an actor").expect("a person is there");
    Town { desk, citizen, office, folder }
}

/// A draft with one attachment, ready to be sent.
async fn draft(desk: &Desk, citizen: &Actor, office: &str, bytes: &[u8]) -> String {
    let words = Words {
        kind: "istanza".into(),
        office: office.into(),
        subject: "Rimborso".into(),
        text: "Chiedo il rimborso.".into(),
    };
    let draft = desk.begin_draft(citizen, Purpose::Filing, None, words).await.expect("a draft");
    let (owner, _) = desk.draft_files(citizen, &draft).await.expect("its files");
    let mut upload = desk.begin_upload(citizen, &owner, "allegato.bin").await.expect("an upload");
    upload.write(bytes).await.expect("its bytes");
    desk.finish_upload(upload, async |_| Scan::Off).await.expect("it is stored");
    draft
}

/// Writes, uploads and sends `FILINGS` filings by `clients` at once: all of what a citizen waits for.
async fn filings(town: &Town, clients: usize, bytes: &[u8]) -> Duration {
    let began = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (desk, citizen) = (town.desk.clone(), town.citizen.clone());
            let (office, bytes) = (town.office.clone(), bytes.to_vec());
            tokio::spawn(async move {
                for _ in 0..FILINGS / clients {
                    let draft = draft(&desk, &citizen, &office, &bytes).await;
                    desk.present(&citizen, &draft).await.expect("a filing");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client ends well");
    }
    began.elapsed()
}

const TABLES: [&str; 10] = [
    "select count(*), coalesce(sum(length(leaf)), 0) from event",
    "select count(*), coalesce(sum(length(sealed)), 0) from part",
    "select count(*), coalesce(sum(length(wrapped)), 0) from access_grant",
    "select count(*), coalesce(sum(length(bytes)), 0) from blob",
    "select count(*), coalesce(sum(length(payload)), 0) from job",
    "select count(*), coalesce(sum(length(text) + length(subject)), 0) from message",
    "select count(*), coalesce(sum(length(name) + length(sha256)), 0) from document",
    "select count(*), coalesce(sum(length(subject) + length(parties)), 0) from registration",
    "select count(*), 24 * count(*) from subject",
    "select count(*), 16 * count(*) from tally",
];

/// Rows and bytes of the tables that a filing writes to.
async fn weight(database: &Database) -> (i64, i64) {
    let mut all = (0, 0);
    for sql in TABLES {
        let (rows, bytes): (i64, i64) = database.one(sql, args![]).await.expect("a count");
        all = (all.0 + rows, all.1 + bytes);
    }
    all
}

/// The same number of rows with as many bytes, one transaction a filing, one after the other: what the engine and
/// the disk cost without us.
async fn raw(folder: &std::path::Path, run: usize, rows: i64, bytes: i64) -> Duration {
    let database =
        Database::open(folder.join(format!("raw-{run}.db")), Mode::Create).await.expect("a database");
    let create = "create table raw (id integer primary key, bytes blob not null) strict";
    database.execute(create, args![]).await.expect("a table");
    let piece = vec![0x5a_u8; usize::try_from(bytes / rows.max(1)).expect("a size")];
    let began = Instant::now();
    for _ in 0..FILINGS {
        let mut tx = database.begin().await.expect("a transaction");
        for _ in 0..rows {
            tx.execute("insert into raw (bytes) values ($1)", args![piece.clone()]).await.expect("a row");
        }
        tx.commit().await.expect("a commit");
    }
    let took = began.elapsed();
    database.close().await;
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn accept(kilobytes: usize, clients: usize) {
    let bytes: Vec<u8> = (0..kilobytes * 1024).map(|n| (n % 251) as u8).collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let town = town().await;
        // Fonts, statements and pages are warm.
        let warm = draft(&town.desk, &town.citizen, &town.office, &bytes).await;
        let before = weight(town.desk.archive().database()).await;
        town.desk.present(&town.citizen, &warm).await.expect("a filing");
        let after = weight(town.desk.archive().database()).await;
        ours.push(filings(&town, clients, &bytes).await);
        // The upload's blob was written before `before` was read.
        let blob = i64::try_from(bytes.len()).expect("a size");
        theirs.push(raw(town.folder.path(), run, after.0 - before.0 + 1, after.1 - before.1 + blob).await);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let each = |all: Duration| all.as_secs_f64() * 1000.0 / FILINGS as f64;
    println!(
        "filing, {kilobytes} KB attachment, {clients:>2} clients: {:.2} ms each; raw {:.2} ms; ratio {:.2}",
        each(ours),
        each(theirs),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

const FILL: &str = "with recursive n (i) as (select 1 union all select i + 1 from n where i < $3)
    insert into message (id, administration, direction, kind, office, subject, text, thread, sender, author,
    author_name, instant_ms, state)
    select printf('B%026d', i), $1, 'in', 'istanza', 'o', 'Messaggio ' || i, 'Testo', printf('B%026d', i),
    case when i % 100 = 0 then $2 else 'p' || (i % 5000) end, 'a', 'A', 1700000000000 + i * 1000, 'registered' from n";

/// A page of the inbox of somebody with a thousand messages among all of them, and of the office's queue.
async fn inbox_page() {
    let town = town().await;
    let database = town.desk.archive().database();
    let person = town.citizen.person().expect("a person").to_owned();
    database.execute(FILL, args![BODY, person, MANY]).await.expect("many messages");
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        let filter = inbox::Filter::default();
        let (lines, _) = town.desk.inbox(&town.citizen, &filter, 20).await.expect("a page");
        assert_eq!(lines.len(), 20);
        times.push(began.elapsed());
    }
    let worst = times.iter().max().copied().unwrap_or_default();
    println!(
        "inbox page of 20 among {MANY} messages: {:.2} ms (worst {:.2} ms)",
        median(times).as_secs_f64() * 1000.0,
        worst.as_secs_f64() * 1000.0
    );
}

/// One receipt: proofs gathered, page laid out, everything embedded, stored. No seal.
async fn receipt() {
    let town = town().await;
    let archive = town.desk.archive();
    let draft = draft(&town.desk, &town.citizen, &town.office, b"allegato").await;
    for _ in 0..10 {
        let draft = self::draft(&town.desk, &town.citizen, &town.office, b"allegato").await;
        town.desk.present(&town.citizen, &draft).await.expect("a filing");
    }
    town.desk.present(&town.citizen, &draft).await.expect("a filing");
    while archive.sign_checkpoints().await.expect("a checkpoint") {}
    let mut times = Vec::new();
    for job in archive.claim("bench", 64).await.expect("jobs") {
        if job.kind == "receipt" {
            let began = Instant::now();
            town.desk.issue_receipt(&job.administration, &job.payload).await.expect("a receipt");
            times.push(began.elapsed());
        }
    }
    println!("one receipt, not sealed: {:.1} ms", median(times).as_secs_f64() * 1000.0);
}

/// Processor time of this process so far, user and system.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("what the system tells of us");
    // The name in parentheses may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<u64>().expect("ticks");
    // Hundredths of a second on every Linux of today.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Most memory in use since the last reset, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("what the system tells of us");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("KiB") / 1024
}

/// A dossier of 200 MB that cannot be compressed, beside copying the same files and hashing the copies.
async fn dossier() {
    const FILES: usize = 4;
    const SIZE: usize = 50_000_000;
    let town = town().await;
    let desk = &town.desk;
    let noise = |seed: u64| -> Vec<u8> {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        (0..SIZE / 8).flat_map(|_| next().to_le_bytes()).collect()
    };
    let plain = town.folder.path().join("plain");
    std::fs::create_dir(&plain).expect("a folder");
    let draft = draft(desk, &town.citizen, &town.office, b"primo").await;
    let (owner, _) = desk.draft_files(&town.citizen, &draft).await.expect("its files");
    for file in 0..FILES {
        let bytes = noise(file as u64 + 77);
        let mut upload =
            desk.begin_upload(&town.citizen, &owner, &format!("{file}.jpg")).await.expect("an upload");
        upload.write(&bytes).await.expect("its bytes");
        desk.finish_upload(upload, async |_| Scan::Off).await.expect("it is stored");
        std::fs::write(plain.join(file.to_string()), bytes).expect("the same, plain");
    }
    let filed = desk.present(&town.citizen, &draft).await.expect("a filing");
    let clerk = Actor {
        administration: BODY.into(),
        account: "bench".into(),
        name: "Bench".into(),
        who: plico_record::actor::Who::Staff {
            roles: vec![plico_record::actor::Role::Operator],
            offices: vec![town.office.clone()],
            protocol_office: true,
        },
        login: Some(login()),
    };
    let case = desk.open_case(&clerk, &town.office, "Bench").await.expect("a case file");
    desk.file_into_case(&clerk, &filed.message, &case).await.expect("filed");
    while desk.archive().sign_checkpoints().await.expect("a checkpoint") {}
    let (mut ours, mut probe, mut grown) = (Vec::new(), Vec::new(), 0);
    for run in 0..RUNS {
        let out = town.folder.path().join(format!("{run}.zip"));
        let plan = desk.dossier(&clerk, &case, "").await.expect("a plan");
        std::fs::write("/proc/self/clear_refs", "5").expect("the peak begins anew");
        let (before, began) = (peak(), processor());
        let file = std::io::BufWriter::new(std::fs::File::create(&out).expect("a file"));
        desk.pack_dossier(plan, file, |_| {}).await.expect("a dossier");
        ours.push(processor().saturating_sub(began));
        grown = grown.max(peak().saturating_sub(before));
        std::fs::remove_file(&out).expect("it was there");

        let began = processor();
        for file in 0..FILES {
            let (from, to) = (plain.join(file.to_string()), plain.join("copy"));
            std::fs::copy(from, &to).expect("a copy");
            let mut digest = plico_crypto::digest::Sha256::new();
            let (mut open, mut buffer) = (std::fs::File::open(&to).expect("the copy"), vec![0; 65_536]);
            loop {
                let count = std::io::Read::read(&mut open, &mut buffer).expect("the copy");
                if count == 0 {
                    break;
                }
                digest.update(&buffer[..count]);
            }
            std::hint::black_box(digest.finish());
        }
        probe.push(processor().saturating_sub(began));
    }
    let (ours, probe) = (median(ours), median(probe));
    println!(
        "dossier of {} MB: {:.2} s of processor; copy and SHA-256 of the same {:.2} s; ratio {:.1}; memory grows by {grown} MiB",
        FILES * SIZE / 1_000_000,
        ours.as_secs_f64(),
        probe.as_secs_f64(),
        ours.as_secs_f64() / probe.as_secs_f64()
    );
}

fn main() {
    // `cargo test --benches` runs this too: it measures only when asked.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for kilobytes in [50, 200] {
            for clients in [1, 16] {
                accept(kilobytes, clients).await;
            }
        }
        inbox_page().await;
        receipt().await;
        dossier().await;
    });
}
