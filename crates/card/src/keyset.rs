//! Whose keys sign cards, and how cards look: one document an administration, sealed by it, which a verifier keeps.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use plico_crypto::digest::sha256;
use plico_crypto::p256::{self, PublicKey};
use serde::{Deserialize, Serialize};

/// What a key is called: the first 8 bytes of the SHA-256 of its DER `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kid(pub [u8; 8]);

impl Kid {
    /// The name of a key.
    pub fn of(key: &PublicKey) -> Self {
        let digest = sha256(&p256::key_info(key));
        let mut kid = [0; 8];
        kid.copy_from_slice(&digest[..8]);
        Self(kid)
    }

    /// As JSON has it.
    pub fn text(self) -> String {
        BASE64URL.encode(self.0)
    }
}

/// A public key as a JSON Web Key (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardKey {
    kty: String,
    crv: String,
    alg: String,
    /// Its name.
    pub kid: String,
    x: String,
    y: String,
}

impl CardKey {
    /// The key as it is published.
    pub fn new(key: &PublicKey) -> Self {
        Self {
            kty: "EC".into(),
            crv: "P-256".into(),
            alg: "ES256".into(),
            kid: Kid::of(key).text(),
            x: BASE64URL.encode(&key[1..33]),
            y: BASE64URL.encode(&key[33..]),
        }
    }

    /// The key that was published; `None` when it is none, or goes by another's name.
    pub fn key(&self) -> Option<PublicKey> {
        if (self.kty.as_str(), self.crv.as_str()) != ("EC", "P-256") {
            return None;
        }
        let point = [vec![4], BASE64URL.decode(&self.x).ok()?, BASE64URL.decode(&self.y).ok()?].concat();
        let key: PublicKey = point.try_into().ok()?;
        (Kid::of(&key).text() == self.kid).then_some(key)
    }
}

/// How cards of a type are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Code of the type.
    pub code: String,
    /// What it is called, in Italian.
    pub name: String,
    /// What it is called, in English.
    pub name_en: String,
    /// What its fields are called.
    pub fields: Vec<String>,
}

/// The document. It is sealed as a JWS ([`crate::jws`]) with type [`TYPE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// IPA code of the administration.
    pub iss: String,
    /// Its name.
    pub name: String,
    /// When it was made (seconds since 1970).
    pub iat: i64,
    /// Every key whose cards may still be shown, the newest last.
    pub keys: Vec<CardKey>,
    /// The types.
    pub types: Vec<Look>,
    /// Address of the status list with the number 0, and so on.
    pub status: Vec<String>,
}

/// Type of the JWS that holds it.
pub const TYPE: &str = "plico-card-keys+jwt";
