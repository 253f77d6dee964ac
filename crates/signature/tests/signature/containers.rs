//! What lies around envelopes and beside them: mail messages, RFC 5544, M7M, time stamps in files of their own.

use std::process::Command;
use std::slice::from_ref;
use std::sync::OnceLock;

use plico_signature::der::{sequence, tlv};
use plico_signature::forge::{
    Flaw, KeyKind, Pki, Recipe, Signer, Subject, XmlRecipe, asic, cades, token, xades_enveloping,
};
use plico_signature::proof::PoeSource;
use plico_signature::report::{Container, Encoding, Indication, Problem, Reason, Report, SubIndication};
use plico_signature::revocation::Evidence;
use plico_signature::source::Memory;
use plico_signature::{Anchors, Options, Plain, extract, inspect, inspect_detached, plain};

use crate::town::{CONTENT, NOW, look, recipe, subject, town};

const DAY: i64 = 86_400_000;
const TSD: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f";

struct World {
    /// Expired ten days ago.
    anna: Signer,
    stamper: Signer,
    anchors: Anchors,
    evidence: Evidence,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
        let ended = Subject { to_ms: NOW - 10 * DAY, ..subject() };
        let anna = pki.signer(&ended, KeyKind::P256).unwrap();
        let stamper = Pki::new("Marche", NOW).unwrap().stamper(&subject(), KeyKind::P256, true).unwrap();
        let pem = [pki.anchors_pem().unwrap(), stamper.certificates_pem().unwrap()].concat();
        let period = plico_signature::forge::Period { from_ms: NOW - 15 * DAY, to_ms: Some(NOW + DAY) };
        let mut evidence = Evidence::default();
        evidence.add_crl(&pki.crl(&[], period).unwrap()).unwrap();
        evidence.add_crl(&pki.root_crl(None, period).unwrap()).unwrap();
        World { anna, stamper, anchors: Anchors::from_pem(&pem).unwrap(), evidence }
    })
}

fn options() -> Options<'static> {
    let World { anchors, evidence, .. } = world();
    Options { evidence: Some(evidence), ..Options::at(NOW, Some(anchors)) }
}

/// Signed 30 days ago with a certificate that has expired since.
fn signed() -> Vec<u8> {
    cades(&[&world().anna], CONTENT, &Recipe::good(NOW - 30 * DAY)).unwrap()
}

fn stamp(over: &[u8], at_ms: i64) -> Vec<u8> {
    token(&world().stamper, over, at_ms).unwrap()
}

fn answer(token: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&tlv(0x02, &[0])]), token])
}

/// `TimeStampedData` with what describes it, a content and tokens, each but the first over the one before.
fn stamped(meta: &[u8], content: Option<&[u8]>, tokens: &[Vec<u8>]) -> Vec<u8> {
    let links: Vec<u8> = tokens.iter().flat_map(|token| sequence(&[token])).collect();
    let content = content.map(|content| tlv(0x04, content)).unwrap_or_default();
    let data = sequence(&[&tlv(0x02, &[1]), meta, &content, &tlv(0xa0, &links)]);
    sequence(&[TSD, &tlv(0xa0, &data)])
}

fn meta(protected: bool) -> Vec<u8> {
    let flag: &[u8] = if protected { &[0xff] } else { &[0] };
    sequence(&[&tlv(0x01, flag), &tlv(0x0c, b"domanda.pdf.p7m"), &tlv(0x16, b"application/pkcs7-mime")])
}

/// The certificate expired, and the time stamp shows that the signature is older.
fn assert_proven(report: &Report) {
    let [stamp] = &report.time_stamps[..] else { panic!("{report:#?}") };
    assert!(stamp.intact && stamp.trusted, "{stamp:?}");
    let found = report.all_signatures().next().unwrap();
    assert_eq!((found.indication, found.reasons[0]), (Indication::TotalPassed, Reason::ProvenBefore));
    let best = found.times.as_ref().unwrap().opposable.as_ref().unwrap();
    assert_eq!(best.reference, Some(PoeSource::TimeStamp));
    assert_eq!(report.indication, Indication::TotalPassed);
}

/// Nothing proves that the signature is older.
fn assert_unproven(report: &Report) {
    let found = report.all_signatures().next().unwrap();
    assert!(found.intact);
    assert_eq!(found.sub_indication, Some(SubIndication::OutOfBoundsNotRevoked), "{report:#?}");
}

fn taken(file: &[u8], innermost: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    extract(&mut Memory(file), innermost, &mut out).ok().map(|_| out)
}

