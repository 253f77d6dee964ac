//! Mail on its whole way: our sender, Postfix, LMTP, Dovecot, our reader. The provider of certified mail is simulated.

use plico_courier::email::{EmailSettings, Security};
use plico_courier::mailbox::{Mailbox, MailboxError, MailboxSettings, Mark, Mode};
use plico_courier::pec::daticert::Extent;
use plico_courier::pec::simulator::{Provider, Submission};
use plico_courier::pec::{File, Post, Sender, Sending, State, read};
use plico_testkit::real::dovecot::{self, Dovecot};
use plico_testkit::real::or_say;
use plico_testkit::real::postfix::{self, Postfix};
use std::time::Duration;

const NOW: i64 = 1_795_262_400_000;

fn sender(server: &Postfix, from: &str) -> Sender {
    Sender::new(&EmailSettings {
        host: "localhost".to_owned(),
        port: server.port(),
        security: Security::StartTls,
        credentials: None,
        authority_pem: Some(server.authority_pem()),
        from_name: "Comune di Borgo San Plico".to_owned(),
        from_address: from.to_owned(),
        reply_to: None,
        hello_name: "plico.borgo.example".to_owned(),
        timeout: Duration::from_secs(5),
    })
    .expect("it works")
}

fn settings(server: &Dovecot, security: Security, user: &str) -> MailboxSettings {
    MailboxSettings {
        host: "localhost".to_owned(),
        port: if security == Security::Tls { server.imaps() } else { server.imap() },
        security,
        user: user.to_owned(),
        password: dovecot::PASSWORD.to_owned(),
        authority_pem: Some(server.authority_pem()),
        timeout: Duration::from_secs(10),
        largest: 1 << 20,
    }
}

fn post(id: &str, to: &str) -> Post {
    Post {
        id: id.to_owned(),
        instant_ms: NOW,
        to: vec![format!("{to}@{}", postfix::DOMAIN)],
        subject: "Città: risposta".to_owned(),
        text: "È pronto.\n".to_owned(),
        files: vec![File {
            name: "Segnatura.xml".into(),
            media_type: "application/xml".into(),
            bytes: b"<Segnatura/>".to_vec(),
        }],
        extent: Extent::Brief,
    }
}

async fn news(mailbox: &mut Mailbox, mark: Option<Mark>, count: usize) -> Vec<plico_courier::mailbox::Found> {
    for _ in 0..100 {
        let found = mailbox.since(mark).await.expect("it works").messages;
        if found.len() >= count {
            return found;
        }
        mailbox.wait(Duration::from_millis(300)).await.expect("it works");
    }
    panic!("nothing came");
}

#[tokio::test]
async fn a_message_goes_out_and_is_read_observed_and_put_away() {
    let Some(dovecot) = or_say(Dovecot::start()) else { return };
    let Some(postfix) = or_say(Postfix::start_to_lmtp(&["ufficio"], dovecot.lmtp())) else { return };
    let sender = sender(&postfix, "protocollo@borgo.example");
    let first = post("invio-1", "ufficio");
    let raw = sender.write(&first).expect("it works");
    assert_eq!(raw, sender.write(&first).expect("it works"), "a retry sends the same bytes");
    sender.send(&first, &raw).await.expect("it works");

    let tls = settings(&dovecot, Security::Tls, "ufficio");
    let mut observer = Mailbox::open(&tls, "INBOX", Mode::Observe).await.expect("it works");
    let found = news(&mut observer, None, 1).await;
    let bytes = observer.fetch(found[0]).await.expect("it works");
    let incoming = read::read(&bytes, &plico_courier::pec::Providers::default()).expect("it works");
    assert_eq!(incoming.message_id.as_deref(), Some("<invio-1@borgo.example>"));
    assert_eq!(incoming.receipt_type.as_deref(), Some("breve"));
    let content = incoming.content.expect("it works");
    assert_eq!((content.subject.as_str(), content.text.trim_end()), ("Città: risposta", "È pronto."));
    assert_eq!(content.attachments[0].registry, Some(read::Registry::Mark));
    let refused = observer.put_away(found[0].uid, "Protocollati").await;
    assert!(matches!(refused, Err(MailboxError::Observed)), "{refused:?}");

    // Nothing is new after the mark, though the server answers with the last message; then something comes while we wait.
    let validity = observer.since(None).await.expect("it works").validity;
    let mark = Mark { validity, last_uid: found[0].uid };
    assert_eq!(observer.since(Some(mark)).await.expect("it works").messages, []);
    assert!(!observer.wait(Duration::from_millis(200)).await.expect("it works"));
    let second = post("invio-2", "ufficio");
    let later =
        async { sender.send(&second, &sender.write(&second).expect("it works")).await.expect("it works") };
    let (came, _) = tokio::join!(observer.wait(Duration::from_secs(10)), later);
    assert!(came.expect("it works"));
    let fresh = news(&mut observer, Some(mark), 1).await;
    assert!(fresh.len() == 1 && fresh[0].uid > mark.last_uid, "{fresh:?}");
    // Its UIDs mean something else now: all over again.
    let over = observer.since(Some(Mark { validity: validity ^ 1, ..mark })).await.expect("it works");
    assert!(over.started_over && over.messages.len() == 2, "{over:?}");

    let starttls = settings(&dovecot, Security::StartTls, "ufficio");
    let mut owner = Mailbox::open(&starttls, "INBOX", Mode::Own).await.expect("it works");
    owner.make_folder("Protocollati").await.expect("it works");
    owner.make_folder("Protocollati").await.expect("it works");
    owner.put_away(found[0].uid, "Protocollati").await.expect("it works");
    assert_eq!(owner.since(None).await.expect("it works").messages, fresh);
    let gone = owner.fetch(found[0]).await;
    assert!(matches!(gone, Err(MailboxError::Gone)), "{gone:?}");
    let mut away = Mailbox::open(&starttls, "Protocollati", Mode::Observe).await.expect("it works");
    let moved = away.since(None).await.expect("it works").messages;
    assert_eq!(away.fetch(moved[0]).await.expect("it works"), bytes);
}

