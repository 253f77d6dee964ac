//! Whether the clock can be believed. Instants in a log never decrease, so a clock that goes back writes the last instant
//! again, and one that jumps ahead would date everything wrongly for as long as it was ahead. Both are an event; beyond
//! a limit nothing is written before a person has looked.

use std::sync::{Mutex, PoisonError};

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
}

impl Watch {
    pub(crate) fn look(&self, now_ms: i64, boot_ms: Option<i64>) -> Step {
        let anchor = self.lock().anchor;
        let ahead = match (anchor, boot_ms) {
            (Some((wall, boot)), Some(boot_ms)) => (now_ms - wall) - (boot_ms - boot),
            _ => 0,
        };
        Step { now_ms, boot_ms, ahead, behind: 0, last_ms: now_ms - ahead.max(0) }
    }

    /// What was written under this step is durable.
    pub(crate) fn settle(&self, step: &Step) {
        let mut state = self.lock();
        state.anchor = step.boot_ms.map(|boot_ms| (step.now_ms, boot_ms));
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
        step.ahead > SMALL_MS || (step.behind > SMALL_MS && !self.lock().behind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    /// Asked before an event is written to a log whose last instant is `last_ms`.
    pub(crate) fn check(&mut self, watch: &Watch, last_ms: i64) -> Result<(), ArchiveError> {
        let behind = last_ms - self.now_ms;
        if behind > self.behind {
            (self.behind, self.last_ms) = (behind, last_ms);
        }
        if behind > LIMIT_MS {
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
        let act = ClockAlarmed { clock: self.step().now_ms, last: self.step().last_ms };
        tracing::error!(clock = act.clock, last = act.last, "the clock stepped");
        self.append(NewEvent::by(&Actor::system(""), "clock", act)).await?;
        Ok(())
    }
}

impl Archive {
    /// By how much the clock is off (milliseconds), while nothing is written because of it.
    pub fn clock_refused(&self) -> Option<i64> {
        self.core().watch.lock().refused
    }
}
