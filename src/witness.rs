//! The witness role (C2SP tlog-witness): watches logs, cosigns each checkpoint that extends the last one it cosigned,
//! and never two histories. It holds no archive; what it remembers lies in a folder of its own that no backup holds.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::ed25519::SigningKey;
use plico_journal::merkle::empty_root;
use plico_journal::note::{Algorithm, VerifierKey, cosigned_message};
use plico_journal::witness::{MAX_REQUEST, Refusal, Request, decide};
use plico_vault::signer::{Position, SignerError, SignerState};

use crate::clock::Clock;

/// A witness with its key and its memory.
pub struct Witness {
    logs: Vec<VerifierKey>,
    key: VerifierKey,
    signing: SigningKey,
    state: Mutex<SignerState>,
    clock: Arc<dyn Clock>,
}

/// Why a witness cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Its folder.
    #[error("the witness's folder cannot be used")]
    State(#[from] SignerError),
    /// It is new and was given no name, or one that cannot be signed with.
    #[error("a new witness needs a name that is no other's, such as witness.example.org")]
    Name,
    /// It has another name than the one it is given now.
    #[error("this folder is the witness {0}: start it without a name, or choose another folder")]
    OtherName(String),
    /// The key in its folder is not one.
    #[error("the key in the witness's folder is damaged")]
    Key,
}

/// Why it does not answer with a cosignature.
enum Failure {
    Malformed(String),
    Refused(Refusal),
    Fault(SignerError),
}

impl Witness {
    /// Opens the folder, or begins a new witness there with this name and a key from `seed`.
    pub fn open(
        folder: &Path,
        name: Option<&str>,
        logs: Vec<VerifierKey>,
        clock: Arc<dyn Clock>,
        seed: impl FnOnce() -> [u8; 32],
    ) -> Result<Self, WitnessError> {
        let mut state = SignerState::open(folder)?;
        let (name, seed) = if let Some(secret) = state.secret()? {
            let (known, seed) = read_secret(&secret).ok_or(WitnessError::Key)?;
            if name.is_some_and(|name| name != known) {
                return Err(WitnessError::OtherName(known));
            }
            (known, seed)
        } else {
            let seed = seed();
            let name = name.ok_or(WitnessError::Name)?;
            key(name, &SigningKey::from_seed(seed))?;
            state.keep_secret(format!("{name}\n{}\n", STANDARD.encode(seed)).as_bytes())?;
            (name.to_owned(), seed)
        };
        for log in &logs {
            if state.position(log.name()).is_none() {
                state.begin(log.name(), Position { size: 0, root: empty_root() })?;
            }
        }
        let signing = SigningKey::from_seed(seed);
        Ok(Self { logs, key: key(&name, &signing)?, signing, state: Mutex::new(state), clock })
    }

    /// What a policy names it by.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.key
    }

    /// Cosigns a checkpoint: the signature line, or why not. What was cosigned is durable before it is answered.
    fn add_checkpoint(&self, body: &[u8]) -> Result<String, Failure> {
        let request = Request::parse(body).map_err(|error| Failure::Malformed(error.to_string()))?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = &request.checkpoint.origin;
        let cosigned = state.position(origin).ok_or(Failure::Refused(Refusal::UnknownLog))?;
        decide(&self.logs, (cosigned.size, cosigned.root), &request).map_err(Failure::Refused)?;
        let next = Position { size: request.checkpoint.size, root: request.checkpoint.root };
        // The proof has been checked. If we crash after this, the log asks again and the same is signed.
        state.record(origin, next, |_, _| true).map_err(Failure::Fault)?;
        let time = u64::try_from(self.clock.now_ms() / 1000).unwrap_or_default();
        let signature = self.signing.sign(&cosigned_message(time, request.note.text()));
        let mut note = request.checkpoint.to_note().map_err(|error| Failure::Malformed(error.to_string()))?;
        note.add_cosignature(&self.key, time, &signature);
        let text = note.to_string();
        Ok(text[note.text().len() + 1..].to_owned())
    }
}

/// Its pages: `POST /add-checkpoint`, and at `GET /` who it is and what it watches.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(witness)
}

async fn about(State(witness): State<Arc<Witness>>) -> String {
    let logs: Vec<String> = witness.logs.iter().map(|log| format!("log {log}\n")).collect();
    format!("witness {}\n{}", witness.key, logs.concat())
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    let answered = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await;
    match answered {
        Ok(Ok(line)) => line.into_response(),
        Ok(Err(Failure::Malformed(why))) => (StatusCode::BAD_REQUEST, why + "\n").into_response(),
        Ok(Err(Failure::Refused(refusal))) => refused(&refusal),
        Ok(Err(Failure::Fault(error))) => {
            tracing::error!(error = %error, "the witness cannot remember what it would sign");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "the witness's thread ended");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    if let Refusal::OtherRoot(size) = refusal {
        tracing::error!(size, "a log shows two histories");
    }
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match refusal.cosigned_size() {
        Some(size) => {
            (status, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response()
        }
        None => (status, format!("{refusal}\n")).into_response(),
    }
}

fn key(name: &str, signing: &SigningKey) -> Result<VerifierKey, WitnessError> {
    VerifierKey::new(name, Algorithm::Cosignature, signing.public_key()).map_err(|_| WitnessError::Name)
}

fn read_secret(bytes: &[u8]) -> Option<(String, [u8; 32])> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (name, seed) = text.strip_suffix('\n')?.split_once('\n')?;
    Some((name.to_owned(), STANDARD.decode(seed).ok()?.try_into().ok()?))
}