#[tokio::test]
async fn what_is_wrong_with_a_mailbox_is_said() {
    let Some(dovecot) = or_say(Dovecot::start()) else { return };
    let good = settings(&dovecot, Security::Tls, "ufficio");
    let wrong = MailboxSettings { password: "altra".into(), ..good.clone() };
    let error = Mailbox::open(&wrong, "INBOX", Mode::Own).await.expect_err("it is refused");
    assert!(matches!(error, MailboxError::Credentials), "{error:?}");
    for security in [Security::Tls, Security::StartTls] {
        let stranger = MailboxSettings { authority_pem: None, ..settings(&dovecot, security, "ufficio") };
        let error = Mailbox::open(&stranger, "INBOX", Mode::Own).await.expect_err("it is refused");
        assert!(matches!(error, MailboxError::Tls(_)), "{error:?}");
    }
    let error = Mailbox::open(&good, "Inesistente", Mode::Observe).await.expect_err("it is refused");
    assert!(matches!(error, MailboxError::Protocol(_)), "{error:?}");
    let gone = MailboxSettings { port: 1, ..good };
    let error = Mailbox::open(&gone, "INBOX", Mode::Own).await.expect_err("it is refused");
    assert!(matches!(error, MailboxError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn receipts_still_verify_after_the_journey() {
    let Some(dovecot) = or_say(Dovecot::start()) else { return };
    let Some(postfix) = or_say(Postfix::start_to_lmtp(&["protocollo"], dovecot.lmtp())) else { return };
    let ours = format!("protocollo@{}", postfix::DOMAIN);
    let own = sender(&postfix, &ours);
    let sent = post("invio-3", "lia");
    let raw = own.write(&sent).expect("it works");
    let mut provider = Provider::new("gestore.example", NOW).expect("it works");
    let list = provider.providers();
    let to = sent.to[0].as_str();
    let submission = Submission { from: &ours, to: &[to], raw: &raw, at_ms: NOW };
    let carrier = sender(&postfix, "posta-certificata@gestore.example");
    let to_us = Post { to: vec![ours.clone()], ..sent.clone() };
    for delivery in provider.submit(&submission).expect("it works").iter().filter(|one| one.to == ours) {
        carrier.send(&to_us, &delivery.raw).await.expect("it works");
    }
    let imap = settings(&dovecot, Security::Tls, "protocollo");
    let mut mailbox = Mailbox::open(&imap, "INBOX", Mode::Own).await.expect("it works");
    let mut sending = Sending::new(&own.message_id("invio-3"), [to]);
    for found in news(&mut mailbox, None, 2).await {
        let incoming = read::read(&mailbox.fetch(found).await.expect("it works"), &list).expect("it works");
        sending.hear(incoming.receipt().unwrap_or_else(|| panic!("{incoming:?}")));
    }
    assert_eq!(sending.recipients()[0].1, State::Delivered(Some(NOW)));
}
