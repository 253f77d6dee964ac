//! Whom this installation believes about signatures: read from the folders that the configuration names, and from the
//! trusted lists that were fetched.

pub mod lists;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use plico_crypto::digest::{sha256, to_hex};
use plico_desk::verdict::Trust;
use plico_signature::revocation::{Evidence, EvidenceError};
use plico_signature::{AnchorError, Anchors, TrustedLists};

use crate::config::Signatures;
use lists::{Files, ListsError};

/// Why the folders cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Folder or file cannot be read.
    #[error("signatures.trust: cannot read {0}: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// No certificate.
    #[error(
        "signatures.trust: {0} holds no certificates in PEM: convert it (openssl x509 -inform DER), or remove it"
    )]
    Anchors(String, #[source] AnchorError),
    /// No list, no answer.
    #[error(
        "signatures.trust: {0} is neither a revocation list nor an OCSP answer, as its name says: remove it"
    )]
    Evidence(String, #[source] EvidenceError),
    /// Nobody would be believed.
    #[error(
        "signatures.trust: {0} holds no certificate (*.pem, *.crt): put those of the authorities there, or leave the setting empty"
    )]
    Empty(String),
    /// No trusted lists.
    #[error("signatures.lists cannot be used")]
    Lists(#[source] ListsError),
}

/// The files of the folders as they were: name, length, time of change.
pub type Seen = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// The files that count: certificates (`*.pem`, `*.crt`), lists (`*.crl`), answers (`*.ocsp`, `*.ors`); trusted lists
/// (`*.xml`) and who signs them.
pub fn look(settings: &Signatures) -> Result<Seen, TrustError> {
    let mut seen = Vec::new();
    if let Some(folder) = &settings.trust {
        let unreadable = |error| TrustError::Unreadable(folder.display().to_string(), error);
        entries(folder, |path| kind(path).is_some(), &mut seen).map_err(unreadable)?;
    }
    if let Some(folder) = &settings.lists {
        let unreadable =
            |error| TrustError::Lists(ListsError::Unreadable(folder.display().to_string(), error));
        let counts = |path: &Path| lists::is_list(path) || path.ends_with(lists::SIGNERS);
        entries(folder, counts, &mut seen).map_err(unreadable)?;
    }
    seen.sort();
    Ok(seen)
}

fn entries(folder: &Path, counts: impl Fn(&Path) -> bool, seen: &mut Seen) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if counts(&path) {
            // A link counts as the file it leads to.
            let about = std::fs::metadata(&path)?;
            seen.push((path, about.len(), about.modified().ok()));
        }
    }
    Ok(())
}

/// Reads what the configuration names, and the trusted lists that were fetched besides. Nobody is believed where it
/// names nothing.
pub fn read(settings: &Signatures, fetched: Files) -> Result<Trust, TrustError> {
    let mut digests = Vec::new();
    let lists =
        settings.lists.as_deref().map(|folder| trusted(folder, settings.fetch, fetched, &mut digests));
    let lists = lists.transpose()?.flatten();
    let mut trust = Trust::default();
    if let Some(folder) = &settings.trust {
        trust = authorities(folder, &mut digests)?;
        // With lists the folder may hold nothing but what authorities say of revocation.
        if trust.anchors.is_none() && settings.lists.is_none() {
            return Err(TrustError::Empty(folder.display().to_string()));
        }
    }
    if let Some(lists) = lists {
        trust.anchors = Some(trust.anchors.unwrap_or_default().with_lists(lists));
    }
    if trust.anchors.is_some() {
        trust.version = to_hex(&sha256(&digests));
    }
    Ok(trust)
}

/// Where lists are fetched there need be none yet.
fn trusted(
    folder: &Path,
    may_come: bool,
    fetched: Files,
    digests: &mut Vec<u8>,
) -> Result<Option<TrustedLists>, TrustError> {
    let (mut files, signers) = lists::files(folder).map_err(TrustError::Lists)?;
    files.extend(fetched);
    if files.is_empty() && may_come {
        return Ok(None);
    }
    digests.extend(TrustedLists::fingerprint(&files, &signers));
    lists::checked(folder, &files, &signers).map(Some).map_err(TrustError::Lists)
}

/// The folder of certificates and of what their holders say of revocation.
fn authorities(folder: &Path, digests: &mut Vec<u8>) -> Result<Trust, TrustError> {
    let (mut pem, mut evidence, mut seen) = (Vec::new(), Evidence::default(), Seen::new());
    let unreadable = |shown: String| move |error| TrustError::Unreadable(shown, error);
    entries(folder, |path| kind(path).is_some(), &mut seen)
        .map_err(unreadable(folder.display().to_string()))?;
    seen.sort();
    for (path, ..) in seen {
        let shown = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(unreadable(shown.clone()))?;
        digests.extend(sha256(&bytes));
        match kind(&path) {
            Some("crl") => evidence.add_crl(&bytes).map_err(|error| TrustError::Evidence(shown, error))?,
            Some("ocsp" | "ors") => {
                evidence.add_ocsp(&bytes).map_err(|error| TrustError::Evidence(shown, error))?;
            }
            _ => {
                // Each alone, so that the complaint names the file.
                Anchors::from_pem(&bytes).map_err(|error| TrustError::Anchors(shown, error))?;
                pem.extend(bytes);
                pem.push(b'\n');
            }
        }
    }
    let shown = folder.display().to_string();
    let anchors = (!pem.is_empty()).then(|| Anchors::from_pem(&pem)).transpose();
    let anchors = anchors.map_err(|error| TrustError::Anchors(shown, error))?;
    Ok(Trust { anchors, evidence, version: String::new() })
}

fn kind(path: &Path) -> Option<&str> {
    path.extension()?.to_str().filter(|ending| ["pem", "crt", "crl", "ocsp", "ors"].contains(ending))
}

#[cfg(test)]
mod tests;
