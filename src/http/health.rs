//! `/healthz`: the process is alive. `/readyz`: it can do its work, or why not.

use std::sync::Mutex;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Shell;

/// What is not ready, by name. Parts of the application say so themselves; empty = ready.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Vec<(&'static str, String)>>);

impl Readiness {
    /// Says that a part is not ready, and why; nothing personal, the answer is public.
    pub fn block(&self, part: &'static str, why: impl Into<String>) {
        let mut blocked = self.lock();
        blocked.retain(|(name, _)| *name != part);
        blocked.push((part, why.into()));
    }

    /// Says that a part is ready.
    pub fn clear(&self, part: &'static str) {
        self.lock().retain(|(name, _)| *name != part);
    }

    /// What is not ready.
    pub fn blocked(&self) -> Vec<(&'static str, String)> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, String)>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// `GET /healthz`.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 200, or 503 with what is not ready.
pub async fn ready(State(shell): State<Shell>) -> Response {
    let blocked = shell.readiness().blocked();
    let status = if blocked.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts: serde_json::Map<_, _> =
        blocked.into_iter().map(|(part, why)| (part.to_owned(), why.into())).collect();
    (status, Json(serde_json::json!({ "ready": status == StatusCode::OK, "blocked": parts }))).into_response()
}
