//! A snapshot of the index in the shared folder: a machine whose own index is not there yet starts from it and reads only what
//! came since. One file, which is whole or is not there.

use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;

use plico_search::Index;
use plico_vault::{Filling, NewFile, clear_away, set_aside};

use crate::Archive;
use crate::backup::pack::{beside, failed, unnamed};
use crate::backup::tar;
use crate::error::ArchiveError;

/// Its name in the data folder.
pub(crate) const FILE: &str = "search.snapshot";

impl Archive {
    /// Writes a snapshot of the index, in place of the one before; whether there was anything new to write. Crash here: the
    /// one before is still there, and what was begun goes with the next one.
    pub async fn snapshot_index(&self) -> Result<bool, ArchiveError> {
        let Some(path) = self.core().snapshot.clone() else { return Ok(false) };
        // Nobody commits meanwhile, and nobody forgets.
        let mut last = self.core().indexing.lock().await;
        let positions = self.search().positions();
        if positions.is_empty() || (*last == positions && path.exists()) {
            return Ok(false);
        }
        let index = self.search().clone();
        let written = tokio::task::spawn_blocking(move || write(&index, &path)).await;
        written.map_err(|error| ArchiveError::Corrupt(format!("the snapshot's thread ended: {error}")))??;
        *last = positions;
        Ok(true)
    }

    /// The snapshot goes: it holds words that must not be kept. A new one is written in its time.
    pub(crate) async fn forget_snapshot(&self) -> Result<(), ArchiveError> {
        let Some(path) = self.core().snapshot.clone() else { return Ok(()) };
        let _alone = self.core().indexing.lock().await;
        for file in [beside(&path, ".part"), path] {
            clear_away(&file).map_err(unnamed(&file))?;
        }
        Ok(())
    }
}

fn write(index: &Index, path: &Path) -> Result<(), ArchiveError> {
    // Whatever a crash left: one process at a time writes.
    let part = beside(path, ".part");
    clear_away(&part).map_err(unnamed(&part))?;
    let mut out = BufWriter::new(NewFile::begin(path).map_err(unnamed(path))?);
    index.files(|name, size, content| {
        tar::header(&mut out, name, size)?;
        let copied = io::copy(&mut content.take(size), &mut out)?;
        if copied != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        tar::pad(&mut out, size)
    })?;
    tar::end(&mut out).and_then(|()| out.flush()).map_err(failed(path))?;
    let file = out.into_inner().map_err(|error| failed(path)(error.into_error()))?;
    file.finish().map_err(unnamed(path))
}

/// Makes an index in `folder` from a snapshot, where there is none and there is a snapshot; whether it did. What is not whole
/// is no index: it is thrown away, and the journal is read from its beginning.
pub(crate) fn start_from(snapshot: &Path, folder: &Path) -> Result<bool, ArchiveError> {
    if Index::is_in(folder) || !snapshot.exists() {
        return Ok(false);
    }
    let part = beside(folder, ".part");
    clear_away(&part).map_err(unnamed(&part))?;
    if let Err(error) = unpack(snapshot, &part) {
        tracing::warn!(%error, "the snapshot of the index is of no use: it is built again");
        clear_away(&part).map_err(unnamed(&part))?;
        return Ok(false);
    }
    clear_away(folder).map_err(unnamed(folder))?;
    set_aside(&part, folder).map_err(unnamed(folder))?;
    Ok(true)
}

fn unpack(snapshot: &Path, into: &Path) -> Result<(), ArchiveError> {
    let file = std::fs::File::open(snapshot).map_err(failed(snapshot))?;
    let mut from = BufReader::new(file);
    let mut filling = Filling::of(into).map_err(unnamed(into))?;
    while let Some((name, size)) = tar::next(&mut from).map_err(failed(snapshot))? {
        let mut out = filling.create(Path::new(&name)).map_err(unnamed(into))?;
        let copied = io::copy(&mut (&mut from).take(size), &mut out).map_err(failed(into))?;
        if copied != size {
            return Err(ArchiveError::Setup(format!("{} ends too early", snapshot.display())));
        }
        filling.keep(out).map_err(unnamed(into))?;
        tar::skip_padding(&mut from, size).map_err(failed(snapshot))?;
    }
    filling.finish().map_err(unnamed(into))?;
    if Index::open(into)?.is_whole()? {
        return Ok(());
    }
    Err(ArchiveError::Setup(format!("{} is damaged", snapshot.display())))
}
