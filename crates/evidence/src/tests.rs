//! What happens to a receipt when anything in it is touched.

mod bagged;
mod fixtures;
mod operator;
mod stamped;
mod touched;
mod world;

use std::collections::BTreeMap;

use plico_journal::note::Algorithm;
use plico_journal::{Proof, VerifierKey};
use plico_pdf::paper::{Sheet, render};
use proptest::prelude::*;

use super::*;
use crate::parts::OpenPart;

use world::*;

fn results(report: &Report, wanted: CheckResult) -> Vec<CheckName> {
    report.checks.iter().filter(|c| c.result == wanted).map(|c| c.name).collect()
}

#[test]
fn a_whole_receipt() {
    let world = World::new();
    let receipt = world.receipt();
    let report = verify(&receipt, &world.documents(), Some(&world.policy()), NOW);
    assert_eq!(results(&report, CheckResult::Failed), [], "{report:#?}");
    assert_eq!(
        results(&report, CheckResult::Absent),
        [CheckName::Timestamp, CheckName::Assertion],
        "{report:#?}"
    );
    assert_eq!(report.verdict, Verdict::Ok);
    let facts = &report.facts;
    assert_eq!((facts.origin.as_deref(), facts.index), (Some(ORIGIN), Some(INDEX)));
    assert_eq!(facts.kind.as_deref(), Some("message.presented"));
    assert_eq!(facts.instant.as_deref(), Some("2026-11-21T17:46:01.123Z"));
    assert_eq!(facts.parts["act"]["subject"], "Istanza");
    assert_eq!(facts.parts.keys().collect::<Vec<_>>(), ["act"]);
    assert_eq!(facts.documents.iter().map(|d| d.given).collect::<Vec<_>>(), [true, false]);
    // The cautious ends: the first witness that saw the tree without the event, the last that saw it with it.
    assert_eq!(facts.not_before.as_deref(), Some("2026-11-21T16:46:01Z"));
    assert_eq!(facts.not_after.as_deref(), Some("2026-11-21T18:45:02Z"));
    assert_eq!(facts.sealed_by.as_deref(), Some("Comune di Borgo San Plico"));
    let before = facts.succeeds.as_ref().unwrap();
    assert_eq!((before.origin.as_str(), before.size), (BEFORE, 42));

    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["verdict"], "ok");
    let names: Vec<_> =
        json["checks"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    let order = "leaf parts documents inclusion checkpoint continuity witnesses timestamp seal assertion";
    assert_eq!(names.join(" "), order);
    assert_eq!(json["checks"][0]["result"], "ok");
    assert!(!json.to_string().contains("secret"), "evidence of identity is not printed");
}

#[test]
fn without_a_policy_nothing_is_ok() {
    let world = World::new();
    let report = verify(&world.receipt(), &Given::default(), None, NOW);
    assert_eq!(report.verdict, Verdict::Incomplete);
    let ok = [CheckName::Leaf, CheckName::Parts, CheckName::Documents, CheckName::Inclusion];
    assert_eq!(results(&report, CheckResult::Ok), ok);
    assert_eq!(results(&report, CheckResult::Failed), []);
}

