//! A simulated disk. It knows what was synced apart from what was only written, can fail at any operation, and answers
//! after a loss of power with any of the states that a real disk may then be in.

use crate::{Entry, Files, Lock, Reading, Writing};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

mod after;

/// A folder of a simulated disk; at first its top. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    root: PathBuf,
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// That operation and all that follow: the program is gone, or the machine.
    Down,
    /// That operation, if it needs space, finds none; so do those that follow.
    Full,
    /// That operation alone answers with an error. With `done` it happened all the same. After a sync that failed, later
    /// ones of the same file pretend to succeed, as real disks do.
    Once {
        /// The error: [`io::ErrorKind::StorageFull`], or [`io::ErrorKind::Other`] for a device that does not answer.
        error: io::ErrorKind,
        /// Whether it happened all the same.
        done: bool,
    },
}

type File = Arc<Mutex<Content>>;

#[derive(Debug, Default)]
struct State {
    /// What a running program sees.
    names: BTreeMap<PathBuf, File>,
    directories: BTreeSet<PathBuf>,
    /// What is certain to be there after a loss of power.
    sure_names: BTreeMap<PathBuf, File>,
    sure_directories: BTreeSet<PathBuf>,
    /// What each name came to stand for since its folder was last synced: after a loss of power any of it may hold.
    pending: BTreeMap<PathBuf, Vec<Option<File>>>,
    locks: BTreeSet<PathBuf>,
    operations: u64,
    failing: Option<(u64, Failure)>,
    watched: Option<(u64, Hook)>,
    now_ms: i64,
}

struct Hook(Box<dyn FnOnce() + Send>);

impl Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

#[derive(Clone, Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    /// How many of them are certain to be there after a loss of power.
    sure: usize,
    /// A sync failed: what was not sure then never is.
    lost: bool,
    modified_ms: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Sync,
    Other,
}

/// What becomes of an operation that may be done.
enum Step<'a> {
    Done(MutexGuard<'a, State>),
    /// It is done, and an error is answered.
    DoneBut(MutexGuard<'a, State>, io::Error),
    Fails(MutexGuard<'a, State>, io::Error),
}

impl Memory {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// One of its folders, as a disk: it is there for certain, and what happens in it is counted with the rest.
    #[must_use]
    pub fn folder(&self, path: &str) -> Self {
        let root = self.root.join(path);
        let mut state = self.state();
        state.directories.insert(root.clone());
        state.sure_directories.insert(root.clone());
        drop(state);
        Self { state: self.state.clone(), root }
    }

    /// The time given to what is written from now on.
    pub fn set_now(&self, now_ms: i64) {
        self.state().now_ms = now_ms;
    }

    /// How many operations there have been.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Lets the operation with this number (counting from 0) fail.
    pub fn fail_at(&self, operation: u64, failure: Failure) {
        self.state().failing = Some((operation, failure));
    }

    /// Calls `then` just before the operation with this number.
    pub fn watch(&self, operation: u64, then: impl FnOnce() + Send + 'static) {
        self.state().watched = Some((operation, Hook(Box::new(then))));
    }

    /// The program that used it is gone and another begins; the machine went on. Locks are free again and nothing fails
    /// any more, but what was not synced still is not.
    pub fn restart(&self) {
        let mut state = self.state();
        state.locks.clear();
        state.failing = None;
        state.watched = None;
    }

    /// Changes bytes of a file as a failing disk or an intruder would: for tests of verification.
    pub fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let state = self.state();
        let mut content = locked(&state.names[&self.root.join(path)]);
        change(&mut content.bytes);
        content.sure = content.bytes.len();
    }

    /// Puts a file there, for certain, with the folders above it: what an earlier life of the disk left.
    pub fn put(&self, path: &Path, bytes: Vec<u8>) {
        let path = self.root.join(path);
        let mut state = self.state();
        for folder in path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
            state.directories.insert(folder.to_owned());
            state.sure_directories.insert(folder.to_owned());
        }
        let content = Content { sure: bytes.len(), bytes, lost: false, modified_ms: state.now_ms };
        let file = Arc::new(Mutex::new(content));
        state.names.insert(path.clone(), file.clone());
        state.sure_names.insert(path, file);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics with it")
    }

    fn begin(&self, kind: Kind) -> Step<'_> {
        let mut state = self.state();
        let operation = state.operations;
        state.operations += 1;
        if let Some((_, Hook(then))) = state.watched.take_if(|(at, _)| *at == operation) {
            drop(state);
            then();
            state = self.state();
        }
        match state.failing {
            Some((at, Failure::Down)) if operation >= at => {
                Step::Fails(state, io::Error::other("nobody is there"))
            }
            Some((at, Failure::Full)) if operation >= at && kind == Kind::Space => {
                Step::Fails(state, io::ErrorKind::StorageFull.into())
            }
            Some((at, Failure::Once { error, done })) if operation == at => {
                let error = io::Error::new(error, "simulated");
                if done { Step::DoneBut(state, error) } else { Step::Fails(state, error) }
            }
            _ => Step::Done(state),
        }
    }

    /// Does `what` unless it is to fail.
    fn step<T>(&self, kind: Kind, what: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        match self.begin(kind) {
            Step::Done(mut state) => what(&mut state),
            Step::DoneBut(mut state, error) => {
                let done = what(&mut state);
                // What was done may be a lock, which asks for the state when it is dropped.
                drop(state);
                done.and(Err(error))
            }
            Step::Fails(_, error) => Err(error),
        }
    }
}

