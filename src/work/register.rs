//! Closes the days of the registers that are over. Idempotent: a closed day is closed once.

use plico_archive::outbox::Ended;
use plico_archive::{ActError, ArchiveError};

use super::receipt::describe;
use crate::app::App;

/// How long a clock that cannot be believed is waited for.
const LATER_MS: i64 = 600_000;

pub(super) async fn close(app: &App) -> Ended {
    // A clock that dates nothing ends no day.
    match app.desk.archive().believe_clock().await {
        Ok(()) => {}
        Err(ArchiveError::Clock) => return Ended::Later(LATER_MS),
        Err(error) => return Ended::Retry(describe(&error)),
    }
    match app.desk.close_register_days().await {
        Ok(days) => {
            if days > 0 {
                tracing::info!(days, "days of the register were closed");
            }
            Ended::Done
        }
        Err(ActError::Fault(error)) => Ended::Retry(describe(&error)),
        Err(ActError::Refused(refusal)) => Ended::Retry(refusal.to_string()),
    }
}
