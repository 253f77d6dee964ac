//! Since when evidence is missing, and what is recorded once it is there again.

use plico_database::args;
use plico_journal::Policy;
use plico_record::act::ServiceOutage;

use super::Said;
use crate::Archive;
use crate::checkpoint::LogRow;
use crate::error::ArchiveError;

/// Who vouches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Witnesses.
    Witnesses,
    /// A time-stamping authority.
    Timestamps,
}

impl Service {
    /// Its stable name in events.
    pub fn code(self) -> &'static str {
        match self {
            Self::Witnesses => "witnesses",
            Self::Timestamps => "timestamps",
        }
    }
}

/// Evidence that a log lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Which.
    pub service: Service,
    /// The log.
    pub origin: String,
    /// The administration; empty for the installation.
    pub administration: String,
    /// Since when (UTC milliseconds).
    pub since_ms: i64,
    /// Longer than it may be.
    pub overdue: bool,
}

const FIRST_AFTER: &str =
    "select instant_ms from checkpoint where log = $1 and size > $2 order by size limit 1";
const STAMPED: &str = "select coalesce(max(size), 0) from time_stamp where log = $1";
const COSIGNERS: &str = "select witness from cosignature where log = $1 and size = $2";
const ASKED_SINCE: &str = "select name, since_ms from voucher where log = $1";

impl Archive {
    /// What evidence is missing now: of each active log, and of each service that is asked.
    pub async fn missing_evidence(&self) -> Result<Vec<Late>, ArchiveError> {
        let mut missing = Vec::new();
        for log in self.active_logs().await? {
            for service in [Service::Witnesses, Service::Timestamps] {
                let Some(since_ms) = self.missing_since(&log, service).await? else { continue };
                missing.push(Late {
                    service,
                    origin: log.origin.clone(),
                    administration: log.administration.clone(),
                    since_ms,
                    overdue: self.now_ms() - since_ms > self.patience_ms(service),
                });
            }
        }
        Ok(missing)
    }

    fn patience_ms(&self, service: Service) -> i64 {
        match service {
            Service::Witnesses => self.demand().witness_late_ms,
            Service::Timestamps => self.demand().stamp_late_ms,
        }
    }

    /// When the first checkpoint was signed that nobody vouches for, and nobody for a later one; not before anybody was
    /// asked. `None` when nothing is missing, or nobody is asked.
    async fn missing_since(&self, log: &LogRow, service: Service) -> Result<Option<i64>, ArchiveError> {
        let demand = self.demand();
        let vouched = match service {
            Service::Witnesses if demand.policy.as_ref().is_some_and(Policy::demands_witnesses) => {
                self.vouched_size(log.id, i64::MAX).await?
            }
            Service::Timestamps if demand.authority.is_some() => {
                self.database().scalar_i64(STAMPED, args![log.id]).await?
            }
            _ => return Ok(None),
        };
        let first: Option<(i64,)> = self.database().optional(FIRST_AFTER, args![log.id, vouched]).await?;
        let Some((first,)) = first else { return Ok(None) };
        let asked: Vec<(String, i64)> = self.database().all(ASKED_SINCE, args![log.id]).await?;
        let of_service = |name: &str| match service {
            Service::Witnesses => demand
                .policy
                .iter()
                .any(|policy| policy.witnesses().any(|(_, key, _)| key.to_string() == name)),
            Service::Timestamps => demand.authority.as_deref() == Some(name),
        };
        let since = asked.iter().filter(|(name, _)| of_service(name)).map(|(_, since)| *since).min();
        // Nobody was asked yet: nothing is late.
        Ok(since.map(|since| since.max(first)))
    }

    /// The outage that ends with what was said.
    pub(super) async fn ends(
        &self,
        log: &LogRow,
        said: &Said,
    ) -> Result<Option<ServiceOutage>, ArchiveError> {
        let service = match said {
            Said::Cosigned(checkpoint, key, _) => {
                let rows: Vec<(String,)> =
                    self.database().all(COSIGNERS, args![log.id, checkpoint.size]).await?;
                let mut keys: Vec<String> = rows.into_iter().map(|(witness,)| witness).collect();
                keys.push(key.to_string());
                let reached =
                    self.reaches(&keys) && self.vouched_size(log.id, i64::MAX).await? < checkpoint.size;
                if !reached {
                    return Ok(None);
                }
                Service::Witnesses
            }
            Said::Stamped(..) => Service::Timestamps,
            Said::Nothing(..) => return Ok(None),
        };
        let Some(from) = self.missing_since(log, service).await? else { return Ok(None) };
        let to = self.now_ms();
        let long = to - from > self.patience_ms(service);
        Ok(long.then(|| ServiceOutage {
            administration: Some(log.administration.clone()).filter(|own| !own.is_empty()),
            from,
            to,
            parts: vec![service.code().into()],
            note: log.origin.clone(),
            detected: true,
        }))
    }
}
