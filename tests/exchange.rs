//! Registries of bodies speak to each other by certified mail: what came is read and answered once, what a person decides
//! leaves, and what others say of our letters is kept with them.

use std::fmt::Write as _;
use std::time::Duration;

use plico_archive::read::exchange::{answers, mark, notices};
use plico_courier::email::simulator::{Fault as Breaks, Stage};
use plico_courier::pec::read::read as read_mail;
use plico_courier::pec::simulator::Submission;
use plico_crypto::digest::sha256;
use plico_desk::mail::Taken;
use plico_desk::outside::{Route, Routes};
use plico_record::actor::Actor;
use plico_registry::agid::{About, Identifier, Notice};
use plico_registry::exchange::{Found, Generation, Letter, Side, letter, notice, read, sealed};
use plico_registry::pitre::simulator::Pitre as Simulated;
use plico_signature::{Options, Sealer, inspect};
use plico_testkit::registry::Hosted;

use super::letter_mail::{NOW, OURS, Office, THEIRS};
use super::staff::Desk;
use super::support::BODY;

const BODY_THERE: &str = "ente@pec.prova.example";
const LIST: &str = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,Tipo_Mail1\n\
    p_prova,Provincia di Prova,00000000000,ente@pec.prova.example,Pec\n\
    c_bruni,Comune di Bruni,,studio@pec.bruni.example,Pec\n";

fn theirs(generation: Generation) -> Identifier {
    Identifier {
        administration: "p_prova".into(),
        area: "AOO1".into(),
        register: if generation == Generation::Y2001 { String::new() } else { "PG".into() },
        number: 4711,
        date: "2026-03-09".into(),
    }
}

/// Their mark for a file, which may lie about it.
fn marked(generation: Generation, file: &[u8]) -> String {
    letter(generation, &of_theirs(generation, file))
}

fn of_theirs(generation: Generation, file: &[u8]) -> Letter {
    use plico_crypto::digest::to_hex;
    let side = |name: &str, address: &str| Side {
        name: name.into(),
        address: address.into(),
        administration: "p_prova".into(),
        area: "AOO1".into(),
    };
    Letter {
        ours: theirs(generation),
        from: side("Provincia di Prova", BODY_THERE),
        to: Side { name: "Comune".into(), address: OURS.into(), ..Side::default() },
        subject: "Richiesta di parere".into(),
        files: vec![("parere.pdf".into(), "application/pdf".into(), to_hex(&sha256(file)))],
    }
}

/// A mail with files, as somebody writes it.
fn written(from: &str, id: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    use base64::Engine as _;
    let mut raw = format!(
        "From: {from}\r\nTo: {OURS}\r\nMessage-ID: <{id}@x.example>\r\nSubject: Richiesta\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nTesto\r\n"
    );
    for (name, bytes) in files {
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        let _ = write!(
            raw,
            "--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{text}\r\n"
        );
    }
    (raw + "--b--\r\n").into_bytes()
}

impl Office {
    /// The list of bodies, as the installation's operator reads it.
    async fn listed(&self) {
        let operator = plico_desk::Actor::console("", "prova");
        let day = self.town.app.desk.today();
        self.town.app.desk.read_ipa(&operator, LIST, &day).await.unwrap();
    }

    /// A certified mail that comes in.
    async fn comes(&self, from: &str, id: &str, files: &[(&str, &[u8])]) -> Taken {
        let raw = written(from, id, files);
        let submission = Submission { from, to: &[OURS], raw: &raw, at_ms: NOW };
        let delivered = self.provider.lock().unwrap().submit(&submission).unwrap();
        let to_us = delivered.into_iter().find(|one| one.to == OURS).unwrap();
        self.hear(&to_us.raw).await
    }

    fn message(taken: Taken) -> String {
        let Taken::Message(filed) = taken else { panic!("a message: {taken:?}") };
        filed.message
    }

