//! A dossier on the public page: in a file without a name while it is looked at, and unpacked within bounds.

use std::fs::File as StdFile;
use std::io::{self, BufReader, Seek as _};
use std::path::Path;

use plico_evidence::Policy;
use plico_evidence::dossier::{self, DossierReport};
use plico_package::bag::{Held, Zipped};
use tokio::io::AsyncWriteExt as _;

use crate::http::Error;
use crate::http::upload::File;

/// So many times the largest upload may be unpacked: every file is read twice or thrice, and papers shrink to a fifth.
const UNPACKED: u64 = 16;
/// Files of the largest dossier that is looked at here.
const MOST_FILES: usize = 100_000;

/// Takes a dossier, of which `begun` has come already.
pub async fn keep(folder: &Path, begun: Vec<u8>, file: &mut File<'_>) -> Result<StdFile, Error> {
    let folder = folder.to_owned();
    let unnamed = tokio::task::spawn_blocking(move || plico_vault::unnamed(&folder));
    let unnamed = unnamed.await.map_err(Error::fault)?.map_err(Error::fault)?;
    let mut kept = tokio::fs::File::from_std(unnamed);
    kept.write_all(&begun).await.map_err(Error::fault)?;
    while let Some(chunk) = file.chunk().await? {
        kept.write_all(&chunk).await.map_err(Error::fault)?;
    }
    kept.flush().await.map_err(Error::fault)?;
    Ok(kept.into_std().await)
}

/// Looks at it; nothing when it is more than is looked at here.
pub async fn report(
    file: StdFile,
    policy: Policy,
    now_ms: i64,
    limit: u64,
) -> Result<Option<DossierReport>, Error> {
    let work = tokio::task::spawn_blocking(move || look(file, &policy, now_ms, limit));
    work.await.map_err(Error::fault)?.map_err(Error::fault)
}

fn look(mut file: StdFile, policy: &Policy, now_ms: i64, limit: u64) -> io::Result<Option<DossierReport>> {
    file.rewind()?;
    let inner = match Zipped::open(BufReader::new(file)) {
        Ok(bag) => bag,
        Err(error) => return Ok(Some(dossier::unreadable(&error.to_string()))),
    };
    let name = inner.folder().to_owned();
    let mut bag = Bounded { inner, left: limit.saturating_mul(UNPACKED), over: false };
    let report = dossier::verify(&mut bag, &name, Some(policy), now_ms);
    Ok((!bag.over).then_some(report))
}

/// A bag of which no more is read than somebody may ask of us.
struct Bounded<H> {
    inner: H,
    left: u64,
    over: bool,
}

impl<H: Held> Held for Bounded<H> {
    fn files(&mut self) -> io::Result<Vec<String>> {
        let files = self.inner.files()?;
        self.over |= files.len() > MOST_FILES;
        if self.over { Err(io::Error::other("too many files")) } else { Ok(files) }
    }

    fn read(&mut self, path: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let Self { inner, left, over } = self;
        inner.read(path, &mut |piece| {
            match left.checked_sub(piece.len() as u64) {
                Some(less) => *left = less,
                None => *over = true,
            }
            if *over { Err(io::Error::other("too large")) } else { each(piece) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Endless;

    impl Held for Endless {
        fn files(&mut self) -> io::Result<Vec<String>> {
            Ok(vec!["bagit.txt".into()])
        }

        fn read(&mut self, _: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
            loop {
                each(&[b' '; 1000])?;
            }
        }
    }

    #[test]
    fn what_unpacks_without_end_is_left() {
        let mut bag = Bounded { inner: Endless, left: 1_000_000, over: false };
        let mut seen = 0;
        let read = bag.read("data/x", &mut |piece| {
            seen += piece.len();
            Ok(())
        });
        assert!(read.is_err() && bag.over);
        assert_eq!(seen, 1_000_000);
    }
}
