//! Trusted lists from a folder, and from what was fetched.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use plico_signature::TrustedLists;
use plico_signature::tsl::TrustedListError;
use plico_vault::AtomicFile;

/// The certificates that sign the list of lists, as the verifier has taken them from the Official Journal.
pub const SIGNERS: &str = "signers.pem";
/// What was checked, to be read back as long as the files are the same.
const COMPILED: &str = "lists.compiled";
/// Longest file that is read.
const MOST: u64 = 64 * 1024 * 1024;

/// Why there are no lists. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ListsError {
    /// Folder or file cannot be read.
    #[error("cannot read {0}: check the path and its permissions")]
    Unreadable(String, #[source] io::Error),
    /// Nobody is known to sign.
    #[error("{0}: put into it {SIGNERS}, with the certificates (PEM) that sign the European list of lists")]
    NoSigners(String, #[source] io::Error),
    /// No list of lists.
    #[error(
        "{0}: put into it the list of lists (eu-lotl.xml), those before it that handed its signers over, and the certificates of its signers"
    )]
    NoList(String, #[source] TrustedListError),
}

/// Names and bytes of lists.
pub type Files = Vec<(String, Vec<u8>)>;

/// What a folder holds: the lists by their names, and who signs the list of lists.
pub fn files(folder: &Path) -> Result<(Files, Vec<u8>), ListsError> {
    let shown = folder.display().to_string();
    let signers =
        fs::read(folder.join(SIGNERS)).map_err(|error| ListsError::NoSigners(shown.clone(), error))?;
    let unreadable = |path: &Path| {
        let shown = path.display().to_string();
        move |error| ListsError::Unreadable(shown, error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if is_list(&path) {
            let mut bytes = Vec::new();
            let opened = fs::File::open(&path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
            opened.map_err(unreadable(&path))?;
            files.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes));
        }
    }
    files.sort();
    Ok((files, signers))
}

/// Whether a file of the folder counts as a list.
pub fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
}

/// Reads every `.xml` of a folder, and what was fetched besides, and checks it, or takes what was checked before.
pub fn read(folder: &Path, fetched: Files) -> Result<TrustedLists, ListsError> {
    let (mut files, signers) = files(folder)?;
    files.extend(fetched);
    checked(folder, &files, &signers)
}

pub(super) fn checked(
    folder: &Path,
    files: &[(String, Vec<u8>)],
    signers: &[u8],
) -> Result<TrustedLists, ListsError> {
    let fingerprint = TrustedLists::fingerprint(files, signers);
    let compiled = folder.join(COMPILED);
    let known = fs::read(&compiled).ok();
    if let Some(lists) = known.and_then(|bytes| TrustedLists::from_compiled(&bytes, &fingerprint)) {
        return Ok(lists);
    }
    let lists = TrustedLists::verify(files, signers)
        .map_err(|error| ListsError::NoList(folder.display().to_string(), error))?;
    // Where it cannot be kept the lists are checked again the next time.
    let _ = AtomicFile::existing(&compiled).and_then(|file| file.replace(&lists.compiled(&fingerprint)));
    Ok(lists)
}
