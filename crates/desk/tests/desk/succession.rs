//! After a loss: what was issued before still verifies, what is issued now does, and says which log it goes on from.

use plico_archive::{ActError, ArchiveError};
use plico_evidence::{CheckName, CheckResult, Given, Policy, Verdict, verify};

use crate::ground::Ground;
use crate::receipts::receipts;

const NOW_MS: i64 = 1_795_258_900_000;
const FIRST: &str = "archivio.example/c_x000/1";
const SECOND: &str = "archivio.example/c_x000/2";

fn policy(ground: &Ground, origin: &str) -> Policy {
    let key = ground.desk.archive().verifier_key(origin).unwrap();
    let text = format!("log {key}\nquorum none\n{}", String::from_utf8_lossy(&ground.roots));
    Policy::parse(text.as_bytes()).unwrap()
}

#[tokio::test]
async fn receipts_of_both_logs_hold() {
    let mut ground = Ground::new().await;
    ground.filed(&ground.citizen, "Rimborso").await;
    ground.settle().await;
    let before = receipts(&ground).await;
    let backup = ground.backed_up().await;
    let first = policy(&ground, FIRST);
    let lost = ground.filed(&ground.citizen, "Perduta").await;

    let paths = ground.restored(&backup).await;
    assert_eq!(receipts(&ground).await, before, "what was issued is there");
    let draft = ground.written(&ground.citizen, "Dopo", &[]).await;
    let refused = ground.desk.present(&ground.citizen, &draft).await;
    assert!(matches!(refused, Err(ActError::Fault(ArchiveError::ReadOnly))), "{refused:?}");

    ground.succeed(&paths).await;
    let filed = ground.desk.present(&ground.citizen, &draft).await.unwrap();
    assert!(filed.number > lost.number, "{:?} after {:?}", filed.number, lost.number);
    ground.settle().await;
    let all = receipts(&ground).await;
    let fresh: Vec<_> = all.iter().filter(|receipt| !before.contains(receipt)).collect();
    assert_eq!((before.len(), fresh.len()), (2, 2));
    for (kind, pdf) in &before {
        let report = verify(pdf, &Given::default(), Some(&first), NOW_MS);
        assert_eq!((report.verdict, report.facts.succeeds), (Verdict::Ok, None), "{kind}");
    }
    let second = policy(&ground, SECOND);
    for (kind, pdf) in fresh {
        let report = verify(pdf, &Given::default(), Some(&second), NOW_MS);
        assert_eq!(report.verdict, Verdict::Ok, "{kind}: {:#?}", report.checks);
        let succeeds = report.facts.succeeds.expect("the receipt says which log it goes on from");
        assert_eq!(succeeds.origin, FIRST, "{kind}");
        // Whoever trusts only the old key is told that this is another log.
        assert_eq!(
            verify(pdf, &Given::default(), Some(&first), NOW_MS).result(CheckName::Checkpoint),
            CheckResult::Failed
        );
    }
    ground.is_whole().await;
}
