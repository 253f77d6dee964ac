//! Object stores are asked now and then how they are, so that whoever watches knows before somebody wants something of them;
//! and the snapshot of the index is written, from which a new machine starts.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::receipt::describe;
use crate::app::App;

/// How often a store is asked.
const EVERY: Duration = Duration::from_secs(15);
/// The first snapshot does not wait for longer.
const FIRST: Duration = Duration::from_mins(1);

/// Asks for ever, where there is a bucket.
pub(super) async fn watch(app: App, until: CancellationToken) {
    let config = app.shell.config();
    if config.blobs.bucket.is_empty() && config.replica.bucket.is_empty() {
        return;
    }
    loop {
        // The vault remembers what came of it.
        let _ = app.desk.archive().vault().look().await;
        tokio::select! { () = tokio::time::sleep(EVERY) => {}, () = until.cancelled() => return }
    }
}

/// Writes snapshots for ever, where machines have an index of their own, in the process that signs.
pub(super) async fn snapshots(app: App, until: CancellationToken) {
    let node = &app.shell.config().node;
    if node.dir.is_none() || node.snapshot_seconds == 0 {
        return;
    }
    let every = Duration::from_secs(node.snapshot_seconds);
    let mut pause = FIRST.min(every);
    loop {
        tokio::select! { () = tokio::time::sleep(pause) => {}, () = until.cancelled() => return }
        pause = every;
        if !app.desk.archive().leads().await {
            continue;
        }
        match app.desk.archive().snapshot_index().await {
            Ok(true) => tracing::info!("a snapshot of the index was written"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(why = %describe(&error), "no snapshot of the index could be written");
            }
        }
    }
}
