//! SQLite, opened so that a committed transaction survives a crash of the machine.

use crate::argument::bind;
use crate::{Arg, DatabaseError, Tx, args};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, FromRow};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

// Named only to pin the bundled library; its version is asked of the library itself.
use libsqlite3_sys as _;

/// The oldest SQLite that may be used: earlier ones can lose committed writes when a WAL is reset while two
/// connections write and checkpoint.
pub const MINIMUM_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Readers beside the one writer.
const READERS: u32 = 4;

/// How long a statement waits for another *process* (a command beside the running service). Inside one process
/// writers queue for the write connection instead.
const BUSY: Duration = Duration::from_secs(10);

/// How long an act waits for its turn before it is an error.
const TURN: Duration = Duration::from_secs(30);

/// What to expect at the path. Existing and new are never guessed: a wrong path must not begin a second history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// There must be nothing there yet.
    Create,
    /// It must be there.
    Existing,
}

/// Anything read from a row: tuples, or `#[derive(sqlx::FromRow)]`.
pub trait Record: for<'row> FromRow<'row, SqliteRow> + Send + Unpin {}

impl<T: for<'row> FromRow<'row, SqliteRow> + Send + Unpin> Record for T {}

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
    options: SqliteConnectOptions,
    path: Arc<Path>,
    _temporary: Option<Arc<tempfile::TempDir>>,
}

impl Database {
    /// Opens (or creates) the file at `path`, readable by its owner alone.
    pub async fn open(path: &Path, mode: Mode) -> Result<Self, DatabaseError> {
        let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        options.create_new(mode == Mode::Create).open(path).map_err(failed)?;

        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(512)
            // Deleted content is overwritten: erasure must reach the file.
            .pragma("secure_delete", "on")
            // A changed schema must not be able to call functions with side effects.
            .pragma("trusted_schema", "off")
            // Sorting personal data must not leave it in a temporary file.
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-16384")
            .pragma("journal_size_limit", "67108864");
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(TURN)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        // The writer first: it may have to recover the WAL, or to switch a new file to it.
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        let readers =
            pool().max_connections(READERS).connect_with(options.clone().pragma("query_only", "on")).await?;
        let database = Self { writer, readers, options, path: path.into(), _temporary: None };
        database.refuse_an_old_library().await?;
        Ok(database)
    }

    /// A new store in a temporary directory that goes away with the last clone: for tests. It is a real file, so that
    /// locks, syncs and readers behave as in production.
    pub async fn memory() -> Result<Self, DatabaseError> {
        let failed = |source| DatabaseError::Open { path: PathBuf::from("(temporary)"), source };
        let directory = tempfile::tempdir().map_err(failed)?;
        let database = Self::open(&directory.path().join("plico.db"), Mode::Create).await?;
        Ok(Self { _temporary: Some(Arc::new(directory)), ..database })
    }

    async fn refuse_an_old_library(&self) -> Result<(), DatabaseError> {
        let (found,): (String,) = self.one("select sqlite_version()", vec![]).await?;
        let mut numbers = found.split('.').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let version = (next(), next(), next());
        // 3.52.0 was withdrawn by its authors.
        if version < MINIMUM_SQLITE || version == (3, 52, 0) {
            return Err(DatabaseError::TooOld { found });
        }
        Ok(())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every row, read outside any transaction.
    pub async fn all<T: Record>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>, DatabaseError> {
        Ok(sqlx::query_as_with(sql, bind(args)?).fetch_all(&self.readers).await?)
    }

    /// The first row; [`DatabaseError::NotFound`] when there is none.
    pub async fn one<T: Record>(&self, sql: &'static str, args: Vec<Arg>) -> Result<T, DatabaseError> {
        Ok(sqlx::query_as_with(sql, bind(args)?).fetch_one(&self.readers).await?)
    }

    /// The first row, if any.
    pub async fn optional<T: Record>(
        &self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, DatabaseError> {
        Ok(sqlx::query_as_with(sql, bind(args)?).fetch_optional(&self.readers).await?)
    }

    /// Executes one writing statement in its own transaction, and says how many rows were written.
    pub async fn execute(&self, sql: &'static str, args: Vec<Arg>) -> Result<u64, DatabaseError> {
        Ok(sqlx::query_with(sql, bind(args)?).execute(&self.writer).await?.rows_affected())
    }

    /// Whether there is a table of this name.
    pub async fn has_table(&self, name: &str) -> Result<bool, DatabaseError> {
        let sql = "select count(*) from sqlite_schema where type = 'table' and name = $1";
        Ok(self.scalar_i64(sql, args![name]).await? > 0)
    }

    /// The only column of the first row, an integer.
    pub async fn scalar_i64(&self, sql: &'static str, args: Vec<Arg>) -> Result<i64, DatabaseError> {
        Ok(self.one::<(i64,)>(sql, args).await?.0)
    }

    /// The only column of the first row, text, if there is a row.
    pub async fn scalar_text(
        &self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<String>, DatabaseError> {
        Ok(self.optional::<(String,)>(sql, args).await?.map(|row| row.0))
    }

    /// A writing transaction, when its turn comes: first come, first served.
    ///
    /// It takes the write lock at once (`begin immediate`): a transaction that reads first and writes later would fail
    /// without waiting when somebody else has written in between.
    pub async fn begin(&self) -> Result<Tx, DatabaseError> {
        Tx::begin(&self.writer, "begin immediate").await
    }

    /// A reading transaction: every statement sees the state of the first one.
    pub async fn snapshot(&self) -> Result<Tx, DatabaseError> {
        Tx::begin(&self.readers, "begin").await
    }

    /// Writes a compact, consistent copy to `path`, which must not exist, and makes it durable. Writers go on meanwhile.
    /// If we crash here, an incomplete file stays at `path`: give a temporary name and rename.
    pub async fn backup_into(&self, path: &Path) -> Result<(), DatabaseError> {
        let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        // An empty file of the right mode is what `vacuum into` accepts as new.
        options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        let text = path.to_str().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
        // A connection of its own: the readers' may not write, not even elsewhere, and the writer's is not to be held.
        let mut connection = self.options.connect().await?;
        sqlx::query_with("vacuum into $1", bind(vec![text.into()])?).execute(&mut connection).await?;
        connection.close().await?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
        File::open(directory.unwrap_or(Path::new("."))).and_then(|file| file.sync_all()).map_err(failed)
    }

    /// Reads every page, index and foreign key; each line says one thing that is wrong. Empty: all is well.
    pub async fn integrity_check(&self) -> Result<Vec<String>, DatabaseError> {
        let lines: Vec<(String,)> = self.all("pragma integrity_check", vec![]).await?;
        let mut wrong: Vec<String> =
            lines.into_iter().map(|line| line.0).filter(|line| line != "ok").collect();
        let orphans: Vec<(String, Option<i64>, String, i64)> =
            self.all("pragma foreign_key_check", vec![]).await?;
        wrong.extend(orphans.into_iter().map(|(table, row, parent, _)| {
            let row = row.map_or_else(|| "?".to_owned(), |row| row.to_string());
            format!("row {row} of {table} points to nothing in {parent}")
        }));
        Ok(wrong)
    }

    /// Moves the write-ahead log into the file and empties it. `false`: a reader was in the way, nothing is wrong.
    pub async fn checkpoint_wal(&self) -> Result<bool, DatabaseError> {
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&self.writer).await?;
        Ok(busy == 0)
    }

    /// Waits for what is running, then closes every connection.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
