//! Times without service at the pages: declared by the administrator, listed and attested for anybody; and the public
//! pages where several administrations share an installation.

use crate::delegation::operator;
use crate::visitor::{Browser, town};

#[tokio::test]
async fn an_outage_is_declared_listed_and_attested() {
    let town = town().await;
    let mut anybody = Browser::new(&town);
    assert!(anybody.see("/stato").await.contains("Nessuna interruzione registrata"));
    let mut administrator = operator(&town, &town.administrator).await;
    assert!(administrator.see("/amministrazione").await.contains("/amministrazione/interruzioni"));
    let page = "/amministrazione/interruzioni";
    let form = administrator.see(page).await;
    assert!(!form.contains("tutti gli enti"), "who runs one body does not speak for all");
    let wrong = [("from", "2026-03-09T08:00"), ("to", "2026-03-11T08:00"), ("parts", "filing")];
    let wrong = administrator.post(page, &wrong).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Non può essere nel futuro"), "{}", wrong.text());
    let right = [
        ("from", "2026-03-09T08:00"),
        ("to", "2026-03-09T09:30"),
        ("parts", "filing"),
        ("parts", "sign_in"),
        ("note", "Aggiornamento"),
    ];
    assert_eq!(administrator.led(page, &right).await, format!("{page}?fatto=dichiarata"));
    assert_eq!(administrator.post(page, &right).await.status, 422, "once");
    let waits = anybody.see("/stato").await;
    assert!(waits.contains("Inviare richieste; Accedere") && waits.contains("in preparazione"), "{waits}");
    town.settle().await;
    let status = anybody.see("/stato").await;
    assert!(status.contains("9 marzo 2026") && status.contains("Aggiornamento"), "{status}");
    assert_eq!(status.matches("/stato/attestazioni/").count(), 2, "in both languages, of one body alone");
    let id = status.split("/stato/attestazioni/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/stato/attestazioni/{id}");
    let paper = anybody.request("GET", &path, &[], &[]).await;
    assert_eq!(paper.header("content-type"), Some("application/pdf"));
    assert!(paper.body.starts_with(b"%PDF"));
    let none = anybody.request("GET", "/stato/attestazioni/01JD8X2K7M4Q9W3T6Y5B0C1V8ZH", &[], &[]).await;
    assert_eq!(none.status, 404);
}

#[tokio::test]
async fn nobody_gets_a_persons_receipt_at_the_public_address() {
    let town = town().await;
    let anna = town.as_person(&town.anna).await;
    town.settle().await;
    let row = town.app.desk.receipts(&anna).await.unwrap().remove(0);
    let path = format!("/stato/attestazioni/{}", row.id);
    assert_eq!(Browser::new(&town).request("GET", &path, &[], &[]).await.status, 404);
}

#[tokio::test]
async fn each_administration_stands_on_the_public_pages_with_its_own() {
    let town = town().await;
    let mut anybody = Browser::new(&town);
    let home = anybody.see("/").await;
    for name in ["Comune di Borgo", "Unione di Altrove", "Ufficio Edilizia", "Ufficio Anagrafe"] {
        assert!(home.contains(name), "{name}: {home}");
    }
    // Whoever chose an office has chosen the administration with it.
    let link = format!("ufficio%3D{}", town.elsewhere);
    let link = home.split("href=\"").find(|piece| piece.contains(&link)).expect("a link to the office");
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    assert!(link.starts_with("/accedi?") && link.contains("ente=altrove"), "{link}");
    let status = anybody.see("/stato").await;
    assert!(status.contains("Comune di Borgo") && status.contains("Unione di Altrove"), "{status}");
}

#[tokio::test]
async fn the_limits_an_administrator_sets_hold_for_his_body_alone() {
    let town = town().await;
    let before = town.limits();
    let mut administrator = operator(&town, &town.administrator).await;
    administrator.see("/amministrazione/limiti").await;
    let form = [("file_mb", "3"), ("files", "2"), ("message_mb", "5"), ("text", "500")];
    administrator.led("/amministrazione/limiti", &form).await;
    assert_eq!(town.limits().files, 2);
    assert_eq!(town.app.desk.limits(crate::support::OTHER), before);
    // A later start finds each body's own again.
    town.app.desk.set_limits(crate::support::BODY, before);
    plico::web::show_bodies(&town.app).await.unwrap();
    assert_eq!(town.limits().files, 2);
    assert_eq!(town.app.desk.limits(crate::support::OTHER), before);
}
