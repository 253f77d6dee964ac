//! Postfix, with a folder, a port and one domain of its own; STARTTLS with a certificate made for it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Missing, await_port, failed, free_port, installed, root, run};

/// The domain it takes mail for.
pub const DOMAIN: &str = "posta.example";

/// A running Postfix; it stops when dropped.
#[derive(Debug)]
pub struct Postfix {
    folder: TempDir,
    port: u16,
}

impl Postfix {
    /// Starts one that knows these mailboxes of [`DOMAIN`], and no other address.
    pub fn start(mailboxes: &[&str]) -> Result<Self, Missing> {
        Self::start_to(mailboxes, "virtual")
    }

    /// The same, and mail is handed over to whoever takes it by LMTP at this port of 127.0.0.1.
    pub fn start_to_lmtp(mailboxes: &[&str], port: u16) -> Result<Self, Missing> {
        Self::start_to(mailboxes, &format!("lmtp:inet:127.0.0.1:{port}"))
    }

    fn start_to(mailboxes: &[&str], transport: &str) -> Result<Self, Missing> {
        installed("/usr/sbin/postfix", "postfix")?;
        root()?;
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let port = free_port().map_err(|error| failed(&error))?;
        let server = Self { folder, port };
        server.configure(mailboxes, transport).map_err(|error| failed(&error))?;
        server.certificate()?;
        run(Command::new("chown").args(["postfix", "data"]).current_dir(server.folder.path()))?;
        run(Command::new("chown").args(["nobody", "mail"]).current_dir(server.folder.path()))?;
        server.postfix("start")?;
        await_port(port, Duration::from_secs(10))?;
        Ok(server)
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its certificate, which is its own authority, for the name `localhost`.
    pub fn authority_pem(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("cert.pem")).expect("its certificate was made at its start")
    }

    /// Messages delivered to this mailbox, as they lie in its Maildir; waits until there are so many, ten seconds
    /// at most.
    pub fn delivered(&self, mailbox: &str, count: usize) -> Vec<String> {
        let new = self.folder.path().join("mail").join(mailbox).join("new");
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let files: Vec<PathBuf> =
                fs::read_dir(&new).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
            if files.len() >= count || Instant::now() > until {
                return files.iter().map(|file| fs::read_to_string(file).expect("a message")).collect();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it, as a crash or a maintenance window would; [`Self::resume`] goes on with the same queue.
    pub fn stop(&self) -> Result<(), Missing> {
        self.postfix("abort")
    }

    /// Starts it again on the same port.
    pub fn resume(&self) -> Result<(), Missing> {
        self.postfix("start")?;
        await_port(self.port, Duration::from_secs(10))
    }

    fn postfix(&self, verb: &str) -> Result<(), Missing> {
        run(Command::new("/usr/sbin/postfix").arg("-c").arg(self.folder.path()).arg(verb)).map(drop)
    }

    fn configure(&self, mailboxes: &[&str], transport: &str) -> std::io::Result<()> {
        let at = self.folder.path();
        // Its own users must come through.
        fs::set_permissions(at, fs::Permissions::from_mode(0o755))?;
        for inside in ["queue", "data", "mail"] {
            fs::create_dir(at.join(inside))?;
        }
        let known: Vec<String> = mailboxes.iter().map(|name| format!("{name}@{DOMAIN} {name}/\n")).collect();
        fs::write(at.join("mailboxes"), known.concat())?;
        fs::write(at.join("main.cf"), main_cf(at, transport))?;
        fs::write(at.join("master.cf"), master_cf(self.port))
    }

    fn certificate(&self) -> Result<(), Missing> {
        run(Command::new("openssl").current_dir(self.folder.path()).args([
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
        ]))
        .map(drop)
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.postfix("abort");
    }
}

fn main_cf(at: &Path, transport: &str) -> String {
    let at = at.display();
    format!(
        "compatibility_level = 3.6
queue_directory = {at}/queue
data_directory = {at}/data
maillog_file_prefixes = {at}
maillog_file = {at}/log
myhostname = localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = {DOMAIN}
virtual_transport = {transport}
virtual_mailbox_base = {at}/mail
virtual_mailbox_maps = texthash:{at}/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
alias_maps =
smtpd_tls_security_level = may
smtpd_tls_cert_file = {at}/cert.pem
smtpd_tls_key_file = {at}/key.pem
smtpd_relay_restrictions = permit_auth_destination, reject
"
    )
}

fn master_cf(port: u16) -> String {
    // service, type, private, unprivileged, chroot, wakeup, processes, command
    format!(
        "127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"
    )
}
