//! Receipts, good and with everything that can be done to one.

use plico_journal::Proof;
use plico_signature::forge::{KeyKind, Pki, Signer, Subject};

use super::fixtures::Fixture;
use super::*;
use super::{operator, stamped};

type Place = fn(&mut Enclosure) -> &mut Option<Vec<u8>>;

const PLACES: [(&str, Place); 8] = [
    ("leaf", |e| &mut e.leaf),
    ("parts", |e| &mut e.parts),
    ("proof", |e| &mut e.proof),
    ("earlier", |e| &mut e.earlier),
    ("consistency", |e| &mut e.consistency),
    ("opening", |e| &mut e.opening),
    ("opening-parts", |e| &mut e.opening_parts),
    ("opening-path", |e| &mut e.opening_path),
];

/// Everybody who makes fixtures of one world.
pub(super) struct Maker<'a> {
    pub(super) world: &'a World,
    all: Vec<Fixture>,
}

impl Maker<'_> {
    fn of(&self, name: &str, file: Vec<u8>) -> Fixture {
        Fixture {
            name: name.into(),
            file,
            documents: vec![("mine.pdf".into(), b"the request".to_vec())],
            policy: Some(self.world.policy_text()),
            now_ms: NOW,
            ..Fixture::default()
        }
    }

    pub(super) fn add(&mut self, name: &str, file: Vec<u8>, change: impl FnOnce(&mut Fixture)) {
        let mut fixture = self.of(name, file);
        change(&mut fixture);
        self.all.push(fixture);
    }

    pub(super) fn enclosed(&self, enclosure: &Enclosure) -> Vec<u8> {
        self.world.pdf(enclosure, &self.world.seal.sealer())
    }

    fn pem(&self) -> String {
        String::from_utf8(self.world.root.pem()).unwrap()
    }
}

pub(super) fn receipts(world: &World) -> Vec<Fixture> {
    let mut maker = Maker { world, all: Vec::new() };
    let good = world.receipt();
    policies(&mut maker, &good);
    documents(&mut maker, &good);
    enclosures(&mut maker);
    files(&mut maker, &good);
    seals(&mut maker);
    stamped::evidence(&mut maker, &good);
    operator::histories(&mut maker);
    maker.all
}

fn policies(maker: &mut Maker<'_>, good: &[u8]) {
    let world = maker.world;
    let logs = format!("log {}\n", world.log_key());
    let witnesses = format!("witness w0 {}\nwitness w1 {}\n", world.witness_key(0), world.witness_key(1));
    let third = VerifierKey::new("w2.example", Algorithm::Cosignature, [5; 32]).unwrap();
    let same = VerifierKey::new("w0.example/second", Algorithm::Cosignature, [6; 32]).unwrap();
    let renamed =
        VerifierKey::new("plico.example/c_b002/1", Algorithm::Ed25519, world.log.public_key()).unwrap();
    let forged = VerifierKey::new(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    let false_witness = VerifierKey::new("w0.example", Algorithm::Cosignature, [7; 32]).unwrap();
    let pem = maker.pem();
    let table = [
        ("ok:whole", world.policy_text()),
        ("ok:quorum of none", format!("{logs}quorum none\n")),
        ("ok:any witness", format!("{logs}{witnesses}group one any w0 w1\nquorum one\n")),
        (
            "ok:one of a missing third",
            format!("{logs}{witnesses}witness w2 {third}\ngroup two 2 w0 w1 w2\nquorum two\n"),
        ),
        (
            "ok:groups of groups",
            format!("{logs}{witnesses}group a any w0\ngroup b any w1\ngroup both all a b\nquorum both\n"),
        ),
        ("ok:carriage returns", world.policy_text().replace('\n', "\r\n")),
        ("ok:roots of seals only", format!("{logs}quorum none\nroots seal\n{pem}")),
        ("ok:roots of stamps only", format!("{logs}quorum none\nroots timestamp\n{pem}")),
        (
            "incomplete:a third witness is missing",
            format!("{logs}{witnesses}witness w2 {third}\ngroup all all w0 w1 w2\nquorum all\n"),
        ),
        (
            "incomplete:an operator counts once",
            format!(
                "{logs}{witnesses}witness w2 {third}\nwitness s {same}\ngroup g 3 w0 s w1 w2\nquorum g\n"
            ),
        ),
        ("incomplete:nobody known has cosigned", format!("{logs}witness w2 {third}\nquorum w2\n")),
        ("failed:another log", format!("log {renamed}\nquorum none\n")),
        ("failed:another key", format!("log {forged}\nquorum none\n")),
        ("ok:another key of the log too", format!("{logs}log {forged}\nquorum none\n")),
        ("other:another key of a witness", format!("{logs}witness w0 {false_witness}\nquorum w0\n")),
    ];
    for (name, policy) in table {
        maker.add(name, good.to_vec(), |fixture| fixture.policy = Some(policy));
    }
    maker.add("incomplete:no policy", good.to_vec(), |fixture| fixture.policy = None);
    for days in [-31, 400, 4000] {
        let name = format!("other:looked at {days} days later");
        maker.add(&name, good.to_vec(), |fixture| fixture.now_ms = NOW + days * 86_400_000);
    }
}

fn documents(maker: &mut Maker<'_>, good: &[u8]) {
    let attachment = ("b.bin".to_owned(), b"an attachment".to_vec());
    maker.add("ok:no documents given", good.to_vec(), |fixture| fixture.documents.clear());
    maker.add("ok:both documents", good.to_vec(), |fixture| fixture.documents.push(attachment.clone()));
    maker.add("ok:the other document", good.to_vec(), |fixture| fixture.documents = vec![attachment]);
    maker.add("failed:a changed document", good.to_vec(), |fixture| fixture.documents[0].1[0] ^= 1);
    let empty = ("empty".to_owned(), Vec::new());
    maker.add("failed:an empty document", good.to_vec(), |fixture| fixture.documents.push(empty));
    let mut closed = maker.world.enclosure.clone();
    let mut open = parts::parse(closed.parts.as_ref().unwrap()).unwrap();
    open.remove("documents");
    closed.parts = Some(parts::write(&open));
    let file = maker.enclosed(&closed);
    maker.add("incomplete:the list is closed", file, |_| {});
}

fn enclosures(maker: &mut Maker<'_>) {
    let whole = maker.world.enclosure.clone();
    for (what, place) in PLACES {
        let change = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut changed = whole.clone();
            change(place(&mut changed).as_mut().unwrap());
            changed
        };
        let length = place(&mut whole.clone()).as_ref().unwrap().len();
        let mut variants = Vec::new();
        for at in (0..length).step_by((length / 9).max(1)).chain([length - 1, length - 2]) {
            for bit in [1, 0x20] {
                variants.push((format!("byte {at} ^ {bit}"), change(&|bytes| bytes[at] ^= bit)));
            }
        }
        variants.push(("cut".into(), change(&|bytes| bytes.truncate(bytes.len() / 2))));
        variants.push(("empty".into(), change(&Vec::clear)));
        variants.push(("a line feed more".into(), change(&|bytes| bytes.push(b'\n'))));
        variants.push(("a space before".into(), change(&|bytes| bytes.insert(0, b' '))));
        let mut missing = whole.clone();
        *place(&mut missing) = None;
        variants.push(("missing".into(), missing));
        let mut seen = std::collections::BTreeSet::new();
        for (how, enclosure) in variants {
            if seen.insert(how.clone()) {
                let file = maker.enclosed(&enclosure);
                maker.add(&format!("other:{what}, {how}"), file, |_| {});
            }
        }
    }
    let neither = Enclosure { earlier: None, consistency: None, ..whole.clone() };
    let file = maker.enclosed(&neither);
    maker.add("ok:no earlier checkpoint", file, |_| {});
    let proof = Proof::parse(whole.proof.as_ref().unwrap()).unwrap();
    let same = Enclosure {
        earlier: Some(proof.note.to_string().into_bytes()),
        consistency: Some(Vec::new()),
        ..whole
    };
    let file = maker.enclosed(&same);
    maker.add("failed:the earlier one holds the event", file, |_| {});
}

