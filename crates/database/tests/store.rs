//! The façade on a real file.

use plico_database::{Arg, Database, DatabaseError, Mode, args};
use plico_testkit::real::postgres;
use std::ops::Deref;
use tempfile::TempDir;

const SQLITE: &str = "create table thing (id text primary key, n integer, b blob, f integer) strict";
const POSTGRES: &str = "create table thing (id text primary key, n bigint, b bytea, f boolean)";

/// A store whose folder goes with it.
struct Store(Database, #[expect(dead_code, reason = "held")] TempDir);

impl Deref for Store {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.0
    }
}

/// One on the engine of this run.
async fn store() -> Store {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(url) = postgres::wanted(folder.path()) else { return file().await };
    let location: plico_database::Location = url.parse().expect("an address");
    let database = Database::open(location, Mode::Create).await.expect("an empty database");
    database.execute(POSTGRES, args![]).await.expect("the table is created");
    Store(database, folder)
}

/// One on SQLite, for what is true of it alone.
async fn file() -> Store {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Database::open(folder.path().join("plico.db"), Mode::Create).await.expect("a store opens");
    database.execute(SQLITE, args![]).await.expect("the table is created");
    Store(database, folder)
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let database = store().await;
    let written = database
        .execute(
            "insert into thing values ($1, $2, $3, $4), ('nulls', $5, $6, $7)",
            args!["à", u64::MAX / 2, [0u8, 255], true, None::<i64>, None::<Vec<u8>>, None::<bool>],
        )
        .await
        .unwrap();
    assert_eq!(written, 2);
    let row: (String, i64, Vec<u8>, bool) =
        database.one("select id, n, b, f from thing where id = $1", args![&"à".to_owned()]).await.unwrap();
    assert_eq!(row, ("à".to_owned(), i64::MAX, vec![0, 255], true));
    let row: (Option<i64>, Option<Vec<u8>>, Option<bool>) =
        database.one("select n, b, f from thing where id = 'nulls'", args![]).await.unwrap();
    assert_eq!(row, (None, None, None));
}

#[tokio::test]
async fn a_number_too_large_is_refused_and_nothing_wraps() {
    let database = store().await;
    let error = database
        .execute("insert into thing values ('x', $1, null, null)", args![u64::MAX])
        .await
        .unwrap_err();
    assert!(matches!(error, DatabaseError::OutOfRange { value: u64::MAX }));
    assert_eq!(Arg::from(Some(3u64)), Arg::Integer(Some(3)));
}

#[tokio::test]
async fn errors_say_what_a_caller_can_act_on() {
    let database = store().await;
    const INSERT: &str = "insert into thing values ($1, 1, null, null)";
    database.execute(INSERT, args!["x"]).await.unwrap();
    assert!(database.execute(INSERT, args!["x"]).await.unwrap_err().is_unique_violation());
    let absent = database.one::<(i64,)>("select n from thing where id = 'y'", args![]).await;
    assert!(matches!(absent, Err(DatabaseError::NotFound)));
    let wrong = database.one::<(String,)>("select n from thing", args![]).await;
    assert!(matches!(wrong, Err(DatabaseError::Inconsistent { .. })));
    assert!(
        database
            .all::<(i64,)>("insert into thing values ('z', 1, null, null) returning n", args![])
            .await
            .is_err(),
        "readers do not write"
    );
}

#[tokio::test]
async fn a_full_device_is_recognised() {
    let database = file().await;
    // The limit of pages stands in for a full device: SQLite answers with the same code.
    let mut tx = database.begin().await.unwrap();
    let (pages,): (i64,) = tx.one("pragma page_count", args![]).await.unwrap();
    assert!(pages < 50);
    let _: (i64,) = tx.one("pragma max_page_count = 50", args![]).await.unwrap();
    let error = tx
        .execute("insert into thing values ('x', 1, $1, null)", args![vec![0u8; 1 << 20]])
        .await
        .unwrap_err();
    assert!(error.is_full(), "{error:?}");
    assert!(!error.is_sync_failure());
    // The engine has undone everything: what followed would be outside of any transaction.
    let next = tx.execute("insert into thing values ('y', 1, null, null)", args![]).await;
    assert!(matches!(next, Err(DatabaseError::Broken { full: true })));
    assert!(tx.commit().await.unwrap_err().is_full());
    assert_eq!(database.scalar_i64("select count(*) from thing", args![]).await.unwrap(), 0);
    database.execute("insert into thing values ('z', 1, null, null)", args![]).await.unwrap();
}

