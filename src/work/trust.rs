//! Whom to believe about signatures may change while the service runs: an authority's list is a file that somebody
//! replaces every day, and a trusted list is fetched.

use std::time::Duration;

use plico_archive::ArchiveError;
use tokio_util::sync::CancellationToken;

use super::lists::KIND;
use super::receipt::describe;
use crate::app::App;
use crate::trust::{self, Seen, TrustError};

const EVERY: Duration = Duration::from_mins(1);

/// What it was read from.
type Read = (Seen, (i64, i64));

pub(super) async fn follow(app: App, stop: CancellationToken) {
    let settings = &app.shell.config().signatures;
    if settings.trust.is_none() && settings.lists.is_none() {
        return;
    }
    // At the start only the folders were read, and they may have changed since.
    let mut read = None;
    loop {
        read = again(&app, read).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Reads what changed since; what was read before is believed on where that cannot be.
async fn again(app: &App, before: Option<Read>) -> Option<Read> {
    match try_again(app, before.as_ref()).await {
        Ok(Ok(read)) => Some(read),
        Ok(Err(error)) => {
            tracing::warn!(error = %describe(&error), "whom to believe about signatures could not be read again");
            before
        }
        Err(error) => {
            tracing::error!(error = %describe(&error), "fetched trusted lists could not be read");
            before
        }
    }
}

async fn try_again(app: &App, before: Option<&Read>) -> Result<Result<Read, TrustError>, ArchiveError> {
    let archive = app.desk.archive();
    let state = archive.fetched_state(KIND).await?;
    let settings = app.shell.config().signatures.clone();
    let seen = match trust::look(&settings) {
        Ok(seen) => seen,
        Err(error) => return Ok(Err(error)),
    };
    let read = (seen, state);
    if before == Some(&read) {
        return Ok(Ok(read));
    }
    let fetched = if settings.lists.is_some() { archive.fetched_of(KIND).await? } else { Vec::new() };
    let fetched = fetched.into_iter().filter_map(|kept| Some((kept.source, kept.body?))).collect();
    let trusting = tokio::task::spawn_blocking(move || trust::read(&settings, fetched));
    let trusting = trusting.await.map_err(|error| ArchiveError::Setup(error.to_string()))?;
    Ok(trusting.map(|trust| {
        app.desk.believe(trust);
        read
    }))
}

/// Reads what changed, now.
pub async fn believe_again(app: &App) {
    again(app, None).await;
}
