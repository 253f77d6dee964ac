//! The classification scheme: brought by a file, given with the number, corrected by hand, inherited by what answers.

use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::scheme::Class;
use plico_record::actor::Actor;

use super::staff::Desk;
use super::support::{BODY, Town};

const BASE: &str = "/ufficio/titolario";
const FILE: &str = "codice;voce;dal;al\r\nVI.10;Ambiente;2020-01-01;\r\nVI;Territorio;01/01/2020;\r\n\
    VI.3;Edilizia privata;2020-01-01;\r\nVI.9;Cave;2020-01-01;2025-12-31\r\n";

async fn classes(town: &Town) -> Vec<Class> {
    town.app.desk.scheme(BODY).await.unwrap()
}

async fn registered(desk: &mut Desk<'_>, town: &Town, token: &str) -> String {
    let form = [
        ("token", token),
        ("channel", "post"),
        ("basis", "not_established"),
        ("name", "Edilborgo S.r.l."),
        ("kind", "istanza"),
        ("office", &town.building),
        ("subject", "Permesso di costruire"),
        ("text", ""),
    ];
    desk.led("/ufficio/sportello", &form).await.split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_class_is_given_with_the_number_and_changed_by_hand() {
    let town = Town::start().await;
    let mut elena = Desk::of(&town, &town.records_manager).await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    assert!(elena.see(BASE).await.contains("Nessuna voce"));

    // A file is taken whole or not at all, by the records manager alone.
    let bad = b"codice;voce\nVI;Territorio\nVI..1;Che cosa\n";
    let answer = elena.send(&format!("{BASE}/file"), &[], &[("titolario.csv", bad)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Riga 3"), "{}", answer.text());
    assert_eq!(classes(&town).await, []);
    let refused = carla.send(&format!("{BASE}/file"), &[], &[("titolario.csv", FILE.as_bytes())]).await;
    assert_eq!(refused.status, 403);
    let taken = elena.send(&format!("{BASE}/file"), &[], &[("titolario.csv", FILE.as_bytes())]).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let codes: Vec<String> = classes(&town).await.into_iter().map(|class| class.code).collect();
    assert_eq!(codes, ["VI", "VI.3", "VI.9", "VI.10"], "in the order of the scheme");
    let changed =
        [("code", "VI.3"), ("title", "Edilizia dei privati"), ("from", "2020-01-01"), ("until", "")];
    elena.led(BASE, &changed).await;
    assert_eq!(carla.post(BASE, &changed).await.status, 403);
    assert!(carla.see(BASE).await.contains("Edilizia dei privati"), "everybody of the offices reads it");

    // The kind names the class: what is registered has it.
    let (desk, console) = (&town.app.desk, Actor::console(BODY, "test"));
    let mut kind = desk.kind(BODY, "istanza").await.unwrap().unwrap();
    kind.class = "VI.99".into();
    assert!(desk.save_kind(&console, kind.clone()).await.is_err(), "a class that is not there");
    let before = registered(&mut carla, &town, "a").await;
    kind.class = "VI.3".into();
    desk.save_kind(&console, kind).await.unwrap();
    let item = registered(&mut carla, &town, "b").await;
    assert!(carla.see(&item).await.contains("VI.3 Edilizia dei privati"));
    let report = "/ufficio/registro/rapporti?quale=unclassified&dal=2026-01-01&al=2026-12-31";
    let page = carla.see(report).await;
    assert!(page.contains("0000001/2026") && !page.contains("0000002/2026"), "the first has none: {page}");

    // Corrected by hand; what is out of use cannot be given any more.
    let over = carla.post(&format!("{before}/classifica"), &[("class", "VI.9")]).await;
    assert_eq!(over.status, 422);
    carla.led(&format!("{before}/classifica"), &[("class", "VI.10")]).await;
    carla.led(&format!("{before}/classifica"), &[("class", "VI")]).await;
    let page = carla.see(&before).await;
    assert!(page.contains("VI Territorio"));
    assert_eq!(page.matches("Classificata").count(), 2, "each stays in the history");
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let own = dino.see(&item).await;
    assert!(own.contains("/classifica"), "the office that has it may");

    // What answers it, and the case file that it goes into, are of the same class.
    let clerk = town.as_operator(&town.building_operator).await;
    let message = item.rsplit('/').next().unwrap();
    desk.take_in_charge(&clerk, message).await.unwrap();
    let letter = Letter {
        act: Act::Granted,
        about: Some(message.into()),
        office: String::new(),
        recipient: Recipient::default(),
        copies: String::new(),
        effect: "communication".into(),
        subject: "Permesso".into(),
        text: "Si rilascia.".into(),
        category: "letter".into(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: "t".into(),
    };
    let sent = desk.send_letter(&clerk, letter).await.unwrap();
    assert_eq!(desk.message(&clerk, &sent.message).await.unwrap().message.class, "VI.3");
    let case = desk.open_case(&clerk, &town.building, "Via Roma 4", "VI.10").await.unwrap();
    desk.file_into_case(&clerk, message, &case).await.unwrap();
    assert_eq!(desk.message(&clerk, message).await.unwrap().message.class, "VI.10");
    assert!(desk.open_case(&clerk, &town.building, "Via Po", "VI.9").await.is_err(), "out of use");
    assert!(dino.see(&format!("/ufficio/fascicoli/{case}")).await.contains("VI.10 Ambiente"));

    town.settle().await;
    let archive = desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    assert!(archive.fsck().await.unwrap().clean);
}
