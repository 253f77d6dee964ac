//! Courtesy notices: they leave, wait while the mail server is down, end visibly, and never hold up anything.

use std::time::Duration;

use plico::work;
use plico_archive::read::message;
use plico_courier::email::simulator::{Fault, Stage};
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter, Sent};
use plico_testkit::real::or_say;
use plico_testkit::real::postfix::Postfix;
use plico_testkit::smtp::Smtp;

use super::support::Town;

async fn town(port: u16) -> Town {
    Town::with(|config| {
        config.smtp.host = "127.0.0.1".into();
        config.smtp.port = port;
        config.smtp.security = "none".into();
        config.smtp.from = "avvisi@borgo.example".into();
        config.smtp.timeout_seconds = 1;
    })
    .await
}

async fn letter(town: &Town) -> Sent {
    let anna = town.as_person(&town.anna).await;
    town.app.desk.change_contact(&anna, "anna.bassi@posta.example").await.unwrap();
    let operator = town.as_operator(&town.protocol_operator).await;
    let letter = Letter {
        act: Act::Message,
        about: None,
        office: town.protocol.clone(),
        recipient: Recipient { fiscal_code: super::support::code("BSSNNA80A41H501"), ..Recipient::default() },
        copies: String::new(),
        effect: "communication".into(),
        subject: "Una faccenda riservata".into(),
        text: "Parole che nessun avviso porta.".into(),
        category: String::new(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: "unlettera".into(),
    };
    town.app.desk.send_letter(&operator, letter).await.unwrap()
}

async fn notice_of(town: &Town, sent: &Sent) -> Option<String> {
    let database = town.app.desk.archive().database();
    message::delivery(database, sent.delivery.as_deref().unwrap()).await.unwrap().unwrap().notice
}

#[tokio::test]
async fn it_says_where_and_not_what() {
    let smtp = Smtp::start().await.unwrap();
    let town = town(smtp.address().port()).await;
    let sent = letter(&town).await;
    town.settle().await;
    assert_eq!(notice_of(&town, &sent).await.as_deref(), Some("sent"));
    let mailbox = smtp.server().mailbox.clone();
    assert_eq!(mailbox.len(), 1);
    assert_eq!(mailbox[0].to, ["anna.bassi@posta.example"]);
    let soft = mailbox[0].data.replace("=\r\n", "");
    assert!(soft.contains(&format!("/messaggi/{}", sent.message)), "{soft}");
    assert!(!soft.contains("riservata") && !soft.contains("Parole"), "{soft}");
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_asked_again() {
    let smtp = Smtp::start().await.unwrap();
    smtp.server().misbehave(Stage::Recipient, Fault::Say("450 4.2.1 try later".into()));
    let town = town(smtp.address().port()).await;
    let sent = letter(&town).await;
    work::drain(&town.app, "test").await.unwrap();
    assert_eq!(notice_of(&town, &sent).await, None);
    let failing = town.app.desk.archive().failing_jobs(super::support::BODY).await.unwrap();
    assert!(failing.iter().any(|job| job.kind == "notice" && job.state == "waiting"));
    town.clock.advance(Duration::from_mins(1));
    town.settle().await;
    assert_eq!(notice_of(&town, &sent).await.as_deref(), Some("sent"));
}

#[tokio::test]
async fn an_address_that_is_refused_is_recorded_and_not_tried_again() {
    let smtp = Smtp::start().await.unwrap();
    smtp.server().misbehave(Stage::Recipient, Fault::Say("550 5.1.1 no such user".into()));
    let town = town(smtp.address().port()).await;
    let sent = letter(&town).await;
    town.settle().await;
    assert_eq!(notice_of(&town, &sent).await.as_deref(), Some("failed"));
    assert!(smtp.server().mailbox.is_empty());
}

#[tokio::test]
async fn a_server_that_is_down_gives_up_visibly_and_without_one_nothing_fails() {
    let smtp = Smtp::start().await.unwrap();
    let port = smtp.address().port();
    drop(smtp);
    let town = town(port).await;
    let sent = letter(&town).await;
    for _ in 0..plico_archive::outbox::ATTEMPTS + 2 {
        while work::drain(&town.app, "test").await.unwrap() > 0 {}
        town.clock.advance(Duration::from_hours(2));
    }
    assert_eq!(notice_of(&town, &sent).await.as_deref(), Some("failed"));
    assert_eq!(town.app.desk.archive().given_up(super::support::BODY).await.unwrap(), 1);

    let quiet = Town::start().await;
    let sent = letter(&quiet).await;
    quiet.settle().await;
    assert_eq!(notice_of(&quiet, &sent).await, None);
    assert!(quiet.app.desk.archive().failing_jobs(super::support::BODY).await.unwrap().is_empty());
}

#[tokio::test]
async fn through_a_real_mail_server_it_reaches_the_mailbox() {
    let Some(postfix) = or_say(Postfix::start(&["anna.bassi"])) else { return };
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, postfix.authority_pem()).unwrap();
    let town = Town::with(|config| {
        config.smtp.host = "localhost".into();
        config.smtp.port = postfix.port();
        config.smtp.from = "avvisi@borgo.example".into();
        config.smtp.authority = Some(authority);
    })
    .await;
    postfix.stop().unwrap();
    let sent = letter(&town).await;
    work::drain(&town.app, "test").await.unwrap();
    assert_eq!(notice_of(&town, &sent).await, None);
    postfix.resume().unwrap();
    town.clock.advance(Duration::from_mins(1));
    town.settle().await;
    assert_eq!(notice_of(&town, &sent).await.as_deref(), Some("sent"));
    let delivered = postfix.delivered("anna.bassi", 1);
    assert_eq!(delivered.len(), 1, "once, though it was tried twice");
    let soft = delivered[0].replace("=\n", "");
    assert!(soft.contains(&format!("/messaggi/{}", sent.message)), "{soft}");
    assert!(!soft.contains("riservata") && !soft.contains("Parole"), "{soft}");
}

#[tokio::test]
async fn a_test_notice_goes_to_ones_own_contact_and_once() {
    let smtp = Smtp::start().await.unwrap();
    let town = town(smtp.address().port()).await;
    let anna = town.as_person(&town.anna).await;
    assert!(town.app.desk.order_test_notice(&anna).await.is_err(), "there is no contact yet");
    town.app.desk.change_contact(&anna, "anna.bassi@posta.example").await.unwrap();
    for _ in 0..3 {
        town.app.desk.order_test_notice(&anna).await.unwrap();
    }
    town.settle().await;
    let mailbox = smtp.server().mailbox.clone();
    assert_eq!(mailbox.len(), 1, "three in a row are one");
    assert_eq!(mailbox[0].to, ["anna.bassi@posta.example"]);
    assert!(mailbox[0].data.contains("avviso di prova"), "{}", mailbox[0].data);
}
