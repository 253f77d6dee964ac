//! The key file: epoch keys, log keys and the seal. Made by `init`, mode 0600, never inside the data folder.

mod ring;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::DataKey;
use plico_crypto::ed25519::SigningKey;
use plico_crypto::keyholder::Keyring;
use plico_vault::{AtomicFile, VaultError};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::ArchiveError;

pub(crate) use ring::Keys;

/// Bytes of the largest key file we read.
const LIMIT: u64 = 4 * 1024 * 1024;

/// What the file holds. It has no `Debug`: it is all secrets.
#[derive(Serialize, Deserialize, Clone)]
pub struct KeyFile {
    v: u8,
    epochs: Vec<EpochKey>,
    logs: Vec<LogKey>,
    /// Certificate chain and private key of the seal, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal_pem: Option<String>,
}

#[derive(Serialize, Deserialize, Clone)]
struct EpochKey {
    administration: String,
    epoch: u32,
    key: String,
}

#[derive(Serialize, Deserialize, Clone)]
struct LogKey {
    origin: String,
    seed: String,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.epochs.iter_mut().for_each(|epoch| epoch.key.zeroize());
        self.logs.iter_mut().for_each(|log| log.seed.zeroize());
        self.seal_pem.zeroize();
    }
}

impl Default for KeyFile {
    fn default() -> Self {
        Self { v: 1, epochs: Vec::new(), logs: Vec::new(), seal_pem: None }
    }
}

impl KeyFile {
    /// Adds the first epoch of an administration.
    pub fn add_epoch(&mut self, administration: &str, key: &[u8; 32]) {
        self.push_epoch(administration, 1, key);
    }

    fn push_epoch(&mut self, administration: &str, epoch: u32, key: &[u8; 32]) {
        self.epochs.push(EpochKey { administration: administration.into(), epoch, key: BASE64.encode(key) });
    }

    /// Adds a log's signing key.
    pub fn add_log(&mut self, origin: &str, seed: &[u8; 32]) {
        self.logs.push(LogKey { origin: origin.into(), seed: BASE64.encode(seed) });
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
        Ok(keyring)
    }

    /// Reads a key file.
    pub async fn read(path: &Path) -> Result<Self, ArchiveError> {
        let path = path.to_owned();
        off_thread(move || {
            let read = AtomicFile::existing(&path).and_then(|file| file.read(LIMIT));
            let bytes =
                Zeroizing::new(read.map_err(failed(&path))?.ok_or_else(|| {
                    ArchiveError::Setup(format!("there is no key file at {}", path.display()))
                })?);
            let file: Self = serde_json::from_slice(&bytes)
                .map_err(|_| ArchiveError::Setup(format!("{} is not a key file", path.display())))?;
            if file.v != 1 {
                return Err(ArchiveError::Setup(format!("{} is of a later version", path.display())));
            }
            Ok(file)
        })
        .await
    }

    /// Writes it durably: after a crash the path holds the old keys whole or the new ones whole. Nothing else is left
    /// beside it.
    pub async fn write(&self, path: &Path) -> Result<(), ArchiveError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|e| ArchiveError::Setup(e.to_string()))?;
        let (bytes, path) = (Zeroizing::new(bytes), path.to_owned());
        off_thread(move || AtomicFile::at(&path).and_then(|file| file.replace(&bytes)).map_err(failed(&path)))
            .await
    }
}

fn failed(path: &Path) -> impl Fn(VaultError) -> ArchiveError + '_ {
    move |source| ArchiveError::KeyFile { path: path.to_owned(), source }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ArchiveError::Corrupt(error.to_string()))?
}
