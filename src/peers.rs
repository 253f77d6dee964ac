//! Bodies with whose registries ours speaks by web service, as one file each in the configured folder describes them: by which
//! program they call us, where what they send goes, and where what is told to them goes. No address is ever taken from a request.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use plico_archive::read::body;
use plico_archive::{ActError, ArchiveError};
use plico_courier::http::HttpError;
use plico_desk::Desk;
use plico_desk::between::Peer;
use plico_desk::exchange::Speaks;
use plico_registry::Access;
use plico_registry::agid::Agid;
use plico_registry::exchange::Generation;
use serde::Deserialize;

use crate::config::{Config, Secret};

/// Why the bodies cannot be used. Each says which file.
#[derive(Debug, thiserror::Error)]
pub enum PeersError {
    /// Folder or file cannot be read.
    #[error("exchange.folder: {0} cannot be read: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// Not TOML, or not with these keys.
    #[error("exchange.folder: {0} is not a description of another body")]
    Syntax(String, #[source] Box<toml::de::Error>),
    /// Our own bodies cannot be read.
    #[error("exchange.folder: the bodies cannot be read")]
    Bodies(#[source] ArchiveError),
    /// Its services cannot be reached as it says.
    #[error("exchange.folder: {0}")]
    Line(String, #[source] HttpError),
    /// A value is no good.
    #[error("exchange.folder: {0}: {1}")]
    Wrong(String, String),
}

/// A file of the folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    /// IPA code of the other body.
    administration: String,
    /// IPA code of ours; may be left out where there is one.
    #[serde(default)]
    body: String,
    /// Name of the program, made at `/programmi`, as which it calls.
    program: String,
    /// Name of the office that gets what comes in.
    office: String,
    /// Code of the kind that it is registered as.
    kind: String,
    /// Its service as a sender (`ProtocolloMittenteService`): what became of its messages is told there.
    #[serde(default)]
    sender_url: String,
    /// Its service as a recipient (`ProtocolloDestinatarioService`): letters to its certified address go there instead.
    #[serde(default)]
    recipient_url: String,
    /// With a user: basic authentication; a password alone: a token.
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default)]
    certificate: Option<PathBuf>,
    #[serde(default)]
    key: Option<PathBuf>,
    #[serde(default = "minute")]
    timeout_seconds: u64,
    /// Code of our area; left out: that of the registry area.
    #[serde(default)]
    aoo: String,
    /// Code of our register; left out: the same.
    #[serde(default)]
    register: String,
}

fn minute() -> u64 {
    60
}

/// A body that is known.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who it is, and where what comes from it goes.
    pub peer: Peer,
    /// Name of the program as which it calls.
    pub program: String,
    /// How our registry presents itself to it.
    pub speaks: Speaks,
    /// Its service as a sender, where it has one.
    pub sender: Option<Arc<Agid>>,
    /// Its service as a recipient, where letters go there.
    pub recipient: Option<Arc<Agid>>,
    /// How long it may take to answer.
    pub timeout: Duration,
}

/// The bodies of the configured folder.
pub async fn read(config: &Config, desk: &Desk) -> Result<Vec<Known>, PeersError> {
    let Some(folder) = &config.exchange.folder else { return Ok(Vec::new()) };
    let unreadable = |path: &Path, error| PeersError::Unreadable(path.display().to_string(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let bodies = body::bodies(desk.archive().database()).await.map_err(PeersError::Bodies)?;
    let mut known: Vec<Known> = Vec::with_capacity(files.len());
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
        let one = one(&file, &text, &bodies, desk).await?;
        let same = |other: &Known| {
            other.peer.administration == one.peer.administration
                && (other.program == one.program || other.peer.code == one.peer.code)
        };
        if known.iter().any(same) {
            let why = "another file has this program or this body";
            return Err(PeersError::Wrong(file.display().to_string(), why.into()));
        }
        known.push(one);
    }
    Ok(known)
}

/// To which of them letters go by web service: our administration's identifier, and the other's code.
pub fn letters_to(known: &[Known]) -> Vec<(String, String)> {
    let there = known.iter().filter(|one| one.recipient.is_some());
    there.map(|one| (one.peer.administration.clone(), one.peer.code.clone())).collect()
}

async fn one(file: &Path, text: &str, bodies: &[body::Body], desk: &Desk) -> Result<Known, PeersError> {
    let shown = file.display().to_string();
    let wrong = |what: &str| PeersError::Wrong(shown.clone(), what.to_owned());
    let mut said: Described =
        toml::from_str(text).map_err(|error| PeersError::Syntax(shown.clone(), Box::new(error)))?;
    let code = said.administration.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if code.is_empty() || code.len() > 16 || !code.chars().all(fits) {
        return Err(wrong("administration is no IPA code"));
    }
    if said.program.trim().is_empty() {
        return Err(wrong("program is empty: it is the name of a program made at /programmi"));
    }
    let body = match bodies {
        [only] if said.body.is_empty() => only,
        _ => bodies
            .iter()
            .find(|body| body.ipa_code == said.body)
            .ok_or_else(|| wrong("body is not the IPA code of a body of this installation"))?,
    };
    let offices = body::offices(desk.archive().database(), &body.id).await.map_err(PeersError::Bodies)?;
    let office = offices.into_iter().find(|office| office.name == said.office);
    let office = office.ok_or_else(|| wrong("office is not the name of an office of the body"))?;
    match desk.kind(&body.id, &said.kind).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(wrong("kind is not the code of a kind of message")),
        Err(ActError::Fault(error)) => return Err(PeersError::Bodies(error)),
        Err(ActError::Refused(refusal)) => return Err(wrong(&refusal.to_string())),
    }
    said.password.resolve().map_err(|error| PeersError::Unreadable(shown.clone(), error))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let pem = |path: &Option<PathBuf>| match path {
        Some(path) => {
            let path = folder.join(path);
            let bytes = fs::read(&path);
            bytes.map(Some).map_err(|error| PeersError::Unreadable(path.display().to_string(), error))
        }
        None => Ok(None),
    };
    let timeout = Duration::from_secs(said.timeout_seconds.max(1));
    let access = Access {
        url: String::new(),
        user: said.user,
        password: said.password.expose().to_owned(),
        administration: body.ipa_code.clone(),
        annulment: None,
        authority: pem(&said.authority)?,
        identity: pem(&said.certificate)?.zip(pem(&said.key)?),
        timeout,
        options: BTreeMap::new(),
        // Without one a letter is refused, and says so.
        seal: desk.sealer().ok().flatten(),
    };
    let client = |url: &str| match url.trim() {
        "" => Ok(None),
        url => {
            let client = Agid::new(Access { url: url.to_owned(), ..access.clone() });
            client
                .map(|client| Some(Arc::new(client)))
                .map_err(|error| PeersError::Line(shown.clone(), error))
        }
    };
    let (sender, recipient) = (client(&said.sender_url)?, client(&said.recipient_url)?);
    Ok(Known {
        peer: Peer {
            administration: body.id.clone(),
            code,
            office: office.id,
            kind: said.kind,
            answers: sender.is_some(),
        },
        program: said.program.trim().to_owned(),
        speaks: Speaks { generation: Generation::V3, area: said.aoo, register: said.register },
        sender,
        recipient,
        timeout,
    })
}
