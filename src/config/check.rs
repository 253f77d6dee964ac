//! What a configuration must satisfy. Every complaint names the key, its value, and what to do.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};

use toml::{Table, Value};

use plico_database::Location;
use plico_vault::ROW_LIMIT;

use super::Config;
use super::load::keys;

/// One value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The key or the environment variable.
    pub key: String,
    /// What was given; empty when it must not be shown or there is none.
    pub value: String,
    /// What is the matter with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Wrong {
    pub(super) fn new(key: &str, value: &str, problem: &str, remedy: &str) -> Self {
        Self { key: key.into(), value: value.into(), problem: problem.into(), remedy: remedy.into() }
    }

    pub(super) fn expected(key: &str, value: &str, expected: &str) -> Self {
        Self::new(key, value, &format!("is not {expected}"), &format!("give {expected}"))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, problem, remedy } = self;
        if value.is_empty() {
            write!(f, "{key} {problem}: {remedy}")
        } else {
            write!(f, "{key} = \"{value}\" {problem}: {remedy}")
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named cannot be read.
    #[error("cannot read {}: check --config and the file's permissions", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{} is not valid TOML", file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A value has the wrong type.
    #[error("the configuration has a value of the wrong type: {0}")]
    Type(String),
    /// A `file:` secret cannot be read.
    #[error("cannot read the file that {key} names")]
    Secret {
        /// Whose.
        key: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Values that cannot be used, all of them at once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Values(Vec<Wrong>),
}

impl ConfigError {
    pub(super) fn shape(error: &dyn fmt::Display) -> Self {
        Self::Type(error.to_string().trim().replace('\n', " "))
    }
}

impl From<Wrong> for ConfigError {
    fn from(wrong: Wrong) -> Self {
        Self::Values(vec![wrong])
    }
}

/// Refuses keys that do not exist, with the nearest one that does.
pub(super) fn unknown(read: &Table) -> Result<(), ConfigError> {
    let mut wrong = Vec::new();
    let mut check = |path: String| {
        if !keys().any(|key| key.path == path) {
            let nearest =
                keys().map(|key| key.path).min_by_key(|key| distance(key, &path)).unwrap_or_default();
            wrong.push(Wrong::new(
                &path,
                "",
                "is not a setting",
                &format!("did you mean `{nearest}`? `plico config keys` lists them all"),
            ));
        }
    };
    for (name, value) in read {
        match value {
            Value::Table(inner) => inner.keys().for_each(|key| check(format!("{name}.{key}"))),
            _ => check(name.clone()),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(ConfigError::Values(wrong)) }
}

/// Levenshtein distance: keys are short and few.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

/// Checks what types cannot say.
pub(super) fn values(config: &Config) -> Result<(), ConfigError> {
    let mut wrong = Vec::new();
    let mut check = |good: bool, key: &str, value: &str, problem: &str, remedy: &str| {
        if !good {
            wrong.push(Wrong::new(key, value, problem, remedy));
        }
    };

    let address = "give an address and a port, like 127.0.0.1:8080";
    check(
        config.listen.parse::<SocketAddr>().is_ok(),
        "listen",
        &config.listen,
        "is not an address",
        address,
    );
    let metrics = &config.metrics_listen;
    check(
        metrics.is_empty() || metrics.parse::<SocketAddr>().is_ok(),
        "metrics_listen",
        metrics,
        "is not an address",
        address,
    );
    check(
        metrics.is_empty() || *metrics != config.listen,
        "metrics_listen",
        metrics,
        "is also the address of the web server",
        "metrics must not be public: choose another port",
    );
    check(
        is_origin(&config.public_url),
        "public_url",
        &config.public_url,
        "is not the address of a site",
        "give https:// and the host name, without a path",
    );
    check(
        config.origin_domain.is_empty() || is_domain(&config.origin_domain),
        "origin_domain",
        &config.origin_domain,
        "is not a domain",
        "give a domain of the body in lower case, like archivio.comune.example.it",
    );
    check(
        ["it", "en"].contains(&config.language.as_str()),
        "language",
        &config.language,
        "is not a language we speak",
        "give it or en",
    );
    for (key, path) in [("key_file", config.key_file()), ("signer_state", config.signer_state())] {
        check(
            !is_inside(&path, &config.data_dir),
            key,
            &path.display().to_string(),
            "lies in the data folder",
            "put it outside, on storage that backups of the data do not hold",
        );
    }

    let url = config.database.url.expose();
    check(
        url.is_empty() || matches!(url.parse(), Ok(Location::Server(_))),
        "database.url",
        "",
        "is not the address of a PostgreSQL database",
        "give postgres://user:password@host/database, or nothing for a file in the data folder",
    );

    let token = &config.keys;
    let said = [token.module.is_some(), !token.token.is_empty(), token.pin_file.is_some()];
    check(
        said.iter().all(|set| *set == said[0]),
        "keys.module",
        &token.module.as_deref().unwrap_or(Path::new("")).display().to_string(),
        "is only a part of what names a token",
        "give keys.module, keys.token and keys.pin_file, or none of them",
    );
    let seal = &config.seal;
    let said = [seal.module.is_some(), !seal.token.is_empty(), seal.pin_file.is_some(), !seal.key.is_empty()];
    check(
        said.iter().all(|set| *set == said[0]),
        "seal.module",
        &seal.module.as_deref().unwrap_or(Path::new("")).display().to_string(),
        "is only a part of what names a key in a token",
        "give seal.module, seal.token, seal.pin_file and seal.key, or none of them",
    );
    check(
        seal.module.is_none() || seal.file.is_none(),
        "seal.file",
        "",
        "and seal.module name two seals",
        "leave one of them out",
    );
    stores(config, &mut check);

    let session = &config.session;
    check(
        session.idle_minutes > 0,
        "session.idle_minutes",
        "0",
        "ends every session at once",
        "give 1 or more",
    );
    check(
        session.absolute_hours > 0,
        "session.absolute_hours",
        "0",
        "ends every session at once",
        "give 1 or more",
    );
    check(
        session.failed_sign_ins > 0,
        "session.failed_sign_ins",
        "0",
        "lets nobody sign in",
        "give 1 or more",
    );

    let proxy = &config.proxy;
    check(
        proxy.peers.is_empty() || proxy.secret.expose().len() >= 32,
        "proxy.secret",
        "",
        "is missing or shorter than 32 characters",
        "a gateway must prove itself: make one with `openssl rand -hex 32` and give it to both",
    );
    for (key, name) in [
        ("proxy.secret_header", &proxy.secret_header),
        ("proxy.address_header", &proxy.address_header),
        ("proxy.fiscal_code", &proxy.fiscal_code),
        ("proxy.given_name", &proxy.given_name),
        ("proxy.family_name", &proxy.family_name),
        ("proxy.email", &proxy.email),
        ("proxy.level", &proxy.level),
        ("proxy.provider", &proxy.provider),
        ("proxy.assertion", &proxy.assertion),
    ] {
        check(
            name.parse::<axum::http::HeaderName>().is_ok(),
            key,
            name,
            "is not the name of a header",
            "give letters, digits and hyphens",
        );
    }

    let limits = &config.limits;
    for (key, value) in [
        ("limits.upload_max_bytes", limits.upload_max_bytes),
        ("limits.files_per_message", u64::from(limits.files_per_message)),
        ("limits.text_max_chars", u64::from(limits.text_max_chars)),
        ("limits.draft_days", u64::from(limits.draft_days)),
        ("limits.concurrent_uploads", u64::from(limits.concurrent_uploads)),
        ("limits.upload_idle_seconds", limits.upload_idle_seconds),
        ("limits.connections", u64::from(limits.connections)),
    ] {
        check(value > 0, key, "0", "lets nothing through", "give 1 or more");
    }
    check(
        limits.message_max_bytes >= limits.upload_max_bytes,
        "limits.message_max_bytes",
        &limits.message_max_bytes.to_string(),
        "is less than limits.upload_max_bytes",
        "a message must be able to hold its largest file",
    );
    check(
        ["starttls", "tls", "none"].contains(&config.smtp.security.as_str()),
        "smtp.security",
        &config.smtp.security,
        "is unknown",
        "give starttls, tls or none",
    );
    check(
        config.smtp.host.is_empty() || config.smtp.from.contains('@'),
        "smtp.from",
        &config.smtp.from,
        "is not an e-mail address",
        "give the address that notices come from",
    );
    let evidence = &config.evidence;
    for (key, value) in [
        ("evidence.interval_seconds", evidence.interval_seconds),
        ("evidence.timeout_seconds", evidence.timeout_seconds),
        ("evidence.late_minutes", evidence.late_minutes),
        ("evidence.timestamp_hours", evidence.timestamp_hours),
    ] {
        check(value > 0, key, "0", "asks nobody", "give 1 or more");
    }
    let authority = &evidence.timestamp_url;
    check(
        authority.is_empty() || authority.starts_with("http://") || authority.starts_with("https://"),
        "evidence.timestamp_url",
        authority,
        "is not an address",
        "give the http or https address of the authority",
    );
    let lists = &config.signatures.lists_url;
    check(
        lists.starts_with("http://") || lists.starts_with("https://"),
        "signatures.lists_url",
        lists,
        "is not an address",
        "give the http or https address of the list of lists",
    );
    let proxy = &config.outbound.proxy;
    check(
        proxy.is_empty() || proxy.starts_with("http://") || proxy.starts_with("https://"),
        "outbound.proxy",
        proxy,
        "is not the address of an HTTP proxy",
        "give it like http://proxy.example.it:3128",
    );
    check(
        config.outbound.timeout_seconds > 0,
        "outbound.timeout_seconds",
        "0",
        "asks nobody",
        "give 1 or more",
    );
    check(
        ["json", "text"].contains(&config.log.format.as_str()),
        "log.format",
        &config.log.format,
        "is unknown",
        "give json or text",
    );
    if wrong.is_empty() { Ok(()) } else { Err(ConfigError::Values(wrong)) }
}

/// Checks of where content is.
fn stores(config: &Config, check: &mut impl FnMut(bool, &str, &str, &str, &str)) {
    let (blobs, replica) = (&config.blobs, &config.replica);
    let places = [
        ("blobs", &blobs.bucket, &blobs.endpoint, &blobs.prefix, [&blobs.access_key, &blobs.secret_key]),
        (
            "replica",
            &replica.bucket,
            &replica.endpoint,
            &replica.prefix,
            [&replica.access_key, &replica.secret_key],
        ),
    ];
    for (section, bucket, endpoint, prefix, keys) in places {
        if bucket.is_empty() {
            continue;
        }
        check(
            endpoint
                .parse::<axum::http::Uri>()
                .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()),
            &format!("{section}.endpoint"),
            endpoint,
            "is not the address of a store",
            "give https:// and its host name",
        );
        check(
            prefix.split('/').all(|part| !matches!(part, "." | "..")),
            &format!("{section}.prefix"),
            prefix,
            "is not the beginning of a name",
            "leave out . and ..",
        );
        for (name, key) in ["access_key", "secret_key"].into_iter().zip(keys) {
            check(
                !key.is_empty(),
                &format!("{section}.{name}"),
                "",
                "is missing",
                "name a file that holds it (file:PATH), or give it in the environment",
            );
        }
    }
    check(
        blobs.row_bytes <= ROW_LIMIT,
        "blobs.row_bytes",
        &blobs.row_bytes.to_string(),
        "is more than a row holds",
        &format!("give {ROW_LIMIT} or less"),
    );
    check(
        replica.bucket.is_empty() || replica.folder.is_none(),
        "replica.folder",
        &replica.bucket,
        "stands beside replica.bucket",
        "give one of the two",
    );
    let node = config.node.dir.as_deref().unwrap_or(Path::new(""));
    check(
        config.node.dir.is_none() || !is_inside(node, &config.data_dir),
        "node.dir",
        &node.display().to_string(),
        "lies in the data folder",
        "put it outside, on a disk of this machine's own",
    );
}

fn is_origin(url: &str) -> bool {
    let Ok(uri) = url.parse::<axum::http::Uri>() else { return false };
    let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/") && !url.ends_with('/');
    scheme && bare && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
}

fn is_domain(domain: &str) -> bool {
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

/// By name only: neither need exist yet.
fn is_inside(path: &Path, folder: &Path) -> bool {
    let plain = |path: &Path| -> PathBuf {
        std::path::absolute(path)
            .unwrap_or_else(|_| path.to_owned())
            .components()
            .filter(|part| !matches!(part, Component::CurDir))
            .collect()
    };
    plain(path).starts_with(plain(folder))
}
