//! What the office sends, numbered by an outside registry: available to its recipient when the number comes, once, whatever is
//! lost; and nothing of it is seen before.

use std::time::Duration;

use plico_archive::ActError;
use plico_archive::read::message;
use plico_desk::Refusal;
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter, Sent};
use plico_desk::outside::{Route, Routes};
use plico_record::actor::Actor;
use plico_registry::pitre::simulator::Pitre as Simulated;
use plico_registry::simulator::{Fault, Simulator as _};
use plico_testkit::registry::Hosted;

use super::order::{connect, later, sound, state, whole};
use super::support::{BODY, Town, code};

/// A town whose letters and certificates go to a simulated PiTre, and whose filings do not.
async fn town() -> (Town, Hosted<Simulated>) {
    let (town, hosted) =
        (Town::start().await, Hosted::start(Simulated::new("BORGO", "PLICO-APP", "REG")).await.unwrap());
    connect(&town, &hosted);
    let route = Route { system: "pitre".into(), classification: "6.3".into(), ..Route::default() };
    let routes = Routes { letters: route.clone(), certificates: route, ..Routes::default() };
    town.app.desk.save_routes(&Actor::console(BODY, "test"), &routes).await.unwrap();
    (town, hosted)
}

fn letter(town: &Town, token: &str, subject: &str) -> Letter {
    Letter {
        act: Act::Message,
        about: None,
        office: town.building.clone(),
        recipient: Recipient {
            fiscal_code: code("VRDNNA80A41H501"),
            name: "Anna Verdi".into(),
            email: String::new(),
            ..Recipient::default()
        },
        copies: String::new(),
        effect: "communication".into(),
        subject: subject.into(),
        text: "Si comunica l’esito.".into(),
        category: String::new(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: token.into(),
    }
}

async fn send(town: &Town, token: &str, subject: &str) -> Sent {
    let clerk = town.as_operator(&town.building_operator).await;
    town.app.desk.send_letter(&clerk, letter(town, token, subject)).await.unwrap()
}

async fn deliveries(town: &Town, id: &str) -> Vec<message::DeliveryRow> {
    message::deliveries(town.app.desk.archive().database(), id).await.unwrap()
}

#[tokio::test]
async fn a_letter_is_available_when_its_number_comes_and_not_before() {
    let (town, hosted) = town().await;
    let sent = send(&town, "brief1", "Esito della domanda").await;
    assert_eq!((sent.delivery.as_deref(), sent.number.as_deref()), (None, None));
    // The office sees that it waits, and for whom; its recipient sees nothing.
    let clerk = town.as_operator(&town.building_operator).await;
    let view = town.app.desk.message(&clerk, &sent.message).await.unwrap();
    assert_eq!(view.message.state, "prepared");
    assert_eq!(town.app.desk.counterpart(&view.message).await.unwrap(), "Anna Verdi");
    assert!(deliveries(&town, &sent.message).await.is_empty());
    // A second click is the same letter.
    assert_eq!(send(&town, "brief1", "Esito della domanda").await, sent);
    later(&town).await;
    whole(&town, &hosted, &sent.message).await;
    let delivered = deliveries(&town, &sent.message).await;
    assert_eq!(delivered.len(), 1);
    let view = town.app.desk.message(&clerk, &sent.message).await.unwrap();
    assert_eq!(view.message.state, "sent");
    assert_eq!(view.message.registration_number().as_deref(), Some("0000001/2026"));
    let kinds: Vec<&str> = view.history.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "delivery.made_available").count(), 1, "{kinds:?}");
    assert_eq!(hosted.state().ledger().objects[0].parties, ["Anna Verdi"]);
    sound(&town).await;
}

#[tokio::test]
async fn whatever_answer_is_lost_there_is_one_number_and_one_delivery() {
    let (town, hosted) = town().await;
    for operation in ["CreateDocument", "UploadFileToDocument", "ProtocolPredisposed"] {
        for (turn, fault) in [Fault::LoseAnswer, Fault::DoneAnd500, Fault::Slow(700)].into_iter().enumerate()
        {
            hosted.state().faults().next(operation, fault.clone());
            let sent = send(&town, &format!("{operation}{turn}"), &format!("{operation} {fault:?}")).await;
            later(&town).await;
            whole(&town, &hosted, &sent.message).await;
            assert_eq!(deliveries(&town, &sent.message).await.len(), 1, "{operation} {fault:?}");
        }
    }
    sound(&town).await;
}

#[tokio::test]
async fn sixteen_workers_make_each_letter_available_once() {
    let (town, hosted) = town().await;
    hosted.state().faults().always = Some((3, "ProtocolPredisposed".into(), Fault::LoseAnswer));
    let mut all = Vec::new();
    for index in 0..8 {
        all.push(send(&town, &format!("letter{index}"), &format!("Avviso {index}")).await);
    }
    for _ in 0..20 {
        let workers = (0..16).map(|index| {
            let app = town.app.clone();
            async move { plico::work::drain(&app, &format!("worker-{index}")).await.unwrap() }
        });
        futures_util::future::join_all(workers).await;
        town.clock.advance(Duration::from_secs(10));
    }
    later(&town).await;
    for sent in &all {
        whole(&town, &hosted, &sent.message).await;
        assert_eq!(deliveries(&town, &sent.message).await.len(), 1);
    }
}

