//! One log: its events and their parts, its tiles and checkpoints.

use futures_util::{StreamExt as _, stream};
use plico_database::{DatabaseError, args};
use plico_journal::leaf::{LeafError, LeafRef, document_commitment, part_commitment};
use plico_journal::merkle::{Frontier, leaf_hash};
use plico_journal::{Checkpoint, Leaf};
use plico_record::part::DocumentsPart;
use tokio::task::JoinHandle;

use super::tiles::Levels;
use super::{Check, Ended, Outcome, Seen};
use crate::checkpoint::LogRow;
use crate::error::ArchiveError;
use crate::hex::hex32;
use crate::{Archive, hex, tree};

const BATCH: i64 = 1024;
/// Batches that are read and taken apart while those before them are checked.
const AHEAD: usize = 2;
const EVENTS: &str = "select e.idx, e.leaf, e.kind, e.subject, e.instant_ms from event e
    where e.log = $1 and e.idx >= $2 and e.idx < $3 order by e.idx";
const SUBJECTS: &str = "select log_id, last_idx from subject where log = $1
    and (last_idx is null or last_idx < $2 or last_idx >= (select size from log where id = $1))";
const CHECKPOINTS: &str = "select size, root, note, instant_ms from checkpoint where log = $1 order by size";

#[derive(plico_database::Record)]
struct EventRow {
    idx: i64,
    leaf: Vec<u8>,
    kind: String,
    subject: Vec<u8>,
    instant_ms: i64,
}

/// An event with what its leaf is.
struct Taken {
    event: EventRow,
    leaf: Result<Read, LeafError>,
    hash: [u8; 32],
}

/// What a leaf says.
struct Read {
    subject: [u8; 16],
    previous: Option<(u32, u64)>,
    /// Whether its row says the same.
    agrees: bool,
    /// All of it, where its parts are looked at.
    leaf: Option<Leaf>,
}

