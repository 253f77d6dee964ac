//! A whole receipt, made as one is issued, and what happens to it when anything in it is touched.

use std::collections::BTreeMap;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509NameBuilder};
use plico_crypto::digest::sha256;
use plico_crypto::ed25519::SigningKey;
use plico_journal::leaf::{document_commitment, part_commitment};
use plico_journal::merkle::{Hash, consistency_proof, inclusion_proof, leaf_hash, root, subtree_root};
use plico_journal::note::{Algorithm, cosigned_message};
use plico_journal::proof::write_hashes;
use plico_journal::{Checkpoint, Leaf, Note, Proof, VerifierKey};
use plico_pdf::paper::{Attachment, Block, Relationship, Sheet, render};
use plico_pdf::seal::{RESERVE, Seal};
use plico_signature::seal::Sealer;
use proptest::prelude::*;

use super::*;
use crate::enclosure::{CONSISTENCY, EARLIER, LEAF, PARTS, POLICY_HINT, PROOF};
use crate::parts::{DocumentEntry, OpenPart};

const ORIGIN: &str = "plico.example/c_a001/1";
const NOW: i64 = 1_795_286_761_123;
const INDEX: u64 = 5;
const SIZE: u64 = 11;
const EARLIER_SIZE: u64 = 3;

/// A certificate and its key.
struct Identity {
    key: PKey<Private>,
    certificate: X509,
}

impl Identity {
    fn new(name: &str, issuer: Option<&Identity>, days: i64) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut subject = X509NameBuilder::new().unwrap();
        subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
        let subject = subject.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let serial = BigNum::from_u32(if issuer.is_some() { 2 } else { 1 }).unwrap();
        builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(issuer.map_or(&subject, |i| i.certificate.subject_name())).unwrap();
        builder.set_pubkey(&key).unwrap();
        let at = |days: i64| Asn1Time::from_unix(NOW / 1000 + days * 86_400).unwrap();
        builder.set_not_before(&at(-30)).unwrap();
        builder.set_not_after(&at(days)).unwrap();
        if issuer.is_none() {
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        } else {
            let usage = KeyUsage::new().critical().non_repudiation().digital_signature().build().unwrap();
            builder.append_extension(usage).unwrap();
        }
        builder.sign(issuer.map_or(&key, |i| &i.key), MessageDigest::sha256()).unwrap();
        Self { key, certificate: builder.build() }
    }

    fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    fn sealer(&self) -> Sealer {
        Sealer::from_pem(&self.key.private_key_to_pem_pkcs8().unwrap(), &self.pem()).unwrap()
    }
}

/// A log with its witnesses, its seal, and one receipt's enclosures.
struct World {
    log: SigningKey,
    witnesses: [SigningKey; 2],
    root: Identity,
    seal: Identity,
    enclosure: Enclosure,
    given: Vec<(String, Digest)>,
}

fn salt(n: u8) -> [u8; 32] {
    [n; 32]
}

impl World {
    fn new() -> Self {
        let root = Identity::new("Test root", None, 3650);
        let seal = Identity::new("Comune di Borgo San Plico", Some(&root), 365);
        let mut world = Self {
            log: SigningKey::from_seed([1; 32]),
            witnesses: [SigningKey::from_seed([2; 32]), SigningKey::from_seed([3; 32])],
            root,
            seal,
            enclosure: Enclosure::default(),
            given: Vec::new(),
        };
        world.issue();
        world
    }

