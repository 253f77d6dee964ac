//! Dossiers: where things lie in one, and whether it holds. The events in it are checked one by one like receipts; what is
//! told is told by their parts, never by the index that people read.

mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use plico_package::bag::{self, Held};
use plico_package::pindex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::beside::{EVIDENCE, MAX_EVIDENCE, beside};
use crate::enclosure::{self, Enclosure};
use crate::report::{Check, CheckName, CheckResult, CheckpointFact, DocumentFact, Facts, Verdict};
use crate::{Given, Policy, demands, read};
use history::History;

/// The index of preservers, at the top of the payload.
pub const INDEX: &str = "PIndex.xml";
/// Documents, one folder a message.
pub const DOCUMENTS: &str = "documenti";
/// Receipts, each with what came later beside it.
pub const RECEIPTS: &str = "ricevute";
/// Events: a folder for each log of the body, by its number, and in it one for each event.
pub const HISTORY: &str = "storia";

/// The offline verifier, a tag file beside the payload: it is a tool, and nothing that the dossier attests.
pub const VERIFIER: &str = "verifica.html";

/// Bytes of the largest receipt that is opened.
const RECEIPT_LIMIT: u64 = 64 << 20;
/// Bytes of the largest file of an event.
const EVENT_LIMIT: u64 = 9 << 20;
/// Bytes of the largest index.
const INDEX_LIMIT: u64 = 256 << 20;
/// The checks of a dossier, in the order of the report.
const CHECKS: [CheckName; 13] = [
    CheckName::Bag,
    CheckName::Index,
    CheckName::History,
    CheckName::Leaf,
    CheckName::Parts,
    CheckName::Documents,
    CheckName::Inclusion,
    CheckName::Checkpoint,
    CheckName::Continuity,
    CheckName::Witnesses,
    CheckName::Timestamp,
    CheckName::Receipts,
    CheckName::Assertion,
];

/// The folder of an event, below [`HISTORY`]: it sorts as the log does.
pub fn event_folder(log: u32, index: u64) -> String {
    format!("{HISTORY}/{log:03}/{index:012}")
}

/// The folder of what the events of one log share.
pub fn log_folder(log: u32) -> String {
    format!("{HISTORY}/{log:03}")
}

/// The answer on a dossier. Its JSON has the shape of a receipt's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DossierReport {
    /// All in one word.
    pub verdict: Verdict,
    /// What the events say.
    pub facts: DossierFacts,
    /// Every check.
    pub checks: Vec<Check>,
}

impl DossierReport {
    /// The result of a check.
    pub fn result(&self, name: CheckName) -> CheckResult {
        let found = self.checks.iter().find(|check| check.name == name);
        found.map_or(CheckResult::Absent, |check| check.result)
    }
}

/// What a dossier tells, from the parts of its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DossierFacts {
    /// Its own name.
    pub name: String,
    /// How the case file was opened: number, title, office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_file: Option<Value>,
    /// Messages filed into it.
    pub messages: Vec<String>,
    /// Events.
    pub events: usize,
    /// Instant of the first and of the last (RFC 3339, UTC).
    pub first: Option<String>,
    /// See `first`.
    pub last: Option<String>,
    /// Documents that the events name, and whether they are in the dossier.
    pub documents: Vec<DocumentHere>,
    /// Receipts.
    pub receipts: usize,
    /// The trees in which the events stand.
    pub checkpoints: Vec<CheckpointFact>,
    /// No event is older than this: when the policy's witnesses last saw the tree without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// No event is younger than this: when the policy's witnesses saw the tree with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
}

/// A document, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentHere {
    /// What the event says of it.
    #[serde(flatten)]
    pub document: DocumentFact,
    /// Its file in the dossier; none when it was withdrawn, sealed as malware, or destroyed.
    pub file: Option<String>,
}

/// What came of one check, over everything it was asked of.
#[derive(Default)]
struct Tally {
    good: usize,
    /// What the first good one said.
    said: String,
    absent: Option<String>,
    failed: Vec<String>,
}

