//! The token that each form carries: proof that the form came from a page of ours, for this browser.
//!
//! The secret (32 random bytes) belongs to the session, or before sign-in to a cookie of its own. What a page
//! shows is the secret masked with fresh random bytes: pages are compressed, and a value that is never the same twice
//! cannot be guessed from their length (the BREACH attack).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::clock;

/// Name of the form field.
pub const FIELD: &str = "_csrf";

/// The secret behind the tokens of one session or browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FormSecret([u8; 32]);

impl std::fmt::Debug for FormSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormSecret")
    }
}

impl FormSecret {
    /// A fresh one.
    pub fn random() -> Self {
        Self(clock::random_bytes())
    }

    /// From the bytes kept with a session.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to keep.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From a cookie.
    pub fn from_cookie(value: &str) -> Option<Self> {
        BASE64.decode(value).ok()?.try_into().ok().map(Self)
    }

    /// For a cookie.
    pub fn to_cookie(self) -> String {
        BASE64.encode(self.0)
    }

    /// A token for a form: another one each time.
    pub fn token(&self) -> String {
        let mask: [u8; 32] = clock::random_bytes();
        let mut token = [0; 64];
        token[..32].copy_from_slice(&mask);
        for (out, (secret, mask)) in token[32..].iter_mut().zip(self.0.iter().zip(mask)) {
            *out = secret ^ mask;
        }
        BASE64.encode(token)
    }

    /// Whether a token belongs to this secret, in constant time.
    pub fn accepts(&self, token: &str) -> bool {
        let Ok(token) = BASE64.decode(token) else { return false };
        let Ok(token): Result<[u8; 64], _> = token.try_into() else { return false };
        let (mask, masked) = token.split_at(32);
        let secret: Vec<u8> = masked.iter().zip(mask).map(|(masked, mask)| masked ^ mask).collect();
        plico_crypto::secret::ct_eq(&secret, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_its_own_tokens_only() {
        let (mine, other) = (FormSecret::random(), FormSecret::random());
        let (first, second) = (mine.token(), mine.token());
        assert_ne!(first, second);
        assert!(mine.accepts(&first) && mine.accepts(&second));
        assert!(!other.accepts(&first));
        for wrong in ["", "x", "====", &first[..60], &format!("{first}AAAA")] {
            assert!(!mine.accepts(wrong), "{wrong}");
        }
        assert_eq!(FormSecret::from_cookie(&mine.to_cookie()), Some(mine));
    }
}
