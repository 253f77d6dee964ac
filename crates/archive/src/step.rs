//! Whether the clock can be believed. Instants in a log never decrease, so a clock that goes back writes the last instant
//! again, and one that jumps ahead would date everything wrongly for as long as it was ahead. Both are an event. Beyond
//! a limit a jump ahead halts the writer; so does a log that is far ahead of the clock when a process begins, until the
//! clock is right or a person has said that it is.

use std::sync::{Mutex, PoisonError};

use plico_database::args;
use plico_record::act::ClockAlarmed;
use plico_record::actor::Actor;

use crate::Archive;
use crate::append::{NewEvent, Work};
use crate::error::ArchiveError;

/// A step up to this is nobody's business: clocks are corrected all the time (milliseconds).
const SMALL_MS: i64 = 5_000;
/// Beyond this nothing is written (milliseconds).
const LIMIT_MS: i64 = 3_600_000;

/// What this process remembers of its clock.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The clock and the boot clock when something was last committed.
    anchor: Option<(i64, i64)>,
    /// This process has written: it saw the clock go back, if it did.
    began: bool,
    /// Behind the logs, and said so.
    behind: bool,
    /// By how much the clock is off, when that is too much.
    refused: Option<i64>,
}

/// How the clock stands in one transaction (milliseconds).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    now_ms: i64,
    boot_ms: Option<i64>,
    /// How far it jumped ahead of the boot clock.
    ahead: i64,
    /// How far it is behind the last instant of a log, and that instant.
    behind: i64,
    last_ms: i64,
    /// The alarm is in the transaction already.
    told: bool,
}

/// What a log says about time: its last instant, and up to which one it may be ahead of the clock.
pub(crate) struct Reach {
    pub(crate) last_ms: i64,
    pub(crate) believed_ms: i64,
}

const BELIEVE: &str = "update log set believed_ms = $1 where believed_ms < $1";
const FURTHEST: &str = "select coalesce(max(last_ms), 0) from log";
const REACH: &str = "select last_ms, believed_ms from log where not read_only and not exists (
    select 1 from log n where n.administration = log.administration and n.successor > log.successor)";

impl Watch {
    pub(crate) fn look(&self, now_ms: i64, boot_ms: Option<i64>) -> Step {
        let anchor = self.lock().anchor;
        let ahead = match (anchor, boot_ms) {
            (Some((wall, boot)), Some(boot_ms)) => (now_ms - wall) - (boot_ms - boot),
            _ => 0,
        };
        Step { now_ms, boot_ms, ahead, behind: 0, last_ms: now_ms - ahead.max(0), told: false }
    }

    /// What was written under this step is durable.
    pub(crate) fn settle(&self, step: &Step) {
        let mut state = self.lock();
        // A clock that went back is not what a later one is measured by: set right again, it has not jumped ahead.
        if step.behind <= SMALL_MS || state.anchor.is_none() {
            state.anchor = step.boot_ms.map(|boot_ms| (step.now_ms, boot_ms));
        }
        state.began = true;
        state.behind = step.behind > SMALL_MS;
        state.refused = None;
    }

    /// Refuses what a clock that is far off would date.
    fn refuse(&self, off_ms: i64) -> ArchiveError {
        let mut state = self.lock();
        if state.refused.is_none() {
            tracing::error!(off_ms, "the clock cannot be believed: nothing is written");
        }
        state.refused = Some(off_ms);
        ArchiveError::Clock
    }

    fn is_new(&self, step: &Step) -> bool {
        !step.told && (step.ahead > SMALL_MS || (step.behind > SMALL_MS && !self.lock().behind))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    /// Asked before an event is written to a log, and before anything is deleted for its age.
    pub(crate) fn check(&mut self, watch: &Watch, log: &Reach) -> Result<(), ArchiveError> {
        let behind = log.last_ms - self.now_ms;
        if behind > self.behind {
            (self.behind, self.last_ms) = (behind, log.last_ms);
        }
        if behind > LIMIT_MS && log.last_ms > log.believed_ms && !watch.lock().began {
            return Err(watch.refuse(-behind));
        }
        if self.ahead > LIMIT_MS {
            return Err(watch.refuse(self.ahead));
        }
        Ok(())
    }
}

impl Work {
    /// Writes the alarm of a step into the transaction that is the first to bear it; a small one needs none.
    pub(crate) async fn alarm(&mut self) -> Result<(), ArchiveError> {
        if !self.core().watch.is_new(self.step()) {
            return Ok(());
        }
        tracing::error!(clock = self.step().now_ms, last = self.step().last_ms, "the clock stepped");
        self.believe(&Actor::system("")).await
    }

    /// Somebody says that the clock is right although logs are far ahead of it: they go on, repeating their last instant
    /// until it catches up. Answers whether there was anything to say.
    pub async fn accept_clock(&mut self, actor: &Actor) -> Result<bool, ArchiveError> {
        let last_ms = self.tx.scalar_i64(FURTHEST, args![]).await?;
        if last_ms - self.now_ms() <= LIMIT_MS {
            return Ok(false);
        }
        self.step_mut().last_ms = last_ms;
        self.believe(actor).await?;
        Ok(true)
    }

    async fn believe(&mut self, actor: &Actor) -> Result<(), ArchiveError> {
        let act = ClockAlarmed { clock: self.step().now_ms, last: self.step().last_ms };
        self.tx.execute(BELIEVE, args![act.last]).await?;
        self.append(NewEvent::by(actor, "clock", act)).await?;
        self.step_mut().told = true;
        Ok(())
    }
}

impl Archive {
    /// Refuses with [`ArchiveError::Clock`] while nothing would be written because of the clock: what goes by age must not
    /// be deleted by it either.
    pub async fn believe_clock(&self) -> Result<(), ArchiveError> {
        let core = self.core();
        let mut step = core.watch.look(core.clock.now_ms(), core.clock.boot_ms());
        let logs: Vec<(i64, i64)> = self.database().all(REACH, args![]).await?;
        logs.into_iter()
            .try_for_each(|(last_ms, believed_ms)| step.check(&core.watch, &Reach { last_ms, believed_ms }))
    }

    /// By how much the clock is off (milliseconds), while nothing is written because of it.
    pub fn clock_refused(&self) -> Option<i64> {
        self.core().watch.lock().refused
    }
}