/// The check that must name a change in each attachment, wherever in it the byte lies.
#[test]
fn every_changed_byte_of_every_enclosure_is_named() {
    let world = World::new();
    let policy = world.policy();
    assert_eq!(world.check(&world.enclosure, Some(&policy)).verdict, Verdict::Ok);
    type Place = fn(&mut Enclosure) -> &mut Option<Vec<u8>>;
    let places: [(Place, &[CheckName]); 8] = [
        (|e| &mut e.leaf, &[CheckName::Leaf, CheckName::Inclusion]),
        (|e| &mut e.parts, &[CheckName::Parts]),
        (|e| &mut e.proof, &[CheckName::Inclusion, CheckName::Checkpoint, CheckName::Witnesses]),
        (|e| &mut e.earlier, &[CheckName::Continuity]),
        (|e| &mut e.consistency, &[CheckName::Continuity]),
        (|e| &mut e.opening, &[CheckName::Continuity]),
        (|e| &mut e.opening_parts, &[CheckName::Continuity]),
        (|e| &mut e.opening_path, &[CheckName::Continuity]),
    ];
    for (place, names) in places {
        let mut changed = world.enclosure.clone();
        let length = place(&mut changed).as_ref().unwrap().len();
        for at in 0..length {
            for bit in [1, 0x20] {
                let mut changed = world.enclosure.clone();
                place(&mut changed).as_mut().unwrap()[at] ^= bit;
                let report = world.check(&changed, Some(&policy));
                let named = names.iter().any(|name| report.result(*name) != CheckResult::Ok);
                assert!(named, "byte {at} of {names:?}: {report:#?}");
                // What another witness's name became is an unknown cosignature: it is missing, not false.
                let only_missing = report.result(CheckName::Witnesses) == CheckResult::Absent
                    || names[0] == CheckName::Continuity;
                assert!(
                    report.verdict == Verdict::Failed || only_missing,
                    "byte {at} of {names:?}: {report:#?}"
                );
            }
        }
        let mut missing = world.enclosure.clone();
        *place(&mut missing) = None;
        let report = world.check(&missing, Some(&policy));
        assert_ne!(report.result(names[0]), CheckResult::Ok, "{report:#?}");
    }
}

/// The same copies as a person would meet them: a PDF, first with the old seal, then sealed by whoever changed it.
#[test]
fn changed_copies_are_refused() {
    let world = World::new();
    let policy = world.policy();
    let receipt = world.receipt();
    let judge = |pdf: &[u8]| verify(pdf, &world.documents(), Some(&policy), NOW);
    let [_, before, after, _] =
        plico_signature::pades::verify(&receipt, &plico_signature::Options::at(NOW, None))[0].byte_range;
    let whole = judge(&receipt);
    // Any byte of the file: whatever else it breaks, the seal does not hold. In the room of the signature itself, which no signature
    // covers and no reader shows, what fills it up may change and nothing else.
    for at in (0..receipt.len()).step_by(701) {
        let mut changed = receipt.clone();
        changed[at] ^= 1;
        let report = judge(&changed);
        if (before..after).contains(&(at as u64)) {
            assert!(report.verdict != Verdict::Ok || report == whole, "byte {at}");
        } else {
            assert_ne!(report.result(CheckName::Seal), CheckResult::Ok, "byte {at}");
            assert_ne!(report.verdict, Verdict::Ok, "byte {at}");
        }
    }
    for cut in [receipt.len() - 1, receipt.len() / 2, 10, 0] {
        assert_ne!(judge(&receipt[..cut]).verdict, Verdict::Ok);
    }
    let longer = [&receipt[..], b"\n% more\n"].concat();
    assert_eq!(judge(&longer).result(CheckName::Seal), CheckResult::Failed);

    let mut changed = world.enclosure.clone();
    changed.leaf.as_mut().unwrap()[12] ^= 1;
    let report = judge(&world.pdf(&changed, &world.seal.sealer()));
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(report.result(CheckName::Seal), CheckResult::Ok);
    assert_eq!(report.result(CheckName::Inclusion), CheckResult::Failed);

    let stranger =
        Identity::new("Comune di Borgo San Plico", Some(&Identity::new("Test root", None, 3650)), 365);
    let report = judge(&world.pdf(&world.enclosure, &stranger.sealer()));
    assert_eq!(results(&report, CheckResult::Failed), [CheckName::Seal], "{report:#?}");

    let expired = Identity::new("Comune di Borgo San Plico", Some(&world.root), -1);
    let report = judge(&world.pdf(&world.enclosure, &expired.sealer()));
    assert_eq!((report.verdict, report.result(CheckName::Seal)), (Verdict::Incomplete, CheckResult::Absent));
}

