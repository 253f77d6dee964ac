//! How the installation is, for whoever must keep it running.

use plico_archive::read::jobs::{self, Counts, Failing};
use plico_archive::read::ledger;
use plico_archive::vouch::{Late, Voucher};
use plico_record::actor::Role;
use plico_record::authority::{Deed, Thing};

use crate::chronicle::Checked;
use crate::refusal::permit;
use crate::seal::Standing;
use crate::{Actor, Desk, Outcome};

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why nothing is accepted any more: a fault after which nobody knows what is durable.
    pub stopped: Option<String>,
    /// By how much the clock is off (milliseconds), while nothing is written because of it.
    pub clock_refused: Option<i64>,
    /// When it last stepped (UTC milliseconds).
    pub clock_alarmed: Option<i64>,
    /// Logs that are read-only because their continuity is not shown.
    pub read_only: Vec<String>,
    /// Events that no checkpoint covers, and since when the newest checkpoint stands (UTC milliseconds).
    pub unsigned: i64,
    /// Instant of the newest checkpoint of the administration's log.
    pub checkpoint_ms: Option<i64>,
    /// Jobs of the administration.
    pub jobs: Counts,
    /// Jobs of all that are due and not done.
    pub due: i64,
    /// Orders to outside registries that wait for a person.
    pub orders_held: i64,
    /// Orders of earlier days that have no number.
    pub orders_late: i64,
    /// Days whose register no preserver keeps although their term is over, and days that one refused.
    pub preserver: (i64, i64),
    /// Letters by certified mail that wait for a person.
    pub letters_held: usize,
    /// Events that the search index does not hold yet.
    pub search_lag: i64,
    /// Why the object store does not work, where there is one.
    pub store: Option<String>,
    /// The same of the replica.
    pub replica: Option<String>,
    /// The last check of the archive.
    pub checked: Option<Checked>,
    /// The last pass over all stored content that is over.
    pub content: Option<Checked>,
    /// How many things the present pass found wrong.
    pub content_wrong: usize,
    /// How many the present pass, or the last one, brought back from the replica.
    pub content_mended: u64,
    /// Evidence that logs lack: the administration's and the installation's.
    pub missing: Vec<Late>,
    /// Those who were asked to vouch for these logs.
    pub vouchers: Vec<Voucher>,
    /// How the seal stands.
    pub seal: Option<Standing>,
    /// Milliseconds that a question to the database takes.
    pub database_ms: u64,
}

/// The administration's log, as an auditor sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogView {
    /// Its name.
    pub origin: String,
    /// Events.
    pub size: i64,
    /// Instant of the newest checkpoint.
    pub checkpoint_ms: Option<i64>,
    /// Its root hash, hexadecimal.
    pub root: Option<String>,
}

impl Desk {
    /// How the installation is.
    pub async fn health(&self, actor: &Actor) -> Outcome<Health> {
        permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })?;
        let began = std::time::Instant::now();
        let logs = self.archive.logs().await?;
        let database_ms = began.elapsed().as_millis() as u64;
        let own =
            logs.iter().filter(|log| log.administration == actor.administration).max_by_key(|log| log.id);
        let checkpoint = match own {
            Some(log) => self.archive.last_checkpoint(log.id).await?,
            None => None,
        };
        let concerns =
            |administration: &str| administration.is_empty() || administration == actor.administration;
        let mut missing = self.archive.missing_evidence().await?;
        missing.retain(|late| concerns(&late.administration));
        let mut vouchers = self.archive.vouchers().await?;
        vouchers.retain(|one| {
            logs.iter().any(|log| log.id == one.log && !log.closed && concerns(&log.administration))
        });
        let database = self.archive.database();
        let day = plico_record::day::LegalDay::at(self.archive.now_ms()).start_ms();
        let pass = self.archive.pass().await?;
        Ok(Health {
            stopped: self.archive.stopped().map(str::to_owned),
            clock_refused: self.archive.clock_refused(),
            clock_alarmed: ledger::newest(database, "", "clock.alarmed", 1)
                .await?
                .first()
                .map(|alarm| alarm.instant_ms),
            read_only: logs.iter().filter(|log| log.read_only).map(|log| log.origin.clone()).collect(),
            unsigned: own.map_or(0, |log| log.size - log.signed),
            checkpoint_ms: checkpoint.map(|checkpoint| checkpoint.instant_ms),
            jobs: jobs::counts(database, &actor.administration, day).await?,
            due: self.archive.jobs_due().await?,
            preserver: self.preservation_late(&actor.administration).await?,
            orders_held: self.held_orders(&actor.administration).await?,
            letters_held: self.held_letters(&actor.administration).await?.len(),
            orders_late: self.late_orders(&actor.administration).await?,
            search_lag: self.archive.index_lag().await?,
            store: self.archive.vault().trouble(),
            replica: self.archive.vault().replica_trouble(),
            checked: self
                .checks_done(&actor.administration, 50)
                .await?
                .into_iter()
                .find(|check| check.scope == "archive"),
            content: self.content_check().await?,
            content_wrong: pass.as_ref().map_or(0, |pass| pass.findings.len()),
            content_mended: pass.map_or(0, |pass| pass.mended.len() as u64),
            missing,
            vouchers,
            seal: Some(self.seal_standing().await),
            database_ms,
        })
    }

    /// The administration's log.
    pub async fn log(&self, actor: &Actor) -> Outcome<LogView> {
        let body = Thing::Administration { id: actor.administration.clone() };
        permit(actor, Deed::CheckIntegrity, &body).or_else(|_| permit(actor, Deed::Administer, &body))?;
        let logs = self.archive.logs().await?;
        let own = logs.into_iter().filter(|log| log.administration == actor.administration);
        let Some(log) = own.max_by_key(|log| log.id) else { return Ok(LogView::default()) };
        let checkpoint = self.archive.last_checkpoint(log.id).await?;
        Ok(LogView {
            origin: log.origin,
            size: log.size,
            checkpoint_ms: checkpoint.as_ref().map(|checkpoint| checkpoint.instant_ms),
            root: checkpoint.map(|checkpoint| plico_archive::hex(&checkpoint.root)),
        })
    }

    /// Jobs that failed or gave up, with what they are about; and how many there are.
    pub async fn failing(&self, actor: &Actor) -> Outcome<(Vec<Failing>, Counts)> {
        if !actor.has(Role::Operator) && !actor.has(Role::RecordsManager) {
            permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })?;
        }
        let database = self.archive.database();
        let day = plico_record::day::LegalDay::at(self.archive.now_ms()).start_ms();
        let counts = jobs::counts(database, &actor.administration, day).await?;
        Ok((jobs::failing(database, &actor.administration).await?, counts))
    }

    /// How many notices left and how many did not since an instant (UTC milliseconds).
    pub async fn notices_since(&self, actor: &Actor, from_ms: i64) -> Outcome<(i64, i64)> {
        permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })?;
        let database = self.archive.database();
        let sent = ledger::since(database, &actor.administration, "notice.sent", from_ms).await?;
        let failed = ledger::since(database, &actor.administration, "notice.failed", from_ms).await?;
        Ok((sent, failed))
    }
}
