//! The driver, which stands for the caller: it writes down what a database would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use plico_crypto::digest::{sha256, to_hex};
use plico_registry::progress::{Do, Last, decide};
use plico_registry::simulator::{Fault, Simulator};
use plico_registry::{
    Access, Contents, Correspondent, File, Flow, Found, Order, Registry, SoFar, Step, Talk, Trouble,
};
use plico_testkit::registry::Hosted;

/// The password of every system, which nothing that is kept may tell.
pub(crate) const SECRET: &str = "PLICO-APP&\"<1>";

pub(crate) struct Files;

pub(crate) fn bytes(id: &str) -> Vec<u8> {
    format!("%PDF-1.7 {id} ").repeat(300).into_bytes()
}

#[async_trait]
impl Contents for Files {
    async fn read(&self, file: &File) -> Result<Bytes, Trouble> {
        Ok(bytes(&file.id).into())
    }
}

pub(crate) fn order(key: &str) -> Order {
    let file = |id: &str, name: &str| File {
        id: id.into(),
        name: name.into(),
        media_type: "application/pdf".into(),
        size: bytes(id).len() as u64,
        sha256: to_hex(&sha256(&bytes(id))),
    };
    Order {
        key: key.into(),
        flow: Flow::In,
        subject: "Richiesta di accesso agli atti: edilizia & \"varianti\" <2026>".into(),
        presented_ms: 1_795_428_000_000,
        day: "2026-11-23".into(),
        parties: vec![Correspondent {
            name: "Anna Verdi".into(),
            organisation: false,
            fiscal_code: Some("VRDNNA80A41H501X".into()),
            email: Some("anna@esempio.it".into()),
        }],
        office: "Ufficio edilizia".into(),
        office_code: "EDI".into(),
        classification: "6.3".into(),
        case_file: String::new(),
        documents: vec![file("a", "istanza.pdf"), file("b", "perché.pdf"), file("c", "perché.pdf")],
        options: BTreeMap::new(),
    }
}

/// How long an answer may take, on a machine with much to do.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);
/// The same where the answer is late, or never comes.
const IMPATIENT: Duration = Duration::from_secs(1);

/// How the tests reach a system.
pub(crate) fn access(url: &str, patience: Duration, options: &[(&str, &str)]) -> Access {
    Access {
        url: url.into(),
        user: "plico".into(),
        password: SECRET.into(),
        administration: "PAT".into(),
        timeout: patience,
        options: options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Access::default()
    }
}

/// A system as the tests run it.
pub(crate) struct Case<S> {
    /// A client that has not signed in yet.
    pub(crate) client: fn(&str, Duration) -> Arc<dyn Registry>,
    pub(crate) hosted: Hosted<S>,
    /// Its words for what it is asked.
    pub(crate) operations: &'static [&'static str],
    /// What is ordered, by its key.
    pub(crate) order: fn(&str) -> Order,
    /// What is held for a person, where the system cannot do better.
    pub(crate) held: &'static [&'static str],
}

/// Where the caller dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    Never,
    /// The n-th step is recorded, and nothing leaves.
    Before(usize),
    /// The n-th step is done, and its answer is not recorded.
    After(usize),
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Rest,
    Hold(Last),
}

/// Works on an order until nothing is to be done.
pub(crate) async fn work(client: &dyn Registry, order: &Order, kill: Kill, talk: &mut Talk) -> (End, SoFar) {
    let (mut so_far, mut last, mut asked) = (SoFar::default(), None::<(Step, Last)>, 0);
    for _ in 0..60 {
        match decide(order, client.can(), &so_far, last.as_ref().map(|(step, last)| (step, *last))) {
            Do::Rest => return (End::Rest, so_far),
            Do::Hold => return (End::Hold(last.expect("a reason").1), so_far),
            Do::Ask(step) => {
                asked += 1;
                if kill == Kill::Before(asked) {
                    last = Some((step, Last::Doubt));
                    continue;
                }
                let mut after = so_far.clone();
                let answered = ask(client, order, &mut after, &step, talk).await;
                last = Some(match answered {
                    _ if kill == Kill::After(asked) => (step, Last::Doubt),
                    Ok(()) => {
                        so_far = after;
                        (step, Last::Fine)
                    }
                    // It is asked again, later.
                    Err(Trouble::NotAsked(_) | Trouble::Later { .. }) => (step, Last::Fine),
                    Err(Trouble::Doubt(_)) => (step, Last::Doubt),
                    Err(_) => (step, Last::Refused),
                });
            }
            Do::Look(step) => match client.find(order, &so_far, talk).await {
                Ok(Found::There(found)) => {
                    let done = match &step {
                        Step::Prepare => found.prepared.is_some(),
                        Step::Upload { file } | Step::Attach { file } => found.has(file),
                        Step::Number => found.numbered.is_some(),
                    };
                    so_far = *found;
                    last = Some((step, if done { Last::Fine } else { Last::NotThere }));
                }
                Ok(Found::Nothing) => last = Some((step, Last::NotThere)),
                Ok(Found::Several(_)) => last = Some((step, Last::Several)),
                Ok(Found::CannotLook) => return (End::Hold(Last::Doubt), so_far),
                // It is looked for again, later.
                Err(_) => {}
            },
        }
    }
    panic!("it never ends: {:#?}", talk.exchanges);
}

