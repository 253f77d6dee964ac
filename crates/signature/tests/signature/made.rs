//! Signatures that we make, read by us and by others.

use std::process::Command;
use std::sync::OnceLock;

use plico_pdf::forge::{Letter, letter};
use plico_pdf::seal::{RESERVE, Seal, Store, keep, seal, stamp};
use plico_signature::forge::{KeyKind, Period, Pki, Signer, token_over};
use plico_signature::report::{Format, Indication, Part, Reason, SignatureReport};
use plico_signature::revocation::Evidence;
use plico_signature::source::Memory;
use plico_signature::{Anchors, Making, Options, SealError, StampFailure, inspect, inspect_detached};
use plico_testkit::real::{or_say, xmlsec::Xmlsec};
use sha2::{Digest as _, Sha256};

use crate::town::{CONTENT, NOW, subject};

const HOUR: i64 = 3_600_000;
const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- bozza -->\n<domanda xmlns=\"urn:d\"><oggetto a='1'>Accesso\n agli atti: perché</oggetto></domanda>\n<!-- fine </x> -->\n";

struct World {
    signers: [Signer; 3],
    stamper: Signer,
    anchors: Anchors,
    lists: [Vec<u8>; 2],
    root_pem: Vec<u8>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
        let signers = [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384];
        let signers = signers.map(|kind| pki.signer(&subject(), kind).unwrap());
        let stamper = Pki::new("Marche", NOW).unwrap().stamper(&subject(), KeyKind::P256, true).unwrap();
        let root_pem = pki.anchors_pem().unwrap();
        let mut pem = root_pem.clone();
        pem.extend(stamper.certificates_pem().unwrap());
        let period = Period { from_ms: NOW - HOUR, to_ms: Some(NOW + HOUR) };
        let lists = [pki.crl(&[], period).unwrap(), pki.root_crl(None, period).unwrap()];
        World { signers, stamper, anchors: Anchors::from_pem(&pem).unwrap(), lists, root_pem }
    })
}

fn ask(sha256: &[u8; 32]) -> Result<Vec<u8>, StampFailure> {
    Ok(token_over(&world().stamper, sha256, NOW - HOUR)?)
}

/// Level B, and level T.
fn makings() -> [Making<'static>; 2] {
    let bare = Making::at(NOW - 2 * HOUR);
    [bare, Making { stamper: Some(&ask), ..bare }]
}

/// The one signature of a file, which everything is known of.
fn passed(file: &[u8], content: Option<&[u8]>) -> SignatureReport {
    let mut evidence = Evidence::default();
    world().lists.iter().for_each(|list| evidence.add_crl(list).unwrap());
    let options = Options { evidence: Some(&evidence), ..Options::at(NOW, Some(&world().anchors)) };
    let report = match content {
        Some(content) => inspect_detached(file, content, &options),
        None => inspect(file, &options),
    };
    assert_eq!((report.indication, report.signatures.len()), (Indication::TotalPassed, 1), "{report:#?}");
    report.signatures.into_iter().next().unwrap()
}

/// Whether openssl takes a file for signed by the town's authority; `None` when it is not installed.
fn openssl(file: &[u8], detached: bool) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("file", file), ("content", CONTENT), ("root.pem", &world().root_pem)] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let mut command = Command::new("openssl");
    command.current_dir(folder.path()).args(["cms", "-verify", "-cades", "-binary", "-inform", "DER"]);
    command.args(["-in", "file", "-CAfile", "root.pem", "-purpose", "any", "-out", "out"]);
    // The certificates are of the town's time.
    command.args(["-attime", &(NOW / 1000).to_string()]);
    if detached {
        command.args(["-content", "content"]);
    }
    let Ok(run) = command.output() else {
        eprintln!("openssl is not installed: its verdict was not compared");
        return None;
    };
    Some(run.status.success() && std::fs::read(folder.path().join("out")).unwrap() == CONTENT)
}

#[test]
fn cades_around_and_beside_a_content() {
    for signer in &world().signers {
        let sealer = signer.sealer().unwrap();
        for (making, format) in makings().iter().zip([Format::CadesB, Format::CadesT]) {
            let around = sealer.cades_enveloping(CONTENT, making).unwrap();
            let beside = sealer.cades_detached(&Sha256::digest(CONTENT), making).unwrap();
            let mut streamed = Vec::new();
            sealer.cades_source(&mut Memory(CONTENT), making, &mut streamed).unwrap();
            for (file, content) in [(&around, None), (&streamed, None), (&beside, Some(CONTENT))] {
                let found = passed(file, content);
                assert_eq!(found.format, format);
                assert_eq!(found.claimed_signing_time.as_deref(), Some("2026-11-21T10:00:00Z"));
                assert_ne!(openssl(file, content.is_some()), Some(false));
            }
            let mut altered = around.clone();
            let at = altered.windows(8).position(|window| window == &CONTENT[..8]).unwrap();
            altered[at] ^= 1;
            assert_eq!(inspect(&altered, &Options::at(NOW, None)).indication, Indication::TotalFailed);
            assert_ne!(openssl(&altered, false), Some(true));
        }
    }
}