#[test]
fn a_receipt_of_somebody_else() {
    let world = World::new();
    let other = |text: &str| Policy::parse(text.as_bytes()).unwrap();
    let renamed =
        VerifierKey::new("plico.example/c_b002/1", Algorithm::Ed25519, world.log.public_key()).unwrap();
    let report = world.check(&world.enclosure, Some(&other(&format!("log {renamed}\nquorum none\n"))));
    assert_eq!(report.result(CheckName::Checkpoint), CheckResult::Failed);
    let forged = VerifierKey::new(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    let report = world.check(&world.enclosure, Some(&other(&format!("log {forged}\nquorum none\n"))));
    assert_eq!(report.result(CheckName::Checkpoint), CheckResult::Failed);
    assert_eq!(report.result(CheckName::Continuity), CheckResult::Failed);

    // No quorum and no roots: nothing more is demanded, and what is there is still said.
    let lone = other(&format!("log {}\nquorum none\n", world.log_key()));
    let report = verify(&world.receipt(), &Given::default(), Some(&lone), NOW);
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(report.result(CheckName::Seal), CheckResult::Absent);
    assert_eq!((report.facts.not_before, report.facts.not_after), (None, None));

    // Roots of time stamps demand no seal, and judge none; roots of seals do both.
    let stranger =
        Identity::new("Comune di Borgo San Plico", Some(&Identity::new("Test root", None, 3650)), 365);
    let pem = String::from_utf8(world.root.pem()).unwrap();
    let logs = format!("log {}\nquorum none\n", world.log_key());
    for (roots, verdict, seal) in [
        ("roots timestamp", Verdict::Ok, CheckResult::Absent),
        ("roots seal", Verdict::Ok, CheckResult::Ok),
        ("", Verdict::Ok, CheckResult::Ok),
    ] {
        let policy = other(&format!("{logs}{roots}\n{pem}"));
        let report = verify(&world.receipt(), &Given::default(), Some(&policy), NOW);
        assert_eq!((report.verdict, report.result(CheckName::Seal)), (verdict, seal), "{roots}");
        // A stranger's seal is nobody's business where only time stamps are judged.
        let report =
            verify(&world.pdf(&world.enclosure, &stranger.sealer()), &Given::default(), Some(&policy), NOW);
        let verdict = if roots == "roots timestamp" { Verdict::Ok } else { Verdict::Failed };
        assert_eq!(report.verdict, verdict, "{roots}: {report:#?}");
    }
}

#[test]
fn documents_that_are_not_in_it() {
    let mut world = World::new();
    world.given.push(("another.pdf".into(), [0; 32]));
    let report = world.check(&world.enclosure, Some(&world.policy()));
    assert_eq!(results(&report, CheckResult::Failed), [CheckName::Documents]);
    assert!(report.checks[2].detail.contains("another.pdf"));

    // The list is not opened: the files could not be compared, so the verdict cannot be ok.
    let mut closed = world.enclosure.clone();
    let mut open = parts::parse(closed.parts.as_ref().unwrap()).unwrap();
    open.remove("documents");
    closed.parts = Some(parts::write(&open));
    let report = world.check(&closed, Some(&world.policy()));
    assert_eq!(
        (report.verdict, report.result(CheckName::Documents)),
        (Verdict::Incomplete, CheckResult::Absent)
    );
}

#[test]
fn an_earlier_checkpoint_bounds_the_time_or_is_refused() {
    let world = World::new();
    let policy = world.policy();
    // The checkpoint itself, with the empty proof that fits: consistent, but it holds the event already.
    let proof = Proof::parse(world.enclosure.proof.as_ref().unwrap()).unwrap();
    let same = Enclosure {
        earlier: Some(proof.note.to_string().into_bytes()),
        consistency: Some(Vec::new()),
        ..world.enclosure.clone()
    };
    assert_eq!(world.check(&same, Some(&policy)).result(CheckName::Continuity), CheckResult::Failed);
    let half = Enclosure { consistency: None, ..world.enclosure.clone() };
    assert_eq!(world.check(&half, Some(&policy)).result(CheckName::Continuity), CheckResult::Failed);
    let none = Enclosure { earlier: None, consistency: None, ..world.enclosure.clone() };
    let report = world.check(&none, Some(&policy));
    assert_eq!((report.verdict, report.result(CheckName::Continuity)), (Verdict::Ok, CheckResult::Absent));
}

#[test]
fn other_files() {
    for bytes in [&b""[..], b"%PDF-1.7\n", b"not a PDF at all", include_bytes!("lib.rs")] {
        let report = verify(bytes, &Given::default(), None, NOW);
        assert_eq!(report.checks.len(), 10);
        assert_ne!(report.verdict, Verdict::Ok);
    }
    let plain = render(&Sheet { language: "it".into(), title: "x".into(), ..Sheet::default() }).unwrap();
    let world = World::new();
    let report = verify(&plain, &Given::default(), Some(&world.policy()), NOW);
    assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
    assert_eq!(results(&report, CheckResult::Ok), []);
}

#[test]
fn policy_files() {
    let world = World::new();
    let pem = String::from_utf8(world.root.pem()).unwrap();
    let rest = world.policy_text().replace(&pem, "");
    for good in
        [format!("{rest}{pem}"), format!("{pem}{pem}{rest}"), world.policy_text().replace('\n', "\r\n")]
    {
        let policy = Policy::parse(good.as_bytes()).unwrap();
        assert!(policy.seal_roots().is_some() && policy.stamp_roots().is_some());
    }
    let found = |text: &str| {
        let policy = Policy::parse(text.as_bytes()).unwrap();
        (policy.seal_roots().is_some(), policy.stamp_roots().is_some(), policy.roots_pem().to_owned())
    };
    assert_eq!(found(&rest), (false, false, String::new()));
    let (seal, stamp) = (format!("roots seal\n{pem}"), format!("roots timestamp\n{pem}"));
    assert_eq!(found(&format!("{seal}{rest}")), (true, false, seal.clone()));
    assert_eq!(found(&format!("{rest}{}", stamp.replace('\n', "\r\n"))), (false, true, stamp.clone()));
    assert_eq!(found(&format!("{stamp}{rest}{seal}")), (true, true, format!("{stamp}{seal}")));
    // Says which; what it is for is not certificates.
    assert!(Policy::parse(format!("roots of all evil\n{rest}").as_bytes()).is_err());
    let lines = pem.lines().count();
    let error = Policy::parse(format!("{pem}trust me\n{rest}").as_bytes()).unwrap_err();
    assert_eq!(
        report::full(&error),
        format!("the policy cannot be read: line {} of the policy is malformed", lines + 1)
    );
    for bad in [
        pem.clone(),
        String::new(),
        rest.clone() + "-----BEGIN CERTIFICATE-----\nAAAA\n",
        rest.clone() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        rest + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        assert!(Policy::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn parts_have_one_spelling() {
    let open = OpenPart { salt: salt(1), bytes: b"{}".to_vec() };
    let text = String::from_utf8(parts::write(&BTreeMap::from([("act".into(), open)]))).unwrap();
    assert!(parts::parse(text.as_bytes()).is_ok());
    for (from, to) in [
        ("{\"v\"", "{ \"v\""),
        ("\"v\":1", "\"v\":2"),
        ("\"v\":1", "\"v\":1,\"w\":1"),
        ("\"act\":", "\"act\":{\"salt\":\"\",\"bytes\":\"\"},\"act\":"),
        ("AQE=", "AQF="),
        ("e30=", "e30"),
    ] {
        let bad = text.replacen(from, to, 1);
        assert!(bad != text && parts::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(parts::parse(&vec![b' '; parts::MAX_PARTS + 1]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_never_panic(bytes: Vec<u8>, text in "[ -~\n]{0,200}") {
        fuzz_verify(&bytes);
        fuzz_verify(text.as_bytes());
        let enclosure = Enclosure {
            leaf: Some(bytes.clone()),
            parts: Some(text.clone().into_bytes()),
            proof: Some(bytes.clone()),
            earlier: Some(text.into_bytes()),
            earlier_stamp: Some(bytes.clone()),
            consistency: Some(bytes.clone()),
            opening: Some(bytes.clone()),
            opening_parts: Some(bytes.clone()),
            opening_path: Some(bytes),
        };
        let mut facts = Facts::default();
        prop_assert!(read(&enclosure, &Given::default(), None, NOW, &mut facts).iter().all(|f| f.result != CheckResult::Ok));
    }
}
