//! Several signers of one envelope who did not sign together: with other digests, and added when others had signed.

use plico_crypto::verify::Hash;
use plico_signature::forge::{Flaw, KeyKind, Period, Pki, Recipe, Signer, Stamped, cades, joined};
use plico_signature::proof::StampKind;
use plico_signature::report::{Format, Indication, Reason, SignatureReport};
use plico_signature::{Anchors, Options, inspect};

use crate::town::{CONTENT, NOW, look, recipe, subject, town};

const DAY: i64 = 86_400_000;

/// The signature that is by this digest.
fn by<'r>(all: &'r [SignatureReport], digest: &str) -> &'r SignatureReport {
    all.iter().find(|found| found.digest_algorithm == digest).unwrap_or_else(|| panic!("{digest} {all:?}"))
}

fn one(signer: &Signer, hash: Hash, flaws: &[Flaw]) -> Vec<u8> {
    cades(&[signer], CONTENT, &Recipe { hash, flaws, ..recipe() }).unwrap()
}

#[test]
fn each_is_held_to_its_own_digest() {
    let town = town();
    let first = one(&town.rsa, Hash::Sha256, &[]);
    let alone = look(&first).signatures.remove(0);
    for listed in [true, false] {
        let second = joined(&first, &one(&town.p256, Hash::Sha512, &[]), listed).unwrap();
        let third = joined(&second, &one(&town.p384, Hash::Sha3_384, &[]), listed).unwrap();
        let found = look(&third).signatures;
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|found| found.intact), "{listed} {found:?}");
        // What was said of the first is said of it still.
        assert_eq!(by(&found, "SHA-256"), &alone);
        assert_eq!(by(&found, "SHA-512").signature_algorithm, "ECDSA-SHA-512");
        assert!(by(&found, "SHA3-384").reasons.iter().all(|reason| *reason != Reason::DuplicateSigner));
        // The content is that of all.
        let at = third.windows(CONTENT.len()).position(|window| window == CONTENT).unwrap();
        let mut altered = third.clone();
        altered[at] ^= 1;
        let found = look(&altered).signatures;
        assert!(found.iter().all(|found| found.reasons.contains(&Reason::ContentAltered)), "{found:?}");
    }
}

#[test]
fn a_bad_one_says_nothing_against_the_others() {
    let town = town();
    let first = one(&town.rsa, Hash::Sha256, &[]);
    for flaw in [Flaw::BrokenSignature, Flaw::NoSignedAttributes, Flaw::TwoMessageDigests] {
        let bad = one(&town.p256, Hash::Sha512, &[flaw]);
        let report = look(&joined(&first, &bad, true).unwrap());
        assert_eq!(report.indication, Indication::TotalFailed);
        assert!(by(&report.signatures, "SHA-256").intact);
        assert_eq!(by(&report.signatures, "SHA-512").indication, Indication::TotalFailed, "{flaw:?}");
    }
    // Over another content, put together by somebody.
    let other = cades(&[&town.p256], b"altro", &Recipe { hash: Hash::Sha512, ..recipe() }).unwrap();
    let found = look(&joined(&first, &other, true).unwrap()).signatures;
    assert!(by(&found, "SHA-256").intact);
    assert_eq!(by(&found, "SHA-512").reasons[0], Reason::ContentAltered);
}

#[test]
fn who_signs_after_an_archive_stamp_leaves_it_standing_unless_it_was_over_all_certificates() {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
    let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
    let bruno = pki.signer(&subject(), KeyKind::P256).unwrap();
    let stamper = Pki::new("Marche", NOW).unwrap().stamper(&subject(), KeyKind::P256, true).unwrap();
    let anchors = [pki.anchors_pem().unwrap(), stamper.certificates_pem().unwrap()].concat();
    let anchors = Anchors::from_pem(&anchors).unwrap();
    let period = Period { from_ms: NOW - DAY / 2, to_ms: Some(NOW + DAY) };
    let crls = [pki.crl(&[], period).unwrap(), pki.root_crl(None, period).unwrap()];
    let stamp = |kind, days| Stamped { kind, authority: &stamper, at_ms: NOW - days * DAY };
    let stamps = [stamp(StampKind::Signature, 9), stamp(StampKind::Archive, 8)];
    let made = |flaws| {
        let recipe = Recipe { stamps: &stamps, crls: &crls, flaws, ..Recipe::good(NOW - 10 * DAY) };
        cades(&[&anna], CONTENT, &recipe).unwrap()
    };
    let late = Recipe { hash: Hash::Sha512, ..Recipe::good(NOW - DAY) };
    let late = cades(&[&bruno], CONTENT, &late).unwrap();
    for (flaws, stands) in [(&[][..], true), (&[Flaw::OlderArchive][..], false)] {
        let before = made(flaws);
        let after = joined(&before, &late, true).unwrap();
        let look = |file: &[u8]| inspect(file, &Options::at(NOW, Some(&anchors))).signatures;
        let archived = |found: &SignatureReport| {
            found.time_stamps.iter().any(|stamp| stamp.kind == StampKind::Archive && stamp.trusted)
        };
        assert!(archived(&look(&before)[0]));
        let found = look(&after);
        let (first, second) = (by(&found, "SHA-256"), by(&found, "SHA-512"));
        assert_eq!(archived(first), stands, "{first:?}");
        assert_eq!(first.format, if stands { Format::CadesLta } else { Format::CadesLt });
        assert_eq!(first.reasons.contains(&Reason::TimeStampWrong), !stands);
        assert_eq!((first.indication, second.indication), (Indication::TotalPassed, Indication::TotalPassed));
        // What is proven of the first is not proven of the second.
        assert!(second.time_stamps.is_empty() && second.times.as_ref().unwrap().opposable.is_none());
    }
}
