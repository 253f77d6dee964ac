//! Mailboxes: what comes in becomes a message once, whatever breaks; what is nobody's message stays where it lies.

use std::time::Duration;

use plico::mailboxes::{Watched, check, look, read};
use plico_courier::email::{EmailSettings, Security};
use plico_courier::mailbox::{Mailbox as Line, MailboxSettings, Mode};
use plico_courier::pec::daticert::Extent;
use plico_courier::pec::simulator::{Provider, Submission};
use plico_courier::pec::{File, Post, Sender};
use plico_testkit::real::dovecot::{self, Dovecot};
use plico_testkit::real::or_say;
use plico_testkit::real::postfix::{self, Postfix};

use super::staff::Desk;
use super::support::{BODY, Town};

const NOW: i64 = 1_773_120_000_000;

pub struct Office {
    pub town: Town,
    pub dovecot: Dovecot,
    postfix: Postfix,
    provider: Provider,
    pub ours: String,
}

impl Office {
    pub async fn open() -> Option<Self> {
        let dovecot = or_say(Dovecot::start())?;
        let postfix = or_say(Postfix::start_to_lmtp(&["protocollo", "studio"], dovecot.lmtp()))?;
        let provider = Provider::new("gestore.example", NOW).unwrap();
        let ours = format!("protocollo@{}", postfix::DOMAIN);
        Some(Self { town: Town::start().await, dovecot, postfix, provider, ours })
    }

