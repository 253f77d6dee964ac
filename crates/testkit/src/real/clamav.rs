//! clamd, with one signature of its own: the public test file. (Its real lists are a download of hundreds of
//! megabytes that a test has no use for.)

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use plico_courier::malware::simulator::eicar;
use tempfile::TempDir;

use super::{Missing, await_port, failed, free_port, installed};

/// Largest stream it takes, in bytes.
pub const LIMIT: u64 = 4 << 20;
/// What it calls the test file. clamd marks signatures that are not its makers' own.
pub const NAME: &str = "Plico.Test.UNOFFICIAL";

/// A running clamd; it stops when dropped.
#[derive(Debug)]
pub struct Clamav {
    port: u16,
    child: Child,
    /// Its configuration and its list; gone when it is.
    _folder: TempDir,
}

impl Clamav {
    /// Starts one.
    pub fn start() -> Result<Self, Missing> {
        installed("/usr/sbin/clamd", "clamav-daemon")?;
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let port = free_port().map_err(|error| failed(&error))?;
        let at = folder.path();
        let signature = eicar().bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        fs::write(at.join("test.ndb"), format!("Plico.Test:0:*:{signature}\n"))
            .map_err(|error| failed(&error))?;
        let settings = format!(
            "Foreground yes\nTCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {}\nStreamMaxLength {LIMIT}\n",
            at.display()
        );
        fs::write(at.join("clamd.conf"), settings).map_err(|error| failed(&error))?;
        let child = Command::new("/usr/sbin/clamd")
            .arg("--config-file")
            .arg(at.join("clamd.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(&error))?;
        let server = Self { port, child, _folder: folder };
        await_port(port, Duration::from_secs(30))?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Clamav {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
