//! A copy with attestation of conformity: asked for at a document, carried by a letter, with the original's digest.

use plico_pdf::forge::{self, Letter};
use plico_pdf::read;
use plico_testkit::real::{or_say, poppler};

use crate::staff::{Desk, action};
use crate::support::code;
use crate::verdict::filed;
use crate::visitor::{Browser, town};

/// A document of several pages, each with words of its own.
fn pages() -> Vec<u8> {
    let body: Vec<String> =
        (1..=160).map(|line| format!("Riga {line}: la particella misura {} metri.", line * 7)).collect();
    let pdf = forge::letter(&Letter {
        language: "it".into(),
        created_ms: crate::support::MORNING,
        document_id: "relazione".into(),
        from: vec!["Anna Bassi".into()],
        subject: "Relazione".into(),
        body: body.join("\n\n"),
        ..Letter::default()
    });
    pdf.unwrap()
}

fn words(pdf: &[u8]) -> String {
    let text = read::text(pdf, 100_000).unwrap().text;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn an_extract_says_of_what_it_is_and_reaches_the_person() {
    let Some(()) = or_say(poppler::draws()) else { return };
    let town = town().await;
    let pdf = pages();
    let count = read::inspect(&pdf).unwrap().pages;
    assert!(count >= 3, "{count}");
    let (message, document) = filed(&town, "relazione.pdf", &pdf).await;
    let mut clerk = Desk::of(&town, &town.building_operator).await;
    let place = format!("/ufficio/documenti/{document}/copia");
    let item = clerk.see(&format!("/ufficio/messaggi/{message}")).await;
    assert!(item.contains(&format!("href=\"{place}\"")), "{item}");
    let page = clerk.see(&place).await;
    let sha256 = plico_archive::hex(&plico_crypto::digest::sha256(&pdf));
    assert!(page.contains(&sha256[..8]), "{page}");

    // What does not fit is said, and nothing that was typed is lost.
    let beyond = format!("2-{}", count + 1);
    let wrong = clerk.post(&place, &[("pages", &beyond), ("official", ""), ("to", "party")]).await;
    let text = wrong.text();
    assert!(wrong.status == 422 && text.contains(&beyond) && text.contains("Compila questo campo"), "{text}");

    let made =
        clerk.post(&place, &[("pages", "2-3"), ("official", "Ada Neri, segretaria"), ("to", "party")]).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let letter = made.header("location").unwrap().to_owned();
    let page = clerk.see(&letter).await;
    assert!(page.contains("Estratto conforme di relazione.pdf"), "{page}");
    let to = action(&page);
    let typed = [
        ("subject", "Estratto conforme di relazione"),
        ("text", "Si trasmette l’estratto."),
        ("effect", "communication"),
        ("category", "certificate"),
        ("act", "review"),
    ];
    let answer = clerk.send(&to, &typed, &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    clerk.see(answer.header("location").unwrap()).await;
    let sent = clerk.led(&format!("{letter}/invia"), &[]).await;
    town.settle().await;

    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    let delivered = sent.split('?').next().unwrap().replace("/ufficio", "");
    anna.see(&delivered).await;
    anna.led(&format!("{delivered}/apri"), &[]).await;
    let id = delivered.rsplit('/').next().unwrap();
    let database = town.app.desk.archive().database();
    let documents = plico_archive::read::message::documents(database, id).await.unwrap();
    let copy = documents.iter().find(|document| document.role == "issued").unwrap();
    let got = anna.request("GET", &format!("/documenti/{}/scarica", copy.id), &[], &[]).await.body;
    let seen = read::inspect(&got).unwrap();
    assert_eq!((seen.pages, seen.signatures, seen.claims_pdfa.as_deref()), (3, 1, Some("3A")));
    let said = words(&got);
    let number = plico_archive::read::message::message(database, &message).await.unwrap().unwrap();
    let number = number.registration_number().unwrap();
    for part in [
        number.as_str(),
        "Ada Neri, segretaria",
        "ne riproducono le pagine 2–3",
        "art. 18 del d.P.R. 445/2000",
        "Pagina 2 di",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("porta firme"), "nobody signed it: {said}");
    let close: String = said.split_whitespace().collect();
    assert!(close.contains(&sha256), "the digest of the original: {said}");
    let data = read::attachments(&got).unwrap();
    let data: serde_json::Value =
        serde_json::from_slice(&data.iter().find(|(name, _)| name == "copy.json").unwrap().1).unwrap();
    assert_eq!((&data["kind"], &data["pages"]), (&"extract".into(), &serde_json::json!([2, 3])));
    assert_eq!(data["original"]["sha256"], sha256.as_str());

    // What an extract leaves out is not in it, not even as words beside the pictures.
    let spoken = |what: &str| {
        let wide: Vec<u8> = what.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let hex = plico_archive::hex(&wide).to_uppercase();
        let found = |needle: &[u8]| got.windows(needle.len()).any(|window| window == needle);
        found(&wide) || found(hex.as_bytes()) || found(hex.to_lowercase().as_bytes())
    };
    assert!(
        spoken("Pagina 2 dell’originale. Testo: Relazione") && spoken("Riga 59:"),
        "who cannot see the picture hears it"
    );
    assert!(!spoken("Riga 1:") && !spoken("Riga 160:"));

    // What an annulled number stands for is copied no more.
    let manager = town.as_operator(&town.records_manager).await;
    town.app.desk.annul(&manager, &message, "doppia", "determina 3").await.unwrap();
    assert_eq!(clerk.get(&place).await.status, 409);
    assert!(!clerk.see(&format!("/ufficio/messaggi/{message}")).await.contains(&place));
}

#[tokio::test]
async fn a_whole_copy_has_every_page_and_what_cannot_be_drawn_is_said() {
    let Some(()) = or_say(poppler::draws()) else { return };
    let town = town().await;
    let pdf = pages();
    let count = read::inspect(&pdf).unwrap().pages;
    let (_, document) = filed(&town, "relazione.pdf", &pdf).await;
    let mut clerk = Desk::of(&town, &town.building_operator).await;
    let place = format!("/ufficio/documenti/{document}/copia");
    clerk.see(&place).await;
    let made = clerk.post(&place, &[("pages", ""), ("official", "Ada Neri"), ("to", "other")]).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let page = clerk.see(made.header("location").unwrap()).await;
    assert!(page.contains("Copia conforme di relazione.pdf"), "{page}");
    assert!(page.contains("name=\"fiscal_code\""), "to whom is still to be said: {page}");
    assert!(count >= 3);

    let (_, broken) = filed(&town, "rotto.pdf", b"%PDF-1.7\nniente\n%%EOF\n").await;
    let page = clerk.see(&format!("/ufficio/documenti/{broken}/copia")).await;
    assert!(page.contains("duplicato") && !page.contains("name=\"official\""), "{page}");
    let refused =
        clerk.post(&format!("/ufficio/documenti/{broken}/copia"), &[("official", "Ada Neri")]).await;
    assert_eq!(refused.status, 422);

    // The person whose message it is attests nothing.
    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    assert_eq!(anna.request("GET", &place, &[], &[]).await.status, 404);
}
