//! The registers of digital domiciles that may be asked, as one file describes them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plico_courier::domicile::{Claims, Domiciles, Inad, IniPec, Ipa, Signs, Tokens};
use plico_courier::http::{Http, HttpError, Peer};
use plico_signature::SealError;
use plico_signature::seal::RsaKey;
use serde::Deserialize;

use crate::config::{Config, Secret};

/// Why the registers cannot be asked. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DomicilesError {
    /// A file cannot be read.
    #[error("domicile.file: {0} cannot be read: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// Not TOML, or not with these keys.
    #[error("domicile.file: {0} is not a description of registers of digital domiciles")]
    Syntax(String, #[source] Box<toml::de::Error>),
    /// A value is no good.
    #[error("domicile.file: {0}")]
    Wrong(String),
    /// A key cannot sign.
    #[error("domicile.file: {0} is not an RSA key of 2048 bits or more, in PEM")]
    Key(String, #[source] SealError),
    /// No client can be made.
    #[error("domicile.file: no connection can be made as it says: check authority, certificate and key")]
    Http(#[source] HttpError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    #[serde(default)]
    inad: Option<DescribedInad>,
    #[serde(default)]
    inipec: Option<DescribedIniPec>,
    #[serde(default)]
    ipa: Option<DescribedIpa>,
    /// Alone believed; left out: the machine's own authorities.
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default = "some_seconds")]
    timeout_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedInad {
    url: String,
    /// Where the data platform gives vouchers.
    token_url: String,
    audience: String,
    client_id: String,
    key_id: String,
    purpose: String,
    key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedIniPec {
    url: String,
    /// Whom our statement is for; left out: the address itself.
    #[serde(default)]
    audience: String,
    client_id: String,
    key: PathBuf,
    certificate: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedIpa {
    url: String,
    auth_id: Secret,
}

/// Somebody waits before his screen.
fn some_seconds() -> u64 {
    10
}

fn bytes(path: &Path) -> Result<Vec<u8>, DomicilesError> {
    std::fs::read(path).map_err(|error| DomicilesError::Unreadable(path.display().to_string(), error))
}

/// Whoever listens to a token may ask in our name.
fn guarded(name: &str, url: &str) -> Result<(), DomicilesError> {
    if url.starts_with("https://") || url.starts_with("http://127.0.0.1:") {
        return Ok(());
    }
    Err(DomicilesError::Wrong(format!("{name} must begin with https://")))
}

fn said(name: &str, text: &str) -> Result<(), DomicilesError> {
    if text.trim().is_empty() {
        return Err(DomicilesError::Wrong(format!("{name} must say something")));
    }
    Ok(())
}

/// The first certificate of a file in PEM, as a token carries it.
fn first_certificate(path: &Path) -> Result<String, DomicilesError> {
    let text = String::from_utf8_lossy(&bytes(path)?).into_owned();
    let inside = text.split("-----BEGIN CERTIFICATE-----").nth(1);
    let inside = inside.and_then(|rest| rest.split("-----END CERTIFICATE-----").next());
    let base64: String = inside.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    if base64.is_empty() {
        return Err(DomicilesError::Wrong(format!("{} holds no certificate in PEM", path.display())));
    }
    Ok(base64)
}

/// The registers of the configuration; none where it names none.
pub fn read(config: &Config) -> Result<Domiciles, DomicilesError> {
    let Some(file) = &config.domicile.file else { return Ok(Domiciles::default()) };
    let text = String::from_utf8_lossy(&bytes(file)?).into_owned();
    let described: Described = toml::from_str(&text)
        .map_err(|error| DomicilesError::Syntax(file.display().to_string(), Box::new(error)))?;
    let beside = file.parent().unwrap_or(Path::new(""));
    let authority = described.authority.as_ref().map(|path| bytes(&beside.join(path))).transpose()?;
    let timeout = Duration::from_secs(described.timeout_seconds.clamp(1, 60));
    let http = Http::to_peer(timeout, &Peer { authority, identity: None }).map_err(DomicilesError::Http)?;
    let signs = |client: &str, key: &Path| {
        let path = beside.join(key);
        let key = RsaKey::from_pem(&bytes(&path)?)
            .map_err(|error| DomicilesError::Key(path.display().to_string(), error))?;
        Ok(Signs { client: client.to_owned(), key })
    };
    let mut domiciles = Domiciles::default();
    if let Some(inad) = described.inad {
        guarded("inad.url", &inad.url)?;
        guarded("inad.token_url", &inad.token_url)?;
        for (name, text) in [
            ("inad.client_id", &inad.client_id),
            ("inad.key_id", &inad.key_id),
            ("inad.purpose", &inad.purpose),
            ("inad.audience", &inad.audience),
        ] {
            said(name, text)?;
        }
        let signs = signs(&inad.client_id, &inad.key)?;
        let claims = Claims::Pdnd { kid: inad.key_id, audience: inad.audience, purpose: inad.purpose };
        let tokens = Tokens::new(inad.token_url, signs, claims, http.clone());
        domiciles.inad = Some(Inad { url: inad.url, tokens, http: http.clone() });
    }
    if let Some(inipec) = described.inipec {
        guarded("inipec.url", &inipec.url)?;
        said("inipec.client_id", &inipec.client_id)?;
        let signs = signs(&inipec.client_id, &inipec.key)?;
        let url = inipec.url.trim_end_matches('/').to_owned();
        let audience = if inipec.audience.is_empty() { url.clone() } else { inipec.audience };
        let certificate = first_certificate(&beside.join(&inipec.certificate))?;
        let claims = Claims::InfoCamere { audience, certificate, scope: IniPec::SCOPE.into() };
        let tokens = Tokens::new(
            format!("{url}/authentication?client_id={}", inipec.client_id),
            signs,
            claims,
            http.clone(),
        );
        domiciles.inipec = Some(IniPec { url, tokens, http: http.clone() });
    }
    if let Some(mut ipa) = described.ipa {
        guarded("ipa.url", &ipa.url)?;
        ipa.auth_id
            .resolve()
            .map_err(|error| DomicilesError::Unreadable(file.display().to_string(), error))?;
        let auth_id = ipa.auth_id.expose().trim().to_owned();
        said("ipa.auth_id", &auth_id)?;
        domiciles.ipa = Some(Ipa { url: ipa.url, auth_id, http });
    }
    Ok(domiciles)
}
