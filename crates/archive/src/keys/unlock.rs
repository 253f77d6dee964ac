//! What opens a sealed key file, and how one is to be sealed.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::DataKey;
use plico_crypto::passphrase::{self, Cost};
use plico_vault::{Token, TokenError, TokenPlace};
use zeroize::Zeroizing;

use super::lock::{Kdf, Lock, LockError, LockForm};
use crate::clock::Entropy;
use crate::hex;

/// How they are to be kept.
#[derive(Clone, Default)]
pub enum Wanted {
    /// In the clear.
    #[default]
    Clear,
    /// Sealed with this passphrase.
    Passphrase(Zeroizing<String>),
    /// Sealed by keys in the token that [`Unlock`] knows.
    Token,
}

type Ask = Arc<dyn Fn() -> io::Result<Option<Zeroizing<String>>> + Send + Sync>;

/// What opens a sealed key file. It is asked only when one is sealed.
#[derive(Clone, Default)]
pub struct Unlock {
    passphrase: Option<Ask>,
    token: Option<TokenPlace>,
    known: Arc<Mutex<Known>>,
}

/// What need not be found out again.
#[derive(Default)]
struct Known {
    derived: Option<(Kdf, DataKey)>,
    token: Option<Arc<Token>>,
    /// The token refused the PIN: it is not tried again in this process.
    refused: bool,
}

impl std::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unlock(…)")
    }
}

impl Unlock {
    /// The passphrase is asked of `ask`, which answers with none where there is nobody to ask; the token is at a place.
    pub fn new(
        ask: impl Fn() -> io::Result<Option<Zeroizing<String>>> + Send + Sync + 'static,
        token: Option<TokenPlace>,
    ) -> Self {
        Self { passphrase: Some(Arc::new(ask)), token, known: Arc::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn derive(&self, kdf: Kdf) -> Result<Lock, LockError> {
        let mut known = self.known();
        if let Some((_, key)) = known.derived.as_ref().filter(|(of, _)| *of == kdf) {
            return Ok(Lock::Passphrase { kdf, key: key.clone() });
        }
        let ask = self.passphrase.as_ref().ok_or(LockError::NoPassphrase)?;
        let passphrase = ask().map_err(LockError::Unread)?.ok_or(LockError::NoPassphrase)?;
        let key = passphrase::derive(&passphrase, &kdf.salt, kdf.cost)?;
        known.derived = Some((kdf, key.clone()));
        Ok(Lock::Passphrase { kdf, key })
    }

    /// The token, signed in to; `serial` names it to whoever did not say where it is.
    fn token(&self, called: &str) -> Result<Arc<Token>, LockError> {
        let mut known = self.known();
        if let Some(token) = &known.token {
            return Ok(Arc::clone(token));
        }
        if known.refused {
            return Err(TokenError::Pin.into());
        }
        let place = self.token.as_ref().ok_or_else(|| LockError::NoToken(called.to_owned()))?;
        let opened = Token::open(place);
        known.refused = matches!(opened, Err(TokenError::Pin));
        let token = Arc::new(opened?);
        known.token = Some(Arc::clone(&token));
        Ok(token)
    }

    /// A fresh lock of this kind.
    pub(super) fn lock(&self, wanted: &Wanted, entropy: &Entropy) -> Result<Lock, LockError> {
        match wanted {
            Wanted::Clear => Ok(Lock::Open),
            Wanted::Passphrase(passphrase) => {
                passphrase::check(passphrase)?;
                let kdf = Kdf { cost: Cost::NOW, salt: entropy.bytes() };
                let key = passphrase::derive(passphrase, &kdf.salt, kdf.cost)?;
                self.known().derived = Some((kdf, key.clone()));
                Ok(Lock::Passphrase { kdf, key })
            }
            Wanted::Token => {
                Ok(Lock::Token { id: hex(&entropy.bytes::<16>()), token: self.token("that is asked for")? })
            }
        }
    }

    /// The lock that is written in a key file.
    pub(super) fn find(&self, form: &LockForm) -> Result<Lock, LockError> {
        match form {
            LockForm::Argon2id { memory_kib, passes, lanes, salt } => {
                let cost = Cost { memory_kib: *memory_kib, passes: *passes, lanes: *lanes };
                let salt = BASE64.decode(salt).ok().and_then(|salt| salt.try_into().ok());
                self.derive(Kdf { cost, salt: salt.ok_or(LockError::Damaged)? })
            }
            LockForm::Token { id, label, serial } => {
                let token = self.token(&format!("{label} ({serial})"))?;
                Ok(Lock::Token { id: id.clone(), token })
            }
        }
    }

    /// Forgets the token, so that the next use signs in anew: after it failed.
    pub(super) fn forget_token(&self) {
        self.known().token = None;
    }
}
