//! Registrations ordered of an outside registry: one number each, whatever is lost, and a person decides what no machine can.

use std::sync::Arc;
use std::time::Duration;

use plico_archive::ActError;
use plico_archive::read::order;
use plico_database::args;
use plico_desk::Refusal;
use plico_desk::draft::{Purpose, Words};
use plico_desk::outside::{Outside, Route, Routes};
use plico_desk::outside_desk::Decision;
use plico_record::actor::Actor;
use plico_registry::pitre::Pitre;
use plico_registry::pitre::simulator::Pitre as Simulated;
use plico_registry::simulator::{Fault, Simulator as _};
use plico_registry::{Access, Registry};
use plico_testkit::registry::Hosted;

use super::support::{BODY, Town};

/// How long the registry of these tests may take to answer (milliseconds).
const TIMEOUT_MS: i64 = 400;

fn client(url: &str) -> Arc<dyn Registry> {
    patient(url, TIMEOUT_MS)
}

fn patient(url: &str, timeout_ms: i64) -> Arc<dyn Registry> {
    let access = Access {
        url: url.into(),
        user: "plico".into(),
        password: "PLICO-APP".into(),
        administration: "BORGO".into(),
        timeout: Duration::from_millis(timeout_ms.cast_unsigned()),
        annulment: Some(plico_registry::Twin {
            url: format!("{url}/DocsPaWSLite.asmx"),
            user: "plico".into(),
            password: "SOAP-SECRET".into(),
        }),
        options: [("register", "REG")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..Access::default()
    };
    Arc::new(Pitre::new(access).unwrap())
}

/// A town whose filings go to a simulated PiTre.
async fn town() -> (Town, Hosted<Simulated>) {
    let (town, hosted) =
        (Town::start().await, Hosted::start(Simulated::new("BORGO", "PLICO-APP", "REG")).await.unwrap());
    connect(&town, &hosted);
    let routes = Routes {
        otherwise: Route { system: "pitre".into(), classification: "6.3".into(), ..Route::default() },
        ..Routes::default()
    };
    town.app.desk.save_routes(&Actor::console(BODY, "test"), &routes).await.unwrap();
    (town, hosted)
}

pub(super) fn connect(town: &Town, hosted: &Hosted<Simulated>) {
    connect_at(town, &hosted.url());
}

pub(super) fn connect_at(town: &Town, url: &str) {
    let system = Outside::new("pitre", BODY, "BORGO-PITRE", client(url), TIMEOUT_MS, 1000);
    town.app.desk.connect(vec![system]);
}

pub(super) async fn file(town: &Town, subject: &str) -> String {
    let anna = town.as_person(&town.anna).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: subject.into(),
        text: "Chiedo il rimborso.".into(),
    };
    let draft = town.app.desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap();
    let (owner, _) = town.app.desk.draft_files(&anna, &draft).await.unwrap();
    let mut upload = town.app.desk.begin_upload(&anna, &owner, "pianta.txt").await.unwrap();
    upload.write(b"una pianta").await.unwrap();
    town.app.desk.finish_upload(upload, async |_| plico_desk::upload::Scan::Off).await.unwrap();
    let filed = town.app.desk.present(&anna, &draft).await.unwrap();
    assert_eq!(filed.number, None, "nobody gave a number yet");
    filed.message
}

/// Lets everything follow, pauses included.
pub(super) async fn later(town: &Town) {
    for _ in 0..6 {
        town.settle().await;
        town.clock.advance(Duration::from_secs(1000));
    }
    town.settle().await;
}

pub(super) async fn state(town: &Town, message: &str) -> order::OrderRow {
    order::order(town.app.desk.archive().database(), message).await.unwrap().unwrap()
}

