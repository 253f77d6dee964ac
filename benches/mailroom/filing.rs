//! What a filing costs beside the same rows and bytes written raw.

use std::time::{Duration, Instant};

use plico_database::{Database, Mode, args};

use crate::RUNS;
use crate::probe::median;
use crate::town::{Town, draft, town};

/// Filings of one measurement.
const FILINGS: usize = 64;

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
pub async fn weight(database: &Database) -> (i64, i64) {
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

pub async fn accept(kilobytes: usize, clients: usize) {
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
