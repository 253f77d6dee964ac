//! Reads everything again and names what is wrong and where: rows, leaves, parts, tiles, checkpoints, blobs, the
//! register's numbers, and the projections by rebuilding them.

mod blobs;
mod log;
mod register;
mod rows;
mod stored;
mod succession;
mod tiles;
mod vouched;

use std::collections::{BTreeSet, HashMap, HashSet};

use plico_database::args;
use plico_journal::Checkpoint;
use serde::{Deserialize, Serialize};

use crate::Archive;
use crate::error::ArchiveError;

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Table and key, or path.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// What was read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    /// Nothing was found wrong.
    pub clean: bool,
    /// Events read.
    pub events: u64,
    /// Parts opened and compared.
    pub parts: u64,
    /// Documents and receipts opened and compared.
    pub documents: u64,
    /// Blobs hashed.
    pub blobs: u64,
    /// Tiles compared.
    pub tiles: u64,
    /// Checkpoints recomputed and verified.
    pub checkpoints: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Content that was wrong, and was brought back from the replica.
    pub mended: Vec<Finding>,
}

impl Outcome {
    fn found(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.findings.push(Finding { place: place.into(), what: what.into() });
    }

    fn blob(&mut self, place: &str, blob: &[u8], what: &str, mended: bool) {
        let list = if mended { &mut self.mended } else { &mut self.findings };
        list.push(Finding { place: format!("{place}{}", crate::hex(blob)), what: what.into() });
    }
}

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Check<'a> {
    /// Checkpoints that somebody kept, and that the logs must go on from: whoever rewrites the journal with its own keys
    /// leaves nothing wrong in it, but cannot lead it past these.
    pub kept: &'a [Checkpoint],
    /// Leaves, tiles, checkpoints and what others said of them; no part is opened, no content read, nothing rebuilt.
    pub log_only: bool,
    /// Whether damaged and missing blobs are brought back from the replica.
    pub repair: bool,
    /// Hears now and then which log is read, how many of its events were, and how many it has.
    pub progress: &'a (dyn Fn(&str, u64, u64) + Sync),
}

impl Default for Check<'_> {
    fn default() -> Self {
        Self { kept: &[], log_only: false, repair: false, progress: &|_, _, _| {} }
    }
}

const REFERENCED: &str = "select distinct blob from access_grant where blob is not null
    union select blob from upload union select blob from receipt";

const LOST: &str = "select thing from erased";

/// What was seen on the way from log to log: a successor goes on with the subjects of the log before it.
#[derive(Default)]
struct Seen {
    /// Each subject's latest event: which of the body's logs, and where in it.
    latest: HashMap<[u8; 16], (u32, u64)>,
    /// How the last log of each administration ends.
    ended: HashMap<String, Ended>,
    /// Events that a record of destruction says cannot be opened any more.
    erased: BTreeSet<(i64, i64)>,
    /// Parts that a restore found without a key.
    lost: HashSet<String>,
}

struct Ended {
    origin: String,
    size: u64,
    root: String,
}

impl Archive {
    /// Reads the whole archive again.
    pub async fn fsck(&self) -> Result<Outcome, ArchiveError> {
        self.fsck_as(&Check::default()).await
    }

    /// The same, as it is wanted.
    pub async fn fsck_as(&self, check: &Check<'_>) -> Result<Outcome, ArchiveError> {
        let kept = check.kept;
        let mut outcome = Outcome::default();
        // What came after this instant is not looked at: the archive goes on while it is read.
        let began_ms = self.now_ms();
        let mut needed: Vec<(Vec<u8>,)> = Vec::new();
        if !check.log_only {
            needed = self.database().all(REFERENCED, args![]).await?;
            for line in self.database().integrity_check().await? {
                outcome.found("database", line);
            }
        }
        let lost: Vec<(String,)> = self.database().all(LOST, args![]).await?;
        let mut seen = Seen {
            erased: self.erased_events().await?,
            lost: lost.into_iter().map(|(thing,)| thing).collect(),
            ..Seen::default()
        };
        // Content first: what is brought back opens when the documents are read.
        if !check.log_only {
            self.check_blobs(needed, check.repair, &mut outcome).await?;
        }
        for log in self.logs().await? {
            let kept = kept.iter().filter(|checkpoint| checkpoint.origin == log.origin).collect();
            self.check_log(&log, began_ms, kept, check, &mut seen, &mut outcome).await?;
            if check.log_only {
                self.check_vouched(&log, &mut outcome).await?;
                continue;
            }
            self.check_head(&log, &mut outcome).await?;
            self.check_subjects(&log, &mut outcome).await?;
            self.check_vouched(&log, &mut outcome).await?;
        }
        let origins: Vec<String> = self.logs().await?.into_iter().map(|log| log.origin).collect();
        for checkpoint in kept.iter().filter(|kept| !origins.contains(&kept.origin)) {
            let place = format!("log {}", checkpoint.origin);
            outcome.found(place, "there is no such log, but somebody kept a checkpoint of it");
        }
        if check.log_only {
            outcome.clean = outcome.findings.is_empty();
            return Ok(outcome);
        }
        self.check_receipts(&mut outcome).await?;
        self.check_receipt_rows(&mut outcome).await?;
        self.check_register(&mut outcome).await?;
        match self.compare_rebuilt().await {
            Ok(differing) => {
                for one in differing {
                    outcome.found(format!("{} {}", one.table, one.row), one.what);
                }
            }
            Err(error) => outcome.found("projections", format!("cannot be rebuilt: {error}")),
        }
        outcome.clean = outcome.findings.is_empty();
        Ok(outcome)
    }
}
