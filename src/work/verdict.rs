//! Looks at a document's signatures again: once it has its number, then every day while an authority could not be asked.
//! Idempotent: what is known already is not kept a second time.

use plico_archive::ActError;
use plico_archive::outbox::{Ended, Job};
use plico_desk::verdict::Renewed;
use serde::Deserialize;

use super::receipt::describe;
use crate::app::App;

const DAY_MS: i64 = 86_400_000;

#[derive(Deserialize)]
struct Order {
    document: String,
}

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let Ok(order) = serde_json::from_str::<Order>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no document".into());
    };
    match app.desk.renew_verdict(&order.document).await {
        Ok(Renewed::Settled) => Ended::Done,
        Ok(Renewed::Waits) => Ended::Later(DAY_MS),
        Err(ActError::Refused(refusal)) => Ended::GiveUp(refusal.to_string()),
        Err(ActError::Fault(fault)) => Ended::Retry(describe(&fault)),
    }
}