    /// The file of our registry in the last mail that left.
    fn said(&self) -> (Vec<String>, String, Vec<u8>) {
        let mail = self.smtp.server().mailbox.last().unwrap().clone();
        let providers = self.provider.lock().unwrap().providers();
        let content = read_mail(mail.data.as_bytes(), &providers).unwrap().content.unwrap();
        let file = content.attachments.into_iter().find(|file| file.registry.is_some()).unwrap();
        (mail.to, file.name, file.bytes)
    }

    fn ours(number: u64, ipa: &str) -> Identifier {
        Identifier {
            administration: ipa.into(),
            area: "BORGO".into(),
            register: "BORGO".into(),
            number,
            date: "2026-03-10".into(),
        }
    }

    async fn ipa(&self) -> (String, String) {
        let body = plico_archive::read::body::body(self.town.app.desk.archive().database(), BODY).await;
        let body = body.unwrap().unwrap();
        (body.ipa_code, body.area)
    }
}

#[tokio::test]
async fn a_marked_message_is_read_registered_and_confirmed_once() {
    for generation in [Generation::Y2001, Generation::Y2001Register, Generation::Y2013] {
        let office = Office::open().await;
        office.listed().await;
        let xml = marked(generation, b"%PDF-1.4 a");
        let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"%PDF-1.4 a")];
        let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
        office.town.settle().await;
        let database = office.town.app.desk.archive().database();
        let row = mark(database, &message).await.unwrap().unwrap();
        assert_eq!((row.generation.as_str(), row.number, row.asks), (generation.code(), 4711, true));
        assert_eq!(row.documents, "[{\"name\":\"parere.pdf\",\"verdict\":\"fits\"}]");
        assert_eq!(row.address, BODY_THERE);

        // One notice, of the same shape, to the certified address, with our number and theirs.
        assert_eq!(office.left(), 1);
        let (to, name, file) = office.said();
        assert_eq!((to, name.as_str()), (vec![BODY_THERE.to_owned()], "Conferma.xml"));
        let (ipa, area) = office.ipa().await;
        let Some(Found::Notice(shape, said)) = read(&file).unwrap() else { panic!("a notice") };
        assert_eq!(shape, generation);
        let area: String = area.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        let register = if generation == Generation::Y2001 { String::new() } else { area.clone() };
        let as_what = Identifier { area, register, ..Office::ours(1, &ipa) };
        let about = About::Registered(theirs(generation));
        assert_eq!(*said, Notice::Confirmation { as_what, about });

        let page = office.page(&message).await;
        for words in
            ["Segnatura informatica", "Provincia di Prova", "p_prova", "0004711", "impronta corrispondente"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        // The provider's receipts are kept with it; the mail again changes nothing.
        for raw in office.receipts_to(BODY_THERE) {
            assert_eq!(office.hear(&raw).await, Taken::Receipt);
        }
        assert_eq!(office.stands(&message).await.0.fate, "delivered");
        assert!(office.page(&message).await.contains("Conferma di ricezione"));
        office.sound().await;
        assert_eq!(office.left(), 1);
    }
}

/// A mark of version 3 is confirmed by itself where its signature holds, and by a person where it does not.
#[tokio::test]
async fn a_sealed_mark_answers_as_far_as_its_seal_holds() {
    let office = Office::open().await;
    office.listed().await;
    let seal = Sealer::self_signed("Provincia di Prova", NOW).unwrap();
    let said = of_theirs(Generation::V3, b"%PDF-1.4 a");
    // Without its recipient's code no mark of this version is valid.
    let (ours, _) = office.ipa().await;
    let to = Side { administration: ours, area: "BORGO".into(), ..said.to.clone() };
    let xml = sealed(&Letter { to, ..said }, &seal, NOW).unwrap();
    let other = xml.replace("Richiesta di parere", "Richiesta di pareri");
    assert!(other != xml);
    for (id, xml, signature, left) in [("m1", &xml, "intact", 1), ("m2", &other, "broken", 1)] {
        let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"%PDF-1.4 a")];
        let message = Office::message(office.comes(BODY_THERE, id, &files).await);
        office.town.settle().await;
        let row = mark(office.town.app.desk.archive().database(), &message).await.unwrap().unwrap();
        assert_eq!((row.generation.as_str(), row.signature.as_str(), row.asks), ("3", signature, true));
        assert_eq!(office.left(), left, "{signature}");
        let page = office.page_of(&office.town.protocol_operator, &message).await;
        assert_eq!(page.contains("La firma della segnatura non regge"), signature == "broken");
    }
    assert_eq!(office.said().1, "Conferma.xml");
    office.sound().await;
}

