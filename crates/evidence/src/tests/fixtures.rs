//! Receipts and dossiers, good and tampered, with what this verifier says of each: the offline one must say the same.
//!
//! They are always made and looked at; `PLICO_FIXTURES=FOLDER` keeps them there, for `tests/browser/agreement.mjs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plico_crypto::digest::sha256;
use plico_package::bag::Zipped;
use serde_json::{Value, json};

use super::bagged;
use super::touched;
use super::*;

/// What a verifier is given.
#[derive(Clone, Default)]
pub(super) struct Fixture {
    pub(super) name: String,
    pub(super) file: Vec<u8>,
    pub(super) documents: Vec<(String, Vec<u8>)>,
    pub(super) evidence: Vec<Vec<u8>>,
    pub(super) policy: Option<String>,
    pub(super) now_ms: i64,
}

impl Fixture {
    /// What this verifier answers: a receipt's report or a dossier's.
    fn report(&self) -> Value {
        let policy = self.policy.as_ref().map(|text| Policy::parse(text.as_bytes()).unwrap());
        if self.file.starts_with(b"PK\x03\x04") {
            let report = match Zipped::open(std::io::Cursor::new(&self.file)) {
                Ok(mut bag) => {
                    let name = bag.folder().to_owned();
                    dossier::verify(&mut bag, &name, policy.as_ref(), self.now_ms)
                }
                Err(error) => dossier::unreadable(&error.to_string()),
            };
            return serde_json::to_value(report).unwrap();
        }
        let documents: Vec<_> =
            self.documents.iter().map(|(name, bytes)| (name.clone(), sha256(bytes))).collect();
        let given = Given { documents: &documents, evidence: &self.evidence };
        serde_json::to_value(verify(&self.file, &given, policy.as_ref(), self.now_ms)).unwrap()
    }

    /// Writes what it is made of, and gives the line of the list.
    fn keep(&self, folder: &Path, number: usize, report: &Value) -> Value {
        let keep = |ending: &str, bytes: &[u8]| {
            let name = format!("{number:03}{ending}");
            std::fs::write(folder.join(&name), bytes).unwrap();
            name
        };
        let documents: Vec<_> =
            (0..).zip(&self.documents).map(|(n, (_, bytes))| keep(&format!("-{n}.bin"), bytes)).collect();
        let evidence: Vec<_> =
            (0..).zip(&self.evidence).map(|(n, bytes)| keep(&format!("-{n}.evidence"), bytes)).collect();
        json!({
            "name": self.name,
            "file": keep(if self.file.starts_with(b"PK") { ".zip" } else { ".pdf" }, &self.file),
            "documents": documents,
            "evidence": evidence,
            "policy": self.policy.as_ref().map(|text| keep(".policy", text.as_bytes())),
            "now": self.now_ms,
            "report": report,
        })
    }
}

#[test]
fn every_fixture_has_its_verdict() {
    let world = World::new();
    let fixtures: Vec<Fixture> = [touched::receipts(&world), bagged::dossiers(&world)].concat();
    let names: BTreeSet<&str> = fixtures.iter().map(|fixture| fixture.name.as_str()).collect();
    assert_eq!(names.len(), fixtures.len(), "two fixtures of one name");
    let reports: Vec<Value> = fixtures.iter().map(Fixture::report).collect();
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (fixture, report) in fixtures.iter().zip(&reports) {
        let (kind, wanted) = fixture.name.split_once(':').unwrap();
        if ["ok", "failed", "incomplete"].contains(&kind) && report["verdict"] != kind {
            wrong.push(format!("{wanted} is not {kind}: {:#}", report["checks"]));
        }
        for check in report["checks"].as_array().unwrap() {
            let name = check["name"].as_str().unwrap().to_owned();
            seen.entry(name).or_default().insert(check["result"].as_str().unwrap().to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // An agreement on what is never asked would be worth nothing.
    for (name, results) in &seen {
        let possible: &[&str] = match name.as_str() {
            "assertion" => &["absent"],
            // These two are always there to be checked, or the bag is none.
            "index" | "history" | "bag" | "receipts" => &["failed", "ok"],
            _ => &["absent", "failed", "ok"],
        };
        let missing: Vec<_> = possible.iter().filter(|one| !results.contains(**one)).collect();
        assert!(missing.is_empty(), "no fixture in which {name} is {missing:?}");
    }
    let Some(folder) = std::env::var_os("PLICO_FIXTURES") else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let list: Vec<_> = (0..)
        .zip(&fixtures)
        .zip(&reports)
        .map(|((n, fixture), report)| fixture.keep(folder, n, report))
        .collect();
    std::fs::write(folder.join("fixtures.json"), serde_json::to_vec_pretty(&list).unwrap()).unwrap();
}
