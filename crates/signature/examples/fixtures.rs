//! Writes the test PKI and the test envelopes under `fixtures/`, and the samples of other parsers under `tests/corpus`. The PKI is made once and then kept, so that running
//! it again changes nothing but the random part of ECDSA signatures:
//!
//! `cargo run -p plico-signature --example fixtures`

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use plico_crypto::verify::Hash;
use plico_pdf::forge::{Letter, letter};
use plico_pdf::seal::{RESERVE, Seal, Store, keep, seal, stamp};
use plico_signature::der::{sequence, tlv};
use plico_signature::forge::{
    By, Counters, EvidenceRecord, Flaw, KeyKind, ListRecipe, Listed, Period, Pki, Recipe, Said, Signer,
    Subject, Writing, XmlRecipe, asic, attributes_confusion, cades, joined, pades, token, token_over,
    trusted_list, xades_enveloped, xades_enveloping,
};
use plico_signature::{Making, TrustedLists, oid};

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
    make_envelopes(&pki, &p7m)?;
    make_corpus(&[env!("CARGO_MANIFEST_DIR"), "tests/corpus"].iter().collect::<PathBuf>())
}

/// What the sealer makes for documents that are issued: with time stamps of an authority that nobody need believe, and a PDF
/// with its evidence and a stamp over it.
fn make_sealed(signer: &Signer, folder: &Path) -> Result<(), Box<dyn Error>> {
    let authority = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Marche di prova",
        from_ms: NOW - YEAR,
        to_ms: NOW + 5 * YEAR,
    };
    let stamper = Pki::new("Marche di prova", NOW)?.stamper(&authority, KeyKind::P256, true)?;
    let ask = |sha256: &[u8; 32]| Ok(token_over(&stamper, sha256, NOW)?);
    let sealer = signer.sealer()?;
    let making = Making { at_ms: Some(NOW), stamper: Some(&ask) };
    fs::write(folder.join("stamped.p7m"), sealer.cades_enveloping(CONTENT, &making)?)?;
    let letter = letter(&Letter { body: "Gentile ufficio,".into(), ..Letter::default() })?;
    let what = Seal { name: "Comune di Borgo San Plico (PROVA)", reason: "", at_ms: NOW, reserve: RESERVE };
    let making = Making { at_ms: None, ..making };
    let stamped = seal(&letter, &what, |sha256| sealer.cades_detached(sha256, &making))?;
    let store = Store { certificates: sealer.chain_der(), ..Store::default() };
    let archived = stamp(&keep(&stamped, &store)?, |sha256| token_over(&stamper, sha256, NOW))?;
    fs::write(folder.join("stamped.pdf"), stamped)?;
    Ok(fs::write(folder.join("archived.pdf"), archived)?)
}

