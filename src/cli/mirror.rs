//! `plico mirror`: keep copies of what other archives' logs show.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use plico_archive::mirror::{Mirror, Taken};
use plico_crypto::digest::from_hex;
use plico_evidence::Policy;
use tokio::net::TcpListener;

use super::{Exit, Failure, complain, runtime, say};
use crate::config::Log;
use crate::http::{log, server};
use crate::mirror::{self, Service, Source};

/// Bytes of a file that names logs, tokens or readers.
const FILE_LIMIT: u64 = 1 << 20;
/// One exchange with a log's server takes at most so long.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Options of `mirror`.
#[derive(Debug, Args)]
#[command(
    after_help = "Keeps the logs in DIR, which belongs in no backup: a mirror that was put back would not know what it had seen. \
                  The policy that an archive publishes at /log/policy names its logs and where they lie; its entries want a token \
                  with the scope log:read, which one of its auditors makes. Put a TLS proxy before it.\n\n\
                  Example:\n  plico mirror --state /var/lib/plico-mirror --logs borgo.policy --tokens tokens --listen 127.0.0.1:8082"
)]
pub struct Options {
    /// Folder of the copies
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Policy file (C2SP tlog-policy) whose `log` lines it copies; each names its address after its key
    #[arg(long, value_name = "FILE")]
    logs: PathBuf,
    /// File with a line for each log: its origin, a space, the token for its entries
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// File with a line for each who may fetch entries here: the SHA-256 of his token, a space, who he is
    #[arg(long, value_name = "FILE")]
    readers: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8082")]
    listen: String,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Look once, say what was found, and end: 0 when all is well, 1 when a log was rewritten, 2 when one cannot be had
    #[arg(long)]
    once: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    log::start(&Log::default()).map_err(|error| Failure::fault("cannot log").because(error))?;
    let (keys, sources) = sources(options)?;
    let readers = readers(options.readers.as_deref())?;
    runtime()?.block_on(async {
        let kept = Mirror::open(&options.state, keys)
            .await
            .map_err(|error| Failure::fault("the mirror cannot begin").because(error))?;
        let service = Service::new(kept, sources, readers, TIMEOUT)
            .map_err(|error| Failure::fault("this machine cannot make requests over HTTP").because(error))?;
        if options.once {
            return Ok(once(&service).await);
        }
        let listener = TcpListener::bind(&options.listen)
            .await
            .map_err(|error| Failure::usage(format!("cannot listen on {}", options.listen)).because(error))?;
        say(&format!("mirroring; listening on {}", options.listen));
        let service = Arc::new(service);
        let router = mirror::router(Arc::clone(&service));
        tokio::select! {
            () = service.follow(Duration::from_secs(options.every)) => {}
            () = server::serve(listener, router, 256, Duration::from_secs(5), server::asked_to_stop()) => {}
        }
        Ok(Exit::Good)
    })
}

async fn once(service: &Service) -> Exit {
    let mut exit = Exit::Good;
    for (origin, found) in service.look().await {
        match found {
            Ok(Taken::New(leaves)) => say(&format!("{origin}: {leaves} new")),
            Ok(Taken::Known) => say(&format!("{origin}: nothing new")),
            Err(problem) => {
                complain(&format!("{origin}: {}", problem.what));
                exit = match exit {
                    Exit::False => exit,
                    _ if problem.evidence => Exit::False,
                    _ => Exit::Incomplete,
                };
            }
        }
    }
    exit
}

fn sources(options: &Options) -> Result<(Vec<plico_journal::VerifierKey>, Vec<Source>), Failure> {
    let shown = options.logs.display();
    let policy = Policy::parse(&super::verify::read(&options.logs, FILE_LIMIT)?)
        .map_err(|error| Failure::usage(format!("{shown} is not a policy")).because(error))?;
    let mut tokens = tokens(options.tokens.as_deref())?;
    let (mut keys, mut sources) = (Vec::new(), Vec::new());
    for log in policy.logs().logs() {
        let origin = log.key.name().to_owned();
        let Some(url) = log.url.clone() else {
            return Err(Failure::usage(format!(
                "{shown} does not say where {origin} lies: write its address after its key, like https://archivio.example/log/c_b999/1"
            )));
        };
        keys.push(log.key.clone());
        sources.push(Source { token: tokens.remove(&origin), origin, url });
    }
    if let Some(origin) = tokens.keys().next() {
        return Err(Failure::usage(format!("there is a token for {origin}, but {shown} names no such log")));
    }
    if keys.is_empty() {
        return Err(Failure::usage(format!("{shown} names no log")));
    }
    Ok((keys, sources))
}

/// The lines of a file of two words each.
fn pairs(file: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = String::from_utf8(super::verify::read(file, FILE_LIMIT)?)
        .map_err(|error| Failure::usage(format!("{} is not text", file.display())).because(error))?;
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let pair = |(n, line): (usize, &str)| {
        let (one, other) = line.trim().split_once(' ').ok_or_else(|| {
            Failure::usage(format!("line {} of {} is not two words", n + 1, file.display()))
        })?;
        Ok((one.to_owned(), other.trim().to_owned()))
    };
    lines.map(pair).collect()
}

fn tokens(file: Option<&Path>) -> Result<BTreeMap<String, String>, Failure> {
    Ok(pairs(file)?.into_iter().collect())
}

fn readers(file: Option<&Path>) -> Result<Vec<[u8; 32]>, Failure> {
    let readers = pairs(file)?.into_iter().map(|(hash, who)| {
        from_hex(&hash)
            .ok_or_else(|| Failure::usage(format!("the token of {who} is no SHA-256 in hexadecimal")))
    });
    readers.collect()
}
