//! The one way out to addresses that strangers wrote: into certificates, into lists of lists. What comes is bounded, checked
//! for what it should be, and kept by the archive with its instant and its source.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plico_archive::fetched::Came;
use plico_courier::http::{Answer, Http, HttpError, Outside};
use plico_desk::verdict::take;
use plico_signature::revocation::Evidence;
use plico_signature::revocation::want::Want;

use crate::config::Config;
use crate::work::describe;

/// Longest answer, certificates of issuers, revocation list, trusted list, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
const MAX_ISSUERS: usize = 256 * 1024;
const MAX_CRL: usize = 32 * 1024 * 1024;
const MAX_LIST: usize = 16 * 1024 * 1024;

/// The client, and where lists begin.
#[derive(Debug)]
pub struct Fetch {
    http: Http,
    /// Address of the list of lists.
    pub lists_url: String,
    /// Folder with the certificates that sign it; no list is fetched without one.
    pub folder: Option<PathBuf>,
}

impl Fetch {
    /// As the configuration says; `None` where nothing is fetched.
    pub fn load(config: &Config) -> Result<Option<Self>, HttpError> {
        let (signatures, outbound) = (&config.signatures, &config.outbound);
        if !signatures.fetch {
            return Ok(None);
        }
        let networks = outbound.networks.clone();
        let outside = Outside {
            proxy: outbound.proxy.clone(),
            hosts: outbound.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            inside: Arc::new(move |address| networks.iter().any(|network| network.contains(address))),
        };
        let http = Http::to_strangers(Duration::from_secs(outbound.timeout_seconds), outside)?;
        let (lists_url, folder) = (signatures.lists_url.clone(), signatures.lists.clone());
        Ok(Some(Self { http, lists_url, folder }))
    }

    /// Asks for what a verdict lacked. Whether it may be believed is seen when it is used.
    pub async fn ask(&self, want: &Want) -> Came {
        let bytes = match want {
            Want::Answer { url, request } => {
                let asked = self.http.post(url, "application/ocsp-request", request.clone(), MAX_ANSWER);
                came(asked.await)
            }
            Want::Issuers { url } => came(self.http.get(url, None, MAX_ISSUERS).await),
            Want::List { url } => came(self.http.get(url, None, MAX_CRL).await),
        }?;
        if take(&mut Evidence::default(), want, &bytes) {
            Ok(bytes)
        } else {
            Err(("garbage", format!("{} bytes", bytes.len())))
        }
    }

    /// Asks for a trusted list.
    pub async fn list(&self, url: &str) -> Came {
        came(self.http.get(url, None, MAX_LIST).await)
    }
}

/// A stable name for what went wrong.
fn came(answer: Result<Answer, HttpError>) -> Came {
    match answer {
        Ok(answer) if answer.status == 200 => Ok(answer.body),
        Ok(answer) => Err(("refused", answer.status.to_string())),
        Err(error) => {
            let problem = match &error {
                HttpError::TimedOut(_) => "timeout",
                HttpError::TooLong(_) => "too-long",
                HttpError::Forbidden(_) => "forbidden",
                HttpError::NotReached(_) | HttpError::Unreachable(_) | HttpError::Address(_) => "unreachable",
            };
            Err((problem, describe(&error)))
        }
    }
}

/// The name under which a want's kind is kept.
pub fn kind(want: &Want) -> &'static str {
    match want {
        Want::Issuers { .. } => "issuers",
        Want::Answer { .. } => "answer",
        Want::List { .. } => "crl",
    }
}
