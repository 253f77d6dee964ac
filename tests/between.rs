//! Registries of bodies speak to each other by web service: what comes is one message in the queue, whatever breaks, and what
//! became of it is told once, to the address that the configuration knows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use plico_archive::read::exchange::{answers, mark, notices};
use plico_archive::read::message::{MessageRow, documents, message};
use plico_archive::read::pec::of_message;
use plico_crypto::digest::{sha256, to_hex};
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::token::TokenForm;
use plico_record::actor::Actor;
use plico_registry::agid::simulator::OtherBody;
use plico_registry::agid::{Agid, Annulment, Anomaly, By, Confirmation, Identifier};
use plico_registry::simulator::Fault;
use plico_registry::{Access, Contents, File, Flow, Order, Registry, SoFar, Talk, Trouble};
use plico_signature::Sealer;
use plico_testkit::registry::Hosted;

use super::staff::Desk;
use super::support::{Answer, BODY, MORNING, Town};

const SEAL: &[u8] = include_bytes!("../fixtures/pki/anna-rsa.pem");
const PROGRAM: &str = "Protocollo della Provincia";

/// A town that knows another body, the other body's services, and the token as which it calls.
struct Pair {
    town: Town,
    other: Hosted<OtherBody>,
    token: String,
    ipa: String,
}

struct Files(&'static [u8]);

#[async_trait::async_trait]
impl Contents for Files {
    async fn read(&self, _file: &File) -> Result<Bytes, Trouble> {
        Ok(Bytes::from_static(self.0))
    }
}

fn number(number: u64) -> Identifier {
    Identifier {
        administration: "p_prova".into(),
        area: "AOO1".into(),
        register: "PG".into(),
        number,
        date: "2026-03-09".into(),
    }
}

/// What they send as that number: `claimed` is what their mark says of the file.
fn order(number: u64, claimed: &[u8]) -> Order {
    let options = [
        ("registration_number", number.to_string()),
        ("registration_date", "2026-03-09".into()),
        ("aoo", "AOO1".into()),
        ("register", "PG".into()),
        ("name", "Provincia di Prova".into()),
        ("recipient_administration", "c_b999".into()),
        ("recipient_name", "Comune".into()),
    ];
    Order {
        key: format!("THEIRS-{number}"),
        flow: Flow::Out,
        subject: "Richiesta di parere".into(),
        presented_ms: MORNING,
        day: "2026-03-09".into(),
        parties: Vec::new(),
        office: "Ufficio".into(),
        office_code: String::new(),
        classification: String::new(),
        case_file: String::new(),
        documents: vec![File {
            id: "f1".into(),
            name: "parere.pdf".into(),
            media_type: "application/pdf".into(),
            size: claimed.len() as u64,
            sha256: to_hex(&sha256(claimed)),
        }],
        options: options.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

impl Pair {
    async fn open() -> Self {
        let town = Town::start().await;
        let other = Hosted::start(OtherBody { at_ms: MORNING, ..OtherBody::default() }).await.unwrap();
        let database = town.app.desk.archive().database();
        let ipa = plico_archive::read::body::body(database, BODY).await.unwrap().unwrap().ipa_code;
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "administration = \"P_Prova\"\nbody = \"{ipa}\"\nprogram = \"{PROGRAM}\"\noffice = \"Ufficio Protocollo\"\n\
             kind = \"istanza\"\nsender_url = \"{}\"\npassword = \"loro\"\ntimeout_seconds = 2\n",
            other.url()
        );
        std::fs::write(folder.path().join("provincia.toml"), text).unwrap();
        let mut config = town.app.shell.config().clone();
        config.exchange.folder = Some(folder.path().into());
        let known = plico::peers::read(&config, &town.app.desk).await.unwrap();
        town.app.peers.set(known).unwrap();
        let token = program(&town, PROGRAM, &["registries:exchange"]).await;
        Self { town, other, token, ipa }
    }

    fn client(&self, token: &str, path: &str) -> Agid {
        let access = Access {
            url: format!("http://{}/api/registries/{path}", self.town.address),
            password: token.to_owned(),
            administration: "p_prova".into(),
            seal: Some(Arc::new(Sealer::from_pem(SEAL, SEAL).unwrap())),
            timeout: Duration::from_secs(20),
            ..Access::default()
        };
        Agid::new(access).unwrap()
    }

    /// Their program sends, as it really does.
    async fn sends(&self, order: &Order, file: &'static [u8]) -> Result<u64, Trouble> {
        if let Ok(number) = order.option("registration_number", "0").parse() {
            self.other.state().sent.push(self::number(number));
        }
        let client = self.client(&self.token, "recipient");
        let sent = client.number(order, &SoFar::default(), &Files(file), &mut Talk::default()).await?;
        Ok(sent.number)
    }

    async fn messages(&self) -> Vec<MessageRow> {
        let archive = self.town.app.desk.archive();
        let ids: Vec<(String,)> = archive
            .database()
            .all("select message from mark order by number", plico_database::args![])
            .await
            .unwrap();
        let mut rows = Vec::new();
        for (id,) in ids {
            rows.push(message(archive.database(), &id).await.unwrap().unwrap());
        }
        rows
    }

    async fn post(&self, token: &str, path: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "text/xml")];
        self.town.send("POST", &format!("/api/registries/{path}"), &headers, body).await
    }

    async fn sound(&self) {
        self.town.settle().await;
        let archive = self.town.app.desk.archive();
        assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
        assert!(archive.fsck().await.unwrap().clean);
    }
}

