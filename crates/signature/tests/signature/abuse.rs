//! Every abuse of which a reader has been seen to be the victim, and what we say to it.

use plico_signature::forge::{Flaw, Recipe, attributes_confusion, cades};
use plico_signature::plain;
use plico_signature::plain::{Holds, Plain};
use plico_signature::report::{Container, Format, Indication, Reason, SubIndication};

use crate::town::{CONTENT, look, recipe, town};

use Indication::{Indeterminate, TotalFailed};
use SubIndication::{
    FormatFailure, HashFailure, NoCertificateChainFound, NoSigningCertificateFound, SigConstraintsFailure,
    SigCryptoFailure,
};

#[test]
fn each_flaw_has_its_verdict() {
    #[rustfmt::skip]
    let table = [
        (Flaw::NoSignedAttributes,      false, TotalFailed,   FormatFailure,             Reason::NoSignedAttributes),
        (Flaw::NoContentType,           false, TotalFailed,   FormatFailure,             Reason::ContentTypeAttribute),
        (Flaw::OtherContentType,        false, TotalFailed,   FormatFailure,             Reason::ContentTypeDiffers),
        (Flaw::NoMessageDigest,         false, TotalFailed,   FormatFailure,             Reason::MessageDigestMissing),
        (Flaw::TwoMessageDigests,       false, TotalFailed,   FormatFailure,             Reason::DuplicateAttribute),
        (Flaw::TwoValuedMessageDigest,  false, TotalFailed,   FormatFailure,             Reason::DuplicateAttribute),
        (Flaw::TwoValuedSigningTime,    false, TotalFailed,   FormatFailure,             Reason::DuplicateAttribute),
        (Flaw::GeneralizedSigningTime,  true,  Indeterminate, NoCertificateChainFound,   Reason::NoTrustAnchors),
        (Flaw::TwoSigningTimes,         false, TotalFailed,   FormatFailure,             Reason::DuplicateAttribute),
        (Flaw::NoSigningCertificate,    true,  Indeterminate, SigConstraintsFailure,     Reason::SigningCertificateMissing),
        (Flaw::TwoSigningCertificates,  true,  Indeterminate, SigConstraintsFailure,     Reason::SigningCertificateTwice),
        (Flaw::OtherSigningCertificate, true,  Indeterminate, NoSigningCertificateFound, Reason::SigningCertificateDiffers),
        (Flaw::FirstSigningCertificate, true,  Indeterminate, NoCertificateChainFound,   Reason::NoTrustAnchors),
        (Flaw::OtherProtection,         false, TotalFailed,   SigCryptoFailure,          Reason::AlgorithmProtectionDiffers),
        (Flaw::StoredUnsorted,          true,  Indeterminate, NoCertificateChainFound,   Reason::NoTrustAnchors),
        (Flaw::SignedUnsorted,          false, TotalFailed,   SigCryptoFailure,          Reason::SignatureDoesNotFit),
        (Flaw::DigestNamedTwice,        false, TotalFailed,   SigCryptoFailure,          Reason::DigestNamedTwice),
        (Flaw::OtherProtectedSignature, false, TotalFailed,   SigCryptoFailure,          Reason::AlgorithmProtectionDiffers),
        (Flaw::SecondSigningCertificate, true, Indeterminate, NoSigningCertificateFound, Reason::SigningCertificateDiffers),
        (Flaw::OtherSigningCertificateHash, true, Indeterminate, NoSigningCertificateFound, Reason::SigningCertificateDiffers),
        (Flaw::OtherIssuerSerial,       true,  Indeterminate, NoSigningCertificateFound, Reason::SigningCertificateDiffers),
        (Flaw::TwoValuedSigningCertificate, true, Indeterminate, SigConstraintsFailure,  Reason::SigningCertificateTwice),
        (Flaw::BothSigningCertificates, true,  Indeterminate, SigConstraintsFailure,     Reason::SigningCertificateTwice),
        (Flaw::UnsignedSigningTime,     true,  Indeterminate, NoCertificateChainFound,   Reason::NoTrustAnchors),
        (Flaw::BrokenSignature,         false, TotalFailed,   SigCryptoFailure,          Reason::SignatureDoesNotFit),
        (Flaw::AlteredContent,          false, TotalFailed,   HashFailure,               Reason::ContentAltered),
        (Flaw::NoCertificate,           false, Indeterminate, NoSigningCertificateFound, Reason::CertificateMissing),
    ];
    for signer in [&town().rsa, &town().p256] {
        for (flaw, intact, indication, sub, reason) in table {
            let file = cades(&[signer], CONTENT, &Recipe { flaws: &[flaw], ..recipe() }).unwrap();
            let report = look(&file);
            let [found] = report.signatures.as_slice() else { panic!("{flaw:?}") };
            assert_eq!(
                (found.intact, found.indication, found.sub_indication, found.reasons[0]),
                (intact, indication, Some(sub), reason),
                "{flaw:?} {found:?}"
            );
            assert_eq!(report.indication, indication, "{flaw:?}");
        }
    }
}

