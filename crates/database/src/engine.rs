//! The store, whichever engine keeps it.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::transaction::Connection;
use crate::{Arg, DatabaseError, Location, Record, Tx, postgres, sqlite};

/// How long an act waits for its turn before it is an error.
pub(crate) const TURN: Duration = Duration::from_secs(30);

/// What to expect at the place. Existing and new are never guessed: a wrong path must not begin a second history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// There must be nothing there yet. The database of a server is there, and empty.
    Create,
    /// It must be there.
    Existing,
}

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) engine: Engine,
    pub(crate) doubt: Doubt,
}

/// What the device said when it first did not confirm a flush: from then on this process writes nothing more.
pub(crate) type Doubt = Arc<OnceLock<String>>;

#[derive(Clone, Debug)]
pub(crate) enum Engine {
    Sqlite(sqlite::Store),
    Postgres(Arc<postgres::Store>),
}

impl Database {
    /// Opens what is at `location`, or begins there.
    pub async fn open(location: impl Into<Location>, mode: Mode) -> Result<Self, DatabaseError> {
        let engine = match location.into() {
            Location::File(path) => Engine::Sqlite(sqlite::Store::open(&path, mode)?),
            Location::Server(options) => {
                Engine::Postgres(postgres::Store::open(&options, mode).await?.into())
            }
        };
        Ok(Self::over(engine))
    }

    pub(crate) fn over(engine: Engine) -> Self {
        Self { engine, doubt: Doubt::default() }
    }

    /// A new store in a temporary directory that goes away with the last clone: for tests. It is a real file, so that
    /// locks, syncs and readers behave as in production.
    pub fn memory() -> Result<Self, DatabaseError> {
        Ok(Self::over(Engine::Sqlite(sqlite::Store::temporary()?)))
    }

    /// Why nothing is written any more: the device did not confirm a flush, so nobody knows what it holds. Whoever begins
    /// anew does.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.get().map(String::as_str)
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite(store) => Some(&store.path),
            Engine::Postgres(_) => None,
        }
    }

    /// Every row, read outside any transaction.
    pub async fn all<T: Record>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => {
                let reader = store.readers.acquire().await?;
                sqlite::apart(|| sqlite::all(&reader, sql, &args))
            }
            Engine::Postgres(store) => postgres::all(&store.readers, sql, args).await,
        }
    }

    /// The first row; [`DatabaseError::NotFound`] when there is none.
    pub async fn one<T: Record>(&self, sql: &'static str, args: Vec<Arg>) -> Result<T, DatabaseError> {
        self.optional(sql, args).await?.ok_or(DatabaseError::NotFound)
    }

    /// The first row, if any.
    pub async fn optional<T: Record>(
        &self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => {
                let reader = store.readers.acquire().await?;
                sqlite::apart(|| sqlite::optional(&reader, sql, &args))
            }
            Engine::Postgres(store) => postgres::optional(&store.readers, sql, args).await,
        }
    }

    /// Executes one writing statement in its own transaction, and says how many rows were written.
    pub async fn execute(&self, sql: &'static str, args: Vec<Arg>) -> Result<u64, DatabaseError> {
        let mut tx = self.begin().await?;
        let rows = tx.execute(sql, args).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// Whether there is a table of this name.
    pub async fn has_table(&self, name: &str) -> Result<bool, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => store.has_table(name).await,
            Engine::Postgres(store) => store.has_table(name).await,
        }
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

    /// A writing transaction, when its turn comes: one at a time, among all processes.
    ///
    /// It takes the lock at once: a transaction that reads first and writes later would otherwise rest on what somebody else
    /// has changed in between.
    pub async fn begin(&self) -> Result<Tx, DatabaseError> {
        let tx = match &self.engine {
            Engine::Sqlite(store) => Tx::over(Connection::Sqlite(store.begin().await?), &self.doubt),
            Engine::Postgres(store) => {
                Tx::begin(store.writer.acquire().await?, postgres::BEGIN, &self.doubt).await?
            }
        };
        // Asked when the turn has come: whoever had it before may have failed.
        if self.doubt().is_some() { Err(DatabaseError::Stopped) } else { Ok(tx) }
    }

    /// A reading transaction: every statement sees the state of the first one.
    pub async fn snapshot(&self) -> Result<Tx, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => {
                let reader = store.readers.acquire().await?;
                sqlite::execute(&reader, "begin", &[])?;
                Ok(Tx::over(Connection::Sqlite(reader), &self.doubt))
            }
            Engine::Postgres(store) => {
                Tx::begin(store.readers.acquire().await?, postgres::SNAPSHOT, &self.doubt).await
            }
        }
    }

    /// Writes a compact, consistent copy to `path`, which must not exist, and makes it durable: always a file of SQLite,
    /// whichever engine this is. Writers go on meanwhile. If we crash here, an incomplete file stays at `path`: give a
    /// temporary name and rename.
    pub async fn backup_into(&self, path: &Path) -> Result<(), DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => store.copy_file(path),
            Engine::Postgres(_) => {
                let copy = Self::open(path, Mode::Create).await?;
                self.copy_into_new(&copy).await?;
                copy.checkpoint_wal().await?;
                copy.close().await;
                sqlite::make_durable(path)
            }
        }
    }

    /// What a statement would answer, and of which type, as the engine understands it; it is not executed.
    pub async fn describe(&self, sql: &str) -> Result<Vec<(String, String)>, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => sqlite::describe(&*store.writer.acquire().await?, sql),
            Engine::Postgres(store) => postgres::describe(&store.writer, sql).await,
        }
    }

    /// Looks at what the engine keeps beside the rows: on SQLite every page, index and foreign key; on PostgreSQL, which
    /// checks its pages itself as they are read, that no trigger, index or constraint is off. Each line says one thing that
    /// is wrong. Empty: all is well.
    pub async fn integrity_check(&self) -> Result<Vec<String>, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => store.integrity_check().await,
            Engine::Postgres(store) => store.integrity_check().await,
        }
    }

    /// Moves SQLite's write-ahead log into the file and empties it; PostgreSQL sees to its own. `false`: a reader was in the
    /// way, nothing is wrong.
    pub async fn checkpoint_wal(&self) -> Result<bool, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => store.checkpoint_wal().await,
            Engine::Postgres(_) => Ok(true),
        }
    }

    /// Writes every table anew, so that nothing of deleted rows is left in its files, and empties SQLite's write-ahead log.
    /// Writers wait meanwhile. `false`: the tables belong to another role of the server, whose business it is.
    pub async fn rewrite(&self) -> Result<bool, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => store.rewrite().await.map(|()| true),
            Engine::Postgres(store) => store.rewrite().await,
        }
    }

    /// Waits for what is running, then closes every connection.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(store) => store.close().await,
            Engine::Postgres(store) => store.close().await,
        }
    }
}
