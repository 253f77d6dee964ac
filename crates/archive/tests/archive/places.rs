//! Every place where an archive of the tests has left bytes, and what is found there.

use std::path::{Path, PathBuf};

use plico_testkit::real::postgres;

use crate::ground::{Ground, files};

/// Which of them are found below a folder, and where.
pub fn found(folder: &Path, needles: &[Vec<u8>]) -> Vec<(PathBuf, usize)> {
    let head = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    let mut heads = vec![Vec::new(); 1 << 16];
    for (n, needle) in needles.iter().enumerate() {
        heads[head(needle)].push(n);
    }
    let mut paths = Vec::new();
    files(folder, &mut paths);
    let mut hits = Vec::new();
    for path in paths {
        // A file that went away meanwhile remembers nothing.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for (at, pair) in bytes.windows(2).enumerate() {
            for n in &heads[head(pair)] {
                if bytes[at..].starts_with(&needles[*n]) {
                    hits.push((path.clone(), *n));
                }
            }
        }
    }
    hits
}

/// Where the archive of this run has its files: the data, and the server's.
pub fn places(ground: &Ground) -> Vec<PathBuf> {
    let mut places = vec![ground.paths.data.clone()];
    if ground.paths.database.file().is_none() {
        places.extend(postgres::places(ground.root.path()).unwrap());
    }
    places
}

/// The server's own part: its administrator's. SQLite has none.
pub fn server_forgets(ground: &Ground) {
    if ground.paths.database.file().is_none() {
        postgres::forget_log().unwrap();
    }
}
