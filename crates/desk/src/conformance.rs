//! The kinds of paper that the desk issues, in hundreds of variants, as veraPDF and poppler see them. Printed cards and the
//! volumes of the register are not among them.

mod dice;

use plico_locale::{Catalogue, Lang};
use plico_pdf::paper::{Sheet, render};
use plico_pdf::seal::{RESERVE, Seal, Store, keep, seal, stamp};
use plico_signature::Options;
use plico_signature::seal::Sealer;
use plico_testkit::real::{or_say, poppler, verapdf::VeraPdf};

pub(crate) use dice::Dice;

use crate::paper::Words;

const VARIANTS: u64 = 200;
/// The variant whose reading and look are kept: some words, few files, nothing very long.
const KEPT: u64 = 12;

type Kind = (&'static str, fn(&Words<'_>, &mut Dice) -> Sheet);

const KINDS: [Kind; 9] = [
    ("filing", crate::paper::samples::filing),
    ("letter", crate::paper::samples::letter),
    ("certificate", crate::certificate::samples::certificate),
    ("marked-copy", crate::paper::samples::marked),
    ("attested-copy", crate::attested::samples::copy),
    ("receipt", crate::receipt::samples::receipt),
    ("daily-register", crate::receipt::samples::daily_register),
    ("dossier", crate::dossier::samples::index),
    ("signatures", crate::verdict::samples::report),
];

fn catalogue() -> Catalogue {
    Catalogue::load().expect("the texts are part of the program")
}

fn sealer() -> Sealer {
    Sealer::self_signed("Comune di Borgo San Plico", 1_795_262_400_000).expect("a seal")
}

fn paper(catalogue: &Catalogue, kind: &Kind, variant: u64) -> Vec<u8> {
    let lang = Lang::RECEIPTS[variant as usize % Lang::RECEIPTS.len()];
    let sheet = kind.1(&Words(catalogue, lang), &mut Dice::new(variant));
    render(&sheet).unwrap_or_else(|why| panic!("{} {variant}: {why}", kind.0))
}

/// A paper as it is and as it goes out, with names.
fn both(name: &str, pdf: Vec<u8>, sealer: &Sealer) -> [(String, Vec<u8>); 2] {
    let how = Seal { name: "Comune", reason: "Sigillo", at_ms: 1_795_286_761_123, reserve: RESERVE };
    let sealed = seal(&pdf, &how, |digest| sealer.sign_detached(digest)).expect("a sealed paper");
    [(format!("{name}.pdf"), pdf), (format!("{name}-sealed.pdf"), sealed)]
}

fn level(pdf: &[u8]) -> &'static str {
    let attachments = plico_pdf::read::attachments(pdf).expect("a paper of ours");
    if attachments.is_empty() { "2a" } else { "3a" }
}

#[test]
fn every_paper_is_pdf_a_and_accessible_before_and_after_its_seal() {
    let Some(vera) = or_say(VeraPdf::new()) else { return };
    let (catalogue, sealer) = (catalogue(), sealer());
    let (mut plain, mut rich) = (Vec::new(), Vec::new());
    for kind in &KINDS {
        for variant in 0..VARIANTS {
            let pdf = paper(&catalogue, kind, variant);
            let files = if level(&pdf) == "2a" { &mut plain } else { &mut rich };
            files.extend(both(&format!("{}-{variant}", kind.0), pdf, &sealer));
        }
    }
    for (profile, files) in [("2a", plain), ("3a", rich)] {
        let faults = vera.faults(&[profile, "ua1"], &files).expect("an answer of veraPDF");
        assert!(faults.is_empty(), "{} of {} files:\n{}", faults.len(), files.len(), faults.join("\n"));
    }
}

/// The validator is there and works: it takes what is right and says what is wrong.
#[test]
fn the_validator_tells_good_from_bad() {
    let Some(vera) = or_say(VeraPdf::new()) else { return };
    let good = paper(&catalogue(), &KINDS[0], 1);
    // The same with the claim of PDF/UA and of a language taken out, byte by byte, so that nothing moves.
    let broken = replaced(&replaced(&good, b"pdfuaid:part", b"pdfuaid:tarp"), b"/Lang", b"/Gnal");
    let good = vera.faults(&["3a", "ua1"], &[("good.pdf".into(), good)]).expect("an answer");
    assert_eq!(good, Vec::<String>::new());
    let faults = vera.faults(&["ua1"], &[("broken.pdf".into(), broken)]).expect("an answer");
    assert!(faults.len() == 1 && faults[0].starts_with("bad ua1 "), "{faults:?}");
}

