//! A successor's first event says how the log before it ends: it must end so.

use plico_record::act::Act;

use super::{Outcome, Seen};
use crate::checkpoint::LogRow;
use crate::{Archive, ArchiveError};

impl Archive {
    pub(super) async fn check_succession(
        &self,
        log: &LogRow,
        seen: &Seen,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let Some(before) = seen.ended.get(&log.administration) else { return Ok(()) };
        // A part that does not open has been said already.
        let Ok(Some(entry)) = self.entry(log.id, 0).await else { return Ok(()) };
        let cited = match entry.act {
            Act::LogOpened(act) => act.predecessor,
            _ => None,
        };
        let agrees = cited.is_some_and(|cited| {
            cited.origin == before.origin && cited.size == before.size && cited.root == before.root
        });
        if !agrees {
            outcome.found(
                format!("log {}", log.origin),
                format!("its first event does not say how {} ends", before.origin),
            );
        }
        Ok(())
    }
}