#[derive(Default)]
struct Tallies(BTreeMap<CheckName, Tally>);

impl Tallies {
    fn add(&mut self, check: Check, of: &str) {
        let tally = self.0.entry(check.name).or_default();
        match check.result {
            CheckResult::Ok => {
                tally.good += 1;
                if tally.said.is_empty() {
                    tally.said = check.detail;
                }
            }
            CheckResult::Absent => drop(tally.absent.get_or_insert(check.detail)),
            CheckResult::Failed => tally.failed.push(format!("{of}: {}", check.detail)),
        }
    }

    fn checks(&self) -> Vec<Check> {
        let one = |name: CheckName| match self.0.get(&name) {
            None => Check::absent(name, "there was nothing to check"),
            Some(Tally { failed, .. }) if !failed.is_empty() => {
                let more = failed.len().saturating_sub(3);
                let shown = failed[..failed.len() - more].join("; ");
                Check::failed(name, if more > 0 { format!("{shown}; and {more} more") } else { shown })
            }
            // Not every event has documents; everything else is asked of each.
            Some(Tally { absent: Some(why), good, .. }) if name != CheckName::Documents || *good == 0 => {
                Check::absent(name, why.clone())
            }
            Some(Tally { good: 1, said, .. }) => Check::ok(name, said.clone()),
            Some(Tally { good, .. }) => Check::ok(name, format!("{good} hold")),
        };
        CHECKS.into_iter().map(one).collect()
    }
}

/// Verifies a dossier. `now_ms` is the instant of verification (UTC milliseconds). Never fails: what cannot be read is said
/// in the report.
pub fn verify(dossier: &mut dyn Held, name: &str, policy: Option<&Policy>, now_ms: i64) -> DossierReport {
    let mut tallies = Tallies::default();
    let mut facts = DossierFacts { name: name.to_owned(), ..DossierFacts::default() };
    match bag::check(dossier) {
        Err(error) => tallies.add(Check::failed(CheckName::Bag, error.to_string()), name),
        Ok(report) => {
            for fault in &report.faults {
                tallies.add(Check::failed(CheckName::Bag, fault.clone()), name);
            }
            let whole = format!("{} files of {} bytes are whole and unchanged", report.files, report.bytes);
            tallies.add(Check::ok(CheckName::Bag, whole), name);
            let files = report.sha256;
            index(dossier, &files, &mut tallies);
            events(dossier, &files, policy, now_ms, &mut tallies, &mut facts);
            receipts(dossier, &files, policy, now_ms, &mut tallies, &mut facts);
        }
    }
    let checks = tallies.checks();
    let result = |name| checks.iter().find(|check: &&Check| check.name == name).map(|check| check.result);
    let mut wanted = demands(&[], policy);
    // The page that people read is not sealed: nothing in it is believed.
    wanted.retain(|name| *name != CheckName::Seal);
    wanted.extend([CheckName::Bag, CheckName::Index, CheckName::History]);
    let failed = checks.iter().any(|check| check.result == CheckResult::Failed);
    let met = wanted.into_iter().all(|name| result(name) == Some(CheckResult::Ok));
    let verdict = match (failed, policy.is_some() && met) {
        (true, _) => Verdict::Failed,
        (false, true) => Verdict::Ok,
        (false, false) => Verdict::Incomplete,
    };
    DossierReport { verdict, facts, checks }
}

/// The answer on a file that cannot be read as a dossier at all.
pub fn unreadable(why: &str) -> DossierReport {
    let mut tallies = Tallies::default();
    tallies.add(Check::failed(CheckName::Bag, why), "dossier");
    DossierReport { verdict: Verdict::Failed, facts: DossierFacts::default(), checks: tallies.checks() }
}

