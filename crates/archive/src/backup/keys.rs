//! The keys file of a backup: key file and secrets in one. It is sealed with what the key file is sealed with.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::secrets::Secrets;
use crate::clock::Entropy;
use crate::error::ArchiveError;
use crate::keys::{Envelope, Form, KeyFile, LockError, Unlock};

/// The version of the keys file, in the clear and sealed.
const KEYS: u8 = 2;
const SEALED_KEYS: u8 = 3;
/// What the secrets of a sealed one are sealed under.
const SECRETS: &str = "backup";

#[derive(Deserialize)]
struct Version {
    v: u8,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Keys {
    v: u8,
    /// SHA-256 of the data file made together with it.
    data: String,
    file: Form,
    /// In the clear, or sealed if the key file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secrets: Option<Secrets>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Envelope>,
}

impl Keys {
    /// Of the data file with this SHA-256.
    pub(super) fn of(
        data: String,
        file: &KeyFile,
        secrets: Secrets,
        entropy: &Entropy,
    ) -> Result<Self, LockError> {
        let form = Form::of(file, entropy)?;
        if file.lock().is_open() {
            return Ok(Self { v: KEYS, data, file: form, secrets: Some(secrets), sealed: None });
        }
        let bytes = Zeroizing::new(serde_json::to_vec(&secrets).map_err(|_| LockError::Damaged)?);
        let sealed = Some(file.lock().envelop(entropy, SECRETS, &bytes)?);
        Ok(Self { v: SEALED_KEYS, data, file: form, secrets: None, sealed })
    }

    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, ArchiveError> {
        let bytes = serde_json::to_vec(self).map_err(|error| ArchiveError::Setup(error.to_string()))?;
        Ok(Zeroizing::new(bytes))
    }

    /// What is in the file at `path`.
    pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Self, ArchiveError> {
        let wrong = |_| ArchiveError::Setup(format!("{} is not the keys of a backup", path.display()));
        let Version { v } = serde_json::from_slice(bytes).map_err(wrong)?;
        if !(KEYS..=SEALED_KEYS).contains(&v) {
            return Err(ArchiveError::Setup(format!(
                "{} was made by another version of the program: restore it with that one",
                path.display()
            )));
        }
        serde_json::from_slice(bytes).map_err(wrong)
    }

    pub(super) fn open(self, unlock: &Unlock) -> Result<(KeyFile, Secrets), LockError> {
        let file = self.file.open(unlock)?;
        let secrets = match (self.secrets, self.sealed) {
            (Some(secrets), None) => secrets,
            (None, Some(envelope)) => {
                let bytes = file.lock().open(SECRETS, &envelope)?;
                serde_json::from_slice(&bytes).map_err(|_| LockError::Damaged)?
            }
            _ => return Err(LockError::Damaged),
        };
        Ok((file, secrets))
    }
}
