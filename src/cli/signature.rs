//! `plico signature`: what a signed file holds, and whether its signatures do.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use clap::Args;
use plico_signature::proof::{Moment, StampReport};
use plico_signature::qualification::QualificationReport;
use plico_signature::report::{Indication, SignatureReport};
use plico_signature::revocation::Evidence;
use plico_signature::source::Stream;
use plico_signature::tsl::RefusedList;
use plico_signature::{Anchors, Report};

use super::{Exit, Failure, say};
use crate::clock::{Clock as _, SystemClock};
use crate::trust::lists;

/// Options of `signature`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 TOTAL_PASSED; 1 TOTAL_FAILED; 2 INDETERMINATE or no signature.\n\nExample:\n  plico signature domanda.pdf.p7m --trust ca.pem --crl ca.crl --json"
)]
pub struct Options {
    /// The file
    file: PathBuf,
    /// The content that a detached signature signs
    #[arg(long, value_name = "CONTENT")]
    detached: Option<PathBuf>,
    /// Certificates to trust, PEM (may be repeated). Without any no signature can be called valid
    #[arg(long, value_name = "PEM")]
    trust: Vec<PathBuf>,
    /// Folder with the European trusted lists (.xml) and with signers.pem, the certificates that sign the list of lists;
    /// what was checked of them is kept in it as lists.compiled
    #[arg(long, value_name = "DIR")]
    tsl: Option<PathBuf>,
    /// Revocation list, DER or PEM (may be repeated); those inside the file are used without asking
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// OCSP answer, DER or PEM (may be repeated)
    #[arg(long, value_name = "FILE")]
    ocsp: Vec<PathBuf>,
    /// Time stamp over the file that lies beside it, .tsr, .tst or an evidence record .ers (may be repeated)
    #[arg(long, value_name = "FILE")]
    timestamp: Vec<PathBuf>,
    /// Instant to judge at, RFC 3339; default: now
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let at_ms = match &options.at {
        None => SystemClock.now_ms(),
        Some(text) => {
            let instant = text.parse::<jiff::Timestamp>();
            let usage = || Failure::usage(format!("--at {text}: give an instant like 2026-11-21T18:46:01Z"));
            instant.map_err(|error| usage().because(error))?.as_millisecond()
        }
    };
    let lists = options.tsl.as_deref().map(|folder| lists::read(folder, Vec::new())).transpose();
    let lists = lists.map_err(|error| Failure::usage("--tsl cannot be used").because(error))?;
    let refused = lists.as_ref().map(|lists| lists.refused().to_vec()).unwrap_or_default();
    let anchors = match (anchors(&options.trust)?, lists) {
        (anchors, Some(lists)) => Some(anchors.unwrap_or_default().with_lists(lists)),
        (anchors, None) => anchors,
    };
    let evidence = evidence(options)?;
    let stamps =
        options.timestamp.iter().map(|file| fs::read(file).map_err(|error| unreadable(file).because(error)));
    let stamps = stamps.collect::<Result<Vec<_>, _>>()?;
    let settings = plico_signature::Options {
        evidence: Some(&evidence),
        stamps: &stamps,
        ..plico_signature::Options::at(at_ms, anchors.as_ref())
    };
    let mut file = open(&options.file)?;
    let mut content = options.detached.as_deref().map(open).transpose()?;
    let content = content.as_mut().map(|content| content as _);
    let report = plico_signature::inspect_source(&mut file, content, &settings)
        .map_err(|error| unreadable(&options.file).because(error))?;
    if options.json {
        let json = serde_json::to_string(&report)
            .map_err(|error| Failure::fault("cannot write the report").because(error))?;
        say(&json);
    } else {
        tell(&report, 0);
        tell_lists(&report, &refused);
    }
    Ok(match report.indication {
        Indication::TotalPassed => Exit::Good,
        Indication::TotalFailed => Exit::False,
        _ => Exit::Incomplete,
    })
}

fn unreadable(file: &Path) -> Failure {
    Failure::usage(format!("cannot read {}", file.display()))
}

fn open(file: &Path) -> Result<Stream<File>, Failure> {
    let opened = File::open(file).and_then(Stream::new);
    opened.map_err(|error| unreadable(file).because(error))
}

fn anchors(files: &[PathBuf]) -> Result<Option<Anchors>, Failure> {
    if files.is_empty() {
        return Ok(None);
    }
    let mut pem = Vec::new();
    for file in files {
        pem.extend(fs::read(file).map_err(|error| unreadable(file).because(error))?);
        pem.push(b'\n');
    }
    let anchors = Anchors::from_pem(&pem);
    anchors
        .map(Some)
        .map_err(|error| Failure::usage("--trust holds no certificates that can be read").because(error))
}