#[test]
fn a_stamp_beside_a_file_proves_when_it_was_there() {
    let file = signed();
    assert_unproven(&inspect(&file, &options()));
    let over = stamp(&file, NOW - 12 * DAY);
    for bytes in [over.clone(), answer(&over)] {
        assert_proven(&inspect(&file, &Options { stamps: from_ref(&bytes), ..options() }));
        assert_proven(&inspect_detached(&bytes, &file, &options()));
        let alone = inspect(&bytes, &options());
        assert_eq!((alone.container, alone.indication), (Container::Tst, Indication::NoSignatureFound));
        let said = &alone.time_stamps[0];
        assert_eq!((said.intact, said.trusted, said.reason), (false, false, Some(Reason::ContentMissing)));
        assert_eq!(said.at.as_deref(), Some("2026-11-09T12:00:00Z"));
        assert!(matches!(plain(&alone), Plain::NotSigned { .. }));
    }
    for wrong in [stamp(b"x", NOW - 12 * DAY), answer(&sequence(&[])), b"x".to_vec(), vec![]] {
        let report = inspect(&file, &Options { stamps: &[wrong], ..options() });
        assert_unproven(&report);
        assert_eq!(report.time_stamps[0].reason, Some(Reason::TimeStampWrong));
    }
    // Too late to prove anything, and by nobody.
    let late = stamp(&file, NOW - DAY);
    assert_unproven(&inspect(&file, &Options { stamps: &[late], ..options() }));
    let nobody = token(&town().p256, &file, NOW - 12 * DAY).unwrap();
    assert_unproven(&inspect(&file, &Options { stamps: &[nobody], ..options() }));
}

#[test]
fn time_stamped_data_is_read_and_proves() {
    let file = signed();
    let over = stamp(&file, NOW - 12 * DAY);
    let described = stamp(&[meta(true), file.clone()].concat(), NOW - 12 * DAY);
    for whole in [
        stamped(&[], Some(&file), from_ref(&over)),
        stamped(&meta(false), Some(&file), from_ref(&over)),
        stamped(&meta(true), Some(&file), from_ref(&described)),
        stamped(
            &[tlv(0x16, b"http://borgo.example/d"), meta(true)].concat(),
            Some(&file),
            from_ref(&described),
        ),
    ] {
        let report = inspect(&whole, &options());
        assert_eq!((report.container, report.problem), (Container::Tsd, None));
        assert_proven(&report);
        assert_eq!(taken(&whole, true).as_deref(), Some(CONTENT));
        assert_eq!(taken(&whole, false), Some(file.clone()));
        let text = openssl::base64::encode_block(&whole).into_bytes();
        let report = inspect(&text, &options());
        assert_eq!(report.encoding, Some(Encoding::Base64));
        assert_proven(&report);
    }
    // The content beside it, and what described it changed.
    let beside = stamped(&meta(true), None, from_ref(&described));
    assert_proven(&inspect_detached(&beside, &file, &options()));
    assert_eq!(inspect(&beside, &options()).problem, Some(Problem::Unsupported));
    for wrong in [
        stamped(&meta(true), Some(&file), from_ref(&over)),
        stamped(&meta(false), Some(&file), &[described]),
        stamped(&[], Some(&[&file[..], b"x"].concat()), from_ref(&over)),
    ] {
        let report = inspect(&wrong, &options());
        assert_eq!(report.time_stamps[0].reason, Some(Reason::TimeStampWrong));
        assert_unproven(&report);
    }
    let unsigned =
        inspect(&stamped(&[], Some(b"Buongiorno"), &[stamp(b"Buongiorno", NOW - DAY)]), &options());
    assert!(unsigned.time_stamps[0].trusted && unsigned.nested.is_none());
    assert_eq!(unsigned.indication, Indication::NoSignatureFound);
    assert_eq!(plain(&unsigned), Plain::NotSigned { media_type: "text/plain".into() });
}

#[test]
fn what_bouncycastle_writes_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/p7m/bouncycastle.tsd");
    let file = std::fs::read(path).unwrap();
    let report = look(&file);
    let [stamp] = &report.time_stamps[..] else { panic!("{report:#?}") };
    assert!(stamp.intact && !stamp.trusted);
    assert_eq!(stamp.authority.as_deref(), Some("Marche di prova"));
    assert!(report.nested.unwrap().signatures[0].intact);
    // The stamp is over the file's name, too.
    let mut renamed = file;
    let at = renamed.windows(11).position(|window| window == b"content.txt").unwrap();
    renamed[at] = b'C';
    assert!(!look(&renamed).time_stamps[0].intact);
}

