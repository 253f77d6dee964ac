//! Archive time-stamps of XAdES (ETSI EN 319 132-1 §5.5.2), and what keeps one of them from proving anything.

use plico_signature::forge::{
    KeyKind, Period, Pki, Signer, Subject, XmlFlaw, XmlRecipe, XmlStamp, xades_detached, xades_enveloped,
    xades_enveloping, xades_stamped,
};
use plico_signature::proof::{PoeSource, StampKind};
use plico_signature::report::{Format, Indication, Reason, SignatureReport};
use plico_signature::{Anchors, Options, inspect};

use crate::town::{CONTENT, NOW, YEAR, subject};

const DAY: i64 = 86_400_000;
const SIGNED: i64 = NOW - 30 * DAY;
const DOCUMENT: &str = "<istanza><oggetto>Accesso agli atti</oggetto></istanza>";

struct Made {
    anna: Signer,
    /// Whose certificate has expired since.
    old: Signer,
    stamper: Signer,
    lists: Vec<Vec<u8>>,
    /// About the authority of time stamps, while the old one's certificate was valid.
    of_stamps: Vec<Vec<u8>>,
    anchors: Anchors,
}

fn made() -> Made {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
    let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
    let mut stamps = Pki::new("Marche", NOW).unwrap();
    let expired = Subject { to_ms: NOW - 10 * DAY, ..subject() };
    let old = stamps.stamper(&expired, KeyKind::P256, true).unwrap();
    let stamper = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
    let anchors = [pki.anchors_pem().unwrap(), stamps.anchors_pem().unwrap()].concat();
    let period = |at_ms| Period { from_ms: at_ms - DAY, to_ms: Some(at_ms + DAY) };
    let lists = vec![pki.crl(&[], period(NOW)).unwrap(), pki.root_crl(None, period(NOW)).unwrap()];
    let of_stamps = [NOW, SIGNED + 7 * DAY]
        .iter()
        .flat_map(|&at| [stamps.crl(&[], period(at)).unwrap(), stamps.root_crl(None, period(at)).unwrap()]);
    Made {
        anna,
        old,
        stamper,
        lists,
        of_stamps: of_stamps.collect(),
        anchors: Anchors::from_pem(&anchors).unwrap(),
    }
}

impl Made {
    /// Signed, stamped by the authority whose certificate has expired since, with revocation lists.
    fn signed(&self) -> String {
        let stamp = Some((&self.old, SIGNED + DAY));
        let recipe = XmlRecipe { stamp, crls: &self.lists, ..XmlRecipe::good(SIGNED) };
        String::from_utf8(xades_enveloped(&self.anna, DOCUMENT, &recipe).unwrap()).unwrap()
    }

    fn stamp(&self, file: &str, kind: XmlStamp, at_ms: i64, flaws: &[XmlFlaw]) -> String {
        let made = xades_stamped(file, kind, (&self.stamper, at_ms), &self.of_stamps, flaws).unwrap();
        String::from_utf8(made).unwrap()
    }

    fn look(&self, file: &str) -> SignatureReport {
        inspect(file.as_bytes(), &Options::at(NOW, Some(&self.anchors))).signatures.remove(0)
    }
}

/// Of each time stamp, in the order of the report, the newest first: its kind, and whether it holds and is believed.
fn stamps(found: &SignatureReport) -> Vec<(StampKind, bool, bool)> {
    found.time_stamps.iter().map(|stamp| (stamp.kind, stamp.intact, stamp.trusted)).collect()
}

const ARCHIVE: (StampKind, bool, bool) = (StampKind::Archive, true, true);

#[test]
fn it_keeps_an_older_stamp_believed_and_makes_level_lta() {
    let made = made();
    let signed = made.signed();
    let alone = made.look(&signed);
    assert_eq!(stamps(&alone), [(StampKind::Signature, true, false)], "{alone:?}");
    assert!(alone.times.unwrap().opposable.is_none());

    let one = made.stamp(&signed, XmlStamp::Archive, SIGNED + 5 * DAY, &[]);
    let found = made.look(&one);
    assert_eq!(stamps(&found), [ARCHIVE, (StampKind::Signature, true, true)], "{found:?}");
    assert_eq!((found.format, found.indication), (Format::XadesLta, Indication::TotalPassed), "{found:?}");
    let best = found.times.unwrap().opposable.unwrap();
    assert_eq!((best.reference, best.at.as_str()), (Some(PoeSource::InnerTimeStamp), "2026-10-23T12:00:00Z"));

    // Another over it.
    let found = made.look(&made.stamp(&one, XmlStamp::Archive, SIGNED + 9 * DAY, &[]));
    assert_eq!(stamps(&found), [ARCHIVE, ARCHIVE, (StampKind::Signature, true, true)]);
    assert_eq!(found.format, Format::XadesLta);
}

#[test]
fn one_around_a_content_covers_its_object() {
    let made = made();
    let recipe = XmlRecipe { crls: &made.lists, ..XmlRecipe::good(SIGNED) };
    let file = String::from_utf8(xades_enveloping(&made.anna, CONTENT, &recipe).unwrap()).unwrap();
    for kind in [XmlStamp::Archive, XmlStamp::OlderArchive] {
        let found = made.look(&made.stamp(&file, kind, SIGNED + DAY, &[]));
        assert!(found.intact);
        assert_eq!(stamps(&found), [ARCHIVE], "{kind:?}");
        // Without a stamp over the signature it makes no baseline level.
        assert_eq!(found.format, Format::XadesB);
    }
}

