//! Whom the installation believes about signatures, and whether what it should have of them comes.

use plico_archive::ArchiveError;
use plico_locale::Args;

use super::Lights;
use crate::app::App;

/// How long somebody who failed is spoken of (milliseconds).
const SPOKEN_MS: i64 = 7 * 86_400_000;

pub(super) async fn light(lights: &mut Lights<'_>, app: &App, now_ms: i64) -> Result<(), ArchiveError> {
    let Some(lists) = app.desk.believed() else {
        lights.add("trust", "warn", "absent", &Args::new());
        return Ok(());
    };
    let expired = lists.iter().find(|list| list.expired);
    let failed = app.desk.archive().unfetched(now_ms - SPOKEN_MS).await?;
    // Anybody can send a certificate that nobody vouches for, with an address that leads nowhere.
    let failed = failed.into_iter().find(|one| one.kind != "issuers");
    if let Some(list) = expired {
        let at = list.next_update.as_deref().and_then(plico_desk::verdict::ms);
        let at = at.map(|at| lights.words.datetime(at)).unwrap_or_default();
        let args = Args::new().with("territory", list.territory.clone()).with("at", at);
        lights.add("trust", "warn", "expired", &args);
    } else if let Some(failed) = failed {
        let args = Args::new()
            .with("who", failed.source)
            .with("why", lights.words.t(&format!("fetch-problem-{}", failed.problem)))
            .with("at", lights.words.datetime(failed.asked_ms));
        lights.add("trust", "warn", "unfetched", &args);
    } else {
        lights.add("trust", "good", "present", &Args::new().with("count", lists.len()));
    }
    Ok(())
}
