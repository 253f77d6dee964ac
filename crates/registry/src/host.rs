//! A simulated system on a socket: for the demo and for tests. It speaks as much HTTP as a connector needs, and can do what
//! no web server offers: hang up, fall silent, be late.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::simulator::{Reply, Request, Simulator};

/// The longest head of a request, and the longest request, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;
const LONGEST: usize = 512 * 1024 * 1024;

/// Answers whoever asks, until dropped. `day` is the date that it gives its numbers, `YYYY-MM-DD`.
pub async fn serve<S: Simulator + 'static>(
    listener: TcpListener,
    system: Arc<Mutex<S>>,
    day: impl Fn() -> String + Send + Sync + 'static,
) {
    let (mut connections, day) = (JoinSet::new(), Arc::new(day));
    while let Ok((stream, _)) = listener.accept().await {
        let (system, day) = (system.clone(), day.clone());
        connections.spawn(async move { converse(stream, &system, &day()).await });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse<S: Simulator>(mut stream: TcpStream, system: &Mutex<S>, day: &str) -> io::Result<()> {
    let Some(request) = read(&mut stream).await? else { return Ok(()) };
    let mut reply = system.lock().unwrap_or_else(PoisonError::into_inner).answer(&request, day);
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
            Reply::Answer { status, kind, body } => {
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} -\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
                stream.shutdown().await?;
                while stream.read(&mut [0; 1024]).await? > 0 {}
                return Ok(());
            }
        }
    }
}

/// Reads a request; `None` when the other side went away before its end.
async fn read(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 || bytes.len() > LONGEST_HEAD {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..count]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut request = Request {
        method: first.next().unwrap_or_default().to_owned(),
        path: first.next().unwrap_or_default().to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: Vec::new(),
    };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0usize);
    if length > LONGEST {
        return Ok(None);
    }
    while bytes.len() < end + length {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
    request.body = bytes.split_off(end);
    Ok(Some(request))
}
