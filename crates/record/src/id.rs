//! Public identifiers and log ids.

use std::fmt;
use std::str::FromStr;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why a text is not an identifier of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 27 characters of the alphabet.
    #[error("an identifier has 27 letters and digits")]
    Form,
    /// A character was mistyped: the check character does not agree.
    #[error("the identifier was mistyped: its last character does not agree with the others")]
    Check,
}

/// The identifier of a message, document, case file, receipt …: a ULID (48 bits of milliseconds, 80 random
/// bits) in Crockford base32 and an ISO 7064 mod 37,36 check character. It opens nothing: whoever may read by
/// possessing a code needs a separate random code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicId(u128);

impl PublicId {
    /// Made at `now_ms` (UTC milliseconds) from ten random bytes.
    pub fn new(now_ms: i64, random: [u8; 10]) -> Self {
        let time = (u128::from(now_ms.max(0).cast_unsigned()) & ((1 << 48) - 1)) << 80;
        let low = random.iter().fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
        Self(time | low)
    }

    fn digits(self) -> [u8; 26] {
        let mut out = [0; 26];
        for (place, digit) in out.iter_mut().enumerate() {
            *digit = CROCKFORD[((self.0 >> (5 * (25 - place))) & 31) as usize];
        }
        out
    }
}

/// ISO 7064 mod 37,36 over letters and digits.
fn check_character(text: &[u8]) -> u8 {
    let value = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 });
    let product = text.iter().fold(36u32, |product, byte| {
        let sum = (product + value(*byte)) % 36;
        (if sum == 0 { 36 } else { sum } * 2) % 37
    });
    let check = (37 - product) % 36;
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[check as usize]
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        for digit in digits {
            fmt::Write::write_char(f, char::from(digit))?;
        }
        fmt::Write::write_char(f, char::from(check_character(&digits)))
    }
}

impl FromStr for PublicId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes: Vec<u8> = text.trim().bytes().filter(|b| *b != b'-').collect();
        bytes.make_ascii_uppercase();
        if bytes.len() != 27 {
            return Err(IdError::Form);
        }
        let mut value = 0u128;
        for byte in &mut bytes[..26] {
            // Crockford reads letters that look like digits as those digits.
            *byte = match *byte {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let digit = CROCKFORD.iter().position(|c| c == byte).ok_or(IdError::Form)?;
            value = value.checked_mul(32).ok_or(IdError::Form)? | digit as u128;
        }
        let id = Self(value);
        if id.digits() != bytes[..26] || check_character(&bytes[..26]) != bytes[26] {
            return Err(IdError::Check);
        }
        Ok(id)
    }
}

/// The random 128-bit name under which a subject appears in the log: in no URL, mail or QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(pub [u8; 16]);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_the_published_example_of_iso_7064() {
        // "A12425GABC1234002" has the check character M (Global Release Identifier, ISO 7064 mod 37,36).
        assert_eq!(check_character(b"A12425GABC1234002"), b'M');
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(now in 0i64..(1 << 47), random: [u8; 10]) {
            let id = PublicId::new(now, random);
            prop_assert_eq!(id.to_string().parse::<PublicId>(), Ok(id));
            prop_assert_eq!(id.to_string().to_lowercase().parse::<PublicId>(), Ok(id));
        }

        #[test]
        fn sees_one_mistyped_character(random: [u8; 10], place in 0usize..26, digit in 0usize..32) {
            let text = PublicId::new(1_700_000_000_000, random).to_string();
            let mut bytes = text.clone().into_bytes();
            bytes[place] = CROCKFORD[digit];
            let changed = String::from_utf8(bytes).unwrap();
            prop_assume!(changed != text);
            prop_assert!(changed.parse::<PublicId>().is_err());
        }

        #[test]
        fn never_panics(text in ".{0,64}") {
            let _ = text.parse::<PublicId>();
        }
    }
}