#[tokio::test]
async fn the_writer_survives_whatever_ends_a_transaction() {
    let database = store().await;
    const INSERT: &str = "insert into thing values ($1, 1, null, null)";
    // Ended behind its back: the commit itself fails, or is of nothing.
    let mut tx = database.begin().await.unwrap();
    tx.execute(INSERT, args!["a"]).await.unwrap();
    tx.execute("rollback", args![]).await.unwrap();
    assert_eq!(tx.commit().await.is_err(), database.file().is_some());
    // After an error nothing more is done, and nothing is committed.
    let mut tx = database.begin().await.unwrap();
    tx.execute(INSERT, args!["a"]).await.unwrap();
    assert!(tx.execute(INSERT, args!["a"]).await.unwrap_err().is_unique_violation());
    let next = tx.execute(INSERT, args!["aa"]).await;
    assert!(matches!(next, Err(DatabaseError::Broken { full: false })));
    assert!(matches!(tx.commit().await, Err(DatabaseError::Broken { .. })));
    // Unless what failed is undone.
    let mut tx = database.begin().await.unwrap();
    tx.savepoint().await.unwrap();
    assert!(tx.execute("insert into thing (id) values (null)", args![]).await.is_err());
    tx.rollback_to_savepoint().await.unwrap();
    tx.execute(INSERT, args!["kept"]).await.unwrap();
    tx.commit().await.unwrap();
    database.execute("delete from thing where id = 'kept'", args![]).await.unwrap();
    // A deferred constraint lets the commit fail and the transaction stay open.
    database
        .execute("create table child (id text references thing (id) deferrable initially deferred)", args![])
        .await
        .unwrap();
    let mut tx = database.begin().await.unwrap();
    tx.execute("insert into child values ('nobody')", args![]).await.unwrap();
    assert!(tx.commit().await.unwrap_err().is_foreign_key_violation());
    // Dropped, and abandoned while it begins.
    drop(database.begin().await.unwrap());
    let held = database.begin().await.unwrap();
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), database.begin()).await;
    assert!(waiting.is_err());
    drop(held);
    for step in 0..30 {
        let begin = database.begin();
        let _ = tokio::time::timeout(std::time::Duration::from_micros(step * 10), begin).await;
    }
    for id in ["b", "c"] {
        let mut tx = database.begin().await.unwrap();
        tx.execute(INSERT, args![id]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let rows: Vec<(String,)> = database.all("select id from thing order by id", args![]).await.unwrap();
    assert_eq!(rows, [("b".to_owned(),), ("c".to_owned(),)]);
    assert_eq!(database.scalar_i64("select count(*) from child", args![]).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_row_numbers_without_gaps_under_writers_that_roll_back() {
    let database = store().await;
    database.execute("insert into thing values ('head', 0, null, null)", args![]).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8u32 {
        let database = Database::clone(&database);
        writers.spawn(async move {
            for round in 0..25u32 {
                let mut tx = database.begin().await.unwrap();
                let number = tx
                    .scalar_i64("update thing set n = n + 1 where id = 'head' returning n", args![])
                    .await
                    .unwrap();
                let id = format!("{number:07}");
                tx.execute("insert into thing values ($1, $2, null, null)", args![id, number]).await.unwrap();
                match (writer + round) % 10 {
                    0 => tx.rollback().await.unwrap(),
                    1 => drop(tx),
                    _ => tx.commit().await.unwrap(),
                }
            }
        });
    }
    writers.join_all().await;
    let numbers: Vec<(i64,)> =
        database.all("select n from thing where id <> 'head' order by n", args![]).await.unwrap();
    let kept = (0..8u32).flat_map(|w| (0..25u32).map(move |r| (w + r) % 10)).filter(|rest| *rest > 1).count();
    assert_eq!(numbers.len(), kept);
    assert!(numbers.iter().enumerate().all(|(index, number)| number.0 == index as i64 + 1));
}

#[tokio::test]
async fn what_is_left_to_be_written_runs_before_whatever_answers_and_in_its_order() {
    let database = store().await;
    const INSERT: &str = "insert into thing values ($1, $2, null, null)";
    const MORE: &str = "update thing set n = n * $2 + $1 where id = 'a'";
    let count = "select count(*) from thing";
    let mut tx = database.begin().await.unwrap();
    tx.write(INSERT, args!["a", 1]).unwrap();
    // More than one exchange takes, and in an order that shows.
    for n in 0..40 {
        tx.write(MORE, args![n % 2, 2]).unwrap();
        tx.write("update thing set n = n - 1 where id = $1", args!["a"]).unwrap();
    }
    let expected = (0..40).fold(1_i64, |n, step| n * 2 + step % 2 - 1);
    assert_eq!(tx.scalar_i64("select n from thing where id = $1", args!["a"]).await.unwrap(), expected);
    // An answer is the last statement's alone.
    tx.write(INSERT, args!["b", 1]).unwrap();
    assert_eq!(tx.execute("update thing set f = $1 where id = $2", args![true, "a"]).await.unwrap(), 1);
    tx.write(INSERT, args!["c", 1]).unwrap();
    let ids: Vec<(String,)> =
        tx.all("select id from thing where n <= $1 order by id", args![1]).await.unwrap();
    assert_eq!(ids, [("b".to_owned(),), ("c".to_owned(),)]);
    // What nothing followed is written by the commit.
    tx.write(INSERT, args!["d", 1]).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(database.scalar_i64(count, args![]).await.unwrap(), 4);
    // Or by nobody.
    let mut tx = database.begin().await.unwrap();
    tx.write(INSERT, args!["e", 1]).unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(database.scalar_i64(count, args![]).await.unwrap(), 4);
}

#[tokio::test]
async fn what_fails_among_what_was_left_fails_what_answers_and_is_undone() {
    let database = store().await;
    const INSERT: &str = "insert into thing values ($1, 1, null, null)";
    let count = "select count(*) from thing";
    let mut tx = database.begin().await.unwrap();
    tx.write(INSERT, args!["a"]).unwrap();
    for late in [false, true] {
        tx.savepoint().await.unwrap();
        tx.write(INSERT, args!["b"]).unwrap();
        // SQLite says it at once, PostgreSQL when something answers.
        let failed = match tx.write(INSERT, args!["a"]) {
            Ok(()) if late => tx.release().await,
            Ok(()) => tx.scalar_i64(count, args![]).await.map(drop),
            failed => failed,
        };
        assert!(failed.unwrap_err().is_unique_violation());
        assert!(matches!(tx.write(INSERT, args!["c"]), Err(DatabaseError::Broken { .. })));
        tx.rollback_to_savepoint().await.unwrap();
    }
    // Undone before anything of it ran.
    tx.savepoint().await.unwrap();
    tx.write(INSERT, args!["d"]).unwrap();
    tx.rollback_to_savepoint().await.unwrap();
    // What cannot be bound is refused at once, and nothing is lost.
    assert!(matches!(tx.write(INSERT, args!["x\0"]), Err(DatabaseError::Unstorable)));
    tx.savepoint().await.unwrap();
    tx.write(INSERT, args!["e"]).unwrap();
    tx.release().await.unwrap();
    tx.commit().await.unwrap();
    let rows: Vec<(String,)> = database.all("select id from thing order by id", args![]).await.unwrap();
    assert_eq!(rows, [("a".to_owned(),), ("e".to_owned(),)]);
    // Without a savepoint everything is.
    let mut tx = database.begin().await.unwrap();
    tx.write(INSERT, args!["f"]).unwrap();
    let failed = match tx.write(INSERT, args!["a"]) {
        Ok(()) => tx.commit().await,
        failed => failed,
    };
    assert!(failed.unwrap_err().is_unique_violation());
    assert_eq!(database.scalar_i64(count, args![]).await.unwrap(), 2);
}

#[tokio::test]
async fn a_savepoint_undoes_one_act_of_a_group() {
    let database = store().await;
    let mut tx = database.begin().await.unwrap();
    for (id, keep) in [("a", true), ("b", false), ("c", true)] {
        tx.savepoint().await.unwrap();
        tx.execute("insert into thing values ($1, null, null, null)", args![id]).await.unwrap();
        if keep { tx.release().await.unwrap() } else { tx.rollback_to_savepoint().await.unwrap() }
    }
    tx.commit().await.unwrap();
    let ids: Vec<(String,)> = database.all("select id from thing order by id", args![]).await.unwrap();
    assert_eq!(ids, [("a".to_owned(),), ("c".to_owned(),)]);
}

#[tokio::test]
async fn a_snapshot_does_not_move_and_does_not_block_the_writer() {
    let database = store().await;
    const COUNT: &str = "select count(*) from thing";
    let mut snapshot = database.snapshot().await.unwrap();
    assert_eq!(snapshot.scalar_i64(COUNT, args![]).await.unwrap(), 0);
    database.execute("insert into thing values ('x', null, null, null)", args![]).await.unwrap();
    assert_eq!(snapshot.scalar_i64(COUNT, args![]).await.unwrap(), 0);
    assert!(snapshot.execute("delete from thing", args![]).await.is_err());
    drop(snapshot);
    assert_eq!(database.scalar_i64(COUNT, args![]).await.unwrap(), 1);
    assert!(database.checkpoint_wal().await.unwrap());
}

#[tokio::test]
async fn what_an_older_reader_still_sees_is_waited_for_before_everything_is_written_anew() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if postgres::wanted(folder.path()).is_none() {
        return;
    }
    let database = store().await;
    database.execute("insert into thing values ('a', 1, $1, true)", args![[7u8]]).await.unwrap();
    let mut old = database.snapshot().await.unwrap();
    assert_eq!(old.scalar_i64("select count(*) from thing", args![]).await.unwrap(), 1);
    database.execute("delete from thing where n = $1", args![1]).await.unwrap();
    let waited = std::pin::pin!(database.rewrite());
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), waited).await;
    assert!(early.is_err(), "the row that the old reader sees is in the new file too");
    old.rollback().await.unwrap();
    // Whoever began after the row was gone keeps nothing of it.
    let mut young = database.snapshot().await.unwrap();
    assert_eq!(young.scalar_i64("select count(*) from thing", args![]).await.unwrap(), 0);
    young.rollback().await.unwrap();
    assert!(database.rewrite().await.unwrap());
}

