//! Who signs. Of several processes that serve one archive (one database on a server, one data folder, one folder of the
//! signer's state) the one that holds the signer's state signs and writes the index; the others take acts like it,
//! and wait. The lock ends with its process, and so whoever takes it finds what was signed last: never a second history.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plico_search::SearchError;
use plico_vault::signer::{SignerError, SignerState};

use crate::Archive;
use crate::error::ArchiveError;
use crate::setup::signer_error;

/// How often one that waits looks.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

impl Archive {
    /// Whether this process signs.
    pub async fn leads(&self) -> bool {
        self.core().signer.lock().await.is_some()
    }

    /// The same; a process that waits takes over when the one before it is gone.
    pub(crate) async fn lead(&self) -> Result<bool, ArchiveError> {
        let mut guard = self.core().signer.lock().await;
        let Some(path) = self.core().stands_by.as_deref().filter(|_| guard.is_none()) else {
            return Ok(guard.is_some());
        };
        let Some(signer) = free(path)? else { return Ok(false) };
        let index = Arc::clone(self.search());
        let taken = tokio::task::spawn_blocking(move || index.take_over()).await;
        match taken.map_err(|error| ArchiveError::Corrupt(format!("the index thread ended: {error}")))? {
            // Not gone yet.
            Err(SearchError::Locked) => return Ok(false),
            other => other?,
        }
        // It takes over once: whoever signs goes on signing to its end.
        let _ = self.core().signer_stop.set(signer.stop().clone());
        *guard = Some(signer);
        drop(guard);
        tracing::warn!("the process that signed is gone: this one signs now");
        for origin in self.check_continuity().await? {
            tracing::error!(log = %origin, "continuity is not shown: this log is read-only");
        }
        Ok(true)
    }
}

/// The signer's state, if nobody holds it.
pub(crate) fn free(path: &Path) -> Result<Option<SignerState>, ArchiveError> {
    match SignerState::open(path) {
        Ok(state) => Ok(Some(state)),
        Err(SignerError::Locked) => Ok(None),
        Err(error) => Err(signer_error(error)),
    }
}
