//! What a filing and a page of an inbox cost when the archive has grown. The rows of the past are made by the engine, with
//! sizes and keys as the writer gives them.

use std::time::{Duration, Instant};

use plico_archive::read::inbox;
use plico_database::{Database, args};

use crate::probe::median;
use crate::town::{BODY, draft, town};

/// Messages that the person of the town has, of all.
const OWN: i64 = 1_000;
const FILINGS: usize = 48;

/// Three events are a message; each has three parts.
const PAST: [&str; 8] = [
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2)
        insert into event select $1, i, randomblob(420), 'message.noted', randomblob(16), 1700000000000 + i from n",
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2)
        insert into part select $1, i, p.value, randomblob(300)
        from n, json_each('[\"act\",\"actor\",\"documents\"]') p",
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2)
        insert into access_grant select 'part:' || $1 || '/' || i || '/' || p.value, 'body', 'borgo', 1,
        randomblob(92), null from n, json_each('[\"act\",\"actor\",\"documents\"]') p",
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2 / 3)
        insert into subject select $1, randomblob(16), 'message', printf('B%026d', i), i * 3 from n",
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2 / 3)
        insert into message (id, administration, direction, kind, office, subject, text, thread, sender, author,
        author_name, instant_ms, state)
        select printf('B%026d', i), 'borgo', 'in', 'istanza', 'o' || (i % 40), 'Messaggio ' || i, 'Chiedo il rimborso.',
        printf('B%026d', i), 'p' || (i % 50000), 'a', 'A', 1700000000000 + i * 1000, 'registered' from n where $1 > 0",
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2 / 3)
        insert into document (id, administration, message, position, role, name, media_type, size, sha256, sealed, log,
        idx, instant_ms)
        select printf('D%026d', i), 'borgo', printf('B%026d', i), 0, 'primary', 'istanza.pdf', 'application/pdf', 2048,
        hex(randomblob(32)), 0, $1, i * 3, 1700000000000 + i * 1000 from n",
    "with recursive n (i) as (select 1000 union all select i + 1 from n where i < $2 / 3)
        insert into registration (administration, area, year, number, message, direction, registered_ms, day, subject,
        parties, office, digest)
        select 'borgo', 'AOO1', 2000 + i / 200000, i, printf('B%026d', i), 'in', 1700000000000 + i * 1000, '2020-01-01',
        'Messaggio ' || i, 'Maria Rossi', 'o' || (i % 40), hex(randomblob(32)) from n where $1 > 0",
    "update log set size = $2 + 1 where id = $1",
];
const MINE: &str = "update message set sender = $1 where rowid in (
    select rowid from message where rowid % (select max(1, count(*) / $2) from message) = 0)";

async fn grown(events: i64) -> (Duration, Duration) {
    let town = town().await;
    let desk = &town.desk;
    let database: &Database = desk.archive().database();
    let log = desk.archive().logs().await.expect("logs").into_iter().find(|log| log.administration == BODY);
    let log = log.expect("the body's log").id;
    for sql in PAST {
        database.execute(sql, args![log, events]).await.expect("a past");
    }
    let person = town.citizen.person().expect("a person");
    database.execute(MINE, args![person, OWN]).await.expect("messages of one's own");
    database.checkpoint_wal().await.expect("the log moves into the file");
    let (mut filings, mut pages) = (Vec::new(), Vec::new());
    for n in 0..FILINGS {
        let draft = draft(desk, &town.citizen, &town.office, &vec![b'x'; 50_000]).await;
        let began = Instant::now();
        desk.present(&town.citizen, &draft).await.expect("a filing");
        // The first ones read what later ones find in memory.
        if n >= FILINGS / 4 {
            filings.push(began.elapsed());
        }
    }
    for _ in 0..200 {
        let began = Instant::now();
        let (lines, _) = desk.inbox(&town.citizen, &inbox::Filter::default(), 20).await.expect("a page");
        assert_eq!(lines.len(), 20);
        pages.push(began.elapsed());
    }
    (median(filings), median(pages))
}

pub async fn growth() {
    let many = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000_i64);
    let few = grown(100_000).await;
    let much = grown(many).await;
    let ms = |took: Duration| took.as_secs_f64() * 1000.0;
    println!(
        "presenting: {:.1} ms at 100,000 events, {:.1} ms at {many}, ratio {:.2}; inbox page {:.2} and {:.2} ms, ratio {:.2}",
        ms(few.0),
        ms(much.0),
        ms(much.0) / ms(few.0),
        ms(few.1),
        ms(much.1),
        ms(much.1) / ms(few.1)
    );
}