    /// As the folder of the configuration describes it.
    pub async fn watched(&self, mode: &str, more: &str) -> Result<Watched, String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("ca.pem", &self.dovecot.authority_pem());
        write("password", dovecot::PASSWORD.as_bytes());
        write("gestori.txt", format!("{}\n", self.provider.certificate_sha256()).as_bytes());
        let database = self.town.app.desk.archive().database();
        let ipa = plico_archive::read::body::body(database, BODY).await.unwrap().unwrap().ipa_code;
        let described = format!(
            "address = \"{}\"\nbody = \"{ipa}\"\noffice = \"Ufficio Protocollo\"\nkind = \"istanza\"\nhost = \"localhost\"\nport = {}\n\
             user = \"protocollo\"\npassword = \"file:{}\"\nauthority = \"ca.pem\"\nmode = \"{mode}\"\n\
             providers = \"gestori.txt\"\n{more}",
            self.ours,
            self.dovecot.imaps(),
            folder.path().join("password").display(),
        );
        write("protocollo.toml", described.as_bytes());
        let mut config = self.town.app.shell.config().clone();
        config.mailbox.folder = Some(folder.path().into());
        let all = read(&config, &self.town.app.desk).await.map_err(|error| error.to_string())?;
        Ok(all.into_iter().next().unwrap())
    }

    pub fn sender(&self, from: &str) -> Sender {
        Sender::new(&EmailSettings {
            host: "localhost".to_owned(),
            port: self.postfix.port(),
            security: Security::StartTls,
            credentials: None,
            authority_pem: Some(self.postfix.authority_pem()),
            from_name: "Lia Fontana".to_owned(),
            from_address: from.to_owned(),
            reply_to: None,
            hello_name: "plico.borgo.example".to_owned(),
            timeout: Duration::from_secs(5),
        })
        .unwrap()
    }

    pub fn post(&self, id: &str, subject: &str) -> Post {
        Post {
            id: id.to_owned(),
            instant_ms: NOW,
            to: vec![self.ours.clone()],
            subject: subject.to_owned(),
            text: "Chiedo una copia.\n".to_owned(),
            files: vec![File {
                name: "../domanda.pdf".into(),
                media_type: "application/pdf".into(),
                bytes: b"%PDF-1.4 domanda".to_vec(),
            }],
            extent: Extent::Brief,
        }
    }

    async fn ordinary(&self, id: &str, subject: &str) {
        let (sender, post) = (self.sender("lia@posta.example"), self.post(id, subject));
        sender.send(&post, &sender.write(&post).unwrap()).await.unwrap();
    }

    /// A certified message from somebody, as our provider puts it into the mailbox.
    async fn certified(&mut self, id: &str, subject: &str) {
        let (sender, post) = (self.sender("lia@pec.example"), self.post(id, subject));
        let raw = sender.write(&post).unwrap();
        let ours = self.ours.clone();
        let submission = Submission { from: "lia@pec.example", to: &[&ours], raw: &raw, at_ms: NOW };
        self.carry(&submission).await;
    }

    async fn carry(&mut self, submission: &Submission<'_>) {
        let carrier = self.sender("posta-certificata@gestore.example");
        let (to_us, ours) = (self.post("x", "x"), self.ours.clone());
        for delivery in self.provider.submit(submission).unwrap().iter().filter(|one| one.to == ours) {
            carrier.send(&to_us, &delivery.raw).await.unwrap();
        }
    }

    /// Until so many lie in a folder.
    pub async fn lying(&self, folder: &str, count: usize) -> Vec<plico_courier::mailbox::Found> {
        let settings = MailboxSettings {
            host: "localhost".to_owned(),
            port: self.dovecot.imaps(),
            security: Security::Tls,
            user: "protocollo".to_owned(),
            password: dovecot::PASSWORD.to_owned(),
            authority_pem: Some(self.dovecot.authority_pem()),
            timeout: Duration::from_secs(10),
            largest: 1 << 20,
        };
        for _ in 0..100 {
            let mut line = Line::open(&settings, folder, Mode::Observe).await.unwrap();
            let found = line.since(None).await.unwrap().messages;
            if found.len() >= count {
                assert_eq!(found.len(), count);
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nothing came");
    }

    pub async fn messages(&self) -> Vec<plico_archive::read::message::MessageRow> {
        let database = self.town.app.desk.archive().database();
        let ids: Vec<(String,)> = database
            .all(
                "select id from message where administration = $1 order by number",
                plico_database::args![BODY],
            )
            .await
            .unwrap();
        let mut rows = Vec::new();
        for (id,) in ids {
            rows.push(plico_archive::read::message::message(database, &id).await.unwrap().unwrap());
        }
        rows
    }

    /// What lies in somebody's mailbox.
    async fn first_of(&self, user: &str) -> Vec<u8> {
        let settings = MailboxSettings {
            host: "localhost".to_owned(),
            port: self.dovecot.imaps(),
            security: Security::Tls,
            user: user.to_owned(),
            password: dovecot::PASSWORD.to_owned(),
            authority_pem: Some(self.dovecot.authority_pem()),
            timeout: Duration::from_secs(10),
            largest: 1 << 24,
        };
        for _ in 0..100 {
            let mut line = Line::open(&settings, "INBOX", Mode::Observe).await.unwrap();
            if let Some(found) = line.since(None).await.unwrap().messages.into_iter().next() {
                return line.fetch(found).await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nothing came")
    }

    pub async fn sound(&self) {
        self.town.settle().await;
        let archive = self.town.app.desk.archive();
        assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
        assert!(archive.fsck().await.unwrap().clean);
    }
}

#[tokio::test]
async fn what_comes_in_is_registered_once_and_moved() {
    let Some(mut office) = Office::open().await else { return };
    let watched = office.watched("own", "").await.unwrap();
    check(&watched).await.unwrap();
    office.certified("uno", "Richiesta di copia").await;
    office.lying("INBOX", 1).await;
    office.ordinary("due", "Una domanda").await;
    office.lying("INBOX", 2).await;
    // A receipt of something that the office sent by other means, and certified mail of which a byte was changed.
    let other = office.sender("x@y.example").write(&office.post("tre", "Avviso")).unwrap();
    let (ours, theirs) = (office.ours.clone(), "lia@pec.example");
    office.carry(&Submission { from: &ours, to: &[theirs], raw: &other, at_ms: NOW }).await;
    office.lying("INBOX", 4).await;

    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 2);
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 0, "once");
    let messages = office.messages().await;
    let told: Vec<_> = messages.iter().map(|row| (row.subject.as_str(), row.channel.as_str())).collect();
    assert_eq!(told, [("Richiesta di copia", "pec"), ("Una domanda", "mail")]);
    assert_eq!(messages[0].arrived_ms, Some(NOW), "the provider's own instant");
    assert_eq!(messages[0].registration_number().as_deref(), Some("0000001/2026"));
    assert_eq!(messages[0].sender_name.as_deref(), Some("Lia Fontana"));
    // The files of the message, and the mail itself byte by byte.
    let desk = &office.town.app.desk;
    let documents =
        plico_archive::read::message::documents(desk.archive().database(), &messages[0].id).await.unwrap();
    let names: Vec<_> = documents.iter().map(|document| document.name.as_str()).collect();
    assert_eq!(names, ["Istanza.pdf", "messaggio.eml", "domanda.pdf"]);
    let raw = desk.archive().open_document(&documents[1].id).await.unwrap().read_all(1 << 20).await.unwrap();
    let known = plico_courier::pec::Providers::new([office.provider.certificate_sha256()]);
    assert!(plico_courier::pec::read::read(&raw, &known).unwrap().seal.holds(), "it proves itself");

    // What was taken in is moved; what is no message lies where it lay, and is listed.
    office.lying("INBOX", 2).await;
    office.lying("Protocollate", 2).await;
    let _ = office.town.app.mailboxes.set(vec![watched.clone()]);
    let mut carla = Desk::of(&office.town, &office.town.protocol_operator).await;
    let page = carla.see("/ufficio/posta").await;
    assert!(page.contains(&office.ours) && page.contains("ricevuta di posta certificata"), "{page}");
    let item = carla.see(&format!("/ufficio/messaggi/{}", messages[0].id)).await;
    assert!(item.contains("Per PEC") && item.contains("messaggio.eml"));
    office.sound().await;
}

#[tokio::test]
async fn what_is_observed_is_left_alone_and_known_again() {
    let Some(mut office) = Office::open().await else { return };
    let watched = office.watched("observe", "").await.unwrap();
    office.certified("uno", "Richiesta di copia").await;
    office.lying("INBOX", 1).await;
    office.ordinary("due", "").await;
    let before = office.lying("INBOX", 2).await;
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 2);
    assert_eq!(office.lying("INBOX", 2).await, before);
    // The server's numbers mean something else from now on: everything is read again, and known.
    office.town.app.desk.save_mailbox_state(&watched.mailbox, (7, 1), "").await.unwrap();
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 0);
    // Two machines at once.
    office.ordinary("tre", "Ancora").await;
    office.lying("INBOX", 3).await;
    let (one, two) = tokio::join!(look(&office.town.app, &watched), look(&office.town.app, &watched));
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    let subjects: Vec<_> = office.messages().await.into_iter().map(|row| row.subject).collect();
    assert_eq!(subjects, ["Richiesta di copia", "(senza oggetto)", "Ancora"]);
    office.sound().await;
}

