//! The public page of verification, with a dossier.

use std::fs;

use crate::dossier::{case, export, mended, packed, unpacked};
use crate::support::{Town, multipart};
use crate::visitor::Browser;

/// A form of the public page with one file.
fn form(token: &str, name: &str, bytes: &[u8], told: &[(&str, &str)]) -> (String, Vec<u8>) {
    let (kind, body) = multipart(&[&[("_csrf", token)], told].concat(), &[(name, bytes)]);
    let at = body.windows(7).position(|seven| seven == b"\"files\"").unwrap();
    (kind, [&body[..at], b"\"receipt\"", &body[at + 7..]].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_checks_a_dossier_on_the_public_page() {
    let town = Town::start().await;
    let case = case(&town).await;
    let manager = town.as_operator(&town.records_manager).await;
    let bytes = export(&town, &manager, &case).await;
    let mut browser = Browser::new(&town);
    browser.see("/verifica").await;
    let mut changed = unpacked(&bytes);
    let leaf = changed.keys().find(|name| name.ends_with("leaf.json")).unwrap().clone();
    changed.get_mut(&leaf).unwrap().push(b' ');
    mended(&mut changed);
    let none = b"PK\x03\x04 and nothing more";
    for (file, verdict) in [
        (&bytes[..], "È autentico"),
        (&packed(&changed), "Non è autentico"),
        (&bytes[..bytes.len() / 2], "Non è autentico"),
        (none, "Non è autentico"),
    ] {
        let (kind, body) = form(&browser.token, "fascicolo.zip", file, &[]);
        let answer = browser.request("POST", "/verifica", &[("content-type", kind.as_str())], &body).await;
        let text = answer.text();
        assert!(answer.status == 200 && text.contains(verdict), "{text}");
        assert!(text.contains("il fascicolo è intero e nessun file è cambiato"), "{text}");
    }
    let (kind, body) =
        form(&browser.token, "fascicolo.zip", &bytes, &[("digest", &format!("{}  a", "0".repeat(64)))]);
    let answer = browser.request("POST", "/verifica", &[("content-type", kind.as_str())], &body).await;
    assert_eq!(answer.status, 422, "a dossier holds its documents");

    // Nothing of it is left.
    let folder = &town.app.shell.config().data_dir;
    let left = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.starts_with(".unnamed")));
}
