//! What the verifier answers. Its JSON is read by scripts: keys and names stay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// All in one word.
    pub verdict: Verdict,
    /// What the embedded parts say; empty as far as they do not fit the leaf.
    pub facts: Facts,
    /// Every check, in the order of [`CheckName`].
    pub checks: Vec<Check>,
}

/// All in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that the policy demands holds.
    Ok,
    /// Something is false.
    Failed,
    /// Nothing is false, but there was no policy or something it demands is not established.
    Incomplete,
}

/// The name of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckName {
    /// The leaf is one.
    Leaf,
    /// The parts fit the leaf.
    Parts,
    /// The documents fit the leaf, and the files given are among them.
    Documents,
    /// The leaf stands in the tree.
    Inclusion,
    /// The log signed the tree.
    Checkpoint,
    /// An earlier tree is a beginning of this one.
    Continuity,
    /// Witnesses saw the tree.
    Witnesses,
    /// A time stamp stands on the tree.
    Timestamp,
    /// The whole file is sealed.
    Seal,
    /// The identity provider's assertion holds.
    Assertion,
    /// Of a dossier: it is a bag, whole and unchanged.
    Bag,
    /// Of a dossier: its index names every file with its digest.
    Index,
    /// Of a dossier: no event between the first and the last of any subject is missing.
    History,
    /// Of a dossier: every receipt in it holds.
    Receipts,
}

impl CheckName {
    /// Those of a receipt, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Leaf,
        Self::Parts,
        Self::Documents,
        Self::Inclusion,
        Self::Checkpoint,
        Self::Continuity,
        Self::Witnesses,
        Self::Timestamp,
        Self::Seal,
        Self::Assertion,
    ];
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckResult {
    /// It holds.
    Ok,
    /// It is false.
    Failed,
    /// There is nothing to check, or it could not be established.
    Absent,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its name.
    pub name: CheckName,
    /// What came of it.
    pub result: CheckResult,
    /// Why, in English, for a person.
    pub detail: String,
}

/// What a check function answers.
pub(crate) type Finding = Check;

impl Check {
    pub(crate) fn ok(name: CheckName, detail: impl Into<String>) -> Self {
        Self { name, result: CheckResult::Ok, detail: detail.into() }
    }

    pub(crate) fn failed(name: CheckName, detail: impl Into<String>) -> Self {
        Self { name, result: CheckResult::Failed, detail: detail.into() }
    }

    pub(crate) fn absent(name: CheckName, detail: impl Into<String>) -> Self {
        Self { name, result: CheckResult::Absent, detail: detail.into() }
    }
}

/// What happened, as far as leaf and parts fit each other. Whether to believe it is what the checks are for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The event's place in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// When, as the log says: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instant: Option<String>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The log id of what it happened to, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The parts that the receipt opens, by name. `documents` and `login` are left out: the first has a place of its
    /// own, the second is evidence of a person's identity and nothing to print.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Value>,
    /// The documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentFact>,
    /// The tree in which the event stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointFact>,
    /// The log that this one goes on from, and how far that one is known: its first event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<SuccessionFact>,
    /// The event is not older than this (RFC 3339): when the policy's witnesses last saw the tree without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// The event is not younger than this (RFC 3339): when the policy's witnesses saw the tree with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
    /// Who sealed the file, as the certificate says; whether to believe it is the check `seal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_by: Option<String>,
}

/// A document of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFact {
    /// Its public identifier.
    pub id: String,
    /// Its name, as measured and cleaned by the office.
    pub name: String,
    /// Its media type, sniffed from its bytes.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// `primary`, `attachment`, …
    pub role: String,
    /// Whether a file with this digest was given to compare.
    pub given: bool,
}

/// A log that another goes on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessionFact {
    /// Its origin.
    pub origin: String,
    /// Events of it that were restored.
    pub size: u64,
    /// The root over them, in hexadecimal.
    pub root: String,
}

/// A log's size and root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointFact {
    /// Leaves.
    pub size: u64,
    /// Root, lower-case hexadecimal.
    pub root: String,
}

impl Report {
    pub(crate) fn new(
        facts: Facts,
        mut checks: Vec<Finding>,
        demands: &[CheckName],
        with_policy: bool,
    ) -> Self {
        for name in CheckName::ALL {
            if checks.iter().all(|check| check.name != name) {
                checks.push(Check::absent(name, "not reached: the receipt could not be read so far"));
            }
        }
        checks.sort_by_key(|check| check.name);
        let failed = checks.iter().any(|check| check.result == CheckResult::Failed);
        let met = demands.iter().all(|name| {
            checks.iter().filter(|check| check.name == *name).all(|check| check.result == CheckResult::Ok)
        });
        let verdict = match (failed, with_policy && met) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::Ok,
            (false, false) => Verdict::Incomplete,
        };
        Self { verdict, facts, checks }
    }

    /// The result of a check.
    pub fn result(&self, name: CheckName) -> CheckResult {
        let found = self.checks.iter().find(|check| check.name == name);
        found.map_or(CheckResult::Absent, |check| check.result)
    }
}

/// An error with its causes, in one line.
pub(crate) fn full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
