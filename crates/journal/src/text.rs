//! The few textual forms that every format here shares, in their only canonical spelling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard alphabet, padded, no stray bits: one text for one byte string.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A SHA-256 hash in base64.
pub(crate) fn hash_from_base64(text: &str) -> Option<[u8; 32]> {
    // One byte more than a hash: what a text of its length could hold.
    let mut bytes = [0; 33];
    let length = STANDARD.decode_slice(text, &mut bytes).ok()?;
    bytes[..length].try_into().ok()
}

/// A decimal without sign or leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_forms() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", "1 ", "18446744073709551616", "1a"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
        assert_eq!(from_base64("AQ=="), Some(vec![1]));
        for bad in ["AQ", "AR==", "AQ==\n", "A Q==", "-_=="] {
            assert_eq!(from_base64(bad), None, "{bad}");
        }
        let hash = to_base64(&[7; 32]);
        assert_eq!(hash_from_base64(&hash), Some([7; 32]));
        for other in [to_base64(&[7; 31]), to_base64(&[7; 33]), to_base64(&[7; 64]), hash.replace('=', "")] {
            assert_eq!(hash_from_base64(&other), None, "{other}");
        }
    }
}