impl Archive {
    pub(super) async fn check_log(
        &self,
        log: &LogRow,
        began_ms: i64,
        mut kept: Vec<&Checkpoint>,
        check: &Check<'_>,
        seen: &mut Seen,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let checkpoints: Vec<crate::checkpoint::CheckpointRow> =
            self.database().all(CHECKPOINTS, args![log.id]).await?;
        let mut waiting =
            checkpoints.iter().filter(|c| c.size <= log.size || c.instant_ms < began_ms).peekable();
        kept.sort_by_key(|checkpoint| checkpoint.size);
        let mut kept = kept.into_iter().peekable();
        let vkey = self.verifier_key(&log.origin)?;
        let mut frontier = Frontier::new();
        let mut levels = Levels::default();
        let (mut next, mut last_ms) = (0_i64, 0);
        if log.read_only {
            outcome.found(format!("log {}", log.origin), "it is read-only: continuity is not shown");
        }
        let starts = (0..log.size).step_by(BATCH as usize);
        let mut coming =
            stream::iter(starts).map(|from| self.events(log, from, check.log_only)).buffered(AHEAD);
        while let Some(batch) = coming.next().await {
            let batch = batch.map_err(|error| ArchiveError::Corrupt(error.to_string()))??;
            (check.progress)(&log.origin, next.cast_unsigned(), log.size.cast_unsigned());
            for Taken { event, leaf, hash } in &batch {
                if event.idx != next {
                    let missing = format!("the events {next}–{} before it are missing", event.idx - 1);
                    outcome.found(place(log, event), missing);
                    next = event.idx;
                }
                next += 1;
                outcome.events += 1;
                if event.instant_ms < last_ms {
                    outcome.found(place(log, event), "its instant is before the previous one");
                }
                last_ms = event.instant_ms;
                if let Some(leaf) = check_leaf(log, event, leaf, seen, outcome) {
                    self.check_parts(log, event, leaf, seen, outcome).await;
                }
                if levels.push(&mut frontier, *hash) {
                    self.check_full(log, &mut levels, outcome).await?;
                }
                while let Some(row) = waiting.next_if(|row| row.size == next) {
                    outcome.checkpoints += 1;
                    check_checkpoint(row, &frontier, &vkey, &log.origin, outcome);
                }
                while let Some(checkpoint) = kept.next_if(|checkpoint| checkpoint.size <= frontier.size()) {
                    if checkpoint.size == frontier.size() && checkpoint.root != frontier.root() {
                        outcome.found(
                            format!("log {} at {}", log.origin, checkpoint.size),
                            "it is another history than that of the checkpoint that was kept",
                        );
                    }
                }
            }
            // Thousands of small pieces of memory go beside the next batch.
            tokio::spawn(async move { drop(batch) });
        }
        let heads: Vec<(Vec<u8>, Option<i64>)> =
            self.database().all(SUBJECTS, args![log.id, log.size]).await?;
        for (subject, last) in heads {
            let found = <[u8; 16]>::try_from(&subject[..])
                .ok()
                .and_then(|subject| seen.latest.get(&subject).copied());
            if found != last.map(|last| (log.successor as u32, last.cast_unsigned())) {
                outcome.found(
                    format!("subject {} of {}", hex(&subject), log.origin),
                    "its last event is not the one its row names",
                );
            }
        }
        self.check_succession(log, seen, outcome).await?;
        let ended = Ended { origin: log.origin.clone(), size: frontier.size(), root: hex(&frontier.root()) };
        seen.ended.insert(log.administration.clone(), ended);
        if next != log.size {
            outcome.found(
                format!("log {}", log.origin),
                format!("its size is {}, but {next} events are there", log.size),
            );
        }
        for row in waiting {
            outcome.found(
                format!("checkpoint {} of {}", row.size, log.origin),
                "it covers events that are not there: the data were rolled back",
            );
        }
        for checkpoint in kept {
            outcome.found(
                format!("log {} at {}", log.origin, checkpoint.size),
                "it ends before the checkpoint that was kept: the data were rolled back",
            );
        }
        if log.signed > 0 {
            let size = log.signed.cast_unsigned();
            match tree::root(self.vault(), log.id, size).await {
                Ok(root) if checkpoints.iter().any(|row| row.size == log.signed && row.root == root) => {}
                Ok(_) => {
                    outcome.found(format!("tiles of {}", log.origin), "they do not give the signed root");
                }
                Err(error) => outcome.found(format!("tiles of {}", log.origin), error.to_string()),
            }
        }
        self.check_edge(log, levels, outcome).await?;
        self.check_published(log, checkpoints.last(), outcome).await
    }

    fn events(
        &self,
        log: &LogRow,
        from: i64,
        log_only: bool,
    ) -> JoinHandle<Result<Vec<Taken>, DatabaseError>> {
        let until = log.size.min(from.saturating_add(BATCH));
        let (database, asked, origin) =
            (self.database().clone(), args![log.id, from, until], log.origin.clone());
        tokio::spawn(async move {
            let events: Vec<EventRow> = database.all(EVENTS, asked).await?;
            let take = |event: EventRow| {
                let leaf = LeafRef::parse(&event.leaf).map(|leaf| Read {
                    subject: leaf.subject,
                    previous: leaf.previous,
                    agrees: leaf.origin == origin
                        && leaf.index == event.idx.cast_unsigned()
                        && leaf.instant_ms == event.instant_ms
                        && leaf.kind == event.kind
                        && leaf.subject[..] == event.subject[..],
                    leaf: (!log_only).then(|| leaf.to_owned()),
                });
                Taken { leaf, hash: leaf_hash(&event.leaf), event }
            };
            Ok(events.into_iter().map(take).collect())
        })
    }

