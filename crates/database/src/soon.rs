//! Waiting for an answer that comes soon.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

/// What most exchanges with SQLite's thread take, and less than it costs to put a thread to sleep and wake it.
const SOON: Duration = Duration::from_micros(100);

/// Asks again for a moment, letting others run, before it sleeps.
pub(crate) struct Soon<F>(pub(crate) F);

impl<F: Future + Unpin> Future for Soon<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let until = Instant::now() + SOON;
        loop {
            if let Poll::Ready(output) = Pin::new(&mut self.0).poll(context) {
                return Poll::Ready(output);
            }
            if Instant::now() >= until {
                return Poll::Pending;
            }
            thread::yield_now();
        }
    }
}
