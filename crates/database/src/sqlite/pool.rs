//! Connections to one file, lent one at a time to whoever has waited longest.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::DatabaseError;
use crate::engine::TURN;

/// How a connection is opened.
pub(crate) type Opening = dyn Fn() -> Result<Connection, DatabaseError> + Send + Sync;

/// The connections.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
    connections: u32,
    open: Box<Opening>,
}

/// A connection that goes back when it is dropped.
pub(crate) struct Lent {
    connection: Option<Connection>,
    pool: Arc<Shared>,
    _turn: OwnedSemaphorePermit,
}

impl Pool {
    /// So many at most; the first is opened at once, to say whether it can be.
    pub(crate) fn new(connections: u32, open: Box<Opening>) -> Result<Self, DatabaseError> {
        let idle = Mutex::new(vec![open()?]);
        let turns = Arc::new(Semaphore::new(connections as usize));
        Ok(Self(Arc::new(Shared { idle, turns, connections, open })))
    }

    /// Waits for its turn.
    pub(crate) async fn acquire(&self) -> Result<Lent, DatabaseError> {
        let turn = tokio::time::timeout(TURN, self.0.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| DatabaseError::Late)?.map_err(|_| DatabaseError::Closed)?;
        let connection = match self.0.idle().pop() {
            Some(connection) => connection,
            None => (self.0.open)()?,
        };
        Ok(Lent { connection: Some(connection), pool: self.0.clone(), _turn: turn })
    }

    /// Waits for what is running, then closes every connection.
    pub(crate) async fn close(&self) {
        let all = self.0.turns.acquire_many(self.0.connections).await;
        self.0.turns.close();
        self.0.idle().clear();
        drop(all);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("connections", &self.0.connections).finish_non_exhaustive()
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// Closes it; another is opened when one is needed.
    pub(crate) fn close(mut self) {
        self.connection = None;
    }
}

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("there until it is dropped or closed")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Before the turn is given back.
        if let Some(connection) = self.connection.take() {
            self.pool.idle().push(connection);
        }
    }
}
