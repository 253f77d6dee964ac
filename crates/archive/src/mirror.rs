//! The mirror role: others' logs, copied leaf by leaf, so that what was once shown can no longer be withdrawn, and a
//! subject with two histories is seen. A mirror holds no archive and no key: it can open nothing of what it keeps.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use plico_journal::bundle::{self, BundleError};
use plico_journal::checkpoint::CheckpointError;
use plico_journal::leaf::LeafError;
use plico_journal::merkle::{self, Frontier, Hash, TileId, bundle_path, leaf_hash, new_bundles};
use plico_journal::{Checkpoint, Leaf, VerifierKey};
use plico_vault::signer::{Position, SignerError, SignerState};
use plico_vault::{Access, Vault, VaultError};
use tokio::sync::Mutex;

use crate::error::ArchiveError;
use crate::tree;

/// Bytes of the largest bundle: 256 entries with their lengths.
pub const MAX_BUNDLE: usize = 256 * (65_535 + 2);
/// Bytes of the longest checkpoint that is taken.
pub const MAX_CHECKPOINT: usize = 1 << 20;
/// Bytes of bundles that are fetched before they are written: bounds memory when much is missing.
const STRIDE: usize = 4 << 20;

/// Copies of logs in a folder, which belongs in no backup: a mirror that was put back would not know what it had seen.
#[derive(Debug)]
pub struct Mirror {
    vault: Vault,
    state: Mutex<Option<SignerState>>,
    logs: BTreeMap<String, Log>,
}

#[derive(Debug)]
struct Log {
    key: VerifierKey,
    /// Held while something is taken.
    copy: Mutex<Copy>,
    /// Leaves that are kept.
    size: AtomicU64,
}

/// What is known of one log.
#[derive(Clone, Debug, Default)]
struct Copy {
    frontier: Frontier,
    /// Of each subject, the index of its last event.
    heads: HashMap<[u8; 16], u64>,
    last_ms: i64,
}

/// What came of looking at a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// So many leaves were new.
    New(u64),
    /// Nothing was: it is the beginning of what is kept, or all of it.
    Known,
}

