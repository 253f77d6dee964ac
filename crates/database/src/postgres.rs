//! PostgreSQL, where one transaction writes at a time, as on SQLite (docs/adr/0011).

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgExecutor, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Column as _, Executor as _, SqlSafeStr, Statement as _, TypeInfo as _};

use crate::argument::bind;
use crate::engine::{Mode, TURN};
use crate::record::Row;
use crate::{Arg, DatabaseError, Record};

/// The oldest server that is used.
const MINIMUM: i64 = 150_000;
/// Readers beside the one writer of a process.
const READERS: u32 = 8;

/// Begins a writing transaction and waits for its turn among all processes. The lock is a statement of its own: under
/// `read committed` each later one sees everything that was committed before the lock was given. Its number is "plico" in
/// ASCII; the server keeps such locks apart by database, and gives them back when the transaction or the connection ends.
pub(crate) const BEGIN: &str =
    "begin isolation level read committed; select pg_advisory_xact_lock(482855183215)";
/// Begins a transaction that sees the state of its first statement.
pub(crate) const SNAPSHOT: &str = "begin isolation level repeatable read read only";
/// The same, where temporary tables may be written.
const REHEARSE: &str = "begin isolation level repeatable read";

/// What must hold of a server: its version; that a commit waits for the disk; that text is compared by its bytes and folds
/// case in ASCII alone, as on SQLite, so that lists have one order and no update of the system's locales breaks an index.
const SETTINGS: &str = "select cast(current_setting('server_version_num') as bigint), current_setting('server_version'),
    current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
    pg_encoding_to_char(d.encoding), d.datcollate, d.datctype from pg_database d where d.datname = current_database()";
const OWNED: &str = "select quote_ident(cast(relname as text)), pg_has_role(relowner, 'usage') from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r' order by relname";
const NEXT_TRANSACTION: &str = "select cast(pg_snapshot_xmax(pg_current_snapshot()) as text)";
// Of other roles' sessions a role may see that they are there, and not their snapshots.
const OLDER_SNAPSHOTS: &str = "select count(*) from pg_stat_activity where datname = current_database()
    and pid <> pg_backend_pid() and age(backend_xmin) > age(cast(cast($1 as xid8) as xid))";
/// How long a reader's snapshot is waited for before everything is written anew.
const SNAPSHOT_PATIENCE: Duration = Duration::from_mins(1);
const HAS_TABLE: &str = "select count(*) from information_schema.tables where table_schema = current_schema() and table_name = $1";
// A trigger that is off, an index or a constraint that is not whole: what the owner of the tables can do to them.
const WRONG: &str = "select 'the trigger ' || t.tgname || ' is off' from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = current_schema()::regnamespace and t.tgenabled in ('D', 'R')
    union all select 'the index ' || c.relname || ' is not valid' from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = current_schema()::regnamespace and not (i.indisvalid and i.indisready)
    union all select 'the constraint ' || conname || ' is not validated' from pg_constraint
        where connamespace = current_schema()::regnamespace and not convalidated
    union all select 'the trigger ' || w.name || ' is missing' from (values ('event_is_final'), ('part_is_final')) w (name)
        where exists (select 1 from pg_class where relname = 'event' and relnamespace = current_schema()::regnamespace)
        and not exists (select 1 from pg_trigger t where t.tgname = w.name)
    order by 1";

/// The server, with its pools.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) writer: PgPool,
    pub(crate) readers: PgPool,
    options: PgConnectOptions,
}

/// What [`SETTINGS`] answers.
type Settings = (i64, String, String, String, String, String, String, String);

impl Store {
    /// Connects. A database to be filled must hold nothing of ours yet; one to be opened must.
    pub(crate) async fn open(options: &PgConnectOptions, mode: Mode) -> Result<Self, DatabaseError> {
        let options = options
            .clone()
            .application_name("plico")
            .statement_cache_capacity(512)
            .options([("lock_timeout", "30s"), ("client_encoding", "UTF8")]);
        let pool = || PgPoolOptions::new().acquire_timeout(TURN);
        let connect = |source| DatabaseError::Connect { source };
        let writer = pool().max_connections(1).connect_with(options.clone()).await.map_err(connect)?;
        let reading = options.clone().options([("default_transaction_read_only", "on")]);
        let readers = pool().max_connections(READERS).connect_with(reading).await.map_err(connect)?;
        let store = Self { writer, readers, options };
        store.refuse_what_is_not_safe().await?;
        match (store.has_table("schema_migration").await?, mode) {
            (true, Mode::Create) => {
                Err(DatabaseError::Unsuitable { problem: "holds an archive already".into() })
            }
            (false, Mode::Existing) => Err(DatabaseError::Vacant),
            _ => Ok(()),
        }?;
        Ok(store)
    }

