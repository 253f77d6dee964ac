//! Signatures at a distance: asked for, typed, verified, taken; and a provider that misbehaves in every way it can.

use std::time::Duration;

use base64::Engine as _;
use plico_courier::csc::simulator::{Csc, Fault, Reply};
use plico_courier::witness::simulator::Reply as Sent;
use plico_signature::forge::{KeyKind, Pki, Signer, Subject};
use plico_testkit::http::Service;

use crate::signing::{asked, hands_of, to_sign};
use crate::staff::Desk;
use crate::support::{MORNING, Town, code};
use crate::visitor;

const DAY: i64 = 86_400_000;

fn signer(fiscal_code: &str, kind: KeyKind) -> Signer {
    let subject = Subject {
        given_name: "Carla",
        surname: "Protocollo",
        fiscal_code,
        organization: "",
        from_ms: MORNING - 100 * DAY,
        to_ms: MORNING + 100 * DAY,
    };
    Pki::new("Firma remota di prova", MORNING).unwrap().signer(&subject, kind).unwrap()
}

/// A provider on a socket, and a town that asks him.
async fn served(provider: Csc) -> (Service<Csc>, Town) {
    let service = Service::start_whole(provider, |csc: &mut Csc, head: &str, path: &str, body: &[u8]| {
        let says = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then_some(value)
        });
        let path = path.strip_prefix("/csc/v2/").unwrap_or_default();
        match csc.answer(path, says.unwrap_or_default(), body, MORNING) {
            Reply::Json(status, body) => {
                Sent::Answer(status, "application/json", body.to_string().into_bytes())
            }
            Reply::Stall => Sent::Stall,
        }
    });
    let service = service.await.unwrap();
    let url = service.url();
    let town = visitor::town_with(|config| {
        let file = config.data_dir.parent().unwrap().join("firma.toml");
        let text = format!(
            "name = 'Firma Esempio'\nurl = '{url}/csc/v2'\nclient_id = 'plico'\nclient_secret = 'segretissimo'\ntimeout_seconds = 1\n"
        );
        std::fs::write(&file, text).unwrap();
        config.signing.remote = Some(file);
    })
    .await;
    (service, town)
}