#[test]
fn one_that_is_not_over_everything_is_told_and_proves_nothing() {
    let made = made();
    let signed = made.signed();
    for kind in [XmlStamp::Archive, XmlStamp::OlderArchive, XmlStamp::References] {
        let found = made.look(&made.stamp(&signed, kind, SIGNED + 5 * DAY, &[XmlFlaw::PartialStamp]));
        let whole = stamps(&found);
        assert!(whole.contains(&(StampKind::Signature, true, false)), "{kind:?} {whole:?}");
        assert!(whole.iter().filter(|(_, intact, _)| !intact).count() == 1, "{kind:?} {whole:?}");
        assert!(found.reasons.contains(&Reason::TimeStampWrong), "{kind:?}");
        assert_eq!((found.format, found.times.unwrap().opposable.is_none()), (Format::XadesLt, true));
    }
    // What was kept with the signature was changed afterwards.
    let file = made.stamp(&signed, XmlStamp::Archive, SIGNED + 5 * DAY, &[]);
    let changed = file.replacen("<xades:RevocationValues>", "<xades:RevocationValues><!-- --> ", 1);
    assert_eq!(stamps(&made.look(&changed)).last(), Some(&(StampKind::Archive, false, false)));
}

#[test]
fn a_stamp_that_came_after_it_is_not_proven_by_it() {
    let made = made();
    let file = made.stamp(&made.signed(), XmlStamp::Archive, SIGNED + 5 * DAY, &[]);
    // One that says an earlier time, made by whoever has the key of the expired certificate now.
    let recipe = XmlRecipe { crls: &made.lists, ..XmlRecipe::good(SIGNED) };
    let bare = String::from_utf8(xades_enveloped(&made.anna, DOCUMENT, &recipe).unwrap()).unwrap();
    let archived = made.stamp(&bare, XmlStamp::Archive, SIGNED + 5 * DAY, &[]);
    let late = xades_stamped(&archived, XmlStamp::References, (&made.old, SIGNED + DAY), &[], &[]).unwrap();
    let found = made.look(std::str::from_utf8(&late).unwrap());
    assert_eq!(stamps(&found), [ARCHIVE, (StampKind::Signature, true, false)], "{found:?}");
    assert!(found.reasons.contains(&Reason::TimeStampUntrusted));
    let best = found.times.unwrap().opposable.unwrap();
    assert_eq!(best.at, "2026-10-27T12:00:00Z");
    // The same one before it is.
    assert!(made.look(&file).time_stamps.iter().all(|stamp| stamp.trusted));
}

#[test]
fn a_stamp_over_value_and_references_proves_the_signature_and_makes_no_level() {
    let made = made();
    let recipe = XmlRecipe { crls: &made.lists, ..XmlRecipe::good(SIGNED) };
    let file = String::from_utf8(xades_enveloped(&made.anna, DOCUMENT, &recipe).unwrap()).unwrap();
    let found = made.look(&made.stamp(&file, XmlStamp::References, SIGNED + DAY, &[]));
    assert_eq!(stamps(&found), [(StampKind::Signature, true, true)]);
    assert_eq!(found.format, Format::XadesB);
    assert!(found.times.unwrap().opposable.is_some());
}

#[test]
fn one_that_cannot_be_looked_at_is_told() {
    let made = made();
    let signed = made.stamp(&made.signed(), XmlStamp::Archive, SIGNED + 5 * DAY, &[]);
    let method = "\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod><xades:EncapsulatedTimeStamp>";
    assert!(signed.contains(method));
    let unknown = signed.replace(method, &method.replace("xml-exc-c14n", "unknown"));
    let listed = signed.replacen(
        "<xades141:ArchiveTimeStamp xmlns:xades141=\"http://uri.etsi.org/01903/v1.4.1#\">",
        "<xades141:ArchiveTimeStamp xmlns:xades141=\"http://uri.etsi.org/01903/v1.4.1#\"><xades:Include URI=\"#x\"></xades:Include>",
        1,
    );
    assert_ne!(listed, signed);
    for file in [unknown, listed] {
        let found = made.look(&file);
        assert_eq!(stamps(&found), [(StampKind::Signature, true, false)]);
        assert!(found.reasons.contains(&Reason::TimeStampNotChecked) && found.intact, "{found:?}");
    }
    assert!(!made.look(&signed).reasons.contains(&Reason::TimeStampNotChecked));
    // Of files that lie beside only digests are known.
    let recipe = XmlRecipe { stamp: Some((&made.old, SIGNED + DAY)), ..XmlRecipe::good(SIGNED) };
    let beside = xades_detached(&made.anna, &[("a.txt", CONTENT)], &recipe).unwrap();
    let beside = std::str::from_utf8(&beside).unwrap();
    assert!(xades_stamped(beside, XmlStamp::Archive, (&made.stamper, NOW - YEAR / 2), &[], &[]).is_err());
}