/// What an outside registry numbers is confirmed when its number is there, and with that number.
#[tokio::test]
async fn a_confirmation_waits_for_the_number() {
    let office = Office::open().await;
    let hosted = Hosted::start(Simulated::new("BORGO", "PLICO-APP", "REG")).await.unwrap();
    super::order::connect_at(&office.town, "http://127.0.0.1:9");
    let routes = Routes {
        otherwise: Route { system: "pitre".into(), classification: "6.3".into(), ..Route::default() },
        ..Routes::default()
    };
    office.town.app.desk.save_routes(&Actor::console(BODY, "test"), &routes).await.unwrap();
    let xml = marked(Generation::Y2013, b"x");
    let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"x")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    office.town.settle().await;
    assert_eq!(office.left(), 0, "there is no number yet");
    super::order::connect(&office.town, &hosted);
    super::order::later(&office.town).await;
    let row = office.town.app.desk.archive();
    let row = plico_archive::read::message::message(row.database(), &message).await.unwrap().unwrap();
    let (_, name, file) = office.said();
    assert_eq!((office.left(), name.as_str()), (1, "Conferma.xml"));
    let Some(Found::Notice(_, said)) = read(&file).unwrap() else { panic!("a notice") };
    let number = row.number.unwrap().cast_unsigned();
    assert!(matches!(*said, Notice::Confirmation { as_what, .. } if as_what.number == number));
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_is_in_doubt_and_not_repeated() {
    let office = Office::open().await;
    office.smtp.server().misbehave(Stage::Accepted, Breaks::HangUp);
    let xml = marked(Generation::Y2013, b"x");
    let files: [(&str, &[u8]); 2] = [("segnatura.xml", xml.as_bytes()), ("parere.pdf", b"x")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    for _ in 0..4 {
        office.town.settle().await;
        office.town.clock.advance(Duration::from_hours(1));
    }
    assert_eq!((office.stands(&message).await.0.sending.as_str(), office.left()), ("in_doubt", 1));
    assert!(office.page(&message).await.contains("Non si sa se è partita"));
    office.sound().await;
}

#[tokio::test]
async fn what_does_not_fit_its_mark_waits_for_a_person() {
    let office = Office::open().await;
    let xml = marked(Generation::Y2013, b"another");
    let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"%PDF-1.4 a")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    office.town.settle().await;
    assert_eq!(office.left(), 0, "nothing leaves by itself");
    let mut clerk = Desk::of(&office.town, &office.town.protocol_operator).await;
    let item = format!("/ufficio/messaggi/{message}");
    let page = clerk.see(&item).await;
    assert!(page.contains("impronta diversa") && page.contains("non corrispondono alla segnatura"), "{page}");
    let path = format!("{item}/segnatura");
    assert_eq!(clerk.post(&path, &[("decision", "exception"), ("reason", " ")]).await.status, 422);
    assert_eq!(clerk.post(&path, &[("decision", "never"), ("reason", "x")]).await.status, 422);
    clerk.led(&path, &[("decision", "exception"), ("reason", "L’impronta non corrisponde.")]).await;
    assert_eq!(clerk.post(&path, &[("decision", "exception"), ("reason", "x")]).await.status, 409, "once");
    office.town.settle().await;
    let (to, name, file) = office.said();
    assert_eq!((office.left(), to, name.as_str()), (1, vec![BODY_THERE.to_owned()], "Eccezione.xml"));
    let Some(Found::Notice(_, said)) = read(&file).unwrap() else { panic!("a notice") };
    assert!(matches!(*said, Notice::Exception { reason, .. } if reason == "L’impronta non corrisponde."));

    // Nobody certifies where an ordinary mail comes from: its mark is shown, and nothing leaves.
    let raw = written(BODY_THERE, "m2", &[("Segnatura.xml", xml.as_bytes())]);
    let message = Office::message(office.hear(&raw).await);
    office.town.settle().await;
    assert!(clerk.see(&format!("/ufficio/messaggi/{message}")).await.contains("non è certificato"));
    let path = format!("/ufficio/messaggi/{message}/segnatura");
    assert_eq!(clerk.post(&path, &[("decision", "confirmation"), ("reason", "")]).await.status, 409);
    // A file of that name that is none: the mail is a message all the same.
    let wild: &[u8] = b"<!DOCTYPE x [<!ENTITY a 'b'>]><Segnatura>&a;</Segnatura>";
    let message = Office::message(office.comes(BODY_THERE, "m3", &[("Segnatura.xml", wild)]).await);
    let database = office.town.app.desk.archive().database();
    assert_eq!(mark(database, &message).await.unwrap(), None);
    office.sound().await;
    assert_eq!(office.left(), 1);
}

