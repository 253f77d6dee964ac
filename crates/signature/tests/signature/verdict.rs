//! The verdict of ETSI EN 319 102-1: revocation, time stamps, evidence of existence, and what each combination means.

use std::sync::OnceLock;

use plico_signature::forge::{Flaw, KeyKind, Period, Pki, Recipe, Said, Signer, Stamped, cades};
use plico_signature::proof::{Poe, PoeSource, RevocationState, StampKind};
use plico_signature::report::{Format, Indication, Reason, SignatureReport, SubIndication};
use plico_signature::revocation::{Evidence, Source};
use plico_signature::{Anchors, Options, inspect};

use crate::town::{CONTENT, NOW, YEAR, subject};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
/// When the signers claim to have signed.
const SIGNED: i64 = NOW - 30 * DAY;

struct World {
    pki: Pki,
    anchors: Anchors,
    anna: Signer,
    /// Expired ten days ago.
    expired: Signer,
    stamper: Signer,
    /// The list of the root: the issuing authority is good.
    above: Vec<u8>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
        let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
        let short = plico_signature::forge::Subject { to_ms: NOW - 10 * DAY, ..subject() };
        let expired = pki.signer(&short, KeyKind::P256).unwrap();
        // The authority for time stamps is an anchor of its own, as in trusted lists.
        let mut stamps = Pki::new("Marche", NOW).unwrap();
        let stamper = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
        let mut pem = pki.anchors_pem().unwrap();
        pem.extend(stamper.certificates_pem().unwrap());
        let anchors = Anchors::from_pem(&pem).unwrap();
        let above = pki.root_crl(None, fresh()).unwrap();
        World { pki, anchors, anna, expired, stamper, above }
    })
}

fn fresh() -> Period {
    Period { from_ms: NOW - HOUR, to_ms: Some(NOW + DAY) }
}

fn recipe() -> Recipe<'static> {
    Recipe::good(SIGNED)
}

/// The report on a signature of somebody, with lists and answers from outside.
fn look(file: &[u8], crls: &[Vec<u8>], answers: &[Vec<u8>], poes: &[Poe]) -> SignatureReport {
    let mut evidence = Evidence::default();
    for list in crls {
        evidence.add_crl(list).unwrap();
    }
    for answer in answers {
        evidence.add_ocsp(answer).unwrap();
    }
    let options = Options { evidence: Some(&evidence), poes, ..Options::at(NOW, Some(&world().anchors)) };
    inspect(file, &options).signatures.remove(0)
}

fn by(signer: &Signer) -> Vec<u8> {
    cades(&[signer], CONTENT, &recipe()).unwrap()
}

fn said(found: &SignatureReport) -> (Indication, Option<SubIndication>, Option<Reason>) {
    (found.indication, found.sub_indication, found.reasons.first().copied())
}

fn unsure(sub: SubIndication, reason: Reason) -> (Indication, Option<SubIndication>, Option<Reason>) {
    (Indication::Indeterminate, Some(sub), Some(reason))
}

const PASSED: (Indication, Option<SubIndication>, Option<Reason>) = (Indication::TotalPassed, None, None);

fn poe(at_ms: i64) -> Poe {
    Poe { at_ms, source: PoeSource::RegistrationMark, name: "0000123/2026".into() }
}

