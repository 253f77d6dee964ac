//! Lawful destruction from the proposal to its record, as the records manager and everybody else sees it.

use std::time::Duration;

use plico::http::cookie::Name;
use plico::http::session::SignIn;
use plico_database::args;
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::draft::{Purpose, Words};
use plico_desk::retention::Holdable;
use plico_desk::upload::Scan;

use crate::support::{Answer, BODY, Town};

const YEAR: Duration = Duration::from_hours(24 * 366);
const SECRET: &str = "Il mio segreto si chiama TORMALINA.";

/// Somebody at his browser.
struct Browser<'a> {
    town: &'a Town,
    cookie: String,
    token: String,
}

impl<'a> Browser<'a> {
    async fn of(town: &'a Town, account: &str) -> Browser<'a> {
        let sign_in = SignIn {
            account: account.into(),
            kind: "local",
            level: "L2".into(),
            acting_for: None,
            evidence: b"{}".to_vec(),
            locale: Some("it".into()),
        };
        let (shell, now) = (&town.app.shell, town.app.shell.now_ms());
        let token = shell.sessions().open(sign_in, None, now).await.unwrap();
        let session = shell.sessions().find(&token, now).await.unwrap().unwrap();
        let cookie = shell.cookies().set(Name::Session, &token, None);
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        Browser { town, cookie, token: session.forms.token() }
    }

    async fn get(&self, path: &str) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html")];
        self.town.send("GET", path, &headers, b"").await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("_csrf", &self.token);
        form.extend_pairs(fields);
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html"), kind];
        self.town.send("POST", path, &headers, form.finish().as_bytes()).await
    }

    async fn see(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let text = answer.text();
        assert!(!text.contains('⟦'), "{path} lacks words");
        text.replace("&#x2f;", "/")
    }

    /// Where a form led.
    async fn led(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").unwrap().split('?').next().unwrap().to_owned()
    }
}

/// A filing and the answer to it.
struct Matter {
    message: String,
    document: String,
    receipt: String,
    answer: String,
}

async fn matter(town: &Town, subject: &str) -> Matter {
    let desk = &town.app.desk;
    let anna = town.as_person(&town.anna).await;
    let clerk = town.as_operator(&town.building_operator).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: subject.into(),
        text: SECRET.into(),
    };
    let draft = desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap();
    let (owner, _) = desk.draft_files(&anna, &draft).await.unwrap();
    let mut upload = desk.begin_upload(&anna, &owner, "TORMALINA.txt").await.unwrap();
    upload.write(SECRET.as_bytes()).await.unwrap();
    desk.finish_upload(upload, async |_| Scan::Clean).await.unwrap();
    let filed = desk.present(&anna, &draft).await.unwrap();
    let letter = Letter {
        act: Act::Granted,
        about: Some(filed.message.clone()),
        office: town.building.clone(),
        recipient: Recipient::default(),
        copies: String::new(),
        effect: "communication".into(),
        subject: format!("Re: {subject}"),
        text: SECRET.into(),
        category: "letter".into(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: subject.into(),
    };
    let sent = desk.send_letter(&clerk, letter).await.unwrap();
    desk.note(&clerk, &filed.message, SECRET).await.unwrap();
    town.settle().await;
    let view = desk.message(&anna, &filed.message).await.unwrap();
    Matter {
        document: view.documents[0].id.clone(),
        receipt: view.receipts[0].id.clone(),
        message: filed.message,
        answer: sent.message,
    }
}

/// Everything of a matter is answered with the act by which it was destroyed, and nothing else.
async fn is_told_destroyed(town: &Town, gone: &Matter) {
    let told = |path: String, answer: &Answer| {
        assert_eq!(answer.status, 410, "{path}: {}", answer.text());
        let text = answer.text();
        assert!(text.contains("1842-bis") && text.contains("12 gennaio 2037"), "{path}: {text}");
        assert!(!text.contains("TORMALINA"), "{path}");
    };
    let anna = Browser::of(town, &town.anna).await;
    for path in [
        format!("/messaggi/{}", gone.message),
        format!("/messaggi/{}", gone.answer),
        format!("/documenti/{}/scarica", gone.document),
        format!("/ricevute/{}/scarica", gone.receipt),
    ] {
        let answer = anna.get(&path).await;
        told(path, &answer);
    }
    let opened = anna.post(&format!("/messaggi/{}/apri", gone.answer), &[]).await;
    told("apri".into(), &opened);
    for account in [&town.building_operator, &town.protocol_operator, &town.records_manager] {
        let office = Browser::of(town, account).await;
        for id in [&gone.message, &gone.answer] {
            let path = format!("/ufficio/messaggi/{id}");
            let answer = office.get(&path).await;
            told(path, &answer);
        }
        office.see("/ufficio").await;
        office.see("/ufficio/registro?anno=2026").await;
    }
    let auditor = Browser::of(town, &town.auditor).await;
    let answer = auditor.get(&format!("/revisore/messaggi/{}", gone.message)).await;
    told("revisore".into(), &answer);
    // Others learn nothing.
    let bruno = Browser::of(town, &town.bruno).await;
    assert_eq!(bruno.get(&format!("/messaggi/{}", gone.message)).await.status, 404);
    assert_eq!(bruno.get(&format!("/ricevute/{}/scarica", gone.receipt)).await.status, 404);
    for path in ["/messaggi", "/area-personale", "/pratiche", "/documenti", "/ricevute"] {
        anna.see(path).await;
    }
}

