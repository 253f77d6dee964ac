//! Servers of the outside world, the real ones, each with a folder and ports of its own.
//!
//! [`Missing`] says what a machine lacks: a test says it aloud and goes on. `make test` installs them, and in CI
//! `REAL_SERVERS=required` turns a missing server into a failure.

pub mod clamav;
pub mod dovecot;
pub mod poppler;
pub mod postfix;
pub mod postgres;
pub mod pyhanko;
pub mod python;
pub mod s3;
pub mod softhsm;
pub mod strace;
pub mod tsa;
pub mod verapdf;
pub mod xmlsec;

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Why a real server cannot run here.
#[derive(Debug)]
pub struct Missing(String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The server, or nothing after saying aloud why not. Fails instead where real servers are demanded.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
pub fn or_say<T>(started: Result<T, Missing>) -> Option<T> {
    match started {
        Ok(server) => Some(server),
        Err(missing) if std::env::var("REAL_SERVERS").is_ok_and(|value| value == "required") => {
            panic!("{missing}")
        }
        Err(missing) => {
            eprintln!("NOT RUN: {missing}");
            None
        }
    }
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Waits until somebody listens.
fn await_port(port: u16, patience: Duration) -> Result<(), Missing> {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    Err(Missing(format!("nothing listened on port {port} within {} s", patience.as_secs())))
}

/// Whether a program is there, by its path; `package` is what installs it.
pub fn installed(program: &str, package: &str) -> Result<(), Missing> {
    if Path::new(program).exists() {
        return Ok(());
    }
    Err(Missing(format!("{program} is not there ({package})")))
}

/// The servers change users, as they do when installed: they are started by root.
fn root() -> Result<(), Missing> {
    let id = run(Command::new("id").arg("-u"))?;
    if id.stdout == b"0\n" { Ok(()) } else { Err(Missing("it must be started by root".into())) }
}

fn run(command: &mut Command) -> Result<Output, Missing> {
    let name = format!("{command:?}");
    let output = command.output().map_err(|error| Missing(format!("{name}: {error}")))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(Missing(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))))
}

fn failed(error: &io::Error) -> Missing {
    Missing(error.to_string())
}
