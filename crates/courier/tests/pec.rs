//! Certified mail: what is read from a provider's messages, and what becomes of ours.

use base64::Engine as _;
use plico_courier::pec::read::{ReadError, Registry};
use plico_courier::pec::simulator::{Delivery, Fault, Provider, Submission};
use plico_courier::pec::{Daticert, Incoming, Kind, Outcome, Providers, Seal, Sending, State, What, read};
use proptest::prelude::*;

const NOW: i64 = 1_795_262_400_000;
const OURS: &str = "protocollo@pec.borgo.example";
const THEIRS: &str = "lia.fontana@pec.posta.example";
const HOUR: i64 = 3_600_000;

fn mail() -> Vec<u8> {
    concat!(
        "From: \"Comune di Borgo\" <protocollo@pec.borgo.example>\r\n",
        "To: lia.fontana@pec.posta.example\r\n",
        "Subject: Risposta & saluti\r\n",
        "Message-ID: <invio-1@borgo.example>\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n",
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nBuongiorno, è  pronto.\r\n",
        "--b\r\nContent-Type: text/xml; name=\"SEGNATURA.XML\"\r\n\r\n<Segnatura/>\r\n",
        "--b\r\nContent-Type: application/pdf; name=\"atto.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n",
        "--b--\r\n"
    )
    .as_bytes()
    .to_vec()
}

struct World {
    provider: Provider,
    list: Providers,
}

impl World {
    fn new(fault: Option<Fault>) -> Self {
        let mut provider = Provider::new("gestore.example", NOW).expect("it works");
        let list = provider.providers();
        if let Some(fault) = fault {
            provider.misbehave(fault);
        }
        Self { provider, list }
    }

    fn submit(&mut self, to: &[&str]) -> Vec<Delivery> {
        self.provider.submit(&Submission { from: OURS, to, raw: &mail(), at_ms: NOW }).expect("it works")
    }

    /// What came back to us.
    fn receipts(&mut self, to: &[&str]) -> Vec<Incoming> {
        let all = self.submit(to);
        all.iter()
            .filter(|one| one.to == OURS)
            .map(|one| read(&one.raw, &self.list).expect("it works"))
            .collect()
    }
}

fn heard(receipts: &[Incoming], to: &[&str]) -> (Sending, Vec<Outcome>) {
    let mut sending = Sending::new("invio-1@borgo.example", to.iter().copied());
    let outcomes = receipts.iter().filter_map(Incoming::receipt).map(|one| sending.hear(one)).collect();
    (sending, outcomes)
}

#[test]
fn a_transport_envelope_gives_the_message_inside_and_not_the_files_of_the_provider() {
    let mut world = World::new(None);
    let all = world.submit(&[THEIRS]);
    let envelope = all.iter().find(|one| one.to == THEIRS).expect("it works");
    let incoming = read(&envelope.raw, &world.list).expect("it works");
    assert!(matches!(&incoming.seal, Seal::Intact(signer) if signer.name == "Gestore di prova"));
    let What::Transport(daticert) = &incoming.what else { panic!("{:?}", incoming.what) };
    assert_eq!((daticert.sender.as_str(), daticert.at_ms), (OURS, Some(NOW)));
    assert_eq!(daticert.message_id.as_deref(), Some("<invio-1@borgo.example>"));
    assert_eq!(daticert.subject, "Risposta & saluti");
    let content = incoming.content.expect("it works");
    assert_eq!((content.from.as_str(), content.subject.as_str()), (OURS, "Risposta & saluti"));
    assert_eq!(content.text.trim_end(), "Buongiorno, è  pronto.");
    let names: Vec<_> = content.attachments.iter().map(|one| (one.name.as_str(), one.registry)).collect();
    assert_eq!(names, [("SEGNATURA.XML", Some(Registry::Mark)), ("atto.pdf", None)]);
    assert_eq!(content.attachments[1].bytes, b"%PDF-");
}

#[test]
fn each_recipient_has_a_state_of_his_own() {
    let to = [THEIRS, "teresa@pec.posta.example", "altro@posta.example"];
    let mut world = World::new(None);
    world.provider.ordinary(to[2]);
    let receipts = world.receipts(&to);
    assert!(receipts.iter().all(|one| one.receipt_type.as_deref() == Some("completa")), "{receipts:#?}");
    let (sending, outcomes) = heard(&receipts, &to);
    assert_eq!(outcomes, [Outcome::Changed; 3]);
    let states: Vec<_> = sending.recipients().iter().map(|(_, state)| state.clone()).collect();
    assert_eq!(states, [State::Delivered(Some(NOW)), State::Delivered(Some(NOW)), State::AcceptedOrdinary]);
}

#[test]
fn what_goes_wrong_is_told_in_the_words_of_the_provider() {
    let words = || "5.1.1 - casella inesistente".to_owned();
    for (fault, expected) in [
        (Fault::Refuse(words()), State::Refused(words())),
        (Fault::Undelivered(words()), State::Failed(words())),
        (Fault::Warn("riproveremo".into()), State::Warned("riproveremo".into())),
        (Fault::Warn("5.4.1 - rinuncia".into()), State::Failed("5.4.1 - rinuncia".into())),
    ] {
        let receipts = World::new(Some(fault)).receipts(&[THEIRS]);
        assert_eq!(heard(&receipts, &[THEIRS]).0.recipients()[0].1, expected);
    }
}

