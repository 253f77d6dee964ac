//! Letters by certified mail: each leaves once, whatever breaks, and what providers say of it is kept and told as it is.

use std::sync::Mutex;
use std::time::Duration;

use plico::mailboxes::{Watched, read};
use plico_archive::read::pec::{LetterMailRow, LetterReceiptRow, of_message};
use plico_courier::email::simulator::{Fault as Breaks, Stage};
use plico_courier::malware::Scanner;
use plico_courier::pec::read::read as read_mail;
use plico_courier::pec::simulator::{Fault, Provider, Submission};
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::mail::Taken;
use plico_desk::pec::{Decision, Next, Submitted};
use plico_testkit::smtp::Smtp;

use super::staff::Desk;
use super::support::{BODY, Town};

pub const NOW: i64 = 1_773_120_000_000;
pub const OURS: &str = "protocollo@pec.borgo.example";
pub const THEIRS: &str = "studio@pec.bruni.example";

pub struct Office {
    pub town: Town,
    pub smtp: Smtp,
    pub provider: Mutex<Provider>,
    pub watched: Watched,
}

impl Office {
    pub async fn open() -> Self {
        Self::with("").await
    }

    /// `more` stands at the end of the mailbox's description.
    pub async fn with(more: &str) -> Self {
        let (town, smtp) = (Town::start().await, Smtp::start().await.unwrap());
        let provider = Provider::new("gestore.example", NOW).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        write("gestori.txt", provider.certificate_sha256());
        let database = town.app.desk.archive().database();
        let ipa = plico_archive::read::body::body(database, BODY).await.unwrap().unwrap().ipa_code;
        write(
            "protocollo.toml",
            format!(
                "address = \"{OURS}\"\nbody = \"{ipa}\"\noffice = \"Ufficio Protocollo\"\nkind = \"istanza\"\n\
                 host = \"localhost\"\nuser = \"protocollo\"\nmode = \"own\"\nproviders = \"gestori.txt\"\n\
                 [smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\ntimeout_seconds = 1\n{more}",
                smtp.address().port()
            ),
        );
        let mut config = town.app.shell.config().clone();
        config.mailbox.folder = Some(folder.path().into());
        let watched = read(&config, &town.app.desk).await.unwrap().remove(0);
        town.app.mailboxes.set(vec![watched.clone()]).unwrap();
        Self { town, smtp, provider: Mutex::new(provider), watched }
    }

    /// A letter to a firm that has no account here; its message.
    pub async fn letter(&self, token: &str) -> String {
        self.letter_at(token, THEIRS).await
    }

    pub async fn letter_at(&self, token: &str, pec: &str) -> String {
        let firm = Recipient { name: "Studio Bruni".into(), pec: pec.into(), ..Recipient::default() };
        self.letter_to(firm, token).await
    }

    async fn letter_to(&self, recipient: Recipient, token: &str) -> String {
        let letter = Letter {
            act: Act::Message,
            about: None,
            office: self.town.building.clone(),
            recipient,
            effect: "notification".into(),
            subject: "Esito del sopralluogo".into(),
            text: "Si comunica l’esito.".into(),
            category: String::new(),
            certificate: None,
            language: plico_locale::Lang::It,
            copies: String::new(),
            token: token.into(),
        };
        let clerk = self.town.as_operator(&self.town.building_operator).await;
        self.town.app.desk.send_letter(&clerk, letter).await.unwrap().message
    }

    pub async fn stands(&self, message: &str) -> (LetterMailRow, Vec<LetterReceiptRow>) {
        let (mut rows, receipts) =
            of_message(self.town.app.desk.archive().database(), message).await.unwrap();
        assert_eq!(rows.len(), 1);
        (rows.remove(0), receipts)
    }

    async fn state(&self, message: &str) -> (String, String) {
        let (row, _) = self.stands(message).await;
        (row.sending, row.fate)
    }

    pub fn left(&self) -> usize {
        self.smtp.server().mailbox.len()
    }

