//! Whatever answers one request with one reply, on a socket: for outside services that are asked over HTTP.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plico_courier::witness::simulator::Reply;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The longest head of a request.
const LONGEST_HEAD: usize = 16 * 1024;

/// A running service around some state; it stops when dropped.
pub struct Service<S> {
    address: SocketAddr,
    state: Arc<Mutex<S>>,
    task: JoinHandle<()>,
}

impl<S> std::fmt::Debug for Service<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("address", &self.address).finish_non_exhaustive()
    }
}

impl<S: Send + 'static> Service<S> {
    /// Starts one on a free port of 127.0.0.1. `answer` is given the state and a request's path and body.
    pub async fn start(
        state: S,
        answer: impl Fn(&mut S, &str, &[u8]) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let whole = move |state: &mut S, _: &str, path: &str, body: &[u8]| {
            answer(state, &path.to_ascii_lowercase(), body)
        };
        Self::start_whole(state, whole).await
    }

    /// The same, given the request's head besides, as it came.
    pub async fn start_whole(
        state: S,
        answer: impl Fn(&mut S, &str, &str, &[u8]) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(state));
        let (shared, answer) = (state.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, answer) = (shared.clone(), answer.clone());
                connections.spawn(async move {
                    let ask =
                        |head: &str, path: &str, body: &[u8]| answer(&mut lock(&shared), head, path, body);
                    let _ = converse(stream, ask).await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, state, task })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it remembers. Not to be held across an await.
    pub fn state(&self) -> MutexGuard<'_, S> {
        lock(&self.state)
    }
}

impl<S> Drop for Service<S> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(mut stream: TcpStream, ask: impl Fn(&str, &str, &[u8]) -> Reply) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 || bytes.len() > LONGEST_HEAD {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..count]);
    };
    let whole = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let text = whole.to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let path = whole.split(' ').nth(1).unwrap_or_default().to_owned();
    while bytes.len() < head + length.unwrap_or(0usize) {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
    let reply = ask(&whole, &path, &bytes[head..]);
    match reply {
        Reply::HangUp => {}
        Reply::Stall => while stream.read(&mut buffer).await? > 0 {},
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'a'; 4096]).await?;
            }
        }
        Reply::Answer(status, kind, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} -\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
            stream.shutdown().await?;
            while stream.read(&mut buffer).await? > 0 {}
        }
    }
    Ok(())
}

pub(crate) fn lock<S>(state: &Mutex<S>) -> MutexGuard<'_, S> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