#[test]
fn nothing_for_a_day_is_an_alarm_also_when_it_was_accepted() {
    let receipts = World::new(Some(Fault::Silent)).receipts(&[THEIRS]);
    let (mut sending, _) = heard(&receipts, &[THEIRS]);
    assert_eq!(sending.overdue(NOW + 48 * HOUR).count(), 0, "it has not been sent");
    sending.sent(NOW);
    assert_eq!(sending.overdue(NOW + 24 * HOUR - 1).count(), 0);
    assert_eq!(sending.overdue(NOW + 24 * HOUR).collect::<Vec<_>>(), [THEIRS]);
    let all = World::new(None).receipts(&[THEIRS]);
    let accepted: Vec<_> = all.into_iter().take(1).collect();
    let (mut sending, _) = heard(&accepted, &[THEIRS]);
    sending.sent(NOW);
    assert_eq!(sending.recipients()[0].1, State::Accepted);
    assert_eq!(sending.overdue(NOW + 24 * HOUR).count(), 1);
}

#[test]
fn order_and_repetition_change_nothing() {
    let mut receipts = World::new(Some(Fault::Twice)).receipts(&[THEIRS]);
    let (sending, outcomes) = heard(&receipts, &[THEIRS]);
    assert_eq!(outcomes.iter().filter(|one| **one == Outcome::Duplicate).count(), 2);
    receipts.reverse();
    let (backwards, _) = heard(&receipts, &[THEIRS]);
    assert_eq!(sending, backwards);
    let early = World::new(Some(Fault::BeforeAnswer)).submit(&[THEIRS]);
    assert!(early.iter().filter(|one| one.to == OURS).all(|one| one.before_answer));
}

#[test]
fn receipts_for_others_change_nothing() {
    let receipts = World::new(None).receipts(&[THEIRS]);
    let mut other = Sending::new("<invio-2@borgo.example>", [THEIRS]);
    let mut elsewhere =
        Sending::new("<invio-1@borgo.example>", ["ivo@pec.posta.example", "teresa@pec.posta.example"]);
    let delivered = receipts[1].receipt().expect("it works");
    assert_eq!(other.hear(delivered), Outcome::OtherMessage);
    assert_eq!(elsewhere.hear(delivered), Outcome::OtherRecipient);
    assert_eq!(elsewhere.recipients()[0].1, State::Sent);
}

#[test]
fn delivered_and_failed_is_a_contradiction_and_the_first_stands() {
    let mut world = World::new(None);
    let first = world.receipts(&[THEIRS]);
    world.provider.misbehave(Fault::Undelivered("5.1.1".into()));
    let second = world.receipts(&[THEIRS]);
    let (sending, outcomes) = heard(&[first, second].concat(), &[THEIRS]);
    assert_eq!(outcomes.last(), Some(&Outcome::Contradiction));
    assert_eq!(sending.recipients()[0].1, State::Delivered(Some(NOW)));
}

#[test]
fn what_is_not_sealed_by_a_provider_is_no_receipt() {
    for fault in [Fault::Normalised, Fault::Stranger, Fault::Mislabelled, Fault::Unsigned] {
        let receipts = World::new(Some(fault.clone())).receipts(&[THEIRS]);
        let first = &receipts[0];
        assert!(first.receipt().is_none(), "{fault:?}: {first:?}");
        let seal_is_right = match fault {
            Fault::Normalised => first.seal == Seal::Broken,
            Fault::Stranger => matches!(first.seal, Seal::UnknownSigner(_)),
            Fault::Unsigned => first.seal == Seal::Unsigned && matches!(first.what, What::Contradiction(_)),
            _ => matches!(first.what, What::Contradiction(_)) && first.seal.holds(),
        };
        assert!(seal_is_right, "{fault:?}: {first:?}");
    }
}

#[test]
fn one_byte_changed_in_what_is_signed_breaks_it() {
    let mut world = World::new(None);
    let raw = world.submit(&[THEIRS]).remove(0).raw;
    let at = raw.windows(10).position(|here| here == b"<mittente>").expect("it works") + 12;
    let mut changed = raw.clone();
    changed[at] ^= 1;
    assert!(read(&raw, &world.list).expect("it works").receipt().is_some());
    assert_eq!(read(&changed, &world.list).expect("it works").seal, Seal::Broken);
    // A second certification before what is signed is not looked at.
    let text = String::from_utf8(raw).expect("it works");
    let forged =
        text.replacen("This is an S/MIME", "Content-Type: application/xml; name=daticert.xml\r\n\r\n<x/>", 1);
    let incoming = read(forged.as_bytes(), &world.list).expect("it works");
    assert_eq!(incoming.receipt().map(|one| one.daticert().kind), Some(Kind::Accepted));
    // Line ends that were changed on the way are mended.
    let bare = text.replace("\r\n", "\n");
    assert!(read(bare.as_bytes(), &world.list).expect("it works").receipt().is_some());
}