fn replaced(pdf: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = pdf.to_vec();
    let at = out.windows(from.len()).position(|window| window == from).expect("what is replaced");
    out[at..at + to.len()].copy_from_slice(to);
    out
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let catalogue = catalogue();
    for kind in &KINDS {
        assert_eq!(paper(&catalogue, kind, 7), paper(&catalogue, kind, 7), "{}", kind.0);
    }
}

/// What assistive programs read, in its order, and what the eye sees: a digit for how dark a field of the page is.
#[test]
fn each_paper_reads_and_looks_as_it_is_kept() {
    let catalogue = catalogue();
    for kind in &KINDS {
        let sheet = kind.1(&Words(&catalogue, Lang::It), &mut Dice::tame(KEPT));
        let pdf = render(&sheet).expect("a paper");
        let (Some(reading), Some(look)) =
            (or_say(poppler::structure(&pdf)), or_say(poppler::look(&pdf, 42, 60)))
        else {
            return;
        };
        insta::assert_snapshot!(kind.0, format!("{reading}\n{look}"));
    }
}

/// A seal by somebody else, a store of evidence and a time stamp over everything: what comes with the years.
#[test]
fn what_is_appended_later_keeps_it_pdf_a_and_accessible() {
    let Some(vera) = or_say(VeraPdf::new()) else { return };
    let (catalogue, ours, others) = (catalogue(), sealer(), sealer());
    let how =
        Seal { name: "Un altro", reason: "Per copia conforme", at_ms: 1_795_286_761_123, reserve: RESERVE };
    let (mut plain, mut rich) = (Vec::new(), Vec::new());
    for kind in &KINDS {
        let pdf = paper(&catalogue, kind, KEPT);
        let files = if level(&pdf) == "2a" { &mut plain } else { &mut rich };
        let [_, (_, sealed)] = both(kind.0, pdf, &ours);
        let twice = seal(&sealed, &how, |digest| others.sign_detached(digest)).expect("a second seal");
        let certificates = [ours.certificate_der().to_vec(), others.certificate_der().to_vec()];
        let store = Store { certificates: &certificates, ..Store::default() };
        let kept = keep(&twice, &store).expect("a store");
        // Which token it is does not matter to the form of the file.
        let stamped = stamp(&kept, |digest| others.sign_detached(digest)).expect("a stamp");
        for (what, bytes) in [("twice", twice), ("kept", kept), ("stamped", stamped)] {
            assert!(bytes.starts_with(&sealed), "earlier bytes stay");
            files.push((format!("{}-{what}.pdf", kind.0), bytes));
        }
    }
    for (profile, files) in [("2a", plain), ("3a", rich)] {
        let faults = vera.faults(&[profile, "ua1"], &files).expect("an answer of veraPDF");
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

/// Wherever a byte under a seal is changed, the seal no longer holds.
#[test]
fn a_byte_changed_anywhere_under_the_seal_is_seen() {
    let [_, (_, sealed)] = both("certificate", paper(&catalogue(), &KINDS[2], KEPT), &sealer());
    let options = Options::at(1_795_286_800_000, None);
    let whole = plico_signature::inspect(&sealed, &options);
    assert!(whole.all_signatures().count() == 1 && whole.all_signatures().all(|found| found.intact));
    // What is not under it is the room of the signature itself.
    let room = sealed.windows(10).rposition(|window| window == b"/Contents<").expect("the room") + 10;
    let end = room + sealed[room..].iter().position(|byte| *byte == b'>').expect("its end");
    let mut dice = Dice::new(1);
    for nth in 0..1_000 {
        let mut changed = sealed.clone();
        // All over the file, the first and the last bytes included.
        let at = nth * (sealed.len() - 1) / 999;
        let at = if (room..end).contains(&at) { room - 1 - nth } else { at };
        changed[at] ^= 1 << dice.below(8);
        let report = plico_signature::inspect(&changed, &options);
        assert!(!report.all_signatures().any(|found| found.intact), "byte {at} of {}", sealed.len());
    }
}