#[test]
fn a_stamp_is_renewed_by_the_next() {
    let file = signed();
    let first = stamp(&file, NOW - 12 * DAY);
    let second = stamp(&sequence(&[&first]), NOW - 2 * DAY);
    let report = inspect(&stamped(&[], Some(&file), &[first.clone(), second]), &options());
    assert!(report.time_stamps.len() == 2 && report.time_stamps.iter().all(|stamp| stamp.trusted));
    // One that is over something else, and what comes after it.
    let other = stamp(&sequence(&[&stamp(b"x", NOW)]), NOW - 2 * DAY);
    let after = stamp(&sequence(&[&other]), NOW - DAY);
    let report = inspect(&stamped(&[], Some(&file), &[first, other, after]), &options());
    let intact: Vec<bool> = report.time_stamps.iter().map(|stamp| stamp.intact).collect();
    assert_eq!(intact.iter().filter(|&&intact| intact).count(), 1, "{report:#?}");
    let broken = stamped(&[], Some(&file), &[stamp(b"x", NOW - 12 * DAY), stamp(b"y", NOW - 12 * DAY)]);
    assert_unproven(&inspect(&broken, &options()));
}

#[test]
fn evidence_of_another_kind_and_damage_are_said() {
    let over = stamp(CONTENT, NOW - DAY);
    let file = stamped(&[], Some(CONTENT), from_ref(&over));
    let mut records = file.clone();
    let at = file.len() - tlv(0xa0, &sequence(&[&over])).len();
    assert_eq!(records[at], 0xa0);
    records[at] = 0xa1;
    let report = inspect(&records, &options());
    assert_eq!((report.problem, report.indication), (Some(Problem::Unsupported), Indication::Indeterminate));
    for length in 30..file.len() {
        let report = inspect(&file[..length], &options());
        assert_eq!(
            (report.container, report.problem),
            (Container::Tsd, Some(Problem::Truncated)),
            "{length}"
        );
    }
    assert_eq!(inspect(&stamped(&[], Some(CONTENT), &[]), &options()).problem, Some(Problem::Damaged));
}

fn openssl(folder: &std::path::Path, line: &str) -> bool {
    let run = Command::new("openssl").current_dir(folder).args(line.split(' ')).output();
    let Ok(run) = run else {
        eprintln!("openssl is not installed: its messages were not read");
        return false;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    true
}

#[test]
fn signed_messages_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let body = b"Content-Type: text/plain\r\n\r\nGentile ufficio,\r\nallego.\r\n";
    std::fs::write(path("content"), body).unwrap();
    for signer in [&town().rsa, &town().p256] {
        std::fs::write(path("own.pem"), signer.certificates_pem().unwrap()).unwrap();
        std::fs::write(path("own.key"), signer.key_pem().unwrap()).unwrap();
        let line = "cms -sign -cades -md sha256 -in content -signer own.pem -inkey own.key -outform SMIME -out signed";
        if !openssl(folder.path(), line) {
            return;
        }
        let file = std::fs::read(path("signed")).unwrap();
        let report = look(&file);
        assert_eq!((report.container, report.encoding), (Container::Smime, Some(Encoding::Smime)));
        let [found] = &report.signatures[..] else { panic!("{report:#?}") };
        assert!(found.intact, "{report:#?}");
        assert_eq!(found.sub_indication, Some(SubIndication::NoCertificateChainFound));
        let taken = taken(&file, true).unwrap();
        assert_eq!(String::from_utf8(taken).unwrap().replace("\r\n", "\n"), "Gentile ufficio,\nallego.\n");
        // Other line ends are the way's doing; another word is not.
        let text = String::from_utf8(file).unwrap().replace("\r\n", "\n");
        assert!(look(text.as_bytes()).signatures[0].intact);
        assert!(look(text.replace('\n', "\r\n").as_bytes()).signatures[0].intact);
        let altered = look(text.replace("allego", "allega").as_bytes());
        assert_eq!(altered.signatures[0].sub_indication, Some(SubIndication::HashFailure));
    }
}

/// A message of parts, each with its headers.
fn message(kind: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text =
        format!("MIME-Version: 1.0\r\nContent-Type: {kind}; boundary=\"=_x\"\r\n\r\n").into_bytes();
    for (headers, body) in parts {
        text.extend(format!("--=_x\r\n{headers}\r\n\r\n").as_bytes());
        text.extend_from_slice(body);
        text.extend(b"\r\n");
    }
    text.extend(b"--=_x--\r\n");
    text
}

