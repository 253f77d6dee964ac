//! Sends the letters of a deposit. Idempotent: a line is one letter, under a key of its own.

use plico_archive::ActError;
use plico_archive::outbox::{Ended, Job};
use plico_desk::outside_work::Ran;

use super::receipt::describe;
use crate::app::App;

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).unwrap_or_default();
    let Some(deposit) = payload["deposit"].as_str() else {
        return Ended::GiveUp("the job names no deposit".into());
    };
    match app.desk.run_deposit(deposit).await {
        Ok(Ran::Done) => Ended::Done,
        Ok(Ran::Later(after_ms)) => Ended::Later(after_ms),
        Err(ActError::Fault(error)) => Ended::Retry(describe(&error)),
        Err(ActError::Refused(refusal)) => Ended::Retry(refusal.to_string()),
    }
}
