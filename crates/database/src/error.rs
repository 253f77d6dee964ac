//! What the store can say when it does not do what was asked.

use sqlx::error::ErrorKind;
use std::path::PathBuf;
use thiserror::Error;

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
    /// The linked SQLite may lose committed writes (see `MINIMUM_SQLITE`).
    #[error("SQLite {found} is too old: 3.51.3 or later is required")]
    TooOld {
        /// The version that is linked.
        found: String,
    },
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
    /// A stored value is not of the type the program expects: the file was changed from outside, or a migration is wrong.
    #[error("a stored row cannot be read as what it should be")]
    Inconsistent {
        /// Which column, and why.
        #[source]
        source: sqlx::Error,
    },
    /// Anything else the engine refuses.
    #[error("the database refused a statement")]
    Query {
        /// What the engine said.
        #[source]
        source: sqlx::Error,
    },
}

/// Primary and extended result codes of SQLite (<https://www.sqlite.org/rescode.html>).
const SQLITE_ERROR: i32 = 1;
const SQLITE_BUSY: i32 = 5;
const SQLITE_NOMEM: i32 = 7;
const SQLITE_INTERRUPT: i32 = 9;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;
const SQLITE_IOERR_FSYNC: i32 = 1034;
const SQLITE_IOERR_DIR_FSYNC: i32 = 1290;
const SQLITE_CONSTRAINT_TRIGGER: i32 = 1811;

impl DatabaseError {
    fn engine(&self) -> Option<&dyn sqlx::error::DatabaseError> {
        match self {
            Self::Query { source: sqlx::Error::Database(error) } => Some(error.as_ref()),
            _ => None,
        }
    }

    fn code(&self) -> Option<i32> {
        self.engine()?.code()?.parse().ok()
    }

    /// A unique index or primary key already holds the value: the usual way to notice a retry.
    pub fn is_unique_violation(&self) -> bool {
        self.engine().is_some_and(|error| error.kind() == ErrorKind::UniqueViolation)
    }

    /// A foreign key points to nothing, or is still pointed at.
    pub fn is_foreign_key_violation(&self) -> bool {
        self.engine().is_some_and(|error| error.kind() == ErrorKind::ForeignKeyViolation)
    }

    /// A trigger raised: append-only tables refuse to be changed in this way.
    pub fn is_refused_by_trigger(&self) -> bool {
        self.code() == Some(SQLITE_CONSTRAINT_TRIGGER)
    }

    /// No space is left on the device. Nothing was written; what was acknowledged is safe.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Broken { full: true })
            || self.code().is_some_and(|code| code & 0xff == SQLITE_FULL)
    }

    /// Somebody else (another process) kept the write lock longer than the busy time-out.
    pub fn is_busy(&self) -> bool {
        self.code().is_some_and(|code| code & 0xff == SQLITE_BUSY)
    }

    /// Whether the engine may have rolled back the whole transaction (<https://www.sqlite.org/lang_transaction.html>,
    /// "Response To Errors Within A Transaction").
    pub(crate) fn ends_transaction(&self) -> bool {
        let code = self.code().map(|code| code & 0xff);
        matches!(code, Some(SQLITE_FULL | SQLITE_IOERR | SQLITE_NOMEM | SQLITE_BUSY | SQLITE_INTERRUPT))
    }

    /// What `rollback` answers when there is nothing to roll back.
    pub(crate) fn is_without_transaction(&self) -> bool {
        self.code() == Some(SQLITE_ERROR)
    }

    /// The device did not confirm a flush. What is on disk is unknown: the caller must stop, never retry, and verify
    /// when it starts again.
    pub fn is_sync_failure(&self) -> bool {
        matches!(self.code(), Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC))
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(source: sqlx::Error) -> Self {
        match source {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::Decode(_) => Self::Inconsistent { source },
            source => Self::Query { source },
        }
    }
}
