//! A bucket of an object store that speaks S3: signed requests, answers with a limit, and what it says when it does not
//! work. Calls wait: they belong off the async threads, of a runtime that goes on meanwhile.
//!
//! Only what may be done twice is tried again, with pauses. Nothing here remembers what is in the bucket.

mod object;
mod trial;
mod upload;

use crate::inventory::{Found, Shard};
use crate::{VaultError, blobs};
use object::Object;
use plico_crypto::digest::from_hex;
use reqwest::{Response, StatusCode};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Credentials, S3Action, UrlStyle};
use std::error::Error as _;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

pub use trial::{Tried, Verdict};

/// How long a signature holds: as long as the longest exchange may take.
const SIGNED_FOR: Duration = Duration::from_mins(15);
const CONNECT: Duration = Duration::from_secs(5);
/// Without a byte of the answer.
const SILENT: Duration = Duration::from_secs(30);
/// For a whole exchange: one part of an upload, or one window of a download.
const WHOLE: Duration = Duration::from_mins(5);
/// So often is asked what may be asked again.
const TRIES: usize = 4;
/// The first pause; the next ones are longer.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of the longest list, or error, that is read.
const ANSWER: usize = 8 << 20;

/// Where a bucket is, and how one gets in.
#[derive(Clone)]
pub struct BucketSettings {
    /// `https://host[:port]` of the store.
    pub endpoint: String,
    /// Its name.
    pub name: String,
    /// Region, as the store calls it.
    pub region: String,
    /// What the names of objects begin with.
    pub prefix: String,
    /// Whether the bucket is a part of the path, and not of the host.
    pub path_style: bool,
    /// Who asks.
    pub access_key: String,
    /// What he proves it with.
    pub secret_key: Zeroizing<String>,
    /// Days for which the store shall lock each new object; 0: none.
    pub lock_days: u32,
    /// Content up to so many bytes is a row of the database all the same; at most [`ROW_LIMIT`](crate::ROW_LIMIT).
    pub row_bytes: u64,
}

impl std::fmt::Debug for BucketSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for BucketSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.name, self.endpoint)
    }
}

/// A bucket.
pub(crate) struct Bucket {
    s3: rusty_s3::Bucket,
    credentials: Credentials,
    /// Empty, or with a slash at its end.
    prefix: String,
    lock_days: u32,
    client: reqwest::Client,
    /// Why the last exchange failed, if it did.
    trouble: Mutex<Option<String>>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({})", self.s3.name())
    }
}

/// A request that can be made anew: signatures end.
type Request<'a> = &'a (dyn Fn() -> reqwest::RequestBuilder + Sync);