    async fn refuse_what_is_not_safe(&self) -> Result<(), DatabaseError> {
        let (version, found, fsync, pages, commit, encoding, collate, ctype): Settings =
            sqlx::query_as(SETTINGS).fetch_one(&self.readers).await?;
        if version < MINIMUM {
            return Err(DatabaseError::TooOld { engine: "PostgreSQL", found, needed: "15" });
        }
        for (name, value) in [("fsync", fsync), ("full_page_writes", pages), ("synchronous_commit", commit)] {
            if value == "off" {
                let problem = format!("may lose what was acknowledged: {name} is off on its server");
                return Err(DatabaseError::Unsuitable { problem });
            }
        }
        let plain = |locale: &str| ["C", "POSIX"].contains(&locale);
        if encoding != "UTF8" || !plain(&collate) || !plain(&ctype) {
            let problem = format!(
                "has encoding {encoding} and locale {collate}/{ctype}: make it with \
                 `create database … template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`"
            );
            return Err(DatabaseError::Unsuitable { problem });
        }
        Ok(())
    }

    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, DatabaseError> {
        let (count,): (i64,) = sqlx::query_as(HAS_TABLE).bind(name).fetch_one(&self.readers).await?;
        Ok(count > 0)
    }

    pub(crate) async fn integrity_check(&self) -> Result<Vec<String>, DatabaseError> {
        let lines: Vec<(String,)> = sqlx::query_as(WRONG).fetch_all(&self.readers).await?;
        Ok(lines.into_iter().map(|line| line.0).collect())
    }

    /// A connection for one transaction in which tables are put in the place of others: it remembers no statement, because
    /// a remembered one would go on meaning the table that was there before.
    pub(crate) async fn apart(&self) -> Result<(PgPool, &'static str), DatabaseError> {
        let options = self.options.clone().statement_cache_capacity(0);
        Ok((PgPoolOptions::new().max_connections(1).connect_with(options).await?, REHEARSE))
    }

    /// `vacuum full` writes each table into a new file and removes the old one. The server's write-ahead log is its own matter.
    pub(crate) async fn rewrite(&self) -> Result<bool, DatabaseError> {
        let tables: Vec<(String, bool)> = sqlx::query_as(OWNED).fetch_all(&self.readers).await?;
        if tables.iter().any(|(_, own)| !own) {
            return Ok(false);
        }
        self.outlive_snapshots().await?;
        for (table, _) in tables {
            sqlx::raw_sql(AssertSqlSafe(format!("vacuum (full) {table}"))).execute(&self.writer).await?;
        }
        Ok(true)
    }

    /// Waits until nobody in this database can still see what is gone by now: `vacuum` keeps what an older snapshot sees.
    async fn outlive_snapshots(&self) -> Result<(), DatabaseError> {
        let (now,): (String,) = sqlx::query_as(NEXT_TRANSACTION).fetch_one(&self.writer).await?;
        let until = Instant::now() + SNAPSHOT_PATIENCE;
        loop {
            let (older,): (i64,) = sqlx::query_as(OLDER_SNAPSHOTS).bind(&now).fetch_one(&self.writer).await?;
            if older == 0 {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(DatabaseError::Watched { sessions: older });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Every row.
pub(crate) async fn all<T: Record>(
    connection: impl PgExecutor<'_>,
    sql: &'static str,
    args: Vec<Arg>,
) -> Result<Vec<T>, DatabaseError> {
    let rows = sqlx::query_with(sql, bind(args)?).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(T::read(&Row::from(row))?)).collect()
}

/// The first row, if any.
pub(crate) async fn optional<T: Record>(
    connection: impl PgExecutor<'_>,
    sql: &'static str,
    args: Vec<Arg>,
) -> Result<Option<T>, DatabaseError> {
    let row = sqlx::query_with(sql, bind(args)?).fetch_optional(connection).await?;
    Ok(row.as_ref().map(|row| T::read(&Row::from(row))).transpose()?)
}

/// Executes, and says how many rows were written.
pub(crate) async fn execute(
    connection: impl PgExecutor<'_>,
    sql: impl SqlSafeStr,
    args: Vec<Arg>,
) -> Result<u64, DatabaseError> {
    Ok(sqlx::query_with(sql, bind(args)?).execute(connection).await?.rows_affected())
}

/// What a statement would answer: the columns' names and types.
pub(crate) async fn describe(pool: &PgPool, sql: &str) -> Result<Vec<(String, String)>, DatabaseError> {
    let statement = pool.prepare(AssertSqlSafe(sql).into_sql_str()).await?;
    Ok(statement.columns().iter().map(|it| (it.name().into(), it.type_info().name().into())).collect())
}
