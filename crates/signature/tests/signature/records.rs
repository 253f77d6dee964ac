//! Evidence records (RFC 4998) beside a file: what they prove, renewed or not, and what makes them prove nothing.

use plico_crypto::verify::Hash;
use plico_signature::forge::{By, EvidenceRecord, KeyKind, Period, Pki, Recipe, Signer, Subject, cades};
use plico_signature::proof::PoeSource;
use plico_signature::report::{Container, Indication, Reason, Report, SubIndication};
use plico_signature::{Anchors, Options, inspect, inspect_detached};

use crate::town::{CONTENT, NOW, subject};

const DAY: i64 = 86_400_000;
const OTHERS: [&[u8]; 3] = [b"one", b"two", b"three"];

struct Made {
    /// Signed by one who was revoked ten days ago.
    file: Vec<u8>,
    /// An authority whose certificate has expired since, and one whose has not.
    old: Signer,
    new: Signer,
    lists: Vec<Vec<u8>>,
    anchors: Anchors,
}

fn made() -> Made {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
    let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
    let mut stamps = Pki::new("Marche", NOW).unwrap();
    let expired = Subject { to_ms: NOW - 20 * DAY, ..subject() };
    let old = stamps.stamper(&expired, KeyKind::P256, true).unwrap();
    let new = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
    let anchors = [pki.anchors_pem().unwrap(), stamps.anchors_pem().unwrap()].concat();
    let now = Period { from_ms: NOW - DAY, to_ms: Some(NOW + DAY) };
    let then = Period { from_ms: NOW - 25 * DAY, to_ms: Some(NOW - 22 * DAY) };
    let lists = vec![
        pki.crl(&[(&anna, NOW - 10 * DAY, 1)], now).unwrap(),
        pki.root_crl(None, now).unwrap(),
        stamps.crl(&[], now).unwrap(),
        stamps.crl(&[], then).unwrap(),
        stamps.root_crl(None, now).unwrap(),
    ];
    let recipe = Recipe { crls: &lists, ..Recipe::good(NOW - 50 * DAY) };
    let file = cades(&[&anna], CONTENT, &recipe).unwrap();
    Made { file, old, new, lists, anchors: Anchors::from_pem(&anchors).unwrap() }
}

impl Made {
    fn expired(&self, days: i64) -> By<'_> {
        By { authority: &self.old, at_ms: NOW - days * DAY, hash: Hash::Sha256 }
    }

    fn by(&self, days: i64, hash: Hash) -> By<'_> {
        By { authority: &self.new, at_ms: NOW - days * DAY, hash }
    }

    fn look(&self, record: &[u8]) -> Report {
        let mut evidence = plico_signature::revocation::Evidence::default();
        self.lists.iter().for_each(|list| evidence.add_crl(list).unwrap());
        let stamps = [record.to_vec()];
        let options =
            Options { stamps: &stamps, evidence: Some(&evidence), ..Options::at(NOW, Some(&self.anchors)) };
        inspect(&self.file, &options)
    }
}

fn stamps(report: &Report) -> Vec<(bool, bool)> {
    report.time_stamps.iter().map(|stamp| (stamp.intact, stamp.trusted)).collect()
}

fn assert_proven(report: &Report, at: &str) {
    let found = &report.signatures[0];
    assert_eq!(
        (found.indication, found.reasons[0]),
        (Indication::TotalPassed, Reason::ProvenBefore),
        "{report:?}"
    );
    let best = found.times.as_ref().unwrap().opposable.as_ref().unwrap();
    assert_eq!((best.reference, best.at.as_str()), (Some(PoeSource::TimeStamp), at));
}

fn assert_unproven(report: &Report) {
    assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::RevokedNoPoe), "{report:?}");
}

#[test]
fn one_proves_when_a_file_was_there_alone_or_in_a_tree() {
    let made = made();
    for others in 0..=OTHERS.len() {
        for hash in [Hash::Sha256, Hash::Sha512] {
            let mut record = EvidenceRecord::default();
            record.chain(&made.file, &OTHERS[..others], made.by(15, hash)).unwrap();
            let report = made.look(&record.der());
            assert_eq!(stamps(&report), [(true, true)], "{others} {hash:?} {report:?}");
            assert_proven(&report, "2026-11-06T12:00:00Z");
        }
    }
}

#[test]
fn a_renewed_stamp_is_believed_for_its_renewal() {
    let made = made();
    let mut record = EvidenceRecord::default();
    record.chain(&made.file, &OTHERS, made.expired(40)).unwrap();
    // Its certificate has expired: by itself it proves nothing now.
    let report = made.look(&record.der());
    assert_eq!(stamps(&report), [(true, false)]);
    assert_unproven(&report);
    // Renewed in time, by the same algorithm among others, or by another over all.
    let mut renewed = record.clone();
    renewed.renew(&OTHERS[..2], made.by(30, Hash::Sha256)).unwrap();
    let report = made.look(&renewed.der());
    assert_eq!(stamps(&report), [(true, true), (true, true)], "{report:?}");
    assert_proven(&report, "2026-10-12T12:00:00Z");
    for others in [0, 3] {
        let mut again = record.clone();
        again.chain(&made.file, &OTHERS[..others], made.by(30, Hash::Sha512)).unwrap();
        assert_proven(&made.look(&again.der()), "2026-10-12T12:00:00Z");
        // And a chain over two chains, of which the first has two.
        let mut again = renewed.clone();
        again.chain(&made.file, &OTHERS[..others], made.by(20, Hash::Sha512)).unwrap();
        again.chain(&made.file, &OTHERS[..others], made.by(10, Hash::Sha3_512)).unwrap();
        let report = made.look(&again.der());
        assert_eq!(stamps(&report), [(true, true); 4]);
        assert_proven(&report, "2026-10-12T12:00:00Z");
    }
}

