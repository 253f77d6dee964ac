//! Private keys in a token that sign for people and bodies. The key never leaves it: what is digested goes in, a signature
//! comes out.

use std::sync::{Arc, PoisonError};

use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use plico_crypto::digest::sha256;
use plico_crypto::sign::{SigningError, SigningKey};
use plico_crypto::verify::{Algorithm, Hash};

use super::{Token, TokenError};

/// `DigestInfo` of SHA-256 up to the digest (RFC 8017 §9.2 note 1): tokens pad it and do not write it.
const SHA256_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// A private key in a token in which we are signed in: RSA, or on an elliptic curve.
pub struct TokenKey {
    token: Arc<Token>,
    key: ObjectHandle,
    kind: KeyType,
    /// By which the token says what belongs together.
    identifier: Vec<u8>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenKey({})", self.token.serial)
    }
}

impl Token {
    /// The private key of a label, to sign with.
    pub fn signing_key(self: &Arc<Self>, label: &str) -> Result<TokenKey, TokenError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Token(true),
            Attribute::Label(label.as_bytes().to_vec()),
        ];
        let key = match session.find_objects(&wanted)?[..] {
            [] => return Err(TokenError::NoSigningKey(label.to_owned())),
            [key] => key,
            _ => return Err(TokenError::Ambiguous(label.to_owned())),
        };
        let (mut kind, mut identifier) = (None, Vec::new());
        for attribute in session.get_attributes(key, &[AttributeType::KeyType, AttributeType::Id])? {
            match attribute {
                Attribute::KeyType(found) => kind = Some(found),
                Attribute::Id(found) => identifier = found,
                _ => {}
            }
        }
        let kind = kind.ok_or_else(|| TokenError::NoSigningKey(label.to_owned()))?;
        Ok(TokenKey { token: Arc::clone(self), key, kind, identifier })
    }
}

impl TokenKey {
    /// The certificates (DER) that the token keeps under the key's identifier.
    pub fn certificates(&self) -> Result<Vec<Vec<u8>>, TokenError> {
        if self.identifier.is_empty() {
            return Ok(Vec::new());
        }
        let session = self.token.session.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::Token(true),
            Attribute::Id(self.identifier.clone()),
        ];
        let mut found = Vec::new();
        for object in session.find_objects(&wanted)? {
            for attribute in session.get_attributes(object, &[AttributeType::Value])? {
                if let Attribute::Value(der) = attribute {
                    found.push(der);
                }
            }
        }
        Ok(found)
    }
}

impl SigningKey for TokenKey {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let digest = sha256(message);
        let session = self.token.session.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = match (algorithm, self.kind) {
            (Algorithm::RsaPkcs1(Hash::Sha256), KeyType::RSA) => {
                let info = [&SHA256_INFO[..], &digest[..]].concat();
                session.sign(&Mechanism::RsaPkcs, self.key, &info)
            }
            (Algorithm::Ecdsa(Hash::Sha256), KeyType::EC) => {
                session.sign(&Mechanism::Ecdsa, self.key, &digest)
            }
            _ => return Err(SigningError::Unsupported),
        };
        signed.map_err(|error: Error| SigningError::Failed(error.into()))
    }
}