#[tokio::test]
async fn what_was_sent_to_others_or_cannot_be_kept_as_it_is_keeps_nothing_out() {
    let Some(mut office) = Office::open().await else { return };
    let watched = office.watched("own", "").await.unwrap();
    // Certified mail to somebody else, shown here weeks later: certified to nobody here.
    let raw = office.sender("lia@pec.example").write(&office.post("uno", "Un ricorso")).unwrap();
    let submission = Submission { from: "lia@pec.example", to: &["ugo@pec.example"], raw: &raw, at_ms: NOW };
    let carrier = office.sender("x@posta.example");
    let delivered = office.provider.submit(&submission).unwrap();
    let envelope = delivered.iter().find(|one| one.to == "ugo@pec.example").unwrap();
    carrier.send(&office.post("x", "x"), &envelope.raw).await.unwrap();
    office.lying("INBOX", 1).await;
    // A sign that no text holds, in a subject that is written in base64.
    let (sender, post) = (office.sender("lia@posta.example"), office.post("due", "Oggetto"));
    let raw = String::from_utf8(sender.write(&post).unwrap()).unwrap();
    let hostile = raw.replace("Subject: Oggetto", "Subject: =?utf-8?B?QQBC?=");
    assert_ne!(raw, hostile);
    sender.send(&post, hostile.as_bytes()).await.unwrap();
    office.lying("INBOX", 2).await;
    office.ordinary("tre", "E dopo").await;
    office.lying("INBOX", 3).await;
    office.town.clock.advance(Duration::from_hours(24 * 30));
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 3);
    let messages = office.messages().await;
    let told: Vec<_> = messages.iter().map(|row| (row.subject.as_str(), row.channel.as_str())).collect();
    assert_eq!(told, [("Un ricorso", "pec_unproven"), ("AB", "mail"), ("E dopo", "mail")]);
    assert!(messages[0].arrived_ms.unwrap() > NOW + 86_400_000, "it arrived today");
    office.lying("Protocollate", 3).await;
    office.sound().await;
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let Some(office) = Office::open().await else { return };
    for (more, said) in
        [("folder = \"Inesistente\"", ""), ("largest_mb = 1", ""), ("what = 1", "not a description")]
    {
        let read = office.watched("own", more).await;
        assert_eq!(read.is_err(), !said.is_empty(), "{more}");
        if let Err(error) = read {
            assert!(error.contains(said), "{error}");
        }
    }
    let wrong = office.watched("own", "folder = \"Inesistente\"").await.unwrap();
    assert!(check(&wrong).await.is_err());
    assert!(look(&office.town.app, &wrong).await.is_err());
    assert!(office.messages().await.is_empty());
}

