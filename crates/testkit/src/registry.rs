//! A simulated registry system on a socket.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use plico_registry::host::serve;
use plico_registry::simulator::Simulator;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::http::lock;

/// The day that it dates its numbers with.
pub const DAY: &str = "2026-11-23";

/// A running system; it stops when dropped, and forgets nothing of its ledger until then.
pub struct Hosted<S> {
    address: SocketAddr,
    state: Arc<Mutex<S>>,
    task: JoinHandle<()>,
}

impl<S> std::fmt::Debug for Hosted<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosted").field("address", &self.address).finish_non_exhaustive()
    }
}

impl<S: Simulator + 'static> Hosted<S> {
    /// Starts one on a free port of 127.0.0.1.
    pub async fn start(system: S) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(system));
        let task = tokio::spawn(serve(listener, state.clone(), || DAY.to_owned()));
        Ok(Self { address, state, task })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it is. Not to be held across an await.
    pub fn state(&self) -> MutexGuard<'_, S> {
        lock(&self.state)
    }
}

impl<S> Drop for Hosted<S> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
