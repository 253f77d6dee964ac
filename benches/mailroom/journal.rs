//! What the journal costs: acts beside their rows written raw, what leaves, tiles and checkpoints add, how soon a
//! checkpoint covers an act, and how fast the log is read again.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plico_archive::fsck::Check;
use plico_archive::{ActError, Archive, NewDocument, NewEvent, Work, hex};
use plico_crypto::DataKey;
use plico_crypto::digest::sha256;
use plico_database::{Arg, Cell, Column, Database, Record, Row, Unreadable, args};
use plico_journal::Leaf;
use plico_journal::leaf::part_commitment;
use plico_journal::merkle::leaf_hash;
use plico_record::act::{Basis, Content, Formation, FormationChecks, MessagePresented, MessageRegistered};
use plico_record::part::{DocumentEntry, RegisterPart, RegisteredDocument};
use plico_vault::Place;

use crate::RUNS;
use crate::probe::{median, processor};
use crate::town::{BODY, Town, town};

/// Acts of one measurement.
const ACTS: usize = 8_192;
/// So many at once: as many as one transaction takes.
const TOGETHER: usize = 256;
/// Acts of one raw transaction.
const BATCH: usize = 1_000;

/// A presentation with a document of 2 KB and its registration: the archive's part of a filing.
async fn present(archive: &Archive, town: &Arc<Town>, id: String) -> i64 {
    let key = DataKey::new(archive.entropy().bytes());
    let mut content = [0x5a_u8; 2048];
    content[..id.len()].copy_from_slice(id.as_bytes());
    let stored =
        archive.vault().store(&key, archive.entropy().bytes(), &content[..]).await.expect("a small blob");
    let Place::Row(row) = stored.place else { unreachable!("it is small") };
    let sha256 = hex(&stored.sha256);
    let entry = DocumentEntry {
        id: format!("{id}-1"),
        name: "istanza.pdf".into(),
        media_type: "application/pdf".into(),
        size: content.len() as u64,
        sha256: sha256.clone(),
        salt: String::new(),
        role: "primary".into(),
        verification: None,
        sealed: false,
    };
    let document = NewDocument { entry, blob: stored.blob, key, row: Some(row) };
    let town = Arc::clone(town);
    let done: Result<i64, ActError<()>> = archive
        .act(move |work: &mut Work| {
            Box::pin(async move {
                let person = town.citizen.person().expect("a person");
                let presented = MessagePresented {
                    content: Content {
                        message: id.clone(),
                        kind: "istanza".into(),
                        office: town.office.clone(),
                        subject: "Rimborso".into(),
                        text: "Chiedo il rimborso.".into(),
                        thread: id.clone(),
                        reply_to: None,
                        effect: None,
                    },
                    sender: person.into(),
                    basis: Basis::Identity,
                    formation: Formation {
                        document_type: "istanza".into(),
                        mode: "d".into(),
                        confidential: false,
                        format: "application/pdf".into(),
                        verification: FormationChecks::default(),
                        retention_years: 10,
                    },
                    due: None,
                    arrival: None,
                    others: vec![],
                };
                let mut event = NewEvent::by(&town.citizen, &id, presented);
                event.documents = vec![document];
                let at = work.append(event).await?.instant_ms;
                let number = work.next_number(BODY).await?;
                let registered = MessageRegistered {
                    message: id.clone(),
                    area: number.area.clone(),
                    year: number.year,
                    number: number.number,
                    direction: "in".into(),
                    outgoing: None,
                    formation: None,
                    from_office: None,
                };
                let mut event = NewEvent::by(&town.citizen, &id, registered);
                event.register = Some(RegisterPart {
                    v: 1,
                    area: number.area,
                    year: number.year,
                    number: number.number,
                    direction: "in".into(),
                    at,
                    presented: Some(at),
                    parties: vec!["Maria Rossi".into()],
                    subject: "Rimborso".into(),
                    office: town.office.clone(),
                    documents: vec![RegisteredDocument { name: "istanza.pdf".into(), sha256 }],
                    outside: None,
                });
                Ok(work.append(event).await?.index)
            })
        })
        .await;
    done.expect("an act")
}

