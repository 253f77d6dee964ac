//! `plico witness`: cosign what other archives' logs show.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use plico_journal::Policy;
use tokio::net::TcpListener;

use super::{Exit, Failure, runtime, say};
use crate::clock::SystemClock;
use crate::config::Log;
use crate::http::{log, server};
use crate::{app, witness};

/// Bytes of the file that names the logs.
const POLICY_LIMIT: u64 = 1 << 20;

/// Options of `witness`.
#[derive(Debug, Args)]
#[command(
    after_help = "Keeps what it cosigned in DIR, which belongs in no backup: a witness that forgets is a new witness. \
                  Put a TLS proxy before it.\n\nExample:\n  plico witness --state /var/lib/plico-witness --logs logs.policy --name witness.example.org"
)]
pub struct Options {
    /// Folder of its key and its memory
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Policy file (C2SP tlog-policy) whose `log` lines it watches
    #[arg(long, value_name = "FILE")]
    logs: PathBuf,
    /// Its name, at the first start
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    listen: String,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    log::start(&Log::default()).map_err(|error| Failure::fault("cannot log").because(error))?;
    let bytes = super::verify::read(&options.logs, POLICY_LIMIT)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::usage(format!("{} is not text", options.logs.display())).because(error))?;
    let policy = Policy::parse(&text).map_err(|error| {
        Failure::usage(format!("{} is not a policy", options.logs.display())).because(error)
    })?;
    let logs: Vec<_> = policy.logs().iter().map(|log| log.key.clone()).collect();
    if logs.is_empty() {
        return Err(Failure::usage(format!("{} names no log", options.logs.display())));
    }
    let seed = || {
        let mut seed = [0; 32];
        app::entropy().fill(&mut seed);
        seed
    };
    let opened =
        witness::Witness::open(&options.state, options.name.as_deref(), logs, Arc::new(SystemClock), seed)
            .map_err(|error| Failure::usage("the witness cannot begin").because(error))?;
    runtime()?.block_on(async {
        let listener = TcpListener::bind(&options.listen)
            .await
            .map_err(|error| Failure::usage(format!("cannot listen on {}", options.listen)).because(error))?;
        say(&format!("witness {}\nlistening on {}", opened.verifier_key(), options.listen));
        let router = witness::router(Arc::new(opened));
        server::serve(listener, router, 256, Duration::from_secs(5), server::asked_to_stop()).await;
        Ok(Exit::Good)
    })
}
