//! A transaction: the four methods of [`Database`](crate::Database), and a way to undo one act of a group.

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr, SqlStr, Sqlite};
use tokio::runtime::Handle;

use crate::argument::bind;
use crate::engine::Doubt;
use crate::queue::Queue;
use crate::{Arg, DatabaseError, Record};

/// A running transaction. Dropped without [`commit`](Tx::commit), it rolls back.
///
/// From [`Database::begin`](crate::Database::begin) it is the only one that writes: keep it short.
/// From [`Database::snapshot`](crate::Database::snapshot) it reads one unchanging state, and writing fails.
///
/// PostgreSQL executes nothing more after a statement that failed, and SQLite undoes a whole transaction by itself after
/// some errors (a full device, for one) and would execute what follows outside of any. So on both, after an error of the
/// engine everything but undoing is refused ([`DatabaseError::Broken`]): [`rollback`](Tx::rollback), or
/// [`rollback_to_savepoint`](Tx::rollback_to_savepoint) where the transaction itself still stands.
// The library's own transaction is not used: it counts depth, and a commit that fails on a full device leaves its count
// wrong and the only write connection useless until the program is restarted.
pub struct Tx {
    /// There until the transaction has ended.
    connection: Option<Connection>,
    /// After an error of the engine.
    broken: Option<Broken>,
    /// There is a savepoint.
    marked: bool,
    /// What [`write`](Tx::write) left.
    queue: Queue,
    doubt: Doubt,
}

const SAVEPOINT: &str = "savepoint act";
const RELEASE: &str = "release savepoint act";

/// A connection of either engine, given back to its pool when dropped.
pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

#[derive(Clone, Copy)]
struct Broken {
    /// The device was full.
    full: bool,
    /// The whole transaction is gone, not only what followed the savepoint.
    ended: bool,
}

impl Tx {
    pub(crate) async fn begin(
        connection: Connection,
        how: &'static str,
        doubt: &Doubt,
    ) -> Result<Self, DatabaseError> {
        // Made before the statement runs: when this future is dropped half-way, `drop` rolls back what may have begun.
        let mut tx = Self {
            connection: Some(connection),
            broken: None,
            marked: false,
            queue: Queue::default(),
            doubt: doubt.clone(),
        };
        tx.script(how).await?;
        Ok(tx)
    }