#[test]
fn a_content_is_written_in_der_whatever_its_length() {
    let sealer = world().signers[1].sealer().unwrap();
    for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536, 300_000] {
        let content = vec![7; length];
        let mut file = Vec::new();
        sealer.cades_source(&mut Memory(&content), &Making::at(NOW), &mut file).unwrap();
        let report = inspect(&file, &Options::at(NOW, None));
        assert_eq!((report.trailing_bytes, report.content.unwrap().size), (0, length as u64));
        assert!(report.signatures[0].intact, "{length}");
        assert_eq!(plico_signature::der::normalise(&file).unwrap(), file, "{length}");
    }
}

#[test]
fn pades_leaves_every_earlier_byte() {
    let bare = letter(&Letter { body: "Gentile ufficio,".into(), ..Letter::default() }).unwrap();
    let what = Seal { name: "Anna Verdi", reason: "", at_ms: NOW - 2 * HOUR, reserve: RESERVE };
    for signer in &world().signers {
        let sealer = signer.sealer().unwrap();
        for (stamper, format) in [(None, Format::PadesB), (Some(&ask as _), Format::PadesT)] {
            let making = Making { at_ms: None, stamper };
            let file = seal(&bare, &what, |sha256| sealer.cades_detached(sha256, &making)).unwrap();
            assert_eq!(file[..bare.len()], bare);
            let found = passed(&file, None);
            assert_eq!(found.format, format);
            assert_eq!(found.claimed_signing_time.as_deref(), Some("2026-11-21T10:00:00Z"));
            assert!(found.reasons.is_empty(), "{found:?}");
            pdfsig(&file);
        }
    }
}

#[test]
fn a_pdf_gains_its_evidence_and_a_stamp_over_it() {
    let World { signers, lists, .. } = world();
    let bare = letter(&Letter { body: "Gentile ufficio,".into(), ..Letter::default() }).unwrap();
    let sealer = signers[0].sealer().unwrap();
    let what = Seal { name: "Anna Verdi", reason: "", at_ms: NOW - 2 * HOUR, reserve: RESERVE };
    let making = Making { at_ms: None, stamper: Some(&ask) };
    let timed = seal(&bare, &what, |sha256| sealer.cades_detached(sha256, &making)).unwrap();
    let store = Store { certificates: sealer.chain_der(), lists, answers: &[] };
    let kept = keep(&timed, &store).unwrap();
    let over = |sha256: &[u8; 32]| token_over(&world().stamper, sha256, NOW - HOUR / 2);
    let archived = stamp(&kept, over).unwrap();
    assert_eq!((&kept[..timed.len()], &archived[..kept.len()]), (&timed[..], &kept[..]));
    // What it needs is in it: nothing is given from outside.
    let options = Options::at(NOW, Some(&world().anchors));
    for (file, format, indication) in [
        (&timed, Format::PadesT, Indication::Indeterminate),
        (&kept, Format::PadesLt, Indication::TotalPassed),
        (&archived, Format::PadesLta, Indication::TotalPassed),
    ] {
        let report = inspect(file, &options);
        let [found] = &report.signatures[..] else { panic!("{report:?}") };
        assert_eq!((found.format, found.indication), (format, indication), "{found:#?}");
        pdfsig(file);
    }
    // Kept twice, the first is not forgotten.
    let again = keep(&kept, &Store { answers: &[vec![0x30, 0x00]], ..Store::default() }).unwrap();
    assert_eq!(inspect(&again, &options).signatures[0].format, Format::PadesLt);
    let text = String::from_utf8_lossy(&again[kept.len()..]).into_owned();
    assert!(text.contains("/CRLs") && text.contains("/OCSPs"), "{text}");
}

fn pdfsig(file: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, file).unwrap();
    let Ok(run) = Command::new("pdfsig").arg("-nocert").arg(&path).output() else {
        eprintln!("pdfsig is not installed: its verdict was not compared");
        return;
    };
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(said.contains("Signature is Valid") && !said.contains("Mismatch"), "{said}");
}

#[test]
fn xades_in_a_document_and_around_a_content() {
    let xmlsec = or_say(Xmlsec::new());
    for signer in &world().signers {
        let sealer = signer.sealer().unwrap();
        let own = signer.certificates_pem().unwrap();
        for (making, format) in makings().iter().zip([Format::XadesB, Format::XadesT]) {
            let inside = sealer.xades_enveloped(DOCUMENT.as_bytes(), making).unwrap();
            let text = String::from_utf8(inside.clone()).unwrap();
            assert!(text.starts_with(&DOCUMENT[..DOCUMENT.find("</domanda>").unwrap()]));
            assert!(text.ends_with("</domanda>\n<!-- fine </x> -->\n"));
            let around = sealer.xades_enveloping(b"\x00\xffnon XML", making).unwrap();
            for (file, part) in [(&inside, Part::Document), (&around, Part::Object)] {
                let found = passed(file, None);
                assert_eq!((found.format, found.signed_parts[0].what), (format, part));
                if let Some(xmlsec) = &xmlsec {
                    let ids = ["http://uri.etsi.org/01903/v1.3.2#:SignedProperties"];
                    assert!(xmlsec.verifies(file, &own, &ids).unwrap());
                }
            }
            let altered = text.replace("Accesso", "accesso");
            let report = inspect(altered.as_bytes(), &Options::at(NOW, None));
            assert!(report.signatures[0].reasons.contains(&Reason::ContentAltered));
        }
    }
}

