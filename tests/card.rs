//! A card's life: its type, its issue, what its holder shows, what an inspector finds without asking, its end.

use plico_card::jws;
use plico_card::keyset::{self, KeySet};
use plico_card::verify::{Standing, Verifier};
use plico_pdf::read;

use crate::staff::Desk;
use crate::support::{Town, code};
use crate::visitor::{self, Browser};

const ISSUER: &str = "/.well-known/plico-cards/c_b999";

fn permit(town: &Town) -> [(&'static str, String); 8] {
    [
        ("code", "sosta".into()),
        ("name", "Permesso di sosta".into()),
        ("office", town.building.clone()),
        ("fields", "Targa: 10\nZona: 12".into()),
        ("months", "12".into()),
        ("colour", "blue".into()),
        ("symbol", "it-card".into()),
        ("offered", "1".into()),
    ]
}

fn refs<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// What an inspector has after one visit.
async fn inspector(town: &Town) -> Verifier {
    let keys = town.send("GET", &format!("{ISSUER}/keys"), &[], b"").await;
    assert_eq!(keys.status, 200, "{}", keys.text());
    let keys = jws::read::<KeySet>(&keys.text(), keyset::TYPE).unwrap();
    assert!(keys.header.x5c.len() == 1 && keys.header.alg == "ES256", "{:?}", keys.header);
    let mut verifier = Verifier::new(&keys.content);
    let list = town.send("GET", &format!("{ISSUER}/status/0"), &[], b"").await;
    assert!(verifier.keep(0, &list.text()), "{}", list.text());
    verifier
}

async fn standing(town: &Town, card: &str) -> Standing {
    let now = town.app.shell.now_ms() / 1000;
    inspector(town).await.check(card, now).unwrap().1
}

/// The card of Anna, as the archive keeps it.
pub async fn of_anna(town: &Town) -> plico_archive::read::card::CardRow {
    let anna = town.as_person(&town.anna).await;
    town.app.desk.own_cards(&anna).await.unwrap().remove(0)
}

pub async fn issued(town: &Town) -> Desk<'_> {
    let mut gaia = Desk::of(town, &town.administrator).await;
    gaia.see("/amministrazione/tessere/nuovo").await;
    gaia.led("/amministrazione/tessere/nuovo", &refs(&permit(town))).await;
    let mut clerk = Desk::of(town, &town.building_operator).await;
    clerk.see("/ufficio/tessere/emetti/sosta").await;
    let anna = code("BSSNNA80A41H501");
    let form = [("fiscal_code", anna.as_str()), ("f0", "AB123CD"), ("f1", "Centro")];
    clerk.led("/ufficio/tessere/emetti/sosta", &form).await;
    clerk
}

