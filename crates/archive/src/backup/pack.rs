//! The data file: written with a manifest of digests at its end, and compared with it when it is read.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use plico_crypto::digest::Sha256;
use plico_vault::{Filling, NewFile, VaultError};

use super::listed::FILE as LIST;
use super::tar;
use crate::error::ArchiveError;
use crate::hex;

/// The last entry of the data file: digests of all others, as `sha256sum -c` reads them.
const MANIFEST: &str = "manifest-sha256.txt";
/// Bytes of the largest manifest.
const MANIFEST_LIMIT: u64 = 1 << 30;

pub(crate) fn failed(path: &Path) -> impl Fn(io::Error) -> ArchiveError + '_ {
    move |error| match error.kind() {
        io::ErrorKind::StorageFull => ArchiveError::Full,
        _ => ArchiveError::Setup(format!("{}: {error}", path.display())),
    }
}

/// What the vault said of a file that a person named.
pub(crate) fn unnamed(path: &Path) -> impl Fn(VaultError) -> ArchiveError + '_ {
    move |error| match error {
        VaultError::Full => ArchiveError::Full,
        VaultError::Io { source, .. } => failed(path)(source),
        error => ArchiveError::Setup(format!("{}: {error}", path.display())),
    }
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes the data file from what was prepared in `scratch` and from the archive's folder, with its content or the list of it;
/// answers its digest and how many files are in it.
pub(super) fn pack(
    scratch: &Path,
    folder: &Path,
    content: bool,
    data: &Path,
) -> Result<(String, usize), ArchiveError> {
    let mut manifest = String::new();
    let mut files = 0;
    let out = NewFile::begin(data).map_err(unnamed(data))?;
    let mut out = Hashing { inner: BufWriter::new(out), digest: Sha256::new() };
    // The list first: whoever cannot use it is told before anything is written.
    let mut waiting =
        vec![(scratch.join(LIST), LIST.to_owned()), (scratch.join("plico.db"), "plico.db".to_owned())];
    if content {
        waiting.remove(0);
        list(&folder.join("blobs"), "blobs", &mut waiting)?;
    }
    list(&folder.join("log"), "log", &mut waiting)?;
    for (path, name) in waiting {
        files += usize::from(add(&mut out, &path, &name, &mut manifest)?);
    }
    let size = manifest.len() as u64;
    let ended = tar::header(&mut out, MANIFEST, size)
        .and_then(|()| out.write_all(manifest.as_bytes()))
        .and_then(|()| tar::pad(&mut out, size))
        .and_then(|()| tar::end(&mut out))
        .and_then(|()| out.flush());
    ended.map_err(failed(data))?;
    let Hashing { inner, digest } = out;
    let file = inner.into_inner().map_err(|error| failed(data)(error.into_error()))?;
    file.finish().map_err(unnamed(data))?;
    Ok((hex(&digest.finish()), files))
}

/// Plain files below a folder, by their names there.
fn list(folder: &Path, name: &str, found: &mut Vec<(PathBuf, String)>) -> Result<(), ArchiveError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed(folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(failed(folder))?;
        let Ok(own) = entry.file_name().into_string() else { continue };
        let (path, name) = (entry.path(), format!("{name}/{own}"));
        if entry.file_type().map_err(failed(&path))?.is_dir() {
            list(&path, &name, found)?;
        } else {
            found.push((path, name));
        }
    }
    Ok(())
}

/// Adds one file; `false` when it went away meanwhile (a temporary file, a partial tile that has grown).
fn add(out: &mut impl Write, path: &Path, name: &str, manifest: &mut String) -> Result<bool, ArchiveError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other.map_err(failed(path))?,
    };
    let size = file.metadata().map_err(failed(path))?.len();
    let mut from = Hashing { inner: file.take(size), digest: Sha256::new() };
    tar::header(out, name, size).map_err(failed(path))?;
    let copied = io::copy(&mut from, out).map_err(failed(path))?;
    if copied != size {
        return Err(ArchiveError::Setup(format!("{} changed while it was read", path.display())));
    }
    tar::pad(out, size).map_err(failed(path))?;
    line(manifest, &from.digest.finish(), name);
    Ok(true)
}

/// Unpacks and compares with the manifest; answers how many files there were. Refuses one whose content is in a bucket where
/// there is none.
pub(super) fn unpack(data: &Path, into: &Path, bucket: bool) -> Result<usize, ArchiveError> {
    let file = File::open(data).map_err(failed(data))?;
    let mut from = BufReader::new(file);
    let (mut found, mut manifest) = (String::new(), None);
    let mut filling = Filling::of(into).map_err(unnamed(into))?;
    let mut files = 0;
    while let Some((name, size)) = tar::next(&mut from).map_err(failed(data))? {
        if name == LIST && !bucket {
            return Err(ArchiveError::Setup(format!(
                "the content of {} is in an object store: name it in the section `blobs` of a file, and give --config FILE",
                data.display()
            )));
        }
        if name == MANIFEST {
            let mut text = String::new();
            let read = (&mut from).take(size.min(MANIFEST_LIMIT)).read_to_string(&mut text);
            read.map_err(failed(data))?;
            manifest = Some(text);
        } else {
            let path = into.join(&name);
            let out = filling.create(Path::new(&name)).map_err(unnamed(&path))?;
            let mut out = Hashing { inner: out, digest: Sha256::new() };
            let copied = io::copy(&mut (&mut from).take(size), &mut out).map_err(failed(&path))?;
            if copied != size {
                return Err(ArchiveError::Setup(format!("{} ends too early", data.display())));
            }
            let digest = out.digest.finish();
            filling.keep(out.inner).map_err(unnamed(&path))?;
            line(&mut found, &digest, &name);
            files += 1;
        }
        tar::skip_padding(&mut from, size).map_err(failed(data))?;
    }
    if manifest.as_deref() != Some(found.as_str()) {
        return Err(ArchiveError::Setup(format!(
            "{} was changed: its files are not those of its manifest",
            data.display()
        )));
    }
    filling.finish().map_err(unnamed(into))?;
    Ok(files)
}

/// Hashes what passes.
struct Hashing<T> {
    inner: T,
    digest: Sha256,
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.digest.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.digest.update(&bytes[..count]);
        Ok(count)
    }
}

/// A line as `sha256sum -c` reads it.
fn line(manifest: &mut String, digest: &[u8], name: &str) {
    for piece in [&*hex(digest), "  ", name, "\n"] {
        manifest.push_str(piece);
    }
}
