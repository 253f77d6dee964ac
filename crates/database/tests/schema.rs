//! The two schemas are one: the same tables, columns, defaults, keys and indices, under the same names.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;

use plico_database::{Database, DatabaseError, Location, Mode, args, migration};
use plico_testkit::real::{or_say, postgres};

const SQLITE: &[&str] = &[
    // Columns of a primary key are never null in strict tables, whatever the pragma says.
    "select 'column ' || t.name || '.' || c.name || case lower(c.type) when 'blob' then ' bytes' else ' ' || lower(c.type) end
        || case when c.\"notnull\" or c.pk > 0 then ' not null' else '' end || coalesce(' default ' || c.dflt_value, '')
        from sqlite_schema t join pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'",
    "select 'key ' || t.name || ' (' || (select group_concat(name, ', ') from
        (select name from pragma_table_info(t.name) where pk > 0 order by pk)) || ')'
        from sqlite_schema t where t.type = 'table' and t.name not like 'sqlite_%'",
    "select 'index ' || t.name || case i.origin when 'c' then ' ' || i.name else '' end
        || case when i.\"unique\" then ' unique' else '' end || ' ('
        || (select group_concat(name, ', ') from (select name from pragma_index_info(i.name) order by seqno)) || ')'
        from sqlite_schema t join pragma_index_list(t.name) i where t.type = 'table' and i.origin <> 'pk'",
    "select 'foreign ' || t.name || ' (' || group_concat(f.\"from\", ', ') || ') to ' || f.\"table\"
        || ' (' || group_concat(f.\"to\", ', ') || ')' from sqlite_schema t join pragma_foreign_key_list(t.name) f
        where t.type = 'table' group by t.name, f.id, f.\"table\"",
    "select 'trigger ' || name || ' on ' || tbl_name from sqlite_schema where type = 'trigger'",
];
const POSTGRES: &[&str] = &[
    "select 'column ' || table_name || '.' || column_name || case data_type when 'bigint' then ' integer'
        when 'boolean' then ' integer' when 'bytea' then ' bytes' else ' ' || data_type end
        || case is_nullable when 'NO' then ' not null' else '' end
        || coalesce(' default ' || replace(replace(column_default, '::text', ''), 'false', '0'), '')
        from information_schema.columns where table_schema = current_schema()",
    "select case c.contype when 'p' then 'key ' else 'index ' end || t.relname || case c.contype when 'p' then ''
        else ' unique' end || ' (' || (select string_agg(a.attname, ', ' order by k.place)
        from unnest(c.conkey) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) || ')'
        from pg_constraint c join pg_class t on t.oid = c.conrelid
        where c.connamespace = current_schema()::regnamespace and c.contype in ('p', 'u')",
    "select 'index ' || t.relname || ' ' || i.relname || case x.indisunique when true then ' unique' else '' end || ' ('
        || (select string_agg(a.attname, ', ' order by k.place) from unnest(x.indkey) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number) || ')'
        from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        where t.relnamespace = current_schema()::regnamespace
        and not exists (select 1 from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))",
    "select 'foreign ' || t.relname || ' (' || (select string_agg(a.attname, ', ' order by k.place)
        from unnest(c.conkey) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) || ') to ' || o.relname || ' ('
        || (select string_agg(a.attname, ', ' order by k.place) from unnest(c.confkey) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number) || ')'
        from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class o on o.oid = c.confrelid
        where c.connamespace = current_schema()::regnamespace and c.contype = 'f'",
    // `truncate` is a statement of its own there.
    "select 'trigger ' || g.tgname || ' on ' || t.relname from pg_trigger g join pg_class t on t.oid = g.tgrelid
        where t.relnamespace = current_schema()::regnamespace and not g.tgisinternal and g.tgname <> 'event_stays_whole'",
];

async fn lines(database: &Database, queries: &[&'static str]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for sql in queries {
        lines.extend(database.all::<(String,)>(sql, args![]).await.unwrap().into_iter().map(|row| row.0));
    }
    lines
}

async fn server(folder: &tempfile::TempDir) -> Option<Database> {
    let location: Location = or_say(postgres::database(folder.path()))?.parse().unwrap();
    let database = Database::open(location, Mode::Create).await.unwrap();
    migration::apply(&database, 1).await.unwrap();
    Some(database)
}

#[tokio::test]
async fn both_schemas_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = server(&folder).await else { return };
    let file = Database::memory().unwrap();
    migration::apply(&file, 1).await.unwrap();
    let (ours, theirs) = (lines(&file, SQLITE).await, lines(&server, POSTGRES).await);
    assert!(ours.len() > 200, "{ours:#?}");
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(
        (only(&ours, &theirs), only(&theirs, &ours)),
        (vec![], vec![]),
        "only SQLite, only PostgreSQL"
    );
}

