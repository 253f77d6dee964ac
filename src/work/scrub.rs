//! Reads stored content again in the background, at a gentle pace. A pass that is over is an event; what it finds is red
//! on the status page as soon as it is found. What is damaged is brought back from the replica, where there is one.

use std::time::Duration;

use plico_archive::scrub::Pass;
use plico_archive::{ActError, ArchiveError};
use tokio_util::sync::CancellationToken;

use super::receipt::describe;
use crate::app::App;

const DAY_MS: i64 = 86_400_000;
/// How often it is looked whether a pass is due, and how long is waited after one that broke off.
const EVERY: Duration = Duration::from_mins(10);
const MIB: f64 = 1_048_576.0;

/// Goes on for ever, unless it is switched off.
pub(super) async fn follow(app: App, until: CancellationToken) {
    let pace = app.shell.config().scrub.mib_per_second;
    if pace == 0 {
        return;
    }
    let pause =
        |bytes: u64| tokio::time::sleep(Duration::from_secs_f64(bytes as f64 / MIB / f64::from(pace)));
    loop {
        let passed = tokio::select! {
            passed = go_on(&app, pause) => passed,
            () = until.cancelled() => return,
        };
        if let Err(why) = passed {
            tracing::error!(why, "stored content could not be read again");
        }
        tokio::select! { () = tokio::time::sleep(EVERY) => {}, () = until.cancelled() => return }
    }
}

/// Goes on with the present pass, or begins one that is due, to its end; answers whether there was anything to do.
pub async fn go_on<F: Future<Output = ()>>(app: &App, pause: impl Fn(u64) -> F) -> Result<bool, String> {
    let archive = app.desk.archive();
    let failed = |fault: ArchiveError| describe(&fault);
    let due_ms = i64::from(app.shell.config().scrub.days) * DAY_MS;
    let mut pass = match archive.pass().await.map_err(failed)? {
        Some(pass) if !pass.is_over() => pass,
        Some(pass) if archive.now_ms() < pass.began_ms + due_ms => return Ok(false),
        _ => Pass::begin(archive.now_ms()),
    };
    let known = pass.findings.len();
    while !pass.is_over() {
        archive.scrub(&mut pass, &pause).await.map_err(failed)?;
    }
    for found in &pass.findings[known..] {
        tracing::error!(place = %found.place, what = %found.what, "stored content is damaged");
    }
    app.desk.content_checked(&pass).await.map_err(|error| match error {
        ActError::Refused(refusal) => refusal.to_string(),
        ActError::Fault(fault) => describe(&fault),
    })?;
    tracing::info!(
        blobs = pass.blobs,
        wrong = pass.findings.len(),
        mended = pass.mended.len(),
        "stored content was read again"
    );
    Ok(true)
}
