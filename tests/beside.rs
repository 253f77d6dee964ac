//! What came after a receipt lies beside it, and is looked after.

use std::collections::BTreeMap;
use std::time::Duration;

use plico::work::ask_for_evidence;
use plico_evidence::{CheckName, CheckResult, Policy};
use plico_journal::note::VerifierKey;
use plico_testkit::real::{installed, or_say};

use crate::api::{ALL, token};
use crate::dossier;
use crate::support::Town;
use crate::vouch::{LOG, file, witnessed};

async fn kept_rows(archive: &plico_archive::Archive, table: &str) -> i64 {
    let count = format!("select count(*) from {table} where log = (select max(log) from {table})").leak();
    archive.database().scalar_i64(count, plico_database::args![]).await.unwrap()
}

/// Changes what was kept and says what `fsck` finds first.
pub async fn spoilt(archive: &plico_archive::Archive, table: &str, how: &str) -> String {
    let spoil = format!("update {table} set {how}").leak();
    archive.database().execute(spoil, plico_database::args![]).await.unwrap();
    archive.fsck().await.unwrap().findings.first().map(|one| one.place.clone()).unwrap_or_default()
}

#[tokio::test]
async fn what_a_witness_said_is_looked_after_like_everything_else() {
    let (town, _key, _memory) = witnessed().await;
    let anna = token(&town, &town.anna, &ALL).await;
    file(&town, &anna, "uno").await;
    town.clock.advance(Duration::from_mins(1));
    ask_for_evidence(&town.app).await.unwrap();
    let archive = town.app.desk.archive();
    let findings = archive.fsck().await.unwrap().findings;
    assert_eq!(findings, []);
    let there_and_back = [
        ("last_line = replace(last_line, 'A', 'B')", "last_line = first_line"),
        ("first_line = replace(first_line, 'A', 'B')", "first_line = last_line"),
        ("first_s = first_s + 1", "first_s = first_s - 1"),
        ("last_s = last_s + 1", "last_s = last_s - 1"),
        ("witness = witness || 'A'", "witness = substr(witness, 1, length(witness) - 1)"),
    ];
    assert_eq!(kept_rows(archive, "cosignature").await, 1, "first and last are the same line");
    for (there, back) in there_and_back {
        assert!(spoilt(archive, "cosignature", there).await.starts_with("cosignature "), "{there}");
        spoilt(archive, "cosignature", back).await;
    }
    assert_eq!(archive.fsck().await.unwrap().findings, []);
}

/// A dossier carries what came after its receipts, and is judged with it.
#[tokio::test]
async fn later_evidence_lies_beside_the_receipts_of_a_dossier() {
    let (town, _key, _memory) = witnessed().await;
    let case = dossier::case(&town).await;
    let actor = town.as_operator(&town.records_manager).await;
    let pack = async || {
        let plan = town.app.desk.dossier(&actor, &case, "controllo").await.unwrap();
        let out = dossier::Kept::default();
        town.app.desk.pack_dossier(plan, out.clone(), |_| ()).await.unwrap();
        out.take()
    };
    let count = |files: &BTreeMap<String, Vec<u8>>, end: &str| {
        files.keys().filter(|name| name.contains("/data/ricevute/") && name.ends_with(end)).count()
    };
    let before = dossier::unpacked(&pack().await);
    assert!(count(&before, ".pdf") > 1 && count(&before, ".evidence") == 0, "nobody was asked yet");

    town.clock.advance(Duration::from_mins(1));
    ask_for_evidence(&town.app).await.unwrap();
    let bytes = pack().await;
    let mut files = dossier::unpacked(&bytes);
    assert_eq!(count(&files, ".evidence"), count(&before, ".pdf"), "{:?}", files.keys());
    assert_eq!(bytes, pack().await, "the same again");
    let policy = Policy::parse(&town.send("GET", "/log/policy", &[], b"").await.body).unwrap();
    let report = dossier::checked(&bytes, Some(&policy));
    assert_eq!(report.result(CheckName::Receipts), CheckResult::Ok, "{report:#?}");
    assert_eq!(report.facts.receipts, count(&before, ".pdf"));

    // That of one receipt beside another is seen, though every manifest fits.
    let names: Vec<String> = files.keys().filter(|name| name.ends_with(".evidence")).cloned().collect();
    let [one, .., other] = &names[..] else { panic!("{names:?}") };
    let moved = files[one].clone();
    files.insert(other.clone(), moved);
    dossier::mended(&mut files);
    let report = dossier::checked(&dossier::packed(&files), Some(&policy));
    assert_eq!(report.result(CheckName::Receipts), CheckResult::Failed, "{report:#?}");
}

/// The proof beside a receipt is one for anybody's verifier (PyPI `proofbundle`, installed by `scripts/setup.sh test`), and no
/// proof any more with one byte changed.
pub async fn foreign_verifier(town: &Town, evidence: &[u8], witness: &VerifierKey) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/proofbundle");
    let Some(()) = or_say(installed(program, "./scripts/setup.sh test")) else { return };
    let later = &plico_evidence::beside::Beside::parse(evidence).unwrap().proofs[0];
    let proof = plico_journal::Proof::parse(later.proof.as_bytes()).unwrap();
    let archive = town.app.desk.archive();
    let log = archive.log_at("c_b999/1").await.unwrap().unwrap();
    let leaf = archive.leaf(log.id, proof.index.cast_signed()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let accepts = |leaf: &[u8], proof: &[u8]| {
        let (payload, file) = (folder.path().join("leaf"), folder.path().join("p.tlog-proof"));
        std::fs::write(&payload, leaf).unwrap();
        std::fs::write(&file, proof).unwrap();
        let mut command = std::process::Command::new(program);
        command.arg("verify-proof").arg(&file).arg("--payload-file").arg(&payload);
        command.args([
            "--log-vkey",
            &archive.verifier_key(LOG).unwrap().to_string(),
            "--expected-origin",
            LOG,
        ]);
        command.args(["--witness-vkey", &witness.to_string(), "--threshold", "1"]);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (good, said) = accepts(&leaf, later.proof.as_bytes());
    assert!(good, "{said}");
    let changed = |bytes: &[u8], at: usize| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        changed
    };
    assert!(!accepts(&changed(&leaf, 40), later.proof.as_bytes()).0);
    let text = later.proof.as_bytes();
    // In the path, in the root, in the log's signature and in the witness's.
    let line = |n: usize| later.proof.split_inclusive('\n').take(n).map(str::len).sum::<usize>();
    let lines = later.proof.lines().count();
    for n in [2, lines - 4, lines - 2, lines - 1] {
        let at = usize::midpoint(line(n), line(n + 1));
        assert!(!accepts(&leaf, &changed(text, at)).0, "line {n}: {}", later.proof);
    }
}