#[tokio::test]
async fn a_refused_letter_waits_for_the_office_and_its_recipient_sees_nothing() {
    let (town, hosted) = town().await;
    hosted.state().registers = vec!["OTHER".into()];
    let sent = send(&town, "brief1", "Esito").await;
    later(&town).await;
    assert_eq!(state(&town, &sent.message).await.state, "failed");
    assert!(deliveries(&town, &sent.message).await.is_empty());
    assert_eq!(town.app.desk.held_orders(BODY).await.unwrap(), 1);
    town.clock.advance(Duration::from_hours(24));
    assert_eq!(town.app.desk.late_orders(BODY).await.unwrap(), 1);
    sound(&town).await;
}

#[tokio::test]
async fn an_answer_answers_its_filing_when_its_number_comes() {
    let (town, hosted) = town().await;
    let anna = town.as_person(&town.anna).await;
    let words = plico_desk::draft::Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Rimborso".into(),
        text: "Chiedo il rimborso.".into(),
    };
    let desk = &town.app.desk;
    let draft = desk.begin_draft(&anna, plico_desk::draft::Purpose::Filing, None, words).await.unwrap();
    let filing = desk.present(&anna, &draft).await.unwrap().message;
    let clerk = town.as_operator(&town.building_operator).await;
    let answer =
        Letter { act: Act::Granted, about: Some(filing.clone()), ..letter(&town, "risposta", "Accolta") };
    let sent = desk.send_letter(&clerk, answer).await.unwrap();
    let filed = desk.message(&anna, &filing).await.unwrap();
    assert_ne!(filed.message.state, "answered");
    assert_eq!(filed.thread.len(), 1, "nothing of the answer is seen yet");
    assert!(desk.message(&anna, &sent.message).await.is_err());
    let seen = desk.message(&clerk, &filing).await.unwrap();
    assert_eq!(seen.thread.len(), 2, "the office sees that an answer waits");
    later(&town).await;
    whole(&town, &hosted, &sent.message).await;
    let filed = desk.message(&anna, &filing).await.unwrap();
    assert_eq!(
        (filed.message.state.as_str(), filed.message.outcome.as_deref()),
        ("answered", Some("granted"))
    );
    let kinds: Vec<String> = desk
        .message(&anna, &sent.message)
        .await
        .unwrap()
        .receipts
        .into_iter()
        .map(|receipt| receipt.kind)
        .collect();
    assert_eq!(kinds, ["made-available"]);
    sound(&town).await;
}

#[tokio::test]
async fn a_number_is_annulled_where_it_was_given_and_a_lost_answer_is_looked_up() {
    let (town, hosted) = town().await;
    let manager = town.as_operator(&town.records_manager).await;
    let clerk = town.as_operator(&town.building_operator).await;
    let desk = &town.app.desk;
    for (turn, fault) in [None, Some(Fault::LoseAnswer), Some(Fault::Stall)].into_iter().enumerate() {
        let sent = send(&town, &format!("brief{turn}"), &format!("Esito {fault:?}")).await;
        later(&town).await;
        let id = sent.message.as_str();
        let no = desk.annul_outside(&clerk, id, "doppia", "determina 3").await;
        assert!(no.is_err(), "a clerk annuls nothing");
        let empty = desk.annul_outside(&manager, id, "", "").await;
        assert!(matches!(empty, Err(ActError::Refused(Refusal::Invalid(_)))), "{empty:?}");
        if let Some(fault) = &fault {
            hosted.state().faults().next("annullaProtocollo", fault.clone());
        }
        desk.annul_outside(&manager, id, "doppia", "determina 3").await.unwrap();
        if fault.is_some() {
            assert_eq!(state(&town, id).await.annulment, "doubt");
            assert!(!desk.message(&manager, id).await.unwrap().message.annulled, "nobody knows yet");
            let again = desk.annul_outside(&manager, id, "doppia", "determina 3").await;
            assert!(
                matches!(again, Err(ActError::Refused(Refusal::Exists))),
                "it is not asked blindly: {again:?}"
            );
            desk.look_annulment(&manager, id).await.unwrap();
        }
        if fault == Some(Fault::Stall) {
            assert_eq!(state(&town, id).await.annulment, "absent");
            desk.annul_outside(&manager, id, "doppia", "determina 3").await.unwrap();
        }
        assert_eq!(state(&town, id).await.annulment, "done");
        assert!(desk.message(&manager, id).await.unwrap().message.annulled);
        let number = state(&town, id).await.number.unwrap().cast_unsigned();
        assert!(hosted.state().ledger().by_number(number, 2026).unwrap().annulled);
        let told = format!("{:?}", desk.order(&manager, id).await.unwrap().tried);
        assert!(told.contains("noteAnnullamento") && !told.contains("SOAP-SECRET"), "{told}");
    }
    sound(&town).await;
}

#[tokio::test]
async fn a_system_that_numbers_nothing_is_refused_for_letters() {
    let (town, _hosted) = town().await;
    let agid = plico_registry::system::open("agid", plico_registry::Access::default()).unwrap();
    town.app.desk.connect(vec![plico_desk::outside::Outside::new("altri", BODY, "X", agid, 400, 1000)]);
    let route = Route { system: "altri".into(), ..Route::default() };
    let routes = Routes { letters: route, ..Routes::default() };
    let refused = town.app.desk.save_routes(&Actor::console(BODY, "test"), &routes).await;
    let Err(ActError::Refused(Refusal::Invalid(errors))) = refused else { panic!("{refused:?}") };
    assert_eq!(errors[0].code, "registry_no_out");
}
