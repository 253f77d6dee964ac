//! A citizen signs with his own tool before he sends: downloaded, signed, brought back, filed as it was signed; and what is
//! said when the draft changed meanwhile.

use plico_archive::read::message;
use plico_pdf::seal::{RESERVE, Seal, seal};
use plico_signature::forge::{KeyKind, Pki, Recipe, Signer, Subject, cades};

use crate::support::{MORNING, Town, code};
use crate::visitor::{Browser, town};

const DAY: i64 = 86_400_000;

fn signer(fiscal_code: &str) -> Signer {
    let subject = Subject {
        given_name: "Anna",
        surname: "Bassi",
        fiscal_code,
        organization: "",
        from_ms: MORNING - 100 * DAY,
        to_ms: MORNING + 100 * DAY,
    };
    Pki::new("Firme di prova", MORNING).unwrap().signer(&subject, KeyKind::P256).unwrap()
}

fn pades(signer: &Signer, pdf: &[u8]) -> Vec<u8> {
    let how = Seal { name: "Anna Bassi", reason: "", at_ms: MORNING, reserve: RESERVE };
    let sealer = signer.sealer().unwrap();
    seal(pdf, &how, |digest| sealer.sign_detached(digest)).unwrap()
}

fn p7m(signer: &Signer, content: &[u8]) -> Vec<u8> {
    cades(&[signer], content, &Recipe::good(MORNING)).unwrap()
}

/// As far as the summary; answers its address.
async fn written(town: &Town, browser: &mut Browser<'_>, subject: &str) -> String {
    let kind = format!("{}.istanza", town.building);
    browser.see("/scrivi").await;
    let text = browser.led("/scrivi", &[("kind", &kind), ("behalf", "")]).await;
    browser.see(&text).await;
    let files = browser.led(&text, &[("subject", subject), ("text", "Chiedo di rifare il muro.")]).await;
    browser.see(&files).await;
    assert_eq!(browser.upload(&files, &[("pianta.pdf", &b"%PDF-1.7 pianta"[..])]).await.status, 303);
    files.replace("allegati", "riepilogo")
}

