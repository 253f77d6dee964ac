//! The keys of a running process: what the key file held when it was last read. They are renewed while the process runs,
//! by itself or by another.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use plico_crypto::DataKey;
use plico_crypto::ed25519::{PublicKey, Signature};
use plico_crypto::keyholder::{KeyError, KeyHolder, Keyring};
use tokio::sync::{Mutex, MutexGuard};
use zeroize::Zeroizing;

use super::KeyFile;
use crate::error::ArchiveError;

/// The key file's keys, at hand.
pub(crate) struct Keys {
    file: PathBuf,
    ring: RwLock<Arc<Keyring>>,
    /// Held by whoever changes the file.
    changing: Mutex<()>,
}

impl Keys {
    pub(crate) fn new(file: PathBuf, ring: Keyring) -> Self {
        Self { file, ring: RwLock::new(Arc::new(ring)), changing: Mutex::new(()) }
    }

    fn ring(&self) -> Arc<Keyring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, ring: Keyring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// Reads the file again: another process may have renewed the keys.
    pub(crate) async fn reload(&self) -> Result<(), ArchiveError> {
        let _guard = self.changing.lock().await;
        self.put(KeyFile::read(&self.file).await?.keyring()?);
        Ok(())
    }

    /// Changes the file durably, then what is at hand.
    pub(crate) async fn change(&self, change: impl FnOnce(&mut KeyFile)) -> Result<(), ArchiveError> {
        let _guard: MutexGuard<'_, ()> = self.changing.lock().await;
        let mut file = KeyFile::read(&self.file).await?;
        change(&mut file);
        file.write(&self.file).await?;
        self.put(file.keyring()?);
        Ok(())
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
