//! The town's clock while its past is played: it stands where the story puts it and runs on a little with each look.
//! At the end it is handed over to the machine's clock, for good; it never goes back.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::clock::{Clock, SystemClock};

/// What one look at the clock costs (milliseconds): so that acts of one hour do not all bear one instant.
const TICK_MS: i64 = 3_517;

/// A clock that plays the past.
#[derive(Debug)]
pub struct StoryClock {
    now_ms: AtomicI64,
    over: AtomicBool,
}

impl StoryClock {
    /// A clock that stands at an instant (UTC milliseconds).
    pub fn at(now_ms: i64) -> Self {
        Self { now_ms: AtomicI64::new(now_ms), over: AtomicBool::new(false) }
    }

    /// Puts it forward; never back.
    pub fn forward_to(&self, now_ms: i64) {
        self.now_ms.fetch_max(now_ms, Ordering::AcqRel);
    }

    /// From now on it is the machine's clock.
    pub fn hand_over(&self) {
        self.over.store(true, Ordering::Release);
    }
}

impl Clock for StoryClock {
    fn now_ms(&self) -> i64 {
        if self.over.load(Ordering::Acquire) {
            self.now_ms.load(Ordering::Acquire).max(SystemClock.now_ms())
        } else {
            self.now_ms.fetch_add(TICK_MS, Ordering::AcqRel)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_goes_back() {
        let clock = StoryClock::at(1_000_000);
        let first = clock.now_ms();
        assert!(clock.now_ms() > first);
        clock.forward_to(5);
        assert!(clock.now_ms() > first);
        clock.forward_to(i64::MAX / 2);
        clock.hand_over();
        assert!(clock.now_ms() >= i64::MAX / 2);
    }
}
