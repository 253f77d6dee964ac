//! J-Iride, with the files at once and after the number.

use std::sync::Arc;
use std::time::Duration;

use plico_registry::iride::Iride;
use plico_registry::iride::simulator::Iride as Service;
use plico_registry::progress::Last;
use plico_registry::{Registry, Talk};
use plico_testkit::registry::Hosted;

use crate::ground::{Case, End, Kill, PATIENT, access, golden, order, together, work};
use crate::recorded::recorded;

/// What was not done is not done again by a machine: the list in which it is missing may be old.
const HELD: &[&str] = &[
    "Before-1- NotThere",
    "InserisciProtocolloEAnagraficheString meets Status(500) NotThere",
    "InserisciProtocolloEAnagraficheString meets Status(503) NotThere",
    "InserisciProtocolloEAnagraficheString meets Stall NotThere",
    "InserisciProtocolloEAnagraficheString meets HangUp NotThere",
];

fn at_once(url: &str, patience: Duration) -> Arc<dyn Registry> {
    Arc::new(Iride::new(access(url, patience, &[("role", "PROTOCOLLO"), ("aoo", "AOO1")])).expect("a client"))
}

fn after(url: &str, patience: Duration) -> Arc<dyn Registry> {
    Arc::new(Iride::new(access(url, patience, &[("attachments", "after")])).expect("a client"))
}

async fn case(client: fn(&str, Duration) -> Arc<dyn Registry>) -> Case<Service> {
    Case {
        client,
        hosted: Hosted::start(Service::default()).await.expect("a socket"),
        operations: &[
            "InserisciProtocolloEAnagraficheString",
            "AggiungiAllegatiString",
            "LeggiProtocolloString",
            "RicercaPerCodiceFiscaleString",
        ],
        order,
        held: HELD,
    }
}

#[tokio::test]
async fn iride_gives_one_number_or_holds() {
    golden(case(at_once).await).await;
}

#[tokio::test]
async fn iride_with_files_after_gives_one_number_or_holds() {
    golden(case(after).await).await;
}

#[tokio::test]
async fn iride_gives_one_number_each_to_sixteen_at_once() {
    together(case(at_once).await).await;
    together(case(after).await).await;
}

#[tokio::test]
async fn iride_is_as_recorded() {
    recorded("iride", Service::default(), at_once, order).await;
    recorded("iride-after", Service::default(), after, order).await;
}

#[tokio::test]
async fn iride_reads_older_releases_and_keeps_the_subject() {
    let mut older = Service::default();
    older.older = true;
    let hosted = Hosted::start(older).await.expect("a socket");
    let (client, mut talk) = (at_once(&hosted.url(), PATIENT), Talk::default());
    let mut order = order("PLICO-cdata");
    order.subject = "a ]]> b <![CDATA[ c &amp; d".into();
    let (end, so_far) = work(&*client, &order, Kill::Never, &mut talk).await;
    assert_eq!(end, End::Rest);
    let numbered = so_far.numbered.expect("a number");
    assert_eq!(numbered.date, "2026-11-23");
    let read = client.read(numbered.number, 2026, &mut talk).await.expect("read").expect("it is there");
    assert_eq!(read.subject, "a ]]> b <![CDATA[ c &amp; d [PLICO-cdata]");
    assert_eq!((read.key.as_deref(), read.files), (Some("PLICO-cdata"), Some(3)));
    assert_eq!(client.read(77, 2026, &mut talk).await, Ok(None));
    client.check(&mut talk).await.expect("it answers");

    // A number with two of three files: the third is sent again.
    hosted.state().loses = 1;
    let mut order = crate::ground::order("PLICO-less");
    let (end, so_far) = work(&*client, &order, Kill::Never, &mut talk).await;
    assert_eq!((end, so_far.attached.len()), (End::Rest, 3));
    assert_eq!(hosted.state().ledger.objects[1].files.len(), 3);
    // Nobody whose registrations could be listed.
    order.parties[0].fiscal_code = None;
    let (end, _) = work(&*client, &order, Kill::After(1), &mut talk).await;
    assert_eq!(end, End::Hold(Last::Doubt));
}