#[test]
fn an_anomaly_is_ordinary_mail_in_an_envelope() {
    let mut world = World::new(None);
    let delivery = world.provider.anomaly(OURS, &mail(), NOW).expect("it works");
    let incoming = read(&delivery.raw, &world.list).expect("it works");
    assert_eq!(incoming.what, What::Anomaly);
    assert_eq!(incoming.content.expect("it works").subject, "Risposta & saluti");
    let plain = read(&mail(), &world.list).expect("it works");
    assert_eq!((&plain.what, &plain.seal), (&What::Ordinary, &Seal::Unsigned));
    assert_eq!(plain.content.expect("it works").attachments.len(), 2);
}

#[test]
fn a_bounce_names_whom_it_is_about() {
    let raw = "From: MAILER-DAEMON@posta.example\r\nMessage-ID: <b@posta.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nno\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; posta.example\r\n\r\nFinal-Recipient: rfc822; lia@posta.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <invio-1@borgo.example>\r\nSubject: x\r\n\r\ny\r\n--r--\r\n";
    let What::Bounce(bounce) = read(raw.as_bytes(), &Providers::default()).expect("it works").what else {
        panic!()
    };
    assert_eq!(bounce.message_id.as_deref(), Some("<invio-1@borgo.example>"));
    assert_eq!(bounce.recipients, [("lia@posta.example".into(), "failed".into(), "5.1.1".into())]);
}

#[test]
fn hostile_certifications_are_refused() {
    let deep = "<a>".repeat(9);
    let wide = format!("<postacert>{}</postacert>", "<x/>".repeat(30_000));
    let entity = "<!DOCTYPE postacert [<!ENTITY e 'x'>]><postacert tipo='accettazione'>&e;</postacert>";
    for bad in ["", "<postacert", "x", "<postacert/>", "<a/><b/>", deep.as_str(), wide.as_str(), entity] {
        assert!(Daticert::read(bad.as_bytes()).is_err(), "{bad:.60}");
    }
}

#[test]
fn messages_in_messages_end_before_the_stack_does() {
    let nested = |kind: &str| format!("Content-Type: {kind}\r\n\r\n").repeat(200_000);
    let kinds = [
        "message/rfc822",
        "Message / RFC822",
        "message/\r\n global",
        "message(a)/rfc822",
        "message/(a)rfc822",
    ];
    for kind in kinds {
        let read = read(nested(kind).as_bytes(), &Providers::default());
        assert_eq!(read, Err(ReadError::TooMuch), "{kind}");
    }
    let deep = base64::engine::general_purpose::STANDARD.encode(nested("message/rfc822"));
    let quoted = nested("message/rfc822").replace('=', "=3D");
    for (encoding, body) in [("base64", &deep), ("Quoted-Printable", &quoted.replace("message", "m=65ssage"))]
    {
        let part = format!(
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding:\r\n {encoding}\r\n\r\n{body}"
        );
        let mixed = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{part}\r\n--b--\r\n");
        let within = format!("Content-Type: message/rfc822\r\n\r\n{mixed}");
        let digest = format!(
            "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--b--\r\n"
        );
        // Where a part begins is seen otherwise by whoever decodes the one before it.
        let first = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD";
        let unseen = format!("{first}--b\r\n{part}\r\n--b--\r\n");
        for raw in [part, mixed, within, digest, unseen] {
            let read = read(raw.as_bytes(), &Providers::default());
            assert_eq!(read, Err(ReadError::TooMuch), "{encoding}: {raw:.120}");
        }
    }
}

#[test]
fn a_message_that_is_forwarded_is_read_beside_files_that_are_encoded() {
    let forwarded = concat!(
        "Subject: Inoltro\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
        "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n",
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Dentro\r\n\r\nCiao\r\n--b--\r\n"
    );
    let incoming = read(forwarded.as_bytes(), &Providers::default()).expect("it works");
    let files = incoming.content.expect("it works").attachments;
    let kinds: Vec<_> = files.iter().map(|one| (one.media_type.as_str(), one.bytes.len())).collect();
    assert_eq!(kinds[0], ("application/pdf", 5));
    assert_eq!(kinds[1].0, "message/rfc822");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Daticert::read(&bytes);
        let _ = read(&bytes, &Providers::default());
    }

    #[test]
    fn a_changed_receipt_never_says_something_else(places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        static RAW: std::sync::OnceLock<(Vec<u8>, Providers)> = std::sync::OnceLock::new();
        let (raw, list) = RAW.get_or_init(|| {
            let mut world = World::new(None);
            (world.submit(&[THEIRS]).remove(0).raw, world.list)
        });
        let whole = read(raw, list).expect("it works");
        let mut changed = raw.clone();
        for (place, byte) in &places {
            let at = place.index(changed.len());
            changed[at] = *byte;
        }
        if let Ok(incoming) = read(&changed, list) && let Some(receipt) = incoming.receipt() {
            prop_assert_eq!(receipt.daticert(), whole.receipt().expect("it works").daticert());
        }
    }
}