async fn prepared(browser: &mut Browser<'_>, sign: &str) -> Vec<u8> {
    browser.see(sign).await;
    assert_eq!(browser.led(&format!("{sign}/prepara"), &[]).await, sign);
    let answer = browser.request("GET", &format!("{sign}/scarica"), &[], &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/pdf")));
    answer.body
}

async fn refused(browser: &mut Browser<'_>, sign: &str, file: &[u8], said: &str) {
    let answer = browser.upload(sign, &[("firmato", file)]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains(said), "{said}: {}", answer.text());
}

#[tokio::test]
async fn what_was_signed_is_what_is_filed() {
    let town = town().await;
    let (his, other) = (signer(&code("BSSNNA80A41H501")), signer(&code("CNTBRN75C12F205")));
    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    let review = written(&town, &mut anna, "Rifare il muro").await;
    let sign = review.replace("riepilogo", "firma");
    assert!(anna.see(&review).await.contains(&sign));
    assert_eq!(anna.request("GET", &format!("{sign}/scarica"), &[], &[]).await.status, 404, "not prepared");
    let pdf = prepared(&mut anna, &sign).await;
    assert_eq!(prepared(&mut anna, &sign).await, pdf, "prepared once");

    refused(&mut anna, &sign, &pdf, "non c’è una firma nuova").await;
    refused(&mut anna, &sign, b"ciao", "non c’è una firma nuova").await;
    refused(&mut anna, &sign, &p7m(&his, b"altro"), "non è il documento da firmare").await;
    let mut spoilt = p7m(&his, &pdf);
    let at = spoilt.len() - 20;
    spoilt[at] ^= 1;
    refused(&mut anna, &sign, &spoilt, "firma").await;
    assert!(!anna.see(&review).await.contains("Anna Bassi ("), "nothing of it was taken");

    // Signed, and then the draft is changed: it is said, and not filed.
    assert_eq!(anna.upload(&sign, &[("firmato.pdf", &pades(&his, &pdf))]).await.status, 303);
    let page = anna.see(&sign).await;
    assert!(page.contains("Documento firmato") && page.contains(&code("BSSNNA80A41H501")), "{page}");
    let text = review.replace("riepilogo", "testo");
    anna.see(&text).await;
    anna.led(&text, &[("subject", "Rifare il muro"), ("text", "Chiedo di rifarlo tutto.")]).await;
    assert!(anna.see(&review).await.contains("Hai cambiato la bozza"));
    let send = review.replace("riepilogo", "invia");
    let answer = anna.post(&send, &[("key", "x")]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains("scarica di nuovo il documento"));
    refused(&mut anna, &sign, &pades(&his, &pdf), "Hai cambiato la bozza").await;

    // Laid out again, signed by somebody else as a P7M: told, and filed as it was signed.
    let again = prepared(&mut anna, &sign).await;
    assert_ne!(again, pdf);
    assert_eq!(anna.upload(&sign, &[("x.pdf.p7m", &p7m(&other, &again))]).await.status, 303);
    assert!(anna.see(&review).await.contains(&code("CNTBRN75C12F205")));
    let signed = p7m(&his, &again);
    assert_eq!(anna.upload(&sign, &[("x.pdf.p7m", &signed)]).await.status, 303);
    anna.see(&review).await;
    let sent = anna.led(&send, &[("key", "x")]).await;
    assert!(anna.see(&sent).await.contains("0000001/2026"));
    town.settle().await;
    let id = sent.split('/').nth(2).unwrap();
    let archive = town.app.desk.archive();
    let documents = message::documents(archive.database(), id).await.unwrap();
    let primary = documents.iter().find(|document| document.role == "primary").unwrap();
    assert_eq!(primary.name, "Istanza.pdf.p7m");
    let mut digest = plico_crypto::digest::sha256(&signed).to_vec();
    assert_eq!(primary.sha256, plico_archive::hex(&digest));
    digest.clear();
    assert_eq!(documents.len(), 2);
    let page = anna.see(&sent.replace("/inviata", "")).await;
    assert!(page.contains(&code("BSSNNA80A41H501")), "{page}");
    let left = "select count(*) from upload";
    assert_eq!(archive.database().scalar_i64(left, plico_database::args![]).await.unwrap(), 0);
    assert_eq!(archive.fsck().await.unwrap().findings, []);
}

#[tokio::test]
async fn a_signature_is_taken_away_and_nobody_elses_is_seen() {
    let town = town().await;
    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    let review = written(&town, &mut anna, "Rifare il tetto").await;
    let sign = review.replace("riepilogo", "firma");
    let pdf = prepared(&mut anna, &sign).await;
    let his = signer(&code("BSSNNA80A41H501"));
    assert_eq!(anna.upload(&sign, &[("firmato.pdf", &pades(&his, &pdf))]).await.status, 303);
    let mut bruno = Browser::named(&town, &code("CNTBRN75C12F205"), ("Bruno", "Conti"), "").await;
    bruno.see("/scrivi").await;
    for step in ["", "/scarica"] {
        assert_eq!(bruno.request("GET", &format!("{sign}{step}"), &[], &[]).await.status, 404);
    }
    assert_eq!(bruno.post(&format!("{sign}/togli"), &[]).await.status, 404);
    anna.see(&sign).await;
    assert_eq!(anna.led(&format!("{sign}/togli"), &[]).await, review);
    let left = "select count(*) from upload where owner like 'filing:%'";
    let archive = town.app.desk.archive();
    assert_eq!(archive.database().scalar_i64(left, plico_database::args![]).await.unwrap(), 0);
    anna.see(&review).await;
    let sent = anna.led(&review.replace("riepilogo", "invia"), &[("key", "x")]).await;
    let id = sent.split('/').nth(2).unwrap();
    let documents = message::documents(archive.database(), id).await.unwrap();
    assert!(documents.iter().any(|one| one.role == "primary" && one.media_type == "application/pdf"));
}
