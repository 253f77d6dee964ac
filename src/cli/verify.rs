//! `plico verify`: check a receipt or a dossier, offline.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use plico_crypto::digest::{Digest, Sha256};
use plico_evidence::{CheckResult, Policy, Report, Verdict};

use super::{Exit, Failure, say};
use crate::clock::{Clock as _, SystemClock};

/// Bytes of a receipt: ours have some hundred kilobytes.
const RECEIPT_LIMIT: u64 = 64 * 1024 * 1024;
/// Bytes of a policy.
const POLICY_LIMIT: u64 = 4 * 1024 * 1024;

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 ok; 1 failed; 2 incomplete.\n\nExample:\n  plico verify ricevuta.pdf --policy comune.policy --document domanda.pdf --json"
)]
pub struct Options {
    /// The receipt or dossier
    file: PathBuf,
    /// Whom you trust: origins, keys, witnesses, quorum and roots. Without it the verdict is incomplete
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A document that the receipt should name (may be repeated)
    #[arg(long, value_name = "FILE")]
    document: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let receipt = read(&options.file, RECEIPT_LIMIT)?;
    let policy = match &options.policy {
        None => None,
        Some(file) => {
            let policy = Policy::parse(&read(file, POLICY_LIMIT)?);
            Some(policy.map_err(|error| {
                Failure::usage(format!("{} is not a policy", file.display())).because(error)
            })?)
        }
    };
    let documents = options.document.iter().map(|file| digest(file)).collect::<Result<Vec<_>, _>>()?;
    let report = plico_evidence::verify(&receipt, &documents, policy.as_ref(), SystemClock.now_ms());
    if options.json {
        let json = serde_json::to_string(&report)
            .map_err(|error| Failure::fault("cannot write the report").because(error))?;
        say(&json);
    } else {
        tell(&report)?;
    }
    Ok(match report.verdict {
        Verdict::Ok => Exit::Good,
        Verdict::Failed => Exit::False,
        Verdict::Incomplete => Exit::Incomplete,
    })
}

fn tell(report: &Report) -> Result<(), Failure> {
    let fault = |error| Failure::fault("cannot write the report").because(error);
    let word = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    for check in &report.checks {
        let mark = match check.result {
            CheckResult::Ok => "ok    ",
            CheckResult::Failed => "FAILED",
            CheckResult::Absent => "absent",
        };
        let name = word(serde_json::to_value(check.name).map_err(fault)?);
        say(&format!("{mark} {name:<11} {}", check.detail));
    }
    // The facts come from the parts that the leaf vouches for, never from the page.
    say("");
    say(&format!("{:#}", serde_json::to_value(&report.facts).map_err(fault)?));
    say("");
    say(&format!("verdict: {}", word(serde_json::to_value(report.verdict).map_err(fault)?)));
    Ok(())
}

/// Reads a small file that a person named.
pub(super) fn read(file: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Failure::usage(format!("cannot read {}", file.display())).because(error);
    let size = fs::metadata(file).map_err(unreadable)?.len();
    if size > limit {
        return Err(Failure::usage(format!("{} has {size} bytes; at most {limit} are read", file.display())));
    }
    fs::read(file).map_err(unreadable)
}

fn digest(file: &Path) -> Result<(String, Digest), Failure> {
    let unreadable = |error| Failure::usage(format!("cannot read {}", file.display())).because(error);
    let mut open = File::open(file).map_err(unreadable)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let size = open.read(&mut buffer).map_err(unreadable)?;
        if size == 0 {
            break;
        }
        digest.update(&buffer[..size]);
    }
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    Ok((name, digest.finish()))
}
