//! Cards for the wallets of telephones: offered only where configured, to their holder alone; the pass checked with openssl,
//! the link with the account's public key.

use std::io::{Cursor, Read as _};
use std::path::Path;
use std::process::Command;

use plico_crypto::digest::{sha1, to_hex};

use crate::card::{issued, of_anna};
use crate::support::code;
use crate::visitor::{self, Browser};

fn openssl(folder: &Path, line: &str) {
    let run = Command::new("openssl").current_dir(folder).args(line.split(' ')).output().unwrap();
    assert!(run.status.success(), "{line}: {}", String::from_utf8_lossy(&run.stderr));
}

/// A certificate as Apple issues it (UID and OU in its name) below an authority, and the key of a service account.
fn found(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Autorita -keyout ca.key -out ca.pem",
    );
    openssl(
        folder,
        "req -newkey rsa:2048 -nodes -subj /UID=pass.it.borgo.tessera/OU=TEAM123456/CN=Tessere -keyout own.key -out own.csr",
    );
    openssl(folder, "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out own.pem");
    openssl(folder, "pkcs12 -export -inkey own.key -in own.pem -out pass.p12 -passout pass:segreta");
    openssl(folder, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out account.key");
    openssl(folder, "pkey -in account.key -pubout -out account.pub");
    let key = std::fs::read_to_string(folder.join("account.key")).unwrap();
    let account = serde_json::json!({"client_email": "tessere@borgo.example", "private_key": key});
    std::fs::write(folder.join("account.json"), account.to_string()).unwrap();
}

#[tokio::test]
async fn a_card_goes_into_a_wallet() {
    let mut folder = std::path::PathBuf::new();
    let town = visitor::town_with(|config| {
        folder = config.data_dir.parent().unwrap().join("wallet");
        found(&folder);
        config.wallet.apple = Some(folder.join("pass.p12"));
        config.wallet.apple_password = plico::config::Secret::new("segreta");
        config.wallet.apple_authority = Some(folder.join("ca.pem"));
        config.wallet.google = Some(folder.join("account.json"));
        config.wallet.google_issuer = "3388000000012345678".into();
    })
    .await;
    issued(&town).await;
    let row = of_anna(&town).await;
    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    let page = anna.see(&format!("/tessere/{}", row.id)).await;
    assert!(page.contains("Apple Wallet") && page.contains("Google Wallet"), "{page}");
    let address = format!("/tessere/{}/tessera.pkpass", row.id);
    let pass = anna.request("GET", &address, &[], &[]).await;
    assert_eq!(pass.header("content-type"), Some("application/vnd.apple.pkpass"));

    // What Apple's wallet checks: the digests of all files, and the signature over their list.
    let mut zip = zip::ZipArchive::new(Cursor::new(pass.body)).unwrap();
    let mut files = std::collections::BTreeMap::new();
    for nth in 0..zip.len() {
        let mut file = zip.by_index(nth).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().unwrap().into_owned();
        std::fs::write(folder.join(&name), &bytes).unwrap();
        files.insert(name, bytes);
    }
    let listed: std::collections::BTreeMap<String, String> =
        serde_json::from_slice(&files["manifest.json"]).unwrap();
    for (name, bytes) in &files {
        if !["manifest.json", "signature"].contains(&name.as_str()) {
            assert_eq!(listed[name], to_hex(&sha1(bytes)), "{name}");
        }
    }
    assert_eq!(listed.len() + 2, files.len());
    let check = "cms -verify -binary -inform DER -in signature -content manifest.json -CAfile ca.pem -purpose any -out seen";
    openssl(&folder, check);
    let printed = Command::new("openssl")
        .current_dir(&folder)
        .args("cms -cmsout -print -inform DER -in signature".split(' '))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&printed.stdout).contains("signingTime"), "the wallet wants the time");
    std::fs::write(folder.join("manifest.json"), b"{}").unwrap();
    let broken = Command::new("openssl").current_dir(&folder).args(check.split(' ')).output().unwrap();
    assert!(!broken.status.success());
    let said: serde_json::Value = serde_json::from_slice(&files["pass.json"]).unwrap();
    assert_eq!(said["passTypeIdentifier"], "pass.it.borgo.tessera");
    assert_eq!(said["teamIdentifier"], "TEAM123456");
    assert_eq!(said["barcodes"][0]["message"], row.code);
    assert_eq!(said["generic"]["primaryFields"][0]["value"], "Anna Bassi");
    assert!(files["icon.png"].starts_with(b"\x89PNG"));
    if let Ok(run) = Command::new("python3")
        .current_dir(&folder)
        .args(["-c", "import zlib,struct;d=open('icon.png','rb').read();assert len(zlib.decompress(d[41:41+struct.unpack('>I',d[33:37])[0]]))==29*(29*3+1)"])
        .output()
    {
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }

    // The link: a token that openssl verifies, with the card's own code.
    let answer = anna.request("GET", &format!("/tessere/{}/google", row.id), &[], &[]).await;
    assert_eq!(answer.status, 303);
    let token = answer.header("location").unwrap().strip_prefix("https://pay.google.com/gp/v/save/").unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let decode = |part: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
    };
    std::fs::write(folder.join("signed"), format!("{}.{}", parts[0], parts[1])).unwrap();
    std::fs::write(folder.join("value"), decode(parts[2])).unwrap();
    openssl(&folder, "dgst -sha256 -verify account.pub -signature value signed");
    let claims: serde_json::Value = serde_json::from_slice(&decode(parts[1])).unwrap();
    assert_eq!((&claims["aud"], &claims["typ"]), (&"google".into(), &"savetowallet".into()));
    assert_eq!(claims["payload"]["genericObjects"][0]["barcode"]["value"], row.code);

    // Nobody else's.
    let mut bruno = Browser::named(&town, &code("CNTBRN75C12F205"), ("Bruno", "Conti"), "").await;
    for what in ["tessera.pkpass", "google"] {
        let answer = bruno.request("GET", &format!("/tessere/{}/{what}", row.id), &[], &[]).await;
        assert_eq!(answer.status, 404, "{what}");
    }
}

#[tokio::test]
async fn without_a_wallet_none_is_offered() {
    let town = visitor::town().await;
    let mut clerk = issued(&town).await;
    let row = of_anna(&town).await;
    // The office that issues it prints it as a card; another finds nothing to print.
    let page = clerk.see("/ufficio/tessere").await;
    let link = page.split("href=\"").find(|rest| rest.starts_with("/ufficio/tessere/stampa.pdf")).unwrap();
    let sheet = clerk.get(link.split('"').next().unwrap()).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("application/pdf")));
    assert_eq!(plico_pdf::read::inspect(&sheet.body).unwrap().pages, 1);
    let mut other = crate::staff::Desk::of(&town, &town.protocol_operator).await;
    assert_eq!(other.get("/ufficio/tessere/stampa.pdf").await.status, 404);
    let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
    assert!(!anna.see(&format!("/tessere/{}", row.id)).await.contains("Wallet"));
    for what in ["tessera.pkpass", "google"] {
        let answer = anna.request("GET", &format!("/tessere/{}/{what}", row.id), &[], &[]).await;
        assert_eq!(answer.status, 404, "{what}");
    }
}
