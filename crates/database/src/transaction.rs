//! A transaction: the four methods of [`Database`](crate::Database), and a way to undo one act of a group.

use crate::argument::bind;
use crate::{Arg, DatabaseError, Record};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::runtime::Handle;

/// A running transaction. Dropped without [`commit`](Tx::commit), it rolls back.
///
/// From [`Database::begin`](crate::Database::begin) it holds the only write connection: keep it short.
/// From [`Database::snapshot`](crate::Database::snapshot) it reads one unchanging state, and writing fails.
///
/// The engine undoes a whole transaction by itself after some errors (a full device, for one), and would execute what
/// follows outside of any. So after such an error everything but [`rollback`](Tx::rollback) is refused
/// ([`DatabaseError::Broken`]).
// The library's own transaction is not used: it counts depth, and a commit that fails on a full device leaves its count
// wrong and the only write connection useless until the program is restarted.
pub struct Tx {
    /// There until the transaction has ended.
    connection: Option<PoolConnection<Sqlite>>,
    /// After an error that ended it; whether that was a full device.
    broken: Option<bool>,
}

impl Tx {
    pub(crate) async fn begin(pool: &SqlitePool, how: &'static str) -> Result<Self, DatabaseError> {
        // Made before the statement runs: when this future is dropped half-way, `drop` rolls back what may have begun.
        let mut tx = Self { connection: Some(pool.acquire().await?), broken: None };
        tx.execute(how, vec![]).await?;
        Ok(tx)
    }

    /// Every row.
    pub async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<T>, DatabaseError> {
        let query = sqlx::query_as_with(sql, bind(args)?);
        let result = query.fetch_all(self.connection()?).await;
        self.watch(result)
    }

    /// The first row; [`DatabaseError::NotFound`] when there is none.
    pub async fn one<T: Record>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<T, DatabaseError> {
        let query = sqlx::query_as_with(sql, bind(args)?);
        let result = query.fetch_one(self.connection()?).await;
        self.watch(result)
    }

    /// The first row, if any.
    pub async fn optional<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, DatabaseError> {
        let query = sqlx::query_as_with(sql, bind(args)?);
        let result = query.fetch_optional(self.connection()?).await;
        self.watch(result)
    }

    /// Executes, and says how many rows were written.
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, DatabaseError> {
        let query = sqlx::query_with(sql, bind(args)?);
        let result = query.execute(self.connection()?).await;
        Ok(self.watch(result)?.rows_affected())
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

    /// Runs several statements at once, without arguments: migrations.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), DatabaseError> {
        let result = sqlx::raw_sql(sql).execute(self.connection()?).await;
        self.watch(result).map(drop)
    }

    /// Marks a point to which [`rollback_to_savepoint`](Tx::rollback_to_savepoint) can return. Points do not nest:
    /// release one before setting the next.
    pub async fn savepoint(&mut self) -> Result<(), DatabaseError> {
        self.execute("savepoint act", vec![]).await.map(drop)
    }

    /// Undoes what was written since the savepoint, and removes it.
    pub async fn rollback_to_savepoint(&mut self) -> Result<(), DatabaseError> {
        self.execute("rollback to savepoint act", vec![]).await?;
        self.release().await
    }

    /// Keeps what was written since the savepoint, and removes it.
    pub async fn release(&mut self) -> Result<(), DatabaseError> {
        self.execute("release savepoint act", vec![]).await.map(drop)
    }

    /// Makes everything durable. After an error nothing was written, unless
    /// [`is_sync_failure`](DatabaseError::is_sync_failure) says that nobody knows.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        // After an error the transaction may still be open: `drop` ends it.
        self.execute("commit", vec![]).await?;
        self.connection = None;
        Ok(())
    }

    /// Undoes everything, and waits until it is undone.
    pub async fn rollback(mut self) -> Result<(), DatabaseError> {
        if let Some(connection) = self.connection.take() {
            undo(connection).await?;
        }
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, DatabaseError> {
        match (&mut self.connection, self.broken) {
            (Some(connection), None) => Ok(connection),
            (_, full) => Err(DatabaseError::Broken { full: full.unwrap_or_default() }),
        }
    }

    fn watch<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, DatabaseError> {
        result.map_err(|source| {
            let error = DatabaseError::from(source);
            if error.ends_transaction() {
                self.broken = Some(error.is_full());
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
                Ok(runtime) => drop(runtime.spawn(undo(connection))),
                // Closing it rolls back too.
                Err(_) => drop(connection.detach()),
            }
        }
    }
}

/// Ends whatever is open on the connection; if that is not possible, closes it, and the pool opens another.
async fn undo(mut connection: PoolConnection<Sqlite>) -> Result<(), DatabaseError> {
    let Err(error) = sqlx::query("rollback").execute(&mut *connection).await else { return Ok(()) };
    let error = DatabaseError::from(error);
    if error.is_without_transaction() {
        return Ok(()); // the engine had undone it already
    }
    connection.close().await?;
    Err(error)
}
