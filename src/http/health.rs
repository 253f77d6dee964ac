//! `/healthz`: the process is alive. `/readyz`: it can do its work, or why not.

use std::sync::Mutex;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Shell;

/// Why a part is not ready; nothing personal, the answer is public.
type Probe = Box<dyn Fn() -> Option<String> + Send + Sync>;

/// What must be ready, by name. Each part is asked anew every time.
#[derive(Default)]
pub struct Readiness(Mutex<Vec<(&'static str, Probe)>>);

impl Readiness {
    /// From now on asks this part, too.
    pub fn watch(&self, part: &'static str, probe: impl Fn() -> Option<String> + Send + Sync + 'static) {
        self.lock().push((part, Box::new(probe)));
    }

    /// What is not ready, and why; empty: all is.
    pub fn blocked(&self) -> Vec<(&'static str, String)> {
        self.lock().iter().filter_map(|(part, probe)| Some((*part, probe()?))).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, Probe)>> {
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
