//! The same clients against the real servers: Postfix and clamd.

use bytes::Bytes;
use futures_util::stream;
use plico_courier::email::{Email, EmailSettings, Security};
use plico_courier::malware::simulator::eicar;
use plico_courier::malware::{Address, Scanner, Unavailable, Verdict};
use plico_courier::{Channel as _, Notice};
use plico_testkit::real::clamav::{self, Clamav};
use plico_testkit::real::or_say;
use plico_testkit::real::postfix::{self, Postfix};
use std::time::Duration;

async fn scan(scanner: &Scanner, content: &[u8]) -> Verdict {
    let pieces: Vec<Result<Bytes, ()>> =
        content.chunks(60_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    scanner.scan(stream::iter(pieces)).await
}

#[tokio::test]
async fn clamd_finds_what_it_knows_and_takes_no_more_than_its_limit() {
    let Some(server) = or_say(Clamav::start()) else { return };
    let client = |limit| Scanner::Clamd {
        address: Address::Tcp(server.address()),
        timeout: Duration::from_secs(10),
        limit,
    };
    let scanner = client(clamav::LIMIT);
    scanner.ping().await.unwrap();
    assert_eq!(scan(&scanner, b"").await, Verdict::Clean);
    assert_eq!(scan(&scanner, &vec![7; 3_000_000]).await, Verdict::Clean);
    let mut hidden = vec![b' '; 59_980];
    hidden.extend_from_slice(eicar().as_bytes());
    assert_eq!(scan(&scanner, &hidden).await, Verdict::Found { name: clamav::NAME.into() });
    // A limit of ours above its own: it cuts the line, and that is no verdict.
    let verdict = scan(&client(64 << 20), &vec![7; 9_000_000]).await;
    assert!(matches!(verdict, Verdict::Unavailable { .. }), "{verdict:?}");
    let address = server.address();
    drop(server);
    let gone =
        Scanner::Clamd { address: Address::Tcp(address), timeout: Duration::from_secs(1), limit: 1 << 20 };
    assert_eq!(scan(&gone, b"x").await, Verdict::Unavailable { reason: Unavailable::Unreachable });
}

fn settings(server: &Postfix, security: Security, authority: Option<Vec<u8>>) -> EmailSettings {
    EmailSettings {
        host: "localhost".to_owned(),
        port: server.port(),
        security,
        credentials: None,
        authority_pem: authority,
        from_name: "Comune di Borgo San Plico".to_owned(),
        from_address: "non-rispondere@borgo.example".to_owned(),
        reply_to: None,
        hello_name: "plico.borgo.example".to_owned(),
        timeout: Duration::from_secs(5),
    }
}

fn notice(to: &str) -> Notice {
    Notice {
        id: "01JD-n1".to_owned(),
        to: format!("{to}@{}", postfix::DOMAIN),
        subject: "C'è un nuovo documento per Lei".to_owned(),
        text: "Gentile utente,\n.un punto in testa alla riga\nperché è così: https://plico.example/m/1\n"
            .to_owned(),
        html: None,
        language: "it".to_owned(),
        instant_ms: 1_795_287_600_000,
    }
}

#[tokio::test]
async fn postfix_delivers_over_starttls_and_says_whom_it_does_not_know() {
    let Some(server) = or_say(Postfix::start(&["maria"])) else { return };
    let own = Some(server.authority_pem());
    let email = Email::new(&settings(&server, Security::StartTls, own)).unwrap();
    email.test().await.unwrap();
    let receipt = email.send(&notice("maria")).await.unwrap();
    assert!(receipt.answer.starts_with("250 2.0.0 Ok: queued as"), "{}", receipt.answer);
    let delivered = server.delivered("maria", 1);
    let [mail] = delivered.as_slice() else { panic!("one message: {delivered:?}") };
    assert!(mail.contains("Message-ID: <01JD-n1@borgo.example>"), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(mail.contains("\n.un punto in testa alla riga"), "{mail}");
    assert!(mail.contains("ESMTPS"), "it came over TLS: {mail}");
    // A wrong address is for ever; a server that is down is not.
    let refused = email.send(&notice("nessuno")).await.unwrap_err();
    assert!(!refused.is_temporary() && refused.to_string().contains("550"), "{refused}");
    server.stop().unwrap();
    assert!(email.send(&notice("maria")).await.unwrap_err().is_temporary());
    server.resume().unwrap();
    email.send(&notice("maria")).await.unwrap();
    assert_eq!(server.delivered("maria", 2).len(), 2);
}

#[tokio::test]
async fn postfix_with_a_certificate_nobody_vouches_for_gets_nothing() {
    let Some(server) = or_say(Postfix::start(&["maria"])) else { return };
    let email = Email::new(&settings(&server, Security::StartTls, None)).unwrap();
    let refused = email.send(&notice("maria")).await.unwrap_err();
    assert!(refused.is_temporary(), "an operator can mend it: {refused}");
    assert!(server.delivered("maria", 0).is_empty());
}
