//! Hands the registers of closed days to the preserver and hears its answers, every quarter of an hour of its day. Idempotent:
//! what was handed over is handed over once, an answer is heard once.

use plico_archive::outbox::{Ended, Job};
use plico_record::day::LegalDay;

use super::receipt::describe;
use crate::app::App;
use crate::preserver::{CarryError, carry, folder};

const AGAIN_MS: i64 = 15 * 60_000;
/// Faults that are told of one run.
const TOLD: usize = 5;

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    if folder(app).is_none() {
        return Ended::Done;
    }
    let (carried, faults) = carry(app).await;
    if carried != crate::preserver::Carried::default() {
        tracing::info!(
            handed = carried.handed,
            heard = carried.heard,
            strange = carried.strange,
            "the preserver was visited"
        );
    }
    let faults: Vec<String> = faults
        .into_iter()
        .map(|fault| match fault {
            CarryError::Desk(error) => describe(&error),
            other => other.to_string(),
        })
        .collect();
    if !faults.is_empty() {
        let more = faults.len().saturating_sub(TOLD);
        let rest = (more > 0).then(|| format!("and {more} more"));
        let told = faults.into_iter().take(TOLD).chain(rest).collect::<Vec<_>>().join("; ");
        return Ended::Retry(told);
    }
    // The next day has a job of its own.
    let today = LegalDay::at(app.desk.archive().now_ms()).to_string();
    let of_today = serde_json::from_str::<serde_json::Value>(&job.payload)
        .is_ok_and(|payload| payload["day"].as_str() == Some(&today));
    if of_today { Ended::Later(AGAIN_MS) } else { Ended::Done }
}
