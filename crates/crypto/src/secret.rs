//! A 256-bit key that is wiped when dropped and never printed.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A 256-bit symmetric key: of one blob, or of one epoch of an administration.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// The key made of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A fresh key from the caller's source of randomness.
    pub fn random(random: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random(&mut bytes[..]);
        Self(bytes)
    }

    /// The key's bytes, for wrapping it; they must not be kept.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for DataKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self::new(bytes)
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl PartialEq for DataKey {
    fn eq(&self, other: &Self) -> bool {
        ct_eq(&self.0[..], &other.0[..])
    }
}

impl Eq for DataKey {}

/// Whether two byte strings are equal, in a time that tells only whether their lengths are.
pub fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = DataKey::random(&mut |b| b.fill(0xAB));
        assert_eq!(key.expose(), &[0xAB; 32]);
        assert_eq!(format!("{key:?}"), "DataKey(…)");
    }

    #[test]
    fn comparison() {
        assert!(ct_eq(b"abc", b"abc"));
        assert!(!ct_eq(b"abc", b"abd"));
        assert!(!ct_eq(b"abc", b"abcd"));
    }
}
