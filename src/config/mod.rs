//! What can be configured. These types are the manual: `plico config keys` prints their text.
//!
//! Precedence: a flag wins over an environment variable (`PLICO_SMTP_HOST` for `smtp.host`), which wins over
//! `plico.toml`, which wins over the defaults below. Behaviour that people change while the service runs (offices,
//! roles, terms) is not here but in the administrator's desk, where a change is an event.

mod check;
mod key;
mod load;
mod network;
mod outside;
mod secret;
mod sign;

use std::path::{Path, PathBuf};

use plico_archive::Paths;
use plico_database::Location;
use plico_vault::{BucketSettings, Stores};

pub use check::{ConfigError, Wrong};
pub use key::{Key, Kind};
pub use load::{Loaded, Overrides, Source, keys};
pub use network::{Network, NotANetwork};
pub use outside::{Domicile, Exchange, Mailboxes, Preserver, Registry};
pub use secret::Secret;
pub use sign::{Seal, Signing, Wallet};

use key::section;

section! {
    /// Everything one installation is told at start.
    Config at "" {
        /// Folder of the archive: database, blobs, index, tiles.
        data_dir: Path PathBuf = PathBuf::from("plico-data");
        /// The key file. Outside the data folder, so that a copy of the data alone is useless; default: the data folder's path with `.keys` added.
        key_file: Path Option<PathBuf> = None;
        /// The signer's memory of the last checkpoint. Outside data folder, database and backups, so that a restore cannot roll it back; default: the data folder's path with `.signer` added.
        signer_state: Path Option<PathBuf> = None;
        /// Address and port of the web server. Put a TLS proxy before it.
        listen: Text String = "127.0.0.1:8080".into();
        /// How people reach the service, without a path: links in mails, cookies and the origin check follow it.
        public_url: Text String = "http://127.0.0.1:8080".into();
        /// Address and port of Prometheus' /metrics; empty = no metrics. Never the public address.
        metrics_listen: Text String = "127.0.0.1:9180".into();
        /// Domain in the name of each log (`<domain>/<ipa code>/<n>`). Chosen once, at `init`; it never changes afterwards.
        origin_domain: Text String = String::new();
        /// Language of visitors who have not chosen one and whose browser names none that we speak: it or en.
        language: Text String = "it".into();
        /// Seconds that requests under way may take to end after a stop was asked for.
        stop_seconds: Number u64 = 20;
    }
    with {
        /// Where the archive's database is.
        database: Store;
        /// What opens the key file.
        keys: Keys;
        /// Content above `blobs.row_bytes` in a bucket of an object store that speaks S3.
        blobs: Blobs;
        /// A second copy of that content, to mend from.
        replica: Replica;
        /// What is of this machine alone, where several serve one archive.
        node: Node;
        /// How long one stays signed in.
        session: Session;
        /// The body's own gateway to SPID and CIE.
        proxy: Proxy;
        /// What is too much.
        limits: Limits;
        /// Outgoing mail.
        smtp: Smtp;
        /// Malware scanner.
        clamd: Clamd;
        /// The key that seals what the body issues.
        seal: Seal;
        /// How letters are signed.
        signing: Signing;
        /// Cards for the wallets of telephones.
        wallet: Wallet;
        /// Whom to ask to vouch for the logs: docs/operations.md.
        evidence: Evidence;
        /// Whom to believe about the signatures of what is filed.
        signatures: Signatures;
        /// Registry systems that are not ours.
        registry: Registry;
        /// Bodies with whose registries ours speaks by web service.
        exchange: Exchange;
        /// Mailboxes that are read.
        mailbox: Mailboxes;
        /// Registers of digital domiciles.
        domicile: Domicile;
        /// The preserver that is handed the registers of closed days.
        preserver: Preserver;
        /// Requests to addresses that strangers wrote.
        outbound: Outbound;
        /// Stored content is read again in the background.
        scrub: Scrub;
        /// What is written to standard error.
        log: Log;
    }
}

