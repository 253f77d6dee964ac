//! SQLite, opened so that a committed transaction survives a crash of the machine.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::DatabaseError;
use crate::engine::{Mode, TURN};

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

/// How many tenths of a second readers are waited for.
const PATIENCE: u32 = 100;

const HAS_TABLE: &str = "select count(*) from sqlite_schema where type = 'table' and name = $1";

/// The file, with its pools.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    pub(crate) path: Arc<Path>,
    options: SqliteConnectOptions,
    _temporary: Option<Arc<tempfile::TempDir>>,
}

impl Store {
    /// Opens (or creates) the file at `path`, readable by its owner alone.
    pub(crate) async fn open(path: &Path, mode: Mode) -> Result<Self, DatabaseError> {
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
        let store = Self { writer, readers, options, path: path.into(), _temporary: None };
        store.refuse_an_old_library().await?;
        Ok(store)
    }

    /// A new file in a temporary folder that goes away with the last clone.
    pub(crate) async fn temporary() -> Result<Self, DatabaseError> {
        let failed = |source| DatabaseError::Open { path: PathBuf::from("(temporary)"), source };
        let directory = tempfile::tempdir().map_err(failed)?;
        let store = Self::open(&directory.path().join("plico.db"), Mode::Create).await?;
        Ok(Self { _temporary: Some(Arc::new(directory)), ..store })
    }

    async fn refuse_an_old_library(&self) -> Result<(), DatabaseError> {
        let (found,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(&self.readers).await?;
        let mut numbers = found.split('.').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let version = (next(), next(), next());
        // 3.52.0 was withdrawn by its authors.
        if version < MINIMUM_SQLITE || version == (3, 52, 0) {
            return Err(DatabaseError::TooOld { engine: "SQLite", found, needed: "3.51.3" });
        }
        Ok(())
    }

    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, DatabaseError> {
        let (count,): (i64,) = sqlx::query_as(HAS_TABLE).bind(name).fetch_one(&self.readers).await?;
        Ok(count > 0)
    }

    /// Writes a compact, consistent copy to `path`, which must not exist, and makes it durable. Writers go on meanwhile.
    /// If we crash here, an incomplete file stays at `path`: give a temporary name and rename.
    pub(crate) async fn copy_file(&self, path: &Path) -> Result<(), DatabaseError> {
        let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        // An empty file of the right mode is what `vacuum into` accepts as new.
        options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        let text = path.to_str().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
        // A connection of its own: the readers' may not write, not even elsewhere, and the writer's is not to be held.
        let mut connection = self.options.connect().await?;
        sqlx::query("vacuum into $1").bind(text).execute(&mut connection).await?;
        connection.close().await?;
        make_durable(path)
    }

    /// Reads every page, index and foreign key; each line says one thing that is wrong.
    pub(crate) async fn integrity_check(&self) -> Result<Vec<String>, DatabaseError> {
        let lines: Vec<(String,)> = sqlx::query_as("pragma integrity_check").fetch_all(&self.readers).await?;
        let mut wrong: Vec<String> =
            lines.into_iter().map(|line| line.0).filter(|line| line != "ok").collect();
        let orphans: Vec<(String, Option<i64>, String, i64)> =
            sqlx::query_as("pragma foreign_key_check").fetch_all(&self.readers).await?;
        wrong.extend(orphans.into_iter().map(|(table, row, parent, _)| {
            let row = row.map_or_else(|| "?".to_owned(), |row| row.to_string());
            format!("row {row} of {table} points to nothing in {parent}")
        }));
        Ok(wrong)
    }

    /// Moves the write-ahead log into the file and empties it. `false`: a reader was in the way, nothing is wrong.
    pub(crate) async fn checkpoint_wal(&self) -> Result<bool, DatabaseError> {
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&self.writer).await?;
        Ok(busy == 0)
    }

    /// `secure_delete` overwrites what is deleted; what moved from page to page before may be left in a gap, so the file is
    /// written again.
    pub(crate) async fn rewrite(&self) -> Result<(), DatabaseError> {
        // Nobody of this process writes meanwhile, and the copy is in no memory: it may be large.
        let held = self.writer.acquire().await?;
        let mut connection = self.options.clone().pragma("temp_store", "file").connect().await?;
        sqlx::query("vacuum").execute(&mut connection).await?;
        connection.close().await?;
        drop(held);
        for _ in 0..PATIENCE {
            if self.checkpoint_wal().await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(DatabaseError::Unsuitable {
            problem: "is being read all the time: its log cannot be emptied".into(),
        })
    }

    /// Waits for what is running, then closes every connection.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Syncs a file and the folder that names it.
pub(crate) fn make_durable(path: &Path) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
    File::open(directory.unwrap_or(Path::new("."))).and_then(|file| file.sync_all()).map_err(failed)
}