#[tokio::test]
async fn corrections_of_what_was_confirmed_are_told() {
    let office = Office::open().await;
    let xml = marked(Generation::Y2013, b"x");
    let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"x")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    office.town.settle().await;
    let manager = office.town.as_operator(&office.town.records_manager).await;
    let desk = &office.town.app.desk;
    desk.rectify(&manager, &message, "subject", "Parere", "Errore").await.unwrap();
    office.town.settle().await;
    assert_eq!((office.left(), office.said().1.as_str()), (2, "Aggiornamento.xml"));
    desk.annul(&manager, &message, "Doppia", "Disposizione 7").await.unwrap();
    office.town.settle().await;
    let (_, name, file) = office.said();
    assert_eq!((office.left(), name.as_str()), (3, "Annullamento.xml"));
    let Some(Found::Notice(_, said)) = read(&file).unwrap() else { panic!("a notice") };
    assert!(
        matches!(*said, Notice::Annulment { reason, act, .. } if reason == "Doppia" && act == "Disposizione 7")
    );
    let kinds: Vec<_> = answers(desk.archive().database(), &message).await.unwrap();
    assert_eq!(
        kinds.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(),
        ["confirmation", "update", "annulment"]
    );
    // Their own annulment is kept with the message.
    let theirs =
        Notice::Annulment { what: theirs(Generation::Y2013), reason: "Errore".into(), act: "Atto".into() };
    let xml = notice(Generation::Y2013, &theirs);
    let taken = office.comes("altri@pec.example", "m2", &[("Annullamento.xml", xml.as_bytes())]).await;
    assert!(matches!(taken, Taken::Message(_)), "from another address: {taken:?}");
    let taken = office.comes(BODY_THERE, "m3", &[("Annullamento.xml", xml.as_bytes())]).await;
    assert_eq!(taken, Taken::Receipt);
    assert_eq!(notices(desk.archive().database(), &message).await.unwrap()[0].act, "Atto");
    assert!(
        office.page_of(&office.town.protocol_operator, &message).await.contains("annullata dall’altro ente")
    );
    office.sound().await;
}

