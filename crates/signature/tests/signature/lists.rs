//! Trusted lists and what they make of a signature.

use std::sync::OnceLock;

use plico_signature::forge::{
    KeyKind, ListRecipe, Listed, Period, Pki, Qualified, Recipe, Signer, Stamped, Subject, cades,
    trusted_list,
};
use plico_signature::proof::{Poe, PoeSource, StampKind};
use plico_signature::qualification::Qualification::{self, *};
use plico_signature::qualification::{QualificationReason as Why, QualificationReport};
use plico_signature::report::{Indication, Reason, SignatureReport, SubIndication};
use plico_signature::revocation::Evidence;
use plico_signature::tsl::{ListFault, TrustedListError};
use plico_signature::{Anchors, Options, TrustedLists, inspect};

use crate::town::{CONTENT, NOW, YEAR, subject};

const DAY: i64 = 86_400_000;

struct Union {
    /// Who signs the list of lists, who will after him, and who signs that of Italy.
    first: Signer,
    second: Signer,
    italy: Signer,
    pki: Pki,
    stamps: Pki,
    stamper: Signer,
    /// Qualified for signatures with a device, without, for seals, and not at all.
    with_device: Signer,
    without: Signer,
    seal: Signer,
    plain: Signer,
    crl: Vec<u8>,
}

fn union() -> &'static Union {
    static UNION: OnceLock<Union> = OnceLock::new();
    UNION.get_or_init(|| {
        let mut operators = Pki::new("Operatori", NOW).unwrap();
        let mut operator = || operators.signer(&subject(), KeyKind::Rsa2048).unwrap();
        let (first, second, italy) = (operator(), operator(), operator());
        let mut pki = Pki::new("Fiducia di prova", NOW).unwrap();
        let mut stamps = Pki::new("Marche di prova", NOW).unwrap();
        let stamper = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
        let mut make =
            |device, seal| pki.qualified(&subject(), KeyKind::P256, Qualified { device, seal }).unwrap();
        let (with_device, without, seal) = (make(true, false), make(false, false), make(true, true));
        let plain = pki.signer(&subject(), KeyKind::P256).unwrap();
        let crl = pki.crl(&[], Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) }).unwrap();
        Union { first, second, italy, pki, stamps, stamper, with_device, without, seal, plain, crl }
    })
}

const GRANTED: &[(&str, i64)] = &[("granted", NOW - 4 * YEAR)];
const LIST: ListRecipe<'static> = ListRecipe {
    territory: "IT",
    sequence: 7,
    issued_ms: NOW - 10 * DAY,
    next_update_ms: Some(NOW + 100 * DAY),
    pointers: &[],
    base: "https://lists.example",
    before: &[],
    services: &[],
};

