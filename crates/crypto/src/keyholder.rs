//! The seam behind which the keys at hand stand: those of a key file that was read, whatever had sealed it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::DataKey;
use crate::ed25519::{PublicKey, Signature, SigningKey};
use crate::p256;
use crate::wrap::{WrapError, unwrap, wrap};

/// Why the key holder did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The administration has no key of that epoch: it never had, or the epoch was destroyed.
    #[error("no key of epoch {epoch} for {administration}")]
    NoEpoch {
        /// Whose key was asked for.
        administration: String,
        /// Which one.
        epoch: u32,
    },
    /// There is no signing key for that log.
    #[error("no signing key for the log {0}")]
    NoLog(String),
    /// The administration has no such key for its cards.
    #[error("no such key for the cards of {0}")]
    NoCardKey(String),
    /// The secret does not wrap or open.
    #[error("the secret could not be wrapped or opened")]
    Wrap(#[from] WrapError),
    /// The device that holds the keys does not answer.
    #[error("the key device failed")]
    Device(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Who holds the keys: wraps and opens small secrets under an administration's epoch, and signs for a log.
///
/// An *administration* is named by its id, a *log* by its origin. Calls block (a token may take milliseconds): make them off
/// the async threads.
pub trait KeyHolder: Send + Sync {
    /// The epoch under which new secrets are wrapped; counts from 1.
    fn current_epoch(&self, administration: &str) -> Result<u32, KeyError>;

    /// Wraps `secret` for the purpose named by `aad`, under that epoch.
    fn wrap(
        &self,
        administration: &str,
        epoch: u32,
        random: &mut dyn FnMut(&mut [u8]),
        aad: &[u8],
        secret: &[u8],
    ) -> Result<Vec<u8>, KeyError>;

    /// Opens what `wrap` made for the same administration, epoch and purpose.
    fn unwrap(
        &self,
        administration: &str,
        epoch: u32,
        aad: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError>;

    /// The public key of a log.
    fn log_key(&self, origin: &str) -> Result<PublicKey, KeyError>;

    /// Signs `message` with the key of a log.
    fn sign(&self, origin: &str, message: &[u8]) -> Result<Signature, KeyError>;

    /// The public keys of an administration's cards, the newest last: it signs.
    fn card_keys(&self, administration: &str) -> Vec<p256::PublicKey>;

    /// Signs `message` with one of them.
    fn sign_card(
        &self,
        administration: &str,
        key: &p256::PublicKey,
        message: &[u8],
    ) -> Result<p256::Signature, KeyError>;
}

/// Keys in memory: what a key file holds once it is read.
#[derive(Debug, Default)]
pub struct Keyring {
    epochs: BTreeMap<String, BTreeMap<u32, DataKey>>,
    logs: BTreeMap<String, SigningKey>,
    cards: BTreeMap<String, Vec<p256::SigningKey>>,
}

impl Keyring {
    /// A ring without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the key of an epoch; the highest number is the current one.
    pub fn add_epoch(&mut self, administration: impl Into<String>, epoch: u32, key: DataKey) {
        self.epochs.entry(administration.into()).or_default().insert(epoch, key);
    }

    /// Forgets the key of an epoch: what was wrapped under it opens nowhere any more.
    pub fn destroy_epoch(&mut self, administration: &str, epoch: u32) {
        if let Some(keys) = self.epochs.get_mut(administration) {
            keys.remove(&epoch);
        }
    }

    /// Adds the signing key of a log.
    pub fn add_log(&mut self, origin: impl Into<String>, key: SigningKey) {
        self.logs.insert(origin.into(), key);
    }

    /// Adds a key for an administration's cards; the last one signs.
    pub fn add_card_key(&mut self, administration: impl Into<String>, key: p256::SigningKey) {
        self.cards.entry(administration.into()).or_default().push(key);
    }

    /// Every epoch's key, for writing a key file.
    pub fn epochs(&self) -> impl Iterator<Item = (&str, u32, &DataKey)> {
        self.epochs.iter().flat_map(|(name, keys)| keys.iter().map(move |(n, key)| (name.as_str(), *n, key)))
    }

    /// Every log's key, for writing a key file.
    pub fn logs(&self) -> impl Iterator<Item = (&str, &SigningKey)> {
        self.logs.iter().map(|(origin, key)| (origin.as_str(), key))
    }

    fn epoch(&self, administration: &str, epoch: u32) -> Result<&DataKey, KeyError> {
        self.epochs
            .get(administration)
            .and_then(|keys| keys.get(&epoch))
            .ok_or_else(|| KeyError::NoEpoch { administration: administration.to_owned(), epoch })
    }

    fn log(&self, origin: &str) -> Result<&SigningKey, KeyError> {
        self.logs.get(origin).ok_or_else(|| KeyError::NoLog(origin.to_owned()))
    }
}

impl KeyHolder for Keyring {
    fn current_epoch(&self, administration: &str) -> Result<u32, KeyError> {
        self.epochs
            .get(administration)
            .and_then(|keys| keys.last_key_value())
            .map(|(epoch, _)| *epoch)
            .ok_or_else(|| KeyError::NoEpoch { administration: administration.to_owned(), epoch: 1 })
    }

    fn wrap(
        &self,
        administration: &str,
        epoch: u32,
        random: &mut dyn FnMut(&mut [u8]),
        aad: &[u8],
        secret: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        Ok(wrap(self.epoch(administration, epoch)?, random, aad, secret)?)
    }

    fn unwrap(
        &self,
        administration: &str,
        epoch: u32,
        aad: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Ok(unwrap(self.epoch(administration, epoch)?, aad, wrapped)?)
    }

    fn log_key(&self, origin: &str) -> Result<PublicKey, KeyError> {
        Ok(self.log(origin)?.public_key())
    }

    fn sign(&self, origin: &str, message: &[u8]) -> Result<Signature, KeyError> {
        Ok(self.log(origin)?.sign(message))
    }

    fn card_keys(&self, administration: &str) -> Vec<p256::PublicKey> {
        let keys = self.cards.get(administration).map_or(&[][..], Vec::as_slice);
        keys.iter().map(p256::SigningKey::public_key).collect()
    }

    fn sign_card(
        &self,
        administration: &str,
        key: &p256::PublicKey,
        message: &[u8],
    ) -> Result<p256::Signature, KeyError> {
        let mut keys = self.cards.get(administration).into_iter().flatten();
        let signed = keys.find(|own| own.public_key() == *key).and_then(|own| own.sign(message));
        signed.ok_or_else(|| KeyError::NoCardKey(administration.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destroyed_epoch_opens_nothing() {
        let mut ring = Keyring::new();
        ring.add_epoch("c_a001", 1, DataKey::new([1; 32]));
        ring.add_epoch("c_a001", 2, DataKey::new([2; 32]));
        ring.add_log("example.org/c_a001/1", SigningKey::from_seed([3; 32]));
        assert_eq!(ring.current_epoch("c_a001").unwrap(), 2);
        assert!(ring.current_epoch("c_b002").is_err());

        let wrapped = ring.wrap("c_a001", 1, &mut |b| b.fill(4), b"blob 7", b"secret").unwrap();
        assert_eq!(&ring.unwrap("c_a001", 1, b"blob 7", &wrapped).unwrap()[..], b"secret");
        assert!(ring.unwrap("c_a001", 2, b"blob 7", &wrapped).is_err());
        assert!(ring.unwrap("c_a001", 1, b"blob 8", &wrapped).is_err());
        ring.destroy_epoch("c_a001", 1);
        assert!(matches!(
            ring.unwrap("c_a001", 1, b"blob 7", &wrapped),
            Err(KeyError::NoEpoch { epoch: 1, .. })
        ));

        let signature = ring.sign("example.org/c_a001/1", b"text").unwrap();
        let key = ring.log_key("example.org/c_a001/1").unwrap();
        assert!(crate::ed25519::verify(&key, b"text", &signature));
        ring.add_card_key("c_a001", p256::SigningKey::from_seed(&[5; 32]).unwrap());
        let card_key = ring.card_keys("c_a001")[0];
        let signature = ring.sign_card("c_a001", &card_key, b"card").unwrap();
        assert!(p256::verify(&card_key, b"card", &signature));
        assert!(ring.card_keys("c_b002").is_empty() && ring.sign_card("c_b002", &card_key, b"card").is_err());
        assert!(matches!(ring.sign("example.org/other/1", b"text"), Err(KeyError::NoLog(_))));
        assert!(!format!("{ring:?}").contains("[3,"));
    }
}
