//! The verdict of a XAdES signature: revocation, time stamps, levels, and what trusted lists make of it.

use plico_signature::forge::{
    KeyKind, ListRecipe, Listed, Period, Pki, Qualified, XmlRecipe, trusted_list, xades_enveloped,
};
use plico_signature::proof::PoeSource;
use plico_signature::qualification::Qualification;
use plico_signature::report::{Format, Indication, Reason, SignatureReport, SubIndication};
use plico_signature::{Anchors, Options, TrustedLists, inspect};

use crate::town::{NOW, YEAR, subject};

const DAY: i64 = 86_400_000;
const DOCUMENT: &str = "<domanda><oggetto>Accesso agli atti</oggetto></domanda>";

#[test]
fn levels_verdict_and_qualification_are_those_of_every_signature() {
    let mut pki = Pki::new("Fiducia di prova", NOW).unwrap();
    let anna = pki.qualified(&subject(), KeyKind::P256, Qualified { device: true, seal: false }).unwrap();
    let mut stamps = Pki::new("Marche di prova", NOW).unwrap();
    let stamper = stamps.stamper(&subject(), KeyKind::Rsa2048, true).unwrap();
    let operator = pki.signer(&subject(), KeyKind::Rsa2048).unwrap();

    let granted: &[(&str, i64)] = &[("granted", NOW - 4 * YEAR)];
    let service =
        |kind, certificate| Listed { kind, certificate, periods: granted, uses: &[], qualifiers: &[] };
    let services = [service("CA/QC", pki.issuer_der()), service("TSA/QTST", stamps.issuer_der())];
    let list = ListRecipe {
        territory: "IT",
        sequence: 1,
        issued_ms: NOW - DAY,
        next_update_ms: Some(NOW + DAY),
        pointers: &[],
        services: &services,
        ..ListRecipe::default()
    };
    let own: [(&str, &[&[u8]]); 1] = [("IT", &[operator.certificate_der()])];
    let above = ListRecipe { territory: "EU", pointers: &own, services: &[], ..list };
    let files = [
        ("eu.xml".to_owned(), trusted_list(&operator, &above).unwrap()),
        ("it.xml".to_owned(), trusted_list(&operator, &list).unwrap()),
    ];
    let lists = TrustedLists::verify(&files, &operator.certificates_pem().unwrap()).unwrap();
    let anchors = Anchors::from_lists(lists);

    let period = Period { from_ms: NOW - 12 * DAY, to_ms: Some(NOW + DAY) };
    let revoked = pki.crl(&[(&anna, NOW - 5 * DAY, 1)], Period { from_ms: NOW - DAY, ..period }).unwrap();
    let crls = [pki.crl(&[], period).unwrap(), stamps.crl(&[], period).unwrap()];
    let look = |recipe: &XmlRecipe<'_>| -> SignatureReport {
        let file = xades_enveloped(&anna, DOCUMENT, recipe).unwrap();
        inspect(&file, &Options::at(NOW, Some(&anchors))).signatures.remove(0)
    };
    let bare = XmlRecipe::good(NOW - 10 * DAY);
    let found = look(&bare);
    assert_eq!((found.format, found.sub_indication), (Format::XadesB, Some(SubIndication::TryLater)));
    assert_eq!(found.qualification.unwrap().result, Qualification::IndeterminateQesig);

    let full = XmlRecipe { stamp: Some((&stamper, NOW - 10 * DAY)), crls: &crls, ..bare };
    let found = look(&full);
    assert_eq!((found.format, found.indication), (Format::XadesLt, Indication::TotalPassed), "{found:?}");
    assert_eq!(found.qualification.unwrap().result, Qualification::Qesig);
    assert_eq!(found.time_stamps[0].qualified, Some(true));
    assert_eq!(found.times.unwrap().opposable.unwrap().reference, Some(PoeSource::InnerTimeStamp));
    assert_eq!(look(&XmlRecipe { crls: &[], ..full }).format, Format::XadesT);

    // Revoked after the time stamp: saved by it, and not without it.
    let crls = [revoked, crls[1].clone()];
    let saved = look(&XmlRecipe { crls: &crls, ..full });
    assert_eq!((saved.indication, saved.reasons[0]), (Indication::TotalPassed, Reason::ProvenBefore));
    let lost = look(&XmlRecipe { crls: &crls, stamp: None, ..full });
    assert_eq!(lost.sub_indication, Some(SubIndication::RevokedNoPoe));

    // A stamp over another signature's value shows nothing.
    let file = |at_ms| {
        String::from_utf8(xades_enveloped(&anna, DOCUMENT, &XmlRecipe { at_ms, ..full }).unwrap()).unwrap()
    };
    let (one, other) = (file(Some(NOW - 11 * DAY)), file(Some(NOW - 10 * DAY)));
    let stamp = |text: &str| {
        let from = text.find("<xades:EncapsulatedTimeStamp>").unwrap();
        text[from..text.find("</xades:EncapsulatedTimeStamp>").unwrap()].to_owned()
    };
    let copied = one.replace(&stamp(&one), &stamp(&other));
    let found = inspect(copied.as_bytes(), &Options::at(NOW, Some(&anchors))).signatures.remove(0);
    assert!(found.intact && !found.time_stamps[0].intact);
    assert_eq!(found.format, Format::XadesB);
    assert!(found.reasons.contains(&Reason::TimeStampWrong));
}
