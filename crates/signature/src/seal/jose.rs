//! A seal over a JSON web signature (RFC 7518 §3), which browsers check by themselves.

use openssl::pkey::{Id, PKey, Private};
use plico_crypto::verify::{Algorithm, Hash};

use super::{SealError, Sealer, raw, side_by_side};

impl Sealer {
    /// The name that JOSE gives to what this key does: RSA and P-256 have one with SHA-256, P-384 has none.
    pub fn jose_algorithm(&self) -> Result<&'static str, SealError> {
        match (self.algorithm()?, self.octets()) {
            (Algorithm::RsaPkcs1(_), _) => Ok("RS256"),
            (_, Ok(32)) => Ok("ES256"),
            _ => Err(SealError::KeyKind),
        }
    }

    /// The signature, as JOSE writes it.
    pub fn jose(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let name = self.jose_algorithm()?;
        let signature = self.raw(bytes)?;
        if name == "RS256" {
            return Ok(signature);
        }
        side_by_side(&signature, self.octets()?).ok_or(SealError::Mismatch)
    }
}

/// An RSA key without a certificate, for the tokens of a service that knows it (RS256).
pub struct RsaKey(PKey<Private>);

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RsaKey")
    }
}

impl RsaKey {
    /// A key in PEM, of 2048 bits or more.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SealError> {
        let key = PKey::private_key_from_pem(pem).map_err(SealError::Key)?;
        if key.id() != Id::RSA || key.bits() < 2048 {
            return Err(SealError::KeyKind);
        }
        Ok(Self(key))
    }

    /// The signature of RS256.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        raw(&self.0, Hash::Sha256, bytes)
    }
}