    fn issue(&mut self) {
        let files = [b"the request".as_slice(), b"an attachment"];
        let entries: Vec<_> = (0u8..)
            .zip(files)
            .map(|(n, bytes)| DocumentEntry {
                id: format!("01DOC{n}"),
                name: format!("file \u{e0} {n}.pdf"),
                media_type: "application/pdf".into(),
                size: bytes.len() as u64,
                sha256: sha256(bytes),
                salt: salt(40 + n),
                role: if n == 0 { "primary" } else { "attachment" }.into(),
            })
            .collect();
        self.given = vec![("mine.pdf".into(), entries[0].sha256)];
        let open = |n, bytes: &[u8]| OpenPart { salt: salt(n), bytes: bytes.to_vec() };
        let mut parts = BTreeMap::from([
            ("act".to_owned(), open(10, br#"{"v":1,"subject":"Istanza"}"#)),
            ("documents".to_owned(), open(11, &parts::write_documents(&entries))),
            ("internal".to_owned(), open(12, br#"{"v":1,"note":"not for the holder"}"#)),
            ("login".to_owned(), open(13, br#"{"v":1,"assertion":"secret"}"#)),
        ]);
        let leaf = Leaf {
            origin: ORIGIN.into(),
            index: INDEX,
            instant_ms: NOW - 3_600_000,
            kind: "message.presented".into(),
            subject: [7; 16],
            previous: None,
            parts: parts.iter().map(|(name, p)| (name.clone(), part_commitment(&p.salt, &p.bytes))).collect(),
            documents: entries.iter().map(|e| document_commitment(&e.salt, &e.sha256)).collect(),
        };
        parts.remove("internal");
        let leaf = leaf.to_bytes().unwrap();
        let hashes: Vec<Hash> = (0..SIZE)
            .map(|n| if n == INDEX { leaf_hash(&leaf) } else { leaf_hash(&n.to_be_bytes()) })
            .collect();
        let mut node =
            |level: u8, index: u64| -> Result<Hash, plico_journal::merkle::ProveError<std::fmt::Error>> {
                let (from, count) = ((index << level) as usize, 1usize << level);
                Ok(subtree_root(&hashes[from..from + count]))
            };
        let checkpoint =
            Checkpoint { origin: ORIGIN.into(), size: SIZE, root: root(SIZE, &mut node).unwrap() };
        let earlier = Checkpoint {
            origin: ORIGIN.into(),
            size: EARLIER_SIZE,
            root: root(EARLIER_SIZE, &mut node).unwrap(),
        };
        let proof = Proof {
            extra: None,
            index: INDEX,
            hashes: inclusion_proof(INDEX, SIZE, &mut node).unwrap(),
            note: self.sign(&checkpoint, NOW / 1000 - 60),
            checkpoint,
        };
        self.enclosure = Enclosure {
            leaf: Some(leaf),
            parts: Some(parts::write(&parts)),
            proof: Some(proof.to_string().into_bytes()),
            earlier: Some(self.sign(&earlier, NOW / 1000 - 7200).to_string().into_bytes()),
            consistency: Some(
                write_hashes(&consistency_proof(EARLIER_SIZE, SIZE, &mut node).unwrap()).into_bytes(),
            ),
        };
    }

    fn log_key(&self) -> VerifierKey {
        VerifierKey::new(ORIGIN, Algorithm::Ed25519, self.log.public_key()).unwrap()
    }

    fn witness_key(&self, n: usize) -> VerifierKey {
        VerifierKey::new(format!("w{n}.example"), Algorithm::Cosignature, self.witnesses[n].public_key())
            .unwrap()
    }

    fn sign(&self, checkpoint: &Checkpoint, first: i64) -> Note {
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(&self.log_key(), &self.log.sign(note.text().as_bytes()));
        for (n, witness) in self.witnesses.iter().enumerate() {
            let time = first as u64 + n as u64;
            let signature = witness.sign(&cosigned_message(time, note.text()));
            note.add_cosignature(&self.witness_key(n), time, &signature);
        }
        note
    }

    fn policy_text(&self) -> String {
        format!(
            "{}log {}\nwitness w0 {}\nwitness w1 {}\ngroup both all w0 w1\nquorum both\n",
            String::from_utf8(self.root.pem()).unwrap(),
            self.log_key(),
            self.witness_key(0),
            self.witness_key(1),
        )
    }

    fn policy(&self) -> Policy {
        Policy::parse(self.policy_text().as_bytes()).unwrap()
    }

    /// The receipt as issued, but for what the caller did to the enclosure.
    fn pdf(&self, enclosure: &Enclosure, sealer: &Sealer) -> Vec<u8> {
        let files = [
            (LEAF, &enclosure.leaf),
            (PARTS, &enclosure.parts),
            (PROOF, &enclosure.proof),
            (EARLIER, &enclosure.earlier),
            (CONSISTENCY, &enclosure.consistency),
            (POLICY_HINT, &Some(self.policy_text().into_bytes())),
        ];
        let attachments = files
            .into_iter()
            .filter_map(|(name, bytes)| {
                Some(Attachment {
                    name: name.into(),
                    media_type: "text/plain".into(),
                    description: "evidence".into(),
                    bytes: bytes.clone()?,
                    relationship: Relationship::Supplement,
                })
            })
            .collect();
        let sheet = Sheet {
            language: "it".into(),
            title: "Ricevuta di presentazione".into(),
            created_ms: NOW,
            document_id: "01RECEIPT".into(),
            blocks: vec![Block::Title("Ricevuta di presentazione".into())],
            attachments,
            ..Sheet::default()
        };
        let what = Seal { name: "Comune", reason: "Sigillo", at_ms: NOW, reserve: RESERVE };
        plico_pdf::seal::seal(&render(&sheet).unwrap(), &what, |digest| sealer.sign_detached(digest)).unwrap()
    }

    fn receipt(&self) -> Vec<u8> {
        self.pdf(&self.enclosure, &self.seal.sealer())
    }

    /// Everything but the PDF around it.
    fn check(&self, enclosure: &Enclosure, policy: Option<&Policy>) -> Report {
        let mut facts = Facts::default();
        let mut findings = read(enclosure, &self.given, policy, &mut facts);
        findings.push(Finding::ok(CheckName::Seal, ""));
        Report::new(facts, findings, &demands(&self.given, policy), policy.is_some())
    }
}

fn results(report: &Report, wanted: CheckResult) -> Vec<CheckName> {
    report.checks.iter().filter(|c| c.result == wanted).map(|c| c.name).collect()
}

#[test]
fn a_whole_receipt() {
    let world = World::new();
    let receipt = world.receipt();
    let report = verify(&receipt, &world.given, Some(&world.policy()), NOW);
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
    let report = verify(&world.receipt(), &[], None, NOW);
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
    let places: [(Place, &[CheckName]); 5] = [
        (|e| &mut e.leaf, &[CheckName::Leaf, CheckName::Inclusion]),
        (|e| &mut e.parts, &[CheckName::Parts]),
        (|e| &mut e.proof, &[CheckName::Inclusion, CheckName::Checkpoint, CheckName::Witnesses]),
        (|e| &mut e.earlier, &[CheckName::Continuity]),
        (|e| &mut e.consistency, &[CheckName::Continuity]),
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
    let judge = |pdf: &[u8]| verify(pdf, &world.given, Some(&policy), NOW);
    let [_, before, after, _] =
        plico_signature::pades::verify(&receipt, &plico_signature::Options { at_ms: NOW, anchors: None })[0]
            .byte_range;
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
    let report = verify(&world.receipt(), &[], Some(&lone), NOW);
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(report.result(CheckName::Seal), CheckResult::Absent);
    assert_eq!((report.facts.not_before, report.facts.not_after), (None, None));
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
        let report = verify(bytes, &[], None, NOW);
        assert_eq!(report.checks.len(), 10);
        assert_ne!(report.verdict, Verdict::Ok);
    }
    let plain = render(&Sheet { language: "it".into(), title: "x".into(), ..Sheet::default() }).unwrap();
    let world = World::new();
    let report = verify(&plain, &[], Some(&world.policy()), NOW);
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
        assert!(Policy::parse(good.as_bytes()).unwrap().roots().is_some());
    }
    assert!(Policy::parse(rest.as_bytes()).unwrap().roots().is_none());
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
            consistency: Some(bytes),
        };
        let mut facts = Facts::default();
        prop_assert!(read(&enclosure, &[], None, &mut facts).iter().all(|f| f.result != CheckResult::Ok));
    }
}
