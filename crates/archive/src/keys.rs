//! The key file: epoch keys, log keys and the seal. Made by `init`, mode 0600, never inside the data folder; in the clear,
//! or sealed with a passphrase or by a token.

mod card;
mod form;
mod lock;
mod ring;
mod store;
mod unlock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::DataKey;
use plico_crypto::ed25519::SigningKey;
use plico_crypto::keyholder::Keyring;
use plico_crypto::p256;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::ArchiveError;

pub(crate) use card::seed as card_seed;
pub(crate) use form::Form;
pub(crate) use lock::{Envelope, Lock};
pub use lock::{LockError, Protection};
pub(crate) use ring::Keys;
pub(crate) use store::KeyStore;
pub use store::protect;
pub use unlock::{Unlock, Wanted};

/// What the file holds. It has no `Debug`: it is all secrets.
#[derive(Serialize, Deserialize, Clone)]
pub struct KeyFile {
    v: u8,
    epochs: Vec<EpochKey>,
    logs: Vec<LogKey>,
    /// Of the administrations' cards, the newest of each last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cards: Vec<CardKey>,
    /// Certificate chain and private key of the seal, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal_pem: Option<String>,
    /// What it is sealed with where it is written.
    #[serde(skip)]
    lock: Lock,
}

#[derive(Serialize, Deserialize, Clone)]
struct EpochKey {
    administration: String,
    epoch: u32,
    key: String,
    /// As it was read from a sealed file: it need not be sealed again.
    #[serde(skip)]
    sealed: Option<String>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
struct LogKey {
    origin: String,
    seed: String,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
struct CardKey {
    administration: String,
    seed: String,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.epochs.iter_mut().for_each(|epoch| epoch.key.zeroize());
        self.logs.iter_mut().for_each(|log| log.seed.zeroize());
        self.cards.iter_mut().for_each(|card| card.seed.zeroize());
        self.seal_pem.zeroize();
    }
}

impl Default for KeyFile {
    fn default() -> Self {
        Self {
            v: 1,
            epochs: Vec::new(),
            logs: Vec::new(),
            cards: Vec::new(),
            seal_pem: None,
            lock: Lock::Open,
        }
    }
}

impl KeyFile {
    /// Adds the first epoch of an administration.
    pub fn add_epoch(&mut self, administration: &str, key: &[u8; 32]) {
        self.push_epoch(administration, 1, key);
    }

    fn push_epoch(&mut self, administration: &str, epoch: u32, key: &[u8; 32]) {
        let (administration, key) = (administration.into(), BASE64.encode(key));
        self.epochs.push(EpochKey { administration, epoch, key, sealed: None });
    }

    /// Adds a log's signing key.
    pub fn add_log(&mut self, origin: &str, seed: &[u8; 32]) {
        self.logs.push(LogKey { origin: origin.into(), seed: BASE64.encode(seed) });
    }

    /// Adds the first key of an administration's cards, unless it has one.
    pub fn add_card_key(&mut self, administration: &str, seed: &[u8; 32]) {
        if self.cards.iter().all(|card| card.administration != administration) {
            self.cards.push(CardKey { administration: administration.into(), seed: BASE64.encode(seed) });
        }
    }

    /// Whether a log of this origin has a key: it was begun.
    pub fn has_log(&self, origin: &str) -> bool {
        self.logs.iter().any(|log| log.origin == origin)
    }

    /// Sets the seal.
    pub fn set_seal(&mut self, pem: String) {
        self.seal_pem = Some(pem);
    }

    /// The seal's certificate and key, PEM.
    pub fn seal(&self) -> Option<Zeroizing<String>> {
        self.seal_pem.clone().map(Zeroizing::new)
    }

    /// The keys, ready to use.
    pub fn keyring(&self) -> Result<Keyring, ArchiveError> {
        let read = |text: &str| -> Result<[u8; 32], ArchiveError> {
            BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
                ArchiveError::Setup("the key file holds a key that is not 32 bytes of base64".into())
            })
        };
        let mut keyring = Keyring::new();
        for epoch in &self.epochs {
            keyring.add_epoch(epoch.administration.clone(), epoch.epoch, DataKey::new(read(&epoch.key)?));
        }
        for log in &self.logs {
            keyring.add_log(log.origin.clone(), SigningKey::from_seed(read(&log.seed)?));
        }
        for card in &self.cards {
            let key = p256::SigningKey::from_seed(&read(&card.seed)?).ok_or_else(|| {
                ArchiveError::Setup("the key file holds a number that is no key for cards".into())
            })?;
            keyring.add_card_key(card.administration.clone(), key);
        }
        Ok(keyring)
    }

    /// Whether both hold the same keys, however they are sealed.
    fn holds_the_same(&self, other: &Self) -> bool {
        let epoch = |e: &EpochKey| (e.administration.clone(), e.epoch, Zeroizing::new(e.key.clone()));
        self.epochs.iter().map(epoch).eq(other.epochs.iter().map(epoch))
            && self.logs == other.logs
            && self.cards == other.cards
            && self.seal_pem == other.seal_pem
    }

    /// How it is kept where it is written.
    pub(crate) fn protection(&self) -> Protection {
        self.lock.protection()
    }

    /// What it is sealed with.
    pub(crate) fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Seals it with something else from now on.
    pub(crate) fn set_lock(&mut self, lock: Lock) {
        self.lock = lock;
        self.epochs.iter_mut().for_each(|epoch| epoch.sealed = None);
    }
}
