//! Requests to outside services over HTTP: one client with its limits, for whoever asks something of somebody else.
//! Whom the configuration names is asked as it says; addresses that strangers wrote, as [`Outside`] allows.

mod outside;

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;

pub use outside::Outside;
use outside::{Forbidden, Resolver};

/// A client. Cheap to clone; connections are kept.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    timeout: Duration,
    outside: Option<Arc<Outside>>,
}

/// Longest time to make a connection, whatever an answer may take.
const MOST_TO_CONNECT: Duration = Duration::from_secs(10);

/// Somebody whom the configuration names.
#[derive(Clone, Default)]
pub struct Peer {
    /// Certificate authorities in PEM that alone are believed; those of the system when `None`.
    pub authority: Option<Vec<u8>>,
    /// Our certificate and its key, in PEM.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type, without parameters, in lower case; empty when none was named.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Not an address.
    #[error("{0} is not an http or https address")]
    Address(String),
    /// Not somebody who may be asked, or one who sends there.
    #[error("{0}: only public addresses are asked, and those that the configuration allows")]
    Forbidden(String),
    /// No connection could be made, or its certificate is not trusted: nothing was asked.
    #[error("no connection could be made")]
    NotReached(#[source] reqwest::Error),
    /// The connection broke before there was an answer: what was asked may have been heard.
    #[error("no answer could be had")]
    Unreachable(#[source] reqwest::Error),
    /// It took too long.
    #[error("no answer within {0} s")]
    TimedOut(u64),
    /// The answer is longer than it may be.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

impl Http {
    /// A client whose exchanges end, whole, within `timeout`. It follows no redirection: an address that moved is to be
    /// configured anew, and a request must not end up with somebody else.
    pub fn new(timeout: Duration) -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(timeout)
            .user_agent(concat!("plico/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(HttpError::Unreachable)?;
        Ok(Self { client, timeout, outside: None })
    }

    /// A client for addresses that strangers wrote. It follows a few redirections, and asks nobody whom `outside` does not
    /// allow.
    pub fn to_strangers(timeout: Duration, outside: Outside) -> Result<Self, HttpError> {
        let outside = Arc::new(outside);
        // What the environment says of proxies is not what the configuration says.
        let client = reqwest::Client::builder().no_proxy();
        let client = if outside.proxy.is_empty() {
            client
        } else {
            client.proxy(reqwest::Proxy::all(&outside.proxy).map_err(HttpError::Unreachable)?)
        };
        let client = client
            .redirect(outside.redirects())
            .dns_resolver(Arc::new(Resolver(Arc::clone(&outside))))
            .timeout(timeout)
            .user_agent(concat!("plico/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(HttpError::Unreachable)?;
        Ok(Self { client, timeout, outside: Some(outside) })
    }

    /// A client for somebody whom the configuration names, with an authority of his own and a certificate of ours.
    pub fn to_peer(timeout: Duration, peer: &Peer) -> Result<Self, HttpError> {
        let mut client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(timeout)
            .connect_timeout(timeout.min(MOST_TO_CONNECT))
            // A connection that the other side let go must not look like a question without an answer.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("plico/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &peer.authority {
            let bundle = reqwest::Certificate::from_pem_bundle(pem).map_err(HttpError::Unreachable)?;
            client = client.tls_certs_only(bundle);
        }
        if let Some((certificate, key)) = &peer.identity {
            let identity = reqwest::Identity::from_pkcs8_pem(certificate, key);
            client = client.identity(identity.map_err(HttpError::Unreachable)?);
        }
        Ok(Self { client: client.build().map_err(HttpError::Unreachable)?, timeout, outside: None })
    }

    /// Sends a request of any method with its headers; at most `most` bytes of the answer are read.
    pub async fn exchange(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        most: usize,
    ) -> Result<Answer, HttpError> {
        let method = reqwest::Method::from_bytes(method.as_bytes());
        let method = method.map_err(|_| HttpError::Address(url.to_owned()))?;
        let request = self.client.request(method, self.address(url)?).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request, most).await
    }

    /// Posts a body; at most `most` bytes of the answer are read.
    pub async fn post(
        &self,
        url: &str,
        media_type: &'static str,
        body: Vec<u8>,
        most: usize,
    ) -> Result<Answer, HttpError> {
        self.send(self.client.post(self.address(url)?).header("content-type", media_type).body(body), most)
            .await
    }

    /// Fetches what is there, with a token if there is one; at most `most` bytes of the answer are read.
    pub async fn get(&self, url: &str, token: Option<&str>, most: usize) -> Result<Answer, HttpError> {
        let request = self.client.get(self.address(url)?);
        self.send(if let Some(token) = token { request.bearer_auth(token) } else { request }, most).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, most: usize) -> Result<Answer, HttpError> {
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        let media_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        let mut answer = Answer {
            status: response.status().as_u16(),
            media_type: media_type.trim().to_ascii_lowercase(),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if answer.body.len() + chunk.len() > most {
                return Err(HttpError::TooLong(most));
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    fn address(&self, url: &str) -> Result<reqwest::Url, HttpError> {
        let parsed = reqwest::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed = parsed.ok_or_else(|| HttpError::Address(url.to_owned()))?;
        if let Some(outside) = &self.outside {
            outside.check(&parsed).map_err(|forbidden| HttpError::Forbidden(forbidden.to_string()))?;
        }
        Ok(parsed)
    }

    fn failed(&self, error: reqwest::Error) -> HttpError {
        if let Some(forbidden) = forbidden(&error) {
            HttpError::Forbidden(forbidden)
        } else if error.is_connect() || error.is_builder() {
            HttpError::NotReached(error.without_url())
        } else if error.is_timeout() {
            HttpError::TimedOut(self.timeout.as_secs())
        } else {
            // An address may hold a token; who is asked is said by whoever asks.
            HttpError::Unreachable(error.without_url())
        }
    }
}

/// Whether it failed because of whom it would have asked.
fn forbidden(error: &reqwest::Error) -> Option<String> {
    let mut causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.find_map(|cause| cause.downcast_ref::<Forbidden>()).map(ToString::to_string)
}
