//! The program with each registry system: whatever is lost, and wherever the program dies, the system's ledger has one number
//! for each filing with every file once. What no machine can know waits for a person, who looks there and says what he found.

use std::time::Duration;

use plico_archive::read::order;
use plico_desk::outside::{Outside, Route, Routes};
use plico_desk::outside_desk::Decision;
use plico_record::actor::Actor;
use plico_registry::docarea::Dialect;
use plico_registry::docarea::simulator::DocArea;
use plico_registry::infor::simulator::Infor;
use plico_registry::iride::simulator::Iride;
use plico_registry::sicraweb::simulator::Sicraweb;
use plico_registry::simulator::{Fault, Simulator};
use plico_registry::{Access, system};
use plico_testkit::registry::Hosted;

use super::order::{file, later, sound, state};
use super::support::{BODY, Town};

/// How long the registry of these tests may take to answer (milliseconds).
const TIMEOUT_MS: i64 = 400;
const SECRET: &str = "PLICO-APP";

/// Every way in which an answer gets lost, of an operation that was done or was not.
const LOST: [Fault; 6] = [
    Fault::LoseAnswer,
    Fault::DoneAnd500,
    Fault::Malformed,
    Fault::Slow(700),
    Fault::Stall,
    Fault::Status(503),
];

/// A system, how it is configured, and its words for what changes something there.
struct Vendor<'a, S> {
    name: &'a str,
    service: S,
    options: &'a [(&'a str, &'a str)],
    operations: &'a [&'a str],
}

/// The program dies while this is asked; the system does it all the same.
async fn dies<S: Simulator + 'static>(
    town: &Town,
    hosted: &Hosted<S>,
    (what, operation): (&str, &str),
) -> String {
    let message = file(town, what).await;
    hosted.state().faults().next(operation, Fault::Slow(60_000));
    let app = town.app.clone();
    let dying = tokio::spawn(async move { while plico::work::drain(&app, "dying").await.unwrap() > 0 {} });
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if hosted.state().faults().is_empty() && state(town, &message).await.open {
            break;
        }
    }
    dying.abort();
    let _ = dying.await;
    assert!(hosted.state().faults().is_empty(), "{what}: it died while it asked");
    message
}

/// What a clerk does: he looks into the system, and says what is there.
async fn decide<S: Simulator + 'static>(town: &Town, hosted: &Hosted<S>, row: &order::OrderRow) {
    let clerk = town.as_operator(&town.protocol_operator).await;
    let found = {
        let mut system = hosted.state();
        let bears = |text: &str| text.contains(&row.key);
        let objects = system.ledger().objects.clone();
        objects
            .into_iter()
            .find(|object| object.number.is_some() && (bears(&object.subject) || bears(&object.note)))
            .and_then(|object| object.number)
    };
    let reason = String::from("cercato nel sistema");
    let decision = match found {
        Some((number, year)) => {
            let date = "2026-11-23".into();
            Decision::Link { number, year, date, reason, sure: true }
        }
        None => Decision::Again { reason },
    };
    town.app.desk.resolve_order(&clerk, &row.message, decision).await.unwrap();
}

