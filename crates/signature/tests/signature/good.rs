use std::io::Cursor;

use plico_crypto::verify::Hash;
use plico_signature::forge::{Flaw, Recipe, Writing, cades};
use plico_signature::plain::{Holds, Plain};
use plico_signature::report::{Container, Encoding, Format, Indication, Problem, Reason, SubIndication};
use plico_signature::source::Memory;
use plico_signature::{Anchors, Options, extract, inspect, inspect_detached, inspect_stream, plain};

use crate::town::{CONTENT, NOW, YEAR, look, look_trusting, recipe, town};

#[test]
fn every_writing_and_supported_key_is_intact() {
    let town = town();
    let writings = [
        (Writing::Der, Encoding::Der),
        (Writing::Ber(7), Encoding::Ber),
        (Writing::Ber(4096), Encoding::Ber),
        (Writing::Base64, Encoding::Base64),
        (Writing::Base64Lines, Encoding::Base64),
        (Writing::Pem, Encoding::Pem),
    ];
    for (writing, encoding) in writings {
        for signer in [&town.rsa, &town.p256, &town.p384, &town.ed25519, &town.ed448] {
            let file = cades(&[signer], CONTENT, &Recipe { writing, ..recipe() }).unwrap();
            let report = look(&file);
            assert_eq!(report.container, Container::Cades, "{writing:?}");
            assert_eq!(report.encoding, Some(encoding));
            assert_eq!(report.indication, Indication::Indeterminate);
            let [found] = report.signatures.as_slice() else { panic!("{report:?}") };
            assert!(found.intact, "{writing:?} {found:?}");
            assert_eq!(found.format, Format::CadesB);
            assert_eq!(found.signer.common_name.as_deref(), Some("Anna Verdi"));
            assert_eq!(found.signer.fiscal_code.as_deref(), Some("VRDNNA85C43Z999B"));
            assert_eq!(found.claimed_signing_time.as_deref(), Some("2026-11-21T11:00:00Z"));
            let content = report.content.unwrap();
            assert_eq!((content.size, content.media_type.as_str()), (CONTENT.len() as u64, "text/plain"));
            let mut out = Vec::new();
            extract(&mut Memory(&file), true, &mut out).unwrap();
            assert_eq!(out, CONTENT);
        }
    }
}

#[test]
fn ed448_in_cms_has_its_own_digest() {
    let town = town();
    let file = cades(&[&town.ed448], CONTENT, &Recipe { hash: Hash::Shake256, ..recipe() }).unwrap();
    let [found] = look(&file).signatures.try_into().unwrap();
    assert!(found.intact, "{found:?}");
    assert_eq!((found.digest_algorithm.as_str(), found.signature_algorithm.as_str()), ("SHAKE256", "Ed448"));
    let mut changed = file;
    let at = changed.windows(CONTENT.len()).position(|window| window == CONTENT).unwrap();
    changed[at] ^= 1;
    assert!(!look(&changed).signatures[0].intact);
}

#[test]
fn the_json_has_the_published_keys() {
    let file = cades(&[&town().rsa], CONTENT, &recipe()).unwrap();
    let json = serde_json::to_value(look(&file)).unwrap();
    assert_eq!(json["container"], "cades");
    assert_eq!(json["indication"], "INDETERMINATE");
    assert_eq!(json["content"]["size"], CONTENT.len());
    assert_eq!(json["content"]["sha256"].as_str().unwrap().len(), 64);
    let signature = &json["signatures"][0];
    assert_eq!(signature["intact"], true);
    assert_eq!(signature["indication"], "INDETERMINATE");
    assert_eq!(signature["sub_indication"], "NO_CERTIFICATE_CHAIN_FOUND");
    assert_eq!(signature["format"], "CAdES-BASELINE-B");
    assert_eq!(signature["digest_algorithm"], "SHA-256");
    assert_eq!(signature["signature_algorithm"], "RSA-PKCS1-SHA-256");
    assert_eq!(signature["signer"]["common_name"], "Anna Verdi");
    assert_eq!(signature["counter_signatures"], serde_json::json!([]));
    let back: plico_signature::Report = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(back).unwrap(), json);
}

