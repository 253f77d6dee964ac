//! Flags over environment over file over defaults.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::check::{self, ConfigError, Wrong};
use super::key::{Key, Kind};
use super::{
    Blobs, Clamd, Config, Domicile, Evidence, Exchange, Keys, Limits, Log, Mailboxes, Node, Outbound,
    Preserver, Proxy, Registry, Replica, Scrub, Seal, Secret, Session, Signatures, Signing, Smtp, Store,
    Wallet,
};

/// Every key there is, in the order of the manual.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    let all = [
        Config::KEYS,
        Store::KEYS,
        Keys::KEYS,
        Blobs::KEYS,
        Replica::KEYS,
        Node::KEYS,
        Session::KEYS,
        Proxy::KEYS,
        Limits::KEYS,
        Smtp::KEYS,
        Clamd::KEYS,
        Seal::KEYS,
        Signing::KEYS,
        Wallet::KEYS,
        Evidence::KEYS,
        Signatures::KEYS,
        Registry::KEYS,
        Exchange::KEYS,
        Mailboxes::KEYS,
        Domicile::KEYS,
        Preserver::KEYS,
        Outbound::KEYS,
        Scrub::KEYS,
        Log::KEYS,
    ];
    all.into_iter().flatten()
}

/// Where the value in force came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File,
    /// This environment variable.
    Variable(String),
    /// A flag of the command.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File => f.write_str("file"),
            Self::Variable(name) => write!(f, "environment, {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// Values of flags, by key.
    pub values: Vec<(&'static str, String)>,
}

/// A configuration and where each of its values came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// Sources by key; a key that is absent has its default.
    pub sources: BTreeMap<&'static str, Source>,
}

impl Loaded {
    /// Where this key's value came from.
    pub fn source(&self, path: &str) -> &Source {
        self.sources.get(path).unwrap_or(&Source::Default)
    }

    /// Reads the file, then lays the variables and flags over it, and validates the whole.
    ///
    /// `base` holds the defaults; `variables` is the environment, passed in so that tests need not change theirs.
    ///
    /// The file is `--config`, else `PLICO_CONFIG`, else `plico.toml` in the folder of `--data-dir`, else
    /// `plico.toml` here. One that was named must exist.
    pub fn read(
        base: &Config,
        overrides: &Overrides,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let variables = our_variables(variables)?;
        let file = find_file(overrides, &variables);
        Self::lay(base, file, &variables, &overrides.values)
    }