/// The index names every file of the payload but itself, each with its digest.
fn index(dossier: &mut dyn Held, files: &BTreeMap<String, String>, tallies: &mut Tallies) {
    let name = CheckName::Index;
    let bytes = match bytes(dossier, INDEX, INDEX_LIMIT) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return tallies.add(Check::failed(name, "it has none"), INDEX),
        Err(error) => return tallies.add(Check::failed(name, error.to_string()), INDEX),
    };
    let named = match pindex::read(&bytes[..]) {
        Ok(named) => named,
        Err(why) => return tallies.add(Check::failed(name, why), INDEX),
    };
    let mut left: BTreeSet<&str> = files.keys().filter_map(|path| path.strip_prefix("data/")).collect();
    left.remove(INDEX);
    for (path, sha256) in named {
        match files.get(&format!("data/{path}")) {
            Some(found) if *found == sha256 => tallies.add(Check::ok(name, ""), INDEX),
            Some(_) => tallies.add(Check::failed(name, format!("another digest for {path}")), INDEX),
            None => tallies.add(Check::failed(name, format!("{path} is named and not there")), INDEX),
        }
        left.remove(path.as_str());
    }
    for path in left {
        tallies.add(Check::failed(name, format!("{path} is there and not named")), INDEX);
    }
}

fn events(
    dossier: &mut dyn Held,
    files: &BTreeMap<String, String>,
    policy: Option<&Policy>,
    now_ms: i64,
    tallies: &mut Tallies,
    facts: &mut DossierFacts,
) {
    let mut folders = BTreeSet::new();
    for path in files.keys() {
        let Some(rest) = path.strip_prefix("data/").filter(|rest| rest.starts_with(HISTORY)) else {
            continue;
        };
        if let Some((folder, _)) =
            rest.rsplit_once('/').filter(|(folder, _)| folder.matches('/').count() == 2)
        {
            folders.insert(folder.to_owned());
        }
    }
    let (mut history, mut told) = (History::default(), Vec::new());
    let mut shared: Option<(String, Enclosure)> = None;
    for folder in &folders {
        let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        if shared.as_ref().is_none_or(|(of, _)| of != above) {
            shared = Some((above.to_owned(), shared_by(dossier, above)));
        }
        let mut enclosure = shared.as_ref().map(|(_, shared)| shared.clone()).unwrap_or_default();
        enclosure.leaf = bytes(dossier, &format!("{folder}/{}", enclosure::LEAF), EVENT_LIMIT).ok().flatten();
        enclosure.parts =
            bytes(dossier, &format!("{folder}/{}", enclosure::PARTS), EVENT_LIMIT).ok().flatten();
        enclosure.proof =
            bytes(dossier, &format!("{folder}/{}", enclosure::PROOF), EVENT_LIMIT).ok().flatten();
        let mut event = Facts::default();
        for check in read(&enclosure, &Given::default(), policy, now_ms, &mut event) {
            tallies.add(check, folder);
        }
        history.add(folder, enclosure.leaf.as_deref());
        facts.first = facts.first.take().into_iter().chain(event.instant.clone()).min();
        facts.last = facts.last.take().into_iter().chain(event.instant.clone()).max();
        facts.not_before = facts.not_before.take().into_iter().chain(event.not_before.clone()).min();
        facts.not_after = facts.not_after.take().into_iter().chain(event.not_after.clone()).max();
        if let Some(checkpoint) = event.checkpoint.take().filter(|one| !facts.checkpoints.contains(one)) {
            facts.checkpoints.push(checkpoint);
        }
        told.push(event);
    }
    let _ = now_ms;
    facts.events = told.len();
    for check in history.checks(&told) {
        tallies.add(check, HISTORY);
    }
    for event in &told {
        let Some(act) = event.parts.get("act") else { continue };
        match event.kind.as_deref() {
            Some("casefile.opened") => facts.case_file = Some(act.clone()),
            Some("casefile.filed") => {
                facts.messages.extend(act["message"].as_str().map(ToOwned::to_owned));
            }
            _ => {}
        }
    }
    documents(files, told, tallies, facts);
}

