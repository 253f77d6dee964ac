//! A certificate: described by the administrator, filled in by an office, kept by whoever asked for it.

use plico_pdf::read;

use crate::staff::{Desk, action, filed};
use crate::support::{Town, code};
use crate::visitor::{self, Browser};

const TYPE: [(&str, &str); 9] = [
    ("code", "residenza"),
    ("name", "Certificato di residenza"),
    ("text", "{nome}, codice fiscale {codice_fiscale}, risiede in {via}."),
    ("fields", "via: Via e numero civico"),
    ("validity_months", "6"),
    ("fee", "0,52 €"),
    ("abroad", "1"),
    ("retention_years", "10"),
    ("offered", "1"),
];

/// The page's text, without the breaks that the layout made.
fn words(pdf: &[u8]) -> String {
    let text = read::text(pdf, 100_000).unwrap().text;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn from_its_type_to_the_documents_of_whoever_asked() {
    let town = visitor::town().await;
    let mut gaia = Desk::of(&town, &town.administrator).await;
    assert!(gaia.see("/amministrazione/certificati").await.contains("Nessun tipo"));
    gaia.see("/amministrazione/certificati/nuovo").await;
    let mut wrong = TYPE;
    wrong[2].1 = "{nome} e {altro}";
    let answer = gaia.post("/amministrazione/certificati/nuovo", &wrong).await;
    assert!(answer.status == 422 && answer.text().contains("tra graffe"), "{}", answer.text());
    gaia.led("/amministrazione/certificati/nuovo", &TYPE).await;
    assert!(gaia.see("/amministrazione/certificati/residenza").await.contains("Via e numero civico"));

    // Asked for in a message, filled in at the office.
    let asked = filed(&town).await;
    let mut clerk = Desk::of(&town, &town.building_operator).await;
    let list = clerk.see(&format!("/ufficio/certificati?m={asked}")).await;
    assert!(list.contains("Certificato di residenza") && list.contains("Rimborso della tassa"));
    let page = clerk.see(&format!("/ufficio/certificati/residenza?m={asked}")).await;
    let to = action(&page);
    let poor =
        [("f0", "via Roma 1 {nome}"), ("official", "Ada Neri, ufficiale d’anagrafe"), ("act", "review")];
    let answer = clerk.send(&to, &poor, &[]).await;
    assert!(answer.status == 422, "{}: the stamp is due", answer.status);
    assert!(answer.text().contains("via Roma 1"), "what was typed is kept");
    let full = [&poor[..2], &[("stamp", "01234567890123"), ("act", "review")]].concat();
    let answer = clerk.send(&to, &full, &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let review = clerk.see(answer.header("location").unwrap()).await;
    assert!(review.contains("risiede in via Roma 1 {nome}."), "{review}");
    let key = to.rsplit('/').next().unwrap().split('?').next().unwrap();
    let draft = clerk.get(&format!("/ufficio/lettere/{key}/anteprima")).await;
    assert!(draft.body.starts_with(b"%PDF") && read::inspect(&draft.body).unwrap().signatures == 0);
    assert!(!words(&draft.body).contains("Contrassegno"), "a draft can be found by nobody");
    let sent = clerk.led(&format!("/ufficio/lettere/{key}/invia"), &[]).await;
    assert!(clerk.see(&sent).await.contains("Certificato di residenza"));
    town.settle().await;

    // Whoever asked finds it among his documents, opens it, and has a sealed paper that says all it must.
    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    let message = sent.split('?').next().unwrap().replace("/ufficio", "");
    anna.see(&message).await;
    anna.led(&format!("{message}/apri"), &[]).await;
    let documents = anna.see("/documenti").await;
    assert!(documents.contains("Certificato di residenza"), "{documents}");
    let path = documents.split("href=\"").find(|rest| rest.starts_with("/documenti/0")).unwrap();
    let pdf = anna.request("GET", path.split('"').next().unwrap(), &[], &[]).await.body;
    let said = words(&pdf);
    for part in [
        "risiede in via Roma 1 {nome}.",
        "non può essere prodotto agli organi della pubblica amministrazione",
        "assolta: 01234567890123",
        "Ada Neri, ufficiale d’anagrafe",
        "art. 3, comma 2, d.lgs. 39/1993",
        "0,52 €",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(read::inspect(&pdf).unwrap().signatures, 1);

    // On paper it is compared with the original, by anybody, until the office withdraws it.
    let code = said.split("e scriva ").nth(1).unwrap().split_whitespace().collect::<String>();
    let code = code.split('.').next().unwrap().to_lowercase();
    let mut stranger = Browser::new(&town);
    stranger.see("/contrassegno").await;
    assert_eq!(
        stranger.post("/contrassegno", &[("code", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A")]).await.status,
        422
    );
    let page = stranger.post("/contrassegno", &[("code", &code)]).await;
    assert!(
        page.status == 200 && page.text().contains("Certificato di residenza"),
        "{code}: {}",
        page.text()
    );
    let original = stranger.post("/contrassegno", &[("code", &code), ("original", "1")]).await;
    assert_eq!(original.body, pdf);
    let data = read::attachments(&pdf).unwrap();
    assert!(data.iter().any(|(name, _)| name == "certificate.json"));

    let message = message.rsplit('/').next().unwrap();
    let clerk = town.as_operator(&town.building_operator).await;
    let database = town.app.desk.archive().database();
    let delivery = plico_archive::read::message::deliveries(database, message).await.unwrap().remove(0).id;
    town.app.desk.withdraw_delivery(&clerk, &delivery, "rilasciato alla persona sbagliata").await.unwrap();
    let page = stranger.post("/contrassegno", &[("code", &code), ("original", "1")]).await;
    assert!(page.text().contains("non vale più"), "{}", page.text());
}

#[tokio::test]
async fn what_is_no_longer_offered_is_filled_in_by_nobody() {
    let town = Town::start().await;
    let mut gaia = Desk::of(&town, &town.administrator).await;
    gaia.see("/amministrazione/certificati/nuovo").await;
    gaia.led("/amministrazione/certificati/nuovo", &TYPE).await;
    let mut clerk = Desk::of(&town, &town.building_operator).await;
    let to = action(&clerk.see("/ufficio/certificati/residenza").await);
    gaia.see("/amministrazione/certificati/residenza").await;
    gaia.led("/amministrazione/certificati/residenza", &TYPE[..8]).await;
    assert!(clerk.see("/ufficio/certificati").await.contains("Nessun certificato"));
    assert_eq!(clerk.get("/ufficio/certificati/residenza").await.status, 404);
    assert_eq!(clerk.send(&to, &[("f0", "via Roma 1"), ("act", "review")], &[]).await.status, 404);
    assert_eq!(clerk.get("/amministrazione/certificati").await.status, 403);
}

#[tokio::test]
async fn a_letter_and_a_certificate_speak_the_language_that_the_office_chose() {
    let town = visitor::town().await;
    let mut gaia = Desk::of(&town, &town.administrator).await;
    gaia.see("/amministrazione/certificati/nuovo").await;
    gaia.led("/amministrazione/certificati/nuovo", &TYPE).await;
    let asked = filed(&town).await;
    let mut clerk = Desk::of(&town, &town.building_operator).await;
    let page = clerk.see(&format!("/ufficio/certificati/residenza?m={asked}")).await;
    assert!(page.contains(">Deutsch</option>"), "{page}");
    let to = action(&page);
    let fields = [
        ("f0", "via Roma 1"),
        ("official", "Ada Neri"),
        ("stamp", "01234567890123"),
        ("language", "de"),
        ("act", "review"),
    ];
    let answer = clerk.send(&to, &fields, &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let key = to.rsplit('/').next().unwrap().split('?').next().unwrap();
    let draft = words(&clerk.get(&format!("/ufficio/lettere/{key}/anteprima")).await.body);
    assert!(
        draft.contains("Art. 40 Abs. 02 D.P.R. Nr. 445/2000") && draft.contains("Nach Einsicht in die Akten"),
        "{draft}"
    );
    assert!(draft.contains("risiede in via Roma 1."), "the type's own text stays: {draft}");

    let to = action(&clerk.see(&format!("/ufficio/messaggi/{asked}/scrivi")).await);
    let fields = [
        ("subject", "Mitteilung"),
        ("text", "Wir teilen mit."),
        ("effect", "courtesy"),
        ("language", "de"),
        ("act", "review"),
    ];
    let answer = clerk.send(&to, &fields, &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    clerk.see(answer.header("location").unwrap()).await;
    let key = to.rsplit('/').next().unwrap().split('?').next().unwrap();
    let sent = clerk.led(&format!("/ufficio/lettere/{key}/invia"), &[]).await;
    let id = sent.split('?').next().unwrap().rsplit('/').next().unwrap();
    let database = town.app.desk.archive().database();
    let documents = plico_archive::read::message::documents(database, id).await.unwrap();
    let pdf = clerk.get(&format!("/ufficio/documenti/{}/scarica", documents[0].id)).await.body;
    let said = words(&pdf);
    assert!(said.contains("Prüfcode:") && !said.contains("Codice di verifica"), "{said}");
    assert!(pdf.windows(9).any(|bytes| bytes == b"/Lang(de)"), "a screen reader is told");
}