    /// Every row.
    pub async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<T>, DatabaseError> {
        let (sql, args) = self.with_queue(sql, args).await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => {
                sqlx::query_as_with(sql, bind::<SqliteArguments>(args)?).fetch_all(&mut **it).await
            }
            Connection::Postgres(it) => {
                sqlx::query_as_with(sql, bind::<PgArguments>(args)?).fetch_all(&mut **it).await
            }
        };
        self.watch(result)
    }

    /// The first row; [`DatabaseError::NotFound`] when there is none.
    pub async fn one<T: Record>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<T, DatabaseError> {
        self.optional(sql, args).await?.ok_or(DatabaseError::NotFound)
    }

    /// The first row, if any.
    pub async fn optional<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, DatabaseError> {
        let (sql, args) = self.with_queue(sql, args).await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => {
                sqlx::query_as_with(sql, bind::<SqliteArguments>(args)?).fetch_optional(&mut **it).await
            }
            Connection::Postgres(it) => {
                sqlx::query_as_with(sql, bind::<PgArguments>(args)?).fetch_optional(&mut **it).await
            }
        };
        self.watch(result)
    }

    /// Executes, and says how many rows were written.
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, DatabaseError> {
        self.flush().await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => {
                let done = sqlx::query_with(sql, bind::<SqliteArguments>(args)?).execute(&mut **it).await;
                done.map(|done| done.rows_affected())
            }
            Connection::Postgres(it) => {
                let done = sqlx::query_with(sql, bind::<PgArguments>(args)?).execute(&mut **it).await;
                done.map(|done| done.rows_affected())
            }
        };
        self.watch(result)
    }

    /// Executes before the next statement that answers, or before the savepoint or the transaction ends: an exchange with
    /// the engine costs more than most of what is written. An error is told there.
    pub fn write(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<(), DatabaseError> {
        debug_assert!(!sql.contains("returning"), "its rows would be taken for another's: {sql}");
        self.connection()?;
        self.queue.push(sql, args)
    }

    /// Runs what waits; the last exchange is left for `sql`, where the engine takes several statements at once.
    async fn with_queue(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<(SqlStr, Vec<Arg>), DatabaseError> {
        let several = matches!(self.connection()?, Connection::Sqlite(_));
        if self.queue.is_long() || !several {
            self.flush().await?;
        }
        if self.queue.is_empty() {
            return Ok((sql.into_sql_str(), args));
        }
        // Refused before anything runs, as it would be alone.
        args.iter().try_for_each(Arg::check)?;
        let (sql, args) = self.queue.take_with(sql, args);
        Ok((AssertSqlSafe(sql).into_sql_str(), args))
    }

    /// Runs what [`write`](Tx::write) left: where much is written and nothing read.
    pub async fn flush(&mut self) -> Result<(), DatabaseError> {
        while !self.queue.is_empty() {
            let result = match (self.connection.as_mut(), self.broken) {
                (Some(Connection::Sqlite(it)), None) => {
                    let (sql, args) = self.queue.take_joined();
                    let arguments = bind::<SqliteArguments>(args)?;
                    sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **it).await.map(drop)
                }
                (Some(Connection::Postgres(it)), None) => {
                    let mut result = Ok(());
                    for (sql, args) in self.queue.take() {
                        let arguments = bind::<PgArguments>(args)?;
                        result = sqlx::query_with(sql, arguments).execute(&mut **it).await.map(drop);
                        if result.is_err() {
                            break;
                        }
                    }
                    result
                }
                _ => return self.connection().map(drop),
            };
            self.watch(result)?;
        }
        Ok(())
    }

    /// The only column of the first row, an integer.
    pub async fn scalar_i64(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<i64, DatabaseError> {
        Ok(self.one::<(i64,)>(sql, args).await?.0)
    }

    /// The only column of the first row, text, if there is a row.
    pub async fn scalar_text(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<String>, DatabaseError> {
        Ok(self.optional::<(String,)>(sql, args).await?.map(|row| row.0))
    }

    /// Runs several statements at once, without arguments: migrations, and what begins and ends.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), DatabaseError> {
        self.flush().await?;
        let result = self.connection()?.script(sql).await;
        self.watch(result)
    }

    /// Runs statements that were put together from names of tables.
    pub(crate) async fn run(&mut self, sql: String) -> Result<(), DatabaseError> {
        self.flush().await?;
        let result = self.connection()?.script(AssertSqlSafe(sql)).await;
        self.watch(result)
    }

    /// Marks a point to which [`rollback_to_savepoint`](Tx::rollback_to_savepoint) can return. Points do not nest:
    /// release one before setting the next.
    pub async fn savepoint(&mut self) -> Result<(), DatabaseError> {
        self.flush().await?;
        self.write(SAVEPOINT, Vec::new())?;
        self.marked = true;
        Ok(())
    }

    /// Undoes what was written since the savepoint, and removes it.
    pub async fn rollback_to_savepoint(&mut self) -> Result<(), DatabaseError> {
        if self.marked && self.broken.is_some_and(|broken| !broken.ended) {
            self.broken = None;
        }
        let unset = self.queue.begins_with(SAVEPOINT);
        self.queue.clear();
        self.marked = false;
        if unset {
            return self.connection().map(drop);
        }
        self.script("rollback to savepoint act").await?;
        self.script(RELEASE).await
    }

    /// Keeps what was written since the savepoint, and removes it.
    pub async fn release(&mut self) -> Result<(), DatabaseError> {
        self.write(RELEASE, Vec::new())?;
        self.flush().await?;
        self.marked = false;
        Ok(())
    }

    /// Makes everything durable. After an error nothing was written, unless
    /// [`is_sync_failure`](DatabaseError::is_sync_failure) says that nobody knows.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        // After an error the transaction may still be open: `drop` ends it.
        self.script("commit").await?;
        self.connection = None;
        Ok(())
    }

    /// Undoes everything, and waits until it is undone.
    pub async fn rollback(mut self) -> Result<(), DatabaseError> {
        match self.connection.take() {
            Some(connection) => connection.undo().await,
            None => Ok(()),
        }
    }

    pub(crate) fn connection(&mut self) -> Result<&mut Connection, DatabaseError> {
        match (&mut self.connection, self.broken) {
            (Some(connection), None) => Ok(connection),
            (_, broken) => Err(DatabaseError::Broken { full: broken.is_some_and(|broken| broken.full) }),
        }
    }

    pub(crate) fn watch<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, DatabaseError> {
        result.map_err(|source| {
            let error = DatabaseError::from(source);
            if error.is_sync_failure() {
                // The first reason is the one that counts.
                let _ = self.doubt.set(error.told());
            }
            if matches!(error, DatabaseError::Query { .. }) {
                self.broken = Some(Broken { full: error.is_full(), ended: error.ends_transaction() });
            }
            error
        })
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            match Handle::try_current() {
                // Nobody else gets the connection before it is done.
                Ok(runtime) => drop(runtime.spawn(connection.undo())),
                // Closing it rolls back too.
                Err(_) => connection.detach(),
            }
        }
    }
}

impl Connection {
    async fn script(&mut self, sql: impl SqlSafeStr + Send) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(it) => sqlx::raw_sql(sql).execute(&mut **it).await.map(drop),
            Self::Postgres(it) => sqlx::raw_sql(sql).execute(&mut **it).await.map(drop),
        }
    }

    /// Ends whatever is open on the connection; if that is not possible, closes it, and the pool opens another.
    async fn undo(mut self) -> Result<(), DatabaseError> {
        let Err(error) = self.script("rollback").await else { return Ok(()) };
        let error = DatabaseError::from(error);
        if error.is_without_transaction() {
            return Ok(()); // the engine had undone it already
        }
        match self {
            Self::Sqlite(it) => it.close().await?,
            Self::Postgres(it) => it.close().await?,
        }
        Err(error)
    }

    fn detach(self) {
        match self {
            Self::Sqlite(it) => drop(it.detach()),
            Self::Postgres(it) => drop(it.detach()),
        }
    }
}