#[test]
fn trust_is_never_more_than_was_checked() {
    let town = town();
    let of = |signer, trusting: bool| {
        let file = cades(&[signer], CONTENT, &recipe()).unwrap();
        let report = if trusting { look_trusting(&file) } else { look(&file) };
        let found = report.signatures[0].clone();
        assert!(found.intact);
        (found.indication, found.sub_indication, found.reasons[0])
    };
    let unsure = |sub, reason| (Indication::Indeterminate, Some(sub), reason);
    use SubIndication::{ChainConstraintsFailure, NoCertificateChainFound, OutOfBoundsNoPoe, TryLater};
    assert_eq!(of(&town.rsa, false), unsure(NoCertificateChainFound, Reason::NoTrustAnchors));
    assert_eq!(of(&town.rsa, true), unsure(TryLater, Reason::RevocationNotChecked));
    assert_eq!(of(&town.expired, true), unsure(OutOfBoundsNoPoe, Reason::CertificateExpired));
    assert_eq!(of(&town.future, true), unsure(OutOfBoundsNoPoe, Reason::CertificateNotYetValid));
    assert_eq!(of(&town.alone, true), unsure(NoCertificateChainFound, Reason::NoPath));
    assert_eq!(of(&town.cipher, true), unsure(ChainConstraintsFailure, Reason::KeyUsage));

    // At a time when it was valid, the expired certificate is only unchecked.
    let file = cades(&[&town.expired], CONTENT, &recipe()).unwrap();
    let then = Options::at(NOW - 2 * YEAR, Some(&town.anchors));
    assert_eq!(inspect(&file, &then).signatures[0].sub_indication, Some(TryLater));
}

#[test]
fn a_certificate_that_is_itself_believed_passes() {
    let town = town();
    let file = cades(&[&town.alone], CONTENT, &recipe()).unwrap();
    let anchors = Anchors::from_pem(&town.alone.certificates_pem().unwrap()).unwrap();
    let report = inspect(&file, &Options::at(NOW, Some(&anchors)));
    assert_eq!(report.indication, Indication::TotalPassed);
    let Plain::Signed { signers, .. } = plain(&report) else { panic!() };
    assert_eq!(signers[0].holds, Holds::Valid);
    let late = inspect(&file, &Options::at(NOW + 2 * YEAR, Some(&anchors)));
    assert_eq!(late.indication, Indication::Indeterminate);
}

#[test]
fn parallel_nested_and_counter_signatures() {
    let town = town();
    let inner = cades(&[&town.rsa, &town.p256], CONTENT, &recipe()).unwrap();
    let counter = Recipe { counter: Some(&town.p384), writing: Writing::Ber(100), ..recipe() };
    let outer = cades(&[&town.p256], &inner, &counter).unwrap();
    let outermost =
        cades(&[&town.rsa], &outer, &Recipe { writing: Writing::Base64Lines, ..recipe() }).unwrap();
    let report = look(&outermost);
    assert_eq!(report.content.as_ref().unwrap().media_type, "application/pkcs7-mime");
    let middle = report.nested.as_deref().unwrap();
    let [countered] = middle.signatures[0].counter_signatures.as_slice() else { panic!("{middle:?}") };
    assert!(countered.intact && middle.signatures[0].intact);
    assert_eq!(report.innermost().signatures.len(), 2);
    assert_eq!(report.all_signatures().filter(|found| found.intact).count(), 4);
    assert_eq!(report.innermost().content.as_ref().unwrap().size, CONTENT.len() as u64);
    let mut out = Vec::new();
    extract(&mut Memory(&outermost), true, &mut out).unwrap();
    assert_eq!(out, CONTENT);
    let mut once = Vec::new();
    extract(&mut Memory(&outermost), false, &mut once).unwrap();
    assert_eq!(once, outer);
    let Plain::Signed { layers, signers, .. } = plain(&report) else { panic!() };
    assert_eq!((layers, signers.len()), (3, 4));
}

