//! A person shows that a certified address is his: what comes from it and goes to it is in his inbox, and nobody else's.

use std::time::Duration;

use plico_courier::email::simulator::{Fault as Breaks, Stage};
use plico_courier::pec::simulator::Submission;
use plico_desk::mail::Taken;

use super::letter_mail::{NOW, OURS, Office};
use super::staff::Desk;
use super::support::Town;

const HERS: &str = "anna.bassi@pec.prova.example";

/// The code in the last mail that left.
fn code(office: &Office) -> String {
    let mail = office.smtp.server().mailbox.last().unwrap().clone();
    assert_eq!(mail.to, [HERS]);
    let providers = office.provider.lock().unwrap().providers();
    let read = plico_courier::pec::read::read(mail.data.as_bytes(), &providers).unwrap();
    let text = read.content.unwrap().text;
    let is_code =
        |line: &&str| line.trim().len() == 9 && line.trim().bytes().all(|b| b.is_ascii_digit() || b == b' ');
    text.lines().find(is_code).unwrap_or_else(|| panic!("{text}")).trim().to_owned()
}

async fn proves(office: &Office, person: &str) {
    let mut anna = Desk::of(&office.town, person).await;
    anna.see("/profilo").await;
    anna.led("/profilo/pec", &[("pec", HERS)]).await;
    office.town.settle().await;
    anna.led("/profilo/pec/codice", &[("code", &code(office))]).await;
}

async fn comes(office: &Office, id: &str) -> String {
    let raw = format!(
        "From: Anna <{HERS}>\r\nTo: {OURS}\r\nMessage-ID: <{id}@x.example>\r\nSubject: Dal mio indirizzo {id}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nBuongiorno\r\n"
    );
    let submission = Submission { from: HERS, to: &[OURS], raw: raw.as_bytes(), at_ms: NOW };
    let delivered = office.provider.lock().unwrap().submit(&submission).unwrap();
    let to_us = delivered.into_iter().find(|one| one.to == OURS).unwrap();
    let Taken::Message(filed) = office.hear(&to_us.raw).await else { panic!("a message") };
    filed.message
}

#[tokio::test]
async fn whose_address_it_is_finds_what_comes_from_it_and_goes_to_it() {
    let office = Office::open().await;
    let before = comes(&office, "m0").await;
    let mut anna = Desk::of(&office.town, &office.town.anna).await;
    assert_eq!(anna.get(&format!("/messaggi/{before}")).await.status, 404, "nobody knows whose it is");
    assert!(anna.see("/profilo").await.contains("La tua PEC"));
    assert_eq!(anna.post("/profilo/pec", &[("pec", "non è")]).await.status, 422);
    anna.led("/profilo/pec", &[("pec", " Anna.Bassi@PEC.prova.example ")]).await;
    anna.led("/profilo/pec", &[("pec", HERS)]).await;
    office.town.settle().await;
    assert_eq!(office.left(), 1, "asked twice, it is one code");
    let right = code(&office);
    assert!(anna.see("/profilo").await.contains("Abbiamo mandato un codice"));
    let wrong = anna.post("/profilo/pec/codice", &[("code", "12")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Il codice non è questo"));
    // What its provider says of it is nobody's letter.
    for raw in office.receipts_to(HERS) {
        assert_eq!(office.hear(&raw).await, Taken::Known);
    }
    anna.led("/profilo/pec/codice", &[("code", &right)]).await;
    assert!(anna.see("/profilo").await.contains(HERS));
    assert_eq!(anna.post("/profilo/pec/codice", &[("code", &right)]).await.status, 422, "it is good once");

    let hers = comes(&office, "m1").await;
    office.town.settle().await;
    assert!(anna.see(&format!("/messaggi/{hers}")).await.contains("Dal mio indirizzo m1"));
    let mut clerk = Desk::of(&office.town, &office.town.protocol_operator).await;
    assert!(clerk.see(&format!("/ufficio/messaggi/{hers}")).await.contains("Anna Bassi"));
    // The answer goes to that address by default, and her contact for notices is what it was.
    assert!(!anna.see("/profilo").await.contains(&format!("type=\"email\" value=\"{HERS}\"")));
    let letter = office.letter_at("brief1", HERS).await;
    office.town.settle().await;
    assert_eq!(office.smtp.server().mailbox.last().unwrap().to, [HERS]);
    assert!(anna.see(&format!("/messaggi/{letter}")).await.contains("Esito del sopralluogo"));
    office.sound().await;

    // Removed, it is nobody's again.
    anna.led("/profilo/pec/togli", &[("pec", HERS)]).await;
    assert_eq!(anna.post("/profilo/pec/togli", &[("pec", HERS)]).await.status, 404);
    let after = comes(&office, "m2").await;
    assert_eq!(anna.get(&format!("/messaggi/{after}")).await.status, 404);
    office.sound().await;
}

#[tokio::test]
async fn an_address_of_two_is_nobodys_and_a_code_is_not_guessed() {
    let office = Office::open().await;
    let town: &Town = &office.town;
    let mut bruno = Desk::of(town, &town.bruno).await;
    bruno.see("/profilo").await;
    bruno.led("/profilo/pec", &[("pec", HERS)]).await;
    town.settle().await;
    let right = code(&office);
    let wrong = if right.starts_with('0') { "1000 0000" } else { "0000 0000" };
    for _ in 0..5 {
        assert_eq!(bruno.post("/profilo/pec/codice", &[("code", wrong)]).await.status, 422);
    }
    let over = bruno.post("/profilo/pec/codice", &[("code", &right)]).await;
    assert!(over.status == 422 && over.text().contains("non vale più"), "{}", over.text());
    // A day later a new one is good; another person's is not.
    town.clock.advance(Duration::from_hours(25));
    proves(&office, &town.bruno).await;
    let mut bruno = Desk::of(town, &town.bruno).await;
    let his = comes(&office, "m1").await;
    town.settle().await;
    assert_eq!(bruno.get(&format!("/messaggi/{his}")).await.status, 200);
    let mut anna = Desk::of(town, &town.anna).await;
    assert_eq!(anna.get(&format!("/messaggi/{his}")).await.status, 404);
    proves(&office, &town.anna).await;
    let whose = comes(&office, "m2").await;
    for person in [&mut anna, &mut bruno] {
        assert_eq!(person.get(&format!("/messaggi/{whose}")).await.status, 404, "two say that it is theirs");
    }
    // After two years it is to be shown anew: providers give addresses to others.
    anna.led("/profilo/pec/togli", &[("pec", HERS)]).await;
    town.clock.advance(Duration::from_hours(24 * 731));
    let mut bruno = Desk::of(town, &town.bruno).await;
    assert!(bruno.see("/profilo").await.contains("è passato troppo tempo"));
    let late = comes(&office, "m3").await;
    assert_eq!(bruno.get(&format!("/messaggi/{late}")).await.status, 404);
    // What the server does not take is told to the operator, and asked for again.
    office.smtp.server().misbehave(Stage::Recipient, Breaks::Say("550 5.1.1 no such user".into()));
    bruno.led("/profilo/pec", &[("pec", HERS)]).await;
    town.settle().await;
    office.sound().await;
}