    /// What the provider puts into our mailbox for the last message that it has.
    fn receipts(&self) -> Vec<Vec<u8>> {
        let raw = self.smtp.server().mailbox.last().unwrap().data.clone().into_bytes();
        self.receipts_of(&raw)
    }

    /// The same of one that went to another address.
    pub fn receipts_to(&self, to: &str) -> Vec<Vec<u8>> {
        let raw = self.smtp.server().mailbox.last().unwrap().data.clone().into_bytes();
        self.submitted(to, &raw)
    }

    fn receipts_of(&self, raw: &[u8]) -> Vec<Vec<u8>> {
        self.submitted(THEIRS, raw)
    }

    fn submitted(&self, to: &str, raw: &[u8]) -> Vec<Vec<u8>> {
        let submission = Submission { from: OURS, to: &[to], raw, at_ms: NOW };
        let delivered = self.provider.lock().unwrap().submit(&submission).unwrap();
        delivered.into_iter().filter(|one| one.to == OURS).map(|one| one.raw).collect()
    }

    pub async fn hear(&self, raw: &[u8]) -> Taken {
        let mail = read_mail(raw, &self.provider.lock().unwrap().providers()).unwrap();
        self.town.app.desk.take_in_mail(&self.watched.mailbox, raw, mail, &Scanner::Off).await.unwrap()
    }

    async fn kinds(&self, message: &str) -> Vec<String> {
        let clerk = self.town.as_operator(&self.town.building_operator).await;
        let history = self.town.app.desk.message(&clerk, message).await.unwrap().history;
        history.into_iter().map(|event| event.kind).filter(|kind| kind.starts_with("pec.")).collect()
    }

    pub async fn page(&self, message: &str) -> String {
        let archive = self.town.app.desk.archive();
        let row = plico_archive::read::message::message(archive.database(), message).await.unwrap().unwrap();
        let outgoing = row.direction == "out";
        let operator = if outgoing { &self.town.building_operator } else { &self.town.protocol_operator };
        self.page_of(operator, message).await
    }

    pub async fn page_of(&self, operator: &str, message: &str) -> String {
        let mut clerk = Desk::of(&self.town, operator).await;
        clerk.see(&format!("/ufficio/messaggi/{message}")).await
    }

    pub async fn sound(&self) {
        self.town.settle().await;
        let archive = self.town.app.desk.archive();
        assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
        assert!(archive.fsck().await.unwrap().clean);
    }
}

#[tokio::test]
async fn a_letter_leaves_once_and_its_receipts_are_kept_with_it() {
    let office = Office::open().await;
    let message = office.letter("brief1").await;
    office.town.settle().await;
    assert_eq!(office.left(), 1);
    let mail = office.smtp.server().mailbox[0].clone();
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), (OURS, &[THEIRS.to_owned()][..]));
    assert_eq!(mail.header("X-TipoRicevuta").as_deref(), Some("completa"));
    let sent = read_mail(mail.data.as_bytes(), &office.provider.lock().unwrap().providers())
        .unwrap()
        .content
        .unwrap();
    assert_eq!(sent.subject, "Esito del sopralluogo");
    assert!(sent.text.contains("n. 0000001/2026"), "{}", sent.text);
    assert!(sent.attachments[0].bytes.starts_with(b"%PDF"), "the letter itself");
    assert_eq!(office.state(&message).await, ("submitted".into(), "sent".into()));
    let page = office.page(&message).await;
    assert!(page.contains("Affidata al gestore") && page.contains(THEIRS), "{page}");

    let receipts = office.receipts();
    for raw in &receipts {
        assert_eq!(office.hear(raw).await, Taken::Receipt);
        assert_eq!(office.hear(raw).await, Taken::Known, "once");
    }
    let (row, kept) = office.stands(&message).await;
    assert_eq!((row.fate.as_str(), row.fate_at_ms), ("delivered", Some(NOW)), "by the provider's clock");
    let told: Vec<_> = kept.iter().map(|one| (one.kind.as_str(), one.extent.as_str())).collect();
    assert_eq!(told, [("pec.accepted", ""), ("pec.delivered", "completa")]);
    assert_eq!(
        office.kinds(&message).await,
        ["pec.ordered", "pec.attempted", "pec.submitted", "pec.accepted", "pec.delivered"]
    );
    // The proof, byte by byte, from the page of the letter.
    let page = office.page(&message).await;
    let link = format!("/ufficio/documenti/{}/scarica", kept[1].document);
    assert!(page.contains("Consegnata") && page.contains(&link), "{page}");
    let mut clerk = Desk::of(&office.town, &office.town.building_operator).await;
    let proof = clerk.get(&link).await;
    assert_eq!((proof.status, &proof.body), (200, &receipts[1]));
    office.sound().await;
    assert_eq!(office.left(), 1, "nothing goes twice");
}