/// `ACTS` of them by `TOGETHER` at once; answers how long it took, the processor's time, and of each event when it
/// was acknowledged.
async fn acts(town: &Arc<Town>) -> (Duration, Duration, Vec<(i64, Instant)>) {
    let archive = town.desk.archive().clone();
    let acknowledged = Arc::new(Mutex::new(Vec::with_capacity(ACTS)));
    let (began, before) = (Instant::now(), processor());
    let tasks: Vec<_> = (0..TOGETHER)
        .map(|client| {
            let (archive, town) = (archive.clone(), Arc::clone(town));
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(async move {
                for n in 0..ACTS / TOGETHER {
                    let index = present(&archive, &town, format!("m{client}-{n}")).await;
                    acknowledged.lock().expect("nobody panicked").push((index, Instant::now()));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client ends well");
    }
    let took = (began.elapsed(), processor().saturating_sub(before));
    let acknowledged = std::mem::take(&mut *acknowledged.lock().expect("nobody panicked"));
    (took.0, took.1, acknowledged)
}

/// Tables that an act writes to.
const TABLES: [&str; 10] = [
    "event",
    "subject",
    "part",
    "access_grant",
    "blob",
    "job",
    "message",
    "document",
    "registration",
    "tally",
];
const TABLE: &str = "select sql from sqlite_schema where type = 'table' and name = $1";
const INDEXES: &str =
    "select sql from sqlite_schema where type = 'index' and tbl_name = $1 and sql is not null";

/// A row as it is.
struct Line(Vec<Arg>);

struct Value(Arg);

impl Column for Value {
    const EXPECTED: &'static str = "anything";

    fn read(cell: Cell<'_>) -> Option<Self> {
        Some(Self(match cell {
            Cell::Null => Arg::Integer(None),
            Cell::Integer(number) => Arg::Integer(Some(number)),
            Cell::Boolean(truth) => Arg::Boolean(Some(truth)),
            Cell::Text(text) => Arg::from(text),
            Cell::Blob(bytes) => Arg::from(bytes),
            Cell::Other(_) => return None,
        }))
    }
}

impl Record for Line {
    fn read(row: &Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self((0..).map_while(|place| row.at::<Value>(place).ok()).map(|value| value.0).collect()))
    }
}

/// The rows of all acts once more, into empty tables with the same keys and indexes, in transactions of `BATCH` acts: they
/// are at hand, nothing is made, sealed or looked up.
async fn raw(database: &Database) -> Duration {
    let leak = |sql: String| -> &'static str { sql.leak() };
    let mut tables = Vec::new();
    for table in TABLES {
        let sql = database.scalar_text(TABLE, args![table]).await.expect("a schema").expect("a table");
        let made = sql.replacen(&format!("CREATE TABLE {table} "), &format!("CREATE TABLE raw_{table} "), 1);
        assert_ne!(sql, made);
        database.execute(leak(made), args![]).await.expect("a table");
        let indexes: Vec<(String,)> = database.all(INDEXES, args![table]).await.expect("its indexes");
        for (sql,) in indexes {
            let made = sql.replacen("CREATE INDEX ", "CREATE INDEX raw_", 1).replacen(
                &format!(" on {table} "),
                &format!(" on raw_{table} "),
                1,
            );
            database.execute(leak(made), args![]).await.expect("an index");
        }
        let all = leak(format!("select * from {table} order by rowid"));
        let rows: Vec<Line> = database.all(all, args![]).await.expect("rows");
        let columns = rows.first().map_or(0, |row| row.0.len());
        let places: Vec<String> = (1..=columns).map(|place| format!("${place}")).collect();
        let insert = leak(format!("insert into raw_{table} values ({})", places.join(", ")));
        tables.push((insert, rows.len().div_ceil(ACTS.div_ceil(BATCH)), rows.into_iter()));
    }
    let began = Instant::now();
    for _ in 0..ACTS.div_ceil(BATCH) {
        let mut tx = database.begin().await.expect("a transaction");
        for (insert, together, rows) in &mut tables {
            for row in rows.take(*together) {
                tx.write(insert, row.0).expect("a row");
            }
        }
        tx.commit().await.expect("a commit");
    }
    began.elapsed()
}

pub async fn beside_raw() {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let town = Arc::new(town().await);
        ours.push(acts(&town).await.0);
        theirs.push(raw(town.desk.archive().database()).await);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let rate = |took: Duration| ACTS as f64 / took.as_secs_f64();
    println!(
        "acts, {TOGETHER} at once: {:.0}/s; the same rows written raw, {BATCH} acts a transaction: {:.0}/s; ratio {:.2}",
        rate(ours),
        rate(theirs),
        rate(ours) / rate(theirs)
    );
}

/// What leaves, tiles and checkpoints add to the processor's time of the same acts.
pub async fn overhead() {
    let (mut without, mut with, mut leaves) = (Vec::new(), Vec::new(), Vec::new());
    let mut lags = Vec::new();
    for _ in 0..RUNS {
        without.push(acts(&Arc::new(town().await)).await.1);

        let town = Arc::new(town().await);
        let archive = town.desk.archive().clone();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let follower = tokio::spawn({
            let archive = archive.clone();
            async move { archive.follow_with_checkpoints().await }
        });
        let watcher = tokio::spawn({
            let (archive, seen) = (archive.clone(), Arc::clone(&seen));
            async move {
                let mut checkpointed = archive.checkpointed();
                while checkpointed.changed().await.is_ok() {
                    let signed = archive.logs().await.expect("logs").iter().map(|log| log.signed).max();
                    seen.lock().expect("nobody panicked").push((signed.unwrap_or(0), Instant::now()));
                }
            }
        });
        let (_, processor, acknowledged) = acts(&town).await;
        with.push(processor);
        tokio::time::sleep(Duration::from_secs(3)).await;
        follower.abort();
        watcher.abort();
        let seen = std::mem::take(&mut *seen.lock().expect("nobody panicked"));
        for (index, at) in acknowledged {
            let covered = seen.iter().find(|(size, _)| *size > index).expect("a checkpoint covers it");
            lags.push(covered.1.saturating_duration_since(at));
        }
        leaves.push(leaf_work(&archive).await);
    }
    let (without, with, leaves) = (median(without), median(with), median(leaves));
    let added = with.saturating_sub(without) + leaves;
    println!(
        "leaves {:.2} s, tiles and checkpoints {:.2} s of {:.2} s of processor for {ACTS} acts: {:.0} %",
        leaves.as_secs_f64(),
        with.saturating_sub(without).as_secs_f64(),
        with.as_secs_f64(),
        100.0 * added.as_secs_f64() / with.saturating_sub(added).as_secs_f64()
    );
    lags.sort_unstable();
    println!(
        "a checkpoint covers an act {:.0} ms after its answer (median), {:.0} ms (99th of 100), {TOGETHER} at once",
        lags[lags.len() / 2].as_secs_f64() * 1000.0,
        lags[lags.len() * 99 / 100].as_secs_f64() * 1000.0
    );
}

/// Commitments, bytes and hash of the leaf of every event, made again.
async fn leaf_work(archive: &Archive) -> Duration {
    let all: Vec<(i64, i64, Vec<u8>)> =
        archive.database().all("select log, idx, leaf from event", args![]).await.expect("events");
    let mut work = Vec::with_capacity(all.len());
    for (log, index, leaf) in &all {
        let parts = archive.parts(*log, *index).await.expect("its parts");
        work.push((Leaf::parse(leaf).expect("a leaf"), parts));
    }
    let began = processor();
    for (leaf, parts) in &work {
        for part in parts {
            std::hint::black_box(part_commitment(&part.salt, &part.bytes));
        }
        std::hint::black_box(leaf_hash(&leaf.to_bytes().expect("its bytes")));
    }
    processor().saturating_sub(began)
}

/// Leaves, tiles and root of many events, beside reading the same rows and hashing them. `EVENTS` says how many.
pub async fn log_again() {
    let wanted = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000_i64);
    let town = town().await;
    let archive = town.desk.archive();
    let log = archive.logs().await.expect("logs").into_iter().find(|log| log.administration == BODY);
    let log = log.expect("the body's log");
    let began = Instant::now();
    let mut at = log.size;
    while at < wanted {
        let mut tx = archive.database().begin().await.expect("a transaction");
        let until = (at + 50_000).min(wanted);
        for index in at..until {
            let salt = sha256(&index.to_be_bytes());
            let subject: [u8; 16] = salt[..16].try_into().expect("16 bytes");
            let leaf = Leaf {
                origin: log.origin.clone(),
                index: index.cast_unsigned(),
                instant_ms: 1_795_258_800_000 + index,
                kind: "message.noted".into(),
                subject,
                previous: None,
                parts: ["act", "actor", "internal"].map(|name| (name.to_owned(), salt)).into(),
                documents: Vec::new(),
            };
            let bytes = leaf.to_bytes().expect("a leaf");
            let row = args![log.id, index, bytes, leaf.kind.as_str(), &subject, leaf.instant_ms];
            tx.execute(
                "insert into event (log, idx, leaf, kind, subject, instant_ms) values ($1, $2, $3, $4, $5, $6)",
                row,
            )
            .await
            .expect("an event");
        }
        at = until;
        tx.execute("update log set size = $2 where id = $1", args![log.id, at]).await.expect("it grows");
        tx.commit().await.expect("a commit");
    }
    while archive.sign_checkpoints().await.expect("a checkpoint") {}
    eprintln!("{wanted} events written and signed in {:.0} s", began.elapsed().as_secs_f64());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..if wanted > 1_000_000 { 1 } else { RUNS } {
        let began = Instant::now();
        let check = Check { log_only: true, ..Check::default() };
        let outcome = archive.fsck_as(&check).await.expect("it is read");
        assert!(outcome.events >= wanted.cast_unsigned() && outcome.tiles >= wanted.cast_unsigned() / 256);
        ours.push(began.elapsed());

        let began = Instant::now();
        let mut next = 0;
        loop {
            let sql = "select idx, leaf from event where log = $1 and idx >= $2 order by idx limit 1024";
            let rows: Vec<(i64, Vec<u8>)> =
                archive.database().all(sql, args![log.id, next]).await.expect("rows");
            let Some((last, _)) = rows.last() else { break };
            next = last + 1;
            for (_, leaf) in &rows {
                std::hint::black_box(sha256(leaf));
            }
        }
        theirs.push(began.elapsed());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "fsck --log-only of {wanted} events: {:.1} s; reading and hashing the same rows {:.1} s; ratio {:.2}",
        ours.as_secs_f64(),
        theirs.as_secs_f64(),
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
}
