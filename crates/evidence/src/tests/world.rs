//! A log with its witnesses and its seal, and a whole receipt as one is issued.

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

use super::super::*;
use crate::enclosure::{
    CONSISTENCY, EARLIER, EARLIER_STAMP, LEAF, OPENING, OPENING_PARTS, OPENING_PATH, PARTS, POLICY_HINT,
    PROOF,
};
use crate::parts::{DocumentEntry, OpenPart};

pub(super) const ORIGIN: &str = "plico.example/c_a001/2";
/// The log that this one goes on from.
pub(super) const BEFORE: &str = "plico.example/c_a001/1";
pub(super) const NOW: i64 = 1_795_286_761_123;
pub(super) const INDEX: u64 = 5;
pub(super) const SIZE: u64 = 11;
pub(super) const EARLIER_SIZE: u64 = 3;

/// A certificate and its key.
pub(super) struct Identity {
    pub(super) key: PKey<Private>,
    pub(super) certificate: X509,
}

impl Identity {
    pub(super) fn new(name: &str, issuer: Option<&Identity>, days: i64) -> Self {
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

    pub(super) fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    pub(super) fn sealer(&self) -> Sealer {
        Sealer::from_pem(&self.key.private_key_to_pem_pkcs8().unwrap(), &self.pem()).unwrap()
    }
}

/// A log with its witnesses, its seal, and one receipt's enclosures.
pub(super) struct World {
    pub(super) log: SigningKey,
    pub(super) witnesses: [SigningKey; 2],
    pub(super) root: Identity,
    pub(super) seal: Identity,
    pub(super) enclosure: Enclosure,
    pub(super) given: Vec<(String, Digest)>,
    /// Which event stands at a place of the log, but at the first and the receipt's own.
    pub(super) history: fn(u64) -> u64,
    /// When the receipt's event is said to have happened.
    pub(super) instant_ms: i64,
    /// Whether the witnesses cosign it.
    pub(super) witnessed: bool,
}

pub(super) fn salt(n: u8) -> [u8; 32] {
    [n; 32]
}

/// The first event of a log that goes on from another, and its act.
pub(super) fn opening() -> (Vec<u8>, OpenPart) {
    let act = format!(
        r#"{{"v":1,"origin":"{ORIGIN}","predecessor":{{"origin":"{BEFORE}","size":42,"root":"{}"}}}}"#,
        "ab".repeat(32)
    );
    let act = OpenPart { salt: salt(20), bytes: act.into_bytes() };
    let leaf = Leaf {
        origin: ORIGIN.into(),
        index: 0,
        instant_ms: NOW - 7_200_000,
        kind: "log.opened".into(),
        subject: [6; 16],
        previous: None,
        parts: BTreeMap::from([("act".to_owned(), part_commitment(&act.salt, &act.bytes))]),
        documents: Vec::new(),
    };
    (leaf.to_bytes().unwrap(), act)
}

impl World {
    pub(super) fn new() -> Self {
        let root = Identity::new("Test root", None, 3650);
        let seal = Identity::new("Comune di Borgo San Plico", Some(&root), 365);
        let mut world = Self {
            log: SigningKey::from_seed([1; 32]),
            witnesses: [SigningKey::from_seed([2; 32]), SigningKey::from_seed([3; 32])],
            root,
            seal,
            enclosure: Enclosure::default(),
            given: Vec::new(),
            history: |place| place,
            instant_ms: NOW - 3_600_000,
            witnessed: true,
        };
        world.issue();
        world
    }

    pub(super) fn issue(&mut self) {
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
            instant_ms: self.instant_ms,
            kind: "message.presented".into(),
            subject: [7; 16],
            previous: None,
            parts: parts.iter().map(|(name, p)| (name.clone(), part_commitment(&p.salt, &p.bytes))).collect(),
            documents: entries.iter().map(|e| document_commitment(&e.salt, &e.sha256)).collect(),
        };
        parts.remove("internal");
        let leaf = leaf.to_bytes().unwrap();
        let (opening, opened) = opening();
        let hashes: Vec<Hash> = (0..SIZE)
            .map(|n| match n {
                0 => leaf_hash(&opening),
                INDEX => leaf_hash(&leaf),
                other => leaf_hash(&(self.history)(other).to_be_bytes()),
            })
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
            earlier_stamp: None,
            earlier: Some(self.sign(&earlier, NOW / 1000 - 7200).to_string().into_bytes()),
            consistency: Some(
                write_hashes(&consistency_proof(EARLIER_SIZE, SIZE, &mut node).unwrap()).into_bytes(),
            ),
            opening: Some(opening),
            opening_parts: Some(parts::write(&BTreeMap::from([("act".to_owned(), opened)]))),
            opening_path: Some(write_hashes(&inclusion_proof(0, SIZE, &mut node).unwrap()).into_bytes()),
        };
    }

    pub(super) fn log_key(&self) -> VerifierKey {
        VerifierKey::new(ORIGIN, Algorithm::Ed25519, self.log.public_key()).unwrap()
    }

    pub(super) fn witness_key(&self, n: usize) -> VerifierKey {
        VerifierKey::new(format!("w{n}.example"), Algorithm::Cosignature, self.witnesses[n].public_key())
            .unwrap()
    }

    pub(super) fn sign(&self, checkpoint: &Checkpoint, first: i64) -> Note {
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(&self.log_key(), &self.log.sign(note.text().as_bytes()));
        for (n, witness) in self.witnesses.iter().enumerate().filter(|_| self.witnessed) {
            let time = first as u64 + n as u64;
            let signature = witness.sign(&cosigned_message(time, note.text()));
            note.add_cosignature(&self.witness_key(n), time, &signature);
        }
        note
    }

    pub(super) fn policy_text(&self) -> String {
        format!(
            "{}log {}\nwitness w0 {}\nwitness w1 {}\ngroup both all w0 w1\nquorum both\n",
            String::from_utf8(self.root.pem()).unwrap(),
            self.log_key(),
            self.witness_key(0),
            self.witness_key(1),
        )
    }

    pub(super) fn policy(&self) -> Policy {
        Policy::parse(self.policy_text().as_bytes()).unwrap()
    }

    /// The receipt as issued, but for what the caller did to the enclosure.
    pub(super) fn pdf(&self, enclosure: &Enclosure, sealer: &Sealer) -> Vec<u8> {
        let files = [
            (LEAF, &enclosure.leaf),
            (PARTS, &enclosure.parts),
            (PROOF, &enclosure.proof),
            (EARLIER, &enclosure.earlier),
            (EARLIER_STAMP, &enclosure.earlier_stamp),
            (CONSISTENCY, &enclosure.consistency),
            (OPENING, &enclosure.opening),
            (OPENING_PARTS, &enclosure.opening_parts),
            (OPENING_PATH, &enclosure.opening_path),
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

    pub(super) fn receipt(&self) -> Vec<u8> {
        self.pdf(&self.enclosure, &self.seal.sealer())
    }

    /// The documents that are given to compare.
    pub(super) fn documents(&self) -> Given<'_> {
        Given { documents: &self.given, evidence: &[] }
    }

    /// Everything but the PDF around it.
    pub(super) fn check(&self, enclosure: &Enclosure, policy: Option<&Policy>) -> Report {
        let mut facts = Facts::default();
        let mut findings = read(enclosure, &self.documents(), policy, NOW, &mut facts);
        findings.push(Finding::ok(CheckName::Seal, ""));
        Report::new(facts, findings, &demands(&self.given, policy), policy.is_some())
    }
}
