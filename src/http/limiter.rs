//! Slows down whoever guesses: so many failures in a quarter of an hour, counted for an account and for an address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Failures older than this are forgotten, in milliseconds.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// Keys remembered at most: beyond, the oldest are dropped. About 10 MiB.
const MOST_KEYS: usize = 100_000;

/// Counts failures. In memory: a restart forgives, which costs a guesser more than it gives him.
#[derive(Debug)]
pub struct Limiter {
    most: usize,
    failures: Mutex<HashMap<String, Vec<i64>>>,
}

impl Limiter {
    /// Allows `most` failures within the window for each key.
    pub fn new(most: u32) -> Self {
        Self { most: most as usize, failures: Mutex::default() }
    }

    /// `Err(seconds)` when one of the keys must wait.
    pub fn check(&self, keys: &[&str], now_ms: i64) -> Result<(), u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys
            .iter()
            .filter_map(|key| {
                let recent: Vec<i64> =
                    failures.get(*key)?.iter().copied().filter(|at| at + WINDOW_MS > now_ms).collect();
                let oldest = recent.len().checked_sub(self.most).map(|index| recent[index])?;
                Some((oldest + WINDOW_MS - now_ms).max(0) as u64 / 1000 + 1)
            })
            .max();
        wait.map_or(Ok(()), Err)
    }

    /// Remembers a failure for each key.
    pub fn failed(&self, keys: &[&str], now_ms: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() + keys.len() > MOST_KEYS {
            failures.retain(|_, times| times.iter().any(|at| at + WINDOW_MS > now_ms));
            if failures.len() + keys.len() > MOST_KEYS {
                failures.clear();
            }
        }
        for key in keys {
            let times = failures.entry((*key).to_owned()).or_default();
            times.retain(|at| at + WINDOW_MS > now_ms);
            // One more than allowed says all there is to say.
            if times.len() > self.most {
                times.remove(0);
            }
            times.push(now_ms);
        }
    }

    /// Forgets the failures of a key, after a success.
    pub fn succeeded(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// The key of an address: an IPv6 visitor has a /64 to himself, so that is what counts.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("a:{address}"),
        IpAddr::V6(address) => format!("a:{:x}", address.to_bits() >> 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_after_too_many_and_recovers() {
        let limiter = Limiter::new(3);
        for second in 0..3 {
            assert_eq!(limiter.check(&["a", "b"], second * 1000), Ok(()));
            limiter.failed(&["a"], second * 1000);
        }
        assert_eq!(limiter.check(&["a", "b"], 3000), Err(898));
        assert_eq!(limiter.check(&["b"], 3000), Ok(()));
        assert_eq!(limiter.check(&["a"], WINDOW_MS), Ok(()));
        limiter.failed(&["a"], 3000);
        limiter.succeeded("a");
        assert_eq!(limiter.check(&["a"], 3000), Ok(()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_together() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }
}
