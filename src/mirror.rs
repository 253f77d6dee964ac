//! The mirror role: fetches others' logs, leaf by leaf, as their checkpoints grow, and serves what it keeps to whoever
//! wants to compare. What was once copied can no longer be withdrawn. It holds no archive and can open no part.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join_all;
use plico_archive::mirror::{MAX_BUNDLE, MAX_CHECKPOINT, Mirror, MirrorError, Taken};
use plico_courier::http::{Answer, Http, HttpError};
use plico_crypto::digest::sha256;
use plico_journal::merkle::{TileId, parse_bundle};

use crate::api::caller::bearer;
use crate::http::Path;
use crate::work::describe;

/// Where a log is fetched from.
pub struct Source {
    /// The log.
    pub origin: String,
    /// The address below which its checkpoint and tiles lie.
    pub url: String,
    /// What opens its entry bundles there.
    pub token: Option<String>,
}

/// A mirror at work.
pub struct Service {
    mirror: Mirror,
    sources: Vec<Source>,
    http: Http,
    /// SHA-256 of the tokens with which its entry bundles may be fetched.
    readers: Vec<[u8; 32]>,
    /// What is wrong with a log, since the last look at it.
    problems: Mutex<BTreeMap<String, Problem>>,
}

/// What is wrong with a log.
#[derive(Clone, Debug)]
pub struct Problem {
    /// In words.
    pub what: String,
    /// It shows that the log was rewritten: no failure that may pass.
    pub evidence: bool,
}

/// Why a look at a log brought nothing.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the log's server answers {0}{1}")]
    Status(u16, &'static str),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl Service {
    /// Puts one together.
    pub fn new(
        mirror: Mirror,
        sources: Vec<Source>,
        readers: Vec<[u8; 32]>,
        timeout: Duration,
    ) -> Result<Self, HttpError> {
        Ok(Self { mirror, sources, http: Http::new(timeout)?, readers, problems: Mutex::default() })
    }

    /// The copies.
    pub fn kept(&self) -> &Mirror {
        &self.mirror
    }

    /// One look at every log: what was new, or what is wrong, by origin.
    pub async fn look(&self) -> BTreeMap<String, Result<Taken, Problem>> {
        let looks = self.sources.iter().map(async |source| (source.origin.clone(), self.at(source).await));
        join_all(looks).await.into_iter().collect()
    }

    /// One look at one. What shows that a log was rewritten is not forgotten: its proofs lie in the folder.
    async fn at(&self, source: &Source) -> Result<Taken, Problem> {
        let (origin, looked) = (&source.origin, self.one(source).await);
        let accused = self.mirror.accused(origin).await.unwrap_or(0);
        let problem = match looked {
            Ok(taken) if accused == 0 => {
                self.problems().remove(origin);
                return Ok(taken);
            }
            Ok(_) => Problem {
                what: format!("{accused} signed proofs of another history are kept below other-history"),
                evidence: true,
            },
            Err(error) => {
                let evidence =
                    accused > 0 || matches!(&error, LookError::Mirror(error) if error.is_evidence());
                Problem { what: describe(&error), evidence }
            }
        };
        if problem.evidence {
            tracing::error!(log = %origin, what = %problem.what, "a log was rewritten");
        } else {
            tracing::warn!(log = %origin, what = %problem.what, "a log could not be followed");
        }
        self.problems().insert(origin.clone(), problem.clone());
        Err(problem)
    }

    fn problems(&self) -> MutexGuard<'_, BTreeMap<String, Problem>> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn one(&self, source: &Source) -> Result<Taken, LookError> {
        let base = source.url.trim_end_matches('/');
        let note = good(self.http.get(&format!("{base}/checkpoint"), None, MAX_CHECKPOINT).await?)?;
        let fetch = |path: String| async move {
            let url = format!("{base}/{path}");
            good(self.http.get(&url, source.token.as_deref(), MAX_BUNDLE).await?)
        };
        Ok(self.mirror.take(&source.origin, &note, fetch).await?)
    }

    /// Looks again and again, at each log on its own: one that is slow holds up no other.
    pub async fn follow(&self, pause: Duration) {
        join_all(self.sources.iter().map(async |source| {
            loop {
                let _ = self.at(source).await;
                tokio::time::sleep(pause).await;
            }
        }))
        .await;
    }
}

fn good(answer: Answer) -> Result<Vec<u8>, LookError> {
    match answer.status {
        200 => Ok(answer.body),
        401 | 403 => Err(LookError::Status(
            answer.status,
            ": its entries want a token with the scope log:read of one of its auditors",
        )),
        status => Err(LookError::Status(status, "")),
    }
}

/// Its pages: `GET /` says how every log stands, and below `/log/<origin>/` lies what is kept of each, as C2SP tlog-tiles
/// has it.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().route("/", get(about)).route("/log/{*path}", get(kept)).with_state(service)
}

async fn about(State(service): State<Arc<Service>>) -> Response {
    let problems = service.problems().clone();
    let mut text = String::new();
    for source in &service.sources {
        let size = service.mirror.size(&source.origin);
        let state = match problems.get(&source.origin) {
            None => "good".to_owned(),
            Some(problem) if problem.evidence => format!("REWRITTEN: {}", problem.what),
            Some(problem) => format!("not followed: {}", problem.what),
        };
        let _ = writeln!(text, "{} {size} {state}", source.origin);
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, text).into_response()
}

async fn kept(State(service): State<Arc<Service>>, headers: HeaderMap, Path(path): Path<String>) -> Response {
    let found = service.mirror.origins().find_map(|origin| {
        Some((origin.to_owned(), path.strip_prefix(origin)?.strip_prefix('/')?.to_owned()))
    });
    let Some((origin, rest)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let bytes = if rest == "checkpoint" {
        service.mirror.checkpoint(&origin).await
    } else if let Some((index, width)) = parse_bundle(&rest) {
        let reader = bearer(&headers).map(|token| sha256(token.as_bytes()));
        if !reader.is_some_and(|reader| service.readers.contains(&reader)) {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
        }
        service.mirror.bundle(&origin, index, width).await
    } else if let Some(tile) = TileId::parse(&rest) {
        service.mirror.tile(&origin, tile).await
    } else {
        Ok(None)
    };
    match bytes {
        Ok(Some(bytes)) if rest == "checkpoint" => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response()
        }
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(log = %origin, error = %describe(&error), "the copy cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
