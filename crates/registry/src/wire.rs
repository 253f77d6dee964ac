//! The line to a registry: one HTTP client per system, and a record of what was said over it, fit to be kept.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use plico_courier::http::{Answer, Http, HttpError, Peer};
use plico_crypto::digest::{sha256, to_hex};
use plico_signature::Sealer;
use tokio::sync::Mutex;

use crate::order::Order;
use crate::seam::Trouble;
use crate::soap::escape;

/// Longest answer read (a registration with its files listed), in bytes.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;
/// Longest text of a request or an answer that is kept, in bytes.
const LONGEST_KEPT: usize = 16 * 1024;
/// Runs of base64 of at least this length are files, and kept as their digest; a digest itself is shorter.
const LONGEST_WORD: usize = 65;

/// How a system is reached. It has no `Debug` that could tell a secret.
#[derive(Clone, Default)]
pub struct Access {
    /// Base address.
    pub url: String,
    /// User.
    pub user: String,
    /// Password or application code.
    pub password: String,
    /// The administration's code there.
    pub administration: String,
    /// Certificate authority, in PEM, that alone is believed; the system's own when `None`.
    pub authority: Option<Vec<u8>>,
    /// Our certificate and its key, in PEM, where the system asks who we are.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
    /// Our seal, for what must be sealed.
    pub seal: Option<Arc<Sealer>>,
    /// The service that annuls, where it is another one.
    pub annulment: Option<Twin>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What a vendor wants besides, by the names that its README gives.
    pub options: BTreeMap<String, String>,
}

/// A second service of the same system, with credentials of its own. It has no `Debug` either.
#[derive(Clone, Default)]
pub struct Twin {
    /// Its address.
    pub url: String,
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Access {
    /// An option, or what stands for it.
    pub fn option<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.options.get(name).map_or(otherwise, String::as_str)
    }
}

impl Access {
    /// An option of the order, or of the system, or what stands for it.
    pub fn chosen<'a>(&'a self, order: &'a Order, name: &str, otherwise: &'a str) -> &'a str {
        order.option(name, self.option(name, otherwise))
    }
}

/// One request and its answer as they are kept: without secrets, without the bytes of files.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Exchange {
    /// What was asked, in the vendor's word.
    pub operation: String,
    /// The request.
    pub request: String,
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
    /// The answer, or why there is none.
    pub answer: String,
}

/// What was said during one step.
#[derive(Debug, Default)]
pub struct Talk {
    /// One after the other.
    pub exchanges: Vec<Exchange>,
}

/// A request as a connector makes it.
#[derive(Debug)]
pub struct Call<'a> {
    /// The vendor's word for it.
    pub operation: &'a str,
    /// HTTP method.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The body as it is kept, where it is not text; the text itself otherwise.
    pub shown: Option<String>,
    /// Whether asking twice does nothing twice: signing in, looking. Then no answer is no doubt.
    pub harmless: bool,
}

/// The client of one system.
#[derive(Clone)]
pub struct Line {
    http: Http,
    /// Words that are never kept.
    secrets: Vec<String>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

impl Line {
    /// A line as `access` says.
    pub fn new(access: &Access) -> Result<Self, HttpError> {
        let peer = Peer { authority: access.authority.clone(), identity: access.identity.clone() };
        let http = Http::to_peer(access.timeout, &peer)?;
        // As it is, and as it stands in XML and in JSON.
        let mut secrets = Vec::new();
        for password in [Some(&access.password), access.annulment.as_ref().map(|twin| &twin.password)]
            .into_iter()
            .flatten()
        {
            let json = serde_json::Value::from(password.as_str()).to_string();
            secrets.extend([escape(password), json.trim_matches('"').to_owned(), password.clone()]);
        }
        Ok(Self { http, secrets })
    }

    /// Words without the line's secrets, which some systems repeat.
    pub fn strike(&self, words: String) -> String {
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        secrets.fold(words, |words, secret| words.replace(secret.as_str(), "***"))
    }

    /// The same trouble without them.
    pub fn discreet(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Refused { code, words } => Trouble::Refused { code, words: self.strike(words) },
            Trouble::NotAsked(words) => Trouble::NotAsked(self.strike(words)),
            Trouble::Doubt(words) => Trouble::Doubt(self.strike(words)),
            Trouble::Ours(words) => Trouble::Ours(self.strike(words)),
            Trouble::Later { after_s, words } => Trouble::Later { after_s, words: self.strike(words) },
            Trouble::Unable => Trouble::Unable,
        }
    }