#[test]
fn a_missing_null_is_no_fault() {
    let found = |flaws| look(&cades(&[&town().rsa], CONTENT, &Recipe { flaws, ..recipe() }).unwrap());
    assert!(found(&[Flaw::WithoutNull]).signatures[0].intact);
    assert!(!found(&[Flaw::WithoutNull, Flaw::BrokenSignature]).signatures[0].intact);
    assert!(!found(&[Flaw::WithoutNull, Flaw::AlteredContent]).signatures[0].intact);
}

#[test]
fn blocks_that_are_not_exactly_padded_are_forged() {
    for signer in [&town().rsa, &town().cube] {
        for flaw in [Flaw::LooseDigestInfo, Flaw::ShortPadding] {
            let report = look(&cades(&[signer], CONTENT, &Recipe { flaws: &[flaw], ..recipe() }).unwrap());
            let found = &report.signatures[0];
            assert!(!found.intact, "{flaw:?}");
            assert_eq!((found.indication, found.reasons[0]), (TotalFailed, Reason::SignatureDoesNotFit));
        }
    }
    // The exponent itself is no fault: what was forged with it was read loosely.
    assert!(look(&cades(&[&town().cube], CONTENT, &recipe()).unwrap()).signatures[0].intact);
}

#[test]
fn a_time_that_is_not_signed_is_not_claimed() {
    let flaws = &[Flaw::UnsignedSigningTime];
    let report = look(&cades(&[&town().rsa], CONTENT, &Recipe { flaws, ..recipe() }).unwrap());
    let found = &report.signatures[0];
    assert_eq!((found.claimed_signing_time.as_deref(), found.format), (None, Format::CadesBes));
    assert!(found.reasons.contains(&Reason::NoSigningTime));
}

#[test]
fn a_time_in_the_longer_form_is_the_same_time() {
    let file = |flaws| look(&cades(&[&town().rsa], CONTENT, &Recipe { flaws, ..recipe() }).unwrap());
    let claimed = |flaws| file(flaws).signatures[0].claimed_signing_time.clone();
    assert_eq!(claimed(&[Flaw::GeneralizedSigningTime]).as_deref(), Some("2026-11-21T11:00:00Z"));
    assert_eq!(claimed(&[]).as_deref(), Some("2026-11-21T11:00:00Z"));
}

#[test]
fn a_signature_without_the_certificate_attribute_is_cms_not_cades() {
    let flaws = &[Flaw::NoSigningCertificate];
    let report = look(&cades(&[&town().rsa], CONTENT, &Recipe { flaws, ..recipe() }).unwrap());
    assert_eq!((report.container, report.signatures[0].format), (Container::Cms, Format::Cms));
}

#[test]
fn a_signature_made_into_one_over_its_own_attributes_is_refused() {
    let file = attributes_confusion(&town().rsa, CONTENT, crate::town::NOW).unwrap();
    let report = look(&file);
    let found = &report.signatures[0];
    assert!(!found.intact);
    assert_eq!((found.indication, found.sub_indication), (TotalFailed, Some(FormatFailure)));
    assert!(found.reasons.contains(&Reason::NoSignedAttributes));
    assert!(found.reasons.contains(&Reason::ContentIsAttributes));
}

#[test]
fn no_signer_is_no_signature_and_two_equal_ones_are_marked() {
    let none =
        look(&cades(&[&town().rsa], CONTENT, &Recipe { flaws: &[Flaw::NoSigners], ..recipe() }).unwrap());
    assert_eq!(none.indication, Indication::NoSignatureFound);
    assert_eq!(plain(&none), Plain::EmptyEnvelope);
    let twice =
        look(&cades(&[&town().rsa], CONTENT, &Recipe { flaws: &[Flaw::SignerTwice], ..recipe() }).unwrap());
    let marked: Vec<bool> =
        twice.signatures.iter().map(|found| found.reasons.contains(&Reason::DuplicateSigner)).collect();
    assert_eq!(marked, [false, true]);
}

#[test]
fn one_bad_signer_decides_for_the_envelope() {
    let good = cades(&[&town().rsa, &town().p256], CONTENT, &recipe()).unwrap();
    assert!(look(&good).signatures.iter().all(|found| found.intact));
    let broken =
        cades(&[&town().rsa, &town().p256], CONTENT, &Recipe { flaws: &[Flaw::AlteredContent], ..recipe() })
            .unwrap();
    let report = look(&broken);
    assert_eq!(report.indication, TotalFailed);
    let Plain::Signed { signers, .. } = plain(&report) else { panic!() };
    assert!(signers.iter().all(|signer| signer.holds == Holds::Altered));
}

#[test]
fn bytes_after_the_end_are_counted() {
    let mut file = cades(&[&town().rsa], CONTENT, &recipe()).unwrap();
    file.extend([0; 40]);
    let report = look(&file);
    assert_eq!(report.trailing_bytes, 40);
    assert!(report.signatures[0].intact);
}
