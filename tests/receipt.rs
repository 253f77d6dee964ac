//! Receipts at the pages: those of delegations, and the same receipt in English, as a browser without script asks for it.

use crate::support::code;
use crate::visitor::{Browser, town};

fn anna() -> String {
    code("BSSNNA80A41H501")
}

fn address(page: &str, end: &str) -> String {
    let before = page.split(&format!("{end}\"")).next().unwrap();
    assert!(before.len() < page.len(), "no {end}: {page}");
    format!("{}{end}", &before[before.rfind("/ricevute/").unwrap()..])
}

#[tokio::test]
async fn a_delegation_has_its_receipts_where_it_stands_and_among_all() {
    let town = town().await;
    let mut mother = Browser::signed_in(&town, &anna(), "").await;
    mother.see("/deleghe").await;
    let bruno = code("CNTBRN75C12F205");
    mother.led("/deleghe", &[("fiscal_code", bruno.as_str()), ("until", "2026-12-31")]).await;
    assert!(mother.see("/deleghe").await.contains("Ricevuta di delega: in preparazione"));
    town.settle().await;
    let page = mother.see("/deleghe").await;
    let granted = page.split("Ricevuta di delega").next().unwrap();
    let receipt = address(&granted[granted.rfind("/ricevute/").unwrap()..], "/scarica");
    let pdf = mother.request("GET", &receipt, &[], &[]).await;
    assert!(pdf.body.starts_with(b"%PDF"));
    let all = mother.see("/ricevute").await;
    assert!(all.contains("Ricevuta di delega") && all.contains("href=\"/deleghe\""), "{all}");
    // The title to act that was recorded for her company, too.
    assert!(all.contains("Ricevuta di registrazione del titolo"), "{all}");
    let mut daughter = Browser::named(&town, &bruno, ("Bruno", "Conti"), "").await;
    assert!(daughter.see("/deleghe").await.contains("Ricevuta di delega"));
    assert_eq!(daughter.request("GET", &receipt, &[], &[]).await.status, 404, "each has his own");
}

#[tokio::test]
async fn whoever_reads_english_asks_for_it_once() {
    let town = town().await;
    let mut browser = Browser::signed_in(&town, &anna(), "").await;
    town.settle().await;
    assert!(!browser.see("/ricevute").await.contains("value=\"it\""), "Italian is there already");
    browser.request("GET", "/lingua/en?return=/ricevute", &[], &[]).await;
    let page = browser.see("/ricevute").await;
    let order = address(&page, "/lingua");
    assert_eq!(browser.post(&order, &[("lingua", "xx")]).await.status, 404);
    assert_eq!(browser.led(&order, &[("lingua", "en")]).await, "/ricevute?fatto=richiesta");
    let page = browser.see("/ricevute?fatto=richiesta").await;
    assert!(page.contains("in English: in preparation") && !page.contains("value=\"en\""), "{page}");
    town.settle().await;
    let page = browser.see("/ricevute").await;
    assert!(page.contains("English (PDF)"), "{page}");
    assert!(!page.contains("value=\"en\""));
    let english = page.split("English (PDF)").next().unwrap();
    let english = address(&english[english.rfind("/ricevute/").unwrap()..], "/scarica");
    let pdf = browser.request("GET", &english, &[], &[]).await;
    assert!(pdf.header("content-disposition").unwrap().contains("receipt-mandate-granted"), "{pdf:?}");
    let again = browser.request("GET", &english, &[], &[]).await;
    assert_eq!(pdf.body, again.body);
    // And in German, beside both.
    assert!(page.contains("value=\"de\""), "{page}");
    browser.led(&order, &[("lingua", "de")]).await;
    town.settle().await;
    let page = browser.see("/ricevute").await;
    assert!(page.contains("English (PDF)") && page.contains("Deutsch (PDF)"), "{page}");
}
