//! A key from words that a person can keep: argon2id (RFC 9106) over a passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::DataKey;

/// The fewest characters of a passphrase: what it protects can be tried offline by whoever has the file.
pub const FEWEST: usize = 12;
/// The longest passphrase in bytes.
pub const LONGEST: usize = 1024;
/// Bytes of salt.
pub const SALT: usize = 16;

/// How much work it is. Written beside what is protected, so that it can grow later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// The second recommendation of RFC 9106, section 4: 64 MiB, three passes, four lanes.
    pub const NOW: Self = Self { memory_kib: 65_536, passes: 3, lanes: 4 };

    /// Whether a file may ask for it: not less than OWASP's least for argon2id, and not so much that a changed
    /// number stops the machine.
    pub fn is_sane(self) -> bool {
        (19_456..=1_048_576).contains(&self.memory_kib)
            && (2..=16).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Shorter than [`FEWEST`] characters.
    #[error("a passphrase has at least {FEWEST} characters")]
    TooShort,
    /// Longer than [`LONGEST`] bytes.
    #[error("a passphrase has at most {LONGEST} bytes")]
    TooLong,
    /// The parameters are outside of what is reasonable.
    #[error("{} KiB, {} passes and {} lanes are not a cost that we accept", .0.memory_kib, .0.passes, .0.lanes)]
    Cost(Cost),
    /// The machine could not do the work (memory).
    #[error("the passphrase could not be worked on: {0}")]
    Work(String),
}

/// Whether this can be chosen as a passphrase.
pub fn check(passphrase: &str) -> Result<(), PassphraseError> {
    if passphrase.chars().count() < FEWEST {
        return Err(PassphraseError::TooShort);
    }
    if passphrase.len() > LONGEST { Err(PassphraseError::TooLong) } else { Ok(()) }
}

/// The key of a passphrase and a salt. Takes some 100 ms and the cost's memory: call it off the async threads.
pub fn derive(passphrase: &str, salt: &[u8; SALT], cost: Cost) -> Result<DataKey, PassphraseError> {
    if !cost.is_sane() {
        return Err(PassphraseError::Cost(cost));
    }
    if passphrase.len() > LONGEST {
        return Err(PassphraseError::TooLong);
    }
    let work = |error: argon2::Error| PassphraseError::Work(error.to_string());
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(work)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key[..])
        .map_err(work)?;
    Ok(DataKey::new(*key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::to_hex;

    const LEAST: Cost = Cost { memory_kib: 19_456, passes: 2, lanes: 1 };

    #[test]
    fn everything_goes_into_the_key() {
        let key = derive("correct horse battery", &[7; SALT], LEAST).unwrap();
        assert_eq!(key, derive("correct horse battery", &[7; SALT], LEAST).unwrap());
        assert_ne!(key, derive("correct horse batterz", &[7; SALT], LEAST).unwrap());
        assert_ne!(key, derive("correct horse battery", &[8; SALT], LEAST).unwrap());
        assert_ne!(key, derive("correct horse battery", &[7; SALT], Cost { lanes: 2, ..LEAST }).unwrap());
    }

    /// Computed by the reference implementation.
    #[test]
    fn as_others_compute_it() {
        let key = derive("correct horse battery", b"sixteen bytes ok", Cost::NOW).unwrap();
        assert_eq!(to_hex(key.expose()), "2e2e1b2e7c2f0d81bc99d0d20c7a291de72a543039012efc5516e5e919c1e989");
    }

    #[test]
    fn what_is_not_accepted() {
        assert_eq!(check("elevenchars"), Err(PassphraseError::TooShort));
        assert_eq!(check("dodici càrat"), Ok(()));
        assert_eq!(check(&"a".repeat(LONGEST + 1)), Err(PassphraseError::TooLong));
        for cost in [
            Cost { memory_kib: 8, ..LEAST },
            Cost { memory_kib: u32::MAX, ..LEAST },
            Cost { passes: 1, ..LEAST },
            Cost { passes: 1000, ..LEAST },
            Cost { lanes: 0, ..LEAST },
        ] {
            assert_eq!(derive("correct horse battery", &[7; SALT], cost), Err(PassphraseError::Cost(cost)));
        }
    }
}
