//! DocArea, in its five dialects.

use std::sync::Arc;
use std::time::Duration;

use plico_registry::docarea::simulator::DocArea as Service;
use plico_registry::docarea::{Dialect, DocArea};
use plico_registry::progress::Last;
use plico_registry::{Registry, Talk, Trouble};
use plico_testkit::registry::Hosted;

use crate::ground::{Case, End, Kill, PATIENT, SECRET, access, golden, order, together, work};
use crate::recorded::recorded;

/// A number whose answer got lost cannot be looked for.
const HELD: &[&str] = &[
    "Before-4- Doubt",
    "After-4- Doubt",
    "Protocollazione meets LoseAnswer Doubt",
    "Protocollazione meets DoneAnd500 Doubt",
    "Protocollazione meets Status(500) Doubt",
    "Protocollazione meets Status(503) Doubt",
    "Protocollazione meets Malformed Doubt",
    "Protocollazione meets Slow(2000) Doubt",
    "Protocollazione meets Stall Doubt",
    "Protocollazione meets HangUp Doubt",
];

const OPTIONS: &[(&str, &str)] = &[
    ("aoo", "AOO1"),
    ("param.uo", "{office}"),
    ("param.tipoSmistamento", "COMPETENZA"),
    ("name", "Comune & C."),
];

fn client(dialect: Dialect, url: &str, patience: Duration) -> Arc<dyn Registry> {
    Arc::new(DocArea::new(dialect, access(url, patience, OPTIONS)).expect("a client"))
}

fn service(dialect: Dialect) -> Service {
    Service::new(dialect, "PAT", "plico", SECRET)
}

async fn case(dialect: Dialect) -> Case<Service> {
    Case {
        client: match dialect {
            Dialect::Dime => |url, patience| client(Dialect::Dime, url, patience),
            Dialect::Mime => |url, patience| client(Dialect::Mime, url, patience),
            Dialect::Prisma => |url, patience| client(Dialect::Prisma, url, patience),
            Dialect::Halley => |url, patience| client(Dialect::Halley, url, patience),
            Dialect::Tinn => |url, patience| client(Dialect::Tinn, url, patience),
        },
        hosted: Hosted::start(service(dialect)).await.expect("a socket"),
        operations: &["Login", "Inserimento", "Protocollazione"],
        order,
        held: HELD,
    }
}

#[tokio::test]
async fn docarea_classic_gives_one_number_or_holds() {
    golden(case(Dialect::Dime).await).await;
}

#[tokio::test]
async fn docarea_mime_gives_one_number_or_holds() {
    golden(case(Dialect::Mime).await).await;
}

#[tokio::test]
async fn docarea_prisma_gives_one_number_or_holds() {
    golden(case(Dialect::Prisma).await).await;
}

#[tokio::test]
async fn docarea_halley_gives_one_number_or_holds() {
    golden(case(Dialect::Halley).await).await;
}

#[tokio::test]
async fn docarea_tinn_gives_one_number_or_holds() {
    golden(case(Dialect::Tinn).await).await;
}

#[tokio::test]
async fn docarea_is_as_recorded() {
    let all = [
        ("docarea-classic", Dialect::Dime),
        ("docarea-mime", Dialect::Mime),
        ("docarea-prisma", Dialect::Prisma),
        ("docarea-halley", Dialect::Halley),
        ("docarea-tinn", Dialect::Tinn),
    ];
    for (name, dialect) in all {
        recorded(name, service(dialect), case(dialect).await.client, order).await;
    }
}

#[tokio::test]
async fn docarea_gives_one_number_each_to_sixteen_at_once() {
    together(case(Dialect::Dime).await).await;
    together(case(Dialect::Tinn).await).await;
}

#[tokio::test]
async fn docarea_reads_by_number_and_says_no_in_words() {
    let case = case(Dialect::Dime).await;
    let (client, mut talk) = ((case.client)(&case.hosted.url(), PATIENT), Talk::default());
    let order = order("PLICO-read");
    let (_, so_far) = work(&*client, &order, Kill::Never, &mut talk).await;
    let numbered = so_far.numbered.expect("a number");
    let read =
        client.read(numbered.number, numbered.year, &mut talk).await.expect("read").expect("it is there");
    assert_eq!((read.key.as_deref(), read.files, read.numbered), (Some("PLICO-read"), Some(3), numbered));
    assert_eq!(read.subject, order.subject_with_key(1000));
    assert_eq!(client.read(999, 2026, &mut talk).await, Ok(None));

    let mut system = service(Dialect::Halley);
    system.ambiguous.push("VRDNNA80A41H501X".into());
    system.titles.push("6.3".into());
    let halley = Hosted::start(system).await.expect("a socket");
    let url = halley.url();
    let (end, _) = work(&*self::client(Dialect::Halley, &url, PATIENT), &order, Kill::Never, &mut talk).await;
    assert_eq!(end, End::Hold(Last::Refused));
    assert!(talk.exchanges.last().expect("an answer").answer.contains("-108"));
    let named = access(&url, PATIENT, &[("name_with_code", "yes")]);
    let named = DocArea::new(Dialect::Halley, named).expect("a client");
    assert_eq!(work(&named, &order, Kill::Never, &mut talk).await.0, End::Rest);
    assert_eq!(halley.state().ledger.objects[0].parties, ["Anna Verdi (VRDNNA80A41H501X)"]);
    // Written after the number may exist, and with a number: neither is a refusal.
    let strange = plico_registry::simulator::Fault::ErrorInside("995".into(), "scrittura".into());
    halley.state().faults.next("Protocollazione", strange);
    assert_eq!(work(&named, &order, Kill::Never, &mut talk).await.0, End::Hold(Last::Doubt));
    assert_eq!(halley.state().ledger.objects.len(), 1);

    let stranger = DocArea::new(Dialect::Tinn, access(&case.hosted.url(), PATIENT, &[])).expect("a client");
    let trouble = stranger.check(&mut Talk::default()).await.expect_err("another dialect");
    assert_eq!(trouble.code(), "refused", "{trouble}");
    assert_eq!(stranger.read(1, 2026, &mut Talk::default()).await, Err(Trouble::Unable));
}