#[tokio::test]
async fn a_letter_to_a_body_carries_a_mark_and_what_it_answers_is_kept() {
    for (more, generation) in [
        ("", Generation::Y2013),
        ("[segnatura]\nversion = \"3\"\naoo = \"AOOX\"\nregister = \"PROT\"\n", Generation::V3),
    ] {
        let office = Office::with(more).await;
        // Whoever is no body of the index gets none.
        let plain = office.letter("brief0").await;
        office.town.settle().await;
        assert_eq!(office.stands(&plain).await.0.segnatura, "");
        office.listed().await;
        let message = office.letter("brief1").await;
        office.town.settle().await;
        assert_eq!(office.stands(&message).await.0.segnatura, generation.code());
        let (to, name, file) = office.said();
        assert_eq!((to, name.as_str()), (vec![THEIRS.to_owned()], "Segnatura.xml"));
        let Some(Found::Mark(mark)) = read(&file).unwrap() else { panic!("a mark") };
        let (ipa, _) = office.ipa().await;
        assert_eq!((mark.generation, &mark.from.administration, mark.from.number), (generation, &ipa, 2));
        assert!(mark.asks(&[THEIRS]) && mark.documents.len() == 1 && !mark.documents[0].sha256.is_empty());
        if generation == Generation::V3 {
            let report = inspect(&file, &Options::at(NOW, None));
            assert!(report.signatures.len() == 1 && report.signatures[0].intact, "{report:?}");
            assert_eq!((mark.from.area.as_str(), mark.from.register.as_str()), ("AOOX", "PROT"));
        }
        // The body confirms; a stranger's word, and one about no letter, are messages like any other.
        let said =
            Notice::Confirmation { as_what: theirs(generation), about: About::Registered(mark.from.clone()) };
        let xml = notice(generation, &said);
        let taken = office.comes("altri@pec.example", "c1", &[("Conferma.xml", xml.as_bytes())]).await;
        assert!(matches!(taken, Taken::Message(_)), "{taken:?}");
        let about = About::Registered(Identifier { number: 99, ..mark.from.clone() });
        let other = notice(generation, &Notice::Confirmation { as_what: theirs(generation), about });
        let taken = office.comes(THEIRS, "c2", &[("Conferma.xml", other.as_bytes())]).await;
        assert!(matches!(taken, Taken::Message(_)), "{taken:?}");
        let taken = office.comes(THEIRS, "c3", &[("CONFERMA.XML", xml.as_bytes())]).await;
        assert_eq!(taken, Taken::Receipt);
        let kept = notices(office.town.app.desk.archive().database(), &message).await.unwrap();
        assert_eq!((kept.len(), kept[0].kind.as_str(), kept[0].number), (1, "confirmation", 4711));
        let page = office.page(&message).await;
        assert!(page.contains("Ricezione confermata") && page.contains("0004711"), "{page}");
        assert!(page.contains("Con la segnatura informatica"), "{page}");
        // Annulled, the body is told.
        let before = office.left();
        let manager = office.town.as_operator(&office.town.records_manager).await;
        office.town.app.desk.annul(&manager, &message, "Doppia", "Disposizione 7").await.unwrap();
        office.town.settle().await;
        let (to, name, _) = office.said();
        assert_eq!(
            (office.left(), to, name.as_str()),
            (before + 1, vec![THEIRS.to_owned()], "Annullamento.xml")
        );
        // What they say after that is still about it.
        let about = About::Registered(mark.from.clone());
        let said = Notice::Exception { as_what: None, about, reason: "Non è per noi".into() };
        let xml = notice(generation, &said);
        let taken = office.comes(THEIRS, "c4", &[("Eccezione.xml", xml.as_bytes())]).await;
        assert_eq!(taken, Taken::Receipt);
        // With a file beside it, it is a letter.
        let files: [(&str, &[u8]); 2] = [("Eccezione.xml", xml.as_bytes()), ("parere.pdf", b"%PDF-1.4 a")];
        let taken = office.comes(THEIRS, "c5", &files).await;
        assert!(matches!(taken, Taken::Message(_)), "{taken:?}");
        office.sound().await;
    }
}

#[tokio::test]
async fn of_several_notices_the_one_is_sent_again_that_a_person_means() {
    let office = Office::open().await;
    let xml = marked(Generation::Y2013, b"another");
    let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"%PDF-1.4 a")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    office.town.settle().await;
    let mut clerk = Desk::of(&office.town, &office.town.protocol_operator).await;
    let item = format!("/ufficio/messaggi/{message}");
    clerk.see(&item).await;
    for decision in ["exception", "confirmation"] {
        office.smtp.server().misbehave(Stage::Recipient, Breaks::Say("550 5.1.1 no such user".into()));
        let path = format!("{item}/segnatura");
        clerk.led(&path, &[("decision", decision), ("reason", "L’impronta non corrisponde.")]).await;
        office.town.settle().await;
    }
    let database = office.town.app.desk.archive().database();
    let sending = async || {
        let (rows, _) = plico_archive::read::pec::of_message(database, &message).await.unwrap();
        rows.into_iter().map(|row| (row.delivery, row.sending)).collect::<Vec<_>>()
    };
    let [(first, _), (second, _)] = sending().await.try_into().unwrap();
    let path = format!("{item}/pec");
    let page = clerk.see(&item).await;
    assert!(page.contains(&format!("value=\"{first}\"")) && page.contains(&format!("value=\"{second}\"")));
    let form = [("delivery", second.as_str()), ("decision", "again"), ("reason", "Ora c’è.")];
    clerk.led(&path, &form).await;
    office.town.settle().await;
    assert_eq!(sending().await, [(first, "refused".into()), (second, "submitted".into())]);
    office.sound().await;
}

