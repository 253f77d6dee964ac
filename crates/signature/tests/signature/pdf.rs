use plico_signature::forge::{pades, pades_unfinished};
use plico_signature::report::{Container, Format, Indication, Reason, SubIndication};
use plico_signature::{Options, Path, pades as pdf, verify_chain};

use crate::town::{NOW, look, look_trusting, town};

const OPTIONS: Options<'static> = Options::at(NOW, None);

#[test]
fn a_signed_pdf_is_intact_and_wholly_covered() {
    for signer in [&town().rsa, &town().p256] {
        let file = pades(signer, "Ricevuta di prova", "20261121130000+01'00'").unwrap();
        let [found] = &pdf::verify(&file, &OPTIONS)[..] else { panic!() };
        assert!(found.covers_whole_file && found.report.intact, "{found:?}");
        assert_eq!(found.report.format, Format::PadesB);
        assert_eq!(found.report.claimed_signing_time.as_deref(), Some("2026-11-21T12:00:00Z"));
        assert_eq!(found.certificates_der[0], signer.certificate_der());
        let roots = &town().anchors_pem;
        assert_eq!(verify_chain(&found.certificates_der, roots, NOW).unwrap(), Path::Found);
        let report = look_trusting(&file);
        assert_eq!(report.container, Container::Pades);
        assert_eq!(report.content.unwrap().size, file.len() as u64);
        assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::TryLater));
    }
}

#[test]
fn any_changed_byte_outside_the_gap_is_seen() {
    let file = pades(&town().p256, "Ricevuta di prova", "20261121130000Z").unwrap();
    let [start, before, after, rest] = pdf::verify(&file, &OPTIONS)[0].byte_range;
    let outside = (start..before).chain(after..after + rest);
    for at in outside.step_by(11) {
        let mut changed = file.clone();
        changed[at as usize] ^= 4;
        let intact = pdf::verify(&changed, &OPTIONS).iter().any(|found| found.report.intact);
        assert!(!intact, "byte {at}");
    }
}

#[test]
fn what_is_added_later_is_not_covered() {
    let mut file = pades(&town().p256, "Ricevuta di prova", "20261121130000Z").unwrap();
    file.extend(b"4 0 obj <</Length 2>>stream\nBT\nendstream endobj\n%%EOF\n");
    let [found] = &pdf::verify(&file, &OPTIONS)[..] else { panic!() };
    assert!(!found.covers_whole_file && found.report.intact);
    assert!(found.report.reasons.contains(&Reason::DocumentExtended));
}

#[test]
fn byte_ranges_that_hide_something_are_refused() {
    let file = pades(&town().p256, "Ricevuta di prova", "20261121130000Z").unwrap();
    let [_, before, after, rest] = pdf::verify(&file, &OPTIONS)[0].byte_range;
    let written = format!("{before:<10} {after:<10} {rest:<10}");
    let at = file.windows(written.len()).position(|window| window == written.as_bytes()).unwrap();
    for (from, to, length) in [
        (before + 2, after, rest),
        (before - 8, after, rest),
        (before, after + 6, rest - 6),
        (before, after, rest + 1000),
        (after, before, rest),
        (before, u64::MAX / 10_000_000_000, 5),
    ] {
        let mut changed = file.clone();
        let other = format!("{from:<10} {to:<10} {length:<10}");
        changed[at..at + other.len()].copy_from_slice(other.as_bytes());
        let found = pdf::verify(&changed, &OPTIONS);
        assert!(!found[0].report.intact, "{other}");
        assert_eq!(found[0].report.indication, Indication::TotalFailed);
    }
}

#[test]
fn an_unsigned_pdf_has_no_signature() {
    let (file, _) = pades_unfinished("Bozza", "20261121130000Z");
    assert_eq!(pdf::verify(&file, &OPTIONS)[0].report.indication, Indication::TotalFailed);
    let report = look(b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF");
    assert_eq!((report.container, report.indication), (Container::None, Indication::NoSignatureFound));
}

#[test]
fn pdfsig_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    let file = pades(&town().p256, "Ricevuta di prova", "20261121130000Z").unwrap();
    let mut changed = file.clone();
    let at = changed.windows(8).position(|window| window == b"Ricevuta").unwrap();
    changed[at] = b'r';
    for (bytes, words) in [(file, "Signature is Valid"), (changed, "Digest Mismatch")] {
        std::fs::write(&path, bytes).unwrap();
        let Ok(run) = std::process::Command::new("pdfsig").arg("-nocert").arg(&path).output() else {
            eprintln!("pdfsig is not installed: its verdict was not compared");
            return;
        };
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(said.contains(words), "{said}");
        assert!(said.contains("Total document signed"), "{said}");
    }
}
