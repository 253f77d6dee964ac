//! XML signatures by somebody else: `xmlsec1`.

use std::process::Command;

use tempfile::TempDir;

use super::{Missing, failed, run};

/// The program, in a folder of its own.
#[derive(Debug)]
pub struct Xmlsec {
    folder: TempDir,
}

impl Xmlsec {
    /// If it is installed.
    pub fn new() -> Result<Self, Missing> {
        run(Command::new("xmlsec1").arg("--version"))
            .map_err(|missing| Missing(format!("{missing} (apt-get install xmlsec1)")))?;
        tempfile::tempdir().map(|folder| Self { folder }).map_err(|error| failed(&error))
    }

    /// Whether it takes a signature for whole under a certificate (PEM). `ids` are the elements whose attribute `Id` is
    /// an identifier, which it does not know of itself.
    pub fn verifies(&self, file: &[u8], certificate: &[u8], ids: &[&str]) -> Result<bool, Missing> {
        let place = self.folder.path();
        for (name, bytes) in [("file.xml", file), ("own.pem", certificate)] {
            std::fs::write(place.join(name), bytes).map_err(|error| failed(&error))?;
        }
        let mut command = Command::new("xmlsec1");
        command.current_dir(place).args([
            "--verify",
            "--pubkey-cert-pem",
            "own.pem",
            "--enabled-key-data",
            "x509",
        ]);
        for id in ids {
            command.args(["--id-attr:Id", id]);
        }
        let output = command.arg("file.xml").output().map_err(|error| failed(&error))?;
        Ok(output.status.success())
    }

    /// Completes a template with a key and its certificate (PEM).
    pub fn sign(&self, template: &str, key: &[u8], certificate: &[u8]) -> Result<Vec<u8>, Missing> {
        let place = self.folder.path();
        let files = [("template.xml", template.as_bytes()), ("own.key", key), ("own.pem", certificate)];
        for (name, bytes) in files {
            std::fs::write(place.join(name), bytes).map_err(|error| failed(&error))?;
        }
        run(Command::new("xmlsec1").current_dir(place).args([
            "--sign",
            "--privkey-pem",
            "own.key,own.pem",
            "--output",
            "signed.xml",
            "template.xml",
        ]))?;
        std::fs::read(place.join("signed.xml")).map_err(|error| failed(&error))
    }
}