async fn survives<S: Simulator + 'static>(vendor: Vendor<'_, S>) {
    let (town, hosted) = (Town::start().await, Hosted::start(vendor.service).await.unwrap());
    let access = Access {
        url: hosted.url(),
        user: "plico".into(),
        password: SECRET.into(),
        administration: "PAT".into(),
        timeout: Duration::from_millis(TIMEOUT_MS.cast_unsigned()),
        options: vendor.options.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        ..Access::default()
    };
    let client = system::open(vendor.name, access).unwrap();
    town.app.desk.connect(vec![Outside::new(vendor.name, BODY, "BORGO-SUO", client, TIMEOUT_MS, 1000)]);
    let routes = Routes {
        otherwise: Route { system: vendor.name.into(), classification: "6.3".into(), ..Route::default() },
        ..Routes::default()
    };
    town.app.desk.save_routes(&Actor::console(BODY, "test"), &routes).await.unwrap();

    let mut messages = Vec::new();
    for operation in vendor.operations {
        for fault in LOST {
            let what = format!("{operation} {fault:?}");
            hosted.state().faults().next(operation, fault);
            messages.push((file(&town, &what).await, what));
            later(&town).await;
            assert!(hosted.state().faults().is_empty(), "it was asked");
        }
        let what = format!("{operation} dies");
        messages.push((dies(&town, &hosted, (&what, operation)).await, what));
        later(&town).await;
    }

    let mut doubted = Vec::new();
    for (message, what) in &messages {
        let row = state(&town, message).await;
        assert!(
            hosted.state().ledger().numbers_of(&row.key) <= 1,
            "{}: {what}: a second number",
            vendor.name
        );
        if row.state != "registered" {
            assert_eq!(row.state, "in_doubt", "{}: {what}: {row:?}", vendor.name);
            doubted.push(what.clone());
            decide(&town, &hosted, &row).await;
            later(&town).await;
        }
        let row = state(&town, message).await;
        assert_eq!(row.state, "registered", "{}: {what}: {row:?}", vendor.name);
        let database = town.app.desk.archive().database();
        let documents = plico_archive::read::message::documents(database, message).await.unwrap();
        let mut system = hosted.state();
        assert_eq!(system.ledger().numbers_of(&row.key), 1, "{}: {what}", vendor.name);
        let (number, year) = (row.number.unwrap().cast_unsigned(), row.year.unwrap());
        let object = system.ledger().by_number(number, year).unwrap();
        let mut there: Vec<&str> = object.files.iter().map(|file| file.sha256.as_str()).collect();
        let mut ours: Vec<&str> = documents.iter().map(|document| document.sha256.as_str()).collect();
        there.sort_unstable();
        ours.sort_unstable();
        assert_eq!(there, ours, "{}: {what}", vendor.name);
    }
    assert!(doubted.len() < messages.len(), "{}: a machine decides what it can: {doubted:?}", vendor.name);
    sound(&town).await;
}

async fn docarea(name: &str, dialect: Dialect) {
    survives(Vendor {
        name,
        service: DocArea::new(dialect, "PAT", "plico", SECRET),
        options: &[
            ("aoo", "AOO1"),
            ("param.uo", "{office}"),
            ("param.tipoSmistamento", "COMPETENZA"),
            ("name", "Comune"),
        ],
        operations: &["Inserimento", "Protocollazione"],
    })
    .await;
}

#[tokio::test]
async fn docarea_classic_ends_with_one_number() {
    docarea("docarea-classic", Dialect::Dime).await;
}

#[tokio::test]
async fn docarea_mime_ends_with_one_number() {
    docarea("docarea-mime", Dialect::Mime).await;
}

#[tokio::test]
async fn docarea_prisma_ends_with_one_number() {
    docarea("docarea-prisma", Dialect::Prisma).await;
}

#[tokio::test]
async fn docarea_halley_ends_with_one_number() {
    docarea("docarea-halley", Dialect::Halley).await;
}

#[tokio::test]
async fn docarea_tinn_ends_with_one_number() {
    docarea("docarea-tinn", Dialect::Tinn).await;
}

#[tokio::test]
async fn infor_ends_with_one_number() {
    survives(Vendor {
        name: "infor",
        service: Infor::new("plico"),
        options: &[("document_type", "CW"), ("means", "WEB")],
        operations: &["inserisciArrivo", "allegaDocumento"],
    })
    .await;
}

#[tokio::test]
async fn iride_ends_with_one_number() {
    survives(Vendor {
        name: "iride",
        service: Iride::default(),
        options: &[("role", "PROTOCOLLO"), ("aoo", "AOO1"), ("attachments", "after")],
        operations: &["InserisciProtocolloEAnagraficheString", "AggiungiAllegatiString"],
    })
    .await;
}

#[tokio::test]
async fn sicraweb_ends_with_one_number() {
    survives(Vendor {
        name: "sicraweb",
        service: Sicraweb::new(SECRET),
        options: &[("aoo", "AOO1")],
        operations: &["insertDocumento", "registraProtocollo"],
    })
    .await;
}