/// One number and every file once, there and here.
pub(super) async fn whole(town: &Town, hosted: &Hosted<Simulated>, message: &str) {
    let row = state(town, message).await;
    assert_eq!((row.state.as_str(), row.words.as_str()), ("registered", ""), "{row:?}");
    let documents =
        plico_archive::read::message::documents(town.app.desk.archive().database(), message).await.unwrap();
    let mut system = hosted.state();
    assert_eq!(system.ledger().numbers_of(&row.key), 1);
    let number = (row.number.unwrap().cast_unsigned(), row.year.unwrap());
    let object = system.ledger().by_number(number.0, number.1).unwrap();
    assert!(object.subject.contains(&row.key));
    let there: Vec<&str> = object.files.iter().map(|file| file.sha256.as_str()).collect();
    let ours: Vec<&str> = documents.iter().map(|document| document.sha256.as_str()).collect();
    assert_eq!(there, ours);
}

pub(super) async fn sound(town: &Town) {
    let archive = town.app.desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.clean, "{outcome:?}");
}

#[tokio::test]
async fn a_filing_gets_its_number_from_the_outside_registry() {
    let (town, hosted) = town().await;
    let message = file(&town, "Rimborso").await;
    later(&town).await;
    whole(&town, &hosted, &message).await;
    let view = town.app.desk.message(&town.as_person(&town.anna).await, &message).await.unwrap();
    assert_eq!(view.message.registration_number().as_deref(), Some("0000001/2026"));
    let kinds: Vec<&str> = view.receipts.iter().map(|receipt| receipt.kind.as_str()).collect();
    assert_eq!(kinds, ["presentation", "registration"]);
    // The receipt of the registration proves what it says, and says who gave the number.
    let anna = town.as_person(&town.anna).await;
    let receipt = view.receipts.iter().find(|receipt| receipt.kind == "registration").unwrap();
    let (_, reader) = town.app.desk.receipt(&anna, &receipt.id).await.unwrap();
    let pdf = reader.read_all(10_000_000).await.unwrap();
    let words = plico_pdf::read::text(&pdf, 100_000).unwrap().text;
    assert!(words.contains("sistema di protocollo «pitre», data 23 novembre 2026"), "{words}");
    let policy = town.send("GET", "/log/policy", &[], &[]).await.body;
    let policy = plico_evidence::Policy::parse(&policy).unwrap();
    let given = plico_evidence::Given { documents: &[], evidence: &[] };
    let report = plico_evidence::verify(&pdf, &given, Some(&policy), town.app.shell.now_ms());
    assert_ne!(report.verdict, plico_evidence::Verdict::Failed, "{report:#?}");
    assert!(report.checks.iter().any(|check| check.name == plico_evidence::CheckName::Inclusion
        && check.result == plico_evidence::CheckResult::Ok));
    // The built-in register knows nothing of it: neither a number nor a gap.
    let manager = town.as_operator(&town.records_manager).await;
    assert_eq!(town.app.desk.register_years(&manager).await.unwrap(), Vec::<i32>::new());
    // Corrections are made where the number is.
    let refused = town.app.desk.annul(&manager, &message, "doppia", "determina 3").await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::RegisteredElsewhere))), "{refused:?}");
    sound(&town).await;
}

#[tokio::test]
async fn answers_that_are_lost_are_looked_up_and_never_asked_again_blindly() {
    let (town, hosted) = town().await;
    for operation in ["CreateDocument", "UploadFileToDocument", "ProtocolPredisposed"] {
        for fault in [Fault::LoseAnswer, Fault::DoneAnd500, Fault::Malformed, Fault::Slow(700), Fault::Stall]
        {
            hosted.state().faults().next(operation, fault.clone());
            let message = file(&town, &format!("{operation} {fault:?}")).await;
            later(&town).await;
            whole(&town, &hosted, &message).await;
            let clerk = town.as_operator(&town.protocol_operator).await;
            let tried = town.app.desk.order(&clerk, &message).await.unwrap().tried;
            let outcomes: Vec<_> = tried.iter().map(|one| one.outcome.as_str()).collect();
            let doubt = outcomes.iter().position(|one| *one == "doubt").unwrap();
            let became = if fault == Fault::Stall { "absent" } else { "found" };
            assert_eq!(outcomes[doubt + 1], became, "{operation} {fault:?}: {outcomes:?}");
        }
    }
    sound(&town).await;
}