#[tokio::test]
async fn a_certified_message_is_answered_by_certified_mail_and_the_receipts_come_back() {
    let Some(mut office) = Office::open().await else { return };
    let ca = tempfile::tempdir().unwrap();
    std::fs::write(ca.path().join("smtp.pem"), office.postfix.authority_pem()).unwrap();
    let sends = format!(
        "[smtp]\nhost = \"localhost\"\nport = {}\nsecurity = \"starttls\"\nauthority = \"{}\"\n",
        office.postfix.port(),
        ca.path().join("smtp.pem").display()
    );
    let watched = office.watched("own", &sends).await.unwrap();
    let _ = office.town.app.mailboxes.set(vec![watched.clone()]);
    // A firm writes by certified mail.
    let theirs = format!("studio@{}", postfix::DOMAIN);
    let (sender, post) = (office.sender(&theirs), office.post("uno", "Richiesta di copia"));
    let raw = sender.write(&post).unwrap();
    let ours = office.ours.clone();
    office.carry(&Submission { from: &theirs, to: &[&ours], raw: &raw, at_ms: NOW }).await;
    office.lying("INBOX", 1).await;
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 1);
    let filed = office.messages().await.remove(0);
    // The office answers: the form knows the address.
    let message = {
        let mut carla = Desk::of(&office.town, &office.town.protocol_operator).await;
        let form = carla.see(&format!("/ufficio/messaggi/{}/scrivi", filed.id)).await;
        assert!(form.contains(&theirs), "{form}");
        let key = form.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let fields = [
            ("subject", "Copia"),
            ("text", "Ecco la copia."),
            ("effect", "communication"),
            ("pec", theirs.as_str()),
            ("act", "review"),
        ];
        let path = format!("/ufficio/lettere/{key}?scopo=message&m={}", filed.id);
        let answer = carla.send(&path, &fields, &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let review = carla.see(answer.header("location").unwrap()).await;
        assert!(review.contains(&theirs), "{review}");
        let to = carla.led(&format!("/ufficio/lettere/{key}/invia"), &[]).await;
        to.trim_start_matches("/ufficio/messaggi/").split('?').next().unwrap().to_owned()
    };
    office.town.settle().await;
    let letter = office.first_of("studio").await;
    assert!(String::from_utf8_lossy(&letter).contains("X-TipoRicevuta: completa"));
    // Its provider says so, and the mailbox is read.
    office.carry(&Submission { from: &ours, to: &[&theirs], raw: &letter, at_ms: NOW + 60_000 }).await;
    office.lying("INBOX", 2).await;
    assert_eq!(look(&office.town.app, &watched).await.unwrap(), 0, "receipts are no messages");
    office.lying("Protocollate", 3).await;
    let mut carla = Desk::of(&office.town, &office.town.protocol_operator).await;
    let page = carla.see(&format!("/ufficio/messaggi/{message}")).await;
    assert!(page.contains("Consegnata") && page.contains("Gestore di prova"), "{page}");
    office.sound().await;
}
