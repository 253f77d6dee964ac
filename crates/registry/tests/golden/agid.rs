//! Between bodies.

use std::sync::Arc;
use std::time::Duration;

use plico_registry::agid::simulator::OtherBody;
use plico_registry::agid::{
    About, Agid, Annulment, AnnulmentAnomaly, Anomaly, By, Confirmation, Identifier, Notice, Refusal, Root,
    receive, sealed,
};
use plico_registry::progress::Last;
use plico_registry::simulator::{Fault, Faults, Ledger, Reply, Request, Simulator};
use plico_registry::{Access, Flow, Order, Registry, Talk, Trouble};
use plico_signature::report::Indication;
use plico_signature::{Anchors, Options, Sealer};
use plico_testkit::registry::Hosted;

use crate::ground::{Case, End, Kill, PATIENT, access, golden, order, together, work};
use crate::recorded::{conversation, recorded};

const SEAL: &[u8] = include_bytes!("../../../../fixtures/pki/anna-rsa.pem");
const ROOT: &[u8] = include_bytes!("../../../../fixtures/pki/root.pem");
/// 23 November 2026, while the certificates of `fixtures/pki` are valid.
const NOW: i64 = 1_795_428_000_000;

/// An order that is registered here: its number comes from its key.
fn outgoing(key: &str) -> Order {
    let number = key.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 9_000_000) + 1;
    let mut order = order(key);
    order.flow = Flow::Out;
    order.subject = format!("Trasmissione di \"atti\" & <allegati> {key}");
    order.case_file = "2026/12".into();
    order.options.insert("registration_number".into(), number.to_string());
    order.options.insert("registration_date".into(), "2026-11-23".into());
    order
}

fn sealing(url: &str, patience: Duration) -> Access {
    let options = [
        ("aoo", "AOO1"),
        ("register", "PG"),
        ("name", "Comune di Borgo San Plico"),
        ("email", "protocollo@esempio.it"),
        ("recipient_administration", "p_tn"),
        ("recipient_aoo", "AOO9"),
        ("recipient_name", "Provincia"),
    ];
    let seal = Sealer::from_pem(SEAL, SEAL).expect("a seal");
    Access { seal: Some(Arc::new(seal)), ..access(url, patience, &options) }
}

fn client(url: &str, patience: Duration) -> Arc<dyn Registry> {
    Arc::new(Agid::new(sealing(url, patience)).expect("a client"))
}

fn other() -> OtherBody {
    OtherBody { at_ms: NOW, ..OtherBody::default() }
}

async fn case() -> Case<OtherBody> {
    Case {
        client,
        hosted: Hosted::start(other()).await.expect("a socket"),
        operations: &["MessaggioInoltro"],
        order: outgoing,
        held: &[
            "Before-1- Doubt",
            "After-1- Doubt",
            "MessaggioInoltro meets LoseAnswer Doubt",
            "MessaggioInoltro meets DoneAnd500 Doubt",
            "MessaggioInoltro meets Status(500) Doubt",
            "MessaggioInoltro meets Status(503) Doubt",
            "MessaggioInoltro meets Malformed Doubt",
            "MessaggioInoltro meets Slow(2000) Doubt",
            "MessaggioInoltro meets Stall Doubt",
            "MessaggioInoltro meets HangUp Doubt",
        ],
    }
}

#[tokio::test]
async fn agid_sends_one_message_or_holds() {
    golden(case().await).await;
}

#[tokio::test]
async fn agid_sends_sixteen_at_once() {
    together(case().await).await;
}

#[tokio::test]
async fn agid_is_as_recorded() {
    recorded("agid", other(), client, outgoing).await;
}

