//! A disk with everything that a program keeps on one, the acts of such a program, and what they promised.

use plico_crypto::DataKey;
use plico_vault::signer::{Position, SignerState};
use plico_vault::{
    Access, AtomicFile, Condition, Failure, Files as _, Memory, Source, Stored, Vault, VaultError,
};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::Path;
use std::sync::Arc;

const LOG: &str = "example.org/bsp/1";
const OTHER: &str = "example.org/inst/1";
const CHECKPOINT: &str = "log/1/checkpoint";
/// Just too large for a row.
const LARGE: usize = 256 * 1024 + 1;
const LIMIT: u64 = 1 << 20;

/// Something that a program does.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Keys,
    Begin,
    Sign,
    Tile(u8),
    Checkpoint,
    Put(&'static str),
    Secret,
    Small,
    Blob,
    Remove,
    /// Begins an upload and does not end it: what it wrote is left behind when the program ends.
    Leave,
    Sweep,
}

/// Versions of something that is replaced as a whole; 0 is its absence.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Versions {
    /// What was acknowledged, or relied upon.
    sure: u32,
    /// The newest that was begun.
    tried: u32,
}

impl Versions {
    fn allow(self, found: u32) -> bool {
        (self.sure..=self.tried).contains(&found)
    }
}

/// What a blob may be.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
enum Promise {
    There,
    ThereOrGone,
    Gone,
}

/// What was promised.
#[derive(Clone, Debug, Default, Hash)]
struct Told {
    files: BTreeMap<String, Versions>,
    keys: Versions,
    signed: Versions,
    begun: Versions,
    secret: Versions,
    blobs: BTreeMap<[u8; 32], Promise>,
}

/// A disk, and what was promised of it.
pub struct World {
    disk: Memory,
    told: Told,
    blobs: u8,
}

/// A program that has opened everything.
struct Program {
    vault: Vault,
    signer: SignerState,
    keys: AtomicFile,
    left: Vec<plico_vault::BlobWriter>,
}

impl Program {
    fn open(disk: &Memory) -> Option<Self> {
        Some(Self {
            keys: AtomicFile::over(Arc::new(disk.folder("keys")), Path::new("plico.keys")),
            vault: Vault::over(Arc::new(disk.folder("data"))).ok()?,
            signer: SignerState::over(Arc::new(disk.folder("signer"))).ok()?,
            left: Vec::new(),
        })
    }
}

/// Some sectors or less, different in each version.
fn body(what: &str, version: u32) -> Vec<u8> {
    let length = 40 + (version as usize * 397 + what.len() * 61) % 1500;
    let mut bytes = format!("{what} {version}\n").into_bytes();
    bytes.extend((bytes.len()..length).map(|n| (n as u32 * 31 + version * 7 + 1) as u8 | 1));
    bytes
}

/// Which version this is, whole.
fn version(what: &str, bytes: Option<&[u8]>, how: &dyn Fn() -> String) -> u32 {
    let Some(bytes) = bytes else { return 0 };
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let version = std::str::from_utf8(line).ok().and_then(|line| line.rsplit(' ').next()?.parse().ok());
    let version = version.unwrap_or_else(|| panic!("{what} is torn: {}", how()));
    assert!(bytes == body(what, version), "{what} {version} is torn: {}", how());
    version
}

fn position(size: u32) -> Position {
    Position { size: size.into(), root: [size as u8; 32] }
}

/// A file of the vault, without a detour through another thread.
fn read(disk: &Memory, path: &str) -> Option<Vec<u8>> {
    let file = disk.folder("data").open(Path::new(path)).ok()?;
    let mut bytes = vec![0; file.size().ok()? as usize];
    let count = file.read_at(&mut bytes, 0).ok()?;
    bytes.truncate(count);
    Some(bytes)
}

fn key() -> DataKey {
    DataKey::new([1; 32])
}

fn tile(number: u8) -> String {
    format!("log/1/tile/{number}/000")
}

impl World {
    /// A disk on which everything stands already, in its first version.
    pub async fn begun() -> Self {
        let mut world = Self { disk: Memory::new(), told: Told::default(), blobs: 0 };
        let disk = world.disk.clone();
        let mut program = Program::open(&disk).expect("an empty disk opens");
        program.signer.begin(LOG, position(0)).expect("a log begins");
        for act in [Act::Keys, Act::Sign, Act::Tile(0), Act::Checkpoint, Act::Put("policy")] {
            world.act(&mut program, act).await;
        }
        drop(program);
        world.disk = disk.copied();
        world
    }

    /// The same on a disk of its own.
    pub fn again(&self) -> Self {
        Self { disk: self.disk.copied(), told: self.told.clone(), blobs: self.blobs }
    }