#[test]
fn layers_are_followed_to_a_limit() {
    let mut file = CONTENT.to_vec();
    for _ in 0..20 {
        file = cades(&[&town().p256], &file, &recipe()).unwrap();
    }
    let report = look(&file);
    assert_eq!(report.innermost().problem, Some(Problem::TooComplex));
    assert_eq!(report.all_signatures().count(), plico_signature::MAX_LAYERS);
    assert_eq!(plain(&report.innermost().clone()), Plain::TooComplex);
}

#[test]
fn detached_needs_its_content() {
    let file = cades(&[&town().rsa], CONTENT, &Recipe { flaws: &[Flaw::Detached], ..recipe() }).unwrap();
    let options = Options::at(NOW, None);
    let alone = look(&file);
    assert_eq!(alone.signatures[0].sub_indication, Some(SubIndication::SignedDataNotFound));
    assert!(!alone.signatures[0].intact && alone.content.is_none());
    let with = inspect_detached(&file, CONTENT, &options);
    assert!(with.signatures[0].intact);
    assert_eq!(with.content.unwrap().size, CONTENT.len() as u64);
    let other = inspect_detached(&file, b"altro", &options);
    assert_eq!(other.signatures[0].sub_indication, Some(SubIndication::HashFailure));
}

#[test]
fn other_digests_and_what_is_not_accepted() {
    let town = town();
    for (signer, hash) in [
        (&town.rsa, Hash::Sha384),
        (&town.p256, Hash::Sha512),
        (&town.p384, Hash::Sha256),
        (&town.brainpool, Hash::Sha256),
        (&town.brainpool, Hash::Sha512),
        (&town.rsa, Hash::Sha3_256),
        (&town.rsa, Hash::Sha3_512),
        (&town.p256, Hash::Sha3_384),
    ] {
        let found = look(&cades(&[signer], CONTENT, &Recipe { hash, ..recipe() }).unwrap());
        assert!(found.signatures[0].intact, "{hash:?}");
    }
    for (signer, hash, reason) in [
        (&town.rsa, Hash::Sha1, Reason::DigestWeak),
        (&town.p256, Hash::Sha224, Reason::DigestWeak),
        (&town.short, Hash::Sha256, Reason::KeyWeak),
    ] {
        let weak = look(&cades(&[signer], CONTENT, &Recipe { hash, ..recipe() }).unwrap());
        let found = &weak.signatures[0];
        assert!(found.intact, "{hash:?}");
        assert_eq!(found.sub_indication, Some(SubIndication::CryptoConstraintsFailureNoPoe));
        assert_eq!(found.reasons[0], reason);
    }
    let report = look(&cades(&[&town.other_curve], CONTENT, &recipe()).unwrap());
    let found = &report.signatures[0];
    assert_eq!(found.indication, Indication::Indeterminate);
    assert_eq!(found.reasons[0], Reason::AlgorithmUnsupported);
    assert!(!found.intact);
    let Plain::Signed { signers, .. } = plain(&report) else { panic!() };
    assert_eq!(signers[0].holds, Holds::Unknown { why: Some(Reason::AlgorithmUnsupported) });
}

#[test]
fn streams_and_memory_agree() {
    let content: Vec<u8> = (0..3_000_000u32).map(|n| (n * 31 % 251) as u8).collect();
    let options = Options::at(NOW, None);
    for writing in [Writing::Der, Writing::Ber(1000), Writing::Ber(4096), Writing::Base64Lines, Writing::Pem]
    {
        let file = cades(&[&town().p256], &content, &Recipe { writing, ..recipe() }).unwrap();
        let streamed = inspect_stream(Cursor::new(&file), &options).unwrap();
        assert_eq!(streamed, look(&file));
        assert!(streamed.signatures[0].intact);
    }
}