#[test]
fn an_envelope_with_its_stamp_in_one_message() {
    let file = signed();
    let reply = answer(&stamp(&file, NOW - 12 * DAY));
    let p7m = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"a.p7m\"\r\nContent-Transfer-Encoding:";
    let tsr = "Content-Type: application/timestamp-reply; name=\"a.tsr\"\r\nContent-Transfer-Encoding:";
    let text = |bytes: &[u8]| openssl::base64::encode_block(bytes).into_bytes();
    let binary =
        message("multipart/mixed", &[(&format!("{p7m} binary"), &file), (&format!("{tsr} binary"), &reply)]);
    let coded = message(
        "multipart/mixed",
        &[(&format!("{p7m} base64"), &text(&file)), (&format!("{tsr} base64"), &text(&reply))],
    );
    for whole in [binary, coded] {
        let report = inspect(&whole, &options());
        assert_eq!((report.container, report.problem), (Container::Smime, None));
        assert_proven(&report);
        assert_eq!(taken(&whole, true).as_deref(), Some(CONTENT));
    }
    let alone =
        message("multipart/mixed", &[("Content-Type: text/plain", b"x"), (&format!("{p7m} binary"), &file)]);
    assert_unproven(&inspect(&alone, &options()));
    let single = [format!("MIME-Version: 1.0\r\n{p7m} binary\r\n\r\n").as_bytes(), &file].concat();
    assert_unproven(&inspect(&single, &options()));
    assert_eq!(taken(&single, true).as_deref(), Some(CONTENT));
    // Recognised, and in an encoding that is not read.
    let quoted = message("multipart/mixed", &[(&format!("{p7m} quoted-printable"), b"=30=82")]);
    assert_eq!(inspect(&quoted, &options()).problem, Some(Problem::Unsupported));
}

#[test]
fn a_message_without_a_whole_signature_is_damaged_or_none() {
    let part = ("Content-Type: text/plain", &b"x"[..]);
    let detached = cades(&[&town().p256], b"x", &Recipe { flaws: &[Flaw::Detached], ..recipe() }).unwrap();
    let signature = ("Content-Type: application/pkcs7-signature", detached.as_slice());
    for parts in [&[part][..], &[part, part], &[part, signature, part], &[signature, part], &[]] {
        let report = look(&message("multipart/signed", parts));
        assert_eq!(
            (report.container, report.problem),
            (Container::Smime, Some(Problem::Damaged)),
            "{report:?}"
        );
    }
    // A signature over something else.
    let report = look(&message("multipart/signed", &[part, signature]));
    assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::HashFailure));
    let plain = look(&message("multipart/mixed", &[part, part]));
    assert_eq!((plain.container, plain.indication), (Container::None, Indication::NoSignatureFound));
}

#[test]
fn contents_are_taken_out_of_xml_and_containers() {
    let signer = &town().p256;
    let xml = xades_enveloping(signer, b"<a  b='1'>x</a>", &XmlRecipe::good(NOW)).unwrap();
    assert_eq!(taken(&xml, true).as_deref(), Some(&b"<a b=\"1\">x</a>"[..]));
    let bytes = xades_enveloping(signer, b"\x00\x01", &XmlRecipe::good(NOW)).unwrap();
    assert_eq!(taken(&bytes, true).as_deref(), Some(&b"\x00\x01"[..]));
    let file = signed();
    let nested = xades_enveloping(signer, &file, &XmlRecipe::good(NOW)).unwrap();
    assert_eq!((taken(&nested, true).as_deref(), taken(&nested, false)), (Some(CONTENT), Some(file)));
    let enveloped =
        plico_signature::forge::xades_enveloped(signer, "<a>x</a>", &XmlRecipe::good(NOW)).unwrap();
    assert_eq!(taken(&enveloped, true), None);
    let kind = "application/vnd.etsi.asic-s+zip";
    let one = asic(kind, &[("a.txt", b"Buongiorno"), ("META-INF/signature.p7s", b"x")]).unwrap();
    assert_eq!(taken(&one, true).as_deref(), Some(&b"Buongiorno"[..]));
    let two = asic(kind, &[("a.txt", b"x"), ("b.txt", b"y")]).unwrap();
    assert_eq!((taken(&two, true), taken(b"Buongiorno", true)), (None, None));
}
