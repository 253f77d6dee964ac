//! Where the key file is, reading it and replacing it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plico_crypto::digest::sha256;
use plico_vault::{AtomicFile, VaultError};
use zeroize::Zeroizing;

use super::form::{Form, version};
use super::lock::{LockError, Protection};
use super::unlock::{Unlock, Wanted};
use super::{KeyFile, Lock};
use crate::Paths;
use crate::clock::Entropy;
use crate::error::ArchiveError;
use crate::lead::free;

/// Bytes of the largest key file we read.
const LIMIT: u64 = 4 * 1024 * 1024;

/// The key file at its path, and what opens it.
#[derive(Clone)]
pub(crate) struct KeyStore {
    path: PathBuf,
    file: Arc<AtomicFile>,
    unlock: Unlock,
}

/// The bytes of a key file, and what tells them from others.
pub(super) struct Stored {
    bytes: Zeroizing<Vec<u8>>,
    pub(super) digest: [u8; 32],
}

impl Stored {
    fn new(bytes: Vec<u8>) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self { digest: sha256(&bytes), bytes }
    }
}

impl KeyStore {
    /// The key file that is there.
    pub(crate) fn of(paths: &Paths) -> Result<Self, ArchiveError> {
        Self::over(paths, AtomicFile::existing(&paths.key_file))
    }

    /// The key file that is to be made.
    pub(crate) fn new(paths: &Paths) -> Result<Self, ArchiveError> {
        Self::over(paths, AtomicFile::at(&paths.key_file))
    }

    pub(super) fn over(paths: &Paths, file: Result<AtomicFile, VaultError>) -> Result<Self, ArchiveError> {
        let file = Arc::new(file.map_err(failed(&paths.key_file))?);
        Ok(Self { path: paths.key_file.clone(), file, unlock: paths.unlock.clone() })
    }

    /// Why it is not written any more: the device did not confirm that it is durable.
    pub(crate) fn stopped(&self) -> Option<&str> {
        self.file.stop().why()
    }

    /// What seals a new file as asked.
    pub(crate) async fn lock(&self, wanted: Wanted, entropy: &Entropy) -> Result<Lock, ArchiveError> {
        let (unlock, entropy) = (self.unlock.clone(), entropy.clone());
        off_thread(move || Ok(unlock.lock(&wanted, &entropy)?)).await
    }

    pub(crate) async fn read(&self) -> Result<KeyFile, ArchiveError> {
        let stored = self.stored().await?;
        self.parse(stored).await
    }

    /// Its bytes as they are.
    pub(super) async fn stored(&self) -> Result<Stored, ArchiveError> {
        let Self { path, file, .. } = self.clone();
        off_thread(move || {
            let bytes = file
                .read(LIMIT)
                .map_err(failed(&path))?
                .ok_or_else(|| ArchiveError::Setup(format!("there is no key file at {}", path.display())))?;
            Ok(Stored::new(bytes))
        })
        .await
    }

    pub(super) async fn parse(&self, stored: Stored) -> Result<KeyFile, ArchiveError> {
        let Self { path, unlock, .. } = self.clone();
        off_thread(move || {
            let none = |_| ArchiveError::Setup(format!("{} is not a key file", path.display()));
            if version(&stored.bytes).is_some_and(|v| !(1..=2).contains(&v)) {
                return Err(ArchiveError::Setup(format!("{} is of a later version", path.display())));
            }
            let form: Form = serde_json::from_slice(&stored.bytes).map_err(none)?;
            Ok(form.open(&unlock)?)
        })
        .await
    }

    /// Writes it durably: after a crash the path holds the old keys whole or the new ones whole. Nothing else is left
    /// beside it. What is to be written is opened before, and must be what it was made of.
    pub(crate) async fn write(&self, keys: &KeyFile, entropy: &Entropy) -> Result<[u8; 32], ArchiveError> {
        let (Self { path, file, .. }, keys, entropy) = (self.clone(), keys.clone(), entropy.clone());
        off_thread(move || {
            let form = Form::of(&keys, &entropy)?;
            let text = |e: serde_json::Error| ArchiveError::Setup(e.to_string());
            let stored = Stored::new(serde_json::to_vec_pretty(&form).map_err(text)?);
            if let Form::Sealed(sealed) = form
                && !sealed.open(keys.lock.clone())?.holds_the_same(&keys)
            {
                return Err(LockError::Damaged.into());
            }
            file.replace(&stored.bytes).map_err(failed(&path))?;
            Ok(stored.digest)
        })
        .await
    }
}

