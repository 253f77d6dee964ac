//! Time and chance: the two things the crates below take as parameters come in here.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use plico_archive::Clock;

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
        let now = SystemTime::now();
        // A machine whose clock stands before 1970 gets 0: the writer's own checks then refuse to go on.
        now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
    }

    /// Linux says it to a hundredth of a second in `/proc/uptime`.
    fn boot_ms(&self) -> Option<i64> {
        let text = std::fs::read_to_string("/proc/uptime").ok()?;
        let (seconds, rest) = text.split_once('.')?;
        let hundredths = rest.get(..2)?;
        Some(seconds.parse::<i64>().ok()? * 1000 + hundredths.parse::<i64>().ok()? * 10)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock at this instant (milliseconds UTC).
    pub fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Fills a buffer from the operating system's source of randomness.
///
/// # Panics
/// When the system has none: nothing that follows (tokens, keys, salts) would be safe.
pub fn random(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the operating system gives randomness");
}

/// A random array: [`random`] for a size known at compile time.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes
}