section! {
    /// Where the archive's database is.
    Store at "database." {
        /// `postgres://user:password@host/database` (with `?sslmode=verify-full` where the server is elsewhere); empty = SQLite, a file in the data folder. `file:PATH` reads it from a file.
        url: Text Secret = Secret::default();
    }
}

section! {
    /// What opens the key file: nothing where it is in the clear, a passphrase, or a token.
    Keys at "keys." {
        /// File that holds the passphrase (`/dev/stdin` or `/dev/fd/3` where a service manager hands it over so); empty = it is asked on the terminal where the key file is sealed with one.
        passphrase_file: Path Option<PathBuf> = None;
        /// PKCS#11 module of the token, a shared library that its maker provides.
        module: Path Option<PathBuf> = None;
        /// Label or serial number of the token.
        token: Text String = String::new();
        /// File that holds the PIN of the token's user.
        pin_file: Path Option<PathBuf> = None;
    }
}

section! {
    /// Content above `blobs.row_bytes` in a bucket of an object store that speaks S3: docs/operations.md.
    Blobs at "blobs." {
        /// Name of the bucket; empty = that content is in the data folder.
        bucket: Text String = String::new();
        /// Address of the store, like `https://s3.region.example`.
        endpoint: Text String = String::new();
        /// Region, as the store calls it.
        region: Text String = "us-east-1".into();
        /// What the names of our objects begin with, where others use the bucket too.
        prefix: Text String = String::new();
        /// Whether the bucket's name is a part of the path (`true`) or of the host (`false`).
        path_style: Switch bool = true;
        /// Access key. `file:PATH` reads it from a file.
        access_key: Text Secret = Secret::default();
        /// Its secret. `file:PATH` reads it from a file.
        secret_key: Text Secret = Secret::default();
        /// Bytes of content up to which it is a row of the database and not an object; at most 262144. What was stored before stays where it is.
        row_bytes: Number u64 = 262_144;
        /// Days for which the store shall lock each new object (Object Lock, COMPLIANCE; the bucket must have it); 0 = none. What is destroyed lawfully is then gone by its key alone until the lock ends.
        lock_days: Number u32 = 0;
    }
}

section! {
    /// A second copy of that content, which others make and we only read: what is damaged or missing is brought back from it.
    Replica at "replica." {
        /// A folder with a copy of what is in `blobs`; empty = none.
        folder: Path Option<PathBuf> = None;
        /// Name of a bucket that holds it instead; empty = none.
        bucket: Text String = String::new();
        /// Address of its store.
        endpoint: Text String = String::new();
        /// Its region.
        region: Text String = "us-east-1".into();
        /// What the names of our objects begin with there.
        prefix: Text String = String::new();
        /// Whether the bucket's name is a part of the path or of the host.
        path_style: Switch bool = true;
        /// Access key; it need only list and read. `file:PATH` reads it from a file.
        access_key: Text Secret = Secret::default();
        /// Its secret. `file:PATH` reads it from a file.
        secret_key: Text Secret = Secret::default();
    }
}

section! {
    /// What is of this machine alone, where several serve one archive.
    Node at "node." {
        /// A folder of this machine's own, outside the data folder: its search index, and what is on its way to a bucket. Default: in the data folder, one for all.
        dir: Path Option<PathBuf> = None;
        /// Seconds between two snapshots of the index, from which a new machine starts; 0 = never. Only with `node.dir`.
        snapshot_seconds: Number u64 = 3600;
    }
}

section! {
    /// How long one stays signed in.
    Session at "session." {
        /// Minutes without a request after which a session ends.
        idle_minutes: Number u32 = 30;
        /// Hours after which a session ends in any case.
        absolute_hours: Number u32 = 9;
        /// Failed sign-ins of one account or one address within a quarter of an hour, after which it must wait.
        failed_sign_ins: Number u32 = 8;
    }
}

