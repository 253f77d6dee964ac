//! Italian fiscal codes (DM 23 December 1976) and VAT numbers.

use serde::{Deserialize, Serialize};

/// Why a text is not a fiscal code; each says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FiscalError {
    /// Neither 16 characters nor 11 digits.
    #[error("a fiscal code has 16 characters, or 11 digits for a body, a company or a provisional code")]
    Length,
    /// A letter stands where a digit should, or the other way round.
    #[error("a character is not where it should be")]
    Form,
    /// The last character does not agree.
    #[error("the last character does not agree with the others: a character was mistyped")]
    Check,
}

/// A checked fiscal code, upper case: a person's 16 characters (homocody included) or 11 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FiscalCode(String);

const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/// The letters that stand for the digits 0–9 when two people would have the same code.
const HOMOCODY: &[u8; 10] = b"LMNPQRSTUV";

impl FiscalCode {
    /// Reads and checks a code; spaces are ignored, letters may be small.
    pub fn parse(text: &str) -> Result<Self, FiscalError> {
        let code: String =
            text.chars().filter(|c| !c.is_whitespace()).take(32).collect::<String>().to_ascii_uppercase();
        let bytes = code.as_bytes();
        match bytes.len() {
            16 => {
                person_form(bytes)?;
                if person_check(&bytes[..15]) != bytes[15] {
                    return Err(FiscalError::Check);
                }
            }
            11 => {
                if !bytes.iter().all(u8::is_ascii_digit) {
                    return Err(FiscalError::Form);
                }
                if luhn(&bytes[..10]) != bytes[10] {
                    return Err(FiscalError::Check);
                }
            }
            _ => return Err(FiscalError::Length),
        }
        Ok(Self(code))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the 16-character code of a natural person.
    pub fn is_person(&self) -> bool {
        self.0.len() == 16
    }

    /// The check character of 15 characters of a person's code, for generators of invented codes.
    pub fn check_of(first15: &str) -> Option<char> {
        let bytes = first15.as_bytes();
        (bytes.len() == 15 && bytes.iter().all(u8::is_ascii_alphanumeric))
            .then(|| char::from(person_check(bytes)))
    }
}

fn person_form(bytes: &[u8]) -> Result<(), FiscalError> {
    const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
    for (place, byte) in bytes.iter().enumerate() {
        let good = if DIGITS.contains(&place) {
            byte.is_ascii_digit() || HOMOCODY.contains(byte)
        } else if place == 8 {
            b"ABCDEHLMPRST".contains(byte)
        } else {
            byte.is_ascii_uppercase()
        };
        if !good {
            return Err(FiscalError::Form);
        }
    }
    Ok(())
}

fn person_check(first15: &[u8]) -> u8 {
    let sum: u32 = first15
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte.to_ascii_uppercase() - b'A' };
            if place % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    b'A' + (sum % 26) as u8
}

fn luhn(first10: &[u8]) -> u8 {
    let sum: u32 = first10
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            if place % 2 == 0 {
                digit
            } else if digit > 4 {
                digit * 2 - 9
            } else {
                digit * 2
            }
        })
        .sum();
    b'0' + ((10 - sum % 10) % 10) as u8
}

impl TryFrom<String> for FiscalCode {
    type Error = FiscalError;
    fn try_from(text: String) -> Result<Self, FiscalError> {
        Self::parse(&text)
    }
}

impl From<FiscalCode> for String {
    fn from(code: FiscalCode) -> Self {
        code.0
    }
}

impl std::fmt::Display for FiscalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_the_ministrys_example_and_its_homocode() {
        assert!(FiscalCode::parse("MRT MTT 25D09 F205Z").is_ok());
        assert!(FiscalCode::parse("mrtmtt25d09f205z").is_ok());
        // The last digit replaced by its letter changes the check character.
        let homocode = "MRTMTT25D09F20R";
        let check = FiscalCode::check_of(homocode).unwrap();
        assert!(FiscalCode::parse(&format!("{homocode}{check}")).is_ok());
    }

    #[test]
    fn refuses_with_the_right_reason() {
        assert_eq!(FiscalCode::parse("MRTMTT25D09F205A"), Err(FiscalError::Check));
        assert_eq!(FiscalCode::parse("MRTMTT25Z09F205Z"), Err(FiscalError::Form));
        assert_eq!(FiscalCode::parse("MRTMTT25D09F205"), Err(FiscalError::Length));
        assert_eq!(FiscalCode::parse("00000000001"), Err(FiscalError::Check));
    }

    #[test]
    fn accepts_eleven_digits() {
        assert!(!FiscalCode::parse("00743110157").unwrap().is_person());
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = FiscalCode::parse(&text);
        }
    }
}
