//! ASiC containers: one file or several, signed in CAdES or XAdES, and what is not signed in them.

use plico_signature::forge::{Flaw, Recipe, XmlRecipe, asic, asic_manifest, cades, xades_detached};
use plico_signature::report::{Container, Format, Indication, Problem, Reason, Report, SubIndication};

use crate::town::{CONTENT, NOW, look, recipe, town};

const SIMPLE: &str = "application/vnd.etsi.asic-s+zip";
const EXTENDED: &str = "application/vnd.etsi.asic-e+zip";
const OTHER: &[u8] = b"un allegato";
const P7S: &str = "META-INF/signature001.p7s";
const XML: &str = "META-INF/signatures001.xml";
const MANIFEST: &str = "META-INF/ASiCManifest001.xml";

fn detached(content: &[u8]) -> Vec<u8> {
    cades(&[&town().p256], content, &Recipe { flaws: &[Flaw::Detached], ..recipe() }).unwrap()
}

fn in_xml(files: &[(&str, &[u8])]) -> Vec<u8> {
    xades_detached(&town().rsa, files, &XmlRecipe::good(NOW)).unwrap()
}

fn open(kind: &str, members: &[(&str, &[u8])]) -> Report {
    let report = look(&asic(kind, members).unwrap());
    assert_eq!(report.container, Container::Asic);
    report
}

/// Intact, and over everything.
fn holds(report: &Report) -> bool {
    let good = |found: &plico_signature::report::SignatureReport| {
        found.intact && !found.reasons.contains(&Reason::PartlySigned)
    };
    !report.signatures.is_empty() && report.signatures.iter().all(good)
}

#[test]
fn one_file_with_either_signature() {
    let report = open(SIMPLE, &[("istanza.txt", CONTENT), ("META-INF/signature.p7s", &detached(CONTENT))]);
    assert!(holds(&report), "{report:?}");
    assert_eq!(report.signatures[0].format, Format::CadesB);
    let content = report.content.unwrap();
    assert_eq!((content.size, content.media_type.as_str()), (CONTENT.len() as u64, "text/plain"));
    let signature = in_xml(&[("istanza.txt", CONTENT)]);
    let report = open(SIMPLE, &[("istanza.txt", CONTENT), ("META-INF/signatures.xml", &signature)]);
    assert!(holds(&report), "{report:?}");
    assert_eq!(report.signatures[0].format, Format::XadesB);
    for signature in [("META-INF/signature.p7s", detached(CONTENT)), ("META-INF/signatures.xml", signature)] {
        let report = open(SIMPLE, &[("istanza.txt", OTHER), (signature.0, &signature.1)]);
        assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::HashFailure));
        // A second file, and no manifest to say which is meant.
        let report =
            open(SIMPLE, &[("istanza.txt", CONTENT), ("altro.txt", OTHER), (signature.0, &signature.1)]);
        assert!(!holds(&report), "{report:?}");
        assert_eq!(report.indication, Indication::Indeterminate);
    }
}

#[test]
fn several_files_under_a_manifest_or_in_xml() {
    let files: [(&str, &[u8]); 2] = [("istanza.txt", CONTENT), ("allegati/b%20c.txt", OTHER)];
    let inside: [(&str, &[u8]); 2] = [("istanza.txt", CONTENT), ("allegati/b c.txt", OTHER)];
    let manifest = asic_manifest(P7S, &files);
    let (p7s, xml) = (detached(&manifest), in_xml(&files));
    let with = |files: &[(&str, &[u8])], about: &[(&str, &[u8])]| open(EXTENDED, &[files, about].concat());
    let by_manifest: [(&str, &[u8]); 2] = [(MANIFEST, &manifest), (P7S, &p7s)];
    let by_xml: [(&str, &[u8]); 1] = [(XML, &xml)];
    for about in [&by_manifest[..], &by_xml] {
        let report = with(&inside, about);
        assert!(holds(&report), "{report:?}");
        // One more file that nobody signed, one less, one changed.
        let more = with(&[inside[0], inside[1], ("c.txt", b"dopo")], about);
        assert_eq!(more.indication, Indication::Indeterminate);
        assert!(more.signatures[0].reasons.contains(&Reason::PartlySigned), "{more:?}");
        assert!(!with(&inside[..1], about).signatures[0].intact);
        let changed = with(&[inside[0], (inside[1].0, b"un altro")], about);
        assert_eq!(changed.signatures[0].sub_indication, Some(SubIndication::HashFailure));
    }
    let both = with(&inside, &[by_manifest[0], by_manifest[1], by_xml[0]]);
    assert_eq!((both.signatures.len(), holds(&both)), (2, true));
    // A manifest that was changed to what the files are now.
    let other = asic_manifest(P7S, &[("istanza.txt", OTHER)]);
    let report = with(&[("istanza.txt", OTHER)], &[(MANIFEST, &other), (P7S, &p7s)]);
    assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::HashFailure));
    // One that is of another signature.
    let foreign = asic_manifest("META-INF/signature002.p7s", &files);
    assert!(!with(&inside, &[(MANIFEST, &foreign), (P7S, &p7s)]).signatures[0].intact);
}

#[test]
fn broken_containers_are_told() {
    let none = open(SIMPLE, &[("istanza.txt", CONTENT)]);
    assert_eq!((none.indication, none.signatures.len()), (Indication::NoSignatureFound, 0));
    let bad = open(SIMPLE, &[("istanza.txt", CONTENT), ("META-INF/signature.p7s", b"no signature")]);
    assert_eq!(bad.signatures[0].sub_indication, Some(SubIndication::FormatFailure));
    let file =
        asic(SIMPLE, &[("istanza.txt", CONTENT), ("META-INF/signature.p7s", &detached(CONTENT))]).unwrap();
    let cut = look(&file[..file.len() - 30]);
    assert_eq!((cut.container, cut.problem), (Container::Asic, Some(Problem::Damaged)));
    for at in (0..file.len()).step_by(3) {
        let mut changed = file.clone();
        changed[at] ^= 0x11;
        let report = look(&changed);
        if holds(&report) && report.container == Container::Asic {
            assert_eq!(report.content.unwrap().size, CONTENT.len() as u64);
        }
    }
    // A name twice in the directory of the container: who reads it may see either.
    let mut twice = asic(SIMPLE, &[("aaaa.txt", CONTENT), ("bbbb.txt", OTHER)]).unwrap();
    while let Some(at) = twice.windows(8).position(|name| name == b"bbbb.txt") {
        twice[at..at + 8].copy_from_slice(b"aaaa.txt");
    }
    assert_eq!(look(&twice).problem, Some(Problem::Damaged));
    // What unpacks to much more than it is.
    let bomb = vec![0; 70 * 1024 * 1024];
    let report = open(SIMPLE, &[("istanza.txt", &bomb), ("META-INF/signature.p7s", &detached(CONTENT))]);
    assert_eq!(report.problem, Some(Problem::TooComplex));
}