#[tokio::test]
async fn what_is_past_its_term_goes_by_the_authoritys_act() {
    let town = Town::start().await;
    let desk = &town.app.desk;
    let gone = matter(&town, "Tettoia").await;
    let stays = matter(&town, "Recinzione").await;
    let held = matter(&town, "Cancello").await;
    let manager = town.as_operator(&town.records_manager).await;
    let elena = Browser::of(&town, &town.records_manager).await;
    assert!(elena.see("/ufficio/scarto").await.contains("Niente da scartare"));
    assert_eq!(elena.post("/ufficio/scarto/proponi", &[]).await.status, 404, "nothing is due");

    town.clock.advance(YEAR * 11);
    let young = matter(&town, "Pozzo").await;
    let elena = Browser::of(&town, &town.records_manager).await;
    let hold = format!("/ufficio/messaggi/{}/vincolo", held.message);
    assert_eq!(elena.post(&hold, &[("reason", " ")]).await.status, 422);
    elena.led(&hold, &[("reason", "causa pendente")]).await;
    desk.set_hold(&manager, Holdable::Message, &held.answer, "causa pendente").await.unwrap();
    let page = elena.see("/ufficio/scarto").await;
    assert!(page.contains("Tettoia") && page.contains("Recinzione"));
    assert!(page.contains("causa pendente") && !page.contains("Pozzo"));
    let proposal = elena.led("/ufficio/scarto/proponi", &[]).await;
    assert_eq!(elena.post("/ufficio/scarto/proponi", &[]).await.status, 404, "proposed once");
    let page = elena.see(&proposal).await;
    assert!(page.contains("Tettoia") && !page.contains("Cancello"));

    // Not without an authorisation, and not with half of one.
    assert_eq!(elena.post(&format!("{proposal}/esegui"), &[]).await.status, 409);
    let half = elena.post(&proposal, &[("authority", "Soprintendenza"), ("struck", &stays.message)]).await;
    assert_eq!(half.status, 422, "{}", half.text());
    let whole = [
        ("authority", "Soprintendenza archivistica"),
        ("number", "1842-bis"),
        ("date", "2037-01-12"),
        ("struck", stays.message.as_str()),
        ("struck", stays.answer.as_str()),
        ("reason", "interesse storico"),
    ];
    elena.led(&proposal, &whole).await;
    assert_eq!(elena.post(&proposal, &whole).await.status, 409, "authorised once");
    assert!(elena.see(&proposal).await.contains("interesse storico"));
    elena.see(&format!("{proposal}/esegui")).await;
    elena.led(&format!("{proposal}/esegui"), &[]).await;
    assert!(elena.see(&proposal).await.contains("in corso"));
    town.settle().await;
    assert!(elena.see(&proposal).await.contains("nessuna chiave"));
    assert_eq!(elena.post(&format!("{proposal}/esegui"), &[]).await.status, 409, "once");

    is_told_destroyed(&town, &gone).await;
    let anna = Browser::of(&town, &town.anna).await;
    for other in [&stays, &held, &young] {
        assert!(anna.see(&format!("/messaggi/{}", other.message)).await.contains("TORMALINA"));
        assert_eq!(anna.get(&format!("/ricevute/{}/scarica", other.receipt)).await.status, 200);
    }
    register_stays(&town, &gone).await;
    let state = desk.archive().epoch_state(BODY).await.unwrap();
    assert_eq!((state.newest, state.older.len(), state.pending), (2, 0, 0));
    let outcome = desk.archive().fsck().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
    let events = "select count(*) from event where kind in
        ('destruction.proposed', 'destruction.authorised', 'destruction.done', 'part.erased')";
    assert_eq!(desk.archive().database().scalar_i64(events, args![]).await.unwrap(), 5);
}