section! {
    /// The body's own gateway to SPID and CIE, which says in request headers who is signed in.
    Proxy at "proxy." {
        /// Networks from which the gateway speaks, in CIDR notation. Nobody else's headers are read; empty = no gateway.
        peers: List Vec<Network> = Vec::new();
        /// Secret that the gateway sends with each request, at least 32 characters. `file:PATH` reads it from a file.
        secret: Text Secret = Secret::default();
        /// Header that carries the secret.
        secret_header: Text String = "x-plico-gateway".into();
        /// Header with the visitor's address; the last one in it counts.
        address_header: Text String = "x-forwarded-for".into();
        /// Header with the fiscal code (a `TINIT-` before it is dropped).
        fiscal_code: Text String = "x-spid-fiscalnumber".into();
        /// Header with the given name.
        given_name: Text String = "x-spid-name".into();
        /// Header with the family name.
        family_name: Text String = "x-spid-familyname".into();
        /// Header with the e-mail address.
        email: Text String = "x-spid-email".into();
        /// Header with the level of the login; its text must end in L1, L2 or L3, or in 1, 2 or 3.
        level: Text String = "x-spid-level".into();
        /// Header with the name of the identity provider.
        provider: Text String = "x-spid-provider".into();
        /// Header with the signed assertion in base64; kept byte for byte as evidence of the login.
        assertion: Text String = "x-spid-assertion".into();
        /// Where the gateway starts a login; the page to come back to is added as `?return=`.
        sign_in_url: Text String = String::new();
        /// Where the gateway ends a login.
        sign_out_url: Text String = String::new();
    }
}

section! {
    /// What is too much. A refusal always says the limit.
    Limits at "limits." {
        /// Bytes of one file.
        upload_max_bytes: Number u64 = 100 * 1024 * 1024;
        /// Bytes of all files of one message.
        message_max_bytes: Number u64 = 300 * 1024 * 1024;
        /// Files of one message.
        files_per_message: Number u32 = 50;
        /// Characters of a message's text.
        text_max_chars: Number u32 = 20_000;
        /// Bytes of the data's disk that stay free: below that nothing is received any more, and what was acknowledged is completed.
        reserve_bytes: Number u64 = 128 * 1024 * 1024;
        /// Days that an untouched draft is kept; whoever wrote it is told.
        draft_days: Number u32 = 365;
        /// Drafts that one person may have.
        drafts_per_person: Number u32 = 50;
        /// Uploads received at one time; those beyond wait.
        concurrent_uploads: Number u32 = 16;
        /// Seconds without a byte after which an upload is given up.
        upload_idle_seconds: Number u64 = 60;
        /// Connections held at one time.
        connections: Number u32 = 2_000;
    }
}

section! {
    /// Outgoing mail: courtesy notices only, never content.
    Smtp at "smtp." {
        /// Host name of the mail server; empty = notices are kept and wait.
        host: Text String = String::new();
        /// Port.
        port: Number u16 = 587;
        /// `starttls`, `tls` or `none`.
        security: Text String = "starttls".into();
        /// User, if the server wants one.
        user: Text String = String::new();
        /// Password. `file:PATH` reads it from a file.
        password: Text Secret = Secret::default();
        /// Certificate authority of one's own, in PEM, trusted for this server beside those of the system.
        authority: Path Option<PathBuf> = None;
        /// Sender's address.
        from: Text String = String::new();
        /// Seconds to wait for an answer.
        timeout_seconds: Number u64 = 20;
    }
}

section! {
    /// Malware scanner that speaks clamd's protocol.
    Clamd at "clamd." {
        /// `host:port` or the path of a socket; empty = files are not scanned, and the interface says so.
        address: Text String = String::new();
        /// Seconds to wait for a verdict; a file without one is accepted and scanned later.
        timeout_seconds: Number u64 = 60;
    }
}

