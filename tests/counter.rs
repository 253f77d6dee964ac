//! The counter: what comes on paper gets its number, its receipts and its label at once, and its scan later.

use plico_archive::Authorisation;

use super::staff::{Desk, action};
use super::support::{BODY, Town};

/// A form of the counter, filled.
pub fn form<'a>(town: &'a Town, token: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("token", token),
        ("channel", "registered_post"),
        ("basis", "identity_copy"),
        ("name", "Bruno Conti"),
        ("fiscal_code", "90042100330"),
        ("kind", "istanza"),
        ("office", &town.building),
        ("subject", "Richiesta di sopralluogo"),
        ("text", "Due fogli e una planimetria."),
    ]
}

fn with<'a>(mut form: Vec<(&'a str, &'a str)>, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    form.retain(|(known, _)| *known != name);
    form.push((name, value));
    form
}

#[tokio::test]
async fn paper_is_registered_labelled_and_scanned() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    assert!(carla.see("/ufficio").await.contains("/ufficio/sportello"));
    let page = carla.see("/ufficio/sportello").await;
    assert!(page.contains("name=\"token\""));
    // What does not fit is said, and nothing is registered.
    let late = with(form(&town, "aa"), "arrived_day", "2026-03-02");
    let answer = carla.post("/ufficio/sportello", &late).await;
    assert_eq!(answer.status, 422, "without a reason");
    assert!(answer.text().contains("f-deferred"));
    for (name, value) in
        [("channel", "pigeon"), ("name", " "), ("fiscal_code", "XYZ"), ("subject", ""), ("office", "nowhere")]
    {
        let answer = carla.post("/ufficio/sportello", &with(form(&town, "aa"), name, value)).await;
        assert_eq!(answer.status, 422, "{name} = {value}");
    }
    let deferred = with(late, "deferred", "Ufficio chiuso per il patrono");
    let item = carla.led("/ufficio/sportello", &deferred).await;
    let again = carla.led("/ufficio/sportello", &deferred).await;
    assert_eq!(item, again, "sent twice is registered once");
    // With other words it would be answered with a registration that does not have them.
    let answer = carla.post("/ufficio/sportello", &with(deferred.clone(), "subject", "Altro")).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("già stato registrato"), "{}", answer.text());
    town.settle().await;

    let text = carla.see(&item).await;
    assert!(text.contains("0000001/2026") && text.contains("Fornace Bassi"), "known by the code: {text}");
    let id = item.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let view = town.app.desk.message(&town.as_operator(&town.protocol_operator).await, &id).await.unwrap();
    let entry = view.entry.unwrap();
    let day = plico_record::day::LegalDay::at(entry.presented_ms.unwrap()).to_string();
    assert_eq!(day, "2026-03-02", "the day of arrival");
    assert!(entry.registered_ms > entry.presented_ms.unwrap());
    assert_eq!(view.message.basis.as_deref(), Some("identity_copy"));

    // The receipt is handed over; the label is printed.
    let (before, _) = text.split_once("download>Ricevuta di presentazione").unwrap();
    let receipt = before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let pdf = carla.get(&receipt).await;
    assert_eq!(pdf.status, 200);
    let words = plico_pdf::read::text(&pdf.body, 100_000).unwrap().text;
    assert!(words.contains("Per raccomandata"), "{words}");
    assert!(words.contains("Si attesta che il 2 marzo 2026"), "the day it arrived: {words}");
    for sheet in ["", "?posto=24"] {
        let label = carla.get(&format!("/ufficio/messaggi/{id}/etichetta{sheet}")).await;
        assert!(label.status == 200 && label.body.starts_with(b"%PDF"), "{sheet}");
    }
    assert_eq!(carla.get(&format!("/ufficio/messaggi/{id}/etichetta?posto=25")).await.status, 404);

    // It stands in the report of what was registered later, and in no other.
    let report = |which: &str, format: &str| {
        format!("/ufficio/registro/rapporti?quale={which}&dal=2026-01-01&al=2026-12-31&formato={format}")
    };
    assert!(carla.see(&report("deferred", "")).await.contains("0000001/2026"));
    let csv = carla.get(&report("deferred", "csv")).await.text();
    assert!(csv.contains("Ufficio chiuso per il patrono"), "{csv}");
    for which in ["annulled", "changed", "late", "emergency"] {
        assert!(!carla.see(&report(which, "")).await.contains("0000001/2026"), "{which}");
    }
    assert!(carla.see(&report("unfiled", "")).await.contains("0000001/2026"));
    assert!(carla.get(&report("unfiled", "pdf")).await.body.starts_with(b"%PDF"));
    assert_eq!(carla.get(&report("nothing", "")).await.status, 404);
    assert_eq!(carla.get("/ufficio/registro/rapporti?dal=ieri").await.status, 422);

    // The scan follows.
    let scan = action(&text);
    let empty = carla.send(&scan, &[], &[]).await;
    assert_eq!(empty.header("location"), Some(format!("/ufficio/messaggi/{id}?fatto=vuoto").as_str()));
    let sent = carla.send(&scan, &[], &[("scansione.pdf", b"%PDF-1.4 scan")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert!(carla.see(&item).await.contains("scansione.pdf"));

    // Somebody of another office may not, and what a citizen presented has no label of the counter.
    let mut dino = Desk::of(&town, &town.building_operator).await;
    assert!(!dino.see("/ufficio").await.contains("/ufficio/sportello"));
    assert_eq!(dino.post("/ufficio/sportello", &form(&town, "bb")).await.status, 403);
    let filed = super::staff::filed(&town).await;
    let refused = carla.send(&format!("/ufficio/messaggi/{filed}/scansione"), &[], &[("a.txt", b"a")]).await;
    assert_eq!(refused.status, 404);
    let archive = town.app.desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    assert!(archive.fsck().await.unwrap().clean);

    // The entry was made before there was a file: its impronta stands among the changes of the day.
    town.clock.advance(super::register::DAY);
    assert_eq!(town.app.desk.close_register_days().await.unwrap(), 1);
    let day = super::register::day_xml(&town).await;
    let digest = plico_archive::hex(&plico_crypto::digest::sha256(b"%PDF-1.4 scan"));
    assert!(day.contains("campo=\"scan\"") && day.contains(&format!("<dopo>SHA-256 {digest}<")), "{day}");
    assert!(!day.contains("scansione.pdf"), "a name may be destroyed one day");
}

#[tokio::test]
async fn an_emergency_is_opened_renewed_closed_and_entered() {
    let town = Town::start().await;
    let base = "/ufficio/registro/emergenza";
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let mut elena = Desk::of(&town, &town.records_manager).await;
    assert!(
        !carla.see(base).await.contains("Apri il registro")
            && elena.see(base).await.contains("Apri il registro")
    );
    let opening = [
        ("cause", "Guasto della rete"),
        ("from_day", "2026-03-09"),
        ("from_time", "09:00"),
        ("until", "2026-03-14"),
        ("authorisation", "Determina 41 del 9 marzo 2026"),
    ];
    assert_eq!(carla.post(base, &opening).await.status, 403, "the records manager's alone");
    for (name, value) in
        [("until", "2026-03-30"), ("until", "2026-03-01"), ("cause", ""), ("from_day", "2026-03-20")]
    {
        let answer = elena.post(base, &with(opening.to_vec(), name, value)).await;
        assert_eq!(answer.status, 422, "{name} = {value}");
    }
    let one = elena.led(base, &opening).await;
    let one = one.split('?').next().unwrap().to_owned();
    assert_eq!(elena.post(base, &opening).await.status, 409, "one at a time");
    let renewal = [("until", "2026-03-20"), ("authorisation", "Determina 44 del 14 marzo 2026")];
    elena.led(&format!("{one}/proroga"), &renewal).await;
    let closing =
        [("to_day", "2026-03-10"), ("to_time", "09:00"), ("totals", "2026-03-09 = 2\n2026-03-10 = \n")];
    let wrong =
        elena.post(&format!("{one}/chiudi"), &with(closing.to_vec(), "totals", "2026-02-01 = 3")).await;
    assert_eq!(wrong.status, 422, "a day before it began");
    elena.led(&format!("{one}/chiudi"), &closing).await;
    let page = carla.see(&one).await;
    assert!(page.contains("Determina 41") && page.contains("Determina 44"));
    assert!(page.contains("2 registrazioni fatte a mano"), "none of two is entered: {page}");

    // What was numbered by hand is entered at the counter, once.
    let id = one.rsplit('/').next().unwrap();
    let entering = |token, number, day| {
        let form = with(with(form(&town, token), "emergency", id), "emergency_number", number);
        with(with(form, "arrived_day", day), "deferred", "registro di emergenza")
    };
    let item = carla.led("/ufficio/sportello", &entering("e1", "1", "2026-03-09")).await;
    assert_eq!(
        carla.post("/ufficio/sportello", &entering("e2", "1", "2026-03-09")).await.status,
        422,
        "twice"
    );
    assert_eq!(
        carla.post("/ufficio/sportello", &entering("e3", "0", "2026-03-09")).await.status,
        422,
        "no number"
    );
    carla.led("/ufficio/sportello", &entering("e4", "2", "2026-03-09")).await;
    let page = carla.see(&one).await;
    assert!(page.contains("0000001/2026") && page.contains("0000002/2026"));
    assert!(page.contains("sono state riportate") && !page.contains("non sono ancora"), "{page}");
    assert!(page.contains(item.split('?').next().unwrap()));
    town.settle().await;
    let archive = town.app.desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    // Destroyed by lawful act, it leaves its number behind: nothing else may have it.
    let message = item.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let authorisation = Authorisation {
        destruction: "scarto".into(),
        administration: BODY.into(),
        authority: "Soprintendenza".into(),
        number: "12".into(),
        date: "2026-03-10".into(),
    };
    let erased = archive.erase(&authorisation, vec![message]).await.unwrap();
    assert_eq!(erased.erased.len(), 1);
    let again = carla.post("/ufficio/sportello", &entering("e5", "1", "2026-03-09")).await;
    assert_eq!(again.status, 422, "the number of what was destroyed");
    assert!(carla.see(&one).await.contains("0000001/2026"));
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    assert!(archive.fsck().await.unwrap().clean);
}

#[tokio::test]
async fn parties_of_another_system_are_picked() {
    let town = Town::start().await;
    let mut elena = Desk::of(&town, &town.records_manager).await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let base = "/ufficio/soggetti";
    assert_eq!(carla.get(base).await.status, 403);
    assert!(elena.see(base).await.contains("Nessun soggetto importato"));
    let file = |text: &'static str| [("soggetti.csv", text.as_bytes())];
    let wrong = file("n;c;p\nFornaci Riunite;12345;\n");
    let answer = elena.send(base, &[], &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Riga 2"), "{}", answer.text());
    let good = file("n;c;p\nFornaci Riunite;90042100330;info@fornaci.example\n");
    assert_eq!(carla.send(base, &[], &good).await.status, 403, "whoever manages no register brings nothing");
    let bare = file("Fornaci Riunite;90042100330;info@fornaci.example\n");
    assert!(elena.send(base, &[], &bare).await.text().contains("riga delle intestazioni"));
    for _ in 0..2 {
        assert_eq!(elena.send(base, &[], &good).await.status, 303);
    }
    assert!(elena.see(base).await.contains("Un soggetto importato"));
    carla.see("/ufficio/sportello").await;
    let look = with(with(form(&town, "cc"), "who", "fornaci"), "fai", "cerca");
    let found = carla.post("/ufficio/sportello", &look).await.text();
    assert!(found.contains("usa:elenco/90042100330") && found.contains("importato"), "{found}");
    let pick = with(with(form(&town, "cc"), "who", "fornaci"), "fai", "usa:elenco/90042100330");
    let filled = carla.post("/ufficio/sportello", &pick).await.text();
    assert!(filled.contains("value=\"info@fornaci.example\""), "{filled}");
    // A per cent sign is one.
    let odd = with(with(form(&town, "cc"), "who", "%fornaci"), "fai", "cerca");
    assert!(!carla.post("/ufficio/sportello", &odd).await.text().contains("elenco/90042100330"));
    let empty = format!("{base}/svuota");
    assert_eq!(carla.post(&empty, &[]).await.status, 403);
    assert!(elena.see(&empty).await.contains("Cancellare i soggetti importati?"));
    elena.led(&empty, &[]).await;
    let found = carla.post("/ufficio/sportello", &look).await.text();
    assert!(!found.contains("elenco/90042100330"));
}