    async fn check_parts(
        &self,
        log: &LogRow,
        event: &EventRow,
        leaf: &Leaf,
        seen: &Seen,
        outcome: &mut Outcome,
    ) {
        let place = &place(log, event);
        let parts = match self.parts(log.id, event.idx).await {
            Ok(parts) => parts,
            Err(error) => {
                outcome.found(place, format!("a part does not open: {error}"));
                return;
            }
        };
        for name in leaf.parts.keys().filter(|name| !parts.iter().any(|part| part.name == **name)) {
            let erased = name != "register" && seen.erased.contains(&(log.id, event.idx));
            if !erased && !seen.lost.contains(&format!("part:{}/{}/{name}", log.id, event.idx)) {
                outcome.found(place, format!("part {name} is missing, or its key is"));
            }
        }
        for part in parts {
            outcome.parts += 1;
            match leaf.parts.get(&part.name) {
                None => outcome.found(place, format!("part {} is not in the leaf", part.name)),
                Some(c) if *c != part_commitment(&part.salt, &part.bytes) => {
                    outcome.found(place, format!("part {} is not the one that was committed to", part.name));
                }
                Some(_) => {}
            }
            if part.name == "documents" {
                if !documents_agree(leaf, &part.bytes) {
                    outcome.found(place, "its documents are not those that were committed to");
                }
                // Those of a delivery are its message's.
                if !event.kind.starts_with("delivery.") {
                    self.check_documents(&part.bytes, outcome).await;
                }
            }
        }
    }
}

fn place(log: &LogRow, event: &EventRow) -> String {
    format!("event {} of {}", event.idx, log.origin)
}

/// A row against its leaf, and the leaf against its subject's history; answers the leaf where its parts are looked at.
fn check_leaf<'a>(
    log: &LogRow,
    event: &EventRow,
    leaf: &'a Result<Read, LeafError>,
    seen: &mut Seen,
    outcome: &mut Outcome,
) -> Option<&'a Leaf> {
    let read = match leaf {
        Ok(read) => read,
        Err(error) => {
            outcome.found(place(log, event), format!("its leaf is not one: {error}"));
            return None;
        }
    };
    if !read.agrees {
        outcome.found(place(log, event), "its row does not say what its leaf says");
    }
    // Two events after the same one would be a fork of the subject's history.
    let previous = seen.latest.insert(read.subject, (log.successor as u32, event.idx.cast_unsigned()));
    if read.previous != previous {
        outcome.found(place(log, event), "it does not follow its subject's previous event");
    }
    read.leaf.as_ref()
}

fn documents_agree(leaf: &Leaf, part: &[u8]) -> bool {
    let Ok(part) = serde_json::from_slice::<DocumentsPart>(part) else { return false };
    part.documents.len() == leaf.documents.len()
        && part.documents.iter().zip(&leaf.documents).all(|(document, commitment)| {
            use base64::Engine as _;
            let salt = base64::engine::general_purpose::STANDARD.decode(&document.salt).ok();
            let salt: Option<[u8; 32]> = salt.and_then(|salt| salt.try_into().ok());
            match (salt, hex32(&document.sha256)) {
                (Some(salt), Ok(digest)) => document_commitment(&salt, &digest) == *commitment,
                _ => false,
            }
        })
}

fn check_checkpoint(
    row: &crate::checkpoint::CheckpointRow,
    frontier: &Frontier,
    vkey: &plico_journal::VerifierKey,
    origin: &str,
    outcome: &mut Outcome,
) {
    let place = format!("checkpoint {} of {origin}", row.size);
    if row.root[..] != frontier.root()[..] {
        outcome.found(&place, "its root is not that of the events");
    }
    match Checkpoint::parse_note(row.note.as_bytes()) {
        Ok((checkpoint, note)) => {
            if checkpoint.root[..] != row.root[..] || checkpoint.size != row.size.cast_unsigned() {
                outcome.found(&place, "its row does not say what the note says");
            }
            if !checkpoint.is_signed_by(&note, vkey) {
                outcome.found(&place, "the log's signature does not hold");
            }
        }
        Err(error) => outcome.found(&place, format!("it is not a checkpoint: {error}")),
    }
}
