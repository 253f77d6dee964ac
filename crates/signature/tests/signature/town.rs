//! One test authority and its people, made once.

use std::sync::OnceLock;

use plico_signature::forge::{KeyKind, Pki, Recipe, Signer, Subject};
use plico_signature::{Anchors, Options, Report, inspect};

/// 21 November 2026, 12:00 UTC.
pub const NOW: i64 = 1_795_262_400_000;
pub const YEAR: i64 = 365 * 86_400_000;
pub const CONTENT: &[u8] = b"Oggetto: richiesta di accesso agli atti\nBorgo San Plico\n";

pub struct Town {
    pub rsa: Signer,
    pub p256: Signer,
    pub p384: Signer,
    pub ed25519: Signer,
    pub ed448: Signer,
    pub brainpool: Signer,
    pub other_curve: Signer,
    pub short: Signer,
    /// An RSA key with exponent 3.
    pub cube: Signer,
    pub expired: Signer,
    pub future: Signer,
    pub alone: Signer,
    pub cipher: Signer,
    pub anchors_pem: Vec<u8>,
    pub anchors: Anchors,
}

pub fn subject() -> Subject<'static> {
    Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - YEAR,
        to_ms: NOW + YEAR,
    }
}

pub fn town() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| {
        let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
        let subject = subject();
        let old = Subject { from_ms: NOW - 3 * YEAR, to_ms: NOW - YEAR, ..subject };
        let new = Subject { from_ms: NOW + YEAR, to_ms: NOW + 2 * YEAR, ..subject };
        let mut make = |kind| pki.signer(&subject, kind).unwrap();
        let rsa = make(KeyKind::Rsa2048);
        let p256 = make(KeyKind::P256);
        let p384 = make(KeyKind::P384);
        let ed25519 = make(KeyKind::Ed25519);
        let ed448 = make(KeyKind::Ed448);
        let brainpool = make(KeyKind::Brainpool256);
        let other_curve = make(KeyKind::Secp256k1);
        let cube = make(KeyKind::Rsa2048Cube);
        let short = make(KeyKind::Rsa1024);
        let anchors_pem = pki.anchors_pem().unwrap();
        Town {
            rsa,
            p256,
            p384,
            ed25519,
            ed448,
            brainpool,
            other_curve,
            short,
            cube,
            expired: pki.signer(&old, KeyKind::P256).unwrap(),
            future: pki.signer(&new, KeyKind::P256).unwrap(),
            alone: pki.self_signed(&subject, KeyKind::P256).unwrap(),
            cipher: pki.not_for_signing(&subject, KeyKind::P256).unwrap(),
            anchors: Anchors::from_pem(&anchors_pem).unwrap(),
            anchors_pem,
        }
    })
}

pub fn recipe() -> Recipe<'static> {
    Recipe::good(NOW - 3_600_000)
}

/// The report without any anchor.
pub fn look(bytes: &[u8]) -> Report {
    inspect(bytes, &Options::at(NOW, None))
}

/// The report with the town's root as anchor.
pub fn look_trusting(bytes: &[u8]) -> Report {
    inspect(bytes, &Options::at(NOW, Some(&town().anchors)))
}