#[test]
fn lists_tell_good_revoked_suspended_and_nothing() {
    let World { pki, anna, above, .. } = world();
    let file = by(anna);
    let list =
        |revoked: &[(&Signer, i64, u8)], period| vec![pki.crl(revoked, period).unwrap(), above.clone()];
    let at = |crls: &[Vec<u8>]| said(&look(&file, crls, &[], &[]));
    use SubIndication::{RevokedCaNoPoe, RevokedNoPoe, TryLater};
    assert_eq!(at(&list(&[], fresh())), PASSED);
    assert_eq!(at(&[]), unsure(TryLater, Reason::RevocationNotChecked));
    // The authority above must be known not to be revoked too.
    assert_eq!(at(&list(&[], fresh())[..1]), unsure(TryLater, Reason::RevocationNotChecked));
    let revoked = NOW - 20 * DAY;
    assert_eq!(at(&list(&[(anna, revoked, 1)], fresh())), unsure(RevokedNoPoe, Reason::CertificateRevoked));
    assert_eq!(at(&list(&[(anna, revoked, 6)], fresh())), unsure(TryLater, Reason::CertificateSuspended));
    let old = Period { from_ms: NOW - 9 * DAY, to_ms: Some(NOW - 8 * DAY) };
    assert_eq!(at(&list(&[], old)), unsure(TryLater, Reason::RevocationStale));
    let ahead = Period { from_ms: NOW + DAY, to_ms: Some(NOW + 2 * DAY) };
    assert_eq!(at(&list(&[], ahead)), unsure(TryLater, Reason::RevocationStale));
    let top = pki.root_crl(Some(revoked), fresh()).unwrap();
    let lower = pki.crl(&[], fresh()).unwrap();
    assert_eq!(at(&[lower, top]), unsure(RevokedCaNoPoe, Reason::AuthorityRevoked));
    // A list with one bit of its signature changed, and one of an authority of the same name.
    let mut forged = pki.crl(&[], fresh()).unwrap();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(at(&[forged, above.clone()]), unsure(TryLater, Reason::RevocationUntrusted));
    let other = Pki::new("Comune di Borgo San Plico", NOW).unwrap().crl(&[], fresh()).unwrap();
    assert_eq!(at(&[other, above.clone()]), unsure(TryLater, Reason::RevocationUntrusted));
}

#[test]
fn answers_tell_the_same_and_only_from_who_may() {
    let World { pki, anna, above, .. } = world();
    let file = by(anna);
    let mut own = pki.clone();
    let responder = own.responder(&subject(), true).unwrap();
    let checked = own.responder(&subject(), false).unwrap();
    let lists = [above.clone()];
    let at = |answer: Vec<u8>| said(&look(&file, &lists, &[answer], &[]));
    let answer = |said, period, by: Option<&Signer>| pki.ocsp(anna, said, period, by).unwrap();
    use SubIndication::{RevokedNoPoe, TryLater};
    assert_eq!(at(answer(Said::Good, fresh(), None)), PASSED);
    assert_eq!(at(answer(Said::Good, fresh(), Some(&responder))), PASSED);
    // Without nocheck somebody must say that the responder is good; the issuer's list does.
    let delegated = answer(Said::Good, fresh(), Some(&checked));
    assert_eq!(at(delegated.clone()), unsure(TryLater, Reason::RevocationUntrusted));
    let list = own.crl(&[], fresh()).unwrap();
    let with_list = look(&file, &[above.clone(), list], &[delegated], &[]);
    assert_eq!(said(&with_list), PASSED);
    // Anybody else with a certificate of the same authority may not.
    assert_eq!(at(answer(Said::Good, fresh(), Some(anna))), unsure(TryLater, Reason::RevocationUntrusted));
    let gone = Said::Revoked(NOW - 20 * DAY, 1);
    assert_eq!(at(answer(gone, fresh(), None)), unsure(RevokedNoPoe, Reason::CertificateRevoked));
    let held = Said::Revoked(NOW - 20 * DAY, 6);
    assert_eq!(at(answer(held, fresh(), None)), unsure(TryLater, Reason::CertificateSuspended));
    assert_eq!(at(answer(Said::Unknown, fresh(), None)), unsure(TryLater, Reason::RevocationUnknown));
    let old = Period { from_ms: NOW - 9 * DAY, to_ms: Some(NOW - 8 * DAY) };
    assert_eq!(at(answer(Said::Good, old, None)), unsure(TryLater, Reason::RevocationStale));
    // Without an end it holds for a day.
    let open = |from_ms| Period { from_ms, to_ms: None };
    assert_eq!(at(answer(Said::Good, open(NOW - HOUR), None)), PASSED);
    assert_eq!(at(answer(Said::Good, open(NOW - 2 * DAY), None)), unsure(TryLater, Reason::RevocationStale));
    // One that says *unknown*, made to say *good* after it was signed.
    let mut forged = answer(Said::Unknown, fresh(), None);
    let status = forged.windows(4).position(|four| four == [0x82, 0x00, 0x18, 0x0f]).unwrap();
    forged[status] = 0x80;
    assert_eq!(at(forged), unsure(TryLater, Reason::RevocationUntrusted));
    // An answer about somebody else says nothing.
    let about_other = pki.ocsp(&responder, Said::Good, fresh(), None).unwrap();
    assert_eq!(at(about_other), unsure(TryLater, Reason::RevocationNotChecked));
}

