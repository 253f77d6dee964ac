//! Carries out an authorised destruction, a piece at a time. Idempotent: what is done is seen in the archive.

use plico_archive::ActError;
use plico_archive::outbox::{Ended, Job};
use plico_desk::Outcome;
use plico_desk::destruction::Progress;
use serde::Deserialize;

use super::receipt::describe;
use crate::app::App;

/// How soon the process that signs looks (milliseconds).
const ELSEWHERE_MS: i64 = 2_000;

#[derive(Deserialize)]
struct Payload {
    destruction: String,
}

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let Ok(Payload { destruction }) = serde_json::from_str(&job.payload) else {
        return Ended::GiveUp("the job does not say which destruction".into());
    };
    ended(app.desk.carry_out(&job.administration, &destruction).await)
}

/// What the job says of work that is done a piece at a time.
pub(super) fn ended(progress: Outcome<Progress>) -> Ended {
    match progress {
        Ok(Progress::Done) => Ended::Done,
        Ok(Progress::More) => Ended::Later(0),
        Ok(Progress::NotHere) => Ended::Later(ELSEWHERE_MS),
        Err(ActError::Refused(refusal)) => Ended::GiveUp(refusal.to_string()),
        Err(ActError::Fault(fault)) => Ended::Retry(describe(&fault)),
    }
}