async fn program(town: &Town, name: &str, scopes: &[&str]) -> String {
    program_of(town, &town.protocol_operator, name, scopes).await
}

async fn program_of(town: &Town, account: &str, name: &str, scopes: &[&str]) -> String {
    let form = TokenForm {
        account: account.into(),
        name: name.into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        days: 30,
    };
    town.app.desk.make_token(&Actor::console(BODY, "test"), form).await.unwrap().0
}

#[tokio::test]
async fn what_another_body_sends_is_one_message_and_is_confirmed_once() {
    let pair = Pair::open().await;
    let order = order(4711, b"%PDF-1.4 a");
    assert_eq!(pair.sends(&order, b"%PDF-1.4 a").await, Ok(4711));
    // Its answer was lost: it sends again, and again, and is told the same.
    assert_eq!(pair.sends(&order, b"%PDF-1.4 a").await, Ok(4711));
    let (one, two) = tokio::join!(pair.sends(&order, b"%PDF-1.4 a"), pair.sends(&order, b"%PDF-1.4 a"));
    assert_eq!((one, two), (Ok(4711), Ok(4711)));
    let rows = pair.messages().await;
    assert_eq!(rows.len(), 1);
    let (row, database) = (&rows[0], pair.town.app.desk.archive().database());
    assert_eq!(
        (row.subject.as_str(), row.direction.as_str(), row.number),
        ("Richiesta di parere", "in", Some(1))
    );
    let said = mark(database, &row.id).await.unwrap().unwrap();
    assert_eq!(
        (said.signature.as_str(), said.number, said.address.as_str()),
        ("intact", 4711, "agid:p_prova")
    );
    let names: Vec<_> = documents(database, &row.id).await.unwrap().into_iter().map(|one| one.name).collect();
    assert!(
        names.iter().any(|name| name == "parere.pdf") && names.iter().any(|name| name == "Segnatura.xml")
    );

    pair.town.settle().await;
    let told = pair.other.state().confirmed.clone();
    assert_eq!(told.len(), 1, "confirmed once: {told:?}");
    let ours = told[0].outcome.clone().unwrap();
    assert_eq!((told[0].from.number, ours.number, &ours.administration), (4711, 1, &pair.ipa));
    let (mails, _) = of_message(database, &row.id).await.unwrap();
    assert_eq!((mails[0].sending.as_str(), mails[0].fate.as_str()), ("submitted", "delivered"));

    let mut clerk = Desk::of(&pair.town, &pair.town.protocol_operator).await;
    let page = clerk.see(&format!("/ufficio/messaggi/{}", row.id)).await;
    for words in ["Segnatura informatica", "Provincia di Prova", "0004711", "dal protocollo di un altro ente"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(clerk.see("/ufficio?canale=service").await.contains("Richiesta di parere"));
    pair.sound().await;
    assert_eq!(pair.other.state().confirmed.len(), 1);
}

#[tokio::test]
async fn what_does_not_hold_is_refused_by_its_name_and_leaves_nothing() {
    let pair = Pair::open().await;
    let code = |trouble: Trouble| match trouble {
        Trouble::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    };
    // A file that is not what the mark says.
    let wrong = pair.sends(&order(1, b"%PDF-1.4 a"), b"%PDF-1.4 b").await.unwrap_err();
    assert_eq!(code(wrong), Anomaly::Digests.code());
    // A mark that was changed after it was signed, and one that nobody signed.
    let request = pair.request(2).await;
    let changed = request.replace("Richiesta di parere", "Richiesta di denaro");
    let answer = pair.post(&pair.token, "recipient", changed.as_bytes()).await;
    assert!(answer.status == 200 && answer.text().contains(Anomaly::Signature.code()), "{}", answer.text());
    let (before, after) = (request.find("<ds:Signature").unwrap(), request.find("</ds:Signature>").unwrap());
    let bare = format!("{}{}", &request[..before], &request[after + "</ds:Signature>".len()..]);
    let answer = pair.post(&pair.token, "recipient", bare.as_bytes()).await;
    assert!(answer.text().contains(Anomaly::Signature.code()), "{}", answer.text());
    // Who speaks for another body, or for none; what is no message; who has no such token.
    let foreign = request.replace("p_prova", "p_altra");
    assert!(
        pair.post(&pair.token, "recipient", foreign.as_bytes())
            .await
            .text()
            .contains(Anomaly::Signature.code())
    );
    for nonsense in ["", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"] {
        let answer = pair.post(&pair.token, "recipient", nonsense.as_bytes()).await;
        assert!(answer.status == 500 && answer.text().contains("Fault"), "{}", answer.text());
    }
    let unknown = program(&pair.town, "Altro", &["registries:exchange"]).await;
    assert_eq!(pair.post(&unknown, "recipient", request.as_bytes()).await.status, 403);
    let narrow = program_of(&pair.town, &pair.town.records_manager, PROGRAM, &["messages:write"]).await;
    assert_eq!(pair.post(&narrow, "recipient", request.as_bytes()).await.status, 403);
    assert_eq!(pair.post("plico_no", "recipient", request.as_bytes()).await.status, 401);
    // A citizen may make such a token: it opens nothing.
    let anna = program_of(&pair.town, &pair.town.anna, PROGRAM, &["registries:exchange"]).await;
    for service in ["recipient", "sender"] {
        let status = pair.post(&anna, service, request.as_bytes()).await.status;
        assert!([403, 404].contains(&status), "{status}");
    }
    assert!(pair.messages().await.is_empty());

    // What comes whole comes once: its number with other files is another message's.
    assert_eq!(pair.post(&pair.token, "recipient", request.as_bytes()).await.status, 200);
    let another = pair.sends(&order(2, b"%PDF-1.4 z"), b"%PDF-1.4 z").await.unwrap_err();
    assert_eq!(code(another), Anomaly::Digests.code());
    assert_eq!(pair.messages().await.len(), 1);
    // The office sees what was refused, and why; who is unknown leaves no line.
    let mut clerk = Desk::of(&pair.town, &pair.town.protocol_operator).await;
    let page = clerk.see("/ufficio/posta").await;
    assert!(page.contains("agid:p_prova"), "{page}");
    assert_eq!(page.matches("002_AnomaliaImpronte").count(), 2, "{page}");
    assert!(page.contains("non è stato preso"), "{page}");
    pair.sound().await;
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_is_in_doubt_and_a_person_decides() {
    let pair = Pair::open().await;
    pair.other.state().faults.next("ConfermaMessaggioInoltro", Fault::LoseAnswer);
    pair.sends(&order(7, b"a"), b"a").await.unwrap();
    for _ in 0..4 {
        pair.town.settle().await;
        pair.town.clock.advance(Duration::from_hours(1));
    }
    let id = pair.messages().await.remove(0).id;
    let database = pair.town.app.desk.archive().database();
    let (mails, _) = of_message(database, &id).await.unwrap();
    assert_eq!((mails[0].sending.as_str(), mails[0].attempts), ("in_doubt", 1));
    assert_eq!(pair.other.state().confirmed.len(), 1, "never repeated by itself");
    let mut clerk = Desk::of(&pair.town, &pair.town.protocol_operator).await;
    assert!(clerk.see(&format!("/ufficio/messaggi/{id}")).await.contains("Non si sa se è partita"));
    pair.sound().await;
}

#[tokio::test]
async fn what_was_confirmed_is_annulled_there_and_what_they_annul_is_kept() {
    let pair = Pair::open().await;
    pair.sends(&order(8, b"a"), b"a").await.unwrap();
    pair.town.settle().await;
    let id = pair.messages().await.remove(0).id;
    // They annul theirs.
    let ours = pair.other.state().confirmed[0].outcome.clone().unwrap();
    let mut theirs = Annulment {
        by: By::Sender,
        sender: number(8),
        recipient: ours.clone(),
        act: "Determina 3".into(),
        note: "inviata per errore".into(),
    };
    let client = pair.client(&pair.token, "recipient");
    for _ in 0..2 {
        client.tell_annulled(&theirs, &mut Talk::default()).await.unwrap();
    }
    theirs.sender = number(9);
    let refused = client.tell_annulled(&theirs, &mut Talk::default()).await.unwrap_err();
    assert!(matches!(refused, Trouble::Refused { code, .. } if code.starts_with("007")));
    let database = pair.town.app.desk.archive().database();
    let heard = notices(database, &id).await.unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].kind.as_str(), heard[0].act.as_str()), ("annulment", "Determina 3"));
    // Nothing that we sent has this number.
    let client = pair.client(&pair.token, "sender");
    let said = Confirmation { from: ours, outcome: Ok(number(1)), info: String::new() };
    assert!(client.confirm(&said, &mut Talk::default()).await.is_err());
    assert_eq!(answers(database, &id).await.unwrap().len(), 1);
    pair.sound().await;
}

