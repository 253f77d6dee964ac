//! Receipts: verified by whoever brings a policy; one byte changed anywhere is refused, and the check is named.

use plico_desk::answer::Act;
use plico_desk::open::By;
use plico_evidence::{CheckName, CheckResult, Given, Policy, Verdict, verify};
use plico_pdf::paper::{Attachment, Block, Relationship, Sheet, render};
use plico_pdf::read::attachments;

use crate::ground::Ground;

pub const NOW_MS: i64 = 1_795_258_900_000;

pub async fn receipts(ground: &Ground) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for row in ground.desk.receipts(&ground.citizen).await.unwrap() {
        let (row, reader) = ground.desk.receipt(&ground.citizen, &row.id).await.unwrap();
        let pdf = reader.read_all(16 << 20).await.unwrap();
        assert_eq!(plico_crypto::digest::to_hex(&plico_crypto::digest::sha256(&pdf)), row.sha256);
        all.push((row.kind, pdf));
    }
    all
}

pub fn policy(ground: &Ground, origin: &str) -> Policy {
    let key = ground.desk.archive().verifier_key(origin).unwrap();
    let text = format!("log {key}\nquorum none\n{}", String::from_utf8_lossy(&ground.roots));
    Policy::parse(text.as_bytes()).unwrap()
}

async fn town() -> (Ground, Vec<(String, Vec<u8>)>, Policy) {
    let ground = Ground::new().await;
    let archive = ground.desk.archive();
    while archive.sign_checkpoints().await.unwrap() {}
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    while archive.sign_checkpoints().await.unwrap() {}
    ground.desk.take_in_charge(&ground.clerk, &filed.message).await.unwrap();
    let letter = ground.letter(Act::Granted, Some(&filed.message), "t1");
    let sent = ground.desk.send_letter(&ground.clerk, letter).await.unwrap();
    while archive.sign_checkpoints().await.unwrap() {}
    ground.desk.open_delivery(&ground.citizen, sent.delivery.as_deref().unwrap(), By::Page).await.unwrap();
    ground.settle().await;
    let receipts = receipts(&ground).await;
    let policy = policy(&ground, "archivio.example/c_x000/1");
    (ground, receipts, policy)
}

#[tokio::test]
async fn every_receipt_holds_and_is_issued_once() {
    let (ground, issued, policy) = town().await;
    let mut kinds: Vec<&str> = issued.iter().map(|(kind, _)| kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["made-available", "opening", "presentation", "registration", "taken-in-charge"]);
    let wrong = self::policy(&ground, "archivio.example/c_x001/1");
    for (kind, pdf) in &issued {
        let report = verify(pdf, &Given::default(), Some(&policy), NOW_MS);
        assert_eq!(report.verdict, Verdict::Ok, "{kind}: {:#?}", report.checks);
        for name in [CheckName::Leaf, CheckName::Parts, CheckName::Inclusion, CheckName::Checkpoint] {
            assert_eq!(report.result(name), CheckResult::Ok, "{kind}: {name:?}");
        }
        assert_eq!(report.result(CheckName::Continuity), CheckResult::Ok, "{kind}");
        assert_eq!(report.result(CheckName::Seal), CheckResult::Ok, "{kind}");
        // Who brings nothing is told that it is incomplete; who trusts another log, that it is not of it.
        assert_eq!(verify(pdf, &Given::default(), None, NOW_MS).verdict, Verdict::Incomplete, "{kind}");
        assert_ne!(verify(pdf, &Given::default(), Some(&wrong), NOW_MS).verdict, Verdict::Ok, "{kind}");
        let text = String::from_utf8_lossy(pdf);
        assert!(
            !text.contains("the provider's assertion"),
            "{kind}: login evidence is not the holder's to show"
        );
    }
    // The same bytes for ever, and nobody makes a second one.
    ground.later(60_000);
    ground.settle().await;
    assert_eq!(receipts(&ground).await, issued);
    ground.is_whole().await;
}

#[tokio::test]
async fn the_documents_of_a_filing_are_compared() {
    let (_ground, issued, policy) = town().await;
    let (_, pdf) = issued.iter().find(|(kind, _)| kind == "presentation").unwrap();
    let given = |bytes: &[u8]| vec![("allegato.txt".to_owned(), plico_crypto::digest::sha256(bytes))];
    let documents = given(b"un allegato");
    let given_one = Given { documents: &documents, evidence: &[] };
    let report = verify(pdf, &given_one, Some(&policy), NOW_MS);
    assert_eq!((report.verdict, report.result(CheckName::Documents)), (Verdict::Ok, CheckResult::Ok));
    let documents = given(b"un altro");
    let given_one = Given { documents: &documents, evidence: &[] };
    let report = verify(pdf, &given_one, Some(&policy), NOW_MS);
    assert_eq!((report.verdict, report.result(CheckName::Documents)), (Verdict::Failed, CheckResult::Failed));
}

