#![doc = include_str!("../README.md")]

pub mod beside;
mod chain;
mod content;
pub mod dossier;
pub mod enclosure;
mod later;
pub mod parts;
pub mod policy;
pub mod report;
mod seal;
mod stamp;
mod succession;
#[cfg(test)]
mod tests;

pub use policy::Policy;
pub use report::{Check, CheckName, CheckResult, Facts, Report, Verdict};

use plico_crypto::Digest;

use enclosure::Enclosure;
use report::Finding;

/// What is given besides the receipt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// Files to compare, by the name under which they were given and their SHA-256.
    pub documents: &'a [(String, Digest)],
    /// Files of evidence that came later ([`beside`]).
    pub evidence: &'a [Vec<u8>],
}

/// Verifies a receipt. `now_ms` is the instant of verification (UTC milliseconds), at which certificates must be valid.
/// Never fails and never panics: what cannot be read is said in the report.
pub fn verify(receipt_pdf: &[u8], given: &Given<'_>, policy: Option<&Policy>, now_ms: i64) -> Report {
    let mut facts = Facts::default();
    let mut findings = match Enclosure::read(receipt_pdf) {
        Ok(enclosure) => read(&enclosure, given, policy, now_ms, &mut facts),
        Err(error) => vec![Finding::failed(CheckName::Leaf, report::full(&error))],
    };
    findings.push(seal::check(receipt_pdf, policy, now_ms, &mut facts));
    Report::new(facts, findings, &demands(given.documents, policy), policy.is_some())
}

/// Entry point for fuzzing: any bytes as a receipt and as its enclosures.
pub fn fuzz_verify(bytes: &[u8]) {
    let _ = verify(bytes, &Given::default(), None, 0);
    beside::fuzz_beside(bytes);
    let _ = parts::parse(bytes);
    let _ = Policy::parse(bytes);
}

fn read(
    enclosure: &Enclosure,
    given: &Given<'_>,
    policy: Option<&Policy>,
    now_ms: i64,
    facts: &mut Facts,
) -> Vec<Finding> {
    let (leaf, finding) = content::leaf(enclosure, facts);
    let mut findings = vec![finding];
    let (parts, finding) = content::parts(enclosure, leaf.as_ref(), facts);
    findings.push(finding);
    findings.push(content::documents(&parts, leaf.as_ref(), given.documents, facts));
    findings.extend(chain::check(enclosure, leaf.as_ref(), given, policy, now_ms, facts));
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
    if policy.is_some_and(|p| p.seal_roots().is_some()) {
        demands.push(CheckName::Seal);
    }
    demands
}
