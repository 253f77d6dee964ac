//! The whole archive on a simulated disk: at every operation of the vault and of the signer the power goes, the program
//! ends, or the operation fails. What was acknowledged is there, `fsck` finds nothing, and the history goes on from the
//! one that was published.
//!
//! The database is real, and copied at the moment of the crash with its write-ahead log. That is sound because at that
//! moment no transaction is under way (the script does one thing after the other), and whatever was committed before was
//! synced by the commit (`synchronous=FULL`): a machine that stops there finds exactly the committed transactions in these
//! two files. What happens *within* a commit is SQLite's to prove, and what `tests/fault.rs` does to the real program.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

use plico_archive::{Archive, ArchiveError, tree};
use plico_crypto::digest::sha256;
use plico_database::args;
use plico_journal::Checkpoint;
use plico_vault::signer::SignerState;
use plico_vault::{Failure, Files as _, Memory, Vault};
use tempfile::TempDir;

use crate::ground::{Ground, entropy, file, files};

/// Losses of power after each operation; more by `PLICO_LOSSES`.
const LOSSES: u64 = 4;
/// One operation in so many fails; `PLICO_STRIDE=1` for all of them.
const STRIDE: u64 = 8;
const REGISTERED: &str = "select count(*) from registration where message = $1";
const NOTES: &str = "select log, note from checkpoint";

/// What was acknowledged so far.
#[derive(Default)]
struct Day {
    told: Vec<&'static str>,
    crash: Option<Crash>,
}

/// What was acknowledged at the moment of the crash, and the database then.
struct Crash {
    told: Vec<&'static str>,
    root: TempDir,
}

impl Crash {
    fn now(from: &Path, told: &[&'static str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        copy_database(from, root.path());
        Self { told: told.to_vec(), root }
    }
}

/// An archive's simulated disks before anything fails.
struct Start {
    ground: Ground,
    disk: Memory,
}

impl Start {
    async fn new() -> Self {
        let ground = Ground::new().await;
        ground.office("tributi").await;
        ground.file("m0", b"il primo").await;
        while ground.archive.sign_checkpoints().await.unwrap() {}
        ground.archive.database().checkpoint_wal().await.unwrap();
        let disk = Memory::new();
        for (folder, path) in [("data", &ground.paths.data), ("signer", &ground.paths.signer)] {
            let view = disk.folder(folder);
            let mut found = Vec::new();
            files(path, &mut found);
            for file in found {
                let name = file.strip_prefix(path).unwrap();
                if !name.to_string_lossy().starts_with("plico.db") && !name.starts_with("search") {
                    view.put(name, std::fs::read(&file).unwrap());
                }
            }
        }
        Self { ground, disk }
    }

