//! A transaction: the four methods of [`Database`](crate::Database), and a way to undo one act of a group.

use crate::argument::bind;
use crate::{Arg, DatabaseError, Record};
use sqlx::{Sqlite, Transaction};

/// A running transaction. Dropped without [`commit`](Tx::commit), it rolls back.
///
/// From [`Database::begin`](crate::Database::begin) it holds the only write connection: keep it short.
/// From [`Database::snapshot`](crate::Database::snapshot) it reads one unchanging state, and writing fails.
pub struct Tx {
    inner: Transaction<'static, Sqlite>,
}

impl Tx {
    pub(crate) fn new(inner: Transaction<'static, Sqlite>) -> Self {
        Self { inner }
    }

    /// Every row.
    pub async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<T>, DatabaseError> {
        Ok(sqlx::query_as_with(sql, bind(args)?).fetch_all(&mut *self.inner).await?)
    }

    /// The first row; [`DatabaseError::NotFound`] when there is none.
    pub async fn one<T: Record>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<T, DatabaseError> {
        Ok(sqlx::query_as_with(sql, bind(args)?).fetch_one(&mut *self.inner).await?)
    }

    /// The first row, if any.
    pub async fn optional<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, DatabaseError> {
        Ok(sqlx::query_as_with(sql, bind(args)?).fetch_optional(&mut *self.inner).await?)
    }

    /// Executes, and says how many rows were written.
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, DatabaseError> {
        Ok(sqlx::query_with(sql, bind(args)?).execute(&mut *self.inner).await?.rows_affected())
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
        sqlx::raw_sql(sql).execute(&mut *self.inner).await?;
        Ok(())
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
    pub async fn commit(self) -> Result<(), DatabaseError> {
        Ok(self.inner.commit().await?)
    }

    /// Undoes everything, and waits until it is undone.
    pub async fn rollback(self) -> Result<(), DatabaseError> {
        Ok(self.inner.rollback().await?)
    }
}
