//! What another program of the office sent: it reaches the person's inbox once, and whose it is is never guessed.

use std::time::Duration;

use plico::mailboxes::{Watched, look};
use plico_archive::read::message::{deliveries, documents};
use plico_courier::email::Security;
use plico_courier::mailbox::{Mailbox as Line, MailboxSettings, Mode};
use plico_courier::pec::{File, Post};
use plico_database::args;
use plico_testkit::real::dovecot;

use super::mailbox::Office;
use super::staff::Desk;
use super::support::{BODY, code};

const SENT: &str = "sent = \"Inviata\"\nsent_since = \"2026-03-01\"\n";

fn mark(ipa: &str, number: u32, people: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Segnatura><Intestazione><Identificatore><CodiceAmministrazione>{ipa}</CodiceAmministrazione>\
         <CodiceAOO>ALTRO</CodiceAOO><NumeroRegistrazione>{number:07}</NumeroRegistrazione><DataRegistrazione>2026-03-09</DataRegistrazione>\
         </Identificatore><Origine><IndirizzoTelematico>x@y.example</IndirizzoTelematico><Mittente><Amministrazione>\
         <Denominazione>Comune</Denominazione></Amministrazione></Mittente></Origine><Destinazione>{people}</Destinazione>\
         <Oggetto>Esito</Oggetto></Intestazione><Descrizione><Documento nome=\"domanda.pdf\"/></Descrizione></Segnatura>"
    )
}

fn person(code: &str, address: &str) -> String {
    format!(
        "<IndirizzoTelematico>{address}</IndirizzoTelematico><Destinatario><Persona><Nome>N</Nome><Cognome>C</Cognome>\
         <CodiceFiscale>{code}</CodiceFiscale></Persona></Destinatario>"
    )
}

impl Office {
    fn line(&self) -> MailboxSettings {
        MailboxSettings {
            host: "localhost".to_owned(),
            port: self.dovecot.imaps(),
            security: Security::Tls,
            user: "protocollo".to_owned(),
            password: dovecot::PASSWORD.to_owned(),
            authority_pem: Some(self.dovecot.authority_pem()),
            timeout: Duration::from_secs(10),
            largest: 1 << 20,
        }
    }

    /// Another program of the office sends a mail, and puts a copy into the folder of what was sent: `count` lie there then.
    async fn sends(&self, subject: &str, to: &[&str], segnatura: Option<String>, count: usize) {
        let mut post = self.post(&format!("spedita{count}"), subject);
        post.to = to.iter().map(|&to| to.to_owned()).collect();
        post.files.extend(segnatura.map(|xml| File {
            name: "Segnatura.xml".into(),
            media_type: "application/xml".into(),
            bytes: xml.into_bytes(),
        }));
        self.copies(&self.ours.clone(), &post, count).await;
    }

    async fn copies(&self, from: &str, post: &Post, count: usize) {
        let sender = self.sender(from);
        let raw = sender.write(post).unwrap();
        sender.send(&self.post("x", "x"), &raw).await.unwrap();
        let found = self.lying("INBOX", 1).await[0];
        let mut line = Line::open(&self.line(), "INBOX", Mode::Own).await.unwrap();
        line.make_folder("Inviata").await.unwrap();
        line.put_away(found.uid, "Inviata").await.unwrap();
        self.lying("Inviata", count).await;
    }

    async fn ipa(&self) -> String {
        let database = self.town.app.desk.archive().database();
        plico_archive::read::body::body(database, BODY).await.unwrap().unwrap().ipa_code
    }

    async fn lists(&self, watched: &Watched) -> String {
        let _ = self.town.app.mailboxes.set(vec![watched.clone()]);
        Desk::of(&self.town, &self.town.protocol_operator).await.see("/ufficio/posta").await
    }

    /// Anna shows where she reads her mail.
    async fn anna_reads_at(&self, address: &str) {
        let (desk, anna) = (&self.town.app.desk, self.town.as_person(&self.town.anna).await);
        desk.order_address_code(&anna, address).await.unwrap();
        let code = desk.archive().database().scalar_text("select code from address_code", args![]).await;
        desk.prove_address(&anna, &code.unwrap().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn what_another_program_sent_reaches_the_inbox_once_and_nothing_is_touched() {
    let Some(office) = Office::open().await else { return };
    let watched = office.watched("own", SENT).await.unwrap();
    office.anna_reads_at("anna@posta.example").await;
    office.sends("Esito", &["Anna@posta.example"], None, 1).await;
    let before = office.lying("Inviata", 1).await;
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 1);
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 0, "once");
    // The server's numbers mean something else: it is read again, and known.
    let folder = watched.sent_folder().unwrap();
    office.town.app.desk.save_mailbox_state(&folder, (7, 1), "").await.unwrap();
    let (one, two) = tokio::join!(look(&office.town.app, &watched), look(&office.town.app, &watched));
    assert_eq!(one.unwrap() + two.unwrap(), 0);
    assert_eq!(office.lying("Inviata", 1).await, before, "it lies where it lay");

    let database = office.town.app.desk.archive().database();
    let rows = office.messages().await;
    assert_eq!((rows.len(), rows[0].direction.as_str(), rows[0].subject.as_str()), (1, "out", "Esito"));
    let delivered = deliveries(database, &rows[0].id).await.unwrap();
    assert_eq!(delivered.iter().map(|one| &one.recipient).collect::<Vec<_>>(), [&office.town.anna]);
    // Byte by byte as it lies in the mailbox.
    let kept = documents(database, &rows[0].id).await.unwrap();
    let names: Vec<_> = kept.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["messaggio.eml", "domanda.pdf"]);
    let archive = office.town.app.desk.archive();
    let raw = archive.open_document(&kept[0].id).await.unwrap().read_all(1 << 20).await.unwrap();
    let mut line = Line::open(&office.line(), "Inviata", Mode::Observe).await.unwrap();
    assert_eq!(line.fetch(before[0]).await.unwrap(), raw);
    office.sound().await;
}

