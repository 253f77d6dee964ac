//! Carries out an order to an outside registry. Idempotent: what was asked is recorded before and after, and what is not
//! known is looked up or held for a person, never asked again blindly.

use plico_archive::ActError;
use plico_archive::outbox::{Ended, Job};
use plico_desk::outside_work::Ran;

use super::receipt::describe;
use crate::app::App;

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).unwrap_or_default();
    let Some(message) = payload["message"].as_str() else {
        return Ended::GiveUp("the job names no message".into());
    };
    match app.desk.carry_out_order(message).await {
        Ok(Ran::Done) => Ended::Done,
        Ok(Ran::Later(after_ms)) => Ended::Later(after_ms),
        Err(ActError::Fault(error)) => Ended::Retry(describe(&error)),
        Err(ActError::Refused(refusal)) => Ended::Retry(refusal.to_string()),
    }
}
