//! Nobody sees what is not his, and a foreign thing is answered like one that does not exist.

use plico_archive::ActError;
use plico_archive::read::Cursor;
use plico_desk::answer::Act;
use plico_desk::assign::Purpose;
use plico_desk::open::{By, Download};
use plico_desk::{Actor, Outcome, Refusal};

use crate::ground::{Ground, refused};

/// Anything at all, as far as it was refused.
fn no<T>(outcome: Outcome<T>) -> Option<Refusal> {
    match outcome {
        Err(ActError::Refused(refusal)) => Some(refusal),
        Err(ActError::Fault(fault)) => panic!("{fault}"),
        Ok(_) => None,
    }
}

#[tokio::test]
async fn of_another_administration_nothing_exists() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let letter = ground.letter(Act::Message, Some(&filed.message), "t1");
    let sent = ground.desk.send_letter(&ground.clerk, letter).await.unwrap();
    ground.settle().await;
    let view = ground.desk.message(&ground.citizen, &filed.message).await.unwrap();
    let (document, receipt) = (view.documents[0].id.clone(), view.receipts[0].id.clone());
    let case = ground.desk.open_case(&ground.clerk, &ground.taxes, "Pratica", "").await.unwrap();
    let draft = ground.written(&ground.citizen, "Bozza", &[]).await;

    let nobody = Actor::anybody("borgo");
    for actor in [&ground.stranger, &ground.foreign_clerk, &ground.neighbour, &nobody] {
        let (desk, id) = (&ground.desk, filed.message.as_str());
        for real in [true, false] {
            // What exists and what does not are answered alike.
            let of = |id: &str| if real { id.to_owned() } else { "00000000000000000000000000Z".to_owned() };
            let wanted = Some(Refusal::NotFound);
            assert_eq!(no(desk.message(actor, &of(id)).await), wanted);
            assert_eq!(no(desk.message(actor, &of(&sent.message)).await), wanted);
            assert_eq!(no(desk.document(actor, &of(&document), Download::ByPerson).await), wanted);
            assert_eq!(no(desk.receipt(actor, &of(&receipt)).await), wanted);
            assert_eq!(
                no(desk.open_delivery(actor, &of(sent.delivery.as_deref().unwrap()), By::Page).await),
                wanted
            );
            assert_eq!(no(desk.withdraw(actor, &of(id), "").await), wanted);
            assert_eq!(no(desk.take_in_charge(actor, &of(id)).await), wanted);
            assert_eq!(
                no(desk.assign(actor, &of(id), (&ground.taxes, None), Purpose::Competence).await),
                wanted
            );
            assert_eq!(no(desk.note(actor, &of(id), "nota").await), wanted);
            assert_eq!(
                no(desk.send_letter(actor, ground.letter(Act::Granted, Some(&of(id)), "x")).await),
                wanted
            );
            assert_eq!(
                no(desk.withdraw_delivery(actor, &of(sent.delivery.as_deref().unwrap()), "no").await),
                wanted
            );
            assert_eq!(no(desk.rectify(actor, &of(id), "subject", "x", "y").await), wanted);
            assert_eq!(no(desk.annul(actor, &of(id), "x", "y").await), wanted);
            assert_eq!(
                no(desk.case(actor, plico_record::authority::Deed::ReadMetadata, &of(&case)).await),
                wanted
            );
            assert_eq!(no(desk.draft(actor, &of(&draft)).await), wanted);
        }
    }
    let (lines, _) = ground
        .desk
        .inbox(&ground.neighbour, &plico_archive::read::inbox::Filter::default(), 10)
        .await
        .unwrap();
    assert!(lines.is_empty());
    // None of it happened.
    let after = ground.desk.message(&ground.citizen, &filed.message).await.unwrap();
    assert_eq!(after.message.state, "registered");
}

#[tokio::test]
async fn an_office_reads_its_own_and_what_it_was_shown() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let mut other = ground.clerk.clone();
    if let plico_record::actor::Who::Staff { offices, .. } = &mut other.who {
        *offices = vec![ground.registry.clone()];
    }
    assert_eq!(no(ground.desk.message(&other, &filed.message).await), Some(Refusal::NotFound));
    ground
        .desk
        .assign(&ground.protocol, &filed.message, (&ground.registry, None), Purpose::Knowledge)
        .await
        .unwrap();
    assert!(ground.desk.message(&other, &filed.message).await.unwrap().content);
    // Knowing is not acting.
    assert!(no(ground.desk.take_in_charge(&other, &filed.message).await).is_some());
}

#[tokio::test]
async fn an_auditor_states_a_reason_and_every_look_is_an_event() {
    let ground = Ground::new().await;
    let filed = ground.filed(&ground.citizen, "Rimborso").await;
    let id = filed.message.as_str();
    let view = ground.desk.message(&ground.auditor, id).await.unwrap();
    assert!(!view.content && view.reason_needed && view.documents.is_empty() && view.message.text.is_empty());
    let own = ground.desk.message(&ground.citizen, id).await.unwrap();
    let document = own.documents[0].id.clone();
    let blocked = ground.desk.document(&ground.auditor, &document, Download::ByPerson).await;
    assert_eq!(no(blocked), Some(Refusal::ReasonNeeded));
    assert!(matches!(
        refused(ground.desk.state_reason(&ground.auditor, id, "  ").await),
        Refusal::Invalid(_)
    ));
    assert_eq!(
        refused(ground.desk.state_reason(&ground.clerk, id, "per curiosità").await),
        Refusal::Forbidden
    );
    ground.desk.state_reason(&ground.auditor, id, "Verifica 3/2026 del collegio").await.unwrap();
    assert!(ground.desk.message(&ground.auditor, id).await.unwrap().content);
    ground.desk.document(&ground.auditor, &document, Download::ByPerson).await.map(|_| ()).unwrap();
    let log = ground.desk.access_log(&ground.auditor, &Cursor::newest(), 10).await.unwrap();
    assert!(log.iter().any(|reading| reading.thing == id && reading.reason.contains("collegio")));

    // A working day later the reason no longer opens; nor does it open another message.
    let other = ground.filed(&ground.citizen, "Altro").await;
    assert!(!ground.desk.message(&ground.auditor, &other.message).await.unwrap().content);
    ground.later(9 * 3_600_000);
    assert!(!ground.desk.message(&ground.auditor, id).await.unwrap().content);
    // He reads; he changes nothing.
    assert!(no(ground.desk.take_in_charge(&ground.auditor, id).await).is_some());
    assert!(no(ground.desk.annul(&ground.auditor, id, "x", "y").await).is_some());
    let checked = ground.desk.check_message(&ground.auditor, id).await.unwrap();
    assert!(checked.len() == 2 && checked.iter().all(|(_, whole)| *whole));
}
