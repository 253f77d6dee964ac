//! The office's journey, from the queue to the answer, and what was sent to the wrong person.

use plico_archive::read::Cursor;
use plico_archive::read::queue::{self, Filter};
use plico_desk::addressee::Recipient;
use plico_desk::answer::Act;
use plico_desk::assign::Purpose;
use plico_desk::open::{By, Download};
use plico_desk::{Refusal, draft};
use plico_record::message::{State, Unfit};

use crate::ground::{Ground, refused};

async fn state(ground: &Ground, message: &str) -> String {
    ground.desk.message(&ground.manager, message).await.unwrap().message.state
}

#[tokio::test]
async fn assigned_taken_supplemented_answered_opened() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let id = filed.message.as_str();
    let (lines, _) =
        ground.desk.queue(&ground.clerk, &Filter::default(), &Cursor::newest(), 10).await.unwrap();
    assert_eq!(lines.len(), 1);

    ground.desk.assign(&ground.protocol, id, (&ground.registry, None), Purpose::Competence).await.unwrap();
    assert_eq!(refused(ground.desk.take_in_charge(&ground.clerk, id).await), Refusal::NotFound);
    ground.desk.assign(&ground.protocol, id, (&ground.taxes, None), Purpose::Competence).await.unwrap();
    ground.desk.refuse_assignment(&ground.clerk, id, "non compete a noi").await.unwrap();
    ground.desk.assign(&ground.protocol, id, (&ground.taxes, None), Purpose::Competence).await.unwrap();
    ground.desk.take_in_charge(&ground.clerk, id).await.unwrap();
    assert_eq!(refused(ground.desk.take_in_charge(&ground.clerk, id).await), Refusal::Unfit(Unfit::Taken));
    ground.desk.note(&ground.clerk, id, "da sentire il legale").await.unwrap();
    assert_eq!(ground.desk.message(&ground.clerk, id).await.unwrap().notes.len(), 1);
    assert!(ground.desk.message(&ground.citizen, id).await.unwrap().notes.is_empty());

    // What is missing is asked for, opened, and answered.
    let asked =
        ground.desk.send_letter(&ground.clerk, ground.letter(Act::Supplement, Some(id), "t1")).await.unwrap();
    assert_eq!(state(&ground, id).await, State::SupplementRequested.code());
    assert!(!ground.desk.message(&ground.citizen, &asked.message).await.unwrap().content, "not opened yet");
    ground.desk.open_delivery(&ground.citizen, asked.delivery.as_deref().unwrap(), By::Page).await.unwrap();
    assert!(ground.desk.message(&ground.citizen, &asked.message).await.unwrap().content);
    let words = draft::Words { text: "Ecco quanto manca.".into(), ..draft::Words::default() };
    let reply = ground
        .desk
        .begin_draft(&ground.citizen, draft::Purpose::Reply, Some(&asked.message), words)
        .await
        .unwrap();
    ground.desk.present(&ground.citizen, &reply).await.unwrap();
    assert_eq!(state(&ground, id).await, State::TakenInCharge.code());

    let letter = ground.letter(Act::Granted, Some(id), "t2");
    let sent = ground.desk.send_letter(&ground.clerk, letter).await.unwrap();
    assert_eq!(state(&ground, id).await, State::Answered.code());
    assert_eq!(ground.desk.unopened(&ground.citizen).await.unwrap(), 1);
    ground.later(5000);
    ground.desk.open_delivery(&ground.citizen, sent.delivery.as_deref().unwrap(), By::Page).await.unwrap();
    let first = ground.desk.message(&ground.citizen, &sent.message).await.unwrap().deliveries[0].opened_ms;
    ground.later(60_000);
    ground.desk.open_delivery(&ground.citizen, sent.delivery.as_deref().unwrap(), By::Page).await.unwrap();
    let again = ground.desk.message(&ground.citizen, &sent.message).await.unwrap().deliveries[0].opened_ms;
    assert_eq!(first, again, "the first opening stands");
    assert_eq!(ground.desk.unopened(&ground.citizen).await.unwrap(), 0);
    ground.is_whole().await;
}

