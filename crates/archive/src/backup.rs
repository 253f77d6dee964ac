//! A backup is two files. The data (database, blobs, tiles: useless alone) is a tar file that may be kept long; the keys
//! (key file, wrapped keys of everything, accounts, drafts) are one JSON file that is kept elsewhere and shorter, so
//! that what was erased stays erased. The signer's state is in neither.

mod secrets;
pub mod tar;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plico_crypto::digest::Sha256;
use plico_database::{Database, Mode, args};
use plico_vault::signer::SignerState;
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Entropy};
use crate::error::ArchiveError;
use crate::keys::KeyFile;
use crate::setup::signer_error;
use crate::{Archive, Paths, fsck, hex, tree};
use secrets::Secrets;

/// The last entry of the data file: digests of all others, as `sha256sum -c` reads them.
const MANIFEST: &str = "manifest-sha256.txt";
/// Bytes of the largest manifest.
const MANIFEST_LIMIT: u64 = 1 << 30;
const SET_READ_ONLY: &str = "update log set read_only = $2 where id = $1";

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// SHA-256 of the data file, hexadecimal.
    pub sha256: String,
    /// Files in it.
    pub files: usize,
    /// Sizes of the logs in it, by origin.
    pub sizes: Vec<(String, u64)>,
}

/// A restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Files.
    pub files: usize,
    /// Logs whose continuity with what was last signed is not shown: they are read-only.
    pub read_only: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Keys {
    v: u8,
    /// SHA-256 of the data file made together with it.
    data: String,
    keys: KeyFile,
    secrets: Secrets,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> ArchiveError + '_ {
    move |error| match error.kind() {
        io::ErrorKind::StorageFull => ArchiveError::Full,
        _ => ArchiveError::Setup(format!("{}: {error}", path.display())),
    }
}

impl Archive {
    /// Makes a backup while the archive is in use. Neither file may be there.
    pub async fn back_up(&self, paths: &Paths, data: &Path, keys: &Path) -> Result<Made, ArchiveError> {
        for file in [data, keys] {
            if file.exists() {
                return Err(ArchiveError::Setup(format!("{} is there already", file.display())));
            }
        }
        let scratch = beside(data, ".part.d");
        fs::create_dir(&scratch).map_err(failed(&scratch))?;
        let made = self.back_up_by_way_of(&scratch, paths, data, keys).await;
        // What is left of it is as secret as the archive.
        fs::remove_dir_all(&scratch).map_err(failed(&scratch))?;
        made
    }

    async fn back_up_by_way_of(
        &self,
        scratch: &Path,
        paths: &Paths,
        data: &Path,
        keys: &Path,
    ) -> Result<Made, ArchiveError> {
        // The database first: whatever it names is durable already.
        let full = scratch.join("full.db");
        self.database().backup_into(&full).await?;
        let copy = Database::open(&full, Mode::Existing).await?;
        let secrets = Secrets::take(&copy).await?;
        let sizes: Vec<(String, i64)> = copy.all("select origin, size from log order by id", args![]).await?;
        // Copied once more, so that no free page remembers anything.
        copy.backup_into(&scratch.join("plico.db")).await?;
        copy.close().await;
        let (scratch, data, from) = (scratch.to_owned(), data.to_owned(), paths.data.clone());
        let packed = tokio::task::spawn_blocking(move || pack(&scratch.join("plico.db"), &from, &data));
        let (sha256, files) = packed.await.map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
        let whole =
            Keys { v: 1, data: sha256.clone(), keys: KeyFile::read(&paths.key_file).await?, secrets };
        let bytes = zeroize::Zeroizing::new(
            serde_json::to_vec(&whole).map_err(|error| ArchiveError::Setup(error.to_string()))?,
        );
        write_secret(keys, &bytes).map_err(failed(keys))?;
        let sizes = sizes.into_iter().map(|(origin, size)| (origin, size.cast_unsigned())).collect();
        Ok(Made { sha256, files, sizes })
    }
}

