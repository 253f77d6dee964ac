//! Time stamps of the forms before baseline signatures (ETSI TS 101 733): evidence when they are over everything, and told when not.

use plico_signature::forge::{Flaw, KeyKind, Period, Pki, Recipe, Signer, Stamped, Writing, cades};
use plico_signature::proof::{PoeSource, StampKind};
use plico_signature::report::{Format, Reason, SignatureReport};
use plico_signature::{Anchors, Options, inspect, inspect_detached};

use crate::town::{CONTENT, NOW, subject};

const DAY: i64 = 86_400_000;
const SIGNED: i64 = NOW - 30 * DAY;

struct Made {
    anna: Signer,
    bruno: Signer,
    stamper: Signer,
    lists: Vec<Vec<u8>>,
    anchors: Anchors,
}

fn made() -> Made {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
    let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
    let bruno = pki.signer(&subject(), KeyKind::P256).unwrap();
    let mut stamps = Pki::new("Marche", NOW).unwrap();
    let stamper = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
    let mut pem = pki.anchors_pem().unwrap();
    pem.extend(stamper.certificates_pem().unwrap());
    let period = Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) };
    let lists = vec![pki.crl(&[], period).unwrap(), pki.root_crl(None, period).unwrap()];
    Made { anna, bruno, stamper, lists, anchors: Anchors::from_pem(&pem).unwrap() }
}

fn archives(made: &Made) -> [Stamped<'_>; 3] {
    let stamp = |kind, at_ms| Stamped { kind, authority: &made.stamper, at_ms };
    [
        stamp(StampKind::Signature, SIGNED + DAY),
        stamp(StampKind::Archive, SIGNED + 2 * DAY),
        stamp(StampKind::Archive, SIGNED + 3 * DAY),
    ]
}

/// Signed by two in parallel, the second's signature counter-signed as well.
fn file(made: &Made, stamps: &[Stamped<'_>], flaws: &[Flaw], writing: Writing) -> Vec<u8> {
    let counter = Some(&made.bruno);
    let recipe = Recipe { stamps, crls: &made.lists, flaws, writing, counter, ..Recipe::good(SIGNED) };
    cades(&[&made.anna, &made.bruno], CONTENT, &recipe).unwrap()
}

fn look(made: &Made, file: &[u8], detached: bool) -> Vec<SignatureReport> {
    let options = Options::at(NOW, Some(&made.anchors));
    let report = if detached { inspect_detached(file, CONTENT, &options) } else { inspect(file, &options) };
    assert_eq!(report.signatures.len(), 2);
    report.signatures
}

fn archive_stamps(found: &SignatureReport) -> Vec<bool> {
    let archives = found.time_stamps.iter().filter(|stamp| stamp.kind == StampKind::Archive);
    archives.map(|stamp| stamp.intact && stamp.trusted).collect()
}

#[test]
fn one_after_another_is_evidence_in_each_way_of_writing() {
    let made = made();
    for way in [Flaw::OlderArchive, Flaw::OlderArchiveUntagged] {
        for writing in [Writing::Der, Writing::Base64Lines] {
            for detached in [false, true] {
                let flaws: &[Flaw] = if detached { &[way, Flaw::Detached] } else { &[way] };
                let file = file(&made, &archives(&made), flaws, writing);
                for found in look(&made, &file, detached) {
                    assert_eq!(found.format, Format::CadesLt, "{way:?} {writing:?} {detached}");
                    assert!(found.intact, "{way:?} {writing:?} {detached}");
                    assert_eq!(archive_stamps(&found), [true, true], "{way:?} {writing:?} {detached}");
                }
            }
        }
    }
    // Without anything else it proves when the signature was there, and makes no baseline level.
    let file = file(&made, &archives(&made)[1..2], &[Flaw::OlderArchive], Writing::Der);
    for found in look(&made, &file, false) {
        assert_eq!(found.format, Format::CadesB);
        let best = found.times.unwrap().opposable.unwrap();
        assert_eq!(best.reference, Some(PoeSource::InnerTimeStamp));
    }
}

#[test]
fn one_that_is_not_over_everything_is_told_and_proves_nothing() {
    let made = made();
    let partial = file(&made, &archives(&made)[1..2], &[Flaw::PartialArchive], Writing::Der);
    // A byte of the content, which is over the whole of it.
    let whole = file(&made, &archives(&made)[1..2], &[Flaw::OlderArchive], Writing::Der);
    let mut altered = whole.clone();
    let at = whole.windows(CONTENT.len()).position(|window| window == CONTENT).unwrap();
    altered[at] ^= 1;
    for (file, intact) in [(partial, true), (altered, false)] {
        for found in look(&made, &file, false) {
            assert_eq!(found.intact, intact);
            assert_eq!(archive_stamps(&found), [false]);
            assert!(found.reasons.contains(&Reason::TimeStampWrong), "{:?}", found.reasons);
            assert!(found.times.is_none_or(|times| times.opposable.is_none()));
        }
    }
}

#[test]
fn without_the_content_it_is_not_looked_at() {
    let made = made();
    let flaws = [Flaw::OlderArchive, Flaw::Detached];
    let file = file(&made, &archives(&made)[1..2], &flaws, Writing::Der);
    for found in look(&made, &file, false) {
        assert!(found.reasons.contains(&Reason::ContentMissing) && found.time_stamps.is_empty());
    }
}

#[test]
fn a_stamp_over_signature_and_references_counts_and_one_over_references_alone_does_not() {
    let made = made();
    for (flaw, counts) in [(Flaw::StampedReferences, true), (Flaw::PartialReferences, false)] {
        let file = file(&made, &archives(&made)[..1], &[flaw], Writing::Der);
        for found in look(&made, &file, false) {
            let stamps: Vec<_> = found.time_stamps.iter().map(|stamp| (stamp.kind, stamp.intact)).collect();
            assert_eq!(
                stamps.iter().filter(|stamp| **stamp == (StampKind::Signature, true)).count(),
                1 + usize::from(counts)
            );
            assert_eq!(stamps.len(), 2);
            assert_eq!(found.reasons.contains(&Reason::TimeStampWrong), !counts);
        }
    }
}
