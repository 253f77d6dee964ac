//! Whom to believe about signatures may change while the service runs: an authority's list is a file that somebody
//! replaces every day.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::trust::{self, Seen};

const EVERY: Duration = Duration::from_mins(1);

pub(super) async fn follow(app: App, stop: CancellationToken) {
    let Some(folder) = app.shell.config().signatures.trust.clone() else { return };
    // What was read at the start may have changed since: the first look reads it once more.
    let mut seen: Option<Seen> = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let (place, before) = (folder.clone(), seen.clone());
        let read = tokio::task::spawn_blocking(move || {
            let now = trust::look(&place)?;
            let trust = (before.as_ref() != Some(&now)).then(|| trust::read(&place)).transpose()?;
            Ok::<_, trust::TrustError>((now, trust))
        });
        match read.await {
            Ok(Ok((now, trust))) => {
                seen = Some(now);
                if let Some(trust) = trust {
                    app.desk.believe(trust);
                }
            }
            // What was read before is believed on.
            Ok(Err(error)) => tracing::warn!(error = %error, "signatures.trust could not be read again"),
            Err(error) => tracing::error!(error = %error, "signatures.trust was not read"),
        }
    }
}