#[tokio::test]
async fn agid_wants_a_seal_and_a_number_of_ours() {
    let hosted = Hosted::start(other()).await.expect("a socket");
    let mut talk = Talk::default();
    let bare = Agid::new(Access { seal: None, ..sealing(&hosted.url(), PATIENT) }).expect("a client");
    assert!(matches!(bare.check(&mut talk).await, Err(Trouble::Ours(_))));
    let client = client(&hosted.url(), PATIENT);
    let (end, _) = work(&*client, &order("PLICO-in"), Kill::Never, &mut talk).await;
    assert_eq!(end, End::Hold(Last::Refused), "what comes in goes to nobody");
    let mut without = outgoing("PLICO-none");
    without.options.remove("registration_number");
    let (end, _) = work(&*client, &without, Kill::Never, &mut talk).await;
    assert_eq!(end, End::Hold(Last::Refused));
    assert!(talk.exchanges.is_empty());
    let no = Fault::ErrorInside(String::new(), "certificato scaduto".into());
    hosted.state().faults.next("MessaggioInoltro", no);
    work(&*client, &outgoing("PLICO-no"), Kill::Never, &mut talk).await;
    assert!(talk.exchanges[0].answer.contains("001_ValidazioneFirma"));
}

/// A request as our client sends it.
async fn request() -> String {
    let mut all = conversation(other(), client, outgoing).await;
    let (_, request, reply) = all.remove(0);
    assert!(matches!(reply, Reply::Answer { status: 200, .. }));
    String::from_utf8(request.body).expect("text")
}