impl Bucket {
    /// The bucket of these settings; nobody is asked yet.
    pub(crate) fn new(settings: &BucketSettings) -> Result<Self, VaultError> {
        let wrong = |why: String| VaultError::Store { why };
        let endpoint = settings
            .endpoint
            .parse()
            .map_err(|error| wrong(format!("{} is not an address ({error})", settings.endpoint)))?;
        let style = if settings.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let s3 = rusty_s3::Bucket::new(endpoint, style, settings.name.clone(), settings.region.clone())
            .map_err(|error| wrong(format!("{settings} is not the address of a bucket ({error})")))?;
        let client = reqwest::Client::builder()
            // A signed request must not end up with somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENT)
            .timeout(WHOLE)
            .user_agent(concat!("plico/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let prefix = settings.prefix.trim_matches('/');
        Ok(Self {
            s3,
            credentials: Credentials::new(&settings.access_key, &*settings.secret_key),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            lock_days: settings.lock_days,
            client,
            trouble: Mutex::new(None),
        })
    }

    /// Why it does not work; `None` as far as anybody knows.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for next to nothing, to know how it is.
    pub(crate) fn look(&self) -> Result<(), VaultError> {
        let mut list = self.s3.list_objects_v2(Some(&self.credentials));
        list.with_prefix(self.prefix.clone());
        list.with_max_keys(1);
        let request = || self.client.get(list.sign(SIGNED_FOR));
        // A connection that the store closed after an earlier refusal says nothing of it.
        Self::wait(async { self.ask(2, &request, &[200]).await.map(drop) })
    }

    pub(crate) fn open(self: &Arc<Self>, blob: &[u8; 32]) -> Result<Object, VaultError> {
        Object::open(Arc::clone(self), self.key(blob))
    }

    pub(crate) fn remove(&self, blob: &[u8; 32]) -> Result<(), VaultError> {
        self.remove_key(&self.key(blob))
    }

    fn remove_key(&self, key: &str) -> Result<(), VaultError> {
        let action = self.s3.delete_object(Some(&self.credentials), key);
        let request = || self.client.delete(action.sign(SIGNED_FOR));
        Self::wait(async { self.ask(TRIES, &request, &[200, 204, 404]).await }).map(drop)
    }

    pub(crate) fn shard(&self, first: u8) -> Result<Shard, VaultError> {
        let mut list = self.s3.list_objects_v2(Some(&self.credentials));
        list.with_prefix(format!("{}{first:02x}/", self.prefix));
        let mut shard = Shard::default();
        loop {
            let request = || self.client.get(list.sign(SIGNED_FOR));
            let text = Self::wait(async {
                let answer = self.ask(TRIES, &request, &[200]).await?;
                text_of(answer).await
            })?;
            let page = ListObjectsV2::parse_response(&text)
                .map_err(|error| VaultError::Store { why: format!("its list cannot be read: {error}") })?;
            for entry in &page.contents {
                let own = entry.key.strip_prefix(&self.prefix).unwrap_or(&entry.key);
                let blob = own.rsplit('/').next().and_then(from_hex);
                match blob.filter(|blob| blobs::place_of(blob) == own) {
                    Some(blob) => shard.blobs.push(Found {
                        blob,
                        stored_size: entry.size.unwrap_or_default(),
                        // Of one that does not say, nobody knows that it is old.
                        modified_ms: instant(entry.last_modified.as_deref()).unwrap_or(i64::MAX),
                    }),
                    None => shard.strangers.push(PathBuf::from(&entry.key)),
                }
            }
            match page.next_continuation_token {
                Some(token) => list.with_continuation_token(token),
                None => break,
            }
        }
        shard.blobs.sort_unstable_by_key(|found| found.blob);
        shard.strangers.sort_unstable();
        Ok(shard)
    }

    fn key(&self, blob: &[u8; 32]) -> String {
        format!("{}{}", self.prefix, blobs::place_of(blob))
    }

    fn wait<T>(exchange: impl Future<Output = T>) -> T {
        Handle::current().block_on(exchange)
    }

    /// Makes a request, again when it may be, until an answer has one of these states.
    async fn ask(&self, tries: usize, request: Request<'_>, good: &[u16]) -> Result<Response, VaultError> {
        let mut pause = PAUSE;
        for left in (0..tries).rev() {
            let (failed, passes) = match request().send().await {
                Ok(answer) if good.contains(&answer.status().as_u16()) => {
                    self.note(None);
                    return Ok(answer);
                }
                Ok(answer) => {
                    let passes = passes(answer.status());
                    (refused(answer).await, passes)
                }
                Err(error) => (unreachable(error), true),
            };
            if left == 0 || !passes {
                if let VaultError::Store { why } = &failed {
                    self.note(Some(why.clone()));
                }
                return Err(failed);
            }
            tokio::time::sleep(pause).await;
            pause *= 3;
        }
        Err(VaultError::BrokenOff)
    }

    fn note(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Whether it may be otherwise in a moment.
fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 409 | 429 | 500 | 502 | 503 | 504)
}

/// What a refusal means, in its own words.
async fn refused(answer: Response) -> VaultError {
    let status = answer.status();
    let text = text_of(answer).await.unwrap_or_default();
    let code = element(&text, "Code").unwrap_or_default();
    let full = ["QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "InsufficientCapacity"];
    if status == StatusCode::INSUFFICIENT_STORAGE || full.contains(&code) {
        return VaultError::Full;
    }
    let message = element(&text, "Message").unwrap_or_default();
    let mut why = format!("it answers {}", status.as_u16());
    for piece in [code, message].into_iter().filter(|piece| !piece.is_empty()) {
        let _ = write!(why, ": {}", piece.chars().take(300).collect::<String>());
    }
    VaultError::Store { why }
}

/// Why nobody answered. The address bears a signature, and stays out of it.
fn unreachable(error: reqwest::Error) -> VaultError {
    let error = error.without_url();
    let mut why =
        if error.is_timeout() { "it does not answer in time" } else { "it does not answer" }.to_owned();
    let mut cause = error.source();
    while let Some(source) = cause {
        let _ = write!(why, ": {source}");
        cause = source.source();
    }
    VaultError::Store { why }
}

/// All of an answer that is a text.
async fn text_of(mut answer: Response) -> Result<String, VaultError> {
    let mut text = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
        if text.len() + piece.len() > ANSWER {
            return Err(VaultError::Store { why: "its answer is too long".into() });
        }
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).map_err(|_| VaultError::Store { why: "its answer is not a text".into() })
}

/// What stands in the first element of a name: of an error, which has no attributes.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let from = text.split_once(&format!("<{name}>"))?.1;
    Some(from.split_once(&format!("</{name}>"))?.0)
}

fn instant(text: Option<&str>) -> Option<i64> {
    Some(text?.parse::<jiff::Timestamp>().ok()?.as_millisecond())
}
