//! The job loop and the followers: whatever follows from an act after its transaction.
//!
//! One file per kind of job below. A job says what makes it idempotent; it answers done, later, retry or give up, and
//! what gave up stays visible to operators with a button to try again.

mod between;
mod deposit;
mod destruction;
mod keys;
mod life;
mod lists;
pub(crate) mod mail;
mod notice;
mod order;
mod pec;
mod preserver;
mod receipt;
mod register;
mod scan;
mod scrub;
mod store;
mod sweep;
mod trust;
mod verdict;
mod vouch;

use std::time::Duration;

use futures_util::future::join_all;
use plico_archive::outbox::{Ended, Job, Wanted};
use plico_archive::{Archive, ArchiveError};
use plico_desk::Desk;
use plico_record::day::LegalDay;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::random_bytes;

pub use lists::fetch as fetch_lists;
pub(crate) use receipt::describe;
pub use scrub::go_on as go_on_reading;
pub use sweep::enqueue as enqueue_sweep;
pub use trust::believe_again;
pub(crate) use verdict::look_again;
pub use vouch::ask as ask_for_evidence;

/// The tasks that were started, to be stopped together.
#[derive(Debug)]
pub struct Working {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    #[expect(dead_code, reason = "its threads end with it")]
    behind: Behind,
}

/// Threads that give way to those that answer people: what follows from an act (receipts, the index, notices) waits while
/// acts are waited for.
#[derive(Debug)]
struct Behind(Option<Runtime>);

/// How far they give way (`nice`): against a busy thread of the others one of them gets about a quarter of a core.
const NICE: i32 = 5;

impl Behind {
    fn new() -> Self {
        let threads = Builder::new_multi_thread()
            .thread_name("plico-work")
            .worker_threads(2)
            .enable_all()
            // Where it is refused they work as fast as the others.
            .on_thread_start(|| {
                let _ = rustix::process::nice(NICE);
            })
            .build();
        if let Err(error) = &threads {
            tracing::warn!(error = %error, "work in the background has no threads of its own");
        }
        Self(threads.ok())
    }

    fn spawn(&self, tasks: &mut JoinSet<()>, task: impl Future<Output = ()> + Send + 'static) {
        match &self.0 {
            Some(runtime) => tasks.spawn_on(task, runtime.handle()),
            None => tasks.spawn(task),
        };
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for it is not possible here, and what was under way is taken up again.
            runtime.shutdown_background();
        }
    }
}

impl Working {
    /// Lets what is under way end, then stops.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let patience = Duration::from_secs(10);
        if tokio::time::timeout(patience, async { while self.tasks.join_next().await.is_some() {} })
            .await
            .is_err()
        {
            // A lease that was not finished is taken up again after a restart.
            self.tasks.abort_all();
        }
    }
}

/// Starts checkpointer, search follower, whoever asks others for evidence, who reads content again, who watches the object
/// store, who writes snapshots of the index, who reads again whom to believe about signatures, one worker and the sign of life.
pub fn start(app: &App) -> Working {
    let (stop, behind) = (CancellationToken::new(), Behind::new());
    let mut tasks = JoinSet::new();
    let archive = app.desk.archive().clone();
    let until = stop.clone();
    tasks.spawn(async move {
        tokio::select! { () = archive.follow_with_checkpoints() => {}, () = until.cancelled() => {} }
    });
    let archive = app.desk.archive().clone();
    let until = stop.clone();
    behind.spawn(&mut tasks, async move {
        tokio::select! { () = archive.follow_with_index() => {}, () = until.cancelled() => {} }
    });
    let (asking, until) = (app.clone(), stop.clone());
    tasks.spawn(async move {
        tokio::select! { () = vouch::follow(asking) => {}, () = until.cancelled() => {} }
    });
    if app.desk.archive().database().file().is_none() {
        tasks.spawn(settings(app.clone(), stop.clone()));
    }
    behind.spawn(&mut tasks, scrub::follow(app.clone(), stop.clone()));
    tasks.spawn(store::watch(app.clone(), stop.clone()));
    behind.spawn(&mut tasks, store::snapshots(app.clone(), stop.clone()));
    behind.spawn(&mut tasks, trust::follow(app.clone(), stop.clone()));
    behind.spawn(&mut tasks, lists::follow(app.clone(), stop.clone()));
    behind.spawn(&mut tasks, work(app.clone(), stop.clone(), Lane::House));
    behind.spawn(&mut tasks, work(app.clone(), stop.clone(), Lane::Registries));
    behind.spawn(&mut tasks, work(app.clone(), stop.clone(), Lane::Letters));
    tasks.spawn(life::stay(app.desk.clone(), stop.clone()));
    follow_mailboxes(app, &stop, &mut tasks, &behind);
    Working { stop, tasks, behind }
}

/// One task each: what one server makes wait holds up nothing else.
fn follow_mailboxes(app: &App, stop: &CancellationToken, tasks: &mut JoinSet<()>, behind: &Behind) {
    for watched in app.mailboxes.get().into_iter().flatten() {
        behind.spawn(tasks, crate::mailboxes::follow(app.clone(), watched.clone(), stop.clone()));
    }
}

/// What is kept at hand of the bodies' settings may have been changed by another process.
async fn settings(app: App, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(10)) => {}
            () = stop.cancelled() => return,
        }
        if crate::web::show_bodies(&app).await.is_err() {
            tracing::warn!("the bodies' settings could not be read");
        }
    }
}