#[test]
fn a_basic_answer_without_its_envelope_is_understood() {
    // `RevocationValues` hold `BasicOCSPResponse` alone, so it is read wherever the whole answer is.
    const ID_PKIX_OCSP_BASIC: [u8; 11] = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
    let World { pki, anna, above, .. } = world();
    let answer = pki.ocsp(anna, Said::Good, fresh(), None).unwrap();
    let id = answer.windows(11).position(|bytes| bytes == ID_PKIX_OCSP_BASIC).unwrap();
    // After the identifier: the octet string's tag and its length in three bytes.
    let basic = answer[id + 15..].to_vec();
    assert_eq!(basic[..2], [0x30, 0x82]);
    assert_eq!(said(&look(&by(anna), std::slice::from_ref(above), &[basic], &[])), PASSED);
}

#[test]
fn a_reference_in_time_saves_what_ended_later() {
    let World { pki, anna, expired, above, .. } = world();
    let revoked_at = NOW - 20 * DAY;
    let lists = [pki.crl(&[(anna, revoked_at, 1)], fresh()).unwrap(), above.clone()];
    let file = by(anna);
    let before = look(&file, &lists, &[], &[poe(NOW - 25 * DAY)]);
    assert_eq!((before.indication, before.reasons[0]), (Indication::TotalPassed, Reason::ProvenBefore));
    assert!(before.reasons.contains(&Reason::CertificateRevoked));
    let times = before.times.unwrap();
    assert_eq!(
        (times.now.indication, times.now.sub_indication),
        (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe))
    );
    assert_eq!(times.claimed.unwrap().indication, Indication::TotalPassed);
    let best = times.opposable.unwrap();
    assert_eq!(
        (best.indication, best.reference, best.name.as_deref()),
        (Indication::TotalPassed, Some(PoeSource::RegistrationMark), Some("0000123/2026"))
    );
    let after = look(&file, &lists, &[], &[poe(NOW - 15 * DAY)]);
    assert_eq!(said(&after), unsure(SubIndication::RevokedNoPoe, Reason::CertificateRevoked));
    // Of several references the earliest counts, and one that lies ahead does not.
    let both = look(&file, &lists, &[], &[poe(NOW - 15 * DAY), poe(NOW - 25 * DAY)]);
    assert_eq!(both.indication, Indication::TotalPassed);
    assert!(look(&file, &lists, &[], &[poe(NOW + DAY)]).times.unwrap().opposable.is_none());

    // Expired: a list from while it lived shows that it was not revoked then.
    let living = Period { from_ms: NOW - 26 * DAY, to_ms: Some(NOW - 24 * DAY) };
    let past = [pki.crl(&[], living).unwrap(), pki.root_crl(None, living).unwrap()];
    let file = by(expired);
    let passed = look(&file, &past, &[], &[poe(NOW - 25 * DAY)]);
    assert_eq!((passed.indication, passed.reasons[0]), (Indication::TotalPassed, Reason::ProvenBefore));
    assert_eq!(
        said(&look(&file, &past, &[], &[])),
        unsure(SubIndication::OutOfBoundsNoPoe, Reason::CertificateExpired)
    );
    let at_its_end = Period { from_ms: NOW - 11 * DAY, to_ms: Some(NOW - 9 * DAY) };
    let ended = [pki.crl(&[], at_its_end).unwrap(), pki.root_crl(None, at_its_end).unwrap()];
    assert_eq!(
        said(&look(&file, &ended, &[], &[])),
        unsure(SubIndication::OutOfBoundsNotRevoked, Reason::CertificateExpired)
    );
    // Authorities take what expired off their lists: absence from a later one proves nothing.
    let late = [pki.crl(&[], fresh()).unwrap(), above.clone()];
    assert_eq!(
        said(&look(&file, &late, &[], &[poe(NOW - 25 * DAY)])),
        unsure(SubIndication::TryLater, Reason::RevocationStale)
    );
}

