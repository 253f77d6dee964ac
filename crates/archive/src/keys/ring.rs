//! The keys of a running process: what the key file held when it was last read. They are renewed while the process runs,
//! by itself or by another.

use std::sync::{Arc, PoisonError, RwLock};

use plico_crypto::DataKey;
use plico_crypto::ed25519::{PublicKey, Signature};
use plico_crypto::keyholder::{KeyError, KeyHolder, Keyring};
use plico_crypto::p256;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::form::epoch_name;
use super::{KeyFile, KeyStore, Protection};
use crate::clock::Entropy;
use crate::error::ArchiveError;

/// The key file's keys, at hand.
pub(crate) struct Keys {
    store: KeyStore,
    ring: RwLock<Arc<Keyring>>,
    /// Held by whoever reads or changes the file: SHA-256 of what was last read. Opening what is sealed is work, and a
    /// rotation looks at the file at each step.
    seen: Mutex<[u8; 32]>,
}

impl Keys {
    /// The keys of a file that was read.
    pub(crate) fn new(store: KeyStore, ring: Keyring) -> Self {
        Self { store, ring: RwLock::new(Arc::new(ring)), seen: Mutex::default() }
    }

    /// Why the file is not written any more: the device did not confirm that it is durable.
    pub(crate) fn stopped(&self) -> Option<&str> {
        self.store.stopped()
    }

    fn ring(&self) -> Arc<Keyring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, ring: Keyring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// Reads the file again: another process may have renewed the keys.
    pub(crate) async fn reload(&self) -> Result<(), ArchiveError> {
        let mut seen = self.seen.lock().await;
        let stored = self.store.stored().await?;
        let digest = stored.digest;
        if digest != *seen {
            self.put(self.store.parse(stored).await?.keyring()?);
            *seen = digest;
        }
        Ok(())
    }

    /// Changes the file durably, then what is at hand.
    pub(crate) async fn change(
        &self,
        entropy: &Entropy,
        change: impl FnOnce(&mut KeyFile),
    ) -> Result<(), ArchiveError> {
        let mut seen = self.seen.lock().await;
        let mut file = self.store.read().await?;
        change(&mut file);
        *seen = self.store.write(&file, entropy).await?;
        self.put(file.keyring()?);
        Ok(())
    }

    /// Destroys in the token what opens the epochs before one in older copies of the file. Where no token seals the file
    /// there is nothing to destroy. Done after the file itself is without them: if we crash between, it is done again.
    pub(crate) async fn forget_epochs_before(
        &self,
        administration: &str,
        epoch: u32,
    ) -> Result<(), ArchiveError> {
        let _seen = self.seen.lock().await;
        let (file, administration) = (self.store.read().await?, administration.to_owned());
        let forget = move || {
            (1..epoch).try_for_each(|old| file.lock().destroy(&epoch_name(&administration, old)).map(|_| ()))
        };
        let forgotten = tokio::task::spawn_blocking(forget).await;
        Ok(forgotten.map_err(|error| ArchiveError::Corrupt(error.to_string()))??)
    }

    /// How the file is kept now.
    pub(crate) async fn protection(&self) -> Result<Protection, ArchiveError> {
        Ok(self.store.read().await?.protection())
    }

    /// The epochs of an administration whose keys are at hand, ascending.
    pub(crate) fn epochs(&self, administration: &str) -> Vec<u32> {
        self.ring().epochs().filter(|(name, ..)| *name == administration).map(|(_, n, _)| n).collect()
    }
}

impl KeyHolder for Keys {
    fn current_epoch(&self, administration: &str) -> Result<u32, KeyError> {
        self.ring().current_epoch(administration)
    }

    fn wrap(
        &self,
        administration: &str,
        epoch: u32,
        random: &mut dyn FnMut(&mut [u8]),
        aad: &[u8],
        secret: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.ring().wrap(administration, epoch, random, aad, secret)
    }

    fn unwrap(
        &self,
        administration: &str,
        epoch: u32,
        aad: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.ring().unwrap(administration, epoch, aad, wrapped)
    }

    fn log_key(&self, origin: &str) -> Result<PublicKey, KeyError> {
        self.ring().log_key(origin)
    }

    fn sign(&self, origin: &str, message: &[u8]) -> Result<Signature, KeyError> {
        self.ring().sign(origin, message)
    }

    fn card_keys(&self, administration: &str) -> Vec<p256::PublicKey> {
        self.ring().card_keys(administration)
    }

    fn sign_card(
        &self,
        administration: &str,
        key: &p256::PublicKey,
        message: &[u8],
    ) -> Result<p256::Signature, KeyError> {
        self.ring().sign_card(administration, key, message)
    }
}

impl KeyFile {
    /// The numbers of an administration's epochs.
    pub(crate) fn epochs_of(&self, administration: &str) -> impl Iterator<Item = u32> {
        self.epochs.iter().filter(move |e| e.administration == administration).map(|e| e.epoch)
    }

    /// Adds the key of an epoch that is not there yet.
    pub(crate) fn add_later_epoch(&mut self, administration: &str, epoch: u32, key: &DataKey) {
        if self.epochs_of(administration).all(|known| known < epoch) {
            self.push_epoch(administration, epoch, key.expose());
        }
    }

    /// Forgets the keys of the epochs before one.
    pub(crate) fn destroy_epochs_before(&mut self, administration: &str, epoch: u32) {
        let stays = |e: &super::EpochKey| e.administration != administration || e.epoch >= epoch;
        for gone in self.epochs.iter_mut().filter(|e| !stays(e)) {
            zeroize::Zeroize::zeroize(&mut gone.key);
        }
        self.epochs.retain(stays);
    }

    /// Every epoch there is: administration and number.
    pub(crate) fn every_epoch(&self) -> impl Iterator<Item = (&str, u32)> {
        self.epochs.iter().map(|e| (e.administration.as_str(), e.epoch))
    }
}
