//! A mail server on a socket.

use plico_courier::email::simulator::{Server, Session, Step};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Longest line read, in bytes.
const LONGEST_LINE: u64 = 8_192;

/// A running mail server; it stops when dropped.
#[derive(Debug)]
pub struct Smtp {
    address: SocketAddr,
    server: Arc<Mutex<Server>>,
    task: JoinHandle<()>,
}

impl Smtp {
    /// Starts one on a free port of 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = Arc::new(Mutex::new(Server::new()));
        let task = tokio::spawn(serve(listener, server.clone()));
        Ok(Self { address, server, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its mailbox and its faults. Not to be held across an await.
    pub fn server(&self) -> MutexGuard<'_, Server> {
        lock(&self.server)
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers on `listener` for as long as it is polled.
pub async fn serve(listener: TcpListener, server: Arc<Mutex<Server>>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, server.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, server: Arc<Mutex<Server>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut session = Session::default();
    let mut step = Session::greet(&mut lock(&server));
    loop {
        match step {
            Step::Say(text) => stream.write_all(text.as_bytes()).await?,
            Step::SayAndClose(text) => {
                stream.write_all(text.as_bytes()).await?;
                return stream.shutdown().await;
            }
            Step::Listen => {}
            Step::HangUp => return Ok(()),
            Step::Stall => {
                let _ = stream.read_to_end(&mut vec![]).await;
                return Ok(());
            }
        }
        let mut line = vec![];
        (&mut stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        if !line.ends_with(b"\n") {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line);
        step = session.line(&mut lock(&server), line.trim_end_matches(['\r', '\n']));
    }
}

fn lock(server: &Mutex<Server>) -> MutexGuard<'_, Server> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}
