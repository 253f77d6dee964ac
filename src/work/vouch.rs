//! Asks witnesses and the time-stamping authority, every few minutes, and keeps what they say. Whatever they answer, or
//! do not, is seen by operators and stops nothing else.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use plico_archive::ArchiveError;
use plico_archive::checkpoint::{CheckpointRow, LogRow};
use plico_archive::vouch::Said;
use plico_courier::witness::{Answered, WitnessError, add_checkpoint};
use plico_crypto::digest::sha256;
use plico_journal::Checkpoint;
use plico_journal::note::VerifierKey;
use plico_journal::witness::AnswerError;

use super::receipt::describe;
use crate::app::App;
use crate::vouchers::silence;

/// An authority that failed is left alone for so long (milliseconds).
const AFTER_FAILURE_MS: i64 = 600_000;

/// Asks in turns until it is stopped.
pub(super) async fn follow(app: App) {
    let pause = Duration::from_secs(app.shell.config().evidence.interval_seconds);
    loop {
        // One process asks: the one that signs.
        if !app.desk.archive().leads().await {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        }
        if let Err(error) = ask(&app).await {
            tracing::error!(error = %describe(&error), "what others say of the logs cannot be kept");
        }
        tokio::time::sleep(pause).await;
    }
}

/// One turn: every active log's newest checkpoint is shown to every witness, and to the authority when it is time.
pub async fn ask(app: &App) -> Result<(), ArchiveError> {
    let archive = app.desk.archive();
    let witnesses = app.vouchers.witnesses();
    // Whoever did not answer for one log is not waited for at the next.
    let mut silent: HashMap<String, (&'static str, String)> = HashMap::new();
    for log in archive.active_logs().await? {
        let Some(target) = archive.last_checkpoint(log.id).await? else { continue };
        let asked = witnesses.iter().map(async |(name, key, url)| {
            let said = match silent.get(name) {
                Some((problem, detail)) => Ok(Said::Nothing(problem, detail.clone())),
                None => witness(app, &log, &target, key, url).await,
            };
            (name.clone(), key.to_string(), said)
        });
        let answers = join_all(asked).await;
        // Kept one after another: which of them completes the quorum is decided then.
        for (name, key, said) in answers {
            let said = said?;
            remember(&mut silent, &name, &said);
            keep(app, &log, &name, &key, said).await?;
        }
        if let Some(url) = app.vouchers.authority().filter(|url| !silent.contains_key(*url))
            && let Some(said) = authority(app, &log, &target, url).await?
        {
            remember(&mut silent, url, &said);
            keep(app, &log, url, url, said).await?;
        }
    }
    measure(app).await
}

fn remember(silent: &mut HashMap<String, (&'static str, String)>, name: &str, said: &Said) {
    if let Said::Nothing(problem @ ("unreachable" | "timeout"), detail) = said {
        silent.insert(name.to_owned(), (problem, detail.clone()));
    }
}

async fn keep(app: &App, log: &LogRow, name: &str, voucher: &str, said: Said) -> Result<(), ArchiveError> {
    let archive = app.desk.archive();
    let outcome = if let Said::Nothing(problem, detail) = &said {
        let before = archive.voucher(log.id, voucher).await?.and_then(|known| known.problem);
        if before.as_deref() != Some(*problem) {
            tracing::warn!(log = %log.origin, who = %name, problem, detail, "a checkpoint is not vouched for");
        }
        *problem
    } else {
        "good"
    };
    let label = format!("who=\"{}\",outcome=\"{outcome}\"", name.replace(['"', '\\'], "_"));
    app.shell.metrics().count("plico_vouchers_asked_total", "Witnesses and authorities asked.", &label, 1);
    archive.heard(log, voucher, said).await
}

async fn witness(
    app: &App,
    log: &LogRow,
    target: &CheckpointRow,
    key: &VerifierKey,
    url: &str,
) -> Result<Said, ArchiveError> {
    let archive = app.desk.archive();
    let size = target.size.cast_unsigned();
    let known =
        archive.voucher(log.id, &key.to_string()).await?.map_or(0, |known| known.size.cast_unsigned());
    let mut old = known;
    for again in [false, true] {
        let Some(request) = archive.show(log, target, old).await? else {
            return Ok(Said::Nothing("ahead", format!("{old} > {size}")));
        };
        let now_s = archive.now_ms() / 1000;
        old = match add_checkpoint(app.vouchers.http(), url, key, &request, now_s).await {
            Err(error) => return Ok(failed(&error)),
            Ok(Answered::Cosigned(given)) => return Ok(Said::Cosigned(target.clone(), key.clone(), given)),
            // Of the size that it was asked from it knows another root.
            Ok(Answered::OtherSize(other)) if other == old => {
                return Ok(Said::Nothing("forked", other.to_string()));
            }
            Ok(Answered::OtherSize(other)) if other > size => {
                return Ok(Said::Nothing("ahead", format!("{other} > {size}")));
            }
            Ok(Answered::OtherSize(other)) if again => {
                return Ok(Said::Nothing("refused", format!("409 {other}")));
            }
            Ok(Answered::OtherSize(other)) => other,
            Ok(Answered::UnknownLog) => return Ok(Said::Nothing("unknown-log", "404".into())),
            Ok(Answered::Unsigned) => return Ok(Said::Nothing("unknown-key", "403".into())),
            Ok(Answered::Inconsistent) => return Ok(Said::Nothing("inconsistent", "422".into())),
            Ok(Answered::Refused(status, text)) => {
                return Ok(Said::Nothing("refused", format!("{status} {text}")));
            }
        };
    }
    Ok(Said::Nothing("refused", "409".into()))
}

fn failed(error: &WitnessError) -> Said {
    let problem = match error {
        WitnessError::Http(error) => silence(error),
        WitnessError::Answer(AnswerError::Absent) => "garbage",
        WitnessError::Answer(AnswerError::False) => "false",
        WitnessError::Answer(AnswerError::Time(_)) => "clock",
    };
    Said::Nothing(problem, describe(error))
}

/// What the authority says of a checkpoint; `None` when it is not time to ask.
async fn authority(
    app: &App,
    log: &LogRow,
    target: &CheckpointRow,
    url: &str,
) -> Result<Option<Said>, ArchiveError> {
    let archive = app.desk.archive();
    let now = archive.now_ms();
    if let Some(known) = archive.voucher(log.id, url).await? {
        let hours = i64::try_from(app.shell.config().evidence.timestamp_hours).unwrap_or(i64::MAX);
        let fresh = known.good_ms.is_some_and(|at| now - at < hours.saturating_mul(3_600_000));
        let failing = known.problem.is_some() && now - known.asked_ms < AFTER_FAILURE_MS;
        // A checkpoint that is stamped stays so.
        if known.size >= target.size || failing || (fresh && known.problem.is_none()) {
            return Ok(None);
        }
    }
    let (checkpoint, _) = Checkpoint::parse_note(target.note.as_bytes())
        .map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
    Ok(Some(stamp(app, target, &checkpoint, now).await))
}

/// Over the SHA-256 of the checkpoint's text: its three lines, which the log has signed.
async fn stamp(app: &App, target: &CheckpointRow, checkpoint: &Checkpoint, now: i64) -> Said {
    let digest = sha256(checkpoint.text().as_bytes());
    match app.vouchers.stamp(&digest, now).await {
        Ok((token, stamp)) => Said::Stamped(target.clone(), token, stamp),
        Err((problem, detail)) => Said::Nothing(problem, detail),
    }
}

/// How long evidence has been missing, for whoever watches: 0 when nothing is.
async fn measure(app: &App) -> Result<(), ArchiveError> {
    let archive = app.desk.archive();
    let missing = archive.missing_evidence().await?;
    for service in [plico_archive::vouch::Service::Witnesses, plico_archive::vouch::Service::Timestamps] {
        let since = missing.iter().filter(|late| late.service == service).map(|late| late.since_ms).min();
        let seconds = since.map_or(0, |since| (archive.now_ms() - since) / 1000);
        let label = format!("service=\"{}\"", service.code());
        let help = "Seconds since when some log's evidence is missing.";
        app.shell.metrics().gauge("plico_evidence_missing_seconds", help, &label, seconds as f64);
    }
    Ok(())
}
