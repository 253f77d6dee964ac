//! A seal over a JSON web signature (RFC 7518 §3), which browsers check by themselves.

use plico_crypto::verify::Algorithm;

use super::{SealError, Sealer, side_by_side};

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
