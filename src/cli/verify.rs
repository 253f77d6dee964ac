//! `plico verify`: check a receipt or a dossier, offline.

use std::fs::{self, File};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use plico_crypto::digest::{Digest, Sha256};
use plico_evidence::dossier::DossierReport;
use plico_evidence::{Check, CheckResult, Given, Policy, Verdict};
use plico_package::bag::{Held, Zipped};
use serde::Serialize;

use super::{Exit, Failure, say};
use crate::clock::{Clock as _, SystemClock};

/// Bytes of a receipt: ours have some hundred kilobytes.
const RECEIPT_LIMIT: u64 = 64 * 1024 * 1024;
/// Bytes of a file of evidence.
const EVIDENCE_LIMIT: u64 = plico_evidence::beside::MAX_EVIDENCE as u64;
/// Bytes of a policy.
const POLICY_LIMIT: u64 = 4 * 1024 * 1024;

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 ok; 1 failed; 2 incomplete.\n\nExample:\n  plico verify ricevuta.pdf --policy comune.policy --evidence ricevuta.evidence --document domanda.pdf --json"
)]
pub struct Options {
    /// The receipt; or the dossier, packed or as a folder
    file: PathBuf,
    /// Whom you trust: origins, keys, witnesses, quorum and roots. Without it the verdict is incomplete
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A document that the receipt should name (may be repeated)
    #[arg(long, value_name = "FILE")]
    document: Vec<PathBuf>,
    /// Evidence that came after the receipt (`.evidence`), as it is downloaded beside it (may be repeated)
    #[arg(long, value_name = "FILE")]
    evidence: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let policy = match &options.policy {
        None => None,
        Some(file) => {
            let policy = Policy::parse(&read(file, POLICY_LIMIT)?);
            Some(policy.map_err(|error| {
                Failure::usage(format!("{} is not a policy", file.display())).because(error)
            })?)
        }
    };
    if let Some(report) = dossier(&options.file, policy.as_ref())? {
        if !options.document.is_empty() || !options.evidence.is_empty() {
            return Err(Failure::usage(
                "a dossier holds its documents and its evidence: --document and --evidence are for receipts",
            ));
        }
        return answer(&report, report.verdict, &report.checks, &report.facts, options.json);
    }
    let receipt = read(&options.file, RECEIPT_LIMIT)?;
    let documents = options.document.iter().map(|file| digest(file)).collect::<Result<Vec<_>, _>>()?;
    let evidence =
        options.evidence.iter().map(|file| read(file, EVIDENCE_LIMIT)).collect::<Result<Vec<_>, _>>()?;
    let given = Given { documents: &documents, evidence: &evidence };
    let report = plico_evidence::verify(&receipt, &given, policy.as_ref(), SystemClock.now_ms());
    answer(&report, report.verdict, &report.checks, &report.facts, options.json)
}

/// Checks what is a ZIP, or a folder: a dossier, packed or unpacked. `None`: it is neither.
fn dossier(file: &Path, policy: Option<&Policy>) -> Result<Option<DossierReport>, Failure> {
    let unreadable = |error| Failure::usage(format!("cannot read {}", file.display())).because(error);
    let now = SystemClock.now_ms();
    if file.is_dir() {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Some(plico_evidence::dossier::verify(&mut Folder(file.to_owned()), &name, policy, now)));
    }
    let mut open = File::open(file).map_err(unreadable)?;
    let mut head = [0; 4];
    let zipped = open.read_exact(&mut head).is_ok() && head == *b"PK\x03\x04";
    if !zipped {
        return Ok(None);
    }
    let mut bag = match Zipped::open(BufReader::new(open)) {
        Ok(bag) => bag,
        Err(error) => return Ok(Some(plico_evidence::dossier::unreadable(&error.to_string()))),
    };
    let name = bag.folder().to_owned();
    Ok(Some(plico_evidence::dossier::verify(&mut bag, &name, policy, now)))
}

/// A bag that was unpacked. Nothing is followed out of it.
struct Folder(PathBuf);

impl Held for Folder {
    fn files(&mut self) -> io::Result<Vec<String>> {
        let (mut files, mut folders) = (Vec::new(), vec![String::new()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.0.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().into_string().map_err(|name| {
                    io::Error::other(format!("{}: not a name that a bag can hold", name.display()))
                })?;
                let path = format!("{folder}{name}");
                if entry.file_type()?.is_dir() { folders.push(format!("{path}/")) } else { files.push(path) }
            }
        }
        Ok(files)
    }

    fn read(&mut self, path: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let file = self.0.join(path);
        if fs::symlink_metadata(&file)?.is_symlink() {
            return Err(io::Error::other("a link, which may lead anywhere"));
        }
        let mut open = File::open(file)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match open.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(size) => each(&buffer[..size])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn answer(
    report: &impl Serialize,
    verdict: Verdict,
    checks: &[Check],
    facts: &impl Serialize,
    json: bool,
) -> Result<Exit, Failure> {
    let fault = |error| Failure::fault("cannot write the report").because(error);
    if json {
        say(&serde_json::to_string(report).map_err(fault)?);
    } else {
        tell(verdict, checks, &serde_json::to_value(facts).map_err(fault)?)?;
    }
    Ok(match verdict {
        Verdict::Ok => Exit::Good,
        Verdict::Failed => Exit::False,
        Verdict::Incomplete => Exit::Incomplete,
    })
}

fn tell(verdict: Verdict, checks: &[Check], facts: &serde_json::Value) -> Result<(), Failure> {
    let fault = |error| Failure::fault("cannot write the report").because(error);
    let word = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    for check in checks {
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
    say(&format!("{facts:#}"));
    say("");
    say(&format!("verdict: {}", word(serde_json::to_value(verdict).map_err(fault)?)));
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
