//! The e-mail channel against a server that behaves, and one that does not.

use plico_courier::email::simulator::{Fault, Session, Stage, Step, fuzz_session};
use plico_courier::email::{Email, EmailSettings, EmailSettingsError, Security};
use plico_courier::pec::daticert::Extent;
use plico_courier::pec::{Post, Sender, SubmitError};
use plico_courier::{Channel as _, Notice, SendError};
use plico_testkit::smtp::Smtp;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn settings(server: &Smtp) -> EmailSettings {
    EmailSettings {
        host: "127.0.0.1".to_owned(),
        port: server.address().port(),
        security: Security::None,
        credentials: None,
        authority_pem: None,
        from_name: "Comune di Borgo San Plico".to_owned(),
        from_address: "non-rispondere@borgo.example".to_owned(),
        reply_to: Some("protocollo@borgo.example".to_owned()),
        hello_name: "plico.borgo.example".to_owned(),
        timeout: Duration::from_millis(400),
    }
}

fn notice() -> Notice {
    Notice {
        id: "01JD-n1".to_owned(),
        to: "maria@posta.example".to_owned(),
        subject: "C'è un nuovo documento per Lei".to_owned(),
        text: "Gentile utente,\n.un punto in testa alla riga\nperché è così: https://plico.example/m/1\n"
            .to_owned(),
        html: None,
        language: "it".to_owned(),
        instant_ms: 1_795_287_600_000,
    }
}

async fn channel() -> (Smtp, Email) {
    let server = Smtp::start().await.expect("a server starts");
    let email = Email::new(&settings(&server)).expect("the settings are good");
    (server, email)
}

#[tokio::test]
async fn a_notice_arrives_marked_as_automatic_with_its_id() {
    let (server, email) = channel().await;
    email.test().await.unwrap();
    let receipt = email.send(&notice()).await.unwrap();
    assert_eq!(receipt.reference, "<01JD-n1@borgo.example>");
    assert!(receipt.answer.starts_with("250 "), "{}", receipt.answer);
    let mailbox = server.server().mailbox.clone();
    let [mail] = mailbox.as_slice() else { panic!("one message: {mailbox:?}") };
    assert_eq!(mail.from, "non-rispondere@borgo.example");
    assert_eq!(mail.to, ["maria@posta.example"]);
    for (name, value) in [
        ("Message-ID", "<01JD-n1@borgo.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", "it"),
        ("To", "maria@posta.example"),
        ("Reply-To", "protocollo@borgo.example"),
        ("Date", "Sat, 21 Nov 2026 19:00:00 +0000"),
    ] {
        assert_eq!(mail.header(name).as_deref(), Some(value), "{name}");
    }
    assert!(mail.header("Subject").unwrap().contains("=?utf-8?"), "not ASCII, so encoded");
    assert!(
        mail.data.contains("\r\n.un punto")
            || mail.data.contains("=2Eun punto")
            || mail.data.contains("base64")
    );
}

