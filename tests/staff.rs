//! The desks of office, auditor and administrator, as a browser without script goes through them.

use plico::http::cookie::Name;
use plico::http::session::SignIn;
use plico_desk::draft::{Purpose, Words};

use crate::support::{Answer, Town, multipart};

/// Somebody who works for the body, at his browser.
pub struct Desk<'a> {
    town: &'a Town,
    cookie: String,
    token: String,
}

impl<'a> Desk<'a> {
    pub async fn of(town: &'a Town, account: &str) -> Desk<'a> {
        let sign_in = SignIn {
            account: account.into(),
            kind: "local",
            level: "local".into(),
            acting_for: None,
            evidence: b"{}".to_vec(),
            locale: Some("it".into()),
        };
        let shell = &town.app.shell;
        let token = shell.sessions().open(sign_in, None, shell.now_ms()).await.unwrap();
        let cookie = shell.cookies().set(Name::Session, &token, None);
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        Desk { town, cookie, token: String::new() }
    }

    async fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        self.with(method, path, &[("content-type", kind)], body).await
    }

    /// With headers of one's own.
    pub async fn with(&mut self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut headers = vec![("cookie", self.cookie.as_str()), ("accept", "text/html")];
        headers.extend(more);
        let mut answer = self.town.send(method, path, &headers, body).await;
        // As a browser reads it: templates escape even a slash.
        if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            answer.body = answer.text().replace("&#x2f;", "/").replace("&amp;", "&").into_bytes();
        }
        if let Some((_, rest)) = answer.text().split_once("name=\"_csrf\" value=\"") {
            self.token = rest.split('"').next().unwrap().into();
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "text/plain", &[]).await
    }

    /// A page that must be there.
    pub async fn see(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let text = answer.text();
        assert!(!text.contains("⟦"), "{path} lacks words");
        text
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("_csrf", &self.token);
        form.extend_pairs(fields);
        self.ask("POST", path, "application/x-www-form-urlencoded", form.finish().as_bytes()).await
    }

    /// Where a form led.
    pub async fn led(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    /// A form with files.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let token = self.token.clone();
        let fields = [&[("_csrf", token.as_str())], fields].concat();
        let (kind, body) = multipart(&fields, files);
        self.ask("POST", path, &kind, &body).await
    }
}

pub async fn filed(town: &Town) -> String {
    let anna = town.as_person(&town.anna).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Rimborso della tassa".into(),
        text: "Chiedo il rimborso.".into(),
    };
    let draft = town.app.desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap();
    let filed = town.app.desk.present(&anna, &draft).await.unwrap();
    town.settle().await;
    filed.message
}