pub(crate) async fn ask(
    client: &dyn Registry,
    order: &Order,
    so_far: &mut SoFar,
    step: &Step,
    talk: &mut Talk,
) -> Result<(), Trouble> {
    let named = |id: &str| order.documents.iter().find(|file| file.id == id).expect("a file of the order");
    match step {
        Step::Prepare => so_far.prepared = Some(client.prepare(order, talk).await?),
        Step::Upload { file } => {
            let reference = client.upload(order, so_far, named(file), bytes(file).into(), talk).await?;
            so_far.uploaded.insert(file.clone(), reference);
        }
        Step::Number => {
            so_far.numbered = Some(client.number(order, so_far, &Files, talk).await?);
            if client.can().way == plico_registry::Way::AllAtOnce {
                so_far.attached.extend(order.documents.iter().map(|file| file.id.clone()));
            }
        }
        Step::Attach { file } => {
            client.attach(order, so_far, named(file), bytes(file).into(), talk).await?;
            so_far.attached.insert(file.clone());
        }
    }
    Ok(())
}

/// What the ledger must say, whatever happened; the reader sees only the system's side.
pub(crate) fn judge<S: Simulator + 'static>(
    case: &Case<S>,
    order: &Order,
    end: &End,
    so_far: &SoFar,
    what: &str,
) {
    let mut system = case.hosted.state();
    let numbers = system.ledger().numbers_of(&order.key);
    assert!(numbers <= 1, "{what}: {numbers} numbers");
    if *end == End::Rest {
        let numbered = so_far.numbered.as_ref().expect("a number");
        let object = system.ledger().by_number(numbered.number, numbered.year);
        let object = object.unwrap_or_else(|| panic!("{what}: {numbered:?} is not in the ledger"));
        let there: Vec<&str> = object.files.iter().map(|file| file.sha256.as_str()).collect();
        let ours: Vec<&str> = order.documents.iter().map(|file| file.sha256.as_str()).collect();
        assert_eq!(there, ours, "{what}");
    }
}

pub(crate) async fn golden<S: Simulator + 'static>(case: Case<S>) {
    let mut held = Vec::new();
    let steps = {
        let (order, mut talk) = ((case.order)("PLICO-plain"), Talk::default());
        let client = (case.client)(&case.hosted.url(), PATIENT);
        let (end, so_far) = work(&*client, &order, Kill::Never, &mut talk).await;
        assert_eq!(end, End::Rest, "{:#?}", talk.exchanges);
        judge(&case, &order, &end, &so_far, "without a fault");
        let kept = serde_json::to_string(&talk.exchanges).expect("JSON");
        assert!(!kept.contains("PLICO-APP"), "a secret was kept: {kept}");
        assert!(!format!("{client:?}").contains("PLICO-APP"), "Debug tells the secret");
        order.documents.len() + 2
    };
    for step in 1..=steps {
        for kill in [Kill::Before(step), Kill::After(step)] {
            let what = format!("{kill:?}").replace(['(', ')'], "-");
            let (order, mut talk) = ((case.order)(&format!("PLICO-{what}")), Talk::default());
            let client = (case.client)(&case.hosted.url(), PATIENT);
            let (end, so_far) = work(&*client, &order, kill, &mut talk).await;
            judge(&case, &order, &end, &so_far, &what);
            if let End::Hold(last) = end {
                held.push(format!("{what} {last:?}"));
            }
        }
    }
    let faults = [
        Fault::LoseAnswer,
        Fault::DoneAnd500,
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(429),
        Fault::Malformed,
        Fault::Slow(2000),
        Fault::Stall,
        Fault::HangUp,
        Fault::Expired,
        Fault::OtherCase,
        Fault::ErrorInside("ROLE_NO_EXIST".into(), "ROLE_NO_EXIST".into()),
    ];
    for operation in case.operations {
        for (index, fault) in faults.iter().enumerate() {
            let (order, mut talk) = ((case.order)(&format!("PLICO-{operation}-{index}-")), Talk::default());
            case.hosted.state().faults().next(operation, fault.clone());
            let late = matches!(fault, Fault::Slow(_) | Fault::Stall);
            let patience = if late { IMPATIENT } else { PATIENT };
            let client = (case.client)(&case.hosted.url(), patience);
            let (end, so_far) = work(&*client, &order, Kill::Never, &mut talk).await;
            *case.hosted.state().faults() = plico_registry::simulator::Faults::default();
            let what = format!("{operation} meets {fault:?}");
            judge(&case, &order, &end, &so_far, &what);
            match (end, fault) {
                (End::Hold(last), Fault::ErrorInside(..)) => assert_eq!(last, Last::Refused, "{what}"),
                (End::Hold(last), _) => held.push(format!("{what} {last:?}")),
                (End::Rest, _) => {}
            }
        }
    }
    assert_eq!(held, case.held, "what a person must decide");
}

/// Many at once: one number each.
pub(crate) async fn together<S: Simulator + 'static>(case: Case<S>) {
    let orders: Vec<Order> = (0..16).map(|index| (case.order)(&format!("PLICO-many-{index}x"))).collect();
    let client = (case.client)(&case.hosted.url(), PATIENT);
    let works = orders.iter().map(|order| async {
        let mut talk = Talk::default();
        work(&*client, order, Kill::Never, &mut talk).await
    });
    let ends = futures_util::future::join_all(works).await;
    for (order, (end, so_far)) in orders.iter().zip(&ends) {
        assert_eq!(*end, End::Rest);
        judge(&case, order, end, so_far, &order.key);
    }
}
