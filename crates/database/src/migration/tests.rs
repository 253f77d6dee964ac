use super::*;

const ONE: Migration = Migration {
    number: 1,
    name: "0001_one",
    sqlite: "create table one (a integer) strict;",
    postgres: "create table one (a bigint);",
};
const TWO: Migration = Migration {
    number: 2,
    name: "0002_two",
    sqlite: "create table two (b text) strict;
          create trigger two_stays before delete on two begin select raise(abort, 'two stays'); end;
          insert into two values ('x');",
    postgres: "create table two (b text);
          create function stays() returns trigger language plpgsql as $$ begin raise 'two stays'; end $$;
          create trigger two_stays before delete on two execute function stays();
          insert into two values ('x');",
};

/// An empty store on the engine of this run.
async fn empty() -> Database {
    let folder = tempfile::tempdir().unwrap();
    match plico_testkit::real::postgres::wanted(folder.path()) {
        None => Database::memory().unwrap(),
        Some(url) => {
            // Its folder is kept: without it the database may go.
            std::mem::forget(folder);
            Database::open(url.parse::<crate::Location>().unwrap(), crate::Mode::Create).await.unwrap()
        }
    }
}

#[test]
fn the_list_is_numbered_from_one_without_gaps_and_names_say_the_number() {
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        assert_eq!(migration.number as usize, index + 1);
        assert!(migration.name.starts_with(&format!("{:04}_", migration.number)), "{}", migration.name);
    }
}

#[tokio::test]
async fn the_programs_own_migrations_apply_to_an_empty_database() {
    let database = empty().await;
    apply(&database, 1).await.unwrap();
    assert!(pending(&database).await.unwrap().is_empty());
    assert!(database.integrity_check().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_pending_is_applied_once_and_recorded() {
    let database = empty().await;
    assert_eq!(apply_of(&database, &[ONE], 7).await.unwrap().len(), 1);
    assert_eq!(pending_of(&database, &[ONE, TWO]).await.unwrap().len(), 1);
    assert_eq!(apply_of(&database, &[ONE, TWO], 8).await.unwrap().len(), 1);
    assert!(apply_of(&database, &[ONE, TWO], 9).await.unwrap().is_empty());
    let rows: Vec<(i64, String, i64)> =
        database.all("select number, name, applied_ms from schema_migration", args![]).await.unwrap();
    assert_eq!(rows, [(1, "0001_one".to_owned(), 7), (2, "0002_two".to_owned(), 8)]);
    let refused = database.execute("delete from two", args![]).await.unwrap_err();
    assert!(refused.is_refused_as_final());
}

#[tokio::test]
async fn a_newer_database_and_an_edited_migration_are_refused() {
    let database = empty().await;
    apply_of(&database, &[ONE, TWO], 1).await.unwrap();
    assert!(matches!(apply_of(&database, &[ONE], 2).await, Err(MigrationError::Newer { number: 2, .. })));
    let edited = Migration { sqlite: "create table one (a text) strict;", postgres: "-- other", ..ONE };
    assert!(matches!(
        apply_of(&database, &[edited, TWO], 2).await,
        Err(MigrationError::Changed { number: 1, .. })
    ));
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let database = empty().await;
    let broken = Migration {
        sqlite: "create table kept (a integer) strict; insert into absent values (1);",
        postgres: "create table kept (a bigint); insert into absent values (1);",
        ..ONE
    };
    assert!(matches!(apply_of(&database, &[broken], 1).await, Err(MigrationError::Failed { number: 1, .. })));
    assert!(!database.has_table("kept").await.unwrap());
    assert_eq!(apply_of(&database, &[ONE], 2).await.unwrap().len(), 1);
}