#[tokio::test]
async fn two_programs_send_confirm_and_annul_over_real_http() {
    let (ours, theirs) = (Town::start().await, Town::start().await);
    let database = ours.app.desk.archive().database();
    let ipa = plico_archive::read::body::body(database, BODY).await.unwrap().unwrap().ipa_code;
    let list = format!(
        "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,Tipo_Mail1\n\
         {ipa},Comune vicino,00000000000,vicino@pec.prova.example,Pec\n"
    );
    let console = Actor::console("", "prova");
    ours.app.desk.read_ipa(&console, &list, &ours.app.desk.today()).await.unwrap();
    // Each knows the other, and the token that the other gave it.
    let tokens = [
        program(&ours, PROGRAM, &["registries:exchange"]).await,
        program(&theirs, PROGRAM, &["registries:exchange"]).await,
    ];
    for (town, other, token) in [(&ours, &theirs, &tokens[1]), (&theirs, &ours, &tokens[0])] {
        let folder = tempfile::tempdir().unwrap();
        let there = format!("http://{}/api/registries", other.address);
        let text = format!(
            "administration = \"{ipa}\"\nbody = \"{ipa}\"\nprogram = \"{PROGRAM}\"\noffice = \"Ufficio Protocollo\"\n\
             kind = \"istanza\"\nsender_url = \"{there}/sender\"\nrecipient_url = \"{there}/recipient\"\n\
             password = \"{token}\"\n"
        );
        std::fs::write(folder.path().join("vicino.toml"), text).unwrap();
        let mut config = town.app.shell.config().clone();
        config.exchange.folder = Some(folder.path().into());
        let known = plico::peers::read(&config, &town.app.desk).await.unwrap();
        town.app.desk.speak_to(plico::peers::letters_to(&known));
        town.app.peers.set(known).unwrap();
    }
    let letter = Letter {
        act: Act::Message,
        about: None,
        office: ours.building.clone(),
        recipient: Recipient {
            name: "Comune vicino".into(),
            pec: "Vicino@pec.prova.example".into(),
            ..Recipient::default()
        },
        effect: "communication".into(),
        subject: "Trasmissione di atti".into(),
        text: "Si trasmettono gli atti.".into(),
        category: String::new(),
        certificate: None,
        language: plico_locale::Lang::It,
        copies: String::new(),
        token: "brief1".into(),
    };
    let clerk = ours.as_operator(&ours.building_operator).await;
    let sent = ours.app.desk.send_letter(&clerk, letter).await.unwrap().message;
    for town in [&ours, &theirs, &ours] {
        town.settle().await;
    }
    let (mails, _) = of_message(database, &sent).await.unwrap();
    let stands = (mails[0].sending.as_str(), mails[0].fate.as_str(), mails[0].segnatura.as_str());
    assert_eq!(stands, ("submitted", "delivered", "3"), "{}", mails[0].words);
    // There it is a message with a number of theirs, which we know.
    let there = theirs.app.desk.archive().database();
    let came: Vec<(String,)> = there.all("select message from mark", plico_database::args![]).await.unwrap();
    assert_eq!(came.len(), 1);
    let row = message(there, &came[0].0).await.unwrap().unwrap();
    assert_eq!((row.subject.as_str(), row.number), ("Trasmissione di atti", Some(1)));
    let heard = notices(database, &sent).await.unwrap();
    assert_eq!((heard.len(), heard[0].kind.as_str(), heard[0].number), (1, "confirmation", 1));
    let mut desk = Desk::of(&ours, &ours.building_operator).await;
    assert!(desk.see(&format!("/ufficio/messaggi/{sent}")).await.contains("0000001"));

    // Each annuls its entry, and the other is told by which act.
    for (town, id) in [(&ours, &sent), (&theirs, &came[0].0)] {
        let manager = town.as_operator(&town.records_manager).await;
        town.app.desk.annul(&manager, id, "Inviata per errore", "Determina 7").await.unwrap();
        for town in [&ours, &theirs] {
            town.settle().await;
        }
    }
    for (town, id) in [(&ours, &sent), (&theirs, &came[0].0)] {
        let archive = town.app.desk.archive();
        let heard = notices(archive.database(), id).await.unwrap();
        let told: Vec<_> =
            heard.iter().filter(|one| one.kind == "annulment").map(|one| one.act.as_str()).collect();
        assert_eq!(told, ["Determina 7"]);
        assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
        assert!(archive.fsck().await.unwrap().clean);
    }
}

