//! What can be seen in the archive itself.

use std::sync::Arc;

use plico_archive::keys::Protection;
use plico_archive::read::body;
use plico_archive::{Archive, ArchiveError};
use plico_desk::seal::{Grade, Standing, Trouble};
use plico_desk::{Desk, Limits};
use plico_locale::Catalogue;
use plico_record::day::LegalDay;
use plico_registry::exchange::Generation;
use plico_vault::Verdict;

use super::super::console;
use super::super::exit::shut;
use super::Finding;
use crate::app;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::vouchers::Vouchers;
use crate::work::describe;

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let archive = match app::open_beside(config).await {
        Ok(archive) => archive,
        Err(error) if shut(&error).is_some() => {
            let remedy = "see `[keys]` in the configuration; nothing is served before the keys open";
            return vec![Finding::bad("keys", describe(&error), remedy)];
        }
        Err(error) => {
            let remedy = "`plico migrate` when migrations are missing; otherwise key file and folder";
            return vec![Finding::bad("archive", error.to_string(), remedy)];
        }
    };
    let mut findings = match desk(config, &archive) {
        Ok(desk) => vec![seal(config, &desk).await],
        Err(finding) => vec![finding],
    };
    match archive.key_protection().await {
        Ok(protection) => findings.push(keys(&protection)),
        Err(error) => findings.push(Finding::bad("keys", describe(&error), "bring back the key file")),
    }
    let vouchers = match Vouchers::load(config) {
        Ok(vouchers) => vouchers,
        Err(error) => {
            findings.push(Finding::bad(
                "evidence",
                describe(&error),
                "correct it: `plico serve` refuses to start with it",
            ));
            archive.close().await;
            return findings;
        }
    };
    archive.demand_evidence(vouchers.demand(config));
    match evidence(&archive, &vouchers).await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::bad("evidence", error.to_string(), "run `plico fsck`")),
    }
    if config.signatures.fetch {
        match fetched(&archive).await {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(Finding::bad("fetched", error.to_string(), "run `plico fsck`")),
        }
    }
    findings.extend(registries(config, &archive).await);
    findings.extend(mailboxes(config, &archive).await);
    findings.extend(bodies_spoken_to(config, &archive).await);
    findings.extend(stores(&archive).await);
    match logs_and_jobs(&archive).await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::bad("archive", error.to_string(), "run `plico fsck`")),
    }
    archive.close().await;
    findings
}

/// What was fetched of authorities, and who failed within a week.
async fn fetched(archive: &Archive) -> Result<Vec<Finding>, ArchiveError> {
    let (lists, newest_ms) = archive.fetched_state("list").await?;
    let mut findings = vec![if lists == 0 {
        let remedy = "the service fetches them; see who failed, and set `signatures.lists`";
        Finding::warning("fetched", "no trusted list has been fetched", remedy)
    } else {
        let newest = plico_record::day::rfc3339(newest_ms);
        Finding::good("fetched", format!("{lists} trusted lists, the last at {newest}"))
    }];
    for failed in archive.unfetched(archive.now_ms() - 7 * 86_400_000).await? {
        let found = format!("{} ({}): {} ({})", failed.source, failed.kind, failed.problem, failed.detail);
        findings.push(Finding::warning("fetched", found, "check the network, and the section `outbound`"));
    }
    Ok(findings)
}

/// What the object store does, and what it only says.
async fn stores(archive: &Archive) -> Vec<Finding> {
    let tried = match archive.vault().try_out().await {
        Ok(tried) => tried,
        Err(error) => return vec![Finding::bad("blobs", error.to_string(), "see the log")],
    };
    let mut findings: Vec<Finding> = tried
        .into_iter()
        .map(|one| match one.verdict {
            Verdict::Good => Finding::good("blobs", one.found),
            Verdict::Weak => Finding::warning("blobs", one.found, one.remedy),
            Verdict::Bad => Finding::bad("blobs", one.found, one.remedy),
        })
        .collect();
    if archive.vault().has_replica() {
        let looked = archive.vault().look().await;
        findings.push(match archive.vault().replica_trouble() {
            Some(why) => Finding::bad("replica", why, "check the section `replica` of the configuration"),
            None if looked.is_ok() => Finding::good("replica", "what is damaged can be brought back from it"),
            None => Finding::warning("replica", "nobody could ask it", "see the log"),
        });
    }
    findings
}

