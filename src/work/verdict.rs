//! Looks at a document's signatures again: once it has its number, then every day while an authority could not be asked; and
//! a few of all documents every day, when somebody else is believed than when they were last looked at. What is lacking is
//! fetched before. Idempotent: what is known already is not kept a second time.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use plico_archive::outbox::{Ended, Job};
use plico_archive::read::verdict;
use plico_archive::{ActError, ArchiveError};
use plico_desk::verdict::{Renewed, source};
use plico_desk::{Outcome, Refusal};
use plico_record::day::LegalDay;
use plico_signature::revocation::Evidence;
use plico_signature::revocation::want::Want;
use serde::Deserialize;

use super::receipt::describe;
use crate::app::App;
use crate::fetch::{Fetch, kind};

const DAY_MS: i64 = 86_400_000;
/// Whoever was asked is left alone for so long.
const AGAIN_MS: i64 = 3_600_000;
/// A certificate names an issuer, the issuer its own list: so often it is asked for what was lacking.
const ROUNDS: usize = 4;
/// How many are asked at one time.
const TOGETHER: usize = 8;
/// Documents that are looked at again in one run, how long one may last, and the pause after it: other jobs wait meanwhile.
const PER_RUN: i64 = 10;
const RUN: Duration = Duration::from_secs(10);
const PAUSE_MS: i64 = 15_000;
/// And how many in a day: a folder whose lists change every day must not have the whole archive read every day.
const PER_DAY: i64 = 2_000;

#[derive(Deserialize)]
struct Order {
    document: String,
}

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let Ok(order) = serde_json::from_str::<Order>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no document".into());
    };
    match look_again(app, &order.document).await {
        Ok(Renewed::Settled) => Ended::Done,
        Ok(Renewed::Waits) => Ended::Later(DAY_MS),
        Err(ActError::Refused(refusal)) => Ended::GiveUp(refusal.to_string()),
        Err(ActError::Fault(fault)) => Ended::Retry(describe(&fault)),
    }
}

/// The daily look at what was last looked at when somebody else was believed.
pub(super) async fn review(app: &App) -> Ended {
    match review_some(app).await {
        Ok(true) => Ended::Later(PAUSE_MS),
        Ok(false) => Ended::Done,
        Err(fault) => Ended::Retry(describe(&fault)),
    }
}

/// Whether there is more to do today.
async fn review_some(app: &App) -> Result<bool, ArchiveError> {
    let archive = app.desk.archive();
    let version = app.desk.trust_version();
    let today = LegalDay::at(archive.now_ms()).start_ms();
    let left = PER_DAY - verdict::looked_since(archive.database(), today).await?;
    if left <= 0 {
        return Ok(false);
    }
    let documents = verdict::looked_otherwise(archive.database(), &version, left.min(PER_RUN)).await?;
    let began = Instant::now();
    for document in documents.iter().take_while(|_| began.elapsed() < RUN) {
        if let Err(error) = look_again(app, document).await {
            // It takes its turn again, after the others.
            tracing::warn!(error = %describe(&error), "a document's signatures could not be looked at again");
            let noted = app.desk.note_looked(document, "").await;
            noted.map_err(|error| match error {
                ActError::Fault(fault) => fault,
                ActError::Refused(refusal) => ArchiveError::Setup(refusal.to_string()),
            })?;
        }
    }
    Ok(!documents.is_empty())
}

/// Fetches what is lacking, where that is wanted, and looks.
pub(crate) async fn look_again(app: &App, document: &str) -> Outcome<Renewed> {
    if let Some(fetch) = &app.fetch {
        for _ in 0..ROUNDS {
            let lacking = app.desk.lacking(document).await?;
            if !gather(app, fetch, lacking).await? {
                break;
            }
        }
    }
    app.desk.renew_verdict(document).await
}

/// Asks for what is lacking, and whom it was not asked of lately. Whether anybody was asked.
async fn gather(app: &App, fetch: &Fetch, lacking: Vec<Want>) -> Result<bool, ActError<Refusal>> {
    let mut due = Vec::new();
    let now = app.desk.archive().now_ms();
    for want in lacking {
        let kept = app.desk.archive().fetched(&source(&want)).await?;
        if kept.as_ref().is_none_or(|kept| now - kept.asked_ms >= AGAIN_MS) {
            due.push((want, kept.and_then(|kept| kept.body)));
        }
    }
    // An answer is small; a list of megabytes is fetched only where no answer settles it.
    if due.iter().any(|(want, _)| !matches!(want, Want::List { .. })) {
        due.retain(|(want, _)| !matches!(want, Want::List { .. }));
    }
    due.truncate(TOGETHER);
    let asked = due.iter().map(async |(want, before)| {
        let came = fetch.ask(want).await.and_then(|bytes| not_older(want, before.as_deref(), bytes));
        (want, came)
    });
    let answers = join_all(asked).await;
    let anybody = !answers.is_empty();
    for (want, came) in answers {
        keep(app, &source(want), kind(want), came).await?;
    }
    Ok(anybody)
}

/// A list that was made before the one that is there is not taken: somebody may be showing an old one.
fn not_older(want: &Want, before: Option<&[u8]>, bytes: Vec<u8>) -> plico_archive::fetched::Came {
    let made = |bytes: &[u8]| {
        let mut evidence = Evidence::default();
        plico_desk::verdict::take(&mut evidence, want, bytes);
        evidence.newest_list_ms()
    };
    match (before.and_then(made), made(&bytes)) {
        (Some(before), Some(now)) if now < before => Err(("older", format!("{now} < {before}"))),
        _ => Ok(bytes),
    }
}

/// Keeps what came, and says what did not.
pub(super) async fn keep(
    app: &App,
    source: &str,
    kind: &'static str,
    came: plico_archive::fetched::Came,
) -> Result<(), ArchiveError> {
    let outcome = match &came {
        Ok(_) => "good",
        Err((problem, _)) => {
            // Where, is for the operator's desk: an address may say whose signature it was.
            tracing::warn!(kind, problem, "what an authority offers could not be fetched");
            problem
        }
    };
    let label = format!("kind=\"{kind}\",outcome=\"{outcome}\"");
    app.shell.metrics().count("plico_fetched_total", "Lists, answers and certificates asked for.", &label, 1);
    app.desk.archive().keep_fetched(source, kind, came).await
}
