//! What can be seen in the archive itself.

use plico_archive::read::body;
use plico_archive::{Archive, ArchiveError};
use plico_signature::Sealer;

use super::Finding;
use crate::app;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;

/// How long before its end a seal is warned of (milliseconds): two months.
const SOON_MS: i64 = 60 * 86_400_000;

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let archive = match app::open_beside(config).await {
        Ok(archive) => archive,
        Err(error) => {
            let remedy = "`plico migrate` when migrations are missing; otherwise key file and folder";
            return vec![Finding::bad("archive", error.to_string(), remedy)];
        }
    };
    let mut findings = vec![seal_of(&archive)];
    match logs_and_jobs(&archive).await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::bad("archive", error.to_string(), "run `plico fsck`")),
    }
    archive.close().await;
    findings
}

async fn logs_and_jobs(archive: &Archive) -> Result<Vec<Finding>, ArchiveError> {
    let mut findings = vec![clock(archive).await?];
    for log in archive.logs().await? {
        let found = format!("{}: {} events, {} signed", log.origin, log.size, log.signed);
        findings.push(if log.read_only {
            let remedy = "bring back the signer's state, or start a successor";
            Finding::bad("log", format!("{found}, read-only"), remedy)
        } else {
            Finding::good("log", found)
        });
    }
    for body in body::bodies(archive.database()).await? {
        let given_up = archive.given_up(&body.id).await?;
        findings.push(if given_up == 0 {
            Finding::good("jobs", format!("{}: none gave up", body.name))
        } else {
            let remedy = "look at them in the administrator's desk and try them again";
            Finding::warning("jobs", format!("{}: {given_up} gave up", body.name), remedy)
        });
    }
    Ok(findings)
}

async fn clock(archive: &Archive) -> Result<Finding, ArchiveError> {
    match archive.believe_clock().await {
        Ok(()) => Ok(Finding::good("clock", "not far behind the archive's last instant, or accepted")),
        Err(ArchiveError::Clock) => Ok(Finding::bad(
            "clock",
            "more than an hour behind the archive's last instant: nothing is written",
            "set it right; where it is right and was ahead before, `plico doctor --accept-clock`",
        )),
        Err(error) => Err(error),
    }
}

fn seal_of(archive: &Archive) -> Finding {
    let Some(pem) = archive.seal_pem() else {
        return Finding::warning("seal-key", "the key file holds no seal", "receipts bear none, and say so");
    };
    let ends = Sealer::from_pem(pem.as_bytes(), pem.as_bytes()).map(|sealer| sealer.not_after_ms());
    match ends {
        Ok(Some(ends)) if ends < SystemClock.now_ms() => {
            Finding::bad("seal-key", "the seal's certificate has expired", "renew it")
        }
        Ok(Some(ends)) if ends < SystemClock.now_ms() + SOON_MS => {
            Finding::warning("seal-key", "the seal's certificate expires within two months", "renew it")
        }
        Ok(_) => Finding::good("seal-key", "the seal can be used"),
        Err(error) => Finding::bad("seal-key", error.to_string(), "put another seal into the key file"),
    }
}
