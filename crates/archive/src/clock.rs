//! The clock, a parameter so that tests and simulations own time.

use std::fmt;
use std::sync::Arc;

/// Tells what time it is, in UTC milliseconds.
pub trait Clock: Send + Sync {
    /// UTC milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Milliseconds since the machine was started, time asleep included (CLOCK_BOOTTIME): it neither steps nor is set.
    /// `None` where there is no such clock; then only steps backwards are seen.
    fn boot_ms(&self) -> Option<i64> {
        None
    }
}

/// Fills a buffer with randomness.
type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Randomness, a parameter too.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// From a source that fills a buffer.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// Fills a buffer.
    pub fn fill(&self, buffer: &mut [u8]) {
        (self.0)(buffer);
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