#[test]
fn levels_and_time_stamps() {
    let World { pki, anna, stamper, above, .. } = world();
    let stamp = |kind, at_ms| Stamped { kind, authority: stamper, at_ms };
    let lists = [pki.crl(&[], fresh()).unwrap(), above.clone()];
    let make = |stamps: &[Stamped<'_>], crls: &[Vec<u8>], flaws: &[Flaw]| {
        cades(&[anna], CONTENT, &Recipe { stamps, crls, flaws, ..recipe() }).unwrap()
    };
    let signature = stamp(StampKind::Signature, NOW - 29 * DAY);
    let archive = stamp(StampKind::Archive, NOW - HOUR / 2);
    let level = |file: &[u8]| look(file, &[], &[], &[]).format;
    assert_eq!(level(&make(&[], &[], &[])), Format::CadesB);
    assert_eq!(level(&make(&[signature], &[], &[])), Format::CadesT);
    assert_eq!(level(&make(&[signature], &lists, &[])), Format::CadesLt);
    assert_eq!(level(&make(&[signature, archive], &lists, &[])), Format::CadesLta);
    // Lists from outside do not make a level.
    assert_eq!(look(&make(&[signature], &[], &[]), &lists, &[], &[]).format, Format::CadesT);

    let found = look(&make(&[signature, archive], &lists, &[]), &[], &[], &[]);
    assert_eq!(said(&found), PASSED);
    assert!(found.time_stamps.iter().all(|stamp| stamp.intact && stamp.trusted), "{:?}", found.time_stamps);
    let best = found.times.unwrap().opposable.unwrap();
    assert_eq!(best.reference, Some(PoeSource::InnerTimeStamp));
    let revocation = found.chain[0].revocation.as_ref().unwrap();
    assert_eq!((revocation.state, revocation.source), (RevocationState::Good, Some(Source::Crl)));

    // A copied stamp proves nothing and harms nothing; an index that lies makes no archive.
    let copied = look(&make(&[signature], &lists, &[Flaw::CopiedTimeStamp]), &[], &[], &[]);
    assert_eq!((copied.indication, copied.format), (Indication::TotalPassed, Format::CadesB));
    assert!(copied.reasons.contains(&Reason::TimeStampWrong) && copied.times.unwrap().opposable.is_none());
    for flaw in [Flaw::LyingIndex, Flaw::LyingIndexOfLists, Flaw::LyingIndexOfAttributes, Flaw::CopiedArchive]
    {
        let lying = look(&make(&[signature, archive], &lists, &[flaw]), &[], &[], &[]);
        assert_eq!((lying.indication, lying.format), (Indication::TotalPassed, Format::CadesLt), "{flaw:?}");
        assert!(lying.reasons.contains(&Reason::TimeStampWrong), "{flaw:?}");
    }
    // One of an authority that nobody knows.
    let stranger = Pki::new("Altrove", NOW).unwrap().stamper(&subject(), KeyKind::P256, true).unwrap();
    let unknown = Stamped { authority: &stranger, ..signature };
    let found = look(&make(&[unknown], &lists, &[]), &[], &[], &[]);
    assert!(found.reasons.contains(&Reason::TimeStampUntrusted) && !found.time_stamps[0].trusted);
    assert!(found.times.unwrap().opposable.is_none());
}

#[test]
fn a_stamp_saves_and_condemns() {
    let World { pki, anna, expired, stamper, above, .. } = world();
    let stamp = |kind, at_ms| Stamped { kind, authority: stamper, at_ms };
    let make = |signer: &Signer, stamps: &[Stamped<'_>]| {
        cades(&[signer], CONTENT, &Recipe { stamps, ..recipe() }).unwrap()
    };
    let lists = [pki.crl(&[(anna, NOW - 20 * DAY, 1)], fresh()).unwrap(), above.clone()];
    let saved = look(&make(anna, &[stamp(StampKind::Signature, NOW - 25 * DAY)]), &lists, &[], &[]);
    assert_eq!((saved.indication, saved.reasons[0]), (Indication::TotalPassed, Reason::ProvenBefore));
    // A stamp over the content shows that it was signed later than that: after the revocation, after the end.
    let late = look(&make(anna, &[stamp(StampKind::Content, NOW - 19 * DAY)]), &lists, &[], &[]);
    assert_eq!(
        (late.indication, late.sub_indication),
        (Indication::TotalFailed, Some(SubIndication::Revoked))
    );
    let early = look(&make(anna, &[stamp(StampKind::Content, NOW - 21 * DAY)]), &lists, &[], &[]);
    assert_eq!(early.sub_indication, Some(SubIndication::RevokedNoPoe));
    let dead = look(&make(expired, &[stamp(StampKind::Content, NOW - 9 * DAY)]), &lists, &[], &[]);
    assert_eq!(
        (dead.indication, dead.sub_indication),
        (Indication::TotalFailed, Some(SubIndication::Expired))
    );
    // A reference from before the certificate was issued cannot be.
    let unborn = look(&make(anna, &[]), &lists, &[], &[poe(NOW - 2 * YEAR)]);
    assert_eq!(
        (unborn.indication, unborn.sub_indication),
        (Indication::TotalFailed, Some(SubIndication::NotYetValid))
    );
}

