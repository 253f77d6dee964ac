//! Whom this installation believes about signatures: read from the folder that the configuration names.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use plico_desk::verdict::Trust;
use plico_signature::revocation::{Evidence, EvidenceError};
use plico_signature::{AnchorError, Anchors};

use crate::config::Config;

/// Why the folder cannot be used. Each says what to do.
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
}

/// The files of the folder as they were: name, length, time of change.
pub type Seen = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// What the configuration says; nobody is believed where it says nothing.
pub fn load(config: &Config) -> Result<Trust, TrustError> {
    config.signatures.trust.as_deref().map_or_else(|| Ok(Trust::default()), read)
}

/// The files that count: certificates (`*.pem`, `*.crt`), lists (`*.crl`), answers (`*.ocsp`, `*.ors`).
pub fn look(folder: &Path) -> Result<Seen, TrustError> {
    let unreadable = |error| TrustError::Unreadable(folder.display().to_string(), error);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if kind(&path).is_some() {
            // A link counts as the file it leads to.
            let about = std::fs::metadata(&path).map_err(unreadable)?;
            seen.push((path, about.len(), about.modified().ok()));
        }
    }
    seen.sort();
    Ok(seen)
}

/// Reads the folder.
pub fn read(folder: &Path) -> Result<Trust, TrustError> {
    let (mut pem, mut evidence) = (Vec::new(), Evidence::default());
    for (path, ..) in look(folder)? {
        let shown = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(|error| TrustError::Unreadable(shown.clone(), error))?;
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
    if pem.is_empty() {
        return Err(TrustError::Empty(shown));
    }
    let anchors = Anchors::from_pem(&pem).map_err(|error| TrustError::Anchors(shown, error))?;
    Ok(Trust { anchors: Some(anchors), evidence })
}

fn kind(path: &Path) -> Option<&str> {
    path.extension()?.to_str().filter(|ending| ["pem", "crt", "crl", "ocsp", "ors"].contains(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plico_signature::forge::{Period, Pki};

    #[test]
    fn the_folder_says_whom_to_believe_and_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let wrong = || read(folder.path()).unwrap_err().to_string();
        assert!(wrong().contains("holds no certificate"));
        let now = 1_795_262_400_000;
        let pki = Pki::new("Borgo", now).unwrap();
        std::fs::write(at("radice.pem"), pki.anchors_pem().unwrap()).unwrap();
        std::fs::write(at("leggimi.txt"), "una nota").unwrap();
        let first = look(folder.path()).unwrap();
        assert_eq!(first.len(), 1);
        let trust = read(folder.path()).unwrap();
        assert!(trust.anchors.is_some() && trust.evidence.is_empty());
        let period = Period { from_ms: now, to_ms: None };
        std::fs::write(at("ca.crl"), pki.crl(&[], period).unwrap()).unwrap();
        assert!(!read(folder.path()).unwrap().evidence.is_empty());
        assert_ne!(look(folder.path()).unwrap(), first);
        std::fs::write(at("ca.crl"), "no").unwrap();
        assert!(wrong().contains("ca.crl"));
        std::fs::remove_file(at("ca.crl")).unwrap();
        std::fs::write(at("altra.crt"), "no").unwrap();
        assert!(wrong().contains("altra.crt"));
        let absent = read(&at("assente")).unwrap_err().to_string();
        assert!(absent.contains("check the path"), "{absent}");
    }
}
