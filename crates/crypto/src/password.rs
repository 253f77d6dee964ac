//! Passwords of local accounts: argon2id (RFC 9106) in PHC strings.

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};

/// The longest password that is hashed, in bytes; a longer one is refused before any work is done.
pub const MAX_PASSWORD: usize = 1024;
/// Bytes of salt.
pub const SALT: usize = 16;

// 19 MiB, two passes, one lane: the smallest setting that OWASP recommends for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Longer than [`MAX_PASSWORD`].
    #[error("a password has at most {MAX_PASSWORD} bytes")]
    TooLong,
    /// The machine could not do the work (memory).
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Hashes a password with a fresh salt; the result goes into the database as it is.
/// Takes some 20 ms and 19 MiB: call it off the async threads.
pub fn hash(password: &str, salt: [u8; SALT]) -> Result<String, PasswordError> {
    if password.len() > MAX_PASSWORD {
        return Err(PasswordError::TooLong);
    }
    let fault = |e: &dyn std::fmt::Display| PasswordError::Hash(e.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| fault(&e))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|e| fault(&e))
}

/// Whether this is the password that was hashed. A string that is no PHC string is answered with no.
pub fn verify(password: &str, phc: &str) -> bool {
    password.len() <= MAX_PASSWORD
        && PasswordHash::new(phc)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_and_verify() {
        let phc = hash("correct horse", [7; SALT]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify("correct horse", &phc));
        assert!(!verify("correct horsf", &phc));
        assert!(!verify("correct horse", "not a hash"));
        assert!(!verify("", ""));
        assert_ne!(phc, hash("correct horse", [8; SALT]).unwrap());
        assert!(hash(&"a".repeat(MAX_PASSWORD + 1), [7; SALT]).is_err());
    }
}