/// Why a checkpoint is not taken. What was kept stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// It is not one of the logs that are mirrored.
    #[error("no log {0} is mirrored here")]
    Unknown(String),
    /// Not a checkpoint.
    #[error("what was shown is not a checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// The log's key did not sign it.
    #[error("the log's key did not sign the checkpoint")]
    Unsigned,
    /// The log shows a second history: the checkpoint is kept as the proof of it.
    #[error("at {0} leaves the log shows another history than the one kept here")]
    Forked(u64),
    /// What is served does not give the signed root. It may have been changed on the way.
    #[error(
        "what is served does not give the root that was signed over {0} leaves, or does not begin with what is kept"
    )]
    Mismatch(u64),
    /// A subject has two histories.
    #[error("entry {index} is not the next event of its subject: {why}")]
    Subject {
        /// Index of the entry.
        index: u64,
        /// What does not fit.
        why: &'static str,
    },
    /// An entry breaks a rule of the journal.
    #[error("entry {index} is no event of this log: {why}")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// What does not fit.
        why: String,
    },
    /// A bundle is not what it should be.
    #[error("bundle {0} is damaged")]
    Bundle(String, #[source] BundleError),
    /// A bundle could not be had.
    #[error("bundle {0} could not be had")]
    Fetch(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// What this mirror keeps is not what it took.
    #[error("this mirror's own copy of {0} is damaged: {1}")]
    Damaged(String, String),
    /// Its folder.
    #[error("the mirror's folder cannot be used")]
    State(#[from] SignerError),
    /// Its files.
    #[error("the mirror's files cannot be used")]
    Vault(#[from] VaultError),
    /// Its tiles.
    #[error("the mirror's tiles cannot be used")]
    Tiles(#[source] ArchiveError),
    /// A thread ended.
    #[error("the mirror's thread ended")]
    Thread(#[from] tokio::task::JoinError),
}

impl MirrorError {
    /// Whether it shows that somebody rewrote, and is not a failure that may pass.
    pub fn is_evidence(&self) -> bool {
        matches!(self, Self::Forked(_) | Self::Subject { .. } | Self::Entry { .. })
    }
}

impl Mirror {
    /// Opens the folder and reads again what it keeps, or begins there.
    pub async fn open(folder: &Path, keys: Vec<VerifierKey>) -> Result<Self, MirrorError> {
        let vault = Vault::open(folder)?;
        let mut state = SignerState::open(&folder.join("state"))?;
        let mut logs = BTreeMap::new();
        for key in keys {
            let origin = key.name().to_owned();
            let copy = if let Some(position) = state.position(&origin) {
                replay(&vault, &origin, position).await?
            } else {
                state.begin(&origin, Position { size: 0, root: merkle::empty_root() })?;
                Copy::default()
            };
            let size = AtomicU64::new(copy.frontier.size());
            logs.insert(origin, Log { key, copy: Mutex::new(copy), size });
        }
        Ok(Self { vault, state: Mutex::new(Some(state)), logs })
    }

    /// The logs, by origin.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// How many leaves of a log are kept.
    pub fn size(&self, origin: &str) -> u64 {
        self.logs.get(origin).map_or(0, |log| log.size.load(Ordering::Acquire))
    }

    /// Looks at a checkpoint and takes what is new under it. `fetch` gets an entry bundle by its path below the log.
    /// Every entry is checked before anything of it counts, and the whole against the signed root.
    pub async fn take<F, E>(
        &self,
        origin: &str,
        note: &[u8],
        fetch: impl Fn(String) -> F,
    ) -> Result<Taken, MirrorError>
    where
        F: Future<Output = Result<Vec<u8>, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let log = self.logs.get(origin).ok_or_else(|| MirrorError::Unknown(origin.to_owned()))?;
        let (checkpoint, parsed) = Checkpoint::parse_note(note)?;
        if checkpoint.origin != origin || !checkpoint.is_signed_by(&parsed, &log.key) {
            return Err(MirrorError::Unsigned);
        }
        let mut copy = log.copy.lock().await;
        let size = copy.frontier.size();
        if checkpoint.size <= size {
            let root = tree::root_before(&self.vault, origin, checkpoint.size, size).await;
            let root = root.map_err(MirrorError::Tiles)?;
            if root != checkpoint.root {
                return self.accuse(origin, &checkpoint, note, MirrorError::Forked(checkpoint.size)).await;
            }
            if checkpoint.size == size {
                // The same, perhaps with more cosignatures.
                self.vault.put_file(checkpoint_path(origin), note.to_vec(), Access::Group).await?;
            }
            return Ok(Taken::Known);
        }
        let mut ahead = Ahead::of(&copy, origin);
        let kept = self.tail(origin, size).await?;
        let (mut other, mut broken) = (false, None);
        let mut next = size / 256;
        while next * 256 < checkpoint.size {
            let (first, before, mut bytes) = (next * 256, ahead.frontier.size(), 0);
            let (mut hashes, mut fetched) = (Vec::<Hash>::new(), Vec::new());
            while next * 256 < checkpoint.size && bytes < STRIDE {
                let (path, bundle) = fetched_bundle(&fetch, next, checkpoint.size).await?;
                let entries = bundle::parse(&bundle).unwrap_or_default();
                for (place, entry) in (next * 256..).zip(&entries) {
                    if let Some(known) =
                        place.checked_sub(size / 256 * 256).and_then(|n| kept.get(n as usize))
                    {
                        other |= known != entry;
                    } else if let Err(why) = ahead.push(&copy, place, entry) {
                        // Whether the log signed this is known when all of it is there.
                        broken = broken.or(Some(why));
                    }
                    hashes.push(leaf_hash(entry));
                }
                bytes += bundle.len();
                fetched.push((path, bundle));
                next += 1;
            }
            for (path, bundle) in fetched {
                self.vault.put_file(format!("log/{origin}/{path}"), bundle, Access::Group).await?;
            }
            tree::grow(&self.vault, origin, before, first, &hashes).await.map_err(MirrorError::Tiles)?;
        }
        if other || ahead.frontier.root() != checkpoint.root {
            // Anybody on the way may have changed a byte. Only what gives the signed root is the log's own word.
            if root_of(&fetch, checkpoint.size).await? == checkpoint.root {
                return self.accuse(origin, &checkpoint, note, MirrorError::Forked(checkpoint.size)).await;
            }
            return Err(MirrorError::Mismatch(checkpoint.size));
        }
        if let Some(broken) = broken {
            return self.accuse(origin, &checkpoint, note, broken).await;
        }
        // What lies beyond the recorded size counts for nothing: if we crash before this, it is fetched and written again.
        self.record(origin, Position { size: checkpoint.size, root: checkpoint.root }).await?;
        self.vault.put_file(checkpoint_path(origin), note.to_vec(), Access::Group).await?;
        ahead.over(&mut copy);
        log.size.store(checkpoint.size, Ordering::Release);
        tree::forget(&self.vault, origin, size, checkpoint.size).await.map_err(MirrorError::Tiles)?;
        if size % 256 != 0 {
            let partial = bundle_path(size / 256, (size % 256) as u16);
            self.vault.remove_file(format!("log/{origin}/{partial}")).await?;
        }
        Ok(Taken::New(checkpoint.size - size))
    }

    /// The signed proof of a second history, or of entries that break the journal's rules, is kept beside the first.
    async fn accuse(
        &self,
        origin: &str,
        shown: &Checkpoint,
        note: &[u8],
        why: MirrorError,
    ) -> Result<Taken, MirrorError> {
        let name = crate::hex(&shown.root[..8]);
        let path = format!("{}/{}-{name}", accusations(origin), shown.size);
        self.vault.put_file(path, note.to_vec(), Access::Group).await?;
        Err(why)
    }

    /// How many signed proofs against a log are kept.
    pub async fn accused(&self, origin: &str) -> Result<usize, MirrorError> {
        Ok(self.vault.list_files(accusations(origin)).await?.len())
    }

    async fn record(&self, origin: &str, next: Position) -> Result<(), MirrorError> {
        let mut guard = self.state.lock().await;
        let mut state = guard.take().ok_or(SignerError::Locked)?;
        let origin = origin.to_owned();
        let (state, recorded) = tokio::task::spawn_blocking(move || {
            // Every leaf from the last position on has been added to the tree that gave this root.
            let recorded = state.record(&origin, next, |_, _| true);
            (state, recorded)
        })
        .await?;
        *guard = Some(state);
        Ok(recorded?)
    }

    /// The entries of the bundle in which a log of this size ends.
    async fn tail(&self, origin: &str, size: u64) -> Result<Vec<Vec<u8>>, MirrorError> {
        if size.is_multiple_of(256) {
            return Ok(Vec::new());
        }
        entries(&self.vault, origin, size / 256, (size % 256) as u16).await
    }

    /// The newest checkpoint that was taken.
    pub async fn checkpoint(&self, origin: &str) -> Result<Option<Vec<u8>>, MirrorError> {
        if !self.logs.contains_key(origin) {
            return Ok(None);
        }
        Ok(self.vault.read_file(checkpoint_path(origin), MAX_CHECKPOINT as u64).await?)
    }

    /// A hash tile under what is kept.
    pub async fn tile(&self, origin: &str, tile: TileId) -> Result<Option<Vec<u8>>, MirrorError> {
        let size = self.size(origin);
        tree::published(&self.vault, origin, size, tile).await.map_err(MirrorError::Tiles)
    }

    /// An entry bundle under what is kept.
    pub async fn bundle(&self, origin: &str, index: u64, width: u16) -> Result<Option<Vec<u8>>, MirrorError> {
        let size = self.size(origin);
        let kept = index.checked_mul(256).and_then(|before| size.checked_sub(before)).unwrap_or(0).min(256);
        if width == 0 || u64::from(width) > kept {
            return Ok(None);
        }
        let mut entries = entries(&self.vault, origin, index, kept as u16).await?;
        entries.truncate(width.into());
        let bytes = bundle::write(&entries);
        Ok(Some(bytes.map_err(|error| MirrorError::Bundle(bundle_path(index, width), error))?))
    }
}

/// What is being added to a copy, until the signed root shows that it is the log's.
struct Ahead<'a> {
    origin: &'a str,
    number: u32,
    frontier: Frontier,
    heads: HashMap<[u8; 16], u64>,
    last_ms: i64,
}

impl<'a> Ahead<'a> {
    fn of(copy: &Copy, origin: &'a str) -> Self {
        let number = origin.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(1);
        let frontier = copy.frontier.clone();
        Self { origin, number, frontier, heads: HashMap::new(), last_ms: copy.last_ms }
    }

    /// Adds an entry, and says what is wrong with it.
    fn push(&mut self, copy: &Copy, index: u64, entry: &[u8]) -> Result<(), MirrorError> {
        self.frontier.push(leaf_hash(entry));
        let broken = |why: String| MirrorError::Entry { index, why };
        let leaf = Leaf::parse(entry).map_err(|error: LeafError| broken(error.to_string()))?;
        if leaf.origin != self.origin || leaf.index != index {
            return Err(broken(format!("it says that it is entry {} of {}", leaf.index, leaf.origin)));
        }
        if leaf.instant_ms < self.last_ms {
            return Err(broken("its instant is before the previous one".into()));
        }
        let subject = |why| MirrorError::Subject { index, why };
        let last = self.heads.get(&leaf.subject).or_else(|| copy.heads.get(&leaf.subject));
        match (leaf.previous, last) {
            (None, None) => {}
            (Some((number, previous)), Some(last)) if number == self.number && previous == *last => {}
            // It goes on from the log before this one.
            (Some((number, _)), None) if number < self.number => {}
            (None, Some(_)) => return Err(subject("it begins a subject that has begun")),
            (Some((number, previous)), Some(last)) if number == self.number && previous < *last => {
                return Err(subject("another event has followed the same one"));
            }
            _ => return Err(subject("it follows an event that is not its subject's last")),
        }
        self.last_ms = leaf.instant_ms;
        self.heads.insert(leaf.subject, index);
        Ok(())
    }

    fn over(self, copy: &mut Copy) {
        copy.frontier = self.frontier;
        copy.last_ms = self.last_ms;
        copy.heads.extend(self.heads);
    }
}

/// Reads a copy again, leaf by leaf.
async fn replay(vault: &Vault, origin: &str, position: Position) -> Result<Copy, MirrorError> {
    let damaged = |what: String| MirrorError::Damaged(origin.to_owned(), what);
    let mut copy = Copy::default();
    for (index, width) in new_bundles(0, position.size) {
        let read = entries(vault, origin, index, width).await?;
        let mut ahead = Ahead::of(&copy, origin);
        for (place, entry) in (index * 256..).zip(&read) {
            ahead.push(&copy, place, entry).map_err(|error| damaged(error.to_string()))?;
        }
        ahead.over(&mut copy);
    }
    let root = tree::root(vault, origin, position.size).await.map_err(|error| damaged(error.to_string()))?;
    if copy.frontier.root() != position.root || root != position.root {
        return Err(damaged(format!("its {} leaves do not give the root that was recorded", position.size)));
    }
    Ok(copy)
}

/// The first `width` entries of a bundle, from the fullest file of it that is kept.
async fn entries(vault: &Vault, origin: &str, index: u64, width: u16) -> Result<Vec<Vec<u8>>, MirrorError> {
    let damaged = |what: String| MirrorError::Damaged(origin.to_owned(), what);
    for width_kept in [width, 256] {
        let path = bundle_path(index, width_kept);
        let Some(bytes) = vault.read_file(format!("log/{origin}/{path}"), MAX_BUNDLE as u64).await? else {
            continue;
        };
        let entries = bundle::parse(&bytes).map_err(|error| damaged(format!("{path}: {error}")))?;
        if entries.len() < usize::from(width) {
            return Err(damaged(format!("{path} is cut off")));
        }
        return Ok(entries[..usize::from(width)].iter().map(|entry| entry.to_vec()).collect());
    }
    Err(damaged(format!("{} is missing", bundle_path(index, width))))
}

fn accusations(origin: &str) -> String {
    format!("log/{origin}/other-history")
}

/// A bundle of the log of so many leaves, whole.
async fn fetched_bundle<F, E>(
    fetch: &impl Fn(String) -> F,
    index: u64,
    size: u64,
) -> Result<(String, Vec<u8>), MirrorError>
where
    F: Future<Output = Result<Vec<u8>, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let width = (size - index * 256).min(256) as u16;
    let path = bundle_path(index, width);
    let bytes = fetch(path.clone()).await.map_err(|error| MirrorError::Fetch(path.clone(), error.into()))?;
    let entries = bundle::parse(&bytes).map_err(|error| MirrorError::Bundle(path.clone(), error))?;
    if entries.len() != usize::from(width) {
        return Err(MirrorError::Bundle(path, BundleError::Cut(entries.len())));
    }
    Ok((path, bytes))
}

/// The root over everything that is served.
async fn root_of<F, E>(fetch: &impl Fn(String) -> F, size: u64) -> Result<Hash, MirrorError>
where
    F: Future<Output = Result<Vec<u8>, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut frontier = Frontier::new();
    while frontier.size() < size {
        let (_, bytes) = fetched_bundle(fetch, frontier.size() / 256, size).await?;
        for entry in bundle::parse(&bytes).unwrap_or_default() {
            frontier.push(leaf_hash(entry));
        }
    }
    Ok(frontier.root())
}

fn checkpoint_path(origin: &str) -> String {
    format!("log/{origin}/checkpoint")
}