/// A page's text, without the breaks that the layout made.
fn words(pdf: &[u8]) -> String {
    let text = plico_pdf::read::text(pdf, 100_000).unwrap().text;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn its_delivery_is_told_on_paper_by_the_providers_clock_in_three_languages() {
    let office = Office::open().await;
    let anna = super::support::code("BSSNNA80A41H501");
    let recipient = Recipient { fiscal_code: anna, pec: THEIRS.into(), ..Recipient::default() };
    office.letter_to(recipient, "brief9").await;
    office.town.settle().await;
    let receipts = office.receipts();
    for raw in &receipts {
        office.hear(raw).await;
    }
    office.town.settle().await;
    let desk = &office.town.app.desk;
    let person = office.town.as_person(&office.town.anna).await;
    let of_kind = |rows: Vec<plico_archive::read::receipt::ReceiptRow>| -> Vec<_> {
        rows.into_iter().filter(|row| row.kind == "certified-delivery").collect()
    };
    let held = of_kind(desk.receipts(&person).await.unwrap());
    assert_eq!(held.len(), 1, "the acceptance has none");
    for lang in [plico_locale::Lang::En, plico_locale::Lang::De] {
        desk.order_translation(&person, &held[0].id, lang).await.unwrap();
    }
    office.town.settle().await;
    let daticert = read_mail(&receipts[1], &office.provider.lock().unwrap().providers()).unwrap();
    let plico_courier::pec::read::What::Receipt(daticert) = daticert.what else { panic!("a receipt") };
    let held = of_kind(desk.receipts(&person).await.unwrap());
    assert_eq!(held.len(), 3);
    for row in held {
        let (_, reader) = desk.receipt(&person, &row.id).await.unwrap();
        let text = words(&reader.read_all(1 << 24).await.unwrap());
        let (title, clock) = match row.language.as_str() {
            "it" => ("Consegna per PEC", "10 marzo 2026, ore 06:20"),
            "en" => ("Delivery by certified mail", "10 March 2026"),
            _ => ("Zustellung durch zertifizierte E-Mail", "10. März 2026"),
        };
        for said in [title, clock, "2026-03-10T05:20:00.000Z", THEIRS, &daticert.provider] {
            assert!(text.contains(said), "{said}: {text}");
        }
        // Long identifiers break across lines.
        assert!(text.replace(' ', "").contains(&daticert.identifier.replace(' ', "")), "{text}");
    }
    office.sound().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_message_leaves_doubt_and_no_machine_repeats_it() {
    let office = Office::open().await;
    office.smtp.server().misbehave(Stage::Accepted, Breaks::HangUp);
    let message = office.letter("brief1").await;
    office.town.settle().await;
    office.town.clock.advance(Duration::from_hours(3));
    office.town.settle().await;
    assert_eq!((office.state(&message).await.0.as_str(), office.left()), ("in_doubt", 1));
    let page = office.page(&message).await;
    assert!(page.contains("Non si sa se è partita") && page.contains("mandala di nuovo"), "{page}");
    let mut clerk = Desk::of(&office.town, &office.town.building_operator).await;
    assert!(clerk.see("/ufficio").await.contains("Una lettera per PEC aspetta"));
    // Without a reason nothing is decided.
    clerk.see(&format!("/ufficio/messaggi/{message}")).await;
    let path = format!("/ufficio/messaggi/{message}/pec");
    let delivery = office.stands(&message).await.0.delivery;
    let decided = async |clerk: &mut Desk, decision, reason| {
        let form = [("delivery", delivery.as_str()), ("decision", decision), ("reason", reason)];
        clerk.post(&path, &form).await
    };
    let wrong = decided(&mut clerk, "again", " ").await;
    assert_eq!(wrong.status, 422);
    let field = format!("id=\"f-reason-{delivery}\"");
    assert!(wrong.text().contains(&field) && wrong.text().contains(&format!("#f-reason-{delivery}")));
    assert_eq!(decided(&mut clerk, "never", "x").await.status, 422);
    // A receipt settles it.
    for raw in office.receipts() {
        assert_eq!(office.hear(&raw).await, Taken::Receipt);
    }
    assert_eq!(office.state(&message).await, ("submitted".into(), "delivered".into()));
    assert_eq!(decided(&mut clerk, "left", "x").await.status, 409);

    // The other one was not kept by the server: a person looks, and has it sent again.
    office.smtp.server().misbehave(Stage::Message, Breaks::HangUp);
    let lost = office.letter("brief2").await;
    office.town.settle().await;
    assert_eq!((office.state(&lost).await.0.as_str(), office.left()), ("in_doubt", 1));
    clerk.see(&format!("/ufficio/messaggi/{lost}")).await;
    let path = format!("/ufficio/messaggi/{lost}/pec");
    let delivery = office.stands(&lost).await.0.delivery;
    clerk
        .led(
            &path,
            &[("delivery", &delivery), ("decision", "again"), ("reason", "Non è fra la posta inviata.")],
        )
        .await;
    office.town.settle().await;
    assert_eq!((office.state(&lost).await.0.as_str(), office.left()), ("submitted", 2));
    // And one of which a person says that it left.
    office.smtp.server().misbehave(Stage::Accepted, Breaks::Stall);
    let third = office.letter("brief3").await;
    office.town.settle().await;
    clerk.see(&format!("/ufficio/messaggi/{third}")).await;
    let path = format!("/ufficio/messaggi/{third}/pec");
    let delivery = office.stands(&third).await.0.delivery;
    clerk
        .led(&path, &[("delivery", &delivery), ("decision", "left"), ("reason", "È fra la posta inviata.")])
        .await;
    office.town.settle().await;
    assert_eq!((office.state(&third).await.0.as_str(), office.left()), ("submitted", 3));
    office.sound().await;
}

#[tokio::test]
async fn what_the_server_does_not_take_is_tried_again_or_held() {
    let office = Office::open().await;
    office.smtp.server().misbehave(Stage::Sender, Breaks::Say("450 4.2.1 try later".into()));
    let later = office.letter("brief1").await;
    for _ in 0..5 {
        office.town.settle().await;
        office.town.clock.advance(Duration::from_mins(1));
    }
    assert_eq!((office.state(&later).await.0.as_str(), office.left()), ("submitted", 1));
    office.smtp.server().misbehave(Stage::Recipient, Breaks::Say("550 5.1.1 no such user".into()));
    let never = office.letter("brief2").await;
    office.town.settle().await;
    let (row, _) = office.stands(&never).await;
    assert_eq!((row.sending.as_str(), office.left()), ("refused", 1));
    assert!(row.words.contains("5.1.1"), "the server's own words: {}", row.words);
    assert!(office.page(&never).await.contains("no such user"));
    let clerk = office.town.as_operator(&office.town.building_operator).await;
    let desk = &office.town.app.desk;
    let delivery = row.delivery;
    assert!(desk.resolve_letter(&clerk, &never, &delivery, Some(Decision::Left), "no").await.is_err());
    desk.resolve_letter(&clerk, &never, &delivery, Some(Decision::Again), "Ora c’è.").await.unwrap();
    office.town.settle().await;
    assert_eq!((office.state(&never).await.0.as_str(), office.left()), ("submitted", 2));
    // Withdrawn before it left, it does not leave.
    office.smtp.server().misbehave(Stage::Sender, Breaks::Say("450 4.2.1 try later".into()));
    let gone = office.letter("brief3").await;
    office.town.settle().await;
    let (row, _) = office.stands(&gone).await;
    desk.withdraw_delivery(&clerk, &row.delivery, "Errore").await.unwrap();
    office.town.clock.advance(Duration::from_mins(5));
    office.town.settle().await;
    assert_eq!((office.state(&gone).await.0.as_str(), office.left()), ("refused", 2));
    office.sound().await;
}

#[tokio::test]
async fn a_receipt_may_come_before_our_own_line_says_anything() {
    for ended in
        [Submitted::Yes("250 ok".into()), Submitted::InDoubt("hung up".into()), Submitted::No("554".into())]
    {
        let office = Office::open().await;
        let message = office.letter("brief1").await;
        let desk = office.town.app.desk.clone();
        let (row, _) = office.stands(&message).await;
        let speaks = office.watched.speaks.clone();
        let Next::Send(row, ..) = desk.next_of_letter(&row.delivery, &speaks, OURS).await.unwrap() else {
            panic!("it waits")
        };
        let id = "<x.1@pec.borgo.example>";
        let from = ("protocollo", OURS);
        assert!(desk.attempt_letter(&row, from, id, (String::new(), String::new())).await.unwrap());
        assert!(
            !desk.attempt_letter(&row, from, id, (String::new(), String::new())).await.unwrap(),
            "nobody else meanwhile"
        );
        let raw = format!("From: {OURS}\r\nTo: {THEIRS}\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\nx\r\n");
        for raw in office.receipts_of(raw.as_bytes()) {
            assert_eq!(office.hear(&raw).await, Taken::Receipt);
        }
        desk.letter_submitted(&row, id, ended).await.unwrap();
        assert_eq!(office.state(&message).await, ("submitted".into(), "delivered".into()));
        office.sound().await;
        assert_eq!(office.left(), 0);
    }
}

#[tokio::test]
async fn what_proves_nothing_changes_nothing_and_is_kept() {
    for fault in [Fault::Unsigned, Fault::Stranger, Fault::Normalised, Fault::Mislabelled] {
        let office = Office::open().await;
        let message = office.letter("brief1").await;
        office.town.settle().await;
        office.provider.lock().unwrap().misbehave(fault.clone());
        let mut receipts = office.receipts();
        if fault == Fault::Mislabelled {
            // Each is labelled as one of delivery: the first is none.
            receipts.truncate(1);
        }
        for raw in &receipts {
            assert_eq!(office.hear(raw).await, Taken::Receipt, "{fault:?}");
        }
        let (row, kept) = office.stands(&message).await;
        assert_eq!(row.fate, "sent", "{fault:?}");
        assert!(
            kept.len() == receipts.len() && kept.iter().all(|one| one.kind == "pec.anomaly"),
            "{fault:?} {kept:?}"
        );
        assert!(kept.iter().all(|one| one.at_ms.is_none()), "nobody vouches for that clock");
        assert!(office.page(&message).await.contains("Non prova nulla"));
        office.sound().await;
    }
    // Receipts of somebody else's mail stay where they lie.
    let office = Office::open().await;
    let message = office.letter("brief1").await;
    office.town.settle().await;
    let other =
        format!("From: {OURS}\r\nTo: {THEIRS}\r\nMessage-ID: <other@x.example>\r\nSubject: x\r\n\r\nx\r\n");
    for raw in office.receipts_of(other.as_bytes()) {
        assert_eq!(office.hear(&raw).await, Taken::Left("receipt"));
    }
    assert_eq!(office.stands(&message).await.1, []);
}

#[tokio::test]
async fn what_is_not_delivered_or_not_heard_of_waits_for_a_person() {
    for (fault, fate) in [
        (Fault::Refuse("5.7.1 non ammesso".into()), "not_accepted"),
        (Fault::Undelivered("5.1.1 casella inesistente".into()), "undelivered"),
        (Fault::Warn("4.4.7 ancora nulla".into()), "warned"),
        (Fault::Silent, "sent"),
        (Fault::Twice, "delivered"),
    ] {
        let office = Office::open().await;
        let message = office.letter("brief1").await;
        office.town.settle().await;
        office.provider.lock().unwrap().misbehave(fault.clone());
        for raw in office.receipts() {
            office.hear(&raw).await;
        }
        assert_eq!(office.state(&message).await, ("submitted".into(), fate.into()), "{fault:?}");
        let held = async || office.town.app.desk.held_letters(BODY).await.unwrap().len();
        let at_once = usize::from(["not_accepted", "undelivered"].contains(&fate));
        assert_eq!(held().await, at_once, "{fault:?}");
        office.town.clock.advance(Duration::from_hours(25));
        assert_eq!(held().await, usize::from(fate != "delivered"), "{fault:?}");
        if fate != "delivered" {
            let mut protocol = Desk::of(&office.town, &office.town.protocol_operator).await;
            assert!(protocol.see("/ufficio/posta").await.contains(THEIRS));
        }
        if at_once == 0 && fate != "delivered" {
            assert!(office.page(&message).await.contains("Nessuna conferma da più di un giorno"));
        }
        office.sound().await;
    }
    // To an ordinary mailbox nothing more will be heard: that it was accepted is all there is.
    let office = Office::open().await;
    office.provider.lock().unwrap().ordinary(THEIRS);
    let message = office.letter("brief1").await;
    office.town.settle().await;
    for raw in office.receipts() {
        office.hear(&raw).await;
    }
    assert_eq!(office.state(&message).await.1, "ordinary");
    office.sound().await;
}

/// What another body is competent for leaves as a registered letter with the files as they came, and ends here with it.
#[tokio::test]
async fn what_is_sent_on_leaves_once_and_ends_here() {
    let office = Office::open().await;
    let message = super::staff::filed(&office.town).await;
    let item = format!("/ufficio/messaggi/{message}");
    let on = format!("{item}/inoltra");
    let mut dino = Desk::of(&office.town, &office.town.building_operator).await;
    assert!(dino.see(&on).await.contains("Invialo ora per PEC"));
    let form = |pec: &'static str| {
        [
            ("body_name", "Provincia di Prova"),
            ("body_pec", pec),
            ("reason", "È della Provincia."),
            ("send", "1"),
        ]
    };
    let wrong = dino.post(&on, &form("")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("#f-body_pec"), "it goes to an address, or is only recorded");
    dino.led(&on, &form(THEIRS)).await;
    assert_eq!(dino.post(&on, &form(THEIRS)).await.status, 409, "once");
    office.town.settle().await;
    assert_eq!(office.left(), 1);
    let database = office.town.app.desk.archive().database();
    let ours = plico_archive::read::message::documents(database, &message).await.unwrap();
    let mail = office.smtp.server().mailbox.last().unwrap().clone();
    let providers = office.provider.lock().unwrap().providers();
    let content = read_mail(mail.data.as_bytes(), &providers).unwrap().content.unwrap();
    let digest = |bytes: &[u8]| plico_archive::hex(&plico_crypto::digest::sha256(bytes));
    let went: Vec<String> = content.attachments.iter().map(|one| digest(&one.bytes)).collect();
    assert_eq!(mail.to, [THEIRS]);
    assert!(!ours.is_empty() && ours.iter().all(|one| went.contains(&one.sha256)), "{went:?}");
    let page = dino.see(&item).await;
    assert!(page.contains("Inoltrata") && page.contains("0000002/2026"), "{page}");
    let mut anna = Desk::of(&office.town, &office.town.anna).await;
    assert!(
        anna.see(&format!("/messaggi/{message}"))
            .await
            .contains("Inviata per competenza a Provincia di Prova")
    );
    office.sound().await;
}