/// One sample for each parser, small; with keys of their own, which nobody needs afterwards.
fn make_corpus(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes);
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW)?;
    let anna = Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - YEAR,
        to_ms: NOW + YEAR,
    };
    let signer = pki.signer(&anna, KeyKind::P256)?;
    let stamper = pki.stamper(&anna, KeyKind::P256, true)?;
    let period = Period { from_ms: NOW, to_ms: Some(NOW + YEAR) };
    write("certificate.der", signer.certificate_der())?;
    write("list.crl", &pki.crl(&[(&signer, NOW, 1)], period)?)?;
    write("answer.ocsp", &pki.ocsp(&signer, Said::Revoked(NOW, 1), period, None)?)?;
    let p7m = cades(&[&signer], CONTENT, &Recipe::good(NOW))?;
    let stamp = token(&stamper, &p7m, NOW)?;
    write("token.tst", &stamp)?;
    let mut record = EvidenceRecord::default();
    record.chain(CONTENT, &[b"a"], By { authority: &stamper, at_ms: NOW, hash: Hash::Sha256 })?;
    record.renew(&[b"b"], By { authority: &stamper, at_ms: NOW, hash: Hash::Sha256 })?;
    write("record.ers", &record.der())?;
    let meta = sequence(&[&tlv(0x01, &[0]), &tlv(0x0c, b"content.txt.p7m")]);
    let links = tlv(0xa0, &sequence(&[&stamp]));
    let data = sequence(&[&tlv(0x02, &[1]), &meta, &tlv(0x04, &p7m), &links]);
    write("stamped.tsd", &sequence(&[&tlv(0x06, oid::TIME_STAMPED_DATA), &tlv(0xa0, &data)]))?;
    let body = "Content-Type: text/plain\r\n\r\nBuongiorno";
    let detached = Recipe { flaws: &[Flaw::Detached], ..Recipe::good(NOW) };
    let signature = openssl::base64::encode_block(&cades(&[&signer], body.as_bytes(), &detached)?);
    let mail = format!(
        "Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n{body}\r\n--x\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--x--\r\n"
    );
    write("signed.eml", mail.as_bytes())?;
    let (p7m, stamp) = (openssl::base64::encode_block(&p7m), openssl::base64::encode_block(&stamp));
    let mail = format!(
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{p7m}\r\n--x\r\nContent-Type: application/timestamp-reply\r\nContent-Transfer-Encoding: base64\r\n\r\n{stamp}\r\n--x--\r\n"
    );
    write("envelope.m7m", mail.as_bytes())?;
    let xml = XmlRecipe::good(NOW);
    write("enveloped.xml", &xades_enveloped(&signer, "<a xmlns='urn:a'><b c='d'>e</b></a>", &xml)?)?;
    write("enveloping.xml", &xades_enveloping(&signer, CONTENT, &xml)?)?;
    let beside = cades(&[&signer], CONTENT, &detached)?;
    let members: [(&str, &[u8]); 2] = [("a.txt", CONTENT), ("META-INF/signature.p7s", &beside)];
    write("one.asics", &asic("application/vnd.etsi.asic-s+zip", &members)?)?;
    let service = Listed {
        kind: "CA/QC",
        certificate: pki.issuer_der(),
        periods: &[("granted", NOW - YEAR)],
        uses: &["ForeSignatures"],
        qualifiers: &[],
    };
    let list = ListRecipe {
        territory: "IT",
        sequence: 1,
        issued_ms: NOW,
        next_update_ms: Some(NOW + YEAR),
        base: "https://lists.example",
        before: &[],
        pointers: &[],
        services: &[service],
    };
    let own: [(&str, &[&[u8]]); 1] = [("IT", &[signer.certificate_der()])];
    let above = ListRecipe { territory: "EU", pointers: &own, services: &[], ..list };
    let files = [
        ("eu.xml".to_owned(), trusted_list(&signer, &above)?),
        ("it.xml".to_owned(), trusted_list(&signer, &list)?),
    ];
    write("list.xml", &files[1].1)?;
    let lists = TrustedLists::verify(&files, &signer.certificates_pem()?)?;
    Ok(write("lists.compiled", &lists.compiled(b"fingerprint"))?)
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
    let (anna, bruno, expired, body) =
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
    // Under an authority that nobody believes: the other's key is not kept.
    let subject = Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - YEAR,
        to_ms: NOW + 5 * YEAR,
    };
    let ed448 = Pki::new("Autorità di prova", NOW)?.signer(&subject, KeyKind::Ed448)?;
    write("ed448-der.p7m", cades(&[&ed448], CONTENT, &Recipe { hash: Hash::Shake256, ..good.clone() })?)?;
    let longer = cades(&[&bruno], CONTENT, &Recipe { hash: Hash::Sha512, ..good.clone() })?;
    let first = cades(&[&anna], CONTENT, &good)?;
    write("signed-later.p7m", joined(&first, &longer, true)?)?;
    write("signed-later-unlisted.p7m", joined(&first, &longer, false)?)?;
    let deep =
        Recipe { counter: Some(&bruno), counters: Counters { deep: 2, ..Counters::ONE }, ..good.clone() };
    write("counter-of-counter.p7m", cades(&[&anna], CONTENT, &deep)?)?;
    write("counter.p7m", cades(&[&anna], CONTENT, &Recipe { counter: Some(&bruno), ..good.clone() })?)?;
    // Signed while the certificate was valid.
    write("expired.p7m", cades(&[&expired], CONTENT, &Recipe::good(NOW - 2 * YEAR))?)?;
    write("confusion.p7m", attributes_confusion(&anna, CONTENT, NOW)?)?;
    make_sealed(&body, folder)?;
    write("text.p7m", b"Buongiorno, il file firmato non si apre.\r\n".to_vec())?;
    write("signed.pdf", pades(&body, "Ricevuta di prova", "20261121130000+01'00'")?)?;
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
        ("two-values.p7m", Flaw::TwoValuedMessageDigest),
        ("longer-time.p7m", Flaw::GeneralizedSigningTime),
        ("without-null.p7m", Flaw::WithoutNull),
    ] {
        write(name, cades(&[&anna], CONTENT, &Recipe { flaws: &[flaw], ..good.clone() })?)?;
    }
    Ok(())
}