    /// Asks. What is written into `talk` has no secret: neither the line's nor those in `also`.
    pub async fn ask(&self, call: Call<'_>, also: &[&str], talk: &mut Talk) -> Result<Answer, Trouble> {
        let shown = call.shown.unwrap_or_else(|| String::from_utf8_lossy(&call.body).into_owned());
        let secrets: Vec<&str> =
            self.secrets.iter().map(String::as_str).chain(also.iter().copied()).collect();
        let mut exchange = Exchange {
            operation: call.operation.to_owned(),
            request: fit(&shown, &secrets),
            status: 0,
            answer: String::new(),
        };
        let headers: Vec<(&str, &str)> =
            call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.http.exchange(call.method, &call.url, &headers, call.body, LONGEST_ANSWER).await;
        match answer {
            Ok(answer) => {
                exchange.status = answer.status;
                exchange.answer = fit(&String::from_utf8_lossy(&answer.body), &secrets);
                talk.exchanges.push(exchange);
                Ok(answer)
            }
            Err(error) => {
                let why = said(&error);
                exchange.answer.clone_from(&why);
                talk.exchanges.push(exchange);
                let nothing_done = call.harmless
                    || matches!(
                        error,
                        HttpError::NotReached(_) | HttpError::Address(_) | HttpError::Forbidden(_)
                    );
                Err(if nothing_done { Trouble::NotAsked(why) } else { Trouble::Doubt(why) })
            }
        }
    }
}

/// The token that a system gave when we signed in; its `Debug` does not tell it.
#[derive(Default)]
pub struct Session(Mutex<Option<String>>);

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// The token, a new one where the last is `refused`. One signs in for all: a second token may end the first.
    pub async fn token(
        &self,
        refused: Option<&str>,
        sign_in: impl Future<Output = Result<String, Trouble>>,
    ) -> Result<String, Trouble> {
        let mut known = self.0.lock().await;
        if let Some(token) = known.as_ref().filter(|token| Some(token.as_str()) != refused) {
            return Ok(token.clone());
        }
        let token = sign_in.await?;
        *known = Some(token.clone());
        Ok(token)
    }
}

impl Talk {
    /// Strikes out what only an answer told: the token that signing in gave.
    pub fn strike(&mut self, secret: &str) {
        for exchange in &mut self.exchanges {
            exchange.answer = exchange.answer.replace(secret, "***").replace(&escape(secret), "***");
        }
    }
}

/// What an HTTP status alone says of a request: `Ok` for 200 to 299. After 5xx nobody knows what was done, unless asking
/// was harmless.
pub fn status(answer: &Answer, harmless: bool) -> Result<(), Trouble> {
    let (code, words) = (format!("HTTP {}", answer.status), String::from_utf8_lossy(&answer.body));
    let words = fit(words.trim(), &[]).chars().take(300).collect::<String>();
    match answer.status {
        200..=299 => Ok(()),
        429 => Err(Trouble::Later { after_s: 60, words: code }),
        500..=599 if harmless => Err(Trouble::NotAsked(code)),
        500..=599 => Err(Trouble::Doubt(format!("{code} {words}"))),
        _ => Err(Trouble::Refused { code, words }),
    }
}

/// Something in an answer that makes no sense: nobody knows what was done, unless asking was harmless.
pub fn unclear(why: &str, harmless: bool) -> Trouble {
    if harmless { Trouble::NotAsked(why.to_owned()) } else { Trouble::Doubt(why.to_owned()) }
}

/// An error with its causes.
fn said(error: &HttpError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A text as it is kept: secrets struck out, files as their digests, not too long.
fn fit(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "***");
    }
    let mut kept = String::with_capacity(text.len().min(LONGEST_KEPT));
    let mut rest = text.as_str();
    while !rest.is_empty() && kept.len() < LONGEST_KEPT {
        let word = |c: char| c.is_ascii_alphanumeric() || "+/=\r\n".contains(c);
        let run = rest.find(|c| !word(c)).unwrap_or(rest.len());
        if run >= LONGEST_WORD {
            let digest = to_hex(&sha256(&rest.as_bytes()[..run])[..8]);
            let _ = write!(kept, "[{run} characters, sha256 {digest}…]");
            rest = &rest[run..];
            continue;
        }
        let end = run + rest[run..].chars().next().map_or(0, char::len_utf8);
        kept.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        let _ = write!(kept, "[and {} bytes more]", rest.len());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_no_secret_and_no_file() {
        let file = "QUJD".repeat(500);
        let text = format!("<user>anna</user><password>s3greto</password><file>{file}</file>è");
        let kept = fit(&text, &["s3greto", ""]);
        assert!(kept.contains("<password>***</password>") && kept.contains("[2000 characters, sha256 "));
        assert!(kept.ends_with("</file>è") && !kept.contains("QUJD"));
        let long = fit(&"a <b> ".repeat(10_000), &[]);
        assert!(long.len() < LONGEST_KEPT + 100 && long.ends_with("bytes more]"));
    }
}
