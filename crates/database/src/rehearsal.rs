//! Writing what nobody sees: to compare what would come out with what is there.

use std::path::{Path, PathBuf};

use sqlx::PgPool;

use crate::engine::Engine;
use crate::{Database, DatabaseError, Mode, Tx};

/// One state of a store, in which some tables can be written again beside it.
pub struct Rehearsal {
    /// Reads that state; writes the tables that [`Rehearsal::set_aside`] put in the place of others.
    pub tx: Tx,
    /// A store that holds that state: a copy, or the live one where what is read of it does not change.
    pub store: Database,
    apart: Apart,
}

enum Apart {
    File(PathBuf),
    Connection(PgPool),
}

impl Database {
    /// Begins one. Writers go on meanwhile. On SQLite it works in a copy of the whole file, called `name` and lying beside
    /// it, which goes when the rehearsal ends; on PostgreSQL in a transaction with temporary tables that is never committed.
    pub async fn rehearse(&self, name: &str) -> Result<Rehearsal, DatabaseError> {
        match &self.engine {
            Engine::Sqlite(store) => {
                let path = store.path.with_file_name(name);
                let begun = async {
                    store.copy_file(&path)?;
                    let store = Self::open(path.as_path(), Mode::Existing).await?;
                    Ok::<_, DatabaseError>((store.begin().await?, store))
                };
                match begun.await {
                    Ok((tx, store)) => Ok(Rehearsal { tx, store, apart: Apart::File(path) }),
                    Err(error) => {
                        remove(&path);
                        Err(error)
                    }
                }
            }
            Engine::Postgres(store) => {
                let (pool, how) = store.apart().await?;
                let tx = Tx::begin(pool.acquire().await?, how, &self.doubt).await?;
                Ok(Rehearsal { tx, store: self.clone(), apart: Apart::Connection(pool) })
            }
        }
    }
}

impl Rehearsal {
    /// Puts an empty table in the place of each.
    pub async fn set_aside(&mut self, tables: &[&str]) -> Result<(), DatabaseError> {
        for table in tables {
            let sql = match self.apart {
                Apart::File(_) => format!("delete from {table}"),
                Apart::Connection(_) => {
                    format!("create temporary table {table} (like {table} including all) on commit drop")
                }
            };
            self.tx.run(sql).await?;
        }
        Ok(())
    }

    /// Ends it: nothing stays.
    pub async fn end(self) -> Result<(), DatabaseError> {
        let ended = self.tx.rollback().await;
        match self.apart {
            Apart::File(path) => {
                self.store.close().await;
                remove(&path);
            }
            Apart::Connection(pool) => pool.close().await,
        }
        ended
    }
}

/// What cannot be removed now goes with the daily sweep.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let _ = std::fs::remove_file(file);
    }
}