/// Keeps the keys of an archive otherwise from now on; answers how they were kept, and how they are. Nobody may be serving it: one process
/// changes the key file. If we crash, the file is as it was, or as it is to be; what a token made for a file that was not
/// written stays in the token, and opens nothing.
pub async fn protect(
    paths: &Paths,
    wanted: Wanted,
    entropy: &Entropy,
) -> Result<(Protection, Protection), ArchiveError> {
    let Some(_signer) = free(&paths.signer)? else {
        return Err(ArchiveError::Setup(
            "the service is running: stop it first, it may change the key file".into(),
        ));
    };
    let store = KeyStore::of(paths)?;
    let mut keys = store.read().await?;
    let before = keys.protection();
    if matches!((&before, &wanted), (Protection::Token(..), Wanted::Token)) {
        return Err(ArchiveError::Setup(
            "a token seals the keys already: to change tokens, seal them with a passphrase between".into(),
        ));
    }
    keys.set_lock(store.lock(wanted, entropy).await?);
    store.write(&keys, entropy).await?;
    Ok((before, keys.protection()))
}

fn failed(path: &Path) -> impl Fn(VaultError) -> ArchiveError + '_ {
    move |source| ArchiveError::KeyFile { path: path.to_owned(), source }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ArchiveError::Corrupt(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use plico_crypto::keyholder::KeyHolder as _;
    use plico_vault::{Failure, Memory};

    use super::*;

    const WORDS: &str = "tre civette sul comò";

    fn entropy() -> Entropy {
        let count = std::sync::atomic::AtomicU8::new(1);
        Entropy::new(move |buffer| {
            buffer.fill(count.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        })
    }

    fn store(disk: &Memory, unlock: &Unlock) -> KeyStore {
        let paths = Paths {
            data: "data".into(),
            database: Paths::file_in(Path::new("data")),
            key_file: "plico.keys".into(),
            unlock: unlock.clone(),
            signer: "signer".into(),
            stores: plico_vault::Stores::default(),
        };
        let file = AtomicFile::over(Arc::new(disk.folder("keys")), Path::new("plico.keys"));
        KeyStore::over(&paths, Ok(file)).unwrap()
    }

    /// A disk with a key file in the clear, and one that seals it.
    async fn begun(unlock: &Unlock) -> (Memory, KeyFile) {
        let disk = Memory::new();
        let mut keys = KeyFile::default();
        keys.add_epoch("borgo", &[4; 32]);
        keys.add_log("archivio.example/c_x000/1", &[5; 32]);
        let store = store(&disk, unlock);
        store.write(&keys, &entropy()).await.unwrap();
        let mut sealed = store.read().await.unwrap();
        let wanted = Wanted::Passphrase(Zeroizing::new(WORDS.into()));
        sealed.set_lock(store.lock(wanted, &entropy()).await.unwrap());
        (disk, sealed)
    }

    #[tokio::test]
    async fn whenever_the_machine_stops_the_file_is_the_old_one_or_the_new_one() {
        let unlock = Unlock::default();
        let mut seen = [0, 0];
        for step in 0.. {
            let (disk, sealed) = begun(&unlock).await;
            disk.fail_at(disk.operations() + step, Failure::Down);
            let written = store(&disk, &unlock).write(&sealed, &entropy()).await;
            for state in 0..8_usize {
                let mut n = state;
                let after = disk.after_power_loss(&mut |below| {
                    n = n.wrapping_mul(31).wrapping_add(7);
                    n % below
                });
                let keys = store(&after, &unlock).read().await.unwrap();
                assert!(keys.holds_the_same(&sealed), "step {step}, state {state}");
                keys.keyring().unwrap().log_key("archivio.example/c_x000/1").unwrap();
                let new = keys.protection() == Protection::Passphrase;
                assert!(new || written.is_err(), "what was acknowledged is there");
                seen[usize::from(new)] += 1;
            }
            if written.is_ok() {
                break;
            }
        }
        assert!(seen[0] > 8 && seen[1] > 8, "{seen:?}");
    }

    #[tokio::test]
    async fn after_a_sync_that_failed_it_is_not_written_again() {
        let unlock = Unlock::default();
        let mut syncs = 0;
        for step in 0.. {
            let (disk, sealed) = begun(&unlock).await;
            let store = store(&disk, &unlock);
            let failure = Failure::Once { error: std::io::ErrorKind::Other, done: false };
            disk.fail_at(disk.operations() + step, failure);
            match store.write(&sealed, &entropy()).await {
                Ok(_) => break,
                Err(ArchiveError::KeyFile { source: VaultError::Sync { .. }, .. }) => {
                    syncs += 1;
                    assert!(store.stopped().unwrap().contains("plico.keys"), "{:?}", store.stopped());
                    let again = store.write(&sealed, &entropy()).await;
                    assert!(
                        matches!(again, Err(ArchiveError::KeyFile { source: VaultError::Stopped, .. })),
                        "{again:?}"
                    );
                }
                Err(_) => assert_eq!(store.stopped(), None),
            }
        }
        assert_eq!(syncs, 2, "of the file, and of its folder");
    }
}
