//! An object store that speaks S3: `s3s-fs`, a server whose buckets are folders. It checks signatures and the digest of an object
//! that comes whole, and keeps to `If-None-Match`; it has no Object Lock, and takes parts of an upload without comparing their
//! digests.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Missing, await_port, failed, free_port, installed};

/// Who may ask.
pub const ACCESS_KEY: &str = "plico-tests";
/// What he proves it with.
pub const SECRET_KEY: &str = "a-secret-of-the-tests";
/// The bucket that is there.
pub const BUCKET: &str = "borgo";

/// A store with one bucket, gone when dropped.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

/// Starts one whose content is below `folder`.
pub fn start(folder: &Path) -> Result<Store, Missing> {
    installed(&program(), "scripts/setup.sh test")?;
    fs::create_dir_all(folder.join(BUCKET)).map_err(|error| failed(&error))?;
    let port = free_port().map_err(|error| failed(&error))?;
    let mut store = Store { folder: folder.to_owned(), port, server: None };
    store.begin()?;
    Ok(store)
}

fn program() -> String {
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/s3s/bin/s3s-fs");
    std::env::var("S3S_FS").unwrap_or_else(|_| built.to_owned())
}

impl Store {
    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Starts it again at the same address, with what it has.
    pub fn begin(&mut self) -> Result<(), Missing> {
        let mut command = Command::new(program());
        command
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY])
            .arg(&self.folder);
        command.env("RUST_LOG", "off").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(command.spawn().map_err(|error| failed(&error))?);
        await_port(self.port, Duration::from_secs(20))
    }

    /// SIGKILL: whoever asks now gets no answer.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// The files of the objects in the bucket, by anybody who gets behind the store's back.
    pub fn objects(&self) -> io::Result<Vec<PathBuf>> {
        let (mut found, mut waiting) = (Vec::new(), vec![self.folder.join(BUCKET)]);
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    waiting.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// The folder of the bucket.
    pub fn bucket(&self) -> PathBuf {
        self.folder.join(BUCKET)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.kill();
    }
}
