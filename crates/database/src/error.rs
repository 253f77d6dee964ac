//! What the store can say when it does not do what was asked.

use sqlx::postgres::PgDatabaseError;
use std::path::PathBuf;
use thiserror::Error;

use crate::Unreadable;

/// A statement, or the opening of the store, failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The file to create exists, or the one to open does not, or it cannot be reached.
    #[error("the database {} cannot be opened", path.display())]
    Open {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The server of the database cannot be reached, or lets us not in.
    #[error("no connection to the database's server")]
    Connect {
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// The engine may lose committed writes (see `MINIMUM_SQLITE`), or lacks what statements need.
    #[error("{engine} {found} is too old: {needed} or later is required")]
    TooOld {
        /// Which.
        engine: &'static str,
        /// The version that is linked, or runs.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// The server's database is not one that an archive may be kept in, or not the one that is meant.
    #[error("the database {problem}")]
    Unsuitable {
        /// Why, and what to do.
        problem: String,
    },
    /// The server's database is empty, and what is there was to be opened.
    #[error("the database holds no archive")]
    Vacant,
    /// Text with a null character was bound: PostgreSQL cannot hold it.
    #[error("a text holds a null character")]
    Unstorable,
    /// `one` found no row.
    #[error("there is no such row")]
    NotFound,
    /// An unsigned number above 2⁶³ − 1 was bound.
    #[error("the number {value} does not fit a column")]
    OutOfRange {
        /// The number.
        value: u64,
    },
    /// An earlier error in this transaction ended it; roll back and begin again.
    #[error("the transaction was ended by an earlier error")]
    Broken {
        /// Whether that error was a full device; [`is_full`](DatabaseError::is_full) says so here too.
        full: bool,
    },
    /// The device did not confirm a flush in this process ([`is_sync_failure`](DatabaseError::is_sync_failure)), so nothing is
    /// written any more.
    #[error("writing has stopped after a failed sync")]
    Stopped,
    /// No connection was free in time: there is more to do than this store can.
    #[error("no turn came within half a minute")]
    Late,
    /// Somebody reads from before a destruction, so that what is gone cannot be taken out of the files yet; ask again later.
    #[error(
        "{sessions} sessions still read from before the destruction: end them, or wait, and it is tried again"
    )]
    Watched {
        /// How many.
        sessions: i64,
    },
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
    /// A stored value is not of the type the program expects: the file was changed from outside, or a migration is wrong.
    #[error("a stored row cannot be read as what it should be")]
    Inconsistent(#[from] Unreadable),
    /// Anything else the engine refuses.
    #[error("the database refused a statement")]
    Query {
        /// What the engine said.
        #[source]
        source: Said,
    },
}

/// An engine's own words.
#[derive(Debug, Error)]
#[error(transparent)]
pub enum Said {
    /// SQLite's.
    Sqlite(rusqlite::Error),
    /// PostgreSQL's, or those of the connection to it.
    Postgres(sqlx::Error),
}

/// Primary and extended result codes of SQLite (<https://www.sqlite.org/rescode.html>).
mod sqlite {
    pub(super) const BUSY: i32 = 5;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const INTERRUPT: i32 = 9;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const IOERR_FSYNC: i32 = 1034;
    pub(super) const IOERR_DIR_FSYNC: i32 = 1290;
    pub(super) const CONSTRAINT_FOREIGN_KEY: i32 = 787;
    pub(super) const CONSTRAINT_PRIMARY_KEY: i32 = 1555;
    pub(super) const CONSTRAINT_TRIGGER: i32 = 1811;
    pub(super) const CONSTRAINT_UNIQUE: i32 = 2067;
}

/// Codes of PostgreSQL (<https://www.postgresql.org/docs/15/errcodes-appendix.html>): always five characters.
mod postgres {
    pub(super) const FOREIGN_KEY_VIOLATION: &str = "23503";
    pub(super) const UNIQUE_VIOLATION: &str = "23505";
    pub(super) const DISK_FULL: &str = "53100";
    pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";
    /// What our triggers raise.
    pub(super) const RAISE_EXCEPTION: &str = "P0001";
    pub(super) const INSUFFICIENT_PRIVILEGE: &str = "42501";
}

impl DatabaseError {
    /// SQLite's extended code.
    fn code(&self) -> Option<i32> {
        match self {
            Self::Query {
                source:
                    Said::Sqlite(
                        rusqlite::Error::SqliteFailure(error, _)
                        | rusqlite::Error::SqlInputError { error, .. },
                    ),
            } => Some(error.extended_code),
            _ => None,
        }
    }

    fn server(&self) -> Option<&PgDatabaseError> {
        match self {
            Self::Query { source: Said::Postgres(sqlx::Error::Database(error)) } => error.try_downcast_ref(),
            _ => None,
        }
    }

    /// PostgreSQL's code.
    fn state(&self) -> Option<&str> {
        Some(self.server()?.code())
    }

    /// A unique index or primary key already holds the value: the usual way to notice a retry.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self.code(), Some(sqlite::CONSTRAINT_UNIQUE | sqlite::CONSTRAINT_PRIMARY_KEY))
            || self.state() == Some(postgres::UNIQUE_VIOLATION)
    }

    /// A foreign key points to nothing, or is still pointed at.
    pub fn is_foreign_key_violation(&self) -> bool {
        self.code() == Some(sqlite::CONSTRAINT_FOREIGN_KEY)
            || self.state() == Some(postgres::FOREIGN_KEY_VIOLATION)
    }

    /// Append-only tables refuse to be changed in this way: by a trigger, or because the server's role may not.
    pub fn is_refused_as_final(&self) -> bool {
        self.code() == Some(sqlite::CONSTRAINT_TRIGGER)
            || matches!(self.state(), Some(postgres::RAISE_EXCEPTION | postgres::INSUFFICIENT_PRIVILEGE))
    }

    /// No space is left on the device. Nothing was written; what was acknowledged is safe.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Broken { full: true })
            || self.code().is_some_and(|code| code & 0xff == sqlite::FULL)
            || self.state() == Some(postgres::DISK_FULL)
    }

    /// Somebody else kept the write lock longer than the time-out.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Late)
            || self.code().is_some_and(|code| code & 0xff == sqlite::BUSY)
            || self.state() == Some(postgres::LOCK_NOT_AVAILABLE)
    }

    /// Whether the engine may have rolled back the whole transaction (<https://www.sqlite.org/lang_transaction.html>,
    /// "Response To Errors Within A Transaction"). PostgreSQL does when the connection is lost, or will not commit.
    pub(crate) fn ends_transaction(&self) -> bool {
        use sqlite::{BUSY, FULL, INTERRUPT, IOERR, NOMEM};
        let code = self.code().map(|code| code & 0xff);
        (self.code().is_none() && self.state().is_none())
            || matches!(code, Some(FULL | IOERR | NOMEM | BUSY | INTERRUPT))
    }

    /// What the engine said.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Query { source } => source.to_string(),
            other => other.to_string(),
        }
    }

    /// The device did not confirm a flush. What is on disk is unknown: the caller must stop, never retry, and verify
    /// when it starts again.
    pub fn is_sync_failure(&self) -> bool {
        matches!(self.code(), Some(sqlite::IOERR_FSYNC | sqlite::IOERR_DIR_FSYNC))
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Query { source: Said::Sqlite(source) }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(source: sqlx::Error) -> Self {
        match source {
            sqlx::Error::PoolTimedOut => Self::Late,
            sqlx::Error::PoolClosed => Self::Closed,
            source => Self::Query { source: Said::Postgres(source) },
        }
    }
}