    /// One on which so much has been done already, and nothing has failed.
    pub async fn grown(acts: u64) -> Self {
        let mut world = Self::begun().await;
        let disk = world.disk.clone();
        let mut program = Program::open(&disk).expect("it opens");
        for _ in 0..acts {
            for act in [Act::Keys, Act::Sign, Act::Checkpoint, Act::Put("policy"), Act::Put("alive")] {
                world.act(&mut program, act).await;
            }
        }
        drop(program);
        world.disk = disk.copied();
        world
    }

    /// A hash of what was promised.
    pub fn told(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.told.hash(&mut hasher);
        hasher.finish()
    }

    pub fn disk(&self) -> Memory {
        self.disk.clone()
    }

    /// What became of the disk.
    pub fn goes_on(&mut self, disk: Memory) {
        self.disk = disk;
    }

    /// A program begins, does all of this whatever fails, and ends.
    pub async fn live(&mut self, script: &[Act]) {
        let disk = self.disk.clone();
        let Some(mut program) = Program::open(&disk) else { return };
        // What it has read it relies on.
        if let Some(signed) = program.signer.position(LOG) {
            self.told.signed.sure = self.told.signed.sure.max(signed.size as u32);
        }
        if let Ok(bytes) = program.keys.read(LIMIT) {
            let found = version("keys", bytes.as_deref(), &|| "read at the beginning".into());
            self.told.keys.sure = self.told.keys.sure.max(found);
        }
        for act in script {
            self.act(&mut program, *act).await;
        }
        // Killed: nothing of it is tidied up.
        disk.fail_at(0, Failure::Down);
    }

    async fn act(&mut self, program: &mut Program, act: Act) {
        match act {
            Act::Keys => {
                let next = begin(&mut self.told.keys);
                let done = program.keys.replace(&body("keys", next));
                end(&mut self.told.keys, next, done.is_ok());
            }
            Act::Begin => {
                let known = program.signer.position(OTHER).is_some();
                if !known {
                    self.told.begun.tried = 1;
                    end(&mut self.told.begun, 1, program.signer.begin(OTHER, position(7)).is_ok());
                }
            }
            Act::Sign => {
                self.sign(program);
            }
            Act::Tile(number) => {
                self.put(program, &tile(number)).await;
            }
            Act::Checkpoint => {
                // As the archive does: the tiles, the signer's memory, and only then the checkpoint.
                if self.put(program, &tile(0)).await
                    && let Some(size) = self.sign(program)
                {
                    self.put_version(program, CHECKPOINT, size).await;
                }
            }
            Act::Put(path) => {
                self.put(program, path).await;
            }
            Act::Secret => {
                let next = begin(&mut self.told.secret);
                let done = program.signer.keep_secret(&body("secret", next));
                end(&mut self.told.secret, next, done.is_ok());
            }
            Act::Small => {
                let stored = program.vault.store(&key(), [2; 7], b"a small one").await;
                assert!(stored.is_ok(), "what goes into a row needs no disk");
            }
            Act::Blob => {
                self.blobs += 1;
                let content = vec![self.blobs; LARGE];
                if let Ok(Stored { blob, .. }) = program.vault.store(&key(), [self.blobs; 7], &content).await
                {
                    self.told.blobs.insert(blob, Promise::There);
                }
            }
            Act::Remove => {
                let there = self.told.blobs.iter().find(|(_, promise)| **promise == Promise::There);
                let Some(blob) = there.map(|(blob, _)| *blob) else { return };
                self.told.blobs.insert(blob, Promise::ThereOrGone);
                if program.vault.remove(blob).await.is_ok() {
                    self.told.blobs.insert(blob, Promise::Gone);
                }
            }
            Act::Leave => {
                let mut upload = program.vault.writer(&key(), [3; 7], LIMIT);
                let _ = upload.write(&vec![9; 600_000]).await;
                program.left.push(upload);
            }
            Act::Sweep => {
                let _ = program.vault.sweep(i64::MAX).await;
            }
        }
        stopped_is_stopped(program, &self.told);
    }

    fn sign(&mut self, program: &mut Program) -> Option<u32> {
        let next = begin(&mut self.told.signed);
        let done = program.signer.record(LOG, position(next), |_, _| true).is_ok();
        end(&mut self.told.signed, next, done);
        done.then_some(next)
    }

    async fn put(&mut self, program: &Program, path: &str) -> bool {
        let next = self.told.files.get(path).map_or(0, |versions| versions.tried) + 1;
        self.put_version(program, path, next).await
    }

    async fn put_version(&mut self, program: &Program, path: &str, next: u32) -> bool {
        self.told.files.entry(path.to_owned()).or_default().tried = next;
        let done = program.vault.put_file(path, body(path, next), Access::Group).await.is_ok();
        end(self.told.files.get_mut(path).expect("it was begun"), next, done);
        done
    }