#[tokio::test]
async fn a_program_that_dies_while_it_asks_leaves_one_number() {
    let (town, hosted) = town().await;
    for operation in ["CreateDocument", "UploadFileToDocument", "ProtocolPredisposed"] {
        // It is asked, does what it is asked, and nobody is there any more to hear the answer.
        hosted.state().faults().next(operation, Fault::Slow(60_000));
        let message = file(&town, operation).await;
        let app = town.app.clone();
        let dying =
            tokio::spawn(async move { while plico::work::drain(&app, "dying").await.unwrap() > 0 {} });
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if state(&town, &message).await.open && hosted.state().faults().is_empty() {
                break;
            }
        }
        dying.abort();
        let _ = dying.await;
        assert!(state(&town, &message).await.open, "it died while it asked");
        later(&town).await;
        whole(&town, &hosted, &message).await;
    }
    sound(&town).await;
}

#[tokio::test]
async fn a_registry_that_is_away_is_left_alone_and_nobody_waits_for_it() {
    let (town, hosted) = town().await;
    let address = hosted.url();
    connect_at(&town, "http://127.0.0.1:9");
    let messages = [file(&town, "Prima").await, file(&town, "Seconda").await];
    later(&town).await;
    let rows = [state(&town, &messages[0]).await, state(&town, &messages[1]).await];
    assert!(rows.iter().all(|row| row.state == "queued"), "{rows:?}");
    assert!(rows.iter().map(|row| row.asked).sum::<i64>() < 16, "it is asked again and again: {rows:?}");
    assert_eq!(town.app.desk.late_orders(BODY).await.unwrap(), 0);
    // The day is over, and there is no number: that is an alarm.
    town.clock.advance(Duration::from_hours(24));
    assert_eq!(town.app.desk.late_orders(BODY).await.unwrap(), 2);
    connect_at(&town, &address);
    later(&town).await;
    for message in &messages {
        whole(&town, &hosted, message).await;
    }
    assert_eq!(town.app.desk.late_orders(BODY).await.unwrap(), 0);
}