fn anomaly(request: &str, options: &Options<'_>) -> Anomaly {
    match receive(request.as_bytes(), options) {
        Err(Refusal::Anomaly { anomaly, .. }) => anomaly,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_checked_and_whatever_is_touched_shows() {
    let (request, options) = (request().await, Options::at(NOW, None));
    let received = receive(request.as_bytes(), &options).expect("a message");
    let order = outgoing("PLICO-recorded");
    assert_eq!(received.subject, order.subject);
    assert_eq!((received.sender.as_str(), received.confirm), ("Comune di Borgo San Plico", true));
    let there: Vec<_> = received.files.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect();
    let ours: Vec<_> = order.documents.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect();
    assert_eq!(there, ours);
    assert_eq!(received.from.mark(), format!("PAT/AOO1/PG/{:07}", received.from.number));
    assert_eq!(received.report.signatures[0].claimed_signing_time.as_deref(), Some("2026-11-23T10:00:00Z"));

    // The same, with its namespaces declared further out, as others write it.
    let moved = request.replace(" xmlns:msg=\"http://www.agid.gov.it/protocollo/messaggi/\"", "").replace(
        "<soapenv:Envelope ",
        "<soapenv:Envelope xmlns:msg='http://www.agid.gov.it/protocollo/messaggi/' ",
    );
    assert_eq!(receive(moved.as_bytes(), &options).expect("a message").files, received.files);

    let touched = request.replace("Trasmissione di", "Transmission di");
    assert_eq!(anomaly(&touched, &options), Anomaly::Signature);
    let bare = request.find("<ds:Signature").zip(request.find("</ds:Signature>"));
    let (start, end) = bare.expect("a signature");
    let unsigned = format!("{}{}", &request[..start], &request[end + "</ds:Signature>".len()..]);
    assert_eq!(anomaly(&unsigned, &options), Anomaly::Signature);
    let file = request.find("msg:mimeType=\"application/pdf\">").expect("a file") + 31;
    let other_content = format!("{}QUJD{}", &request[..file], &request[file + 4..]);
    assert_eq!(anomaly(&other_content, &options), Anomaly::Digests);
    let last = request.rfind("<msg:File").expect("a file");
    let end = request.rfind("</dest:Request").expect("its end");
    assert_eq!(anomaly(&(request[..last].to_owned() + &request[end..]), &options), Anomaly::Digests);
    let twice = request[..end].to_owned() + &request[last..];
    assert_eq!(anomaly(&twice, &options), Anomaly::Digests);

    // Somebody whom the recipient does not believe, and somebody of whom revocation is not known.
    let anchors = Anchors::from_pem(ROOT).expect("anchors");
    assert_eq!(anomaly(&request, &Options::at(NOW, Some(&anchors))), Anomaly::Signature);
    assert_eq!(received.report.indication, Indication::Indeterminate);

    for bad in ["", "<a/>", "<!DOCTYPE a><a/>", &request[..200]] {
        let refusal = receive(bad.as_bytes(), &options).expect_err("no message");
        assert!(matches!(refusal, Refusal::NoMessage(_)) && refusal.answer().contains("soapenv:Client"));
    }
    let start = request.find("<msg:Segnatura").expect("a mark");
    let end = request.find("</msg:Segnatura>").expect("its end") + "</msg:Segnatura>".len();
    let two = request[..end].to_owned() + &request[start..end] + &request[end..];
    assert!(matches!(receive(two.as_bytes(), &options), Err(Refusal::NoMessage(_))));
}

fn number(number: u64) -> Identifier {
    Identifier {
        administration: "p_tn".into(),
        area: "AOO9".into(),
        register: "R".into(),
        number,
        date: "2026-11-23".into(),
    }
}

/// A body that knows one message.
struct Annulling(Faults, Ledger);

impl Simulator for Annulling {
    fn answer(&mut self, request: &Request, _day: &str) -> Reply {
        let text = match Annulment::read(&request.body) {
            Ok(annulment) if annulment.sender == number(1) => annulment.answer(None),
            Ok(annulment) => annulment.answer(Some((AnnulmentAnomaly::NotFound, "mai visto"))),
            Err(refusal) => refusal.answer(),
        };
        Reply::ok("text/xml", text)
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.1
    }

    fn faults(&mut self) -> &mut Faults {
        &mut self.0
    }
}

#[tokio::test]
async fn an_annulment_is_told_in_both_directions() {
    let hosted = Hosted::start(Annulling(Faults::default(), Ledger::default())).await.expect("a socket");
    let client = Agid::new(sealing(&hosted.url(), PATIENT)).expect("a client");
    let mut talk = Talk::default();
    for by in [By::Sender, By::Recipient] {
        let mut annulment = Annulment {
            by,
            sender: number(1),
            recipient: number(2),
            act: "Determina 7 <2026>".into(),
            note: String::new(),
        };
        assert_eq!(Annulment::read(annulment.write().as_bytes()), Ok(annulment.clone()));
        client.tell_annulled(&annulment, &mut talk).await.expect("told");
        annulment.sender = number(3);
        let refused = client.tell_annulled(&annulment, &mut talk).await.expect_err("unknown");
        let code = "007_ErroreIdentificatoreNonTrovato".into();
        assert_eq!(refused, Trouble::Refused { code, words: "mai visto".into() });
    }
}

#[test]
fn notices_by_pec_are_read_as_they_are_written() {
    let about = [About::Registered(number(1)), About::Described("Mail di ieri & <altro>".into())];
    for about in about {
        let all = [
            Notice::Confirmation { as_what: number(2), about: about.clone() },
            Notice::Update { as_what: number(2), about: about.clone() },
            Notice::Exception { as_what: None, about: about.clone(), reason: "illeggibile".into() },
            Notice::Exception { as_what: Some(number(2)), about, reason: "illeggibile".into() },
            Notice::Annulment { what: number(2), reason: "errore".into(), act: "Determina 7".into() },
        ];
        for notice in all {
            assert_eq!(
                Notice::read(notice.write().as_bytes()),
                Ok(Some(notice.clone())),
                "{}",
                notice.file_name()
            );
        }
    }
    assert_eq!(Notice::read(b"<Conferma/>"), Ok(None));
    assert!(Notice::read(b"<!DOCTYPE a><ConfermaRicezione/>").is_err());
}

#[test]
fn confirmations_are_read_as_they_are_written() {
    let mut confirmation =
        Confirmation { from: number(1), outcome: Ok(number(12_345_678)), info: String::new() };
    assert_eq!(Confirmation::read(confirmation.write().as_bytes()), Ok(confirmation.clone()));
    for anomaly in Anomaly::ALL {
        confirmation.outcome = Err(anomaly.code().to_owned());
        assert_eq!(Confirmation::read(confirmation.write().as_bytes()), Ok(confirmation.clone()));
    }
    assert!(confirmation.answer().contains("0000001"));
    confirmation.outcome = Err("999_Altro".into());
    assert!(Confirmation::read(confirmation.write().as_bytes()).is_err());
    assert!(Confirmation::read(b"<a/>").is_err());
    let order = outgoing("PLICO-file");
    let access = sealing("http://127.0.0.1:9", PATIENT);
    let seal = access.seal.clone().expect("a seal");
    for root in [Root::File, Root::Pec] {
        let mark = sealed(root, &order, &access, &seal).expect("a mark");
        let report = plico_signature::inspect(mark.as_bytes(), &Options::at(NOW, None));
        assert!(report.signatures[0].intact, "{report:#?}");
    }
}
