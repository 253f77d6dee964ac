//! A malware scanner on a socket.

use plico_courier::malware::simulator::{Clamd, Session, Step};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running scanner; it stops when dropped.
#[derive(Debug)]
pub struct Scanner {
    address: SocketAddr,
    clamd: Arc<Mutex<Clamd>>,
    task: JoinHandle<()>,
}

impl Scanner {
    /// Starts one on a free port of 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let clamd = Arc::new(Mutex::new(Clamd::default()));
        let task = tokio::spawn(serve(listener, clamd.clone()));
        Ok(Self { address, clamd, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its limit, its fault, its count. Not to be held across an await.
    pub fn clamd(&self) -> MutexGuard<'_, Clamd> {
        lock(&self.clamd)
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers on `listener` for as long as it is polled.
pub async fn serve(listener: TcpListener, clamd: Arc<Mutex<Clamd>>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, clamd.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, clamd: Arc<Mutex<Clamd>>) -> io::Result<()> {
    let mut session = Session::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let step = session.push(&mut lock(&clamd), &buffer[..count]);
        match step {
            Step::Listen => {}
            Step::Answer(bytes) => {
                stream.write_all(&bytes).await?;
                stream.shutdown().await?;
                // What the client is still sending is read, so that closing does not destroy the answer.
                while stream.read(&mut buffer).await? > 0 {}
                return Ok(());
            }
            Step::HangUp => return Ok(()),
            Step::Stall => {
                while stream.read(&mut buffer).await? > 0 {}
                return Ok(());
            }
        }
    }
}

fn lock(clamd: &Mutex<Clamd>) -> MutexGuard<'_, Clamd> {
    clamd.lock().unwrap_or_else(PoisonError::into_inner)
}