#[tokio::test]
async fn an_order_of_a_system_that_is_gone_is_numbered_here_or_linked() {
    let (town, hosted) = town().await;
    town.app.desk.connect(Vec::new());
    let messages = [file(&town, "Prima").await, file(&town, "Seconda").await];
    later(&town).await;
    let clerk = town.as_operator(&town.protocol_operator).await;
    let view = town.app.desk.order(&clerk, &messages[0]).await.unwrap();
    assert!(view.may_number && view.may_link && !view.may_repeat && !view.may_look);
    let here = |sure| Decision::Here { reason: "il vecchio protocollo è dismesso".into(), sure };
    town.app.desk.resolve_order(&clerk, &messages[0], here(false)).await.unwrap();
    let manager = town.as_operator(&town.records_manager).await;
    let number = town.app.desk.message(&manager, &messages[0]).await.unwrap().message;
    assert_eq!(number.registration_number().as_deref(), Some("0000001/2026"));
    assert_eq!(number.area.as_deref(), Some("AOO1"), "in the built-in register");
    let link = |sure| Decision::Link {
        number: 77,
        year: 2026,
        date: String::new(),
        reason: "letto sul registro a stampa".into(),
        sure,
    };
    let unsure = town.app.desk.resolve_order(&clerk, &messages[1], link(false)).await;
    assert!(matches!(unsure, Err(ActError::Refused(Refusal::Invalid(_)))), "{unsure:?}");
    town.app.desk.resolve_order(&clerk, &messages[1], link(true)).await.unwrap();
    later(&town).await;
    for message in &messages {
        assert_eq!(state(&town, message).await.state, "registered");
        let again = town.app.desk.resolve_order(&clerk, message, here(true)).await;
        assert!(matches!(again, Err(ActError::Refused(Refusal::Exists))), "{again:?}");
        let view = town.app.desk.message(&town.as_person(&town.anna).await, message).await.unwrap();
        assert_eq!(view.receipts.len(), 2, "presentation and registration");
    }
    connect(&town, &hosted);
    // What was asked already may be there: whoever numbers it here says that it is not.
    hosted.state().registers = vec!["OTHER".into()];
    let third = file(&town, "Terza").await;
    later(&town).await;
    let unsure = town.app.desk.resolve_order(&clerk, &third, here(false)).await;
    assert!(matches!(unsure, Err(ActError::Refused(Refusal::Invalid(_)))), "{unsure:?}");
    town.app.desk.resolve_order(&clerk, &third, here(true)).await.unwrap();
    sound(&town).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_comes_too_late_is_kept_and_registers_nothing() {
    let (town, hosted) = town().await;
    let system = Outside::new("pitre", BODY, "BORGO-PITRE", patient(&hosted.url(), 20_000), 20_000, 1000);
    town.app.desk.connect(vec![system]);
    hosted.state().faults().next("ProtocolPredisposed", Fault::Slow(2_000));
    let message = file(&town, "Rimborso").await;
    let slow = town.app.clone();
    let slow = tokio::spawn(async move { while plico::work::drain(&slow, "slow").await.unwrap() > 0 {} });
    for _ in 0..2_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let row = state(&town, &message).await;
        if row.open && row.step.as_deref() == Some("number") {
            break;
        }
    }
    // Another worker takes it for lost, looks, and finds the number; then the answer comes.
    town.clock.advance(Duration::from_secs(1000));
    town.app.desk.carry_out_order(&message).await.unwrap();
    let doubt = state(&town, &message).await;
    assert!(!doubt.open, "{doubt:?}");
    slow.await.unwrap();
    later(&town).await;
    whole_or_late(&town, &hosted, &message).await;
    sound(&town).await;
}

/// One number there and here, and the late answer is in what happened.
async fn whole_or_late(town: &Town, hosted: &Hosted<Simulated>, message: &str) {
    let row = state(town, message).await;
    assert_eq!(row.state, "registered", "{row:?}");
    assert_eq!(hosted.state().ledger().numbers_of(&row.key), 1);
    let clerk = town.as_operator(&town.protocol_operator).await;
    let tried = town.app.desk.order(&clerk, message).await.unwrap().tried;
    let late: Vec<_> = tried.iter().filter(|one| one.outcome == "late").collect();
    assert_eq!(late.len(), 1, "{tried:#?}");
    assert!(late[0].words.contains("0000001/2026"), "{:?}", late[0]);
}

#[tokio::test]
async fn what_is_refused_waits_for_a_person_who_mends_it() {
    let (town, hosted) = town().await;
    hosted.state().registers = vec!["OTHER".into()];
    let message = file(&town, "Rimborso").await;
    later(&town).await;
    let row = state(&town, &message).await;
    assert_eq!((row.state.as_str(), row.code.as_str()), ("failed", "REGISTER_NOT_FOUND"));
    assert_eq!(town.app.desk.held_orders(BODY).await.unwrap(), 1);
    let (clerk, stranger) =
        (town.as_operator(&town.protocol_operator).await, town.as_operator(&town.auditor).await);
    let again = Decision::Again { reason: "codice del registro corretto".into() };
    let refused = town.app.desk.resolve_order(&stranger, &message, again.clone()).await;
    assert!(refused.is_err(), "an auditor decides nothing");
    let empty = town.app.desk.resolve_order(&clerk, &message, Decision::Again { reason: " ".into() }).await;
    assert!(matches!(empty, Err(ActError::Refused(Refusal::Invalid(_)))), "{empty:?}");
    hosted.state().registers = vec!["REG".into()];
    town.app.desk.resolve_order(&clerk, &message, again).await.unwrap();
    later(&town).await;
    whole(&town, &hosted, &message).await;
    let view = town.app.desk.order(&clerk, &message).await.unwrap();
    let person: Vec<_> = view.tried.iter().filter_map(|tried| tried.who.clone()).collect();
    assert_eq!(person, ["carla protocollo"]);
    let told = format!("{:?}", view.tried);
    assert!(!told.contains("PLICO-APP"), "the application code is a secret");
    sound(&town).await;
}

