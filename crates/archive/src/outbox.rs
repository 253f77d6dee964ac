//! Jobs: enqueued in the transaction of the act that causes them, claimed by lease, never held across a network
//! call, retried with backoff, and visible for ever when they gave up.

use plico_database::args;

use crate::Archive;
use crate::append::Work;
use crate::error::{ActError, ArchiveError};

/// How long a worker may keep a job before another may take it (milliseconds).
pub const LEASE_MS: i64 = 120_000;
/// After so many attempts a job gives up and waits for a person.
pub const ATTEMPTS: i64 = 12;

/// A claimed job.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Job {
    /// Identifier.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// For whom.
    pub administration: String,
    /// JSON.
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Which kinds of job a worker claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Every kind.
    All,
    /// One kind.
    Only(&'static str),
    /// Every kind but two.
    AllBut([&'static str; 2]),
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Done.
    Done,
    /// Not yet: try again after so many milliseconds, without counting it as a failure.
    Later(i64),
    /// Failed for now.
    Retry(String),
    /// Never will: a person must look.
    GiveUp(String),
}

/// A job as operators see it.
#[derive(Debug, Clone, plico_database::Record)]
pub struct JobRow {
    /// Identifier.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// `waiting`, `done`, `given_up`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// When it runs next (UTC milliseconds).
    pub run_ms: i64,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// Since when (UTC milliseconds).
    pub created_ms: i64,
}

// A worker claims when it has nothing under way: what still bears its name could not be finished, on a full disk say.
const CLAIM: &str =
    "update job set lease_until_ms = $1 + $2, worker = $3, attempts = attempts + 1 where id in (
        select id from job where state = 'waiting' and run_ms <= $1
            and (lease_until_ms is null or lease_until_ms < $1 or worker = $3)
            and (cast($5 as text) = '' or kind = $5) and kind <> $6 and kind <> $7
        order by run_ms limit $4)
    returning id, kind, administration, payload, attempts";
const DONE: &str = "update job set state = 'done', finished_ms = $3, lease_until_ms = null, last_error = null
    where id = $1 and worker = $2";
const LATER: &str = "update job set run_ms = $3, lease_until_ms = null, attempts = attempts - 1
    where id = $1 and worker = $2";
const RETRY: &str =
    "update job set run_ms = $3, lease_until_ms = null, last_error = $4 where id = $1 and worker = $2";
const GIVE_UP: &str =
    "update job set state = 'given_up', finished_ms = $3, lease_until_ms = null, last_error = $4
    where id = $1 and worker = $2";
// Jobs of the installation, of no administration, are everybody's to see and to try again.
const REPLAY: &str = "update job set state = 'waiting', attempts = 0, run_ms = $3, lease_until_ms = null
    where id = $1 and administration in ($2, '') and state = 'given_up'";
const UNFINISHED: &str = "select id, kind, state, attempts, run_ms, last_error, created_ms from job
    where administration in ($1, '') and (state = 'given_up' or (state = 'waiting' and last_error is not null))
    order by created_ms desc limit 200";
const GIVEN_UP: &str = "select count(*) from job where administration in ($1, '') and state = 'given_up'";
const NEXT_RUN: &str = "select coalesce(min(run_ms), 0) from job where state = 'waiting'";
const WAITING: &str = "select count(*) from job where state = 'waiting' and run_ms <= $1";
const FORGET: &str = "delete from job where state = 'done' and finished_ms < $1";

/// Exponential backoff with jitter: 2 s, 4 s, 8 s … at most an hour.
fn backoff_ms(attempts: i64, jitter: u8) -> i64 {
    let base = 1000i64 << attempts.clamp(1, 12);
    base.min(3_600_000) + i64::from(jitter) * base.min(3_600_000) / 1024
}

impl Archive {
    /// Claims up to `most` due jobs for a worker that has nothing under way.
    pub async fn claim(&self, worker: &str, most: i64, wanted: Wanted) -> Result<Vec<Job>, ArchiveError> {
        let worker = worker.to_owned();
        let (only, [not, nor]) = match wanted {
            Wanted::All => ("", ["", ""]),
            Wanted::Only(kind) => (kind, ["", ""]),
            Wanted::AllBut(kinds) => ("", kinds),
        };
        let claimed = self
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    let asked = args![now, LEASE_MS, worker, most, only, not, nor];
                    Ok::<_, ActError<()>>(work.tx.all::<Job>(CLAIM, asked).await?)
                })
            })
            .await;
        flat(claimed)
    }

    /// Records how a claimed job ended.
    pub async fn finish(&self, worker: &str, job: &Job, ended: Ended) -> Result<(), ArchiveError> {
        let (worker, id, attempts) = (worker.to_owned(), job.id.clone(), job.attempts);
        let [jitter] = self.core().entropy.bytes();
        let finished = self
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    let ended = match ended {
                        Ended::Retry(why) if attempts >= ATTEMPTS => Ended::GiveUp(why),
                        other => other,
                    };
                    match ended {
                        Ended::Done => work.tx.execute(DONE, args![id, worker, now]).await?,
                        Ended::Later(after) => work.tx.execute(LATER, args![id, worker, now + after]).await?,
                        Ended::Retry(why) => {
                            let next = now + backoff_ms(attempts, jitter);
                            work.tx.execute(RETRY, args![id, worker, next, why]).await?
                        }
                        Ended::GiveUp(why) => work.tx.execute(GIVE_UP, args![id, worker, now, why]).await?,
                    };
                    Ok::<_, ActError<()>>(())
                })
            })
            .await;
        flat(finished)
    }

    /// Gives a job that gave up another life; whether there was one.
    pub async fn replay(&self, administration: &str, id: &str) -> Result<bool, ArchiveError> {
        let (administration, id) = (administration.to_owned(), id.to_owned());
        let replayed = self
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    let rows = work.tx.execute(REPLAY, args![id, administration, now]).await?;
                    Ok::<_, ActError<()>>(rows > 0)
                })
            })
            .await;
        self.core().jobs.notify_one();
        flat(replayed)
    }

    /// Jobs that failed or gave up, newest first.
    pub async fn failing_jobs(&self, administration: &str) -> Result<Vec<JobRow>, ArchiveError> {
        Ok(self.database().all(UNFINISHED, args![administration]).await?)
    }

    /// How many jobs gave up.
    pub async fn given_up(&self, administration: &str) -> Result<i64, ArchiveError> {
        Ok(self.database().scalar_i64(GIVEN_UP, args![administration]).await?)
    }

    /// How many jobs are due and not finished.
    pub async fn jobs_due(&self) -> Result<i64, ArchiveError> {
        let now = self.core().clock.now_ms();
        Ok(self.database().scalar_i64(WAITING, args![now]).await?)
    }

    /// When the next job wants to run (UTC milliseconds), 0 when none waits.
    pub async fn next_job_ms(&self) -> Result<i64, ArchiveError> {
        Ok(self.database().scalar_i64(NEXT_RUN, args![]).await?)
    }

    /// Waits until a job may have been enqueued.
    pub async fn jobs_enqueued(&self) {
        self.core().jobs.notified().await;
    }

    /// Forgets jobs that were done before an instant (UTC milliseconds).
    pub async fn forget_jobs(&self, before_ms: i64) -> Result<(), ArchiveError> {
        let forgotten = self
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(FORGET, args![before_ms])?;
                    Ok::<_, ActError<()>>(())
                })
            })
            .await;
        flat(forgotten)
    }
}

/// An act that refuses nothing has only faults.
pub(crate) fn flat<T>(result: Result<T, ActError<()>>) -> Result<T, ArchiveError> {
    result.map_err(|error| match error {
        ActError::Fault(fault) => fault,
        ActError::Refused(()) => ArchiveError::Corrupt("an act without refusals was refused".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_and_stays_within_an_hour_and_a_quarter() {
        let mut last = 0;
        for attempts in 1..=ATTEMPTS {
            let wait = backoff_ms(attempts, 0);
            assert!(wait >= last && wait <= 3_600_000);
            assert!(backoff_ms(attempts, 255) < 3_600_000 * 5 / 4 + 1);
            last = wait;
        }
    }
}