/// Starts one worker alone, beside the process that signs and indexes.
pub fn start_jobs(app: &App) -> Working {
    let (stop, behind) = (CancellationToken::new(), Behind::new());
    let mut tasks = JoinSet::new();
    behind.spawn(&mut tasks, trust::follow(app.clone(), stop.clone()));
    behind.spawn(&mut tasks, work(app.clone(), stop.clone(), Lane::House));
    behind.spawn(&mut tasks, work(app.clone(), stop.clone(), Lane::Registries));
    behind.spawn(&mut tasks, work(app.clone(), stop.clone(), Lane::Letters));
    follow_mailboxes(app, &stop, &mut tasks, &behind);
    Working { stop, tasks, behind }
}

/// Registry systems and providers of certified mail may take minutes to answer: what waits for them holds up nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    House,
    Registries,
    Letters,
}

/// The kind of job of the second lane.
const REGISTER: &str = "register";
/// And of the third.
const PEC: &str = "pec";

impl Lane {
    fn wants(self) -> Wanted {
        match self {
            Self::House => Wanted::AllBut([REGISTER, PEC]),
            Self::Registries => Wanted::Only(REGISTER),
            Self::Letters => Wanted::Only(PEC),
        }
    }
}

async fn work(app: App, stop: CancellationToken, lane: Lane) {
    let worker = format!("worker-{:016x}", u64::from_be_bytes(random_bytes()));
    let mut checkpointed = app.desk.archive().checkpointed();
    let mut swept = None;
    while !stop.is_cancelled() {
        let today = LegalDay::at(app.desk.archive().now_ms());
        if lane == Lane::House && swept != Some(today) {
            // Where it cannot be enqueued nothing can be written: the loop below says so.
            swept = sweep::enqueue(app.desk.archive(), today).await.ok().map(|()| today);
        }
        match drain_lane(&app, &worker, lane).await {
            Ok(0) => {
                tokio::select! {
                    () = app.desk.archive().jobs_enqueued() => {}
                    _ = checkpointed.changed() => {}
                    () = tokio::time::sleep(Duration::from_secs(2)) => {}
                    () = stop.cancelled() => {}
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(error = %error, "jobs cannot be claimed");
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }
}

/// How many jobs are claimed and run together.
const TOGETHER: i64 = 16;

/// Runs the jobs that are due, a few at a time and together; answers how many. Tests call it until it answers 0.
pub async fn drain(app: &App, worker: &str) -> Result<usize, ArchiveError> {
    let others = drain_lane(app, worker, Lane::House).await?;
    let registered = drain_lane(app, &format!("{worker}-registries"), Lane::Registries).await?;
    Ok(others + registered + drain_lane(app, &format!("{worker}-letters"), Lane::Letters).await?)
}

async fn drain_lane(app: &App, worker: &str, lane: Lane) -> Result<usize, ArchiveError> {
    let archive = app.desk.archive();
    let jobs = archive.claim(worker, TOGETHER, lane.wants()).await?;
    // These read the whole vault, all keys, or large files: what somebody waits for is finished before them.
    let long = |job: &Job| {
        ["sweep", "destruction", "keys", "verdict", "review", "deposit"].contains(&job.kind.as_str())
    };
    let (long, others): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(long);
    let mut done = 0;
    for jobs in [others, long] {
        let ended = join_all(jobs.iter().map(|job| run(app, job))).await;
        done += finish(archive, worker, &jobs, ended).await?;
    }
    Ok(done)
}

/// Ends the demo's past: nobody is written to about it any more. Its receipts, and what is to be
/// said of signatures, are left to whoever works next.
pub(crate) async fn leave_past(desk: &Desk, worker: &str) -> Result<(), ArchiveError> {
    let jobs = desk.archive().claim(worker, i64::MAX, Wanted::All).await?;
    let left = |job: &Job| ["receipt", "verdict", REGISTER, "deposit"].contains(&job.kind.as_str());
    let ended = jobs.iter().map(|job| if left(job) { Ended::Later(0) } else { Ended::Done });
    finish(desk.archive(), worker, &jobs, ended.collect()).await?;
    Ok(())
}

async fn finish(
    archive: &Archive,
    worker: &str,
    jobs: &[Job],
    ended: Vec<Ended>,
) -> Result<usize, ArchiveError> {
    for (job, ended) in jobs.iter().zip(&ended) {
        if let Ended::Retry(why) | Ended::GiveUp(why) = ended {
            tracing::warn!(job = %job.id, kind = %job.kind, why = %why, "a job failed");
        }
    }
    // At one time, so that they share a commit.
    let finished = jobs.iter().zip(ended).map(|(job, ended)| archive.finish(worker, job, ended));
    join_all(finished).await.into_iter().collect::<Result<(), _>>()?;
    Ok(jobs.len())
}

async fn run(app: &App, job: &Job) -> Ended {
    match job.kind.as_str() {
        "scan" => scan::run(app, job).await,
        "verdict" => verdict::run(app, job).await,
        "review" => verdict::review(app).await,
        "close-day" => register::close(app).await,
        "preserver" => preserver::run(app, job).await,
        REGISTER => order::run(app, job).await,
        PEC => pec::run(app, job).await,
        "sweep" => sweep::run(app).await,
        "deposit" => deposit::run(app, job).await,
        "destruction" => destruction::run(app, job).await,
        "keys" => keys::run(app, job).await,
        "receipt" => receipt::run(&app.desk, job).await,
        "notice" => notice::to_person(app, job).await,
        "notice-test" => notice::test(app, job).await,
        "address-code" => pec::code(app, job).await,
        "notify-office" => notice::to_office(app, job).await,
        other => Ended::GiveUp(format!("this program knows no job {other:?}")),
    }
}
