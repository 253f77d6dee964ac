//! The list of migrations, and how they reach a database.
//!
//! Each runs once, in its own transaction together with the row that records it: after a crash it is there whole or
//! not at all. What was applied is recorded with its digest, so that an edited migration is noticed.

use crate::engine::Engine;
use crate::{Database, DatabaseError, args};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// 1, 2, 3… without gaps, the same on every engine.
    pub number: u32,
    /// What it does, as in the file's name.
    pub name: &'static str,
    /// The statements for SQLite.
    pub sqlite: &'static str,
    /// The statements for PostgreSQL.
    pub postgres: &'static str,
}

impl Migration {
    fn sql(&self, database: &Database) -> &'static str {
        match database.engine {
            Engine::Sqlite(_) => self.sqlite,
            Engine::Postgres(_) => self.postgres,
        }
    }
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// Every migration, oldest first: `1 "0001_foundation", 2 "0002_…"`.
pub const MIGRATIONS: &[Migration] = migrations![1 "0001_archive", 2 "0002_mailroom", 3 "0003_desk", 4 "0004_delegation", 5 "0005_succession", 6 "0006_evidence", 7 "0007_destruction", 8 "0008_lookup", 9 "0009_verdict", 10 "0010_lookagain", 11 "0011_card", 12 "0012_order", 13 "0013_signing", 14 "0014_scheme", 15 "0015_deposit", 16 "0016_mailbox", 17 "0017_register", 18 "0018_desk", 19 "0019_letter_mail", 20 "0020_exchange", 21 "0021_series", 22 "0022_case", 23 "0023_contact", 24 "0024_found", 25 "0025_address"];

/// Why the schema cannot be brought, or trusted to be, up to date.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// The store failed.
    #[error("the record of migrations cannot be read or written")]
    Database(#[from] DatabaseError),
    /// The database was migrated by a later version of the program.
    #[error(
        "the database has migration {number} ({name}), which this program does not know: it is older than its data"
    )]
    Newer {
        /// The unknown migration.
        number: i64,
        /// Its recorded name.
        name: String,
    },
    /// A migration was edited after it was applied.
    #[error("migration {number} ({name}) is not the one that was applied to this database")]
    Changed {
        /// The edited migration.
        number: u32,
        /// Its name in the program.
        name: &'static str,
    },
    /// A migration failed; it left nothing behind.
    #[error("migration {number} ({name}) failed")]
    Failed {
        /// The migration.
        number: u32,
        /// Its name.
        name: &'static str,
        /// What the engine said.
        #[source]
        source: DatabaseError,
    },
}

const CREATE_SQLITE: &str = "create table if not exists schema_migration (
    number integer primary key, name text not null, digest blob not null, applied_ms integer not null
) strict";
const CREATE_POSTGRES: &str = "create table if not exists schema_migration (
    number bigint primary key, name text not null, digest bytea not null, applied_ms bigint not null
)";
const APPLIED: &str = "select number, name, digest from schema_migration order by number";
const RECORD: &str =
    "insert into schema_migration (number, name, digest, applied_ms) values ($1, $2, $3, $4)";

/// The program's migrations that the database does not have yet. Refuses a database that is newer than the program, or
/// whose applied migrations are not those of the program. Writes nothing.
pub async fn pending(database: &Database) -> Result<&'static [Migration], MigrationError> {
    pending_of(database, MIGRATIONS).await
}

/// Applies what is pending, and returns it. `now_ms` (UTC) is recorded beside each.
pub async fn apply(database: &Database, now_ms: i64) -> Result<&'static [Migration], MigrationError> {
    apply_of(database, MIGRATIONS, now_ms).await
}

async fn pending_of<'a>(
    database: &Database,
    known: &'a [Migration],
) -> Result<&'a [Migration], MigrationError> {
    if !database.has_table("schema_migration").await? {
        return Ok(known);
    }
    let applied: Vec<(i64, String, Vec<u8>)> = database.all(APPLIED, args![]).await?;
    for (index, (number, name, digest)) in applied.iter().enumerate() {
        let Some(migration) = known.get(index) else {
            return Err(MigrationError::Newer { number: *number, name: name.clone() });
        };
        if i64::from(migration.number) != *number || digest != &digest_of(migration.sql(database)) {
            return Err(MigrationError::Changed { number: migration.number, name: migration.name });
        }
    }
    Ok(&known[applied.len()..])
}

async fn apply_of<'a>(
    database: &Database,
    known: &'a [Migration],
    now_ms: i64,
) -> Result<&'a [Migration], MigrationError> {
    let pending = pending_of(database, known).await?;
    let create = match database.engine {
        Engine::Sqlite(_) => CREATE_SQLITE,
        Engine::Postgres(_) => CREATE_POSTGRES,
    };
    database.execute(create, args![]).await?;
    for migration in pending {
        run(database, migration, now_ms).await.map_err(|source| MigrationError::Failed {
            number: migration.number,
            name: migration.name,
            source,
        })?;
    }
    Ok(pending)
}

async fn run(database: &Database, migration: &Migration, now_ms: i64) -> Result<(), DatabaseError> {
    let mut tx = database.begin().await?;
    let sql = migration.sql(database);
    tx.script(sql).await?;
    tx.execute(RECORD, args![migration.number, migration.name, digest_of(sql), now_ms]).await?;
    tx.commit().await
}

fn digest_of(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests;