#[tokio::test]
async fn a_backup_is_whole_and_private_and_opens() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let database = file().await;
    database.execute("insert into thing values ('x', 5, null, null)", args![]).await.unwrap();
    let copy = directory.path().join("copy.db");
    database.backup_into(&copy).await.unwrap();
    assert!(database.backup_into(&copy).await.is_err(), "never over an existing file");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let copy = Database::open(&copy, Mode::Existing).await.unwrap();
    assert_eq!(copy.scalar_i64("select n from thing", args![]).await.unwrap(), 5);
    assert!(copy.integrity_check().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_path_never_begins_a_second_history() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plico.db");
    assert!(matches!(Database::open(&path, Mode::Existing).await, Err(DatabaseError::Open { .. })));
    assert!(!path.exists());
    Database::open(&path, Mode::Create).await.unwrap().close().await;
    assert!(matches!(Database::open(&path, Mode::Create).await, Err(DatabaseError::Open { .. })));
    Database::open(&path, Mode::Existing).await.unwrap();
}

#[tokio::test]
async fn every_connection_is_as_durable_and_strict_as_promised() {
    let database = file().await;
    let mut writer = database.begin().await.unwrap();
    let mut reader = database.snapshot().await.unwrap();
    for tx in [&mut writer, &mut reader] {
        assert_eq!(tx.one::<(String,)>("pragma journal_mode", args![]).await.unwrap().0, "wal");
        for (pragma, value) in [
            ("pragma synchronous", 2),
            ("pragma secure_delete", 1),
            ("pragma foreign_keys", 1),
            ("pragma trusted_schema", 0),
            ("pragma busy_timeout", 10_000),
            ("pragma temp_store", 2),
        ] {
            assert_eq!(tx.scalar_i64(pragma, args![]).await.unwrap(), value, "{pragma}");
        }
    }
}

#[tokio::test]
async fn corruption_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plico.db");
    let database = Database::open(&path, Mode::Create).await.unwrap();
    database.execute("create table thing (id text primary key) strict", args![]).await.unwrap();
    for n in 0..500 {
        database.execute("insert into thing values ($1)", args![format!("{n:064}")]).await.unwrap();
    }
    database.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 512].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let database = Database::open(&path, Mode::Existing).await.unwrap();
    assert!(database.integrity_check().await.map_or(true, |lines| !lines.is_empty()));
}
