//! Private keys that sign for others: they may lie in a token, which hands out signatures and never the key.

use crate::verify::Algorithm;

/// A private key that somebody keeps. Whoever asks for a signature verifies it before it is used.
pub trait SigningKey: Send + Sync {
    /// Signs a message, which is digested as the algorithm says. RSA gives one number as long as the key; ECDSA its two,
    /// side by side, each as long as the curve's order (as tokens and XML signatures have them).
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// Why a key did not sign.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key, or whoever keeps it, does not make signatures of this kind.
    #[error("the key does not make signatures of this kind")]
    Unsupported,
    /// It should have signed and did not.
    #[error("the key could not sign")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
