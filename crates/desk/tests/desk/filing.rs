//! Filing: whole, once, with one number, whatever happens on the way.

use plico_archive::read::registry;
use plico_desk::Refusal;
use plico_desk::draft::{Purpose, Words};
use plico_record::message::Unfit;

use crate::ground::{BODY, Ground, refused};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sent_many_times_at_once_it_is_one_filing() {
    let ground = Ground::new().await;
    for round in 0..4 {
        let draft = ground.written(&ground.citizen, &format!("Rimborso {round}"), &[("a.txt", b"uno")]).await;
        let mut tasks = Vec::new();
        for _ in 0..6 {
            let (desk, actor, draft) = (ground.desk.clone(), ground.citizen.clone(), draft.clone());
            tasks.push(tokio::spawn(async move { desk.present(&actor, &draft).await }));
        }
        for task in tasks {
            let filed = task.await.unwrap().expect("whoever sends it again is told the same");
            assert_eq!(
                (filed.message, filed.number),
                (draft.clone(), Some(format!("{:07}/2026", round + 1)))
            );
        }
        // And once more, later.
        assert_eq!(ground.desk.present(&ground.citizen, &draft).await.unwrap().message, draft);
    }
    let entries = ground.desk.register_entries(&ground.manager, 2026, i64::MAX, 100).await.unwrap();
    assert_eq!(entries.len(), 4);
    let database = ground.desk.archive().database();
    let volumes = async |size| registry::volumes(database, BODY, 2026, size).await.unwrap();
    assert_eq!((volumes(3).await, volumes(4).await), (vec![1, 4], vec![1]));
    ground.is_whole().await;
}

#[tokio::test]
async fn it_has_a_primary_document_a_term_and_what_was_attached() {
    let ground = Ground::new().await;
    let long = vec![b'x'; 600_000];
    let files: [(&str, &[u8]); 3] =
        [("../../etc/passwd", b"uno"), ("stesso.txt", b"due"), ("stesso.txt", &long)];
    let draft = ground.written(&ground.citizen, "Rimborso", &files).await;
    let filed = ground.desk.present(&ground.citizen, &draft).await.unwrap();
    let view = ground.desk.message(&ground.citizen, &filed.message).await.unwrap();
    assert!(view.content && view.documents.len() == 4);
    assert_eq!(view.documents[0].role, "primary");
    assert_eq!(view.documents[0].media_type, "application/pdf");
    assert!(view.documents.iter().all(|d| !d.name.contains('/') && !d.name.contains("..")));
    assert_eq!(view.message.due.as_deref(), Some("2026-12-21"));
    let entry = view.entry.expect("registered in the same transaction");
    assert_eq!(entry.presented_ms, Some(entry.registered_ms));
    assert_eq!(entry.digest, view.documents[0].sha256, "the impronta is the primary document's");
    let (_, reader) = ground
        .desk
        .document(&ground.citizen, &view.documents[3].id, plico_desk::open::Download::ByPerson)
        .await
        .unwrap();
    assert_eq!(reader.read_all(1 << 20).await.unwrap(), long);
    assert!(ground.desk.drafts(&ground.citizen).await.unwrap().is_empty());
    ground.is_whole().await;
}

#[tokio::test]
async fn what_is_missing_is_said_and_nothing_is_numbered() {
    let ground = Ground::new().await;
    let draft =
        ground.desk.begin_draft(&ground.citizen, Purpose::Filing, None, Words::default()).await.unwrap();
    let Refusal::Invalid(errors) = refused(ground.desk.present(&ground.citizen, &draft).await) else {
        panic!("it must say which fields")
    };
    let fields: Vec<_> = errors.iter().map(|e| e.field).collect();
    assert_eq!(fields, ["kind", "office", "subject", "text"]);
    let words = Words { text: "x".repeat(20_001), ..Words::default() };
    ground.desk.save_draft(&ground.citizen, &draft, words).await.unwrap();
    let kept = ground.desk.draft(&ground.citizen, &draft).await.unwrap();
    assert_eq!(kept.text.len(), 20_001, "what was typed is kept");
    let entries = ground.desk.register_entries(&ground.manager, 2026, i64::MAX, 10).await.unwrap();
    assert!(entries.is_empty());
}

#[tokio::test]
async fn one_adds_replies_and_withdraws() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let words = Words { text: "Aggiungo un documento.".into(), ..Words::default() };
    let addition = ground
        .desk
        .begin_draft(&ground.citizen, Purpose::Addition, Some(&filed.message), words)
        .await
        .unwrap();
    let added = ground.desk.present(&ground.citizen, &addition).await.unwrap();
    assert_eq!(added.number.as_deref(), Some("0000002/2026"));
    let view = ground.desk.message(&ground.citizen, &filed.message).await.unwrap();
    assert_eq!(view.thread.len(), 2);

    ground.desk.withdraw(&ground.citizen, &filed.message, "ho cambiato idea").await.unwrap();
    assert_eq!(
        refused(ground.desk.withdraw(&ground.citizen, &filed.message, "").await),
        Refusal::Unfit(Unfit::Withdrawn)
    );
    assert_eq!(
        refused(ground.desk.take_in_charge(&ground.clerk, &filed.message).await),
        Refusal::Unfit(Unfit::Withdrawn)
    );
    let entry = registry::entry(ground.desk.archive().database(), &filed.message).await.unwrap();
    assert!(entry.is_some(), "what was registered stays registered");
    ground.is_whole().await;
}

#[tokio::test]
async fn limits_hold_for_files() {
    let ground = Ground::new().await;
    let draft = ground.written(&ground.citizen, "Rimborso", &[]).await;
    let (owner, _) = ground.desk.draft_files(&ground.citizen, &draft).await.unwrap();
    let upload = ground.desk.begin_upload(&ground.citizen, &owner, "vuoto.pdf").await.unwrap();
    let empty = ground.desk.finish_upload(upload, async |_| plico_desk::upload::Scan::Off).await;
    assert_eq!(refused(empty), Refusal::EmptyFile);
    for n in 0..50 {
        ground.attach(&ground.citizen, &owner, &format!("{n}.txt"), b"x").await;
    }
    let more = ground.desk.begin_upload(&ground.citizen, &owner, "51.txt").await;
    assert_eq!(more.err().map(|e| e.to_string()), Some("refused".into()));
    assert_eq!(
        ground.desk.present(&ground.citizen, &draft).await.unwrap().number.as_deref(),
        Some("0000001/2026")
    );
}