section! {
    /// Whom to ask to vouch for the logs.
    Evidence at "evidence." {
        /// Policy file (C2SP tlog-policy): witnesses with their addresses, groups and the quorum, and after a line `roots timestamp`, in PEM, the roots of the time-stamping authority; empty = no witness is asked, and receipts say so.
        policy: Path Option<PathBuf> = None;
        /// Names, in the policy, of witnesses that this body or whoever hosts it runs: those alone must not reach the quorum.
        own: List Vec<String> = Vec::new();
        /// Seconds between two rounds of asking.
        interval_seconds: Number u64 = 180;
        /// Seconds to wait for an answer.
        timeout_seconds: Number u64 = 15;
        /// Minutes that a checkpoint may be without its quorum before that is an outage.
        late_minutes: Number u64 = 60;
        /// Address of an RFC 3161 time-stamping authority; empty = none is asked.
        timestamp_url: Text String = String::new();
        /// Hours between two time stamps of a log that grows.
        timestamp_hours: Number u64 = 24;
        /// Hours that a time stamp may be overdue before that is an outage.
        timestamp_late_hours: Number u64 = 12;
    }
}

section! {
    /// Whom to believe about the signatures of what is filed.
    Signatures at "signatures." {
        /// Folder with the authorities' certificates in PEM (`*.pem`, `*.crt`), and what they say of revocation (`*.crl`, `*.ocsp`, `*.ors`); read again when it changes. Empty = no signature is called valid, and every one says so.
        trust: Path Option<PathBuf> = None;
        /// Folder with the European trusted lists (`*.xml`), whose services are believed besides, and with `signers.pem`, the certificates that sign the list of lists; read again when it changes. Empty = no list is asked what a signature is worth.
        lists: Path Option<PathBuf> = None;
        /// Whether what authorities offer is fetched: trusted lists once a day, and for signatures that need them revocation lists, OCSP answers and certificates of issuers, at the addresses in the certificates. `false` = nothing is asked of anybody.
        fetch: Switch bool = false;
        /// Where the European list of lists is.
        lists_url: Text String = "https://ec.europa.eu/tools/lotl/eu-lotl.xml".into();
    }
}

section! {
    /// Requests to addresses that strangers wrote, into a certificate or a list.
    Outbound at "outbound." {
        /// HTTP proxy through which they go, like `http://proxy.example.it:3128`; names are then resolved there, and private addresses refused there. Empty = none.
        proxy: Text String = String::new();
        /// Hosts that may be asked, with what is below them; empty = any on the public network.
        hosts: List Vec<String> = Vec::new();
        /// Networks in CIDR notation that may be asked although they are not public.
        networks: List Vec<Network> = Vec::new();
        /// Seconds to wait for an answer.
        timeout_seconds: Number u64 = 10;
    }
}

section! {
    /// Stored content is read again in the background, and compared with the digests that name it.
    Scrub at "scrub." {
        /// How much of it is read each second, in MiB; 0 = never.
        mib_per_second: Number u32 = 4;
        /// Days from the beginning of one pass over everything to that of the next.
        days: Number u32 = 7;
    }
}

section! {
    /// What is written to standard error: docs/logging.md.
    Log at "log." {
        /// `json` or `text`.
        format: Text String = "json".into();
        /// Which events, in the notation of `tracing`: `info`, `plico=debug,info`.
        filter: Text String = "info".into();
    }
}

impl Config {
    /// What `plico demo` runs with: everything on this machine, nothing to configure, logs for a person.
    pub fn demo() -> Self {
        let mut config = Self {
            data_dir: PathBuf::from("demo-data"),
            origin_domain: "demo.plico.invalid".into(),
            metrics_listen: String::new(),
            ..Self::default()
        };
        config.log.format = "text".into();
        config.log.filter = "warn,plico=info".into();
        config
    }

    /// Where the database is.
    pub fn location(&self) -> Location {
        if self.database.url.is_empty() {
            return Paths::file_in(&self.data_dir);
        }
        self.database.url.expose().parse().expect("the address was checked when the configuration was read")
    }