    /// The archive opens on these disks and this database.
    async fn open(&self, disk: &Memory, root: &Path, seed: u64) -> Option<Archive> {
        let paths = crate::ground::paths(root);
        let vault = Vault::over(Arc::new(disk.folder("data"))).ok()?;
        let signer = SignerState::over(Arc::new(disk.folder("signer"))).ok()?;
        let clock = self.ground.clock.clone();
        Archive::open_over(&paths, vault, signer, clock, entropy(seed)).await.ok()
    }
}

/// The database's files, and the key file.
fn copy_database(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("data")).unwrap();
    std::fs::create_dir_all(to.join("keys")).unwrap();
    for name in ["data/plico.db", "data/plico.db-wal", "keys/plico.keys"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

fn content(id: &str) -> Vec<u8> {
    // One is large enough to be a file of the vault.
    let size = if id == "m2" { 300_000 } else { 3_000 };
    id.bytes().cycle().take(size).collect()
}

/// A working day, one thing after the other, whatever fails.
async fn work(archive: &Archive, day: &Mutex<Day>) {
    let _ = archive.give_sign_of_life().await;
    for ids in [&["m1"][..], &["m2", "m3"]] {
        for id in ids {
            // What comes after the crash does not count.
            if day.lock().unwrap().crash.is_some() {
                return;
            }
            if file(archive, id, &content(id)).await.is_ok() {
                day.lock().unwrap().told.push(id);
            }
        }
        let _ = archive.sign_checkpoints().await;
    }
    let _ = archive.sweep_leftovers().await;
}

/// A day with a failure, and how database and disk stand then: at that operation, or, where the program goes on, in the
/// evening. `None`: the day has no such operation.
async fn ends(start: &Start, operation: u64, failure: Failure) -> Option<(Crash, Memory)> {
    let disk = start.disk.copied();
    let root = tempfile::tempdir().unwrap();
    copy_database(start.ground.root.path(), root.path());
    let day: Arc<Mutex<Day>> = Arc::default();
    if failure == Failure::Down {
        let (day, from) = (Arc::clone(&day), root.path().to_owned());
        disk.watch(operation, move || {
            let mut day = day.lock().unwrap();
            day.crash = Some(Crash::now(&from, &day.told));
        });
    }
    disk.fail_at(operation, failure);
    if let Some(archive) = start.open(&disk, root.path(), 7).await {
        work(&archive, &day).await;
        evening(&day, root.path());
        archive.close().await;
    }
    let reached = disk.operations() > operation;
    // Nothing of it is tidied up any more.
    disk.fail_at(0, Failure::Down);
    let crash = day.lock().unwrap().crash.take();
    reached.then(|| (crash.unwrap_or_else(|| Crash::now(root.path(), &[])), disk))
}

fn evening(day: &Mutex<Day>, root: &Path) {
    let mut day = day.lock().unwrap();
    if day.crash.is_none() {
        day.crash = Some(Crash::now(root, &day.told));
    }
}

/// What was published: by log, how long it was and its root.
async fn published(archive: &Archive, disk: &Memory) -> Vec<(i64, Checkpoint)> {
    let mut notes: Vec<(i64, String)> = archive.database().all(NOTES, args![]).await.unwrap();
    for log in 1..=2 {
        let path = format!("log/{log}/checkpoint");
        let Ok(file) = disk.folder("data").open(Path::new(&path)) else { continue };
        let mut bytes = vec![0; 4096];
        let count = file.read_at(&mut bytes, 0).unwrap();
        notes.push((log, String::from_utf8(bytes[..count].to_vec()).unwrap()));
    }
    notes.into_iter().map(|(log, note)| (log, Checkpoint::parse_note(note.as_bytes()).unwrap().0)).collect()
}

async fn check(start: &Start, crash: &Crash, disk: Memory, how: &str) {
    let root = tempfile::tempdir().unwrap();
    copy_database(crash.root.path(), root.path());
    let archive = start.open(&disk, root.path(), 8).await;
    let archive = archive.unwrap_or_else(|| panic!("it does not open: {how}"));
    let published = published(&archive, &disk).await;
    assert_eq!(archive.check_continuity().await.unwrap(), Vec::<String>::new(), "{how}");
    for id in crash.told.iter().copied().chain(["m0"]) {
        let there = archive.database().scalar_i64(REGISTERED, args![id]).await.unwrap();
        assert_eq!(there, 1, "{id} was acknowledged: {how}");
        if id != "m0" {
            let reader = archive.open_document(&format!("{id}-1")).await.unwrap();
            assert!(reader.read_all(1 << 20).await.unwrap() == content(id), "{id} is not whole: {how}");
        }
    }
    file(&archive, "m9", b"il giorno dopo").await.unwrap_or_else(|error| panic!("{error}: {how}"));
    while archive.sign_checkpoints().await.unwrap_or_else(|error| panic!("{error}: {how}")) {}
    let outcome = archive.fsck().await.unwrap();
    assert_eq!(outcome.findings, vec![], "{how}");
    for (log, checkpoint) in published {
        let root = tree::root(archive.vault(), log, checkpoint.size).await.unwrap();
        assert!(root == checkpoint.root, "another history of log {log} at {}: {how}", checkpoint.size);
    }
    archive.close().await;
}

/// Picks by a digest: the same again from the same seed.
fn chance(seed: u64, state: u64) -> impl FnMut(usize) -> usize {
    let mut rolls = 0u64;
    move |n| {
        rolls += 1;
        let digest = sha256(&[seed.to_be_bytes(), state.to_be_bytes(), rolls.to_be_bytes()].concat());
        (u64::from_be_bytes(digest[..8].try_into().unwrap()) % n as u64) as usize
    }
}

fn number(name: &str, other: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_machine_stops_the_archive_goes_on() {
    let (seed, losses) = (number("PLICO_SEED", 20_261_122), number("PLICO_LOSSES", LOSSES));
    eprintln!("PLICO_SEED={seed} PLICO_LOSSES={losses}");
    let start = Start::new().await;
    if start.ground.paths.database.file().is_none() {
        // What a server keeps is the server's to prove.
        return;
    }
    let error = |error, done| Failure::Once { error, done };
    let errors =
        [error(ErrorKind::Other, false), error(ErrorKind::StorageFull, false), error(ErrorKind::Other, true)];
    let (mut seen, mut operations) = (HashSet::new(), 0);
    let stride = number("PLICO_STRIDE", STRIDE).max(1);
    for operation in (seed % stride..).step_by(stride as usize) {
        let mut reached = false;
        // Each operation fails in one way, and in another with the next seed.
        let other = errors[((operation + seed) % errors.len() as u64) as usize];
        for (failure, losses) in [(Failure::Down, losses), (other, 1)] {
            let Some((crash, disk)) = ends(&start, operation, failure).await else { continue };
            reached = true;
            // Restarted on a machine that went on, and after losses of power.
            let mut after = vec![disk.copied(), disk.after_power_loss(&mut |_| 0)];
            for state in 1..losses {
                let seed = seed ^ (operation << 16);
                after.push(disk.after_power_loss(&mut chance(seed, state)));
            }
            for (state, disk) in after.into_iter().enumerate() {
                let how = format!("operation {operation}, {failure:?}, state {state}, PLICO_SEED={seed}");
                if seen.insert((operation, failure, disk.image())) {
                    check(&start, &crash, disk, &how).await;
                }
            }
        }
        if !reached {
            break;
        }
        operations += 1;
    }
    eprintln!("{operations} operations, {} states", seen.len());
    assert!(operations > 4 && seen.len() > 10, "the day is too short");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_sync_the_writer_takes_nothing_more() {
    let start = Start::new().await;
    if start.ground.paths.database.file().is_none() {
        return;
    }
    let failure = Failure::Once { error: ErrorKind::Other, done: false };
    let (mut stopped, mut places) = (0, HashSet::new());
    for operation in 0..60 {
        let disk = start.disk.copied();
        let root = tempfile::tempdir().unwrap();
        copy_database(start.ground.root.path(), root.path());
        let archive = start.open(&disk, root.path(), 7).await.unwrap();
        disk.fail_at(disk.operations() + operation, failure);
        let _ = file(&archive, "m2", &content("m2")).await;
        let _ = archive.sign_checkpoints().await;
        if let Some(why) = archive.stopped().map(str::to_owned) {
            stopped += 1;
            places.insert(why.split('/').next().unwrap_or_default().to_owned());
            // A small one needs no file at all: it is refused all the same.
            let refused = file(&archive, "m4", &content("m4")).await;
            assert!(matches!(refused, Err(ArchiveError::Stopped)), "operation {operation}: {refused:?}");
            assert!(!archive.accepts());
        }
        archive.close().await;
    }
    assert!(stopped > 5, "only {stopped} syncs were met");
    // Of the vault and of the signer.
    assert!(places.contains("log") && places.iter().any(|place| place.contains(".state")), "{places:?}");
}