/// Where the form with files on a page goes.
pub fn action(page: &str) -> String {
    let (before, _) = page.split_once("enctype=\"multipart/form-data\"").unwrap();
    let (_, action) = before.rsplit_once("action=\"").unwrap();
    action.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_office_works_through_a_message() {
    let town = Town::start().await;
    let id = filed(&town).await;
    let item = format!("/ufficio/messaggi/{id}");
    let mut dino = Desk::of(&town, &town.building_operator).await;
    assert!(dino.see("/ufficio").await.contains("Rimborso della tassa"));
    for view in ["to_assign", "to_take", "mine", "waiting", "due", "new"] {
        dino.see(&format!("/ufficio?vista={view}")).await;
    }
    assert!(dino.see("/ufficio?q=1/2026&stato=registered").await.contains("Rimborso della tassa"));
    assert!(dino.see("/ufficio?q=nulla").await.contains("Non abbiamo trovato"));
    let page = dino.see(&item).await;
    let (_, rest) = page.split_once("<iframe src=\"").unwrap();
    let preview = dino.get(rest.split('"').next().unwrap()).await;
    assert_eq!((preview.status, preview.header("x-frame-options")), (200, Some("SAMEORIGIN")));
    assert!(preview.text().contains("/pagine/1") || preview.text().contains("&#x2f;pagine&#x2f;1"));
    assert!(dino.get(&format!("{item}/tutto.zip")).await.body.starts_with(b"PK"));

    dino.led(&format!("{item}/carico"), &[]).await;
    let empty = dino.post(&format!("{item}/nota"), &[("note", " ")]).await;
    assert_eq!(empty.status, 422);
    dino.led(&format!("{item}/nota"), &[("note", "Sentita la ragioneria.")]).await;
    assert!(dino.see(&item).await.contains("Sentita la ragioneria."));
    assert!(dino.see("/ufficio?vista=mine").await.contains("Rimborso della tassa"));

    // A case file: opened, filled, closed.
    dino.see("/ufficio/fascicoli").await;
    assert_eq!(
        dino.post("/ufficio/fascicoli", &[("title", ""), ("office", &town.building)]).await.status,
        422
    );
    let case = dino.led("/ufficio/fascicoli", &[("title", "Rimborsi"), ("office", &town.building)]).await;
    let case_id = case.rsplit('/').next().unwrap().to_owned();
    dino.see(&item).await;
    dino.led(&format!("{item}/fascicolo"), &[("case", &case_id)]).await;
    assert!(dino.see(&case).await.contains("Rimborso della tassa"));
    dino.see(&format!("{case}/chiudi")).await;
    dino.led(&format!("{case}/chiudi"), &[]).await;

    // An answer with an attachment, checked and sent twice: one letter.
    let page = dino.see(&format!("{item}/risposta")).await;
    let action = action(&page);
    let fields = [("subject", "Esito"), ("text", "Accolta."), ("effect", "communication"), ("act", "review")];
    let wrong = dino.send(&action, &fields, &[]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(wrong.text().contains("Accolta."), "what was typed is kept");
    let fields = [&fields[..], &[("outcome", "granted")]].concat();
    let good = dino.send(&action, &fields, &[("esito.txt", b"va bene")]).await;
    assert_eq!(good.status, 303, "{}", good.text());
    let review = good.header("location").unwrap().to_owned();
    assert!(dino.see(&review).await.contains("esito.txt"));
    let send = review.replace("/controlla", "/invia");
    let first = dino.led(&send, &[]).await;
    assert_eq!(dino.led(&send, &[]).await, first);
    let sent = dino.see(first.split('?').next().unwrap()).await;
    assert!(sent.contains("esito.txt") && sent.contains("Anna"));
    assert!(dino.see(&item).await.contains("Conclusa"));

    // What went to the wrong person is made unavailable, with a reason.
    let (_, rest) = sent.split_once("/ufficio/consegne/").unwrap();
    let withdraw = format!("/ufficio/consegne/{}", rest.split('"').next().unwrap());
    dino.see(&withdraw).await;
    assert_eq!(dino.post(&withdraw, &[("reason", "")]).await.status, 422);
    dino.led(&withdraw, &[("reason", "Persona sbagliata")]).await;
}

#[tokio::test]
async fn letters_begin_anywhere_and_assignments_go_back() {
    let town = Town::start().await;
    let id = filed(&town).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    for path in ["/ufficio/nuovo", "/ufficio/rilascia"] {
        let page = dino.see(path).await;
        let wrong = dino.send(&action(&page), &[("fiscal_code", "X"), ("act", "review")], &[]).await;
        assert_eq!(wrong.status, 422, "{path}");
    }
    for path in ["scrivi", "integrazione", "rilascia"] {
        dino.see(&format!("/ufficio/messaggi/{id}/{path}")).await;
    }
    dino.see("/ufficio/lavori").await;
    let item = format!("/ufficio/messaggi/{id}");
    dino.see(&item).await;
    assert_eq!(dino.post(&format!("{item}/rifiuta"), &[("reason", "")]).await.status, 422);
    dino.led(&format!("{item}/rifiuta"), &[("reason", "Non è nostra")]).await;
    assert_eq!(dino.get(&item).await.status, 404);
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    carla.see(&item).await;
    let form = [("office", town.building.as_str()), ("purpose", "competence")];
    carla.led(&format!("{item}/assegna"), &form).await;
    dino.see(&item).await;
}

#[tokio::test]
async fn the_register_is_read_corrected_and_annulled() {
    let town = Town::start().await;
    filed(&town).await;
    let entry = "/ufficio/registro/2026/1";
    let mut dino = Desk::of(&town, &town.building_operator).await;
    assert!(dino.see("/ufficio/registro?q=rimborso").await.contains("0000001/2026"));
    assert!(dino.see("/ufficio/registro/stampa?anno=2026").await.contains("0000001/2026"));
    dino.see(entry).await;
    assert!(dino.get(&format!("{entry}/segnatura")).await.body.starts_with(b"%PDF"));
    assert!(dino.get("/ufficio/registro/stampa/2026.pdf").await.body.starts_with(b"%PDF"));
    assert_eq!(dino.get(&format!("{entry}/annulla")).await.status, 403);
    assert_eq!(dino.get("/ufficio/registro/2026/2").await.status, 404);
    let mut elena = Desk::of(&town, &town.records_manager).await;
    elena.see(entry).await;
    let form = [("field", "subject"), ("new", "Rimborso TARI"), ("reason", "")];
    assert_eq!(elena.post(&format!("{entry}/rettifica"), &form).await.status, 422);
    let form = [("field", "subject"), ("new", "Rimborso TARI"), ("reason", "errore")];
    elena.led(&format!("{entry}/rettifica"), &form).await;
    let page = elena.see(entry).await;
    assert!(page.contains("Rimborso della tassa") && page.contains("Rimborso TARI"));
    elena.see(&format!("{entry}/annulla")).await;
    let form = [("reason", "doppia"), ("authorisation", "disposizione 7")];
    elena.led(&format!("{entry}/annulla"), &form).await;
    assert!(elena.see(entry).await.contains("disposizione 7"));
}

#[tokio::test]
async fn an_auditor_reads_for_a_reason_and_is_logged() {
    let town = Town::start().await;
    let id = filed(&town).await;
    let mut furio = Desk::of(&town, &town.auditor).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    dino.see("/ufficio").await;
    dino.led(&format!("/ufficio/messaggi/{id}/rifiuta"), &[("reason", "Già rimborsata a Rosa")]).await;
    furio.see("/revisore").await;
    assert!(furio.see("/revisore?numero=1/2026").await.contains(&id));
    let item = format!("/revisore/messaggi/{id}");
    let shut = furio.see(&item).await;
    // What the office wrote about the content is content.
    assert!(!shut.contains("Chiedo il rimborso.") && !shut.contains("Già rimborsata a Rosa"));
    assert_eq!(furio.get(&format!("/ufficio/messaggi/{id}")).await.status, 404);
    assert_eq!(furio.post(&format!("{item}/contenuto"), &[("reason", "")]).await.status, 422);
    furio.led(&format!("{item}/contenuto"), &[("reason", "Incarico 12/2026")]).await;
    let open = furio.see(&item).await;
    assert!(open.contains("Chiedo il rimborso.") && open.contains("Già rimborsata a Rosa"));
    let (_, rest) = open.split_once("/revisore/documenti/").unwrap();
    let document = format!("/revisore/documenti/{}", rest.split('"').next().unwrap());
    assert_eq!(furio.get(&document).await.status, 200);
    furio.led(&format!("{item}/verifica"), &[]).await;
    assert!(furio.see(&item).await.contains("Integro"));
    furio.see("/ufficio/registro").await;
    furio.see("/revisore/integrita").await;
    assert_eq!(furio.post("/revisore/integrita/elemento", &[("item", "99/2026")]).await.status, 422);
    furio.led("/revisore/integrita/elemento", &[("item", "1/2026")]).await;
    furio.led("/revisore/integrita/avvia", &[]).await;
    for _ in 0..100 {
        if !furio.see("/revisore/integrita").await.contains("Verifica in corso") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(furio.see("/revisore/integrita").await.contains("Tutto l’archivio"));
    let log = furio.see("/revisore/accessi").await;
    assert!(log.contains("Incarico 12/2026") && log.contains("0000001/2026"));
    assert!(furio.see("/revisore/accessi?chi=nessuno").await.contains("Non abbiamo trovato"));
    for path in ["/revisore", "/revisore/integrita", "/revisore/accessi", item.as_str()] {
        assert_eq!(dino.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn an_administrator_runs_the_body_and_reads_nothing() {
    let town = Town::start().await;
    let id = filed(&town).await;
    let mut gaia = Desk::of(&town, &town.administrator).await;
    for page in [
        "",
        "/ente",
        "/uffici",
        "/uffici/nuovo",
        "/operatori",
        "/operatori/nuovo",
        "/tipi",
        "/tipi/nuovo",
        "/tipi/istanza",
        "/posta",
        "/limiti",
        "/lavori",
    ] {
        gaia.see(&format!("/amministrazione{page}")).await;
    }
    for path in [format!("/ufficio/messaggi/{id}"), format!("/revisore/messaggi/{id}"), "/ufficio".into()] {
        assert!([403, 404].contains(&gaia.get(&path).await.status), "{path}");
    }
    gaia.see("/amministrazione/ente").await;
    let body =
        [("name", "Comune di Borgo Nuovo"), ("ipa", "c_b999"), ("area", "AOO2"), ("phone", "0123 456")];
    gaia.led("/amministrazione/ente", &body).await;
    let page = gaia.see("/amministrazione/ente?fatto=salvato").await;
    assert!(page.contains("Borgo Nuovo") && page.contains("AOO2") && page.contains("Salvato."));

    let office =
        [("name", "Anagrafe"), ("responsible", "Ugo Neri"), ("email", "a@b.example"), ("from", "2026-02-01")];
    gaia.led("/amministrazione/uffici/nuovo", &office).await;
    assert!(gaia.see("/amministrazione/uffici").await.contains("Anagrafe"));
    assert_eq!(gaia.post("/amministrazione/uffici/nuovo", &[("name", "")]).await.status, 422);
    let office = format!("/amministrazione/uffici/{}", town.building);
    gaia.see(&office).await;

    let person = [
        ("name", "Ivo Verdi"),
        ("login", "ivo"),
        ("email", "i@b.example"),
        ("roles", "operator"),
        ("offices", town.building.as_str()),
    ];
    let made = gaia.post("/amministrazione/operatori/nuovo", &person).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(made.text().contains("/primo-accesso/"));
    assert_eq!(
        gaia.post("/amministrazione/operatori/nuovo", &person).await.status,
        422,
        "the login is taken"
    );
    let dino = format!("/amministrazione/operatori/{}", town.building_operator);
    assert!(!gaia.see(&dino).await.contains("/primo-accesso/"));
    assert!(gaia.post(&format!("{dino}/invito"), &[]).await.text().contains("/primo-accesso/"));
    gaia.see(&format!("{dino}/disattiva")).await;
    let mut at_work = Desk::of(&town, &town.building_operator).await;
    at_work.see("/ufficio").await;
    gaia.led(&format!("{dino}/disattiva"), &[]).await;
    assert_eq!(at_work.get("/ufficio").await.status, 303, "his session ended");

    let kind = [
        ("code", "accesso"),
        ("name", "Accesso agli atti"),
        ("document_type", "istanza"),
        ("term_days", "30"),
        ("silence", "denial"),
        ("retention_years", "10"),
        ("offered", "1"),
    ];
    gaia.led("/amministrazione/tipi/nuovo", &kind).await;
    assert_eq!(gaia.post("/amministrazione/tipi/nuovo", &kind).await.status, 422);
    assert!(gaia.see("/amministrazione/tipi").await.contains("Accesso agli atti"));
    let most = [("file_mb", "2"), ("files", "3"), ("message_mb", "5"), ("text", "900")];
    gaia.led("/amministrazione/limiti", &most).await;
    assert_eq!(town.limits().text_chars, 900);
    assert_eq!(gaia.post("/amministrazione/limiti", &[("file_mb", "999999")]).await.status, 422);
}

#[tokio::test]
async fn nothing_here_is_for_a_citizen() {
    let town = Town::start().await;
    let id = filed(&town).await;
    let mut anna = Desk::of(&town, &town.anna).await;
    for path in [
        "/ufficio",
        "/ufficio/nuovo",
        "/ufficio/fascicoli",
        "/ufficio/registro",
        "/ufficio/lavori",
        "/revisore",
        "/revisore/integrita",
        "/revisore/accessi",
        "/amministrazione",
        "/amministrazione/ente",
        "/amministrazione/operatori",
        "/amministrazione/operatori/nuovo",
        "/amministrazione/uffici/nuovo",
        "/amministrazione/tipi",
        "/amministrazione/posta",
        "/amministrazione/limiti",
        "/amministrazione/lavori",
    ] {
        assert_eq!(anna.get(path).await.status, 404, "{path}");
    }
    for path in [format!("/ufficio/messaggi/{id}"), format!("/revisore/messaggi/{id}")] {
        assert_eq!(anna.get(&path).await.status, 404, "{path}");
    }
}