    /// What is not in the data folder.
    pub fn stores(&self) -> Stores {
        let (blobs, replica) = (&self.blobs, &self.replica);
        let bucket = (!blobs.bucket.is_empty()).then(|| BucketSettings {
            endpoint: blobs.endpoint.clone(),
            name: blobs.bucket.clone(),
            region: blobs.region.clone(),
            prefix: blobs.prefix.clone(),
            path_style: blobs.path_style,
            access_key: blobs.access_key.expose().into(),
            secret_key: blobs.secret_key.expose().to_owned().into(),
            lock_days: blobs.lock_days,
            row_bytes: blobs.row_bytes,
        });
        let second = replica.folder.clone().map(plico_vault::Replica::Folder);
        let second = second.or_else(|| {
            (!replica.bucket.is_empty()).then(|| {
                plico_vault::Replica::Bucket(BucketSettings {
                    endpoint: replica.endpoint.clone(),
                    name: replica.bucket.clone(),
                    region: replica.region.clone(),
                    prefix: replica.prefix.clone(),
                    path_style: replica.path_style,
                    access_key: replica.access_key.expose().into(),
                    secret_key: replica.secret_key.expose().to_owned().into(),
                    lock_days: 0,
                    row_bytes: 0,
                })
            })
        });
        Stores { bucket, replica: second, node: self.node.dir.clone() }
    }

    /// The data folder's path with an ending added.
    pub fn beside_data(&self, ending: &str) -> PathBuf {
        beside(&self.data_dir, ending)
    }

    /// Path of the key file.
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| beside(&self.data_dir, ".keys"))
    }

    /// Path of the signer's state.
    pub fn signer_state(&self) -> PathBuf {
        self.signer_state.clone().unwrap_or_else(|| beside(&self.data_dir, ".signer"))
    }

    /// True when people reach the service over TLS: cookies are then `Secure` and carry the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_state_lie_outside_the_data() {
        let config = Config { data_dir: "/srv/plico".into(), ..Config::default() };
        assert_eq!(config.key_file(), Path::new("/srv/plico.keys"));
        assert_eq!(config.signer_state(), Path::new("/srv/plico.signer"));
    }

    #[test]
    fn every_field_is_a_key_and_every_key_a_field() {
        let there = || Some(PathBuf::from("x"));
        let full = Config {
            key_file: there(),
            signer_state: there(),
            replica: Replica { folder: there(), ..Replica::default() },
            node: Node { dir: there(), ..Node::default() },
            smtp: Smtp { authority: there(), ..Smtp::default() },
            keys: Keys { passphrase_file: there(), module: there(), pin_file: there(), ..Keys::default() },
            registry: Registry { folder: there() },
            exchange: Exchange { folder: there() },
            mailbox: Mailboxes { folder: there() },
            domicile: Domicile { file: there() },
            preserver: Preserver { folder: there() },
            seal: Seal {
                file: there(),
                module: there(),
                pin_file: there(),
                certificates: there(),
                earlier: there(),
                ..Seal::default()
            },
            signing: Signing { remote: there() },
            wallet: Wallet { apple: there(), apple_authority: there(), google: there(), ..Wallet::default() },
            evidence: Evidence { policy: there(), ..Evidence::default() },
            signatures: Signatures { trust: there(), lists: there(), ..Signatures::default() },
            ..Config::default()
        };
        let table = toml::Table::try_from(&full).unwrap();
        let mut fields = Vec::new();
        for (name, value) in &table {
            match value {
                toml::Value::Table(inner) => fields.extend(inner.keys().map(|key| format!("{name}.{key}"))),
                _ => fields.push(name.clone()),
            }
        }
        let mut keys: Vec<_> = keys().map(|key| key.path.to_owned()).collect();
        fields.sort();
        keys.sort();
        assert_eq!(fields, keys);
    }
}
