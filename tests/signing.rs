//! The signing desk: prepared, signed, registered, made available; sent back, substituted, and what is refused.

use plico_archive::ActError;
use plico_desk::admin::OperatorForm;
use plico_desk::letter::{Kept, Typed};
use plico_desk::open::Download;
use plico_desk::signing::Unsigned;
use plico_desk::signing::sign::Signed;
use plico_desk::upload::Scan;
use plico_desk::{Actor, Refusal};
use plico_pdf::seal::{RESERVE, Seal, seal};
use plico_signature::forge::{KeyKind, Pki, Recipe, Signer, Subject, cades};

use crate::staff::Desk;
use crate::support::{BODY, MORNING, Town, code};
use crate::visitor;

const DAY: i64 = 86_400_000;

/// The operators with their tax codes, and what signs for them.
pub struct Hands {
    pub clerk: Actor,
    pub officer: Actor,
    his: Signer,
    other: Signer,
}

async fn named(town: &Town, account: &str, fiscal_code: &str) -> Actor {
    let console = Actor::console(BODY, "test");
    let all = town.app.desk.operators(&console).await.unwrap();
    let (known, offices) = all.into_iter().find(|(one, _)| one.account == account).unwrap();
    let form = OperatorForm {
        account: account.into(),
        login: known.login,
        name: known.name,
        email: known.email,
        active: true,
        fiscal_code: fiscal_code.into(),
        roles: vec!["operator".into()],
        offices,
    };
    town.app.desk.save_operator(&console, form).await.unwrap();
    town.as_operator(account).await
}

pub async fn hands_of(town: &Town) -> Hands {
    let mut pki = Pki::new("Comune di Borgo", MORNING).unwrap();
    let mut signer = |code: &str| {
        let subject = Subject {
            given_name: "Carla",
            surname: "Protocollo",
            fiscal_code: code,
            organization: "",
            from_ms: MORNING - 100 * DAY,
            to_ms: MORNING + 100 * DAY,
        };
        pki.signer(&subject, KeyKind::P256).unwrap()
    };
    let carla = code("PRTCRL80A41H501");
    Hands {
        his: signer(&carla),
        other: signer(&code("BSSNNA80A41H501")),
        clerk: named(town, &town.building_operator, "").await,
        officer: named(town, &town.protocol_operator, &carla).await,
    }
}

/// A letter to Anna, kept and sent to be signed; its key and the message that it will be.
pub async fn asked(town: &Town, clerk: &Actor, signers: &[String]) -> (String, String) {
    let desk = &town.app.desk;
    let typed = Typed {
        purpose: "message".into(),
        office: town.building.clone(),
        fiscal_code: code("BSSNNA80A41H501"),
        subject: "Convocazione".into(),
        text: "La aspettiamo martedì.".into(),
        effect: "communication".into(),
        ..Typed::default()
    };
    let key = desk.letter_key();
    desk.keep_letter(clerk, &key, &typed).await.unwrap();
    let message = desk.request_signing(clerk, &key, signers).await.unwrap();
    assert_eq!(desk.request_signing(clerk, &key, signers).await.unwrap(), message, "twice is once");
    (key, message)
}

pub async fn to_sign(town: &Town, actor: &Actor, id: &str) -> Vec<u8> {
    let file = town.app.desk.letter_to_sign(actor, id).await.unwrap().files[0].id.clone();
    let (_, reader) = town.app.desk.signing_content(actor, id, &file).await.unwrap();
    reader.read_all(1 << 20).await.unwrap()
}

async fn brought(town: &Town, actor: &Actor, id: &str, file: &[u8]) -> Result<Signed, Refusal> {
    let desk = &town.app.desk;
    let place = desk.signing_place(actor, id).await.unwrap();
    let mut upload = desk.begin_upload(actor, &place, "firmato").await.unwrap();
    upload.write(file).await.unwrap();
    let received = desk.finish_upload(upload, async |_: &_| Scan::Off).await.unwrap();
    match desk.sign_with_file(actor, id, &received.id).await {
        Ok(signed) => Ok(signed),
        Err(ActError::Refused(refusal)) => Err(refusal),
        Err(ActError::Fault(fault)) => panic!("{fault}"),
    }
}

fn pades(signer: &Signer, pdf: &[u8]) -> Vec<u8> {
    let how = Seal { name: "Carla Protocollo", reason: "Firma", at_ms: MORNING, reserve: RESERVE };
    let sealer = signer.sealer().unwrap();
    seal(pdf, &how, |digest| sealer.sign_detached(digest)).unwrap()
}

fn p7m(signer: &Signer, content: &[u8]) -> Vec<u8> {
    cades(&[signer], content, &Recipe::good(MORNING)).unwrap()
}

