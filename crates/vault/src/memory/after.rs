//! What a disk may hold after a loss of power: of everything that was not synced any part, in any order.
//!
//! A name may stand for whatever it stood for since its folder was last synced. Content that was not synced may be there
//! up to any byte, and any of its sectors may be full of zeros. A rename is not taken to be one step: the new name may be
//! there and the old one too, or neither. That is more than any file system does to us; what holds here holds there.

use super::{Content, File, Memory, State, locked};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Bytes that a disk writes as one.
const SECTOR: usize = 512;

impl Memory {
    /// What the disk holds after a loss of power. `pick(n)` chooses one of `n` possibilities, again and again; 0 is always
    /// what was certain. Locks are free again and nothing fails any more.
    #[must_use]
    pub fn after_power_loss(&self, pick: &mut dyn FnMut(usize) -> usize) -> Self {
        let old = self.state();
        let mut new = State { now_ms: old.now_ms, ..State::default() };
        for directory in &old.directories {
            let kept = old.sure_directories.contains(directory) || pick(2) == 1;
            if kept && is_there(&new, directory) {
                new.directories.insert(directory.clone());
            }
        }
        // One file under two names is still one file.
        let mut settled: BTreeMap<*const Mutex<Content>, File> = BTreeMap::new();
        let paths: BTreeSet<&PathBuf> = old.sure_names.keys().chain(old.pending.keys()).collect();
        for path in paths {
            let sure = old.sure_names.get(path);
            let later = old.pending.get(path).map_or(&[][..], Vec::as_slice);
            let chosen = if later.is_empty() { 0 } else { pick(later.len() + 1) };
            let kept = if chosen == 0 { sure } else { later[chosen - 1].as_ref() };
            let Some(file) = kept.filter(|_| is_there(&new, path)) else { continue };
            let file = settled.entry(Arc::as_ptr(file)).or_insert_with(|| settle(file, pick));
            new.names.insert(path.clone(), file.clone());
        }
        new.sure_names.clone_from(&new.names);
        new.sure_directories.clone_from(&new.directories);
        Self { state: Arc::new(Mutex::new(new)), root: self.root.clone() }
    }

    /// The same disk again, to be used by somebody else: as it is seen, all of it certain.
    #[must_use]
    pub fn copied(&self) -> Self {
        let old = self.state();
        let copy = |file: &File| {
            let bytes = locked(file).bytes.clone();
            Arc::new(Mutex::new(Content { sure: bytes.len(), bytes, ..Content::default() }))
        };
        let names: BTreeMap<_, _> = old.names.iter().map(|(path, file)| (path.clone(), copy(file))).collect();
        let new = State {
            sure_names: names.clone(),
            names,
            directories: old.directories.clone(),
            sure_directories: old.directories.clone(),
            now_ms: old.now_ms,
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(new)), root: self.root.clone() }
    }

    /// A number for what it holds: names, folders and content. Two disks that differ nearly always have two.
    pub fn image(&self) -> u64 {
        let state = self.state();
        let mut hasher = DefaultHasher::new();
        state.directories.hash(&mut hasher);
        for (path, file) in &state.names {
            path.hash(&mut hasher);
            locked(file).bytes.hash(&mut hasher);
        }
        hasher.finish()
    }
}

fn is_there(state: &State, path: &Path) -> bool {
    path.parent().is_none_or(|parent| parent.as_os_str().is_empty() || state.directories.contains(parent))
}

/// What is left of a file's content.
fn settle(file: &File, pick: &mut dyn FnMut(usize) -> usize) -> File {
    let mut content = locked(file).clone();
    let (sure, whole) = (content.sure, content.bytes.len());
    if sure < whole {
        match pick(4) {
            0 => content.bytes.truncate(sure),
            1 => {}
            // Any first part.
            2 => content.bytes.truncate(sure + pick(whole - sure + 1)),
            // Any length, and any of its sectors never written.
            _ => {
                content.bytes.truncate(sure + pick(whole - sure + 1));
                for sector in content.bytes.chunks_mut(SECTOR).enumerate() {
                    let (number, bytes) = sector;
                    let begin = sure.saturating_sub(number * SECTOR).min(bytes.len());
                    if begin < bytes.len() && pick(2) == 1 {
                        bytes[begin..].fill(0);
                    }
                }
            }
        }
    }
    content.sure = content.bytes.len();
    content.lost = false;
    Arc::new(Mutex::new(content))
}
