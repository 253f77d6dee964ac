//! A simulated disk: it remembers what was synced apart from what was only written, can fail at any step, and can lose
//! power.

use crate::{Entry, Files, Lock, Reading, Writing};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// A simulated disk. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// That operation, if it needs space, finds none; so do those that follow.
    Full,
    /// That operation, if it is a sync, fails; later ones pretend to succeed, as real disks do.
    Sync,
    /// The power goes: that operation and all that follow fail.
    Power,
}

#[derive(Debug, Default)]
struct State {
    /// What a running program sees.
    names: BTreeMap<PathBuf, Arc<Mutex<Content>>>,
    directories: BTreeSet<PathBuf>,
    /// What is certain to be there after a loss of power.
    durable_names: BTreeMap<PathBuf, Arc<Mutex<Content>>>,
    durable_directories: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
    operations: u64,
    failing: Option<(u64, Failure)>,
    now_ms: i64,
}

#[derive(Clone, Debug, Default)]
struct Content {
    written: Vec<u8>,
    synced: Vec<u8>,
    modified_ms: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Sync,
    Other,
}

impl Memory {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
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

    /// What the disk holds after a loss of power. Of each name and content that was not synced, `survives` says whether
    /// it reached the disk all the same. Locks are free again and nothing fails any more.
    #[must_use]
    pub fn after_power_loss(&self, survives: &mut dyn FnMut() -> bool) -> Self {
        let old = self.state();
        let mut new = State { now_ms: old.now_ms, ..State::default() };
        for directory in &old.directories {
            let parent_is_there = directory
                .parent()
                .is_none_or(|parent| parent.as_os_str().is_empty() || new.directories.contains(parent));
            if parent_is_there && (old.durable_directories.contains(directory) || survives()) {
                new.directories.insert(directory.clone());
            }
        }
        let paths: BTreeSet<&PathBuf> = old.names.keys().chain(old.durable_names.keys()).collect();
        for path in paths {
            let (now, sure) = (old.names.get(path), old.durable_names.get(path));
            let same = matches!((now, sure), (Some(now), Some(sure)) if Arc::ptr_eq(now, sure));
            let kept = if same || survives() { now } else { sure };
            let parent_is_there =
                path.parent().is_none_or(|p| p.as_os_str().is_empty() || new.directories.contains(p));
            if let Some(content) = kept.filter(|_| parent_is_there) {
                let mut content = content.lock().expect("nothing panics with it").clone();
                if content.written != content.synced && !survives() {
                    content.written.clone_from(&content.synced);
                }
                content.sync();
                new.names.insert(path.clone(), Arc::new(Mutex::new(content)));
            }
        }
        new.durable_names.clone_from(&new.names);
        new.durable_directories.clone_from(&new.directories);
        Self { state: Arc::new(Mutex::new(new)) }
    }

    /// Changes bytes of a file as a failing disk or an intruder would: for tests of verification.
    pub fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let state = self.state();
        let mut content = state.names[path].lock().expect("nothing panics with it");
        change(&mut content.written);
        content.sync();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics with it")
    }

    fn step(&self, kind: Kind) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        let operation = state.operations;
        state.operations += 1;
        match state.failing {
            Some((at, Failure::Power)) if operation >= at => Err(io::Error::other("the power is gone")),
            Some((at, Failure::Full)) if operation >= at && kind == Kind::Space => {
                Err(io::ErrorKind::StorageFull.into())
            }
            Some((at, Failure::Sync)) if operation == at && kind == Kind::Sync => {
                Err(io::Error::other("the disk does not answer"))
            }
            _ => Ok(state),
        }
    }
}

impl Content {
    fn sync(&mut self) {
        self.synced.clone_from(&self.written);
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
}

impl Files for Memory {
    fn create(&self, path: &Path, _mode: u32) -> io::Result<Box<dyn Writing>> {
        let mut state = self.step(Kind::Space)?;
        state.need_parent(path)?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Arc::new(Mutex::new(Content { modified_ms: state.now_ms, ..Content::default() }));
        state.names.insert(path.to_owned(), content.clone());
        Ok(Box::new(Handle { disk: self.clone(), content }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Reading>> {
        let state = self.step(Kind::Other)?;
        let content = state.names.get(path).ok_or(io::ErrorKind::NotFound)?.clone();
        Ok(Box::new(Handle { disk: self.clone(), content }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.step(Kind::Other)?;
        state.need_parent(to)?;
        let content = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.step(Kind::Other)?;
        state.names.remove(path).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.step(Kind::Space)?;
        state.need_parent(path)?;
        state.directories.insert(path.to_owned());
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.step(Kind::Sync)?;
        let inside = |name: &Path| name.parent() == Some(path);
        let state = &mut *state;
        state.durable_names.retain(|name, _| !inside(name));
        let names = state.names.iter().filter(|(name, _)| inside(name));
        state.durable_names.extend(names.map(|(name, content)| (name.clone(), content.clone())));
        let directories = state.directories.iter().filter(|name| inside(name));
        state.durable_directories.extend(directories.cloned());
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let state = self.step(Kind::Other)?;
        let named = |name: &Path| name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inside = |name: &&PathBuf| name.parent() == Some(path);
        let directories = state.directories.iter().filter(inside).map(|name| Entry {
            name: named(name),
            directory: true,
            size: 0,
            modified_ms: 0,
        });
        let files = state.names.iter().filter(|(name, _)| inside(name)).map(|(name, content)| {
            let content = content.lock().expect("nothing panics with it");
            let (size, modified_ms) = (content.written.len() as u64, content.modified_ms);
            Entry { name: named(name), directory: false, size, modified_ms }
        });
        Ok(directories.chain(files).collect())
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        let mut state = self.step(Kind::Space)?;
        if !state.locks.insert(path.to_owned()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Lock(Box::new(Held { disk: self.clone(), path: path.to_owned() })))
    }
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
    content: Arc<Mutex<Content>>,
}

impl Handle {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("nothing panics with it")
    }
}

impl Writing for Handle {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let now_ms = self.disk.step(Kind::Space)?.now_ms;
        let mut content = self.content();
        content.written.extend_from_slice(bytes);
        content.modified_ms = now_ms;
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        drop(self.disk.step(Kind::Sync)?);
        self.content().sync();
        Ok(())
    }
}

impl Reading for Handle {
    fn size(&self) -> io::Result<u64> {
        Ok(self.content().written.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        drop(self.disk.step(Kind::Other)?);
        let content = self.content();
        let rest = content.written.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}