fn evidence(options: &Options) -> Result<Evidence, Failure> {
    let mut evidence = Evidence::default();
    for (file, is_list) in
        options.crl.iter().map(|f| (f, true)).chain(options.ocsp.iter().map(|f| (f, false)))
    {
        let bytes = fs::read(file).map_err(|error| unreadable(file).because(error))?;
        let taken = if is_list { evidence.add_crl(&bytes) } else { evidence.add_ocsp(&bytes) };
        taken.map_err(|error| Failure::usage(format!("cannot use {}", file.display())).because(error))?;
    }
    Ok(evidence)
}

/// The word that the JSON has for a value.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Null) | Err(_) => "-".into(),
        Ok(other) => other.to_string(),
    }
}

fn tell(report: &Report, depth: usize) {
    let indent = "  ".repeat(depth);
    say(&format!("{indent}{}: {}", word(report.container), word(report.indication)));
    if let Some(problem) = &report.problem {
        say(&format!("{indent}  {}", word(problem)));
    }
    if let Some(content) = &report.content {
        say(&format!("{indent}  content {}", word(content)));
    }
    report.time_stamps.iter().for_each(|stamp| tell_stamp(&indent, stamp));
    for signature in &report.signatures {
        tell_signature(signature, depth + 1);
    }
    if let Some(nested) = &report.nested {
        tell(nested, depth + 1);
    }
}

fn tell_signature(signature: &SignatureReport, depth: usize) {
    let indent = "  ".repeat(depth);
    let signer = &signature.signer;
    let name = signer.common_name.as_deref().unwrap_or("(no name)");
    let code = signer.fiscal_code.as_deref().map_or(String::new(), |code| format!(", {code}"));
    let intact = if signature.intact { "intact" } else { "NOT intact" };
    say(&format!(
        "{indent}{name}{code}: {intact}, {} ({})",
        word(signature.indication),
        word(signature.sub_indication)
    ));
    if let Some(time) = &signature.claimed_signing_time {
        say(&format!("{indent}  declares to have signed at {time}"));
    }
    if let Some(times) = &signature.times {
        tell_moment(&indent, "now", &times.now);
        times.claimed.iter().for_each(|moment| tell_moment(&indent, "at the declared time", moment));
        times.opposable.iter().for_each(|moment| tell_moment(&indent, "at the best reference", moment));
    }
    if let Some(qualification) = &signature.qualification {
        tell_qualification(&indent, qualification);
    }
    for part in &signature.signed_parts {
        let intact = if part.intact { "as signed" } else { "NOT as signed" };
        say(&format!("{indent}  {} {}: {intact}", word(part.what), part.name.as_deref().unwrap_or_default()));
    }
    signature.time_stamps.iter().for_each(|stamp| tell_stamp(&indent, stamp));
    for link in &signature.chain {
        let revocation = link.revocation.as_ref().map_or_else(|| "anchor".into(), |known| word(known.state));
        say(&format!("{indent}  {}: {revocation}", link.subject.as_deref().unwrap_or("(no name)")));
    }
    for counter in &signature.counter_signatures {
        say(&format!("{indent}  counter-signed by"));
        tell_signature(counter, depth + 2);
    }
}

fn tell_stamp(indent: &str, stamp: &StampReport) {
    let holds = match (stamp.trusted, stamp.qualified) {
        (true, Some(true)) => "trusted, qualified",
        (true, _) => "trusted",
        (false, _) => "not believed",
    };
    let authority = stamp.authority.as_deref().unwrap_or("nobody");
    let at = stamp.at.as_deref().unwrap_or("-");
    say(&format!("{indent}  time stamp ({}) of {authority} at {at}: {holds}", word(stamp.kind)));
}

fn tell_qualification(indent: &str, found: &QualificationReport) {
    say(&format!("{indent}  qualification ({}): {}", found.at, word(found.result)));
    if let (Some(list), Some(provider), Some(service)) = (&found.list, &found.provider, &found.service) {
        let status = |status: &Option<String>| status.clone().unwrap_or_else(|| "not listed".into());
        say(&format!(
            "{indent}    {provider}, {service} ({}): {} when issued, {} when signed",
            list.territory,
            status(&found.status_at_issuance),
            status(&found.status_at_signing)
        ));
    }
    let reasons: Vec<String> = found.reasons.iter().map(word).collect();
    if !reasons.is_empty() {
        say(&format!("{indent}    {}", reasons.join(", ")));
    }
}

fn tell_lists(report: &Report, refused: &[RefusedList]) {
    for list in &report.trusted_lists {
        let expired = match &list.next_update {
            Some(end) if list.expired => format!("; list expired on {end}"),
            _ => String::new(),
        };
        say(&format!("trusted list {} {} of {}{expired}", list.territory, list.sequence, list.issued));
    }
    for file in refused {
        say(&format!("not believed: {} ({})", file.name, word(file.why)));
    }
}

fn tell_moment(indent: &str, what: &str, moment: &Moment) {
    let reference = moment.reference.map_or(String::new(), |kind| {
        format!(", {} {}", word(kind), moment.name.as_deref().unwrap_or_default())
    });
    let (indication, sub) = (word(moment.indication), word(moment.sub_indication));
    say(&format!("{indent}  {what} ({}{reference}): {indication} ({sub})", moment.at));
}
