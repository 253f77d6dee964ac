//! Outside registry systems, as one file each in the configured folder describes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plico_archive::read::body;
use plico_desk::Desk;
use plico_desk::outside::Outside;
use plico_registry::system::{self, OpenError};
use plico_registry::{Access, Talk, Twin};
use serde::Deserialize;

use crate::config::{Config, Secret};

/// Why the systems cannot be used. Each says which file.
#[derive(Debug, thiserror::Error)]
pub enum RegistriesError {
    /// Folder or file cannot be read.
    #[error("registry.folder: {0} cannot be read: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// Not TOML, or not with these keys.
    #[error("registry.folder: {0} is not a description of a registry system")]
    Syntax(String, #[source] Box<toml::de::Error>),
    /// The bodies cannot be read.
    #[error("registry.folder: the bodies cannot be read")]
    Bodies(#[source] plico_archive::ArchiveError),
    /// A value is no good.
    #[error("registry.folder: {0}: {1}")]
    Wrong(String, String),
    /// No such system, or it cannot be reached as it says.
    #[error("registry.folder: {0}")]
    Open(String, #[source] OpenError),
}

/// A file of the folder. Its name without `.toml` is the system's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    /// Which system it is.
    system: String,
    /// IPA code of the body whose it is; may be left out where there is one body.
    #[serde(default)]
    body: String,
    /// Registry area of its numbers; the body's own with the system's name after it where it is left out.
    #[serde(default)]
    area: String,
    url: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    administration: String,
    /// The service that annuls, where it is another one.
    #[serde(default)]
    annul_url: String,
    #[serde(default)]
    annul_user: String,
    #[serde(default)]
    annul_password: Secret,
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default)]
    certificate: Option<PathBuf>,
    #[serde(default)]
    key: Option<PathBuf>,
    #[serde(default = "minute")]
    timeout_seconds: u64,
    #[serde(default = "half_a_minute")]
    settle_seconds: u64,
    #[serde(default)]
    options: BTreeMap<String, String>,
}

fn minute() -> u64 {
    60
}

fn half_a_minute() -> u64 {
    30
}

/// The systems of the configured folder.
pub async fn read(config: &Config, desk: &Desk) -> Result<Vec<Outside>, RegistriesError> {
    let Some(folder) = &config.registry.folder else { return Ok(Vec::new()) };
    let unreadable = |path: &Path, error| RegistriesError::Unreadable(path.display().to_string(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let bodies = body::bodies(desk.archive().database()).await.map_err(RegistriesError::Bodies)?;
    let mut systems = Vec::with_capacity(files.len());
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
        systems.push(one(&file, &text, &bodies, desk)?);
    }
    Ok(systems)
}

fn one(file: &Path, text: &str, bodies: &[body::Body], desk: &Desk) -> Result<Outside, RegistriesError> {
    let shown = file.display().to_string();
    let wrong = |what: &str| RegistriesError::Wrong(shown.clone(), what.to_owned());
    let mut said: Described =
        toml::from_str(text).map_err(|error| RegistriesError::Syntax(shown.clone(), Box::new(error)))?;
    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(wrong("its name must be of lower-case letters, digits and hyphens"));
    }
    let body = match bodies {
        [only] if said.body.is_empty() => only,
        _ => bodies
            .iter()
            .find(|body| body.ipa_code == said.body)
            .ok_or_else(|| wrong("body is not the IPA code of a body of this installation"))?,
    };
    if said.area.is_empty() {
        said.area = format!("{}-{}", body.area, name.to_ascii_uppercase());
    }
    if said.area == body.area {
        return Err(wrong(
            "area is the built-in register's own: its numbers and these would be taken for each other",
        ));
    }
    said.password.resolve().map_err(|error| RegistriesError::Unreadable(shown.clone(), error))?;
    said.annul_password.resolve().map_err(|error| RegistriesError::Unreadable(shown.clone(), error))?;
    let annulment = Twin {
        url: said.annul_url,
        user: said.annul_user,
        password: said.annul_password.expose().to_owned(),
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    let pem = |path: &Option<PathBuf>| match path {
        Some(path) => {
            let path = folder.join(path);
            let bytes = fs::read(&path);
            bytes.map(Some).map_err(|error| RegistriesError::Unreadable(path.display().to_string(), error))
        }
        None => Ok(None),
    };
    let access = Access {
        url: said.url,
        user: said.user,
        password: said.password.expose().to_owned(),
        administration: said.administration,
        annulment: Some(annulment).filter(|twin| !twin.url.is_empty()),
        authority: pem(&said.authority)?,
        identity: pem(&said.certificate)?.zip(pem(&said.key)?),
        timeout: Duration::from_secs(said.timeout_seconds.max(1)),
        options: said.options,
        // Without a seal, what must be sealed is refused by the system that wants it so.
        seal: desk.sealer().ok().flatten(),
    };
    let client =
        system::open(&said.system, access).map_err(|error| RegistriesError::Open(shown.clone(), error))?;
    let (timeout_ms, settle_ms) = (said.timeout_seconds.max(1) * 1000, said.settle_seconds * 1000);
    Ok(Outside::new(name, &body.id, &said.area, client, timeout_ms.cast_signed(), settle_ms.cast_signed()))
}

/// Asks each system whether it is there and knows us: its name, and what it said.
pub async fn check(systems: &[Outside]) -> Vec<(String, Result<String, String>)> {
    let mut checked = Vec::with_capacity(systems.len());
    for system in systems {
        let answer = system.client.check(&mut Talk::default()).await;
        checked.push((system.name.clone(), answer.map_err(|trouble| trouble.to_string())));
    }
    checked
}
