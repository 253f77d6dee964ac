//! A transaction: the four methods of [`Database`](crate::Database), and a way to undo one act of a group.

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Postgres};
use tokio::runtime::Handle;
use tokio::task::coop::consume_budget;

use crate::engine::Doubt;
use crate::{Arg, DatabaseError, Record, postgres, sqlite};

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
    /// What [`write`](Tx::write) left, on PostgreSQL.
    queue: Vec<(&'static str, Vec<Arg>)>,
    doubt: Doubt,
}

const SAVEPOINT: &str = "savepoint act";
const RELEASE: &str = "release savepoint act";

/// A connection of either engine, given back to its pool when dropped.
pub(crate) enum Connection {
    Sqlite(sqlite::Lent),
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
    /// Over a connection on which one has begun.
    pub(crate) fn over(connection: Connection, doubt: &Doubt) -> Self {
        Self {
            connection: Some(connection),
            broken: None,
            marked: false,
            queue: Vec::new(),
            doubt: doubt.clone(),
        }
    }

    pub(crate) async fn begin(
        connection: PoolConnection<Postgres>,
        how: &'static str,
        doubt: &Doubt,
    ) -> Result<Self, DatabaseError> {
        // Made before the statement runs: when this future is dropped half-way, `drop` rolls back what may have begun.
        let mut tx = Self::over(Connection::Postgres(connection), doubt);
        tx.script(how).await?;
        Ok(tx)
    }

    /// Every row.
    pub async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<T>, DatabaseError> {
        self.flush().await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => sqlite::all(it, sql, &args),
            Connection::Postgres(it) => postgres::all(&mut **it, sql, args).await,
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
        self.flush().await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => sqlite::optional(it, sql, &args),
            Connection::Postgres(it) => postgres::optional(&mut **it, sql, args).await,
        };
        self.watch(result)
    }

    /// Executes, and says how many rows were written.
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, DatabaseError> {
        self.flush().await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => sqlite::execute(it, sql, &args),
            Connection::Postgres(it) => postgres::execute(&mut **it, sql, args).await,
        };
        self.watch(result)
    }

    /// Executes where nobody waits for the answer: at once, or before the next statement that answers, or before the
    /// savepoint or the transaction ends. An error is told here or there.
    pub fn write(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<(), DatabaseError> {
        match self.connection()? {
            Connection::Sqlite(it) => {
                let result = sqlite::execute(it, sql, &args);
                self.watch(result).map(drop)
            }
            Connection::Postgres(_) => {
                // What cannot be bound is refused here, where its author is.
                args.iter().try_for_each(Arg::check)?;
                self.queue.push((sql, args));
                Ok(())
            }
        }
    }

    /// Runs what [`write`](Tx::write) left: where much is written and nothing read.
    pub async fn flush(&mut self) -> Result<(), DatabaseError> {
        // SQLite's statements run at once: without this a long loop of them would keep everything else waiting.
        consume_budget().await;
        for (sql, args) in std::mem::take(&mut self.queue) {
            let Connection::Postgres(it) = self.connection()? else { continue };
            let result = postgres::execute(&mut **it, sql, args).await;
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
        let result = self.connection()?.script(&sql).await;
        self.watch(result)
    }

    /// Executes one that was put together from names of tables.
    pub(crate) async fn execute_made(&mut self, sql: String, args: Vec<Arg>) -> Result<(), DatabaseError> {
        self.flush().await?;
        let result = match self.connection()? {
            Connection::Sqlite(it) => sqlite::execute(it, &sql, &args),
            Connection::Postgres(it) => postgres::execute(&mut **it, AssertSqlSafe(sql), args).await,
        };
        self.watch(result).map(drop)
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
        self.marked = false;
        // Not run: without it there is nothing to undo.
        let unset = self.queue.first().is_some_and(|(first, _)| *first == SAVEPOINT);
        self.queue.clear();
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
        self.flush().await?;
        // After an error the transaction may still be open: `drop` ends it.
        let result = match self.connection()? {
            // It waits for the device.
            Connection::Sqlite(it) => sqlite::apart(|| sqlite::execute(it, "commit", &[])).map(drop),
            Connection::Postgres(it) => postgres::execute(&mut **it, "commit", Vec::new()).await.map(drop),
        };
        self.watch(result)?;
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

    pub(crate) fn watch<T>(&mut self, result: Result<T, DatabaseError>) -> Result<T, DatabaseError> {
        result.inspect_err(|error| {
            if error.is_sync_failure() {
                // The first reason is the one that counts.
                let _ = self.doubt.set(error.told());
            }
            if matches!(error, DatabaseError::Query { .. }) {
                self.broken = Some(Broken { full: error.is_full(), ended: error.ends_transaction() });
            }
        })
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        match self.connection.take() {
            None => {}
            // It says nothing that could be done about it: what cannot be undone is closed.
            Some(Connection::Sqlite(it)) => drop(sqlite::undo(it)),
            Some(Connection::Postgres(it)) => match Handle::try_current() {
                // Nobody else gets the connection before it is done.
                Ok(runtime) => drop(runtime.spawn(Connection::Postgres(it).undo())),
                // Closing it rolls back too.
                Err(_) => drop(it.detach()),
            },
        }
    }
}

impl Connection {
    async fn script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(it) => Ok(it.execute_batch(sql)?),
            Self::Postgres(it) => Ok(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **it).await.map(drop)?),
        }
    }

    /// Ends whatever is open on the connection; if that is not possible, closes it, and the pool opens another.
    async fn undo(self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(it) => sqlite::undo(it),
            Self::Postgres(mut it) => {
                let Err(error) = sqlx::raw_sql("rollback").execute(&mut *it).await else { return Ok(()) };
                it.close().await?;
                Err(error.into())
            }
        }
    }
}
