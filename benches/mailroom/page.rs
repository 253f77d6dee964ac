//! The public page of verification: what the program's processor spends on a document of 20 MB that is uploaded to it, which is what
//! happens without script; with script the browser hashes it and the program gets a line.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::RUNS;
use crate::http::served;
use crate::probe::median;

const SIZE: usize = 20_000_000;
/// Uploads of one measurement: the kernel counts processor time in hundredths of a second.
const UPLOADS: u32 = 5;
/// A tick of /proc: a hundredth of a second on Linux.
const TICK_MS: u64 = 10;
const BOUNDARY: &str = "----plico-bench";

/// `verify-page`: processor time for one upload.
pub async fn verify_page() {
    let served = served().await;
    let first = call(served.address, "GET /verifica HTTP/1.1\r\n", b"");
    let cookies: Vec<&str> = first
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .filter_map(|cookie| cookie.split(';').next())
        .collect();
    let token = first.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = token.expect("the form has a token");
    let field = |name: &str, value: &str| {
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"document\"; filename=\"a.bin\"\r\n\r\n"
    );
    let mut body =
        [field("_csrf", token), field("code", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A"), file].concat().into_bytes();
    body.extend((0..SIZE).map(|n| (n % 251) as u8));
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let head = format!(
        "POST /verifica/documento HTTP/1.1\r\ncookie: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\n",
        cookies.join("; ")
    );
    let pid = served.id();
    let mut costs = Vec::new();
    for _ in 0..RUNS {
        let before = ticks(pid);
        for _ in 0..UPLOADS {
            // No document has this code: the whole file is read and hashed, and the answer says so.
            let answer = call(served.address, &head, &body);
            assert!(answer.starts_with("HTTP/1.1 422"), "{}", answer.lines().next().unwrap_or_default());
        }
        costs.push(Duration::from_millis((ticks(pid) - before) * TICK_MS) / UPLOADS);
    }
    println!("verify-page: {:.0?} of processor for a document of 20 MB (at most 300 ms)", median(costs));
}

fn call(address: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "{head}host: {address}\r\norigin: http://{address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(body)).expect("it reads");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Processor time of a process, user and system.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}