impl Pair {
    /// A request as it goes over the wire.
    async fn request(&self, number: u64) -> String {
        let order = order(number, b"%PDF-1.4 a");
        let caught = Hosted::start(Catches::default()).await.unwrap();
        let access = Access {
            url: caught.url(),
            administration: "p_prova".into(),
            seal: Some(Arc::new(Sealer::from_pem(SEAL, SEAL).unwrap())),
            timeout: Duration::from_secs(5),
            ..Access::default()
        };
        let client = Agid::new(access).unwrap();
        let asked =
            client.number(&order, &SoFar::default(), &Files(b"%PDF-1.4 a"), &mut Talk::default()).await;
        assert!(asked.is_err());
        String::from_utf8(caught.state().0.clone()).unwrap()
    }
}

/// Keeps what it is sent.
#[derive(Default)]
struct Catches(Vec<u8>, plico_registry::simulator::Ledger, plico_registry::simulator::Faults);

impl plico_registry::simulator::Simulator for Catches {
    fn answer(
        &mut self,
        request: &plico_registry::simulator::Request,
        _day: &str,
    ) -> plico_registry::simulator::Reply {
        self.0.clone_from(&request.body);
        plico_registry::simulator::Reply::HangUp
    }

    fn ledger(&mut self) -> &mut plico_registry::simulator::Ledger {
        &mut self.1
    }

    fn faults(&mut self) -> &mut plico_registry::simulator::Faults {
        &mut self.2
    }
}