/// Number, date, parties, subject and digest are the register's (art. 53 DPR 445/2000).
async fn register_stays(town: &Town, gone: &Matter) {
    let sql = "select subject, parties, digest from registration where message = $1";
    let database = town.app.desk.archive().database();
    let (subject, parties, digest): (String, String, String) =
        database.one(sql, args![&gone.message]).await.unwrap();
    assert_eq!((subject.as_str(), parties.as_str(), digest.len()), ("Tettoia", "Anna Bassi", 64));
    let elena = Browser::of(town, &town.records_manager).await;
    assert!(elena.see("/ufficio/registro/2026/1").await.contains("Tettoia"));
}

#[tokio::test]
async fn a_case_file_goes_whole_and_after_it_was_closed() {
    let town = Town::start().await;
    let desk = &town.app.desk;
    let one = matter(&town, "Tettoia").await;
    let clerk = town.as_operator(&town.building_operator).await;
    let manager = town.as_operator(&town.records_manager).await;
    let case = desk.open_case(&clerk, &town.building, "Via Roma 4", "").await.unwrap();
    for message in [&one.message, &one.answer] {
        desk.file_into_case(&clerk, message, &case).await.unwrap();
    }
    let due = async || desk.due(&manager).await.unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>();
    town.clock.advance(YEAR * 11);
    assert!(due().await.is_empty(), "it is open");
    desk.close_case(&clerk, &case).await.unwrap();
    town.clock.advance(YEAR * 5);
    assert!(due().await.is_empty(), "ten years from its end");
    town.clock.advance(YEAR * 6);
    assert_eq!(due().await.len(), 2);
    desk.set_hold(&manager, Holdable::Message, &one.answer, "causa pendente").await.unwrap();
    assert!(due().await.is_empty(), "what holds one holds all");
    desk.lift_hold(&manager, Holdable::Message, &one.answer, "causa finita").await.unwrap();
    desk.set_hold(&manager, Holdable::CaseFile, &case, "ispezione").await.unwrap();
    assert!(due().await.is_empty());
    assert!(desk.set_hold(&clerk, Holdable::CaseFile, &case, "no").await.is_err(), "not the clerk's");
    desk.lift_hold(&manager, Holdable::CaseFile, &case, "ispezione finita").await.unwrap();
    let mut kind = desk.kind(BODY, "istanza").await.unwrap().unwrap();
    kind.retention_years = 9999;
    desk.save_kind(&plico_desk::Actor::console(BODY, "test"), kind).await.unwrap();
    assert!(due().await.is_empty(), "what is kept for ever keeps its answer and its file");
}

#[tokio::test]
async fn new_keys_are_ordered_at_the_command_line_and_made_by_the_service() {
    let town = Town::start().await;
    let desk = &town.app.desk;
    let one = matter(&town, "Tettoia").await;
    desk.set_secrets(&town.administrator, "$argon2id$".into(), Some(b"secondo fattore 1234")).await.unwrap();
    // What is not sent yet is wrapped too.
    let anna = town.as_person(&town.anna).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Bozza".into(),
        text: "Da finire.".into(),
    };
    let draft = desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap();
    let (owner, _) = desk.draft_files(&anna, &draft).await.unwrap();
    let mut upload = desk.begin_upload(&anna, &owner, "b.txt").await.unwrap();
    upload.write(b"allegato").await.unwrap();
    desk.finish_upload(upload, async |_| Scan::Clean).await.unwrap();

    let console = plico_desk::Actor::console("", "test");
    assert!(desk.order_rotation(&anna).await.is_err(), "not a citizen's");
    let ordered = desk.order_rotation(&console).await.unwrap();
    assert!(ordered.len() == 3 && ordered.iter().all(|state| state.newest == 1));
    desk.order_rotation(&console).await.unwrap();
    town.settle().await;
    for state in desk.key_states(&console).await.unwrap() {
        assert_eq!((state.newest, state.older.len(), state.pending), (2, 0, 0), "{state:?}");
    }
    let secrets = desk.secrets(&town.administrator).await.unwrap().unwrap();
    assert_eq!(secrets.totp.as_deref(), Some(&b"secondo fattore 1234"[..]));
    let browser = Browser::of(&town, &town.anna).await;
    assert_eq!(browser.get(&format!("/documenti/{}/scarica", one.document)).await.status, 200);
    assert_eq!(browser.get(&format!("/ricevute/{}/scarica", one.receipt)).await.status, 200);
    desk.present(&anna, &draft).await.unwrap();
    town.settle().await;
    let outcome = desk.archive().fsck().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
}