#[tokio::test]
async fn a_role_that_serves_cannot_change_what_is_final() {
    let folder = tempfile::tempdir().unwrap();
    let Some(owner) = server(&folder).await else { return };
    let role = "serves";
    // Roles belong to the cluster: another test run may have made it.
    let made = owner.execute("create role serves login", args![]).await;
    assert!(made.is_ok() || made.is_err_and(|error| error.to_string().contains("refused")));
    assert!(owner.may_change_events().await.unwrap() && owner.granted().await.unwrap().is_empty());
    owner.grant(role).await.unwrap();
    assert_eq!(owner.granted().await.unwrap(), [role]);
    let insert = "insert into log (administration, origin, successor, demo, size, last_ms) values ('', 'o', 1, true, 0, 0)";
    owner.execute(insert, args![]).await.unwrap();

    let url = postgres::database(folder.path()).unwrap().replace("plico@", "serves@");
    let service = Database::open(url.parse::<Location>().unwrap(), Mode::Existing).await.unwrap();
    assert!(!service.may_change_events().await.unwrap());
    assert!(migration::pending(&service).await.unwrap().is_empty());
    let event = "insert into event values (1, 0, $1, 'log.opened', $1, 5)";
    service.execute(event, args![[7u8; 16]]).await.unwrap();
    service.execute("insert into part values (1, 0, 'act', $1)", args![[7u8; 16]]).await.unwrap();
    service.execute("update log set size = size + 1", args![]).await.unwrap();
    for sql in [
        "update event set kind = ''",
        "delete from event",
        "truncate event, part",
        "update part set name = ''",
    ] {
        let refused = service.execute(sql, args![]).await;
        assert!(refused.is_err_and(|error| error.is_refused_as_final()), "{sql}");
    }
    for sql in
        ["drop trigger event_stays on event", "alter table event disable trigger user", "drop table part"]
    {
        assert!(service.execute(sql, args![]).await.is_err(), "{sql}");
    }
    // The owner is stopped by the triggers.
    for sql in ["update event set kind = ''", "delete from event", "truncate event, part"] {
        let refused = owner.execute(sql, args![]).await;
        assert!(refused.is_err_and(|error| error.is_refused_as_final()), "{sql}");
    }
    assert!(owner.integrity_check().await.unwrap().is_empty());
    owner.execute("alter table event disable trigger event_stays", args![]).await.unwrap();
    assert_eq!(owner.integrity_check().await.unwrap(), ["the trigger event_stays is off"]);
    assert!(matches!(owner.grant("plico").await, Err(DatabaseError::Unsuitable { .. })));
}

#[tokio::test]
async fn everything_comes_over_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = server(&folder).await else { return };
    for (sql, list) in [
        (
            "insert into log (id, administration, origin, successor, demo, size, last_ms, read_only)
            values (7, '', 'o', 1, $1, 1, 0, $2)",
            args![true, false],
        ),
        ("insert into event values (7, 0, $1, 'log.opened', $2, $3)", args![[0u8, 255], [7u8; 16], i64::MAX]),
        ("insert into register_head values ('a', 'b', $1, 5)", args![2026]),
        (
            "insert into job (id, kind, unique_key, administration, payload, state, run_ms, created_ms)
            values ('j', 'k', 'u', '', 'à', 'waiting', 1, 2)",
            args![],
        ),
    ] {
        server.execute(sql, list).await.unwrap();
    }
    for number in 0..200 {
        let sql = "insert into blob values ($1, $2)";
        server
            .execute(sql, args![format!("{number:032}").into_bytes(), vec![number as u8; 50_000]])
            .await
            .unwrap();
    }
    let path = folder.path().join("copy.db");
    server.backup_into(&path).await.unwrap();
    let file = Database::open(path, Mode::Existing).await.unwrap();
    assert!(file.integrity_check().await.unwrap().is_empty());
    let second = tempfile::tempdir().unwrap();
    let location: Location = postgres::database(second.path()).unwrap().parse().unwrap();
    let again = Database::open(location.clone(), Mode::Create).await.unwrap();
    file.copy_into_new(&again).await.unwrap();
    for (database, follows) in [(&server, 1), (&file, 8), (&again, 8)] {
        let log: (i64, bool, bool) =
            database.one("select id, demo, read_only from log", args![]).await.unwrap();
        assert_eq!(log, (7, true, false));
        let event: (Vec<u8>, i64) =
            database.one("select leaf, instant_ms from event", args![]).await.unwrap();
        assert_eq!(event, (vec![0, 255], i64::MAX));
        let job: (String, Option<i64>) =
            database.one("select payload, lease_until_ms from job", args![]).await.unwrap();
        assert_eq!(job, ("à".to_owned(), None));
        let head: (i32, i64) = database.one("select year, next from register_head", args![]).await.unwrap();
        assert_eq!(head, (2026, 5));
        let blobs: (i64, i64) = database
            .one("select count(*), cast(sum(length(bytes)) as bigint) from blob", args![])
            .await
            .unwrap();
        assert_eq!(blobs, (200, 10_000_000));
        let next = "insert into log (administration, origin, successor, demo, size, last_ms)
            values ('', 'p', 2, $1, 0, 0) returning id";
        let mut tx = database.begin().await.unwrap();
        assert_eq!(tx.scalar_i64(next, args![true]).await.unwrap(), follows);
    }
    // A second history is never begun over a first one.
    assert!(matches!(Database::open(location, Mode::Create).await, Err(DatabaseError::Unsuitable { .. })));
}
