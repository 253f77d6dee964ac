//! Once a day, clears what nobody needs: forgotten drafts, files that were not sent and their content, ended sessions, done
//! jobs, old keys of calls, what a crash left behind. Idempotent: what is gone is gone.

use plico_archive::outbox::Ended;
use plico_archive::{ActError, Archive, ArchiveError, Work};
use plico_record::day::LegalDay;

use super::receipt::describe;
use crate::app::App;

/// Days that a done job is remembered: so long the same cause makes no second one.
const JOB_DAYS: i64 = 90;
/// Days that what was fetched for a signature is kept after it was last asked for.
const FETCHED_DAYS: i64 = 400;
/// How long a clock that cannot be believed is waited for.
const LATER_MS: i64 = 600_000;
const DAY_MS: i64 = 86_400_000;

/// Enqueues what is done once a day; the second time it is the same.
pub async fn enqueue(archive: &Archive, day: LegalDay) -> Result<(), ArchiveError> {
    let enqueued = archive.act(move |work: &mut Work| {
        Box::pin(async move {
            for kind in ["sweep", "review", "close-day", "preserver"] {
                work.enqueue(
                    kind,
                    &format!("{kind}/{day}"),
                    "",
                    &serde_json::json!({"v": 1, "day": day.to_string()}),
                )?;
            }
            Ok::<_, ActError<()>>(())
        })
    });
    match enqueued.await {
        Ok(()) | Err(ActError::Refused(())) => Ok(()),
        Err(ActError::Fault(fault)) => Err(fault),
    }
}

pub(super) async fn run(app: &App) -> Ended {
    // A clock that dates nothing deletes nothing for its age.
    match app.desk.archive().believe_clock().await {
        Ok(()) => {}
        Err(ArchiveError::Clock) => return Ended::Later(LATER_MS),
        Err(error) => return Ended::Retry(describe(&error)),
    }
    match sweep(app).await {
        Ok(()) => Ended::Done,
        Err(why) => Ended::Retry(why),
    }
}

async fn sweep(app: &App) -> Result<(), String> {
    let archive = app.desk.archive();
    let now = archive.now_ms();
    let swept = app.desk.sweep(app.shell.config().limits.draft_days).await.map_err(|error| match error {
        ActError::Refused(refusal) => refusal.to_string(),
        ActError::Fault(fault) => describe(&fault),
    })?;
    let sessions = app.shell.sessions().sweep(now).await.map_err(|error| describe(&error))?;
    let failed = |fault: ArchiveError| describe(&fault);
    archive.forget_jobs(now - JOB_DAYS * DAY_MS).await.map_err(failed)?;
    archive.forget_fetched(now - FETCHED_DAYS * DAY_MS).await.map_err(failed)?;
    let blobs = archive.sweep_blobs().await.map_err(failed)?;
    let leftovers = archive.sweep_leftovers().await.map_err(failed)?;
    tracing::info!(
        drafts = swept.drafts,
        uploads = swept.uploads,
        keys = swept.keys,
        sessions,
        blobs,
        leftovers,
        "what nobody needs was cleared"
    );
    Ok(())
}
