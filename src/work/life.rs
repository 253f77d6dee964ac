//! The sign of life of whoever serves: where it was missing too long the service was down, and that is recorded.

use std::time::Duration;

use plico_archive::ActError;
use plico_desk::Desk;
use plico_desk::outage::PARTS;
use tokio_util::sync::CancellationToken;

use super::receipt::describe;

/// How often one is given: an outage begins at most so long after the last one.
const EVERY: Duration = Duration::from_mins(1);

/// Looks at the last sign of life, and gives one as long as acts are accepted.
pub(super) async fn stay(desk: Desk, until: CancellationToken) {
    // While another process signs, it gives the sign of life.
    while !desk.archive().leads().await {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = until.cancelled() => return,
        }
    }
    // Nothing at all was available while nobody served.
    beat(&desk, &PARTS).await;
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = until.cancelled() => return beat(&desk, &["filing"]).await,
        }
        beat(&desk, &["filing"]).await;
    }
}

async fn beat(desk: &Desk, parts: &[&str]) {
    match desk.stay_alive(parts).await {
        Ok(()) => {}
        Err(ActError::Fault(fault)) => {
            tracing::error!(why = %describe(&fault), "no sign of life could be given");
        }
        Err(ActError::Refused(refusal)) => {
            tracing::error!(why = %refusal, "no sign of life could be given");
        }
    }
}