    /// Defaults and flags alone: the demo must never touch the archive that a file here configures.
    pub fn without_file(base: &Config, values: &[(&'static str, String)]) -> Result<Self, ConfigError> {
        Self::lay(base, None, &BTreeMap::new(), values)
    }

    fn lay(
        base: &Config,
        file: Option<PathBuf>,
        variables: &BTreeMap<String, String>,
        flags: &[(&'static str, String)],
    ) -> Result<Self, ConfigError> {
        let mut sources = BTreeMap::new();
        let mut table = Table::try_from(base).map_err(|error| ConfigError::shape(&error))?;
        // A secret serialises as what is shown of it: it must come from its own source, never from this table.
        let shown = [Secret::default().to_string(), Secret::new("any").to_string()];
        for key in keys() {
            let value = key.get(&table).and_then(Value::as_str);
            if value.is_some_and(|value| shown.iter().any(|shown| shown == value)) {
                key.set(&mut table, Value::String(String::new()));
            }
        }

        if let Some(file) = &file {
            let text = std::fs::read_to_string(file)
                .map_err(|source| ConfigError::Unreadable { file: file.clone(), source })?;
            let read: Table = text
                .parse()
                .map_err(|source| ConfigError::Syntax { file: file.clone(), source: Box::new(source) })?;
            check::unknown(&read)?;
            let folder = file.parent().unwrap_or(Path::new(""));
            for key in keys() {
                if let Some(value) = key.get(&read) {
                    key.set(&mut table, from_folder(key, value.clone(), folder));
                    sources.insert(key.path, Source::File);
                }
            }
        }
        for (name, text) in variables {
            if name == "PLICO_CONFIG" {
                continue;
            }
            let key = keys().find(|key| key.variable() == *name).ok_or_else(|| {
                Wrong::new(name, "", "is not a setting", "see `plico config keys` for the names there are")
            })?;
            let value = key.value(text).map_err(|expected| Wrong::expected(name, text, expected))?;
            key.set(&mut table, value);
            sources.insert(key.path, Source::Variable(name.clone()));
        }
        for (path, text) in flags {
            let key = keys().find(|key| key.path == *path).expect("flags name keys that exist");
            let value = key.value(text).map_err(|expected| Wrong::expected(path, text, expected))?;
            key.set(&mut table, value);
            sources.insert(key.path, Source::Flag);
        }

        let mut config = Config::deserialize(table).map_err(|error| ConfigError::shape(&error))?;
        for (key, secret) in [
            ("proxy.secret", &mut config.proxy.secret),
            ("database.url", &mut config.database.url),
            ("blobs.access_key", &mut config.blobs.access_key),
            ("blobs.secret_key", &mut config.blobs.secret_key),
            ("replica.access_key", &mut config.replica.access_key),
            ("replica.secret_key", &mut config.replica.secret_key),
            ("smtp.password", &mut config.smtp.password),
            ("seal.password", &mut config.seal.password),
            ("wallet.apple_password", &mut config.wallet.apple_password),
        ] {
            secret.resolve().map_err(|source| ConfigError::Secret { key, source })?;
        }
        check::values(&config)?;
        Ok(Self { config, file, sources })
    }
}

fn our_variables(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut ours = BTreeMap::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        if name.starts_with("PLICO_") {
            let value = value
                .into_string()
                .map_err(|_| Wrong::new(&name, "", "is not UTF-8 text", "write it in UTF-8"))?;
            ours.insert(name, value);
        }
    }
    Ok(ours)
}

fn find_file(overrides: &Overrides, variables: &BTreeMap<String, String>) -> Option<PathBuf> {
    if let Some(file) = &overrides.file {
        return Some(file.clone());
    }
    if let Some(file) = variables.get("PLICO_CONFIG") {
        return Some(PathBuf::from(file));
    }
    let data_dir = overrides.values.iter().find(|(path, _)| *path == "data_dir").map(|(_, dir)| dir);
    let usual = Path::new(data_dir.map_or("", String::as_str)).join("plico.toml");
    usual.is_file().then_some(usual)
}

/// Relative paths in a file start from the file's folder: a service may be started from anywhere.
fn from_folder(key: &Key, value: Value, folder: &Path) -> Value {
    match value {
        Value::String(text) if key.kind == Kind::Path => {
            Value::String(folder.join(text).to_string_lossy().into_owned())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        file: &str,
        variables: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> Result<Loaded, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plico.toml");
        std::fs::write(&path, file).unwrap();
        let overrides = Overrides {
            file: Some(path),
            values: flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
        };
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Loaded::read(&Config::default(), &overrides, variables).map_err(|error| error.to_string())
    }

    #[test]
    fn flag_wins_over_variable_over_file_over_default() {
        let file = "listen = '127.0.0.1:1'\nlanguage = 'en'\n[smtp]\nport = 25\n";
        let variables = [("PLICO_LISTEN", "127.0.0.1:2"), ("PLICO_SMTP_PORT", "26"), ("HOME", "/x")];
        let loaded = read(file, &variables, &[("listen", "127.0.0.1:3")]).unwrap();
        assert_eq!(loaded.config.listen, "127.0.0.1:3");
        assert_eq!(loaded.source("listen"), &Source::Flag);
        assert_eq!(loaded.config.smtp.port, 26);
        assert_eq!(loaded.source("smtp.port").to_string(), "environment, PLICO_SMTP_PORT");
        assert_eq!(loaded.config.language, "en");
        assert_eq!(loaded.source("language"), &Source::File);
        assert_eq!(loaded.source("limits.draft_days"), &Source::Default);
    }

    #[test]
    fn lists_and_secrets_come_from_variables() {
        let secret = "0123456789abcdef0123456789abcdef";
        let variables = [("PLICO_PROXY_PEERS", "10.0.0.0/8, ::1"), ("PLICO_PROXY_SECRET", secret)];
        let loaded = read("", &variables, &[]).unwrap();
        assert_eq!(loaded.config.proxy.peers.len(), 2);
        assert_eq!(loaded.config.proxy.secret.expose(), secret);
    }

    #[test]
    fn relative_paths_start_from_the_file() {
        let loaded = read("data_dir = 'data'", &[], &[]).unwrap();
        assert!(loaded.config.data_dir.is_absolute());
        let loaded = read("data_dir = 'data'", &[], &[("data_dir", "here")]).unwrap();
        assert_eq!(loaded.config.data_dir, Path::new("here"));
    }

    #[test]
    fn errors_name_key_value_and_remedy() {
        for (file, variables, expected) in [
            ("lisen = 'x'", vec![], &["lisen", "did you mean `listen`"][..]),
            ("[smtp]\nhots = 'x'", vec![], &["smtp.hots", "smtp.host"]),
            ("[smtp]\nport = 'x'", vec![], &["smtp", "port"]),
            ("listen = 'nowhere'", vec![], &["listen", "nowhere", "127.0.0.1:8080"]),
            ("", vec![("PLICO_SMTP_PORT", "many")], &["PLICO_SMTP_PORT", "many", "whole number"]),
            ("", vec![("PLICO_NOPE", "1")], &["PLICO_NOPE", "config keys"]),
            ("public_url = 'ftp://x'", vec![], &["public_url", "ftp://x", "https://"]),
            ("[proxy]\npeers = ['10.0.0.0/8']", vec![], &["proxy.secret", "32"]),
            ("data_dir = '/srv/p'\nkey_file = '/srv/p/keys'", vec![], &["key_file", "outside"]),
            ("data_dir = '/srv/p'\n[node]\ndir = '/srv/p/node'", vec![], &["node.dir", "outside"]),
            ("[blobs]\nbucket = 'b'\nendpoint = 'store'", vec![], &["blobs.endpoint", "store", "https://"]),
            ("[blobs]\nbucket = 'b'\nendpoint = 'http://s'", vec![], &["blobs.access_key", "file:"]),
            ("[blobs]\nbucket = 'b'\nprefix = '../a'", vec![], &["blobs.prefix", "../a"]),
            ("[replica]\nbucket = 'b'\nfolder = '/x'", vec![], &["replica.folder", "one of the two"]),
        ] {
            let error = read(file, &variables, &[]).unwrap_err();
            for part in expected {
                assert!(error.contains(part), "{file} {variables:?}: {error}");
            }
        }
    }

    #[test]
    fn a_named_file_must_exist() {
        let overrides = Overrides { file: Some("/nowhere/plico.toml".into()), values: Vec::new() };
        let error = Loaded::read(&Config::default(), &overrides, []).unwrap_err();
        assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
    }
}