fn locked(file: &File) -> MutexGuard<'_, Content> {
    file.lock().expect("nothing panics with it")
}

impl Content {
    fn sync(&mut self) {
        if !self.lost {
            self.sure = self.bytes.len();
        }
    }
}

impl State {
    fn need_parent(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() && !self.directories.contains(parent) => {
                Err(io::ErrorKind::NotFound.into())
            }
            _ => Ok(()),
        }
    }

    /// From now on a name stands for this, or for nothing.
    fn name(&mut self, path: &Path, file: Option<File>) {
        match &file {
            Some(file) => self.names.insert(path.to_owned(), file.clone()),
            None => self.names.remove(path),
        };
        self.pending.entry(path.to_owned()).or_default().push(file);
    }
}

impl Files for Memory {
    fn create(&self, path: &Path, _mode: u32) -> io::Result<Box<dyn Writing>> {
        let path = self.root.join(path);
        self.step(Kind::Space, |state| {
            state.need_parent(&path)?;
            if state.names.contains_key(&path) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let file = Arc::new(Mutex::new(Content { modified_ms: state.now_ms, ..Content::default() }));
            state.name(&path, Some(file.clone()));
            Ok(Box::new(Handle { disk: self.clone(), file }) as Box<dyn Writing>)
        })
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Reading>> {
        self.step(Kind::Other, |state| {
            let file = state.names.get(&self.root.join(path)).ok_or(io::ErrorKind::NotFound)?.clone();
            Ok(Box::new(Handle { disk: self.clone(), file }) as Box<dyn Reading>)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.root.join(from), self.root.join(to));
        self.step(Kind::Other, |state| {
            state.need_parent(&to)?;
            let file = state.names.get(&from).ok_or(io::ErrorKind::NotFound)?.clone();
            state.name(&from, None);
            state.name(&to, Some(file));
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let path = self.root.join(path);
        self.step(Kind::Other, |state| {
            if !state.names.contains_key(&path) {
                return Err(io::ErrorKind::NotFound.into());
            }
            state.name(&path, None);
            Ok(())
        })
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let path = self.root.join(path);
        self.step(Kind::Space, |state| {
            state.need_parent(&path)?;
            state.directories.insert(path.clone());
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let path = joined(&self.root, path);
        self.step(Kind::Sync, |state| {
            let settled: Vec<PathBuf> =
                state.pending.keys().filter(|name| name.parent() == Some(&path)).cloned().collect();
            for name in settled {
                state.pending.remove(&name);
                match state.names.get(&name).cloned() {
                    Some(file) => state.sure_names.insert(name, file),
                    None => state.sure_names.remove(&name),
                };
            }
            let made: Vec<PathBuf> =
                state.directories.iter().filter(|name| name.parent() == Some(&path)).cloned().collect();
            state.sure_directories.extend(made);
            Ok(())
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let path = joined(&self.root, path);
        self.step(Kind::Other, |state| {
            let named = |name: &Path| name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let inside = |name: &&PathBuf| name.parent() == Some(&path);
            let directories = state.directories.iter().filter(inside).map(|name| Entry {
                name: named(name),
                directory: true,
                size: 0,
                modified_ms: 0,
            });
            let files = state.names.iter().filter(|(name, _)| inside(name)).map(|(name, file)| {
                let content = locked(file);
                let (size, modified_ms) = (content.bytes.len() as u64, content.modified_ms);
                Entry { name: named(name), directory: false, size, modified_ms }
            });
            Ok(directories.chain(files).collect())
        })
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        let path = self.root.join(path);
        self.step(Kind::Space, |state| {
            if !state.locks.insert(path.clone()) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(Lock(Box::new(Held { disk: self.clone(), path })))
        })
    }
}

/// `a` and not `a/` where there is nothing to join: names are compared with their folder.
fn joined(root: &Path, path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { root.to_owned() } else { root.join(path) }
}

struct Held {
    disk: Memory,
    path: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.disk.state().locks.remove(&self.path);
    }
}

struct Handle {
    disk: Memory,
    file: File,
}

impl Writing for Handle {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (now_ms, count, result) = match self.disk.begin(Kind::Space) {
            Step::Done(state) => (state.now_ms, bytes.len(), Ok(())),
            Step::DoneBut(state, error) => (state.now_ms, bytes.len(), Err(error)),
            // Whatever found place before the error stays.
            Step::Fails(state, error) => (state.now_ms, bytes.len() / 2, Err(error)),
        };
        let mut content = locked(&self.file);
        content.bytes.extend_from_slice(&bytes[..count]);
        content.modified_ms = now_ms;
        result
    }

    fn sync_data(&mut self) -> io::Result<()> {
        match self.disk.begin(Kind::Sync) {
            Step::Done(state) => {
                drop(state);
                locked(&self.file).sync();
                Ok(())
            }
            Step::DoneBut(state, error) => {
                drop(state);
                locked(&self.file).sync();
                Err(error)
            }
            Step::Fails(state, error) => {
                drop(state);
                locked(&self.file).lost = true;
                Err(error)
            }
        }
    }
}

impl Reading for Handle {
    fn size(&self) -> io::Result<u64> {
        self.disk.step(Kind::Other, |_| Ok(locked(&self.file).bytes.len() as u64))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.step(Kind::Other, |_| {
            let content = locked(&self.file);
            let rest = content.bytes.get(offset as usize..).unwrap_or_default();
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        })
    }
}