#[tokio::test]
async fn the_receipts_of_a_delivery_prove_which_documents_it_held() {
    let (ground, issued, policy) = town().await;
    let delivered = "select id from message where direction = 'out'";
    let delivered =
        ground.desk.archive().database().scalar_text(delivered, Vec::new()).await.unwrap().unwrap();
    let documents = ground.desk.message(&ground.citizen, &delivered).await.unwrap().documents;
    assert!(!documents.is_empty());
    for kind in ["made-available", "opening"] {
        let (_, pdf) = issued.iter().find(|(known, _)| known == kind).unwrap();
        for document in &documents {
            let sha256 = plico_crypto::digest::from_hex(&document.sha256).unwrap();
            let given = [(document.name.clone(), sha256)];
            let report = verify(pdf, &Given { documents: &given, evidence: &[] }, Some(&policy), NOW_MS);
            assert_eq!(
                (report.verdict, report.result(CheckName::Documents)),
                (Verdict::Ok, CheckResult::Ok),
                "{kind}: {:#?}",
                report.checks
            );
        }
        let given = [("altro.pdf".to_owned(), [7; 32])];
        let report = verify(pdf, &Given { documents: &given, evidence: &[] }, Some(&policy), NOW_MS);
        assert_eq!(report.result(CheckName::Documents), CheckResult::Failed, "{kind}");
    }
    ground.is_whole().await;
}

/// A PDF with these attachments and nothing else: what a forger would make who cannot seal.
fn rebuilt(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut sheet = Sheet { title: "Ricevuta".into(), ..Sheet::default() };
    sheet.blocks = vec![Block::Title("Ricevuta".into())];
    sheet.attachments = files
        .iter()
        .map(|(name, bytes)| Attachment {
            name: name.clone(),
            media_type: "text/plain".into(),
            description: name.clone(),
            bytes: bytes.clone(),
            relationship: Relationship::Supplement,
        })
        .collect();
    render(&sheet).unwrap()
}

#[tokio::test]
async fn one_byte_changed_in_any_embedded_part_is_refused_by_name() {
    let (_ground, issued, policy) = town().await;
    let (_, pdf) = issued.iter().find(|(kind, _)| kind == "presentation").unwrap();
    let whole = attachments(pdf).unwrap();
    let unsealed = verify(&rebuilt(&whole), &Given::default(), Some(&policy), NOW_MS);
    assert_ne!(unsealed.verdict, Verdict::Ok, "a policy with roots demands the seal");
    for name in CheckName::ALL.into_iter().filter(|name| *name != CheckName::Seal) {
        assert_ne!(
            unsealed.result(name),
            CheckResult::Failed,
            "{name:?} must hold before anything is changed"
        );
    }
    let rows: [(&str, &[CheckName]); 5] = [
        ("leaf.json", &[CheckName::Leaf, CheckName::Inclusion]),
        ("parts.json", &[CheckName::Parts]),
        ("proof.tlog-proof", &[CheckName::Inclusion, CheckName::Checkpoint]),
        ("earlier.checkpoint", &[CheckName::Continuity]),
        ("consistency.txt", &[CheckName::Continuity]),
    ];
    for (name, checks) in rows {
        let place = whole.iter().position(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
        let length = whole[place].1.len();
        // Several bytes over its length, the last but one among them (the very last may be a line feed).
        for at in (0..length - 1).step_by(length / 9 + 1).chain([length - 2]) {
            let mut files = whole.clone();
            files[place].1[at] ^= 1;
            let report = verify(&rebuilt(&files), &Given::default(), Some(&policy), NOW_MS);
            assert_eq!(report.verdict, Verdict::Failed, "byte {at} of {name}: {:#?}", report.checks);
            assert!(
                checks.iter().any(|check| report.result(*check) == CheckResult::Failed),
                "byte {at} of {name}: {:#?}",
                report.checks
            );
        }
    }
}

#[tokio::test]
async fn one_byte_changed_on_the_page_breaks_the_seal() {
    let (_ground, issued, policy) = town().await;
    for (kind, pdf) in &issued {
        // Within the bytes the seal covers; a broken PDF may fail before it.
        for at in [pdf.len() / 5, pdf.len() / 3, pdf.len() / 2] {
            let mut changed = pdf.clone();
            changed[at] ^= 1;
            let report = verify(&changed, &Given::default(), Some(&policy), NOW_MS);
            assert_ne!(report.verdict, Verdict::Ok, "{kind}, byte {at}");
            assert_ne!(report.result(CheckName::Seal), CheckResult::Ok, "{kind}, byte {at}");
        }
    }
}