#[tokio::test]
async fn the_mark_of_the_office_names_the_person_and_brings_its_number() {
    let Some(office) = Office::open().await else { return };
    let watched = office.watched("observe", SENT).await.unwrap();
    let (ipa, bruno) = (office.ipa().await, code("CNTBRN75C12F205"));
    let segnatura = mark(&ipa, 41, &person(&bruno, "bruno@pec.example"));
    office.sends("Uno", &["bruno@pec.example"], Some(segnatura.clone()), 1).await;
    // Somebody who has never been here.
    let nobody = code("VRDLCU90E05L219");
    office
        .sends("Due", &["luca@pec.example"], Some(mark(&ipa, 42, &person(&nobody, "luca@pec.example"))), 2)
        .await;
    // The same number once more.
    office.sends("Tre", &["bruno@pec.example"], Some(segnatura), 3).await;
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 2);
    let rows = office.messages().await;
    let numbers: Vec<_> = rows.iter().map(|row| row.registration_number().unwrap()).collect();
    assert_eq!(numbers, ["0000041/2026", "0000042/2026"], "numbers of the office's own system");
    let database = office.town.app.desk.archive().database();
    assert_eq!(deliveries(database, &rows[0].id).await.unwrap()[0].recipient, office.town.bruno);
    let page = office.lists(&watched).await;
    assert!(page.contains("Tre") && page.contains("è già di un’altra lettera"), "{page}");
    office.sound().await;
}

#[tokio::test]
async fn whose_it_is_is_never_guessed() {
    let Some(office) = Office::open().await else { return };
    let watched = office.watched("own", SENT).await.unwrap();
    office.anna_reads_at("anna@posta.example").await;
    let (ipa, bruno) = (office.ipa().await, code("CNTBRN75C12F205"));
    // What somebody only says is not his: anybody could say so.
    let says = office.town.as_person(&office.town.bruno).await;
    office.town.app.desk.change_contact(&says, "studio@pec.example").await.unwrap();
    office.sends("A sconosciuti", &["studio@pec.example"], None, 1).await;
    office.sends("Uno dei due", &["anna@posta.example", "studio@pec.example"], None, 2).await;
    // The mark says one, the address another.
    let two = mark(&ipa, 7, &person(&bruno, "anna@posta.example"));
    office.sends("Due nomi", &["anna@posta.example"], Some(two), 3).await;
    // A mark of another body, sent on: it says nothing of this mail.
    let other = mark("c_zzzz", 8, &person(&bruno, "ufficio@pec.example"));
    office.sends("Di altri", &["ufficio@pec.example"], Some(other), 4).await;
    // A code that is none.
    let wrong = mark(&ipa, 9, &person("XXXXXX00X00X000X", "ufficio@pec.example"));
    office.sends("Codice sbagliato", &["ufficio@pec.example"], Some(wrong), 5).await;
    // Not of this mailbox; and from before the day that was said.
    let mut post = office.post("altra", "Di un’altra casella");
    post.to = vec!["anna@posta.example".into()];
    office.copies("altri@posta.example", &post, 6).await;
    let mut post = office.post("vecchia", "Vecchia");
    (post.to, post.instant_ms) = (vec!["anna@posta.example".into()], 1_700_000_000_000);
    office.copies(&office.ours.clone(), &post, 7).await;
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 0);
    assert!(office.messages().await.is_empty());
    let page = office.lists(&watched).await;
    for subject in
        ["A sconosciuti", "Uno dei due", "Due nomi", "Di altri", "Codice sbagliato", "Di un’altra casella"]
    {
        assert!(page.contains(subject), "{subject}: {page}");
    }
    assert!(!page.contains("Vecchia"), "{page}");
    assert!(page.contains("protocollo/Inviata"), "{page}");
    office.sound().await;
}

#[tokio::test]
async fn a_folder_without_its_first_day_is_refused() {
    let Some(office) = Office::open().await else { return };
    for more in ["sent = \"Inviata\"\n", "sent = \"Inviata\"\nsent_since = \"ieri\"\n"] {
        let error = office.watched("own", more).await.unwrap_err();
        assert!(error.contains("sent_since"), "{error}");
    }
    let watched = office.watched("own", SENT).await.unwrap();
    assert!(
        plico::mailboxes::check(&watched).await.is_err(),
        "a folder that is not there is said by the doctor"
    );
}