#[test]
fn xml_that_cannot_be_signed_is_refused() {
    let sealer = world().signers[1].sealer().unwrap();
    let sign = |document: &str| sealer.xades_enveloped(document.as_bytes(), &Making::at(NOW));
    for bad in ["", "testo", "<a/>", "<a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a></b>"] {
        assert!(matches!(sign(bad), Err(SealError::Xml)), "{bad}");
    }
    assert!(matches!(sealer.xades_enveloped(b"<a>\xe8</a>", &Making::at(NOW)), Err(SealError::Xml)));
    let once = String::from_utf8(sign("<a>x</a>").unwrap()).unwrap();
    assert!(matches!(sign(&once), Err(SealError::SignedAlready)));
    // What looks like a place to fill in is text.
    let found = passed(&sign("<a>@value@ @0@ @stamp@ {}</a>").unwrap(), None);
    assert!(found.intact);
    // Its identifiers are the document's matter, too.
    let taken = sign("<a Id='signature'><b id='properties'/><c ID='reference-0'/></a>").unwrap();
    assert!(passed(&taken, None).intact);
}

#[test]
fn a_stamp_that_is_none_is_refused() {
    let sealer = world().signers[1].sealer().unwrap();
    let none = |_: &[u8; 32]| -> Result<Vec<u8>, StampFailure> { Err("not today".into()) };
    let other = |_: &[u8; 32]| ask(&[9; 32]);
    let garbage = |_: &[u8; 32]| -> Result<Vec<u8>, StampFailure> { Ok(vec![0x30, 0x00]) };
    let made = |stamper| {
        let making = Making { at_ms: Some(NOW), stamper: Some(stamper) };
        [
            sealer.cades_enveloping(CONTENT, &making),
            sealer.xades_enveloping(CONTENT, &making),
            sealer.xades_enveloped(b"<a>x</a>", &making),
        ]
    };
    assert!(made(&none).iter().all(|made| matches!(made, Err(SealError::Stamp(_)))));
    assert!(made(&other).iter().all(|made| matches!(made, Err(SealError::StampWrong(_)))));
    assert!(made(&garbage).iter().all(|made| matches!(made, Err(SealError::StampWrong(_)))));
}

#[test]
fn a_key_that_is_kept_elsewhere_signs_and_is_checked() {
    use plico_crypto::sign::{SigningError, SigningKey};
    use plico_crypto::verify::{Algorithm, Hash};

    /// Stands for a token with a P-256 key.
    struct Kept(openssl::ec::EcKey<openssl::pkey::Private>);
    impl SigningKey for Kept {
        fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
            if algorithm != Algorithm::Ecdsa(Hash::Sha256) {
                return Err(SigningError::Unsupported);
            }
            let signed = openssl::ecdsa::EcdsaSig::sign(&Sha256::digest(message), &self.0);
            let signed = signed.map_err(|error| SigningError::Failed(error.into()))?;
            Ok([signed.r().to_vec_padded(32).unwrap(), signed.s().to_vec_padded(32).unwrap()].concat())
        }
    }
    let kept = |signer: &Signer| {
        let key = openssl::pkey::PKey::private_key_from_pem(&signer.key_pem().unwrap()).unwrap();
        Box::new(Kept(key.ec_key().unwrap()))
    };
    let [rsa, p256, p384] = &world().signers;
    let chain = |signer: &Signer| signer.sealer().unwrap().chain_der().to_vec();
    let sealer = plico_signature::Sealer::with_key(kept(p256), chain(p256)).unwrap();
    passed(&sealer.cades_enveloping(CONTENT, &Making::at(NOW)).unwrap(), None);
    passed(&sealer.xades_enveloped(DOCUMENT.as_bytes(), &Making::at(NOW)).unwrap(), None);
    assert!(matches!(sealer.to_pem(), Err(SealError::Kept)));
    assert_eq!(format!("{sealer:?}"), "Sealer { certificates: 2, .. }");
    // Another's certificate: what it makes is not handed out.
    let other = plico_signature::Sealer::with_key(kept(p256), chain(&world().stamper)).unwrap();
    assert!(matches!(other.cades_enveloping(CONTENT, &Making::at(NOW)), Err(SealError::Mismatch)));
    let wrong = plico_signature::Sealer::with_key(kept(p256), chain(rsa)).unwrap();
    assert!(matches!(wrong.cades_enveloping(CONTENT, &Making::at(NOW)), Err(SealError::Refused(_))));
    let longer = plico_signature::Sealer::with_key(kept(p256), chain(p384)).unwrap();
    assert!(matches!(longer.cades_enveloping(CONTENT, &Making::at(NOW)), Err(SealError::Mismatch)));
    assert!(matches!(plico_signature::Sealer::with_key(kept(p256), vec![]), Err(SealError::Missing)));
}