    /// Everything opens, every promise is kept, and work goes on. The disk is used up.
    pub async fn check(&self, disk: Memory, how: &dyn Fn() -> String) {
        let Some(program) = Program::open(&disk) else { panic!("it does not open: {}", how()) };
        let told = &self.told;
        let mut files = BTreeMap::new();
        for (path, versions) in &told.files {
            let found = version(path, read(&disk, path).as_deref(), how);
            assert!(versions.allow(found), "{path} {found}, not one of {versions:?}: {}", how());
            files.insert(path.as_str(), found);
        }
        let keys = program.keys.read(LIMIT).unwrap_or_else(|_| panic!("keys: {}", how()));
        let keys = version("keys", keys.as_deref(), how);
        assert!(told.keys.allow(keys), "keys {keys}, not one of {:?}: {}", told.keys, how());
        let secret = program.signer.secret().unwrap_or_else(|_| panic!("secret: {}", how()));
        let secret = version("secret", secret.as_deref(), how);
        assert!(told.secret.allow(secret), "secret {secret}, not one of {:?}: {}", told.secret, how());
        let signed = program.signer.position(LOG).map_or(0, |signed| signed.size as u32);
        assert!(told.signed.allow(signed), "signed {signed}, not one of {:?}: {}", told.signed, how());
        let begun = u32::from(program.signer.position(OTHER).is_some());
        assert!(told.begun.allow(begun), "a log that was begun: {}", how());
        let published = files.get(CHECKPOINT).copied().unwrap_or_default();
        assert!(published <= signed, "{published} is published, {signed} remembered: {}", how());
        self.check_blobs(&program, &disk, how).await;
        self.check_work(program, signed, how).await;
    }

    async fn check_blobs(&self, program: &Program, disk: &Memory, how: &dyn Fn() -> String) {
        for (blob, promise) in &self.told.blobs {
            let found = program.vault.verify(*blob).await.unwrap_or_else(|_| panic!("a blob: {}", how()));
            let kept = match found {
                Condition::Whole { .. } => *promise != Promise::Gone,
                Condition::Missing => *promise != Promise::There,
                Condition::Altered => false,
            };
            assert!(kept, "a blob that was {promise:?} is {found:?}: {}", how());
            if *promise == Promise::There {
                let reader = program.vault.blob(Source::File(*blob), &key()).await;
                let content = reader.expect("it opens").read_all(LIMIT).await.expect("it is whole");
                assert!(content.len() == LARGE && content.iter().all(|byte| *byte == content[0]));
            }
        }
        // And whatever else has a name is whole.
        for entry in disk.folder("data").list(Path::new("blobs")).expect("a folder is listed") {
            let first = u8::from_str_radix(&entry.name, 16).expect("a folder of blobs");
            let shard = program.vault.shard(first).await.expect("it can be listed");
            assert!(shard.strangers.is_empty(), "{:?}: {}", shard.strangers, how());
            for found in shard.blobs {
                let condition = program.vault.verify(found.blob).await.expect("it can be read");
                assert!(matches!(condition, Condition::Whole { .. }), "a blob with a name: {}", how());
            }
        }
    }

    async fn check_work(&self, mut program: Program, signed: u32, how: &dyn Fn() -> String) {
        let well = |result: Result<(), VaultError>, what: &str| {
            assert!(result.is_ok(), "{what} does not go on, {result:?}: {}", how());
        };
        well(program.keys.replace(b"keys 1000"), "the key file");
        well(program.vault.put_file("alive", b"now".to_vec(), Access::Group).await, "a file");
        well(program.vault.sweep(i64::MAX).await.map(drop), "the sweep");
        let left = program.vault.list_files("tmp").await.expect("it can be listed");
        assert!(left.is_empty(), "{left:?}: {}", how());
        program
            .signer
            .record(LOG, position(signed + 1000), |_, _| true)
            .unwrap_or_else(|_| panic!("{}", how()));
        assert_eq!(
            program.keys.read(LIMIT).expect("it can be read"),
            Some(b"keys 1000".to_vec()),
            "{}",
            how()
        );
    }
}

fn begin(versions: &mut Versions) -> u32 {
    versions.tried += 1;
    versions.tried
}

fn end(versions: &mut Versions, version: u32, done: bool) {
    if done {
        versions.sure = version;
    }
}

/// After a sync that failed nothing more is acknowledged, of whatever was being written.
fn stopped_is_stopped(program: &mut Program, told: &Told) {
    if program.signer.stop().why().is_some() {
        let next = position(told.signed.tried + 1);
        assert!(
            program.signer.record(LOG, next, |_, _| true).is_err(),
            "the signer goes on after a failed sync"
        );
    }
}