async fn logs_and_jobs(archive: &Archive) -> Result<Vec<Finding>, ArchiveError> {
    let mut findings = vec![clock(archive).await?];
    findings.extend(role(archive).await?);
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

/// Who is asked to vouch for the logs, and what came of it.
async fn evidence(archive: &Archive, vouchers: &Vouchers) -> Result<Vec<Finding>, ArchiveError> {
    let (witnesses, authority) = (vouchers.witnesses(), vouchers.authority());
    let mut findings = Vec::new();
    if witnesses.is_empty() {
        let remedy = "name witnesses of other bodies in `evidence.policy`";
        findings.push(Finding::warning(
            "evidence",
            "no witness vouches for the logs, and receipts say so",
            remedy,
        ));
    }
    if authority.is_none() {
        let remedy = "set `evidence.timestamp_url` if the body has a contract with an authority";
        findings.push(Finding::warning("evidence", "no authority time-stamps the logs", remedy));
    }
    for late in archive.missing_evidence().await?.into_iter().filter(|late| late.overdue) {
        let since = plico_record::day::rfc3339(late.since_ms);
        let found = format!("{}: without {} since {since}", late.origin, late.service.code());
        findings.push(Finding::bad("evidence", found, "see below who does not vouch, and why"));
    }
    let logs = archive.active_logs().await?;
    for one in archive.vouchers().await? {
        let asked = authority == Some(one.name.as_str())
            || witnesses.iter().any(|(_, key, _)| key.to_string() == one.name);
        let Some(log) = logs.iter().find(|log| log.id == one.log).filter(|_| asked) else { continue };
        let who = vouchers.name_of(&one.name);
        findings.push(match (&one.problem, &one.detail) {
            (Some(problem), detail) => {
                let detail = detail.as_deref().unwrap_or_default();
                let found = format!("{}: {who}: {problem} ({detail})", log.origin);
                Finding::warning("evidence", found, remedy(problem))
            }
            (None, _) => {
                Finding::good("evidence", format!("{}: {who} vouches for {} events", log.origin, one.size))
            }
        });
    }
    Ok(findings)
}

fn remedy(problem: &str) -> &'static str {
    match problem {
        "unknown-log" | "unknown-key" => "enrol the log's key there: it stands in /log/policy",
        "ahead" => {
            "it has seen more of this log than there is here: data and signer's state were rolled back; bring back the newest"
        }
        "forked" | "inconsistent" => {
            "it has seen another history: stop, keep the disk, compare with its checkpoint"
        }
        "untrusted" => "put the authority's root into `evidence.policy`, or ask another",
        "clock" => "compare both clocks",
        _ => "check the address; otherwise tell whoever runs it",
    }
}

