//! Trusted lists from a folder.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use plico_signature::TrustedLists;
use plico_vault::AtomicFile;

use super::super::Failure;
use super::unreadable;

/// The certificates that sign the list of lists, as the verifier has taken them from the Official Journal.
const SIGNERS: &str = "signers.pem";
/// What was checked, to be read back as long as the files are the same.
const COMPILED: &str = "lists.compiled";
/// Longest file that is read.
const MOST: u64 = 64 * 1024 * 1024;

/// Reads every `.xml` of a folder and checks it, or takes what was checked before.
pub fn read(folder: &Path) -> Result<TrustedLists, Failure> {
    let signers = folder.join(SIGNERS);
    let signers = fs::read(&signers).map_err(|error| {
        let said = format!(
            "--tsl {}: put into it {SIGNERS}, with the certificates (PEM) that sign the European list of lists",
            folder.display()
        );
        Failure::usage(said).because(error)
    })?;
    let files = files(folder)?;
    let fingerprint = TrustedLists::fingerprint(&files, &signers);
    let compiled = folder.join(COMPILED);
    let known = fs::read(&compiled).ok();
    if let Some(lists) = known.and_then(|bytes| TrustedLists::from_compiled(&bytes, &fingerprint)) {
        return Ok(lists);
    }
    let lists = TrustedLists::verify(&files, &signers).map_err(|error| {
        let said = format!(
            "--tsl {}: put into it the list of lists (eu-lotl.xml), those before it that handed its signers over, and the certificates of its signers",
            folder.display()
        );
        Failure::usage(said).because(error)
    })?;
    // Where it cannot be kept the lists are checked again the next time.
    let _ = AtomicFile::existing(&compiled).and_then(|file| file.replace(&lists.compiled(&fingerprint)));
    Ok(lists)
}

/// Names and bytes of the lists, by their names.
fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder).because(error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder).because(error))?.path();
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("xml")) {
            continue;
        }
        let mut bytes = Vec::new();
        let opened = fs::File::open(&path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
        opened.map_err(|error| unreadable(&path).because(error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, bytes));
    }
    files.sort();
    Ok(files)
}
