//! Bytes made to hurt.

use std::time::Instant;

use plico_signature::forge::{
    KeyKind, Period, Pki, Recipe, Said, Writing, XmlRecipe, cades, pades, token, xades_enveloped,
};
use plico_signature::report::{Container, Indication, Problem, SubIndication};
use plico_signature::{Plain, fuzz_inspect, fuzz_parts, plain};
use proptest::prelude::*;

use crate::town::{CONTENT, NOW, look, recipe, town};

#[test]
fn every_cut_is_named_and_never_believed() {
    for writing in [Writing::Der, Writing::Ber(16)] {
        let file = cades(&[&town().p256], CONTENT, &Recipe { writing, ..recipe() }).unwrap();
        for length in 64..file.len() {
            let report = look(&file[..length]);
            assert_eq!(report.problem, Some(Problem::Truncated), "{writing:?} {length}");
            assert_eq!(report.indication, Indication::TotalFailed);
            assert_eq!(report.sub_indication, Some(SubIndication::FormatFailure));
            assert_eq!(plain(&report), Plain::CutShort);
        }
    }
}

#[test]
fn base64_broken_in_the_middle_is_cut_short() {
    let mut file = cades(&[&town().p256], CONTENT, &Recipe { writing: Writing::Base64, ..recipe() }).unwrap();
    let middle = file.len() / 2;
    file[middle] = 0xe8;
    assert_eq!(plain(&look(&file)), Plain::CutShort);
}

#[test]
fn text_and_other_files_are_told_from_envelopes() {
    for (bytes, media_type) in [
        (&b"Buongiorno, allego il documento firmato."[..], "text/plain"),
        (b"Mando", "text/plain"),
        (b"0123456789", "text/plain"),
        (b"MIIB", "text/plain"),
        (b"%PDF-1.4 ... %%EOF", "application/pdf"),
        (b"\x30\x03\x02\x01\x05", "application/octet-stream"),
    ] {
        let report = look(bytes);
        assert_eq!(report.container, Container::None, "{bytes:?}");
        assert_eq!(report.indication, Indication::NoSignatureFound);
        assert_eq!(plain(&report), Plain::NotSigned { media_type: media_type.into() });
    }
    assert_eq!(plain(&look(b"")), Plain::Empty);
    let xml = look(b"<a><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></a>");
    assert_eq!((xml.container, xml.indication), (Container::Xades, Indication::TotalFailed));
}

#[test]
fn huge_lengths_depth_and_numbers_end_quickly() {
    let signed_data = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    let start =
        [&[0x30, 0x80][..], signed_data, &[0xa0, 0x80, 0x30, 0x80, 2, 1, 1, 0x31, 0, 0x30, 0x80]].concat();
    let data = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
    let content = [&start[..], data, &[0xa0, 0x80]].concat();
    let hostile = [
        [&[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], signed_data].concat(),
        [&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff][..], signed_data].concat(),
        [&[0x30, 0x80][..], &[0x30, 0x80].repeat(2_000_000)].concat(),
        [&start[..], &[0x30, 0x80].repeat(500_000)].concat(),
        [&content[..], &[0x24, 0x80].repeat(300_000)].concat(),
        [&content[..], &[0x24, 0x80], &[0x04, 0x00].repeat(5_000_000)].concat(),
        [&content[..], &[0x24, 0x80], &[0x04, 0x01, 0x41].repeat(3_000_000)].concat(),
    ];
    for (index, bytes) in hostile.iter().enumerate() {
        let begun = Instant::now();
        let report = look(bytes);
        assert!(report.signatures.is_empty(), "{index}");
        assert_ne!(report.indication, Indication::TotalPassed);
        assert!(begun.elapsed().as_secs() < 60, "{index}: {:?}", begun.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        fuzz_inspect(&bytes);
        fuzz_parts(&bytes);
        fuzz_inspect(&[&[0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2][..], &bytes].concat());
    }

    #[test]
    fn changed_envelopes_never_panic_and_never_gain(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        writing in prop_oneof![Just(Writing::Der), Just(Writing::Ber(20)), Just(Writing::Base64), Just(Writing::Pem)],
        cut in any::<prop::sample::Index>(),
    ) {
        let town = town();
        let recipe = Recipe { writing, counter: Some(&town.p256), ..recipe() };
        let mut file = cades(&[&town.p256], CONTENT, &recipe).unwrap();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        fuzz_inspect(&file);
        let report = look(&file);
        // Whatever was changed: a content that is not ours is never intact.
        let ours = look(&cades(&[&town.p256], CONTENT, &crate::town::recipe()).unwrap()).content;
        if report.signatures.iter().any(|found| found.intact) {
            prop_assert_eq!(report.content, ours);
        }
        let length = cut.index(file.len());
        fuzz_inspect(&file[..length]);
    }

    #[test]
    fn changed_lists_and_answers_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        static SAID: std::sync::OnceLock<[Vec<u8>; 3]> = std::sync::OnceLock::new();
        let said = SAID.get_or_init(|| {
            let mut pki = Pki::new("Borgo", NOW).unwrap();
            let whose = pki.signer(&crate::town::subject(), KeyKind::P256).unwrap();
            let stamper = pki.stamper(&crate::town::subject(), KeyKind::P256, true).unwrap();
            let period = Period { from_ms: NOW, to_ms: Some(NOW + 1000) };
            [
                pki.crl(&[(&whose, NOW, 1)], period).unwrap(),
                pki.ocsp(&whose, Said::Revoked(NOW, 1), period, None).unwrap(),
                token(&stamper, CONTENT, NOW).unwrap(),
            ]
        });
        for original in said {
            let mut bytes = original.clone();
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            fuzz_parts(&bytes);
            let length = cut.index(bytes.len());
            fuzz_parts(&bytes[..length]);
        }
    }

    #[test]
    fn changed_xml_never_panics_and_never_gains(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let document = "<domanda xmlns='urn:d'><oggetto a='1'>Accesso agli atti</oggetto></domanda>";
        let mut file = xades_enveloped(&town().p256, document, &XmlRecipe::good(NOW)).unwrap();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        fuzz_parts(&file);
        fuzz_inspect(&file);
        if look(&file).signatures.iter().any(|found| found.intact) {
            prop_assert!(String::from_utf8_lossy(&file).contains(">Accesso agli atti</oggetto>"));
        }
        let length = cut.index(file.len());
        fuzz_inspect(&file[..length]);
    }

    #[test]
    fn changed_pdfs_never_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut file = pades(&town().p256, "Prova", "20261121120000Z").unwrap();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        fuzz_parts(&file);
    }
}