#[tokio::test]
async fn what_was_never_confirmed_is_not_corrected() {
    let office = Office::open().await;
    office.smtp.server().misbehave(Stage::Recipient, Breaks::Say("550 5.1.1 no such user".into()));
    let xml = marked(Generation::Y2013, b"x");
    let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"x")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    office.town.settle().await;
    let manager = office.town.as_operator(&office.town.records_manager).await;
    office.town.app.desk.annul(&manager, &message, "Doppia", "Disposizione 7").await.unwrap();
    office.town.settle().await;
    let database = office.town.app.desk.archive().database();
    let (rows, _) = plico_archive::read::pec::of_message(database, &message).await.unwrap();
    assert_eq!(office.left(), 0);
    assert_eq!(rows.iter().map(|row| row.sending.as_str()).collect::<Vec<_>>(), ["refused", "refused"]);
    assert!(rows.iter().any(|row| row.words.contains("has not left")), "{rows:?}");
}

#[tokio::test]
async fn a_number_that_no_register_gives_makes_no_mark_and_stops_nothing() {
    let office = Office::open().await;
    let xml = marked(Generation::Y2013, b"x");
    for (at, number) in ["18446744073709551615", "0", "9223372036854775808"].into_iter().enumerate() {
        let wild = xml.replace("4711", number);
        assert!(wild != xml && wild.contains(number));
        let id = format!("m{at}");
        let message =
            Office::message(office.comes(BODY_THERE, &id, &[("Segnatura.xml", wild.as_bytes())]).await);
        assert_eq!(mark(office.town.app.desk.archive().database(), &message).await.unwrap(), None);
    }
    office.town.settle().await;
    assert_eq!(office.left(), 0);
    office.sound().await;
}

#[tokio::test]
async fn what_was_exchanged_goes_with_its_message() {
    use plico_archive::Authorisation;
    use plico_database::args;
    const OPEN: &str = "select count(*) from part p join event e on e.log = p.log and e.idx = p.idx
        join subject s on s.log = e.log and s.log_id = e.subject where s.id = $1";
    let office = Office::open().await;
    let xml = marked(Generation::Y2013, b"x");
    let files: [(&str, &[u8]); 2] = [("Segnatura.xml", xml.as_bytes()), ("parere.pdf", b"x")];
    let message = Office::message(office.comes(BODY_THERE, "m1", &files).await);
    office.town.settle().await;
    let archive = office.town.app.desk.archive();
    let delivery = answers(archive.database(), &message).await.unwrap().remove(0).delivery;
    let open = async || archive.database().scalar_i64(OPEN, args![&delivery]).await.unwrap();
    assert!(open().await >= 3, "ordered, attempted, submitted");
    let text = String::from;
    let authorisation = Authorisation {
        destruction: text("d1"),
        administration: text(BODY),
        authority: text("Soprintendenza"),
        number: text("1"),
        date: text("2026-03-10"),
    };
    let erased = archive.erase(&authorisation, vec![message.clone()]).await.unwrap();
    assert_eq!(erased.erased.len(), 1);
    assert_eq!(open().await, 0);
    assert_eq!(mark(archive.database(), &message).await.unwrap(), None);
    assert_eq!(answers(archive.database(), &message).await.unwrap(), []);
}
