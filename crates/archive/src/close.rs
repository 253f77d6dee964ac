//! Closing: the writer ends, the locks are given back, the database is closed.

use std::sync::Arc;
use std::time::Duration;

use crate::Archive;

/// How long what is still under way may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Archive {
    /// Closes the archive once nothing uses it any more; when this returns, it can be opened again or removed.
    pub async fn close(self) {
        let core = Arc::clone(&self.core);
        drop(self);
        let ended = async {
            while Arc::strong_count(&core) > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!("the archive is still in use while it is closed");
        }
        core.database.close().await;
    }
}
