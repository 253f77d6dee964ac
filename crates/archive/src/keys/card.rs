//! The keys that sign an administration's cards: made by `init`, or when they are first needed.

use plico_crypto::keyholder::KeyHolder as _;
use plico_crypto::p256::{PublicKey, Signature, SigningKey};

use super::KeyFile;
use crate::Archive;
use crate::append::Work;
use crate::clock::Entropy;
use crate::error::ArchiveError;

/// A number that is a key: almost every one is.
pub(crate) fn seed(entropy: &Entropy) -> [u8; 32] {
    loop {
        let seed = entropy.bytes();
        if SigningKey::from_seed(&seed).is_some() {
            return seed;
        }
    }
}

impl Archive {
    /// The public keys of an administration's cards, the newest last; none before the first is made.
    pub fn card_keys(&self, administration: &str) -> Vec<PublicKey> {
        self.core().keys.card_keys(administration)
    }

    /// The key that signs an administration's cards. An archive from before cards gets one now, from the process that
    /// signs: it alone changes the key file.
    pub async fn card_key(&self, administration: &str) -> Result<PublicKey, ArchiveError> {
        let keys = &self.core().keys;
        if let Some(key) = keys.card_keys(administration).pop() {
            return Ok(key);
        }
        keys.reload().await?;
        if keys.card_keys(administration).is_empty() && self.leads().await {
            let seed = seed(self.entropy());
            keys.change(self.entropy(), |file: &mut KeyFile| file.add_card_key(administration, &seed))
                .await?;
        }
        keys.card_keys(administration).pop().ok_or_else(|| {
            ArchiveError::Setup("cards have no key yet: issue the first one on the machine that signs".into())
        })
    }
}

impl Archive {
    /// Signs with one of an administration's keys for cards.
    pub fn sign_card(
        &self,
        administration: &str,
        key: &PublicKey,
        message: &[u8],
    ) -> Result<Signature, ArchiveError> {
        Ok(self.core().keys.sign_card(administration, key, message)?)
    }
}

impl Work {
    /// Signs with one of an administration's keys for cards.
    pub fn sign_card(
        &self,
        administration: &str,
        key: &PublicKey,
        message: &[u8],
    ) -> Result<Signature, ArchiveError> {
        Ok(self.core().keys.sign_card(administration, key, message)?)
    }
}