/// Restores a backup into `paths`: the folder must be empty. Each log is read-only unless the signer's state at its path
/// shows that nothing was signed beyond it.
pub async fn restore(
    data: &Path,
    keys: &Path,
    paths: &Paths,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<Restored, ArchiveError> {
    let empty = fs::read_dir(&paths.data).map_or(true, |mut entries| entries.next().is_none());
    if !empty || paths.key_file.exists() {
        return Err(ArchiveError::Setup(format!(
            "{} must be empty, and {} must not be there",
            paths.data.display(),
            paths.key_file.display()
        )));
    }
    let bytes = zeroize::Zeroizing::new(fs::read(keys).map_err(failed(keys))?);
    let whole: Keys = serde_json::from_slice(&bytes)
        .map_err(|_| ArchiveError::Setup(format!("{} is not the keys of a backup", keys.display())))?;
    let (from, into) = (data.to_owned(), paths.data.clone());
    let files = tokio::task::spawn_blocking(move || unpack(&from, &into))
        .await
        .map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
    let database = Database::open(&paths.data.join("plico.db"), Mode::Existing).await?;
    whole.secrets.put_back(&database).await?;
    database.close().await;
    whole.keys.write(&paths.key_file).await?;
    let archive = Archive::open_beside(paths, clock, entropy).await?;
    archive.rebuild().await?;
    let read_only = archive.show_continuity(&paths.signer).await?;
    archive.close().await;
    Ok(Restored { files, read_only })
}

/// Restores a backup to `scratch`, which must not be there, reads everything again, and removes it.
pub async fn verify(
    data: &Path,
    keys: &Path,
    scratch: &Path,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<fsck::Outcome, ArchiveError> {
    fs::create_dir(scratch).map_err(failed(scratch))?;
    let paths = Paths {
        data: scratch.join("data"),
        key_file: scratch.join("keys"),
        signer: scratch.join("signer"),
    };
    let checked = async {
        restore(data, keys, &paths, clock.clone(), entropy.clone()).await?;
        let archive = Archive::open_beside(&paths, clock, entropy).await?;
        let outcome = archive.fsck().await;
        archive.close().await;
        outcome
    }
    .await;
    fs::remove_dir_all(scratch).map_err(failed(scratch))?;
    checked
}

impl Archive {
    /// Opens the logs that are exactly where the signer left them; answers those that are not.
    async fn show_continuity(&self, state: &Path) -> Result<Vec<String>, ArchiveError> {
        let signer = if state.exists() { Some(SignerState::open(state).map_err(signer_error)?) } else { None };
        let mut read_only = Vec::new();
        for log in self.logs().await? {
            let signed = signer.as_ref().and_then(|signer| signer.position(&log.origin));
            let shown = match signed {
                Some(signed) if signed.size <= log.signed.cast_unsigned() && signed.size > 0 => {
                    tree::root(self.vault(), log.id, signed.size).await.is_ok_and(|root| root == signed.root)
                }
                _ => false,
            };
            self.database().execute(SET_READ_ONLY, args![log.id, !shown]).await?;
            if !shown {
                read_only.push(log.origin);
            }
        }
        Ok(read_only)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes the data file; answers its digest and how many files are in it.
fn pack(database: &Path, folder: &Path, data: &Path) -> Result<(String, usize), ArchiveError> {
    let part = beside(data, ".part");
    let mut manifest = String::new();
    let mut files = 0;
    let out = secret_file(&part).map_err(failed(&part))?;
    let mut out = Hashing { inner: BufWriter::new(out), digest: Sha256::new() };
    let mut waiting = vec![(database.to_owned(), "plico.db".to_owned())];
    for name in ["blobs", "log"] {
        list(&folder.join(name), name, &mut waiting)?;
    }
    for (path, name) in waiting {
        let Some(size) = add(&mut out, &path, &name, &mut manifest)? else { continue };
        let _ = size;
        files += 1;
    }
    let size = manifest.len() as u64;
    let ended = tar::header(&mut out, MANIFEST, size)
        .and_then(|()| out.write_all(manifest.as_bytes()))
        .and_then(|()| tar::pad(&mut out, size))
        .and_then(|()| tar::end(&mut out))
        .and_then(|()| out.flush());
    ended.map_err(failed(&part))?;
    let Hashing { inner, digest } = out;
    let file = inner.into_inner().map_err(|error| failed(&part)(error.into_error()))?;
    file.sync_all().and_then(|()| fs::rename(&part, data)).map_err(failed(data))?;
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

/// Adds one file; `None` when it went away meanwhile (a temporary file, a partial tile that has grown).
fn add(
    out: &mut impl Write,
    path: &Path,
    name: &str,
    manifest: &mut String,
) -> Result<Option<u64>, ArchiveError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
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
    manifest.push_str(&format!("{}  {name}\n", hex(&from.digest.finish())));
    Ok(Some(size))
}

/// Unpacks and compares with the manifest; answers how many files there were.
fn unpack(data: &Path, into: &Path) -> Result<usize, ArchiveError> {
    let file = File::open(data).map_err(failed(data))?;
    let mut from = BufReader::new(file);
    let (mut found, mut manifest) = (String::new(), None);
    let mut files = 0;
    while let Some((name, size)) = tar::next(&mut from).map_err(failed(data))? {
        if name == MANIFEST {
            let mut text = String::new();
            let read = (&mut from).take(size.min(MANIFEST_LIMIT)).read_to_string(&mut text);
            read.map_err(failed(data))?;
            manifest = Some(text);
        } else {
            let path = into.join(&name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(failed(folder))?;
            }
            let out = secret_file(&path).map_err(failed(&path))?;
            let mut out = Hashing { inner: out, digest: Sha256::new() };
            let copied = io::copy(&mut (&mut from).take(size), &mut out).map_err(failed(&path))?;
            if copied != size {
                return Err(ArchiveError::Setup(format!("{} ends too early", data.display())));
            }
            out.inner.sync_all().map_err(failed(&path))?;
            found.push_str(&format!("{}  {name}\n", hex(&out.digest.finish())));
            files += 1;
        }
        tar::skip_padding(&mut from, size).map_err(failed(data))?;
    }
    if manifest.as_deref() != Some(found.as_str()) {
        return Err(ArchiveError::Setup(format!("{} was changed: its files are not those of its manifest", data.display())));
    }
    Ok(files)
}

fn secret_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = secret_file(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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
