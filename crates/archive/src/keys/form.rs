//! A key file as bytes: in the clear (version 1), or sealed (version 2). Sealed, each epoch's key is wrapped by itself, so that
//! a token can destroy what opens one; log keys and seal are in one envelope.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::lock::{Envelope, Lock, LockError, LockForm};
use super::unlock::Unlock;
use super::{CardKey, EpochKey, KeyFile, LogKey};
use crate::clock::Entropy;

/// What the envelope is sealed under.
const REST: &str = "file";

/// The file, or the part of a backup that is it.
#[derive(Serialize, Deserialize, Clone)]
#[serde(untagged)]
pub(crate) enum Form {
    Sealed(Sealed),
    Clear(KeyFile),
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Sealed {
    v: u8,
    lock: LockForm,
    epochs: Vec<SealedEpoch>,
    rest: Envelope,
}

#[derive(Serialize, Deserialize, Clone)]
struct SealedEpoch {
    administration: String,
    epoch: u32,
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Rest {
    logs: Vec<LogKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cards: Vec<CardKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal_pem: Option<String>,
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.logs.iter_mut().for_each(|log| log.seed.zeroize());
        self.cards.iter_mut().for_each(|card| card.seed.zeroize());
        self.seal_pem.zeroize();
    }
}

#[derive(Deserialize)]
struct Version {
    v: u8,
}

/// Under which name an epoch's key is wrapped.
pub(super) fn epoch_name(administration: &str, epoch: u32) -> String {
    format!("epoch/{administration}/{epoch}")
}

/// The version of a key file; `None` when it is none.
pub(super) fn version(bytes: &[u8]) -> Option<u8> {
    serde_json::from_slice::<Version>(bytes).ok().map(|version| version.v)
}

impl Form {
    /// Seals what is not sealed yet.
    pub(crate) fn of(file: &KeyFile, entropy: &Entropy) -> Result<Self, LockError> {
        let Some(form) = file.lock.form() else { return Ok(Self::Clear(file.clone())) };
        let epochs = file.epochs.iter().map(|epoch| {
            let EpochKey { administration, epoch: number, key, sealed } = epoch;
            let key = match sealed {
                Some(sealed) => sealed.clone(),
                None => file.lock.wrap(entropy, &epoch_name(administration, *number), key.as_bytes())?,
            };
            Ok(SealedEpoch { administration: administration.clone(), epoch: *number, key })
        });
        let epochs: Vec<SealedEpoch> = epochs.collect::<Result<_, LockError>>()?;
        let (logs, cards) = (file.logs.clone(), file.cards.clone());
        let rest = Rest { logs, cards, seal_pem: file.seal_pem.clone() };
        let rest = Zeroizing::new(serde_json::to_vec(&rest).map_err(|_| LockError::Damaged)?);
        let rest = file.lock.envelop(entropy, REST, &rest)?;
        Ok(Self::Sealed(Sealed { v: 2, lock: form, epochs, rest }))
    }

    /// The keys in it.
    pub(crate) fn open(self, unlock: &Unlock) -> Result<KeyFile, LockError> {
        match self {
            Self::Clear(file) => Ok(file),
            Self::Sealed(sealed) => {
                let opened = unlock.find(&sealed.lock).and_then(|lock| sealed.open(lock));
                if matches!(opened, Err(LockError::Token(_))) {
                    unlock.forget_token();
                }
                opened
            }
        }
    }
}

impl Sealed {
    pub(super) fn open(self, lock: Lock) -> Result<KeyFile, LockError> {
        // First what is there in any case: a wrong passphrase is not a missing epoch.
        let rest = lock.open(REST, &self.rest)?;
        let mut rest: Rest = serde_json::from_slice(&rest).map_err(|_| LockError::Damaged)?;
        let epochs = self.epochs.into_iter().map(|epoch| {
            let key = lock.unwrap(&epoch_name(&epoch.administration, epoch.epoch), &epoch.key)?;
            Ok(EpochKey {
                key: String::from_utf8(key.to_vec()).map_err(|_| LockError::Damaged)?,
                administration: epoch.administration,
                epoch: epoch.epoch,
                sealed: Some(epoch.key),
            })
        });
        let epochs = epochs.collect::<Result<_, LockError>>()?;
        let (logs, cards) = (std::mem::take(&mut rest.logs), std::mem::take(&mut rest.cards));
        Ok(KeyFile { v: 1, epochs, logs, cards, seal_pem: rest.seal_pem.take(), lock })
    }
}
