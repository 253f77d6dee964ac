//! Sicr@web.

use std::sync::Arc;
use std::time::Duration;

use plico_registry::sicraweb::Sicraweb;
use plico_registry::sicraweb::simulator::Sicraweb as Service;
use plico_registry::simulator::Fault;
use plico_registry::{Registry, SoFar, Talk, Trouble};
use plico_testkit::registry::Hosted;

use crate::ground::{Case, Files, Kill, PATIENT, SECRET, access, golden, order, together, work};
use crate::recorded::recorded;

fn client(url: &str, patience: Duration) -> Arc<dyn Registry> {
    Arc::new(Sicraweb::new(access(url, patience, &[("aoo", "AOO1")])).expect("a client"))
}

async fn case() -> Case<Service> {
    Case {
        client,
        hosted: Hosted::start(Service::new(SECRET)).await.expect("a socket"),
        operations: &["insertDocumento", "registraProtocollo", "infoProtocollo"],
        order,
        held: &[
            "Before-4- Doubt",
            "After-4- Doubt",
            "registraProtocollo meets LoseAnswer Doubt",
            "registraProtocollo meets DoneAnd500 Doubt",
            "registraProtocollo meets Status(500) Doubt",
            "registraProtocollo meets Status(503) Doubt",
            "registraProtocollo meets Malformed Doubt",
            "registraProtocollo meets Slow(2000) Doubt",
            "registraProtocollo meets Stall Doubt",
            "registraProtocollo meets HangUp Doubt",
        ],
    }
}

#[tokio::test]
async fn sicraweb_gives_one_number_or_holds() {
    golden(case().await).await;
}

#[tokio::test]
async fn sicraweb_gives_one_number_each_to_sixteen_at_once() {
    together(case().await).await;
}

#[tokio::test]
async fn sicraweb_is_as_recorded() {
    recorded("sicraweb", Service::new(SECRET), client, order).await;
}

#[tokio::test]
async fn sicraweb_is_read_by_number_and_takes_dime() {
    let case = case().await;
    let dime = Sicraweb::new(access(&case.hosted.url(), PATIENT, &[("packing", "dime")])).expect("a client");
    let mut talk = Talk::default();
    let (_, so_far) = work(&dime, &order("PLICO-dime"), Kill::Never, &mut talk).await;
    let numbered = so_far.numbered.expect("a number");
    let read = dime.read(numbered.number, 2026, &mut talk).await.expect("read").expect("it is there");
    assert_eq!((read.key.as_deref(), read.files), (Some("PLICO-dime"), None));
    assert_eq!(read.numbered.date, "2026-11-23");
    assert_eq!(dime.read(77, 2026, &mut talk).await, Ok(None));
    dime.check(&mut talk).await.expect("it answers");
    // Some installations repeat what they were told.
    let echo = Fault::ErrorInside("-10".into(), format!("stringa errata: {SECRET}"));
    case.hosted.state().faults.next("registraProtocollo", echo);
    let (order, so_far) = (order("PLICO-echo"), SoFar::default());
    let refused = dime.number(&order, &so_far, &Files, &mut talk).await.expect_err("refused");
    assert_eq!(refused, Trouble::Refused { code: "-10".into(), words: "stringa errata: ***".into() });
    let kept = serde_json::to_string(&talk.exchanges).expect("JSON");
    assert!(!kept.contains("PLICO-APP") && kept.contains("connectionString"), "{kept}");
}