#[tokio::test]
async fn an_officer_signs_with_a_code() {
    for kind in [KeyKind::P256, KeyKind::Rsa2048] {
        let carla = code("PRTCRL80A41H501");
        let mut provider = Csc::new("plico", "segretissimo");
        provider.keep("CARLA-1", &carla, signer(&carla, kind), "4711");
        provider.other = Some(signer(&carla, kind));
        let (service, town) = served(provider).await;
        let hands = hands_of(&town).await;
        let (_, id) = asked(&town, &hands.clerk, std::slice::from_ref(&hands.officer.account)).await;
        let before = to_sign(&town, &hands.officer, &id).await;
        let mut desk = Desk::of(&town, &town.protocol_operator).await;
        let page = desk.see(&format!("/ufficio/firma/{id}")).await;
        assert!(page.contains("Firma Esempio") && page.contains("Chiedi il codice"), "{page}");
        let ask = format!("/ufficio/firma/{id}/remota/codice");
        let sign = format!("/ufficio/firma/{id}/remota");
        let telephone = || service.state().on_the_telephone("CARLA-1").unwrap();

        // Everything that can go wrong leaves the letter as it was, and no code on a page.
        for (fault, said) in [
            (None, "Codice non accettato"),
            (Some(Fault::ExpiresAtOnce), "passato troppo tempo"),
            (Some(Fault::FailsAfterSigning), "può essere stato consumato"),
            (Some(Fault::Stalls), "può essere stato consumato"),
            (Some(Fault::OtherKey), "non è stato preso"),
            (Some(Fault::OtherDigest), "non è stato preso"),
            (Some(Fault::Garbage), "non è stato preso"),
        ] {
            let page = desk.post(&ask, &[("credential", "")]).await.text();
            assert!(page.contains("Carla Protocollo") && page.contains("PIN"), "{page}");
            service.state().fault = fault;
            let otp = if fault.is_none() { "000000".into() } else { telephone() };
            let fields = [("credential", "CARLA-1"), ("pin", "4711"), ("otp", otp.as_str())];
            let answer = desk.post(&sign, &fields).await;
            let text = answer.text();
            assert_eq!(answer.status, 422, "{fault:?}: {text}");
            let told =
                text.contains(said) || (fault.is_none() && text.contains("non è giusto o è già stato usato"));
            assert!(told && !text.contains("4711\"") && !text.contains(&otp), "{fault:?}: {text}");
            assert_eq!(to_sign(&town, &hands.officer, &id).await, before, "{fault:?}");
        }
        desk.post(&ask, &[("credential", "CARLA-1")]).await;
        let wrong = [("credential", "CARLA-1"), ("pin", "0000"), ("otp", &*telephone())];
        assert!(desk.post(&sign, &wrong).await.text().contains("Il PIN non è giusto"));
        assert!(desk.post(&ask, &[("credential", "NESSUNA")]).await.text().contains("credenziale attiva"));

        // And at last it is signed, once.
        desk.post(&ask, &[("credential", "")]).await;
        let made = service.state().signed;
        let otp = telephone();
        let fields = [("credential", "CARLA-1"), ("pin", "4711"), ("otp", otp.as_str())];
        let answer = desk.post(&sign, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(service.state().signed, made + 1);
        assert!(answer.header("location").unwrap().starts_with("/ufficio/messaggi/"));
        assert!(desk.see(&format!("/ufficio/firma/{id}")).await.contains("con firma remota"));
        let database = town.app.desk.archive().database();
        let documents = plico_archive::read::message::documents(database, &id).await.unwrap();
        let primary = documents.iter().find(|one| one.role == "primary").unwrap();
        let verdict = primary.verification.clone().unwrap();
        assert!(verdict.contains(&carla) && verdict.contains("PAdES-BASELINE-B"), "{verdict}");
        // Neither the code nor the PIN is anywhere in what is kept.
        for table in ["signing", "signing_letter", "draft", "upload"] {
            let rows = town.app.desk.archive().database().scalar_i64(
                match table {
                    "signing" => "select count(*) from signing where signed_by like '%4711%'",
                    "signing_letter" => "select count(*) from signing_letter where letter like '%4711%'",
                    "draft" => "select count(*) from draft where text like '%4711%'",
                    _ => "select count(*) from upload where name like '%4711%'",
                },
                plico_database::args![],
            );
            assert_eq!(rows.await.unwrap(), 0, "{table}");
        }
    }
}

#[tokio::test]
async fn what_is_not_his_is_not_used() {
    let (carla, other) = (code("PRTCRL80A41H501"), code("BSSNNA80A41H501"));
    let mut provider = Csc::new("plico", "segretissimo");
    // Listed under her code, and somebody else's by its certificate.
    provider.keep("STRANA", &carla, signer(&other, KeyKind::P256), "");
    let (service, town) = served(provider).await;
    let hands = hands_of(&town).await;
    let (_, id) = asked(&town, &hands.clerk, std::slice::from_ref(&hands.officer.account)).await;
    let mut desk = Desk::of(&town, &town.protocol_operator).await;
    desk.see(&format!("/ufficio/firma/{id}")).await;
    let ask = format!("/ufficio/firma/{id}/remota/codice");
    let answer = desk.post(&ask, &[("credential", "")]).await;
    assert!(answer.text().contains("non porta il tuo codice fiscale"), "{}", answer.text());
    assert_eq!(service.state().on_the_telephone("STRANA"), None, "no code was sent");
    // Two of hers: she says which. Locked after three wrong codes.
    service.state().keep("UNO", &carla, signer(&carla, KeyKind::P256), "");
    let answer = desk.post(&ask, &[("credential", "")]).await;
    assert!(answer.text().contains("più d’una"), "{}", answer.text());
    let sign = format!("/ufficio/firma/{id}/remota");
    for _ in 0..3 {
        desk.post(&ask, &[("credential", "UNO")]).await;
        let wrong = desk.post(&sign, &[("credential", "UNO"), ("otp", "1")]).await;
        assert!(wrong.text().contains("non è giusto"), "{}", wrong.text());
    }
    assert!(desk.post(&ask, &[("credential", "UNO")]).await.text().contains("credenziale attiva"));
    // Not the clerk's turn, and nobody without a session.
    let mut clerk = Desk::of(&town, &town.building_operator).await;
    clerk.see("/ufficio/firma").await;
    assert_eq!(clerk.post(&sign, &[("credential", "UNO"), ("otp", "1")]).await.status, 403);
    let shown = format!("{:?} {:?}", town.app.desk.remote_provider(), town.app.shell.config().signing);
    let basic = base64::engine::general_purpose::STANDARD.encode("plico:segretissimo");
    assert!(!shown.contains("segretissimo") && !shown.contains(&basic), "{shown}");
    town.clock.advance(Duration::from_secs(1));
}