/// The service that issues certificates.
fn issuer<'a>(periods: &'a [(&'a str, i64)], uses: &'a [&'a str], qualifiers: &'a [&'a str]) -> Listed<'a> {
    Listed { kind: "CA/QC", certificate: union().pki.issuer_der(), periods, uses, qualifiers }
}

fn italian(services: &[Listed<'_>]) -> Vec<u8> {
    trusted_list(&union().italy, &ListRecipe { services, ..LIST }).unwrap()
}

/// The list of lists, which points to itself and to Italy.
fn all_lists(signer: &Signer, sequence: u64, next: &Signer) -> Vec<u8> {
    let union = union();
    let pointers: [(&str, &[&[u8]]); 2] = [
        ("EU", &[next.certificate_der()]),
        ("IT", &[union.second.certificate_der(), union.italy.certificate_der()]),
    ];
    trusted_list(signer, &ListRecipe { territory: "EU", sequence, pointers: &pointers, ..LIST }).unwrap()
}

fn read(files: &[Vec<u8>]) -> Result<TrustedLists, TrustedListError> {
    let files: Vec<(String, Vec<u8>)> =
        files.iter().enumerate().map(|(number, bytes)| (format!("{number}.xml"), bytes.clone())).collect();
    TrustedLists::verify(&files, &union().first.certificates_pem().unwrap())
}

fn with(services: &[Listed<'_>]) -> Anchors {
    let lists = read(&[all_lists(&union().first, 1, &union().first), italian(services)]).unwrap();
    assert!(lists.refused().is_empty(), "{:?}", lists.refused());
    Anchors::from_lists(lists)
}

fn look(file: &[u8], anchors: &Anchors, poes: &[Poe]) -> SignatureReport {
    let mut evidence = Evidence::default();
    evidence.add_crl(&union().crl).unwrap();
    let options = Options { evidence: Some(&evidence), poes, ..Options::at(NOW, Some(anchors)) };
    inspect(file, &options).signatures.remove(0)
}

fn by(signer: &Signer) -> Vec<u8> {
    cades(&[signer], CONTENT, &Recipe::good(NOW - DAY)).unwrap()
}

fn qualified(signer: &Signer, services: &[Listed<'_>]) -> QualificationReport {
    let found = look(&by(signer), &with(services), &[]);
    assert_eq!(found.indication, Indication::TotalPassed, "{found:?}");
    found.qualification.unwrap()
}

fn result(signer: &Signer, services: &[Listed<'_>]) -> (Qualification, Vec<Why>) {
    let found = qualified(signer, services);
    (found.result, found.reasons)
}

#[test]
fn certificate_and_service_make_a_qualified_signature() {
    let union = union();
    let services = [issuer(GRANTED, &["ForeSignatures", "ForeSeals"], &[])];
    assert_eq!(result(&union.with_device, &services), (Qesig, vec![]));
    assert_eq!(result(&union.seal, &services), (Qeseal, vec![]));
    assert_eq!(result(&union.without, &services), (AdesigQc, vec![Why::NoDevice]));
    assert_eq!(result(&union.plain, &services), (Unknown, vec![Why::NotQualified]));
    // One that says no uses is for all of them.
    assert_eq!(result(&union.with_device, &[issuer(GRANTED, &[], &[])]).0, Qesig);
    // Granted for signatures, a seal is not.
    let only = [issuer(GRANTED, &["ForeSignatures"], &[])];
    assert_eq!(result(&union.seal, &only), (Adeseal, vec![Why::OtherUse]));
    // Two entries of one key, each for its use.
    let two = [issuer(GRANTED, &["ForeSeals"], &[]), issuer(GRANTED, &["ForeSignatures"], &[])];
    assert_eq!(result(&union.with_device, &two), (Qesig, vec![]));
    let found = qualified(&union.with_device, &services);
    let list = found.list.unwrap();
    assert_eq!((list.territory.as_str(), list.sequence, list.expired), ("IT", 7, false));
    assert_eq!(found.provider.as_deref(), Some("Fiducia di prova"));
    assert_eq!(found.status_at_issuance.as_deref(), Some("granted"));
}

#[test]
fn the_list_says_more_than_the_certificate() {
    let union = union();
    let says =
        |qualifiers: &[&str], signer| result(signer, &[issuer(GRANTED, &["ForeSignatures"], qualifiers)]);
    assert_eq!(says(&["QCWithQSCD"], &union.without), (Qesig, vec![]));
    assert_eq!(says(&["QCQSCDManagedOnBehalf"], &union.without).0, Qesig);
    assert_eq!(says(&["QCNoQSCD"], &union.with_device), (AdesigQc, vec![Why::NoDevice]));
    assert_eq!(says(&["NotQualified"], &union.with_device), (Adesig, vec![Why::DeclaredNotQualified]));
    assert_eq!(says(&["QCStatement", "QCForESig"], &union.plain), (AdesigQc, vec![Why::NoDevice]));
    // A list that contradicts itself settles nothing.
    let both = says(&["QCWithQSCD", "QCNoQSCD"], &union.with_device);
    assert_eq!(both, (IndeterminateQesig, vec![Why::Contradiction]));
}

#[test]
fn status_counts_when_it_was_issued_and_when_it_was_signed() {
    let union = union();
    let file = by(&union.with_device);
    let at = |periods: &[(&str, i64)], poes: &[Poe]| {
        let found = look(&file, &with(&[issuer(periods, &["ForeSignatures"], &[])]), poes);
        let qualification = found.qualification.clone().unwrap();
        (found.indication, found.reasons.first().copied(), qualification.result, qualification.reasons)
    };
    let proven = |at_ms| [Poe { at_ms, source: PoeSource::RegistrationMark, name: "1/2026".into() }];
    // Withdrawn since, and nothing shows that the signature is older.
    let withdrawn: &[(&str, i64)] = &[("withdrawn", NOW - 5 * DAY), ("granted", NOW - 4 * YEAR)];
    let (indication, reason, found, reasons) = at(withdrawn, &[]);
    assert_eq!((indication, reason), (Indication::Indeterminate, Some(Reason::ServiceWithdrawn)));
    assert_eq!(found, IndeterminateAdesig);
    assert!(reasons.contains(&Why::NotGrantedAtSigning), "{reasons:?}");
    // With a reference in time from before it is what it was. The list of revoked certificates is of yesterday: it
    // would have named what was revoked earlier.
    let (indication, reason, found, _) = at(withdrawn, &proven(NOW - 6 * DAY));
    assert_eq!((indication, reason), (Indication::TotalPassed, Some(Reason::ProvenBefore)));
    assert_eq!(found, Qesig);
    // Granted only after the certificate was issued.
    let late: &[(&str, i64)] = &[("granted", NOW - 30 * DAY), ("withdrawn", NOW - 4 * YEAR)];
    let (indication, _, found, reasons) = at(late, &[]);
    assert_eq!((indication, found), (Indication::TotalPassed, Adesig));
    assert_eq!(reasons, [Why::NotGrantedAtIssuance]);
    // Not there yet when it was issued.
    assert_eq!(at(&[("granted", NOW - 30 * DAY)], &[]).2, Adesig);
    // The words of the Directive end with it.
    let (indication, reason, ..) = at(&[("accredited", NOW - 4 * YEAR)], &[]);
    assert_eq!((indication, reason), (Indication::Indeterminate, Some(Reason::ServiceWithdrawn)));
}

#[test]
fn an_expired_list_settles_nothing_and_a_broken_signature_is_no_signature() {
    let union = union();
    let services = [issuer(GRANTED, &["ForeSignatures"], &[])];
    let expired = ListRecipe { services: &services, next_update_ms: Some(NOW - DAY), ..LIST };
    let list = trusted_list(&union.italy, &expired).unwrap();
    let anchors = Anchors::from_lists(read(&[all_lists(&union.first, 1, &union.first), list]).unwrap());
    // Neither valid nor invalid: what it said is not what is said now.
    let found = look(&by(&union.with_device), &anchors, &[]);
    let qualification = found.qualification.unwrap();
    assert_eq!((found.indication, qualification.result), (Indication::Indeterminate, IndeterminateQesig));
    assert_eq!(
        (found.sub_indication, found.reasons[0]),
        (Some(SubIndication::NoCertificateChainFound), Reason::ListExpired)
    );
    assert_eq!(qualification.reasons, [Why::ListExpired, Why::SignatureIndeterminate]);
    let list = qualification.list.unwrap();
    assert!(list.expired);
    assert_eq!(list.next_update.as_deref(), Some("2026-11-20T12:00:00Z"));
    // What is proven to be older than its end is what it was.
    let proven = [Poe { at_ms: NOW - 2 * DAY, source: PoeSource::RegistrationMark, name: "1/2026".into() }];
    let found = look(&by(&union.with_device), &anchors, &proven);
    assert_eq!(
        (found.indication, found.reasons),
        (Indication::TotalPassed, vec![Reason::ProvenBefore, Reason::ListExpired])
    );
    assert_eq!(found.qualification.unwrap().result, Qesig);
    // Whoever believes the authority besides needs no list for that.
    let own = Anchors::from_pem(&union.pki.anchors_pem().unwrap()).unwrap();
    let mut evidence = Evidence::default();
    evidence.add_crl(&union.crl).unwrap();
    let period = Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) };
    evidence.add_crl(&union.pki.root_crl(None, period).unwrap()).unwrap();
    let options = Options { evidence: Some(&evidence), ..Options::at(NOW, Some(&own)) };
    assert_eq!(inspect(&by(&union.with_device), &options).indication, Indication::TotalPassed);

    // The same when nobody knows any more who signs the lists.
    let pointers: [(&str, &[&[u8]]); 1] = [("IT", &[union.italy.certificate_der()])];
    let lotl = ListRecipe { territory: "EU", pointers: &pointers, next_update_ms: Some(NOW - DAY), ..LIST };
    let lists = read(&[trusted_list(&union.first, &lotl).unwrap(), italian(&services)]).unwrap();
    let found = look(&by(&union.with_device), &Anchors::from_lists(lists), &[]);
    let qualification = found.qualification.unwrap();
    assert_eq!((found.indication, qualification.result), (Indication::Indeterminate, IndeterminateQesig));
    assert_eq!(found.reasons[0], Reason::ListExpired);
    assert_eq!(qualification.reasons, [Why::ListOfListsExpired, Why::SignatureIndeterminate]);

    let altered = [plico_signature::forge::Flaw::AlteredContent];
    let recipe = Recipe { flaws: &altered, ..Recipe::good(NOW - DAY) };
    let file = cades(&[&union.with_device], CONTENT, &recipe).unwrap();
    let found = look(&file, &with(&services), &[]).qualification.unwrap();
    assert_eq!((found.result, found.reasons), (NotAdesQcQscd, vec![Why::SignatureFailed]));
    // Somebody whom no list knows.
    let stranger = Pki::new("Altrove", NOW).unwrap().signer(&subject(), KeyKind::P256).unwrap();
    let found = look(&by(&stranger), &with(&services), &[]);
    let qualification = found.qualification.unwrap();
    assert_eq!((found.reasons[0], qualification.result), (Reason::NoPath, Na));
    assert_eq!(qualification.reasons, [Why::NotListed]);
    // Without lists nothing is said of it.
    assert!(look(&by(&stranger), &Anchors::default(), &[]).qualification.is_none());
}

#[test]
fn stamps_are_qualified_by_the_list_of_their_time() {
    let union = union();
    let stamp = |at_ms| Stamped { kind: StampKind::Signature, authority: &union.stamper, at_ms };
    let since: &[(&str, i64)] =
        &[("withdrawn", NOW - 5 * DAY), ("granted", NOW - 20 * DAY), ("withdrawn", NOW - 3 * YEAR)];
    let authority = Listed {
        kind: "TSA/QTST",
        certificate: union.stamps.issuer_der(),
        periods: since,
        uses: &[],
        qualifiers: &[],
    };
    let anchors = with(&[issuer(GRANTED, &[], &[]), authority]);
    let lists = union.stamps.crl(&[], Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) }).unwrap();
    let at = |at_ms| {
        let recipe =
            Recipe { stamps: &[stamp(at_ms)], crls: std::slice::from_ref(&lists), ..Recipe::good(at_ms) };
        let file = cades(&[&union.with_device], CONTENT, &recipe).unwrap();
        let found = look(&file, &anchors, &[]);
        (found.time_stamps[0].trusted, found.time_stamps[0].qualified)
    };
    // Made while it was granted: that it was withdrawn since takes nothing from it.
    assert_eq!(at(NOW - 6 * DAY), (true, Some(true)));
    assert_eq!(at(NOW - 4 * DAY), (false, Some(false)));
    assert_eq!(at(NOW - 30 * DAY), (false, Some(false)));
    // Who makes time stamps does not thereby vouch for signers.
    let mut other = union.stamps.clone();
    let signer = other.signer(&Subject { given_name: "Bruno", ..subject() }, KeyKind::P256).unwrap();
    let granted = Listed { periods: GRANTED, ..authority };
    let found = look(&by(&signer), &with(&[granted]), &[]);
    assert_eq!(found.reasons[0], Reason::ServiceWithdrawn);
}

#[test]
fn only_lists_that_are_pointed_to_and_rightly_signed_are_believed() {
    let union = union();
    let first = all_lists(&union.first, 1, &union.first);
    let services = [issuer(GRANTED, &[], &[])];
    let good = italian(&services);
    let refused = |list: Vec<u8>| {
        let lists = read(&[first.clone(), list]).unwrap();
        assert_eq!(lists.reports(NOW).len(), 1, "only the list of lists is there");
        lists.refused()[0].why
    };
    let change = |from: &str, to: &str| {
        let text = String::from_utf8(good.clone()).unwrap();
        assert!(text.contains(from));
        text.replacen(from, to, 1).into_bytes()
    };
    assert!(read(&[first.clone(), good.clone()]).unwrap().refused().is_empty());
    let stranger = trusted_list(&union.with_device, &ListRecipe { services: &services, ..LIST }).unwrap();
    assert_eq!(refused(stranger), ListFault::Signer);
    let french = trusted_list(&union.italy, &ListRecipe { territory: "FR", ..LIST }).unwrap();
    assert_eq!(refused(french), ListFault::NotPointedTo);
    assert_eq!(refused(change("granted", "withdrawn")), ListFault::Altered);
    assert_eq!(
        refused(change("SignedProperties\" URI=\"#properties\"", "SignedProperties\" URI=\"\"")),
        ListFault::Signer
    );
    assert_eq!(refused(change("<xades:SigningTime>", "<xades:SigningTime> ")), ListFault::Altered);
    assert_eq!(refused(b"<a/>".to_vec()), ListFault::NotAList);
    assert_eq!(refused(b"text".to_vec()), ListFault::Unreadable);
    let text = String::from_utf8(good.clone()).unwrap();
    let signature =
        &text[text.find("<ds:Signature").unwrap()..text.find("</TrustServiceStatusList>").unwrap()];
    assert_eq!(
        refused(change("</TrustServiceStatusList>", &format!("{signature}</TrustServiceStatusList>"))),
        ListFault::Form
    );
    assert_eq!(refused(text.replace(signature, "").into_bytes()), ListFault::Form);
    // The list of lists must be there, and signed by whom the verifier knows.
    assert_eq!(read(std::slice::from_ref(&good)), Err(TrustedListError::NoListOfLists));
    assert_eq!(read(&[all_lists(&union.second, 1, &union.first)]), Err(TrustedListError::NoListOfLists));
    assert_eq!(TrustedLists::verify(&[], b"no certificate"), Err(TrustedListError::NoSigners));
    // Of two editions the newer.
    let newer = trusted_list(&union.italy, &ListRecipe { sequence: 8, ..LIST }).unwrap();
    for files in [[first.clone(), good.clone(), newer.clone()], [first.clone(), newer.clone(), good.clone()]]
    {
        let lists = read(&files).unwrap();
        assert_eq!(lists.reports(NOW)[1].sequence, 8);
        assert_eq!(lists.refused()[0].why, ListFault::Older);
    }
}

#[test]
fn signers_of_the_list_of_lists_hand_over() {
    let union = union();
    let pivot = all_lists(&union.first, 1, &union.second);
    let next = all_lists(&union.second, 2, &union.second);
    let lists = read(&[next.clone(), pivot.clone()]).unwrap();
    assert_eq!((lists.reports(NOW)[0].sequence, lists.refused().len()), (2, 0));
    // Without the one that hands over the next is signed by nobody who is known.
    assert_eq!(read(&[next]), Err(TrustedListError::NoListOfLists));
    // Who has handed over signs no more.
    let again = all_lists(&union.first, 3, &union.first);
    let lists = read(&[pivot, again]).unwrap();
    assert_eq!((lists.reports(NOW)[0].sequence, lists.refused()[0].why), (1, ListFault::Signer));
}

#[test]
fn what_was_checked_is_read_back_as_it_was() {
    let union = union();
    let services = [issuer(GRANTED, &["ForeSignatures"], &["QCWithQSCD"])];
    let lists = read(&[all_lists(&union.first, 1, &union.first), italian(&services), b"x".to_vec()]).unwrap();
    let mark = [7; 32];
    let bytes = lists.compiled(&mark);
    assert_eq!(TrustedLists::from_compiled(&bytes, &mark).as_ref(), Some(&lists));
    assert_eq!(TrustedLists::from_compiled(&bytes, &[8; 32]), None);
    for length in (0..bytes.len()).step_by(7) {
        assert_eq!(TrustedLists::from_compiled(&bytes[..length], &mark), None);
    }
    let files = [("a.xml".to_owned(), b"1".to_vec()), ("b.xml".to_owned(), b"2".to_vec())];
    let other = [("a.xml".to_owned(), b"1".to_vec()), ("b.xml".to_owned(), b"3".to_vec())];
    assert_eq!(TrustedLists::fingerprint(&files, b"s"), TrustedLists::fingerprint(&files, b"s"));
    assert_ne!(TrustedLists::fingerprint(&files, b"s"), TrustedLists::fingerprint(&other, b"s"));
    assert_ne!(TrustedLists::fingerprint(&files, b"s"), TrustedLists::fingerprint(&files, b"t"));
}

#[test]
fn a_directory_says_where_lists_are_and_which_may_be_taken() {
    use plico_signature::tsl::{Directory, edition};
    let union = union();
    let signers = union.first.certificates_pem().unwrap();
    let files = [("eu".to_owned(), all_lists(&union.first, 4, &union.first))];
    let directory = Directory::read(&files, &signers).unwrap();
    assert_eq!(directory.sequence(), 4);
    assert_eq!(directory.places(), [("IT".to_owned(), "https://lists.example/IT.xml".to_owned())]);
    let good = italian(&[issuer(GRANTED, &[], &[])]);
    assert_eq!(directory.check("IT", &good), Ok(7));
    assert_eq!(directory.check("FR", &good), Err(ListFault::NotPointedTo));
    assert_eq!(directory.check("IT", &files[0].1), Err(ListFault::NotPointedTo));
    let stranger = trusted_list(&union.with_device, &LIST).unwrap();
    assert_eq!(directory.check("IT", &stranger), Err(ListFault::Signer));
    assert_eq!(directory.check("IT", b"<html/>"), Err(ListFault::NotAList));
    assert!(Directory::read(&[("it".to_owned(), good.clone())], &signers).is_err());
    let before = ["https://lists.example/law", "https://lists.example/pivot-2.xml"];
    let named = ListRecipe { territory: "EU", sequence: 9, before: &before, ..LIST };
    let named = edition(&trusted_list(&union.second, &named).unwrap()).unwrap();
    assert_eq!((named.territory.as_str(), named.sequence), ("EU", 9));
    assert_eq!(named.before, ["https://lists.example/pivot-2.xml"]);
    assert_eq!(edition(&good).map(|it| (it.sequence, it.before.len())), Some((7, 0)));
    assert_eq!(edition(b"<a/>"), None);
}

#[test]
fn what_authorities_offer_and_nobody_gave_is_noted() {
    use plico_signature::revocation::want::{Want, Wanted};
    let mut pki = Pki::new("Offerte", NOW).unwrap();
    pki.offer_at("http://ca.example");
    let signer = pki.signer(&subject(), KeyKind::P256).unwrap();
    let file = cades(&[&signer], CONTENT, &Recipe::good(NOW - DAY)).unwrap();
    let wants = |anchors: &Anchors, evidence: &Evidence| {
        let wanted = Wanted::default();
        let options =
            Options { evidence: Some(evidence), wanted: Some(&wanted), ..Options::at(NOW, Some(anchors)) };
        let found = inspect(&file, &options).signatures.remove(0);
        (found.indication, wanted.into_all())
    };
    let listed = Listed { certificate: pki.issuer_der(), ..issuer(GRANTED, &[], &[]) };
    let mut evidence = Evidence::default();
    let (indication, all) = wants(&with(&[listed]), &evidence);
    assert_eq!(indication, Indication::Indeterminate);
    let [Want::Answer { url, request }, Want::List { url: list }] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((url.as_str(), list.as_str()), ("http://ca.example/ocsp", "http://ca.example/ca.crl"));
    assert_eq!(request[0], 0x30);
    // A stranger's issuer is asked for only where the envelope does not bring it.
    let (_, all) = wants(&Anchors::default(), &evidence);
    assert_eq!(all, [], "the issuer is there, and says nothing of its own");
    evidence.add_crl(&pki.crl(&[], Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) }).unwrap()).unwrap();
    assert_eq!(wants(&with(&[listed]), &evidence), (Indication::TotalPassed, vec![]));
    assert!(Evidence::default().add_issuers(b"x").is_err());
    evidence.add_issuers(pki.issuer_der()).unwrap();
}