fn files(maker: &mut Maker<'_>, good: &[u8]) {
    maker.add("failed:bytes appended", [good, b"\n% more\n"].concat(), |_| {});
    // A whole revision that says what is inside again: the same catalogue.
    let start = good.windows(9).rposition(|window| window == b"startxref").unwrap();
    maker.add("failed:a revision appended", [good, &good[start..]].concat(), |_| {});
    for cut in [good.len() - 1, good.len() - 40, good.len() / 2, 100] {
        maker.add(&format!("other:cut to {cut}"), good[..cut].to_vec(), |_| {});
    }
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("a header", b"%PDF-1.7\n"),
        ("no PDF", b"not a PDF at all"),
        ("only a trailer", b"%PDF-1.7\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"),
    ] {
        maker.add(&format!("other:{name}"), bytes.to_vec(), |_| {});
    }
    for at in (0..good.len()).step_by(1_511) {
        let mut changed = good.to_vec();
        changed[at] ^= 1;
        maker.add(&format!("other:byte {at} of the file"), changed, |_| {});
    }
}

fn seals(maker: &mut Maker<'_>) {
    let world = maker.world;
    let whole = &world.enclosure;
    let stranger =
        Identity::new("Comune di Borgo San Plico", Some(&Identity::new("Test root", None, 3650)), 365);
    maker.add("failed:sealed by a stranger", world.pdf(whole, &stranger.sealer()), |_| {});
    let expired = Identity::new("Comune di Borgo San Plico", Some(&world.root), -1);
    maker.add("incomplete:the seal's certificate has expired", world.pdf(whole, &expired.sealer()), |_| {});
    let alone = Identity::new("Alone", None, 365);
    maker.add("failed:a seal of its own", world.pdf(whole, &alone.sealer()), |_| {});
    maker.add("ok:the root itself seals", world.pdf(whole, &world.root.sealer()), |_| {});
    let unsealed = render(&Sheet { language: "it".into(), title: "x".into(), ..Sheet::default() }).unwrap();
    maker.add("incomplete:another paper", unsealed, |fixture| fixture.documents.clear());

    let mut pki = Pki::new("Borgo", NOW).unwrap();
    let subject = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Comune di Borgo",
        from_ms: NOW - 86_400_000,
        to_ms: NOW + 86_400_000,
    };
    let anchors = String::from_utf8(pki.anchors_pem().unwrap()).unwrap();
    let policy = format!("log {}\nquorum none\nroots seal\n{anchors}", world.log_key());
    let mut signer = |name: &str, signer: Signer| {
        let file = world.pdf(whole, &signer.sealer().unwrap());
        maker.add(name, file, |fixture| fixture.policy = Some(policy.clone()));
    };
    for (name, kind) in [("RSA", KeyKind::Rsa2048), ("P-256", KeyKind::P256), ("P-384", KeyKind::P384)] {
        signer(&format!("other:an authority between, {name}"), pki.signer(&subject, kind).unwrap());
    }
    signer("other:a certificate that may not sign", pki.not_for_signing(&subject, KeyKind::P256).unwrap());
    signer("failed:signed by itself", pki.self_signed(&subject, KeyKind::P256).unwrap());
    let future = Subject { from_ms: NOW + 3_600_000, ..subject };
    signer("other:not valid yet", pki.signer(&future, KeyKind::P256).unwrap());
}
