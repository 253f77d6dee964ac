//! The provider of signatures at a distance, as one file describes him.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plico_courier::csc::Provider;
use plico_courier::http::{Http, HttpError, Peer};
use serde::Deserialize;

use crate::config::{Config, Secret};

/// Why the provider cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// A file cannot be read.
    #[error("signing.remote: {0} cannot be read: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// Not TOML, or not with these keys.
    #[error("signing.remote: {0} is not a description of a provider of remote signatures")]
    Syntax(String, #[source] Box<toml::de::Error>),
    /// A value is no good.
    #[error("signing.remote: {0}")]
    Wrong(&'static str),
    /// No client can be made.
    #[error("signing.remote: no connection can be made as it says: check authority, certificate and key")]
    Http(#[source] HttpError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    url: String,
    #[serde(default)]
    token_url: String,
    client_id: String,
    client_secret: Secret,
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default)]
    certificate: Option<PathBuf>,
    #[serde(default)]
    key: Option<PathBuf>,
    #[serde(default = "half_a_minute")]
    timeout_seconds: u64,
}

fn half_a_minute() -> u64 {
    30
}

/// The provider of the configuration; none where it names none.
pub fn read(config: &Config) -> Result<Option<Provider>, RemoteError> {
    let Some(file) = &config.signing.remote else { return Ok(None) };
    let unreadable = |path: &Path, error| RemoteError::Unreadable(path.display().to_string(), error);
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
    let mut said: Described = toml::from_str(&text)
        .map_err(|error| RemoteError::Syntax(file.display().to_string(), Box::new(error)))?;
    said.client_secret.resolve().map_err(|error| unreadable(file, error))?;
    let local = said.url.starts_with("http://127.0.0.1:");
    // A code in the open signs for whoever hears it.
    let guarded = |url: &str| url.is_empty() || url.starts_with("https://") || local;
    if said.url.is_empty() || !guarded(&said.url) || !guarded(&said.token_url) {
        return Err(RemoteError::Wrong("url and token_url must begin with https://"));
    }
    if said.name.trim().is_empty() || said.client_id.is_empty() || said.client_secret.is_empty() {
        return Err(RemoteError::Wrong("name, client_id and client_secret must say something"));
    }
    let pem = |path: &Option<PathBuf>| {
        path.as_deref().map(|path| std::fs::read(path).map_err(|error| unreadable(path, error))).transpose()
    };
    let peer =
        Peer { authority: pem(&said.authority)?, identity: pem(&said.certificate)?.zip(pem(&said.key)?) };
    let http = Http::to_peer(Duration::from_secs(said.timeout_seconds.clamp(1, 120)), &peer);
    Ok(Some(Provider {
        name: said.name,
        url: said.url,
        token_url: said.token_url,
        client: said.client_id,
        secret: said.client_secret.expose().to_owned(),
        http: http.map_err(RemoteError::Http)?,
    }))
}
