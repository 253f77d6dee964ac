//! So many requests a minute for each caller, counted in memory: a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderValue;
use axum::http::header::{HeaderMap, HeaderName};

/// Length of a window (milliseconds).
const WINDOW_MS: i64 = 60_000;
/// Callers remembered at most; about 10 MiB.
const MOST_CALLERS: usize = 100_000;

/// Counts.
#[derive(Debug)]
pub struct Rate {
    most: u32,
    windows: Mutex<HashMap<String, (i64, u32)>>,
}

/// Where a caller stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests in a window.
    pub limit: u32,
    /// Requests left in this one.
    pub remaining: u32,
    /// Seconds until it ends, at least 1.
    pub reset: u32,
    /// Whether this request was one too many.
    pub exceeded: bool,
}

impl Rate {
    /// Allows `most` requests a minute.
    pub fn new(most: u32) -> Self {
        Self { most, windows: Mutex::default() }
    }

    /// Counts a request.
    pub fn count(&self, caller: &str, now_ms: i64) -> Standing {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST_CALLERS && !windows.contains_key(caller) {
            windows.retain(|_, (began, _)| *began + WINDOW_MS > now_ms);
            if windows.len() >= MOST_CALLERS {
                windows.clear();
            }
        }
        let (began, count) = windows.entry(caller.to_owned()).or_insert((now_ms, 0));
        // A clock that was set back begins a window too.
        if *began + WINDOW_MS <= now_ms || *began > now_ms {
            (*began, *count) = (now_ms, 0);
        }
        *count = count.saturating_add(1);
        Standing {
            limit: self.most,
            remaining: self.most.saturating_sub(*count),
            reset: ((*began + WINDOW_MS - now_ms) as u32).div_ceil(1000),
            exceeded: *count > self.most,
        }
    }
}

impl Standing {
    /// Says it in an answer.
    pub fn write(self, headers: &mut HeaderMap) {
        for (name, value) in [
            ("ratelimit-limit", self.limit),
            ("ratelimit-remaining", self.remaining),
            ("ratelimit-reset", self.reset),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_caller_and_forgets_after_a_minute() {
        let rate = Rate::new(2);
        assert_eq!(rate.count("a", 0), Standing { limit: 2, remaining: 1, reset: 60, exceeded: false });
        assert_eq!(rate.count("a", 30_500), Standing { limit: 2, remaining: 0, reset: 30, exceeded: false });
        assert!(rate.count("a", 59_999).exceeded);
        assert!(!rate.count("b", 59_999).exceeded);
        assert!(!rate.count("a", 60_000).exceeded);
    }
}