#[test]
fn old_digests_prove_what_was_signed_in_their_time() {
    const IN_2010: i64 = 1_280_000_000_000;
    let mut pki = Pki::new("Comune di allora", IN_2010).unwrap();
    let then =
        plico_signature::forge::Subject { from_ms: IN_2010 - YEAR, to_ms: IN_2010 + YEAR, ..subject() };
    let old = pki.signer(&then, KeyKind::Rsa2048).unwrap();
    let period = Period { from_ms: IN_2010 - HOUR, to_ms: Some(IN_2010 + DAY) };
    let crls = [pki.crl(&[], period).unwrap(), pki.root_crl(None, period).unwrap()];
    let recipe = Recipe { hash: plico_crypto::verify::Hash::Sha1, crls: &crls, ..Recipe::good(IN_2010) };
    let file = cades(&[&old], CONTENT, &recipe).unwrap();
    let anchors = Anchors::from_pem(&pki.anchors_pem().unwrap()).unwrap();
    let at = |poes: &[Poe]| {
        inspect(&file, &Options { poes, ..Options::at(NOW, Some(&anchors)) }).signatures.remove(0)
    };
    let alone = at(&[]);
    assert_eq!(said(&alone), unsure(SubIndication::CryptoConstraintsFailureNoPoe, Reason::DigestWeak));
    let proven = at(&[poe(IN_2010)]);
    assert_eq!((proven.indication, proven.reasons[0]), (Indication::TotalPassed, Reason::ProvenBefore));
}

#[test]
fn a_pdf_brings_its_evidence_and_its_time() {
    use plico_signature::forge::{pades, with_document_stamp, with_store};
    let World { pki, anna, stamper, above, .. } = world();
    let signed = pades(anna, "Istanza", "20261022120000Z").unwrap();
    let alone = look(&signed, &[], &[], &[]);
    assert_eq!(said(&alone), unsure(SubIndication::TryLater, Reason::RevocationNotChecked));
    let answer = pki.ocsp(anna, Said::Good, fresh(), None).unwrap();
    let stored = with_store(&signed, std::slice::from_ref(above), &[answer]).unwrap();
    let found = look(&stored, &[], &[], &[]);
    assert_eq!(found.indication, Indication::TotalPassed, "{found:?}");
    assert_eq!(found.format, Format::PadesB);
    let stamped = with_document_stamp(&stored, stamper, NOW - HOUR / 2).unwrap();
    let found = look(&stamped, &[], &[], &[]);
    assert_eq!((found.indication, found.format), (Indication::TotalPassed, Format::PadesLta));
    assert_eq!(found.time_stamps[0].kind, StampKind::Document);
    assert_eq!(found.times.unwrap().opposable.unwrap().reference, Some(PoeSource::InnerTimeStamp));
    // One byte of the signed document changed: the stamp is over something else, and so is the signature.
    let mut changed = stamped.clone();
    let at = changed.windows(7).position(|window| window == b"Istanza").unwrap();
    changed[at] = b'i';
    let broken = look(&changed, &[], &[], &[]);
    assert_eq!((broken.indication, broken.time_stamps[0].intact), (Indication::TotalFailed, false));
    // A store that holds somebody else's list says nothing.
    let other = Pki::new("Altrove", NOW).unwrap().crl(&[], fresh()).unwrap();
    let useless = look(&with_store(&signed, &[other], &[]).unwrap(), &[], &[], &[]);
    assert_eq!(said(&useless), unsure(SubIndication::TryLater, Reason::RevocationNotChecked));
}
