//! A PKCS#11 token: SoftHSM 2, which keeps its keys in a folder of its own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Missing, failed, run};

/// The PIN of the token's user.
pub const PIN: &str = "4711-4711";
/// Its label.
pub const LABEL: &str = "borgo";
/// Where the module lies, by distribution.
const MODULES: [&str; 3] =
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so"];
/// Names the token's folder to a test that was started again.
const INSIDE: &str = "TEST_TOKEN";

/// A token with its configuration and its user's PIN in files.
#[derive(Debug)]
pub struct Token {
    folder: TempDir,
}

impl Token {
    /// A new one.
    pub fn start() -> Result<Self, Missing> {
        module()?;
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let tokens = folder.path().join("tokens");
        let said = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
        std::fs::create_dir(&tokens)
            .and_then(|()| std::fs::write(folder.path().join("softhsm2.conf"), said))
            .and_then(|()| std::fs::write(folder.path().join("pin"), PIN))
            .and_then(|()| std::fs::set_permissions(folder.path().join("pin"), Permissions::from_mode(0o600)))
            .map_err(|error| failed(&error))?;
        let token = Self { folder };
        let so = ["--so-pin", "0815-0815"];
        run(token.with(
            Command::new("softhsm2-util")
                .args(["--init-token", "--free", "--label", LABEL, "--pin", PIN])
                .args(so),
        ))?;
        Ok(token)
    }

    /// A command that finds this token: the module reads where it is from the environment.
    pub fn with<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("SOFTHSM2_CONF", self.folder.path().join("softhsm2.conf"))
    }

    /// The file with its PIN.
    pub fn pin_file(&self) -> PathBuf {
        self.folder.path().join("pin")
    }

    /// Runs a test again, by its name, in a process that finds this token; fails as it fails.
    pub fn again(&self, test: &str) {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.args([test, "--exact", "--nocapture"]).env(INSIDE, self.folder.path());
        let output = self.with(&mut command).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{test}, in a process of its own: {}\n{said}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The module, if it is here.
pub fn module() -> Result<PathBuf, Missing> {
    let found = MODULES.iter().map(Path::new).find(|path| path.exists());
    found
        .map(Path::to_owned)
        .ok_or_else(|| Missing("SoftHSM is not installed: apt-get install softhsm2".into()))
}

/// The folder of the token for which this test was started again.
pub fn inside() -> Option<PathBuf> {
    std::env::var_os(INSIDE).map(PathBuf::from)
}