#[test]
fn what_is_over_something_else_proves_nothing() {
    let made = made();
    let by = made.by(15, Hash::Sha256);
    // Another file, in a tree and alone; and a file that stands further up than documents do.
    for others in [&OTHERS[..0], &OTHERS[..2], &[b"one", made.file.as_slice()][..]] {
        let mut record = EvidenceRecord::default();
        record.chain(b"another file", others, by).unwrap();
        let report = made.look(&record.der());
        assert_eq!(stamps(&report), [(false, false)], "{}", others.len());
        assert_eq!(report.time_stamps[0].reason, Some(Reason::TimeStampWrong));
        assert_unproven(&report);
    }
    // The renewal of another record, put behind a stamp that has expired: neither is proven.
    let mut record = EvidenceRecord::default();
    record.chain(&made.file, &OTHERS, made.expired(40)).unwrap();
    let mut other = EvidenceRecord::default();
    other.chain(&made.file, &OTHERS, made.expired(41)).unwrap();
    other.renew(&[], made.by(30, Hash::Sha256)).unwrap();
    let mixed = record.followed_by(&other).der();
    let report = made.look(&mixed);
    assert_eq!(stamps(&report), [(true, false), (false, false)], "{report:?}");
    assert_unproven(&report);
    // A renewal by another algorithm within a chain, and one that is older than what it renews.
    for by in [made.by(30, Hash::Sha512), made.by(45, Hash::Sha256)] {
        let mut bad = record.clone();
        bad.renew(&[], by).unwrap();
        let report = made.look(&bad.der());
        assert!(stamps(&report).contains(&(false, false)), "{report:?}");
        assert_unproven(&report);
    }
    // A new chain over the file that leaves out what was there.
    let mut bare = EvidenceRecord::default();
    bare.chain(&made.file, &[], made.by(30, Hash::Sha512)).unwrap();
    let report = made.look(&record.with_chain_of(&bare).der());
    assert!(stamps(&report).contains(&(false, false)));
    assert_unproven(&report);
}

#[test]
fn one_by_itself_or_beside_its_file_is_told() {
    let made = made();
    let mut record = EvidenceRecord::default();
    record.chain(&made.file, &OTHERS, made.by(15, Hash::Sha256)).unwrap();
    let der = record.der();
    let options = Options::at(NOW, Some(&made.anchors));
    let alone = inspect(&der, &options);
    assert_eq!((alone.container, alone.indication), (Container::Tst, Indication::NoSignatureFound));
    assert_eq!(alone.time_stamps[0].reason, Some(Reason::ContentMissing));
    // As a detached signature is given.
    let report = inspect_detached(&der, &made.file, &options);
    assert!(report.time_stamps[0].intact && report.signatures.len() == 1);
    assert!(!inspect_detached(&der, CONTENT, &options).time_stamps[0].intact);
    // Cut off or in XML.
    let xml = b"<EvidenceRecord xmlns=\"urn:ietf:params:xml:ns:ers\" Version=\"1.0\"/>";
    let report = made.look(xml);
    assert_eq!(report.time_stamps[0].reason, Some(Reason::TimeStampNotChecked));
    assert_unproven(&report);
    for length in 0..der.len() {
        let stamps = [der[..length].to_vec()];
        let report = inspect(CONTENT, &Options { stamps: &stamps, ..options });
        assert!(report.time_stamps.iter().all(|stamp| !stamp.intact), "{length}");
    }
}

#[test]
fn what_bouncycastle_writes_is_read() {
    let fixture = |name: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/p7m");
        std::fs::read(folder.join(name)).unwrap()
    };
    let (file, record) = (fixture("rsa-der.p7m"), fixture("bouncycastle.ers"));
    // A tree of five, a renewed stamp, a renewed tree by SHA-512.
    let options = Options::at(NOW, None);
    let report = inspect_detached(&record, &file, &options);
    assert_eq!(stamps(&report), [(true, false); 3], "{report:?}");
    let times: Vec<_> = report.time_stamps.iter().map(|stamp| stamp.at.clone().unwrap()).collect();
    assert_eq!(times, ["2026-10-22T12:00:00Z", "2026-11-01T12:00:00Z", "2026-11-11T12:00:00Z"]);
    let report = inspect_detached(&record, CONTENT, &options);
    assert!(report.time_stamps.iter().all(|stamp| !stamp.intact), "{report:?}");
}
