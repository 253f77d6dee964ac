//! `plico signature` over trusted lists in a folder, and with a time stamp beside the file.

use std::path::Path;
use std::process::Command;

use plico_signature::forge::{
    KeyKind, ListRecipe, Listed, Period, Pki, Qualified, Recipe, Subject, XmlRecipe, cades, token,
    trusted_list, xades_enveloped,
};

/// 21 November 2026, 12:00 UTC.
const NOW: i64 = 1_795_262_400_000;
const DAY: i64 = 86_400_000;
const AT: &str = "2026-11-21T12:00:00Z";

/// Writes a signed request, a revocation list, and a folder of lists; `next` is when a newer list is due.
fn prepare(folder: &Path, next: i64) {
    let mut pki = Pki::new("Fiducia di prova", NOW).unwrap();
    let subject = Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - 100 * DAY,
        to_ms: NOW + 100 * DAY,
    };
    let anna = pki.qualified(&subject, KeyKind::P256, Qualified { device: true, seal: false }).unwrap();
    let operator = pki.signer(&subject, KeyKind::Rsa2048).unwrap();
    let services = [Listed {
        kind: "CA/QC",
        certificate: pki.issuer_der(),
        periods: &[("granted", NOW - 400 * DAY)],
        uses: &["ForeSignatures"],
        qualifiers: &[],
    }];
    let italy = ListRecipe {
        territory: "IT",
        sequence: 12,
        issued_ms: NOW - 20 * DAY,
        next_update_ms: Some(next),
        services: &services,
        ..ListRecipe::default()
    };
    let pointers: [(&str, &[&[u8]]); 1] = [("IT", &[operator.certificate_der()])];
    let above = ListRecipe { territory: "EU", pointers: &pointers, services: &[], ..italy };
    let crl = pki.crl(&[], Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) }).unwrap();
    let signed = xades_enveloped(&anna, "<domanda><a/></domanda>", &XmlRecipe::good(NOW - DAY)).unwrap();
    std::fs::create_dir(folder.join("lists")).unwrap();
    for (name, bytes) in [
        ("domanda.xml", signed),
        ("ca.crl", crl),
        ("lists/eu.xml", trusted_list(&operator, &above).unwrap()),
        ("lists/it.xml", trusted_list(&operator, &italy).unwrap()),
        ("lists/signers.pem", operator.certificates_pem().unwrap()),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

fn plico(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_plico"))
        .current_dir(folder)
        .args(["signature", "domanda.xml", "--tsl", "lists", "--crl", "ca.crl", "--at", AT])
        .args(more)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn lists_of_a_folder_say_what_a_signature_is_worth() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), NOW + DAY);
    let (code, said) = plico(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    for words in
        ["xades: TOTAL_PASSED", "qualification", "QESIG", "trusted list IT 12", "document : as signed"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    // What was checked is kept, and gives the same answer; what is in it is believed only for the same files.
    let compiled = folder.path().join("lists/lists.compiled");
    assert!(compiled.exists());
    let (code, json) = plico(folder.path(), &["--json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, report["signatures"][0]["qualification"]["result"].as_str()), (Some(0), Some("QESIG")));
    assert_eq!(report["trusted_lists"][1]["territory"], "IT");
    let list = folder.path().join("lists/it.xml");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replacen("granted", "withdrawn", 1)).unwrap();
    let (code, said) = plico(folder.path(), &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("not believed: it.xml (altered)") && said.contains("): NA"), "{said}");
}

#[test]
fn an_expired_list_and_a_folder_without_signers_are_said() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), NOW - 2 * DAY);
    let (code, said) = plico(folder.path(), &[]);
    assert_eq!(code, Some(2), "what it said is not what is said now: {said}");
    assert!(said.contains("xades: INDETERMINATE"), "{said}");
    assert!(said.contains("INDETERMINATE_QESIG") && said.contains("list_expired"), "{said}");
    assert!(
        said.contains("trusted list IT 12") && said.contains("list expired on 2026-11-19T12:00:00Z"),
        "{said}"
    );
    std::fs::remove_file(folder.path().join("lists/signers.pem")).unwrap();
    let (code, said) = plico(folder.path(), &[]);
    assert!(code != Some(0) && said.contains("put into it signers.pem"), "{said}");
}

#[test]
fn a_time_stamp_beside_a_file_is_told_and_proves() {
    let folder = tempfile::tempdir().unwrap();
    let mut pki = Pki::new("Fiducia di prova", NOW).unwrap();
    let subject = Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - 100 * DAY,
        to_ms: NOW - 10 * DAY,
    };
    let anna = pki.signer(&subject, KeyKind::P256).unwrap();
    let authority = Subject { to_ms: NOW + DAY, ..subject };
    let stamper = pki.stamper(&authority, KeyKind::P256, true).unwrap();
    let period = Period { from_ms: NOW - 30 * DAY, to_ms: Some(NOW + DAY) };
    let signed = cades(&[&anna], b"Buongiorno", &Recipe::good(NOW - 30 * DAY)).unwrap();
    for (name, bytes) in [
        ("domanda.p7m.tst", token(&stamper, &signed, NOW - 20 * DAY).unwrap()),
        ("other.tst", token(&stamper, b"x", NOW - 20 * DAY).unwrap()),
        ("domanda.p7m", signed),
        ("root.pem", pki.anchors_pem().unwrap()),
        ("ca.crl", pki.crl(&[], period).unwrap()),
        ("root.crl", pki.root_crl(None, period).unwrap()),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let run = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_plico"))
            .current_dir(folder.path())
            .args(["signature", "domanda.p7m", "--trust", "root.pem", "--crl", "ca.crl", "--crl", "root.crl"])
            .args(["--at", AT])
            .args(more)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, said) = run(&[]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = run(&["--timestamp", "domanda.p7m.tst"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("at 2026-11-01T12:00:00Z: trusted"), "{said}");
    let (code, said) = run(&["--timestamp", "other.tst"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("not believed"), "{said}");
    let (_, said) = run(&["--timestamp", "missing.tst"]);
    assert!(said.contains("cannot read missing.tst"), "{said}");
}
