//! Writes the test PKI and the test envelopes under `fixtures/`. The PKI is made once and then kept, so that running
//! it again changes nothing but the random part of ECDSA signatures:
//!
//! `cargo run -p plico-signature --example fixtures`

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use plico_signature::forge::{
    Flaw, KeyKind, Pki, Recipe, Signer, Subject, Writing, attributes_confusion, cades, pades,
};

/// 21 November 2026, 12:00 UTC.
const NOW: i64 = 1_795_262_400_000;
const YEAR: i64 = 365 * 86_400_000;
const CONTENT: &[u8] = b"Oggetto: richiesta di accesso agli atti\r\nComune di Borgo San Plico (PROVA)\r\n";

fn main() -> Result<(), Box<dyn Error>> {
    let fixtures: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures"].iter().collect();
    let (pki, p7m) = (fixtures.join("pki"), fixtures.join("p7m"));
    fs::create_dir_all(&pki)?;
    fs::create_dir_all(&p7m)?;
    if !pki.join("root.pem").exists() {
        make_pki(&pki)?;
    }
    make_envelopes(&pki, &p7m)
}

fn make_pki(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW)?;
    let anna = Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - YEAR,
        to_ms: NOW + 5 * YEAR,
    };
    let bruno = Subject { given_name: "Bruno", surname: "Neri", fiscal_code: "NREBRN70A01Z999G", ..anna };
    let expired = Subject { from_ms: NOW - 4 * YEAR, to_ms: NOW - YEAR, ..anna };
    let body = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Comune di Borgo San Plico (PROVA)",
        ..anna
    };
    fs::write(folder.join("root.pem"), pki.anchors_pem()?)?;
    for (name, signer) in [
        ("anna-rsa", pki.signer(&anna, KeyKind::Rsa2048)?),
        ("bruno-p256", pki.signer(&bruno, KeyKind::P256)?),
        ("expired-p256", pki.signer(&expired, KeyKind::P256)?),
        ("seal-p256", pki.signer(&body, KeyKind::P256)?),
    ] {
        fs::write(folder.join(format!("{name}.pem")), signer.to_pem()?)?;
    }
    Ok(())
}

fn make_envelopes(pki: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let read = |name: &str| -> Result<Signer, Box<dyn Error>> {
        Ok(Signer::from_pem(&fs::read(pki.join(format!("{name}.pem")))?)?)
    };
    let (anna, bruno, expired, seal) =
        (read("anna-rsa")?, read("bruno-p256")?, read("expired-p256")?, read("seal-p256")?);
    let good = Recipe::good(NOW);
    let written = |writing| Recipe { writing, ..good.clone() };
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes);

    write("content.txt", CONTENT.to_vec())?;
    let der = cades(&[&anna], CONTENT, &good)?;
    write("truncated.p7m", der[..der.len() - 100].to_vec())?;
    write("trailing.p7m", [&der[..], &[0; 40]].concat())?;
    write("nested.txt.p7m.p7m", cades(&[&bruno], &der, &written(Writing::Ber(1000)))?)?;
    write("rsa-der.p7m", der)?;
    write("p256-der.p7m", cades(&[&bruno], CONTENT, &good)?)?;
    write("rsa-ber.p7m", cades(&[&anna], CONTENT, &written(Writing::Ber(16)))?)?;
    write("rsa-base64.p7m", cades(&[&anna], CONTENT, &written(Writing::Base64))?)?;
    write("rsa-base64-lines.p7m", cades(&[&anna], CONTENT, &written(Writing::Base64Lines))?)?;
    write("p256-pem.p7m", cades(&[&bruno], CONTENT, &written(Writing::Pem))?)?;
    write("parallel.p7m", cades(&[&anna, &bruno], CONTENT, &good)?)?;
    write("counter.p7m", cades(&[&anna], CONTENT, &Recipe { counter: Some(&bruno), ..good.clone() })?)?;
    write("expired.p7m", cades(&[&expired], CONTENT, &good)?)?;
    write("confusion.p7m", attributes_confusion(&anna, CONTENT, NOW)?)?;
    write("text.p7m", b"Buongiorno, il file firmato non si apre.\r\n".to_vec())?;
    write("signed.pdf", pades(&seal, "Ricevuta di prova", "20261121130000+01'00'")?)?;
    for (name, flaw) in [
        ("altered.p7m", Flaw::AlteredContent),
        ("broken-signature.p7m", Flaw::BrokenSignature),
        ("detached.p7s", Flaw::Detached),
        ("digest-named-twice.p7m", Flaw::DigestNamedTwice),
        ("no-certificate.p7m", Flaw::NoCertificate),
        ("no-signed-attributes.p7m", Flaw::NoSignedAttributes),
        ("no-signers.p7m", Flaw::NoSigners),
        ("no-signing-certificate.p7m", Flaw::NoSigningCertificate),
        ("other-content-type.p7m", Flaw::OtherContentType),
        ("other-protection.p7m", Flaw::OtherProtection),
        ("signed-unsorted.p7m", Flaw::SignedUnsorted),
        ("signer-twice.p7m", Flaw::SignerTwice),
        ("stored-unsorted.p7m", Flaw::StoredUnsorted),
        ("two-digests.p7m", Flaw::TwoMessageDigests),
        ("without-null.p7m", Flaw::WithoutNull),
    ] {
        write(name, cades(&[&anna], CONTENT, &Recipe { flaws: &[flaw], ..good.clone() })?)?;
    }
    Ok(())
}
