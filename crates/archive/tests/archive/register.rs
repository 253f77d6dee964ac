//! The built-in register under concurrency, over the years, and when acts are refused.

use std::collections::BTreeSet;

use plico_archive::ActError;
use plico_database::args;

use crate::ground::{Ground, NOON_MS, document, file, present};

const NUMBERS: &str = "select year, number from registration order by year, number";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_at_once_get_sixteen_series_without_a_gap() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    let mut tasks = Vec::new();
    for task in 0..16 {
        let archive = ground.archive.clone();
        tasks.push(tokio::spawn(async move {
            let mut numbers = Vec::new();
            for n in 0..6 {
                let id = format!("m{task}-{n}");
                if n % 3 == 2 {
                    // Takes a number and then thinks better of it.
                    let paper = document(&archive, &format!("{id}-1"), b"no").await;
                    let refused: Result<(), ActError<()>> = archive
                        .act(move |work| {
                            Box::pin(async move {
                                present(work, &id, paper).await?;
                                Err(ActError::Refused(()))
                            })
                        })
                        .await;
                    assert!(refused.is_err());
                } else {
                    numbers.push(file(&archive, &id, id.as_bytes()).await.unwrap());
                }
            }
            numbers
        }));
    }
    let mut given = BTreeSet::new();
    for task in tasks {
        for number in task.await.unwrap() {
            assert!(given.insert(number), "{number} was given twice");
        }
    }
    assert_eq!(given, (1..=64).collect());
    let rows: Vec<(i32, i64)> = ground.archive.database().all(NUMBERS, args![]).await.unwrap();
    assert_eq!(rows, (1..=64).map(|n| (2026, n)).collect::<Vec<_>>());
    assert_eq!(ground.archive.fsck().await.unwrap().findings, vec![]);
}

/// As many as a town registers in a year.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_by_sixteen_have_no_gap_and_no_number_twice() {
    const WORKERS: usize = 16;
    const EACH: usize = 625;
    let ground = Ground::new().await;
    ground.office("tributi").await;
    let mut tasks = Vec::new();
    for worker in 0..WORKERS {
        let archive = ground.archive.clone();
        tasks.push(tokio::spawn(async move {
            let mut numbers = Vec::with_capacity(EACH);
            for n in 0..EACH {
                numbers.push(file(&archive, &format!("m{worker}-{n}"), b"istanza").await.unwrap());
            }
            numbers
        }));
    }
    let mut given = Vec::new();
    for task in tasks {
        let numbers = task.await.unwrap();
        assert!(numbers.is_sorted(), "whoever waits for his answer gets a later number");
        given.extend(numbers);
    }
    given.sort_unstable();
    assert_eq!(given, (1..=(WORKERS * EACH) as u64).collect::<Vec<_>>());
    let rows: Vec<(i32, i64)> = ground.archive.database().all(NUMBERS, args![]).await.unwrap();
    assert_eq!(rows, (1..=(WORKERS * EACH) as i64).map(|n| (2026, n)).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_year_is_romes_and_never_runs_backwards() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    assert_eq!(ground.file("m1", b"novembre").await, 1);
    // 31 December 2026, 23:30 UTC: in Rome it is 2027 already.
    let eve = 1_798_759_800_000;
    ground.later(eve - NOON_MS);
    assert_eq!(ground.file("m2", b"capodanno").await, 1);
    // The clock falls back an hour: the log's instants and the register's year do not.
    ground.later(-3_600_000);
    assert_eq!(ground.file("m3", b"dopo").await, 2);
    let rows: Vec<(i32, i64)> = ground.archive.database().all(NUMBERS, args![]).await.unwrap();
    assert_eq!(rows, [(2026, 1), (2027, 1), (2027, 2)]);
    assert_eq!(ground.archive.fsck().await.unwrap().findings, vec![]);
}