/// A file's owner can do anything with it; a server's role need not.
async fn role(archive: &Archive) -> Result<Option<Finding>, ArchiveError> {
    if archive.database().file().is_some() {
        return Ok(None);
    }
    Ok(Some(if archive.database().may_change_events().await? {
        let remedy = "connect as a role of its own, after `plico migrate --grant ROLE` as the owner";
        Finding::warning(
            "database-role",
            "it owns the tables: only triggers keep it from changing events",
            remedy,
        )
    } else {
        Finding::good("database-role", "it cannot change what is final")
    }))
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

fn keys(protection: &Protection) -> Finding {
    let found = format!("the key file is {protection}");
    match protection {
        Protection::Clear => {
            Finding::warning("keys", found, "`plico key protect` seals it with a passphrase or by a token")
        }
        Protection::Passphrase | Protection::Token(..) => Finding::good("keys", found),
    }
}

/// A desk that believes whom the service believes.
fn desk(config: &Config, archive: &Archive) -> Result<Desk, Finding> {
    let desk = console::over(config, archive.clone())
        .map_err(|error| Finding::bad("seal", error.to_string(), "build it again"))?;
    let trust = crate::trust::read(&config.signatures, Vec::new())
        .map_err(|error| Finding::bad("seal", describe(&error), "correct `[signatures]`"))?;
    desk.believe(trust);
    Ok(desk)
}

/// The seal signs something that means nothing; a token is asked once for its PIN.
async fn seal(config: &Config, desk: &Desk) -> Finding {
    let ready = match desk.seal_standing().await {
        Standing::Absent => {
            let remedy = "set `seal.file` or `seal.module` to the body's own";
            return Finding::warning("seal", "there is no seal: papers bear none, and say so", remedy);
        }
        Standing::Unusable(why) => {
            return Finding::bad("seal", why, "correct `[seal]`: what must be sealed waits until then");
        }
        Standing::Ready(ready) => ready,
    };
    let until = LegalDay::at(ready.not_after_ms);
    let named = format!("{}, issued by {}, until {until}", ready.subject, ready.issuer);
    let renew = "have it renewed, put the old certificate into `seal.earlier`, and start again";
    match ready.trouble(SystemClock.now_ms(), config.seal.warn_days) {
        Some(Trouble::Ended) => Finding::bad("seal", format!("{named}: it has ended"), renew),
        Some(Trouble::NotYet) => {
            Finding::bad("seal", format!("{named}: it has not begun"), "set the clock right, or wait")
        }
        Some(Trouble::Use) => Finding::bad(
            "seal",
            format!("{named}: not a certificate for signatures"),
            "ask for one for seals",
        ),
        Some(Trouble::Ends(days)) => {
            Finding::warning("seal", format!("{named}: {days} days are left"), renew)
        }
        None if ready.grade == Grade::Qualified => Finding::good("seal", format!("{named}: qualified")),
        None => Finding::warning(
            "seal",
            format!("{named}: NOT qualified"),
            "well if that is meant; trusted lists (`signatures.lists`) say which is",
        ),
    }
}

/// The mailboxes: each is opened.
async fn mailboxes(config: &Config, archive: &Archive) -> Vec<Finding> {
    if config.mailbox.folder.is_none() {
        return Vec::new();
    }
    let remedy = "correct the file in mailbox.folder: docs/mail.md says what each line means";
    let Ok(catalogue) = Catalogue::load() else { return Vec::new() };
    let desk = Desk::new(archive.clone(), Arc::new(catalogue), Limits::default(), &config.public_url);
    let mailboxes = match crate::mailboxes::read(config, &desk).await {
        Err(error) => return vec![Finding::bad("mailbox", describe(&error), remedy)],
        Ok(mailboxes) => mailboxes,
    };
    let mut findings = Vec::with_capacity(mailboxes.len());
    for watched in mailboxes {
        let name = &watched.mailbox.name;
        findings.push(match crate::mailboxes::check(&watched).await {
            Ok(()) => Finding::good("mailbox", format!("{name}: it can be read")),
            Err(error) => Finding::bad("mailbox", format!("{name}: {}", describe(&error)), remedy),
        });
    }
    findings
}

/// What registries of other bodies are spoken to with: whether they may call, and the seal that every mark of version 3 wants.
async fn bodies_spoken_to(config: &Config, archive: &Archive) -> Vec<Finding> {
    let Ok(desk) = console::over(config, archive.clone()) else { return Vec::new() };
    let mailboxes = crate::mailboxes::read(config, &desk).await.unwrap_or_default();
    let mut marks = mailboxes.iter().any(|watched| watched.speaks.generation == Generation::V3);
    let mut findings = Vec::new();
    if config.exchange.folder.is_none() {
        findings
            .push(Finding::good("exchange", "no other body's registry may call: exchange.folder is empty"));
    } else {
        match crate::peers::read(config, &desk).await {
            Err(error) => {
                let remedy =
                    "correct the file in exchange.folder: docs/registries.md says what each line means";
                findings.push(Finding::bad("exchange", describe(&error), remedy));
            }
            Ok(known) => {
                marks |= known.iter().any(|one| one.recipient.is_some());
                let codes: Vec<_> = known.iter().map(|one| one.peer.code.as_str()).collect();
                let words = match codes.as_slice() {
                    [] => "no other body's registry may call: exchange.folder has no file".into(),
                    codes => format!(
                        "the registries of these bodies may call {}/api/registries/recipient and sender: {}",
                        config.public_url,
                        codes.join(", ")
                    ),
                };
                findings.push(Finding::good("exchange", words));
                for one in known.iter().filter(|one| one.sender.is_none()) {
                    let words = format!("{}: nothing is told to it of what it sends", one.peer.code);
                    findings.push(Finding::warning("exchange", words, "set sender_url in its file"));
                }
            }
        }
    }
    if marks && !matches!(desk.seal_standing().await, Standing::Ready(_)) {
        let words = "letters carry marks of version 3, which must be sealed, and there is no seal that works";
        findings.push(Finding::bad(
            "exchange",
            words,
            "set `seal.file` or `seal.module`: no such letter leaves until then",
        ));
    }
    findings
}

/// The registry systems: each is asked whether it is there and knows us.
async fn registries(config: &Config, archive: &Archive) -> Vec<Finding> {
    if config.registry.folder.is_none() {
        return Vec::new();
    }
    let remedy = "correct the file in registry.folder: see the system's page in docs/registries.md";
    let Ok(catalogue) = Catalogue::load() else { return Vec::new() };
    let desk = Desk::new(archive.clone(), Arc::new(catalogue), Limits::default(), &config.public_url);
    match crate::registries::read(config, &desk).await {
        Err(error) => vec![Finding::bad("registry", describe(&error), remedy)],
        Ok(systems) => crate::registries::check(&systems)
            .await
            .into_iter()
            .map(|(name, answer)| match answer {
                Ok(words) => Finding::good("registry", format!("{name}: {words}")),
                Err(words) => Finding::bad("registry", format!("{name}: {words}"), remedy),
            })
            .collect(),
    }
}
