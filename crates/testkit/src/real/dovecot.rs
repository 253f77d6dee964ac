//! Dovecot, with a folder and ports of its own: IMAP with STARTTLS, IMAP over TLS, and LMTP to put mail in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::{Missing, await_port, failed, free_port, installed, root, run};

/// The password of all of its mailboxes.
pub const PASSWORD: &str = "prova";

/// A running Dovecot; it stops when dropped. Every name is a mailbox.
#[derive(Debug)]
pub struct Dovecot {
    folder: TempDir,
    imap: u16,
    imaps: u16,
    lmtp: u16,
}

impl Dovecot {
    /// Starts one.
    pub fn start() -> Result<Self, Missing> {
        installed("/usr/sbin/dovecot", "dovecot-imapd")?;
        installed("/usr/lib/dovecot/lmtp", "dovecot-lmtpd")?;
        root()?;
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let port = || free_port().map_err(|error| failed(&error));
        let server = Self { folder, imap: port()?, imaps: port()?, lmtp: port()? };
        server.configure().map_err(|error| failed(&error))?;
        run(Command::new("openssl").current_dir(server.folder.path()).args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ]))?;
        run(Command::new("chown").args(["nobody:nogroup", "mail"]).current_dir(server.folder.path()))?;
        // It goes into the background with the pipes that it was given: with none, nobody waits for their end.
        let mut start = Command::new("/usr/sbin/dovecot");
        start.arg("-c").arg(server.file()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = start.status().map_err(|error| failed(&error))?;
        if !started.success() {
            return Err(Missing(format!("dovecot does not start: {started}")));
        }
        for port in [server.imap, server.imaps, server.lmtp] {
            await_port(port, Duration::from_secs(10))?;
        }
        Ok(server)
    }

    /// Where it speaks IMAP, with STARTTLS.
    pub fn imap(&self) -> u16 {
        self.imap
    }

    /// Where it speaks IMAP over TLS.
    pub fn imaps(&self) -> u16 {
        self.imaps
    }

    /// Where it takes mail.
    pub fn lmtp(&self) -> u16 {
        self.lmtp
    }

    /// Its certificate, which is its own authority, for the name `localhost`.
    pub fn authority_pem(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("cert.pem")).expect("its certificate was made at its start")
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("dovecot.conf")
    }

    fn configure(&self) -> std::io::Result<()> {
        let at = self.folder.path();
        // Its own users must come through.
        fs::set_permissions(at, fs::Permissions::from_mode(0o755))?;
        for inside in ["run", "state", "mail"] {
            fs::create_dir(at.join(inside))?;
        }
        fs::write(self.file(), self.settings(at))
    }

    fn settings(&self, at: &Path) -> String {
        let (at, Self { imap, imaps, lmtp, .. }) = (at.display(), self);
        format!(
            "protocols = imap lmtp
listen = 127.0.0.1
base_dir = {at}/run
state_dir = {at}/state
log_path = {at}/log
ssl = yes
ssl_cert = <{at}/cert.pem
ssl_key = <{at}/key.pem
disable_plaintext_auth = no
auth_username_format = %Ln
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={at}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"
        )
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = run(Command::new("/usr/sbin/dovecot").arg("-c").arg(self.file()).arg("stop"));
    }
}