#[tokio::test]
async fn a_number_given_twice_is_seen_and_one_found_by_hand_is_linked() {
    let (town, hosted) = town().await;
    let first = file(&town, "Prima").await;
    later(&town).await;
    hosted.state().faults().next("ProtocolPredisposed", Fault::NumberTwice);
    let second = file(&town, "Seconda").await;
    later(&town).await;
    let row = state(&town, &second).await;
    assert_eq!((row.state.as_str(), row.outcome.as_str()), ("in_doubt", "taken"), "{row:?}");
    assert_eq!(row.words, "0000001/2026: «Prima»");
    let clerk = town.as_operator(&town.protocol_operator).await;
    let link = |number: u64, sure: bool| Decision::Link {
        number,
        year: 2026,
        date: "2026-11-23".into(),
        reason: "trovato nel registro".into(),
        sure,
    };
    // The registry was put right by its own people.
    let mut object = hosted.state().ledger().objects.last().cloned().unwrap();
    object.number = Some((7, 2026));
    *hosted.state().ledger().objects.last_mut().unwrap() = object;
    for (number, why) in [(1, "registry_given"), (9, "registry_absent")] {
        let refused = town.app.desk.resolve_order(&clerk, &second, link(number, number == 1)).await;
        let Err(ActError::Refused(Refusal::Invalid(errors))) = refused else { panic!("{refused:?}") };
        assert_eq!(errors[0].code, why);
    }
    town.app.desk.resolve_order(&clerk, &second, link(7, false)).await.unwrap();
    later(&town).await;
    assert_eq!(state(&town, &second).await.state, "registered");
    assert_eq!(state(&town, &second).await.number, Some(7));
    let twice = town.app.desk.resolve_order(&clerk, &second, link(7, true)).await;
    assert!(matches!(twice, Err(ActError::Refused(Refusal::Exists))), "it is decided once: {twice:?}");
    assert_ne!(first, second);
    let compared = town.app.desk.compare_day(&clerk, "pitre", "2026-11-23").await.unwrap().unwrap();
    let sides: Vec<_> = compared.iter().map(|line| (line.number.as_str(), line.side)).collect();
    assert_eq!(sides, [("0000001/2026", "both"), ("0000007/2026", "both")]);
    sound(&town).await;
}

#[tokio::test]
async fn sixteen_workers_at_once_order_each_filing_once() {
    let (town, hosted) = town().await;
    hosted.state().faults().always = Some((3, "ProtocolPredisposed".into(), Fault::LoseAnswer));
    let mut messages = Vec::new();
    for index in 0..24 {
        messages.push(file(&town, &format!("Rimborso {index}")).await);
    }
    for _ in 0..40 {
        let workers = (0..16).map(|index| {
            let app = town.app.clone();
            async move { plico::work::drain(&app, &format!("worker-{index}")).await.unwrap() }
        });
        futures_util::future::join_all(workers).await;
        town.clock.advance(Duration::from_secs(10));
    }
    later(&town).await;
    for message in &messages {
        whole(&town, &hosted, message).await;
    }
    let numbers = town.app.desk.archive().database();
    let given = numbers.scalar_i64("select count(distinct number) from registration", args![]).await.unwrap();
    assert_eq!(given, 24);
}
