//! What happened: leaf, parts and documents, and whether they fit each other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plico_crypto::Digest;
use plico_crypto::digest::to_hex;
use plico_journal::Leaf;
use plico_journal::leaf::{document_commitment, part_commitment};

use crate::enclosure::Enclosure;
use crate::parts::{self, DocumentEntry, OpenPart};
use crate::report::{CheckName, DocumentFact, Facts, Finding, full};

/// The part that lists the documents.
const DOCUMENTS: &str = "documents";
/// The part with the evidence of identity.
const LOGIN: &str = "login";

pub(crate) fn leaf(enclosure: &Enclosure, facts: &mut Facts) -> (Option<Leaf>, Finding) {
    let name = CheckName::Leaf;
    let Some(bytes) = &enclosure.leaf else {
        return (
            None,
            Finding::absent(
                name,
                "the file carries no leaf: it is no receipt, or one stripped of its evidence",
            ),
        );
    };
    match Leaf::parse(bytes) {
        Ok(leaf) => {
            facts.origin = Some(leaf.origin.clone());
            facts.index = Some(leaf.index);
            facts.instant = Timestamp::from_millisecond(leaf.instant_ms).ok().map(|t| format!("{t:.3}"));
            facts.kind = Some(leaf.kind.clone());
            facts.subject = Some(to_hex(&leaf.subject));
            let detail = format!("event {} of {}", leaf.index, leaf.origin);
            (Some(leaf), Finding::ok(name, detail))
        }
        Err(error) => (None, Finding::failed(name, full(&error))),
    }
}

/// The parts that fit; one that does not is not given on.
pub(crate) fn parts(
    enclosure: &Enclosure,
    leaf: Option<&Leaf>,
    facts: &mut Facts,
) -> (BTreeMap<String, OpenPart>, Finding) {
    let name = CheckName::Parts;
    let none = BTreeMap::new();
    let Some(bytes) = &enclosure.parts else {
        return (none, Finding::absent(name, "the receipt opens no part: it tells nothing of what happened"));
    };
    let given = match parts::parse(bytes) {
        Ok(given) => given,
        Err(error) => return (none, Finding::failed(name, full(&error))),
    };
    let Some(leaf) = leaf else {
        return (none, Finding::absent(name, "without a leaf there is nothing to compare the parts with"));
    };
    let (mut open, mut wrong) = (BTreeMap::new(), Vec::new());
    for (part_name, part) in given {
        let fits = leaf.parts.get(&part_name) == Some(&part_commitment(&part.salt, &part.bytes));
        match parts::object(&part.bytes).filter(|_| fits) {
            Some(value) => {
                if part_name != DOCUMENTS && part_name != LOGIN {
                    facts.parts.insert(part_name.clone(), value);
                }
                open.insert(part_name, part);
            }
            None => wrong.push(part_name),
        }
    }
    let finding = if !wrong.is_empty() {
        Finding::failed(name, format!("not what the leaf commits to: {}", wrong.join(", ")))
    } else if open.is_empty() {
        Finding::absent(name, "the receipt opens no part: it tells nothing of what happened")
    } else {
        let names: Vec<_> = open.keys().map(String::as_str).collect();
        let closed = leaf.parts.len() - open.len();
        Finding::ok(name, format!("{} fit the leaf; {closed} more stay closed", names.join(", ")))
    };
    (open, finding)
}

pub(crate) fn documents(
    parts: &BTreeMap<String, OpenPart>,
    leaf: Option<&Leaf>,
    given: &[(String, Digest)],
    facts: &mut Facts,
) -> Finding {
    let name = CheckName::Documents;
    let Some(leaf) = leaf else {
        return Finding::absent(name, "without a leaf there is nothing to compare documents with");
    };
    let Some(part) = parts.get(DOCUMENTS) else {
        return match (leaf.documents.is_empty(), given.is_empty()) {
            (true, true) => Finding::absent(name, "the event is about no document"),
            (true, false) => Finding::failed(name, "the event is about no document, but files were given"),
            (false, _) => Finding::absent(
                name,
                format!("the list of its {} documents is not opened", leaf.documents.len()),
            ),
        };
    };
    let entries = match parts::parse_documents(&part.bytes) {
        Ok(entries) => entries,
        Err(error) => return Finding::failed(name, format!("the list of documents: {}", full(&error))),
    };
    let fits = |(entry, committed): (&DocumentEntry, &Digest)| {
        document_commitment(&entry.salt, &entry.sha256) == *committed
    };
    if entries.len() != leaf.documents.len() || !entries.iter().zip(&leaf.documents).all(fits) {
        return Finding::failed(name, "the list of documents is not what the leaf commits to");
    }
    let found = |entry: &DocumentEntry| given.iter().any(|(_, digest)| *digest == entry.sha256);
    facts.documents = entries
        .iter()
        .map(|entry| DocumentFact {
            id: entry.id.clone(),
            name: entry.name.clone(),
            media_type: entry.media_type.clone(),
            size: entry.size,
            sha256: to_hex(&entry.sha256),
            role: entry.role.clone(),
            given: found(entry),
        })
        .collect();
    let strangers: Vec<_> = given
        .iter()
        .filter(|(_, digest)| entries.iter().all(|entry| entry.sha256 != *digest))
        .map(|(file, _)| file.as_str())
        .collect();
    if !strangers.is_empty() {
        return Finding::failed(
            name,
            format!("not among the documents of the event: {}", strangers.join(", ")),
        );
    }
    let compared = facts.documents.iter().filter(|fact| fact.given).count();
    Finding::ok(
        name,
        format!("{} listed as the leaf commits to them; {compared} compared with a file", entries.len()),
    )
}

pub(crate) fn assertion(parts: &BTreeMap<String, OpenPart>) -> Finding {
    let detail = if parts.contains_key(LOGIN) {
        "the evidence of identity is there; this version does not check the identity provider's signature"
    } else {
        "the receipt carries no evidence of identity"
    };
    Finding::absent(CheckName::Assertion, detail)
}