#[tokio::test]
async fn of_two_who_move_a_message_at_once_one_looks_again() {
    let ground = Ground::new().await;
    for round in 0..8 {
        let filed = ground.filed(&ground.citizen, &format!("Rimborso {round}")).await;
        let (desk, id) = (&ground.desk, filed.message.as_str());
        let (assigned, refusal) = tokio::join!(
            desk.assign(&ground.protocol, id, (&ground.registry, None), Purpose::Competence),
            desk.refuse_assignment(&ground.clerk, id, "non compete a noi"),
        );
        assert_ne!(assigned.is_ok(), refusal.is_ok(), "{assigned:?} {refusal:?}");
    }
    ground.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_letter_sent_twice_is_one_letter() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let mut tasks = Vec::new();
    for _ in 0..5 {
        let (desk, clerk) = (ground.desk.clone(), ground.clerk.clone());
        let letter = ground.letter(Act::Message, Some(&filed.message), "stesso");
        tasks.push(tokio::spawn(async move { desk.send_letter(&clerk, letter).await }));
    }
    let mut sent = Vec::new();
    for task in tasks {
        sent.push(task.await.unwrap().expect("each is told the same"));
    }
    assert!(sent.windows(2).all(|two| two[0] == two[1]));
    let (lines, _) =
        ground.desk.inbox(&ground.citizen, &plico_archive::read::inbox::Filter::default(), 10).await.unwrap();
    assert_eq!(lines.len(), 2);
    ground.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_discarded_while_its_letter_goes_out_is_in_it_or_not_there() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    for round in 0..12 {
        let token = format!("gara{round}");
        let (owner, _) = ground.desk.letter_files(&ground.clerk, &token).await.unwrap();
        ground.attach(&ground.clerk, &owner, "allegato.txt", b"allegato").await;
        let (_, files) = ground.desk.letter_files(&ground.clerk, &token).await.unwrap();
        let (desk, file) = (ground.desk.clone(), files[0].id.clone());
        let discarding = tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(2 * round)).await;
            desk.remove_upload(&owner, &file).await
        });
        let letter = ground.letter(Act::Message, Some(&filed.message), &token);
        let sent = ground.desk.send_letter(&ground.clerk, letter.clone()).await;
        let discarded = discarding.await.unwrap().is_ok();
        let sent = match sent {
            Ok(sent) => sent,
            Err(error) => {
                assert_eq!(refused::<()>(Err(error)), Refusal::Exists);
                assert!(discarded, "refused only because its files changed");
                ground.desk.send_letter(&ground.clerk, letter).await.unwrap()
            }
        };
        let documents = ground.desk.message(&ground.clerk, &sent.message).await.unwrap().documents;
        assert_eq!(documents.len(), if discarded { 1 } else { 2 }, "round {round}");
    }
    ground.is_whole().await;
}

#[tokio::test]
async fn what_went_to_the_wrong_person_is_withdrawn_and_no_longer_served() {
    let ground = Ground::new().await;
    let mut letter = ground.letter(Act::Issue, None, "t9");
    letter.recipient = Recipient {
        fiscal_code: "RSSMRA80A41H501X".into(),
        name: "Maria Rossi".into(),
        email: String::new(),
        ..Recipient::default()
    };
    // The code of the citizen who is known already, with its right check character.
    let database = ground.desk.archive().database();
    let known = queue::person(database, ground.citizen.person().unwrap()).await.unwrap().unwrap();
    letter.recipient.fiscal_code = known.fiscal_code.unwrap();
    let no_file = ground.desk.send_letter(&ground.clerk, letter.clone()).await;
    assert!(matches!(refused(no_file), Refusal::Invalid(_)), "issuing wants a document");
    let (owner, _) = ground.desk.letter_files(&ground.clerk, "t9").await.unwrap();
    ground.attach(&ground.clerk, &owner, "certificato.txt", b"si certifica").await;
    let sent = ground.desk.send_letter(&ground.clerk, letter).await.unwrap();

    let view = ground.desk.message(&ground.clerk, &sent.message).await.unwrap();
    let certificate = view.documents.iter().find(|d| d.role == "issued").unwrap().id.clone();
    let unopened = ground.desk.document(&ground.citizen, &certificate, Download::ByPerson).await;
    assert_eq!(unopened.map(|_| ()).map_err(|e| e.to_string()), Err("refused".into()));
    ground.desk.open_delivery(&ground.citizen, sent.delivery.as_deref().unwrap(), By::Page).await.unwrap();
    let (_, reader) = ground.desk.document(&ground.citizen, &certificate, Download::ByPerson).await.unwrap();
    assert_eq!(reader.read_all(100).await.unwrap(), b"si certifica");
    assert_eq!(ground.desk.documents(&ground.citizen).await.unwrap().len(), 1);

    ground
        .desk
        .withdraw_delivery(&ground.clerk, sent.delivery.as_deref().unwrap(), "persona sbagliata")
        .await
        .unwrap();
    let gone = ground.desk.document(&ground.citizen, &certificate, Download::ByPerson).await;
    assert!(gone.is_err(), "what was withdrawn is not served");
    let twice =
        ground.desk.withdraw_delivery(&ground.clerk, sent.delivery.as_deref().unwrap(), "ancora").await;
    assert_eq!(refused(twice), Refusal::Exists);
    ground.is_whole().await;
}