#[tokio::test]
async fn from_its_type_to_its_revocation() {
    let town = visitor::town().await;
    let mut gaia = Desk::of(&town, &town.administrator).await;
    assert!(gaia.see("/amministrazione/tessere").await.contains("Nessun tipo"));
    gaia.see("/amministrazione/tessere/nuovo").await;
    let mut large = permit(&town);
    large[3].1 = "Indirizzo: 60\nNote: 60".into();
    let answer = gaia.post("/amministrazione/tessere/nuovo", &refs(&large)).await;
    assert!(answer.status == 422 && answer.text().contains("accorcia"), "{}", answer.text());
    let mut clerk = issued(&town).await;
    let row = of_anna(&town).await;
    assert!(row.code.len() <= 400, "{}", row.code.len());
    assert_eq!(standing(&town, &row.code).await, Standing::Valid);

    // The same card twice is a second click.
    clerk.see("/ufficio/tessere/emetti/sosta").await;
    let anna = code("BSSNNA80A41H501");
    let form = [("fiscal_code", anna.as_str()), ("f0", "AB123CD"), ("f1", "Centro")];
    let answer = clerk.post("/ufficio/tessere/emetti/sosta", &form).await;
    assert!(answer.status == 422 && answer.text().contains("rinnovala"), "{}", answer.text());

    // Its holder shows and prints it; a receipt says that it was issued.
    town.settle().await;
    let mut browser = Browser::signed_in(&town, &anna, "").await;
    assert!(browser.see("/documenti").await.contains("Permesso di sosta"));
    let page = browser.see(&format!("/tessere/{}", row.id)).await;
    assert!(
        page.contains("data:image/svg+xml;base64,") && page.contains("AB123CD") && page.contains(&row.number)
    );
    let paper = browser.request("GET", &format!("/tessere/{}/stampa.pdf", row.id), &[], &[]).await;
    let said = read::text(&paper.body, 10_000).unwrap().text;
    assert!(said.contains("Permesso di sosta") && said.contains(&row.number), "{said}");
    assert!(browser.see("/ricevute").await.contains("rilascio della tessera"));
    let mut stranger = Browser::named(&town, &code("VRDLCU75T10C100"), ("Luca", "Verdi"), "").await;
    assert_eq!(stranger.request("GET", &format!("/tessere/{}", row.id), &[], &[]).await.status, 404);

    // Suspended, and back; renewed, and a second click renews nothing.
    let base = format!("/ufficio/tessere/{}", row.id);
    clerk.see(&format!("{base}/sospendi")).await;
    assert_eq!(clerk.post(&format!("{base}/sospendi"), &[("reason", " ")]).await.status, 422);
    clerk.led(&format!("{base}/sospendi"), &[("reason", "Targa in verifica")]).await;
    assert_eq!(standing(&town, &row.code).await, Standing::Suspended);
    assert!(browser.see(&format!("/tessere/{}", row.id)).await.contains("Targa in verifica"));
    clerk.see(&format!("{base}/riattiva")).await;
    clerk.led(&format!("{base}/riattiva"), &[]).await;
    assert_eq!(standing(&town, &row.code).await, Standing::Valid);
    clerk.see(&format!("{base}/rinnova")).await;
    clerk.led(&format!("{base}/rinnova"), &[("until", &row.valid_until)]).await;
    let renewed = of_anna(&town).await;
    assert!(renewed.valid_until > row.valid_until && renewed.code != row.code && renewed.idx == row.idx);
    assert_eq!(clerk.post(&format!("{base}/rinnova"), &[("until", &row.valid_until)]).await.status, 409);

    // Revoked: the code of before the renewal too.
    clerk.see(&format!("{base}/revoca")).await;
    clerk.led(&format!("{base}/revoca"), &[("reason", "Trasferita")]).await;
    assert_eq!(standing(&town, &row.code).await, Standing::Revoked);
    assert_eq!(standing(&town, &renewed.code).await, Standing::Revoked);
    town.settle().await;
    assert!(browser.see("/ricevute").await.contains("revoca della tessera"));
    assert!(clerk.see("/ufficio/tessere").await.contains("Trasferita"));
    // What is kept of cards can be made again from the journal.
    town.app.desk.archive().rebuild().await.unwrap();
    assert_eq!(of_anna(&town).await.status, "revoked");
}

#[tokio::test]
async fn a_file_is_issued_whole_or_not_at_all() {
    let town = visitor::town().await;
    let mut clerk = issued(&town).await;
    clerk.see("/ufficio/tessere/emetti/sosta").await;
    let path = "/ufficio/tessere/emetti/sosta/file";
    let good = |n: u32| format!("{};Luca Verdi;;ZZ{n:03}AA;Centro\n", code(&format!("VRDLCU75T10C{n:03}")));
    let head = "codice_fiscale;nome;dal;Targa;Zona\n";
    let bad = format!(
        "{head}{}{};Luca;;TARGATROPPOLUNGA;Centro\nXX;Ugo;;A;B\n",
        good(100),
        code("VRDLCU75T10C101")
    );
    let answer = clerk.send(path, &[], &[("tessere.csv", bad.as_bytes())]).await;
    let said = answer.text();
    assert!(
        answer.status == 422 && said.contains("Riga 3, Targa") && said.contains("Riga 4, Codice fiscale"),
        "{said}"
    );
    let (_, but) =
        plico_archive::read::card::statuses(town.app.desk.archive().database(), crate::support::BODY)
            .await
            .unwrap();
    assert!(but.is_empty());
    let clerk_actor = town.as_operator(&town.building_operator).await;
    let count = async || town.app.desk.issued_cards(&clerk_actor, "", None, 1000).await.unwrap().0.len();
    assert_eq!(count().await, 1, "none of the file");
    let whole: String = std::iter::once(head.to_owned()).chain((100..130).map(good)).collect();
    let answer = clerk.send(path, &[], &[("tessere.csv", whole.as_bytes())]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(count().await, 31);
    let rows = town.app.desk.issued_cards(&clerk_actor, "", None, 1000).await.unwrap().0;
    let places: std::collections::BTreeSet<i64> = rows.iter().map(|row| row.idx).collect();
    assert_eq!(places.len(), 31, "each has its own place in the list");
    // Another office issues none of these.
    let mut other = Desk::of(&town, &town.protocol_operator).await;
    assert_eq!(other.get("/ufficio/tessere/emetti/sosta").await.status, 404);
}
