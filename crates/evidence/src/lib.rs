#![doc = include_str!("../README.md")]

mod chain;
mod content;
pub mod dossier;
pub mod enclosure;
pub mod parts;
pub mod policy;
pub mod report;
mod seal;
mod succession;
#[cfg(test)]
mod tests;

pub use policy::Policy;
pub use report::{Check, CheckName, CheckResult, Facts, Report, Verdict};

use plico_crypto::Digest;

use enclosure::Enclosure;
use report::Finding;

/// Verifies a receipt. `documents` are files to compare, by the name under which they were given and their SHA-256; `now_ms` is the instant of
/// verification (UTC milliseconds), at which certificates must be valid. Never fails and never panics: what cannot be read is said in the report.
pub fn verify(
    receipt_pdf: &[u8],
    documents: &[(String, Digest)],
    policy: Option<&Policy>,
    now_ms: i64,
) -> Report {
    let mut facts = Facts::default();
    let mut findings = match Enclosure::read(receipt_pdf) {
        Ok(enclosure) => read(&enclosure, documents, policy, &mut facts),
        Err(error) => vec![Finding::failed(CheckName::Leaf, report::full(&error))],
    };
    findings.push(seal::check(receipt_pdf, policy, now_ms, &mut facts));
    Report::new(facts, findings, &demands(documents, policy), policy.is_some())
}

/// Entry point for fuzzing: any bytes as a receipt and as its enclosures.
pub fn fuzz_verify(bytes: &[u8]) {
    let _ = verify(bytes, &[], None, 0);
    let _ = parts::parse(bytes);
    let _ = Policy::parse(bytes);
}

fn read(
    enclosure: &Enclosure,
    documents: &[(String, Digest)],
    policy: Option<&Policy>,
    facts: &mut Facts,
) -> Vec<Finding> {
    let (leaf, finding) = content::leaf(enclosure, facts);
    let mut findings = vec![finding];
    let (parts, finding) = content::parts(enclosure, leaf.as_ref(), facts);
    findings.push(finding);
    findings.push(content::documents(&parts, leaf.as_ref(), documents, facts));
    findings.extend(chain::check(enclosure, leaf.as_ref(), policy, facts));
    findings.push(content::assertion(&parts));
    findings
}

/// The checks without which the verdict is not ok.
fn demands(documents: &[(String, Digest)], policy: Option<&Policy>) -> Vec<CheckName> {
    let mut demands = vec![CheckName::Leaf, CheckName::Parts, CheckName::Inclusion, CheckName::Checkpoint];
    if !documents.is_empty() {
        demands.push(CheckName::Documents);
    }
    if policy.is_some_and(|p| p.logs().demands_witnesses()) {
        demands.push(CheckName::Witnesses);
    }
    if policy.is_some_and(|p| p.roots().is_some()) {
        demands.push(CheckName::Seal);
    }
    demands
}
