//! A page of an inbox among many messages; one receipt.

use std::time::Instant;

use plico_archive::read::inbox;
use plico_database::args;
use plico_evidence::{Given, Policy, Verdict, verify};

use crate::probe::median;
use crate::town::{BODY, draft, town};

/// Messages of the large inbox.
const MANY: i64 = 100_000;

const FILL: &str = "with recursive n (i) as (select 1 union all select i + 1 from n where i < $3)
    insert into message (id, administration, direction, kind, office, subject, text, thread, sender, author,
    author_name, instant_ms, state)
    select printf('B%026d', i), $1, 'in', 'istanza', 'o', 'Messaggio ' || i, 'Testo', printf('B%026d', i),
    case when i % 100 = 0 then $2 else 'p' || (i % 5000) end, 'a', 'A', 1700000000000 + i * 1000, 'registered' from n";

/// A page of the inbox of somebody with a thousand messages among all of them, and of the office's queue.
pub async fn inbox_page() {
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

/// One receipt made: proofs gathered, page laid out, everything embedded, stored; no seal. And one verified.
pub async fn receipt() {
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
    for job in archive.claim("bench", 64, plico_archive::outbox::Wanted::All).await.expect("jobs") {
        if job.kind == "receipt" {
            let began = Instant::now();
            town.desk.issue_receipt(&job.administration, &job.payload).await.expect("a receipt");
            times.push(began.elapsed());
        }
    }
    println!("one receipt, not sealed: {:.1} ms", median(times).as_secs_f64() * 1000.0);

    let id = archive.database().scalar_text("select id from receipt order by id limit 1", args![]).await;
    let thing = format!("receipt:{}", id.expect("a row").expect("a receipt"));
    let reader = archive.open_granted(&thing).await.expect("it opens");
    let pdf = reader.read_all(16 * 1024 * 1024).await.expect("its bytes");
    let policy = archive.own_policy("http://127.0.0.1").await.expect("a policy");
    let policy = Policy::parse(policy.as_bytes()).expect("a policy");
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        let report = verify(&pdf, &Given::default(), Some(&policy), archive.now_ms());
        times.push(began.elapsed());
        assert_eq!(report.verdict, Verdict::Ok);
    }
    println!("one receipt verified: {:.2} ms", median(times).as_secs_f64() * 1000.0);
}
