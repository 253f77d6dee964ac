//! The one writer: takes all waiting acts, runs each in its own savepoint of one transaction, commits once, and
//! only then acknowledges.
//!
//! If we crash before the commit, none of the group happened and none was acknowledged. If the commit fails, none
//! is acknowledged and the writer stops when it cannot tell whether the group is durable.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use plico_database::{Database, DatabaseError};
use tokio::sync::{mpsc, oneshot};

use crate::error::{ActError, ArchiveError};
use crate::{Core, Work};

/// A future that an act returns.
pub type Acting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs inside the transaction; answers whether to keep what it did, and how to tell its caller afterwards.
type Deed = Box<dyn for<'a> FnOnce(&'a mut Work) -> Acting<'a, (bool, Reply)> + Send>;
/// Called after the commit (`None`) or with why the commit failed.
type Reply = Box<dyn FnOnce(Option<ArchiveError>) + Send>;

/// As many acts as share one transaction at most: bounds the time the first of them waits.
const GROUP: usize = 256;

#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Deed>,
}

impl Writer {
    /// Starts the writer of an archive. There is one per database.
    pub(crate) fn start(core: Arc<Core>) -> Self {
        let (queue, waiting) = mpsc::channel(1024);
        tokio::spawn(run(core, waiting));
        Self { queue }
    }

    pub(crate) async fn act<T, R, F>(&self, deed: F) -> Result<T, ActError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'a> FnOnce(&'a mut Work) -> Acting<'a, Result<T, ActError<R>>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel::<Result<T, ActError<R>>>();
        let deed: Deed = Box::new(move |work| {
            Box::pin(async move {
                let result = deed(work).await;
                let keep = result.is_ok();
                let reply: Reply = Box::new(move |failed| {
                    let result = match failed {
                        Some(error) if result.is_ok() => Err(ActError::Fault(error)),
                        _ => result,
                    };
                    // Nobody listens when the caller went away: the act stands all the same.
                    let _ = tell.send(result);
                });
                (keep, reply)
            })
        });
        if self.queue.send(deed).await.is_err() {
            return Err(ArchiveError::Stopped.into());
        }
        told.await.unwrap_or(Err(ActError::Fault(ArchiveError::Stopped)))
    }
}

async fn run(core: Arc<Core>, mut waiting: mpsc::Receiver<Deed>) {
    let mut arrived = Vec::with_capacity(GROUP);
    let mut group = VecDeque::with_capacity(GROUP);
    // It never lingers for more: whatever waits now goes together.
    while waiting.recv_many(&mut arrived, GROUP).await > 0 {
        group.extend(arrived.drain(..));
        while !group.is_empty() {
            if core.stopped().is_some() {
                // Dropped unrun: their callers are told that the writer has stopped.
                group.clear();
            } else if let Err(error) = together(&core, &core.database, &mut group).await {
                let why = chain(&error);
                tracing::error!(error = %why, "the writer stopped; restart to verify and go on");
                // The first reason is the one that counts.
                let _ = core.writer_stop.set(why);
            }
        }
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Runs acts in one transaction, all of them or as many as it takes; the others stay in `group`. An error means that
/// we do not know what is durable: the writer must stop.
async fn together(
    core: &Arc<Core>,
    database: &Database,
    group: &mut VecDeque<Deed>,
) -> Result<(), ArchiveError> {
    let mut work = match database.begin().await {
        Ok(tx) => Work::new(Arc::clone(core), tx),
        Err(error) => {
            // Nothing was begun: the callers are told that it failed.
            tracing::error!(error = %error, "no transaction could be begun");
            group.clear();
            return Ok(());
        }
    };
    let (mut replies, mut kept) = (Vec::with_capacity(group.len()), false);
    while let Some(deed) = group.pop_front() {
        match one(&mut work, deed).await {
            Ok((keep, reply)) => {
                kept |= keep;
                replies.push(reply);
            }
            Err(error) => {
                // A full disk may end SQLite's whole transaction. Before the commit nothing is durable, so those who
                // were in it are told, and the rest is tried in a new one.
                tracing::error!(error = %error, "a transaction was given up");
                let full = error.is_full();
                for reply in replies {
                    reply(Some(if full { ArchiveError::Full } else { ArchiveError::Stopped }));
                }
                return Ok(());
            }
        }
    }
    if work.mark().0
        && let Err(error) = alarm(&mut work).await
    {
        tracing::error!(error = %error, "a step of the clock could not be recorded");
        if error.is_full() {
            for reply in replies {
                reply(Some(ArchiveError::Full));
            }
            return Ok(());
        }
    }
    let step = *work.step();
    let (tx, moved, jobs) = work.end();
    if !kept {
        let ended = tx.rollback().await;
        for reply in replies {
            reply(None);
        }
        return Ok(ended?);
    }
    match tx.commit().await {
        Ok(()) => {
            for reply in replies {
                reply(None);
            }
            if moved {
                core.watch.settle(&step);
                core.committed.send_modify(|n| *n += 1);
            }
            if jobs {
                core.jobs.notify_one();
            }
            Ok(())
        }
        Err(error) if error.is_full() => {
            // Rolled back: known not to be durable, so the writer goes on when there is room.
            for reply in replies {
                reply(Some(ArchiveError::Full));
            }
            Ok(())
        }
        Err(error) => {
            for reply in replies {
                reply(Some(ArchiveError::Stopped));
            }
            Err(error.into())
        }
    }
}

/// Records a step of the clock beside the acts that bear it. They stand whether it succeeds or not.
async fn alarm(work: &mut Work) -> Result<(), ArchiveError> {
    work.tx.savepoint().await?;
    let alarmed = work.alarm().await;
    let failed = end(work, alarmed.is_ok()).await?;
    alarmed?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// Runs one act in its savepoint; answers whether it is kept. Every reply waits for the commit, a refusal's too: it may
/// rest on what an earlier act of the group did ("this was sent already").
async fn one(work: &mut Work, deed: Deed) -> Result<(bool, Reply), ArchiveError> {
    work.tx.savepoint().await?;
    let mark = work.mark();
    let (keep, reply) = deed(work).await;
    match end(work, keep).await {
        Ok(None) => {
            if !keep {
                work.reset(mark);
            }
            Ok((keep, reply))
        }
        Ok(Some(error)) => {
            work.reset(mark);
            Ok((false, Box::new(move |_| reply(Some(error.into())))))
        }
        Err(error) => {
            // With its own refusal, or with why it is not kept.
            reply(keep.then_some(if error.is_full() { ArchiveError::Full } else { ArchiveError::Stopped }));
            Err(error.into())
        }
    }
}

/// Ends a savepoint, keeping what was written since or not; answers why it could not be kept: what was written last may
/// fail only here. An error means that the whole transaction is gone.
async fn end(work: &mut Work, keep: bool) -> Result<Option<DatabaseError>, DatabaseError> {
    let failed = if keep { work.tx.release().await.err() } else { None };
    if !keep || failed.is_some() {
        let undone = work.tx.rollback_to_savepoint().await;
        if let Err(error) = undone {
            return Err(failed.unwrap_or(error));
        }
    }
    Ok(failed)
}
