//! Infor jProtocollo.

use std::sync::Arc;
use std::time::Duration;

use plico_registry::infor::Infor;
use plico_registry::infor::simulator::Infor as Service;
use plico_registry::{Registry, Talk};
use plico_testkit::registry::Hosted;

use crate::ground::{Case, Kill, PATIENT, access, golden, order, together, work};
use crate::recorded::recorded;

fn client(url: &str, patience: Duration) -> Arc<dyn Registry> {
    let options = [("document_type", "CW"), ("means", "WEB")];
    Arc::new(Infor::new(access(url, patience, &options)).expect("a client"))
}

async fn case() -> Case<Service> {
    Case {
        client,
        hosted: Hosted::start(Service::new("plico")).await.expect("a socket"),
        operations: &["inserisciArrivo", "allegaDocumento", "leggiProtocollo"],
        order,
        held: &[
            "Before-1- Doubt",
            "After-1- Doubt",
            "inserisciArrivo meets LoseAnswer Doubt",
            "inserisciArrivo meets DoneAnd500 Doubt",
            "inserisciArrivo meets Status(500) Doubt",
            "inserisciArrivo meets Status(503) Doubt",
            "inserisciArrivo meets Malformed Doubt",
            "inserisciArrivo meets Slow(2000) Doubt",
            "inserisciArrivo meets Stall Doubt",
            "inserisciArrivo meets HangUp Doubt",
        ],
    }
}

#[tokio::test]
async fn infor_gives_one_number_or_holds() {
    golden(case().await).await;
}

#[tokio::test]
async fn infor_gives_one_number_each_to_sixteen_at_once() {
    together(case().await).await;
}

#[tokio::test]
async fn infor_is_as_recorded() {
    recorded("infor", Service::new("plico"), client, order).await;
}

#[tokio::test]
async fn infor_is_read_by_number_and_cuts_titles() {
    let case = case().await;
    let (client, mut talk) = (client(&case.hosted.url(), PATIENT), Talk::default());
    let mut order = order("PLICO-long");
    order.documents[1].name = format!("{}.pdf", "è".repeat(200));
    let (_, so_far) = work(&*client, &order, Kill::Never, &mut talk).await;
    let numbered = so_far.numbered.expect("a number");
    assert_eq!(numbered.date, "2026-11-23");
    let read = client.read(numbered.number, 2026, &mut talk).await.expect("read").expect("it is there");
    assert_eq!((read.key.as_deref(), read.files, read.annulled), (Some("PLICO-long"), Some(3), false));
    assert_eq!(client.read(77, 2026, &mut talk).await, Ok(None));
    client.check(&mut talk).await.expect("it answers");
    assert_eq!(case.hosted.state().ledger.objects[0].parties, ["Anna Verdi VRDNNA80A41H501X"]);
}