/// What the events of one log share: where the history begins, and how that is a beginning of the tree.
fn shared_by(dossier: &mut dyn Held, folder: &str) -> Enclosure {
    let mut get = |name: &str| bytes(dossier, &format!("{folder}/{name}"), EVENT_LIMIT).ok().flatten();
    Enclosure {
        earlier: get(enclosure::EARLIER),
        consistency: get(enclosure::CONSISTENCY),
        opening: get(enclosure::OPENING),
        opening_parts: get(enclosure::OPENING_PARTS),
        opening_path: get(enclosure::OPENING_PATH),
        ..Enclosure::default()
    }
}

/// Every file among the documents is one that an event commits to.
fn documents(
    files: &BTreeMap<String, String>,
    told: Vec<Facts>,
    tallies: &mut Tallies,
    facts: &mut DossierFacts,
) {
    let folder = format!("data/{DOCUMENTS}/");
    let mut here: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, sha256) in files.iter().filter(|(path, _)| path.starts_with(&folder)) {
        here.entry(sha256).or_default().push(&path["data/".len()..]);
    }
    let mut known = BTreeSet::new();
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for document in told.into_iter().flat_map(|event| event.documents) {
        // Several events may be about one document: its coming, its delivery, its opening.
        if let Some(sha256) = named.insert(document.id.clone(), document.sha256.clone()) {
            if sha256 != document.sha256 {
                let what = format!("two events name two contents of document {}", document.id);
                tallies.add(Check::failed(CheckName::Documents, what), DOCUMENTS);
            }
            continue;
        }
        let paths = here.get_mut(document.sha256.as_str());
        known.insert(document.sha256.clone());
        // Two documents of one content are two files; where they are one, it stands for both.
        let file = paths.and_then(|paths| if paths.len() > 1 { paths.pop() } else { paths.first().copied() });
        facts.documents.push(DocumentHere { document, file: file.map(ToOwned::to_owned) });
    }
    for (path, sha256) in files.iter().filter(|(path, _)| path.starts_with(&folder)) {
        if !known.contains(sha256) {
            let what = format!("{} is no document of this history", &path["data/".len()..]);
            tallies.add(Check::failed(CheckName::Documents, what), DOCUMENTS);
        }
    }
}

fn receipts(
    dossier: &mut dyn Held,
    files: &BTreeMap<String, String>,
    policy: Option<&Policy>,
    now_ms: i64,
    tallies: &mut Tallies,
    facts: &mut DossierFacts,
) {
    let name = CheckName::Receipts;
    let folder = format!("{RECEIPTS}/");
    for path in files.keys().filter_map(|path| path.strip_prefix("data/")) {
        // What lies beside a receipt is read with it.
        if !path.starts_with(&folder) || path.ends_with(EVIDENCE) {
            continue;
        }
        facts.receipts += 1;
        let later = match bytes(dossier, &beside(path), MAX_EVIDENCE as u64) {
            Ok(later) => later.into_iter().collect::<Vec<_>>(),
            Err(error) => {
                tallies.add(Check::failed(name, error.to_string()), path);
                continue;
            }
        };
        let check = match bytes(dossier, path, RECEIPT_LIMIT) {
            Ok(Some(bytes)) => {
                let given = Given { evidence: &later, ..Given::default() };
                let report = crate::verify(&bytes, &given, policy, now_ms);
                let failed = report.checks.iter().find(|check| check.result == CheckResult::Failed);
                match failed {
                    Some(check) => Check::failed(name, check.detail.clone()),
                    None => Check::ok(name, ""),
                }
            }
            Ok(None) => Check::failed(name, "it cannot be read"),
            Err(error) => Check::failed(name, error.to_string()),
        };
        tallies.add(check, path);
    }
}

/// A file of the payload, whole; none when it is not there.
fn bytes(dossier: &mut dyn Held, path: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut all = Vec::new();
    let read = dossier.read(&format!("data/{path}"), &mut |piece| {
        if (all.len() + piece.len()) as u64 > limit {
            return Err(io::Error::other(format!("{path} is larger than {limit} bytes")));
        }
        all.extend_from_slice(piece);
        Ok(())
    });
    match read {
        Ok(()) => Ok(Some(all)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
