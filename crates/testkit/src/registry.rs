//! A simulated registry system on a socket.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use plico_registry::simulator::{Reply, Request, Simulator};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::http::{Came, answer, lock, read};

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
        let shared = state.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, shared.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
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

async fn converse<S: Simulator>(mut stream: TcpStream, state: Arc<Mutex<S>>) -> io::Result<()> {
    let Some(Came { head, body }) = read(&mut stream).await? else { return Ok(()) };
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let request = Request {
        method: first.next().unwrap_or_default().to_owned(),
        path: first.next().unwrap_or_default().to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body,
    };
    let mut reply = lock(&state).answer(&request, DAY);
    loop {
        match reply {
            Reply::HangUp => return Ok(()),
            Reply::Stall => {
                while stream.read(&mut [0; 1024]).await? > 0 {}
                return Ok(());
            }
            Reply::Slow(ms, then) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                reply = *then;
            }
            Reply::Answer { status, kind, body } => return answer(&mut stream, status, kind, &body).await,
        }
    }
}
