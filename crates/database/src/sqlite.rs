//! SQLite, opened so that a committed transaction survives a crash of the machine.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::engine::Mode;
use crate::{Arg, DatabaseError};

mod pool;
mod statement;

pub(crate) use pool::{Lent, Pool};
pub(crate) use statement::{all, apart, describe, each, execute, optional};

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

/// How long a writer waits before it asks again whether another process is done.
const AGAIN: Duration = Duration::from_millis(5);

/// Statements that a connection keeps prepared.
const PREPARED: usize = 512;

/// What is said to every connection.
const SETTINGS: &str = "
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    -- Deleted content is overwritten: erasure must reach the file.
    pragma secure_delete = on;
    -- A changed schema must not be able to call functions with side effects.
    pragma trusted_schema = off;
    -- Sorting personal data must not leave it in a temporary file.
    pragma temp_store = memory;
    pragma cache_size = -16384;
    pragma journal_size_limit = 67108864;";

/// The file, with its pools.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) writer: Pool,
    pub(crate) readers: Pool,
    pub(crate) path: Arc<Path>,
    _temporary: Option<Arc<tempfile::TempDir>>,
}

/// Opens one more connection to the file.
fn connect(path: &Path) -> Result<Connection, DatabaseError> {
    // Its own lock is not needed: a connection is used by one thread at a time.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // A statement keeps its plan whatever is bound: without this each is compiled anew for each set of values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

impl Store {
    /// Opens (or creates) the file at `path`, readable by its owner alone.
    pub(crate) fn open(path: &Path, mode: Mode) -> Result<Self, DatabaseError> {
        refuse_an_old_library()?;
        let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        options.create_new(mode == Mode::Create).open(path).map_err(failed)?;

        let path: Arc<Path> = path.into();
        let opening = |then: &'static str| {
            let path = path.clone();
            Box::new(move || {
                let connection = connect(&path)?;
                connection.execute_batch(then)?;
                Ok(connection)
            })
        };
        // The writer first: it may have to recover the WAL, or to switch a new file to it.
        let writer = Pool::new(1, opening(""))?;
        let readers = Pool::new(READERS, opening("pragma query_only = on"))?;
        Ok(Self { writer, readers, path, _temporary: None })
    }

    /// A new file in a temporary folder that goes away with the last clone.
    pub(crate) fn temporary() -> Result<Self, DatabaseError> {
        let failed = |source| DatabaseError::Open { path: PathBuf::from("(temporary)"), source };
        let directory = tempfile::tempdir().map_err(failed)?;
        let store = Self::open(&directory.path().join("plico.db"), Mode::Create)?;
        Ok(Self { _temporary: Some(Arc::new(directory)), ..store })
    }

    /// Begins a writing transaction. Waiting for another process is not done in the engine, where it would hold the thread.
    pub(crate) async fn begin(&self) -> Result<Lent, DatabaseError> {
        let writer = self.writer.acquire().await?;
        let until = Instant::now() + BUSY;
        loop {
            writer.busy_timeout(Duration::ZERO)?;
            let begun = execute(&writer, "begin immediate", &[]);
            writer.busy_timeout(BUSY)?;
            match begun {
                Err(error) if error.is_busy() && Instant::now() < until => tokio::time::sleep(AGAIN).await,
                begun => return begun.map(|_| writer),
            }
        }
    }

    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, DatabaseError> {
        let count: Option<(i64,)> = optional(&*self.readers.acquire().await?, HAS_TABLE, &[Arg::from(name)])?;
        Ok(count.is_some_and(|count| count.0 > 0))
    }

    /// Writes a compact, consistent copy to `path`, which must not exist, and makes it durable. Writers go on meanwhile.
    /// If we crash here, an incomplete file stays at `path`: give a temporary name and rename.
    pub(crate) fn copy_file(&self, path: &Path) -> Result<(), DatabaseError> {
        let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        // An empty file of the right mode is what `vacuum into` accepts as new.
        options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        let text = path.to_str().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
        // A connection of its own: the readers' may not write, not even elsewhere, and the writer's is not to be held.
        let connection = connect(&self.path)?;
        apart(|| execute(&connection, "vacuum into $1", &[Arg::from(text)]).and_then(|_| make_durable(path)))
    }

    /// Reads every page, index and foreign key; each line says one thing that is wrong.
    pub(crate) async fn integrity_check(&self) -> Result<Vec<String>, DatabaseError> {
        let reader = self.readers.acquire().await?;
        let lines: Vec<(String,)> = apart(|| all(&reader, "pragma integrity_check", &[]))?;
        let mut wrong: Vec<String> =
            lines.into_iter().map(|line| line.0).filter(|line| line != "ok").collect();
        let orphans: Vec<(String, Option<i64>, String, i64)> =
            apart(|| all(&reader, "pragma foreign_key_check", &[]))?;
        wrong.extend(orphans.into_iter().map(|(table, row, parent, _)| {
            let row = row.map_or_else(|| "?".to_owned(), |row| row.to_string());
            format!("row {row} of {table} points to nothing in {parent}")
        }));
        Ok(wrong)
    }

    /// Moves the write-ahead log into the file and empties it. `false`: a reader was in the way, nothing is wrong.
    pub(crate) async fn checkpoint_wal(&self) -> Result<bool, DatabaseError> {
        let writer = self.writer.acquire().await?;
        let emptied: Option<(i64, i64, i64)> =
            apart(|| optional(&writer, "pragma wal_checkpoint(truncate)", &[]))?;
        Ok(emptied.is_some_and(|(busy, _, _)| busy == 0))
    }

    /// `secure_delete` overwrites what is deleted; what moved from page to page before may be left in a gap, so the file is
    /// written again.
    pub(crate) async fn rewrite(&self) -> Result<(), DatabaseError> {
        // Nobody of this process writes meanwhile, and the copy is in no memory: it may be large.
        let held = self.writer.acquire().await?;
        apart(|| {
            connect(&self.path)?
                .execute_batch("pragma temp_store = file; vacuum")
                .map_err(DatabaseError::from)
        })?;
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

fn refuse_an_old_library() -> Result<(), DatabaseError> {
    let found = rusqlite::version();
    let mut numbers = found.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let version = (next(), next(), next());
    // 3.52.0 was withdrawn by its authors.
    if version < MINIMUM_SQLITE || version == (3, 52, 0) {
        return Err(DatabaseError::TooOld { engine: "SQLite", found: found.into(), needed: "3.51.3" });
    }
    Ok(())
}

/// Ends whatever is open on a connection; where that is not possible, closes it.
pub(crate) fn undo(connection: Lent) -> Result<(), DatabaseError> {
    if connection.is_autocommit() {
        return Ok(()); // the engine had undone it already
    }
    let undone = execute(&connection, "rollback", &[]);
    if undone.is_err() {
        connection.close();
    }
    undone.map(drop)
}

/// Syncs a file and the folder that names it.
pub(crate) fn make_durable(path: &Path) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::Open { path: path.to_owned(), source };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
    File::open(directory.unwrap_or(Path::new("."))).and_then(|file| file.sync_all()).map_err(failed)
}