#[tokio::test]
async fn a_correction_shows_the_old_value_and_an_annulment_keeps_the_number() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborzo").await;
    let id = filed.message.as_str();
    assert_eq!(
        refused(ground.desk.rectify(&ground.clerk, id, "subject", "Rimborso", "refuso").await),
        Refusal::Forbidden
    );
    ground.desk.rectify(&ground.manager, id, "subject", "Rimborso", "refuso").await.unwrap();
    let view = ground.desk.message(&ground.manager, id).await.unwrap();
    assert_eq!((view.changes[0].old.as_str(), view.changes[0].new.as_str()), ("Rimborzo", "Rimborso"));
    ground.desk.annul(&ground.manager, id, "doppione", "Atto 12/2026").await.unwrap();
    assert_eq!(
        refused(ground.desk.annul(&ground.manager, id, "doppione", "Atto 12/2026").await),
        Refusal::Unfit(Unfit::Annulled)
    );
    let next = ground.filed(&ground.citizen, "Altro").await;
    assert_eq!(
        next.number.as_deref(),
        Some("0000002/2026"),
        "the number of an annulled entry is not given again"
    );
    ground.is_whole().await;
}

/// The protocol office sees all that comes in, and of case files those of its own: however many others have.
#[tokio::test]
async fn the_case_files_of_others_hide_none() {
    let ground = Ground::new().await;
    let own = ground.desk.open_case(&ground.protocol, &ground.registry, "Statuti", "").await.unwrap();
    for n in 0..60 {
        ground.desk.open_case(&ground.clerk, &ground.taxes, &format!("Rimborsi {n}"), "").await.unwrap();
    }
    let filter = plico_archive::read::queue::CaseFilter::default();
    let seen = async |actor| {
        let rows = ground.desk.cases(actor, &filter, 50).await.unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(&ground.protocol).await, [own]);
    assert_eq!((seen(&ground.clerk).await.len(), seen(&ground.manager).await.len()), (50, 50));
    assert_eq!(seen(&ground.auditor).await.len(), 50);
}

#[tokio::test]
async fn a_case_file_is_opened_filled_and_closed() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let case = ground.desk.open_case(&ground.clerk, &ground.taxes, "Rimborsi 2026", "").await.unwrap();
    ground.desk.file_into_case(&ground.clerk, &filed.message, &case).await.unwrap();
    assert_eq!(ground.desk.case_messages(&ground.clerk, &case).await.unwrap().len(), 1);
    ground.desk.close_case(&ground.clerk, &case).await.unwrap();
    let late = ground.desk.file_into_case(&ground.clerk, &filed.message, &case).await;
    assert_eq!(refused(late), Refusal::CaseClosed);
    assert_eq!(refused(ground.desk.close_case(&ground.clerk, &case).await), Refusal::CaseClosed);
    ground.is_whole().await;
}