#[tokio::test]
async fn html_comes_with_the_text_and_a_retry_is_the_same_bytes() {
    let (server, email) = channel().await;
    let notice = Notice { html: Some("<p>perché</p>".to_owned()), ..notice() };
    email.send(&notice).await.unwrap();
    email.send(&notice).await.unwrap();
    let mailbox = server.server().mailbox.clone();
    assert_eq!(mailbox[0], mailbox[1]);
    assert!(mailbox[0].header("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(mailbox[0].data.contains("text/plain") && mailbox[0].data.contains("text/html"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_contacted() {
    let (server, email) = channel().await;
    let bad: [fn(&mut Notice); 5] = [
        |notice| notice.to = "not an address".to_owned(),
        |notice| notice.to = "a@b.example>\r\nBcc: <c@d.example".to_owned(),
        |notice| notice.id = "x\r\nBcc: c@d.example".to_owned(),
        |notice| notice.id = String::new(),
        |notice| notice.text = "x".repeat(600 * 1024),
    ];
    for change in bad {
        let mut notice = notice();
        change(&mut notice);
        let error = email.send(&notice).await.unwrap_err();
        assert!(!error.is_temporary(), "{error}");
    }
    let injected = Notice {
        subject: "ciao\r\nBcc: c@d.example".to_owned(),
        language: "it\r\nX: y".to_owned(),
        ..notice()
    };
    email.send(&injected).await.unwrap();
    let mail = server.server().mailbox[0].clone();
    assert_eq!(mail.header("Bcc"), None);
    assert_eq!(mail.header("X"), None);
}

#[tokio::test]
async fn every_misbehaviour_says_whether_another_attempt_makes_sense() {
    let (server, email) = channel().await;
    let say = |text: &str| Fault::Say(text.to_owned());
    let stages = [Stage::Greeting, Stage::Sender, Stage::Recipient, Stage::Data, Stage::Message];
    for stage in stages {
        for (fault, temporary) in [
            (say("450 4.2.1 try later"), true),
            (say("554 5.7.1 not you"), false),
            (say("this is not SMTP"), true),
            (Fault::HangUp, true),
            (Fault::Stall, true),
        ] {
            // Each stall takes all of the patience there is: twice is enough.
            if fault == Fault::Stall && !matches!(stage, Stage::Greeting | Stage::Message) {
                continue;
            }
            server.server().misbehave(stage, fault.clone());
            let begun = Instant::now();
            let error = email.send(&notice()).await.expect_err("it misbehaves");
            assert_eq!(error.is_temporary(), temporary, "{stage:?} {fault:?}: {error:?}");
            assert!(!error.to_string().contains("maria"), "no personal data in what is logged: {error}");
            assert!(begun.elapsed() < Duration::from_secs(4), "{stage:?} {fault:?}");
            assert!(server.server().mailbox.is_empty());
        }
    }
    email.send(&notice()).await.unwrap();
    assert!(server.server().faults.is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_temporary_and_the_retry_is_recognisable() {
    let (server, email) = channel().await;
    server.server().misbehave(Stage::Accepted, Fault::HangUp);
    assert!(email.send(&notice()).await.unwrap_err().is_temporary());
    email.send(&notice()).await.unwrap();
    let mailbox = server.server().mailbox.clone();
    assert_eq!(mailbox.len(), 2);
    assert_eq!(mailbox[0].header("Message-ID"), mailbox[1].header("Message-ID"));
}

#[tokio::test]
async fn nothing_is_sent_in_clear_when_protection_is_asked_for() {
    let server = Smtp::start().await.unwrap();
    for security in [Security::StartTls, Security::Tls] {
        let credentials = Some(("user".to_owned(), "a password".to_owned()));
        let settings = EmailSettings { security, credentials, ..settings(&server) };
        assert!(!format!("{settings:?}").contains("a password"));
        let email = Email::new(&settings).unwrap();
        assert!(email.send(&notice()).await.unwrap_err().is_temporary());
        assert!(email.test().await.is_err());
    }
    assert!(server.server().mailbox.is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_and_settings_that_are_wrong() {
    let server = Smtp::start().await.unwrap();
    let settings = settings(&server);
    drop(server);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let error = Email::new(&settings).unwrap().send(&notice()).await.unwrap_err();
    assert!(matches!(error, SendError::Temporary { .. }));
    let wrong = EmailSettings { from_address: "nobody".to_owned(), ..settings.clone() };
    assert!(matches!(Email::new(&wrong), Err(EmailSettingsError::Address { .. })));
    let wrong =
        EmailSettings { security: Security::Tls, authority_pem: Some(b"not PEM".to_vec()), ..settings };
    assert!(matches!(Email::new(&wrong), Err(EmailSettingsError::Tls(_))));
}

#[test]
fn the_simulator_insists_on_the_order_of_things() {
    let mut server = plico_courier::email::simulator::Server::new();
    let mut session = Session::default();
    let said = |step: Step| match step {
        Step::Say(text) | Step::SayAndClose(text) => text[..3].to_owned(),
        _ => String::new(),
    };
    for (line, code) in [
        ("RCPT TO:<a@b.example>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:nobody", "501"),
        ("EXPN everybody", "502"),
        ("MAIL FROM:<>", "250"),
        ("DATA", "503"),
        ("RCPT TO:<a@b.example>", "250"),
        ("DATA", "354"),
        ("..x", ""),
        (".", "250"),
        ("QUIT", "221"),
    ] {
        assert_eq!(said(session.line(&mut server, line)), code, "{line}");
    }
    assert_eq!(server.mailbox[0].data, ".x\r\n");
}

proptest! {
    #[test]
    fn the_simulator_never_panics(bytes: Vec<u8>, lines in "((MAIL FROM:<|RCPT TO:<|DATA|EHLO x|>|\\.|\r\n|x){0,30})") {
        fuzz_session(&bytes);
        fuzz_session(lines.as_bytes());
    }
}

/// What became of a certified message when the server did this, and how often it has it.
async fn submitted(faults: Vec<(Stage, Fault)>) -> (Result<(), SubmitError>, usize) {
    let server = Smtp::start().await.expect("a server starts");
    let sender = Sender::new(&settings(&server)).expect("the settings are good");
    let post = Post {
        id: "01JD-p1".to_owned(),
        instant_ms: 1_795_287_600_000,
        to: vec!["lia@pec.example".to_owned()],
        subject: "Risposta".to_owned(),
        text: "È pronto.".to_owned(),
        files: Vec::new(),
        extent: Extent::Complete,
    };
    for (stage, fault) in faults {
        server.server().misbehave(stage, fault);
    }
    let raw = sender.write(&post).expect("it can be written");
    let sent = sender
        .send(&post, &raw)
        .await
        .map(|receipt| assert_eq!(receipt.reference, "<01JD-p1@borgo.example>"));
    let has = server.server().mailbox.len();
    (sent, has)
}

#[tokio::test]
async fn a_certified_message_of_which_the_answer_is_lost_is_in_doubt() {
    assert!(matches!(submitted(vec![]).await, (Ok(()), 1)));
    for fault in [Fault::HangUp, Fault::Stall] {
        let taken = submitted(vec![(Stage::Accepted, fault.clone())]).await;
        assert!(matches!(taken, (Err(SubmitError::InDoubt(_)), 1)), "{taken:?}");
        let lost = submitted(vec![(Stage::Message, fault.clone())]).await;
        assert!(matches!(lost, (Err(SubmitError::InDoubt(_)), 0)), "{lost:?}");
        let never = submitted(vec![(Stage::Greeting, fault)]).await;
        assert!(matches!(&never, (Err(SubmitError::NotSent(error)), 0) if error.is_temporary()), "{never:?}");
    }
}

#[tokio::test]
async fn a_certified_message_that_is_refused_is_in_no_doubt() {
    for stage in [Stage::Sender, Stage::Recipient, Stage::Data, Stage::Message] {
        for (words, temporary) in [("450 4.2.1 try later", true), ("550 5.1.1 no such user", false)] {
            let said = submitted(vec![(stage, Fault::Say(words.to_owned()))]).await;
            assert!(
                matches!(&said, (Err(SubmitError::NotSent(error)), 0) if error.is_temporary() == temporary),
                "{stage:?} {words}: {said:?}"
            );
        }
    }
}