#[tokio::test]
async fn a_letter_leaves_with_its_last_signature() {
    let town = visitor::town().await;
    let Hands { clerk, officer, his, other } = hands_of(&town).await;
    let desk = &town.app.desk;
    let database = desk.archive().database();
    let (key, id) = asked(&town, &clerk, &[officer.account.clone(), clerk.account.clone()]).await;
    assert_eq!(desk.kept_letter(&clerk, &key).await.unwrap(), Kept::Waiting(id.clone()));
    assert!(plico_archive::read::message::message(database, &id).await.unwrap().is_none(), "not yet");
    assert_eq!(desk.signing_waits(&officer).await.unwrap().len(), 1);
    assert!(desk.signing_waits(&clerk).await.unwrap().is_empty(), "it is not his turn");
    assert!(desk.sign_with_seal(&clerk, &id).await.is_err());

    // The pages.
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    assert!(carla.see("/ufficio/firma").await.contains("Convocazione"));
    let page = carla.see(&format!("/ufficio/firma/{id}")).await;
    assert!(page.contains("Approva e sigilla") && page.contains(&code("PRTCRL80A41H501")), "{page}");

    // What is not taken, and why.
    let pdf = to_sign(&town, &officer, &id).await;
    let refused = async |file: &[u8]| brought(&town, &officer, &id, file).await;
    let not = |why| Err(Refusal::NotSigned(why));
    assert_eq!(refused(&pdf).await, not(Unsigned::NotSigned));
    assert_eq!(refused(b"ciao").await, not(Unsigned::NotSigned));
    assert_eq!(refused(&p7m(&his, b"altro")).await, not(Unsigned::OtherContent));
    assert_eq!(refused(&pades(&other, &pdf)).await, not(Unsigned::OtherSigner));
    assert_eq!(refused(&p7m(&other, &pdf)).await, not(Unsigned::OtherSigner));
    let mut spoilt = pades(&his, &pdf);
    let place = spoilt.len() - 40;
    spoilt[place] ^= 1;
    assert!(refused(&spoilt).await.is_err());

    // Signed by the first, sealed for the second: it leaves as it was signed.
    assert_eq!(brought(&town, &officer, &id, &pades(&his, &pdf)).await, Ok(Signed::Waits));
    assert!(desk.signing_waits(&officer).await.unwrap().is_empty());
    let once = to_sign(&town, &clerk, &id).await;
    assert!(once.starts_with(&pdf) && once.len() > pdf.len());
    assert_eq!(desk.sign_with_seal(&clerk, &id).await.unwrap(), Signed::Sent(id.clone()));
    let sent = plico_archive::read::message::message(database, &id).await.unwrap().unwrap();
    assert!(sent.registration_number().is_some() && sent.direction == "out");
    assert_eq!(desk.kept_letter(&clerk, &key).await.unwrap(), Kept::Sent(id.clone()));
    let documents = plico_archive::read::message::documents(database, &id).await.unwrap();
    let (_, reader) = desk.document(&clerk, &documents[0].id, Download::ByPerson).await.unwrap();
    let bytes = reader.read_all(1 << 20).await.unwrap();
    assert!(bytes.starts_with(&once));
    assert_eq!(plico_pdf::read::inspect(&bytes).unwrap().signatures, 2);
    town.settle().await;
    assert!(desk.archive().compare_rebuilt().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_letter_is_sent_back_corrected_and_signed_by_a_substitute() {
    let town = visitor::town().await;
    let Hands { clerk, officer, his, .. } = hands_of(&town).await;
    let desk = &town.app.desk;
    let (key, id) = asked(&town, &clerk, std::slice::from_ref(&officer.account)).await;
    assert!(desk.return_signing(&officer, &id, " ").await.is_err(), "not without a reason");
    desk.return_signing(&officer, &id, "Manca l'ora").await.unwrap();
    let view = desk.letter_to_sign(&clerk, &id).await.unwrap();
    assert_eq!((view.row.state.as_str(), view.row.reason.as_str()), ("returned", "Manca l'ora"));
    assert_eq!(view.letter.as_ref(), Some(&key));
    assert!(desk.sign_with_seal(&officer, &id).await.is_err(), "nothing waits");
    let Kept::Typed(typed) = desk.kept_letter(&clerk, &key).await.unwrap() else { panic!("not his again") };
    let corrected = Typed { text: "La aspettiamo martedì alle 9.".into(), ..*typed };
    desk.keep_letter(&clerk, &key, &corrected).await.unwrap();
    let again = desk.request_signing(&clerk, &key, std::slice::from_ref(&officer.account)).await.unwrap();
    assert_ne!(again, id);

    // The substitute signs while he is one, and with his own hand.
    let name = async |until: &str| {
        desk.name_substitute(&officer, &officer.account, &clerk.account, "2026-03-10", until).await
    };
    assert!(name("2026-03-01").await.is_err());
    name("2026-03-12").await.unwrap();
    assert!(
        desk.name_substitute(&clerk, &officer.account, &clerk.account, "2026-03-10", "2026-03-12")
            .await
            .is_err()
    );
    assert_eq!(desk.signing_waits(&clerk).await.unwrap().len(), 1);
    let pdf = to_sign(&town, &clerk, &again).await;
    assert_eq!(
        brought(&town, &clerk, &again, &p7m(&his, &pdf)).await,
        Err(Refusal::NotSigned(Unsigned::NoCode))
    );
    let rows = desk.substitutions(&officer).await.unwrap();
    desk.end_substitution(&officer, &rows[0].row.id).await.unwrap();
    assert!(desk.sign_with_seal(&clerk, &again).await.is_err(), "not any more");
    let signed = p7m(&his, &pdf);
    assert_eq!(brought(&town, &officer, &again, &signed).await, Ok(Signed::Sent(again.clone())));
    let documents = plico_archive::read::message::documents(desk.archive().database(), &again).await.unwrap();
    assert!(documents[0].name.ends_with(".pdf.p7m") && documents[0].role == "primary");
    town.settle().await;
    assert!(desk.archive().compare_rebuilt().await.unwrap().is_empty());
}
