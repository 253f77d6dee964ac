//! Makes a receipt. Idempotent: one per event, holder and language, held by a unique key.

use plico_archive::ActError;
use plico_archive::outbox::{Ended, Job};
use plico_desk::Desk;

pub(super) async fn run(desk: &Desk, job: &Job) -> Ended {
    match desk.issue_receipt(&job.administration, &job.payload).await {
        Ok(ended) => ended,
        Err(ActError::Refused(refusal)) => Ended::GiveUp(refusal.to_string()),
        Err(ActError::Fault(fault)) => Ended::Retry(describe(&fault)),
    }
}

/// An error with its causes, in one line.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
