//! Reads everything again and names what is wrong and where: rows, leaves, parts, tiles, checkpoints, blobs, the
//! register's numbers, and the projections by rebuilding them.

mod stored;

use std::collections::HashMap;

use plico_crypto::digest::sha256;
use plico_database::args;
use plico_journal::leaf::{document_commitment, part_commitment};
use plico_journal::merkle::{self, Frontier, Hash, TileId, leaf_hash};
use plico_journal::{Checkpoint, Leaf};
use plico_record::part::DocumentsPart;
use plico_vault::Condition;
use serde::Serialize;

use crate::append::hex32;
use crate::checkpoint::LogRow;
use crate::error::ArchiveError;
use crate::{Archive, hex, tree};

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}

impl Outcome {
    fn found(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.findings.push(Finding { place: place.into(), what: what.into() });
    }
}

const BATCH: i64 = 512;
const EVENTS: &str = "select e.idx, e.leaf, e.kind, e.subject, e.instant_ms from event e
    where e.log = $1 and e.idx >= $2 and e.idx < $4 order by e.idx limit $3";
const SUBJECTS: &str = "select log_id, last_idx from subject where log = $1
    and (last_idx is null or last_idx < $2 or last_idx >= (select size from log where id = $1))";
const CHECKPOINTS: &str = "select size, root, note, instant_ms from checkpoint where log = $1 order by size";
const BLOB_ROWS: &str = "select digest, bytes from blob where digest > $1 order by digest limit 64";
const REFERENCED: &str = "select distinct blob from access_grant where blob is not null
    union select blob from upload union select blob from receipt";
const HEADS: &str = "select h.administration, h.area, h.year, h.next,
    (select count(*) from registration r where r.administration = h.administration and r.area = h.area
        and r.year = h.year),
    (select coalesce(max(r.number), 0) from registration r where r.administration = h.administration
        and r.area = h.area and r.year = h.year)
    from register_head h";

#[derive(sqlx::FromRow)]
struct EventRow {
    idx: i64,
    leaf: Vec<u8>,
    kind: String,
    subject: Vec<u8>,
    instant_ms: i64,
}

impl Archive {
    /// Reads the whole archive again.
    pub async fn fsck(&self) -> Result<Outcome, ArchiveError> {
        let mut outcome = Outcome::default();
        // What came after this instant is not looked at: the archive goes on while it is read.
        let began_ms = self.now_ms();
        let needed: Vec<(Vec<u8>,)> = self.database().all(REFERENCED, args![]).await?;
        for line in self.database().integrity_check().await? {
            outcome.found("database", line);
        }
        for log in self.logs().await? {
            self.check_log(&log, began_ms, &mut outcome).await?;
        }
        self.check_blobs(needed, &mut outcome).await?;
        self.check_receipts(&mut outcome).await?;
        self.check_register(&mut outcome).await?;
        match self.compare_rebuilt().await {
            Ok(differing) => {
                for what in differing {
                    outcome.found("projections", what);
                }
            }
            Err(error) => outcome.found("projections", format!("cannot be rebuilt: {error}")),
        }
        outcome.clean = outcome.findings.is_empty();
        Ok(outcome)
    }

    async fn check_log(
        &self,
        log: &LogRow,
        began_ms: i64,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let checkpoints: Vec<crate::checkpoint::CheckpointRow> =
            self.database().all(CHECKPOINTS, args![log.id]).await?;
        let mut waiting =
            checkpoints.iter().filter(|c| c.size <= log.size || c.instant_ms < began_ms).peekable();
        let vkey = self.verifier_key(&log.origin)?;
        let mut frontier = Frontier::new();
        let mut tile: Vec<Hash> = Vec::with_capacity(256);
        let (mut next, mut last_ms) = (0, 0);
        let mut latest: HashMap<[u8; 16], i64> = HashMap::new();
        if log.read_only {
            outcome.found(format!("log {}", log.origin), "it is read-only: continuity is not shown");
        }
        loop {
            let batch: Vec<EventRow> =
                self.database().all(EVENTS, args![log.id, next, BATCH, log.size]).await?;
            if batch.is_empty() {
                break;
            }
            for event in batch {
                let place = format!("event {} of {}", event.idx, log.origin);
                if event.idx != next {
                    outcome
                        .found(&place, format!("the events {next}–{} before it are missing", event.idx - 1));
                    next = event.idx;
                }
                next += 1;
                outcome.events += 1;
                if event.instant_ms < last_ms {
                    outcome.found(&place, "its instant is before the previous one");
                }
                last_ms = event.instant_ms;
                self.check_event(log, &event, &place, &mut latest, outcome).await?;
                let hash = leaf_hash(&event.leaf);
                frontier.push(hash);
                tile.push(hash);
                if tile.len() == 256 {
                    let id = TileId { level: 0, index: (event.idx / 256).cast_unsigned(), width: 256 };
                    if event.idx < log.signed {
                        self.check_tile(log, id, &tile, outcome).await?;
                    }
                    tile.clear();
                }
                while let Some(row) = waiting.next_if(|row| row.size == next) {
                    outcome.checkpoints += 1;
                    check_checkpoint(row, &frontier, &vkey, &log.origin, outcome);
                }
            }
        }
        let heads: Vec<(Vec<u8>, Option<i64>)> =
            self.database().all(SUBJECTS, args![log.id, log.size]).await?;
        for (subject, last) in heads {
            let found =
                <[u8; 16]>::try_from(&subject[..]).ok().and_then(|subject| latest.get(&subject).copied());
            if found != last {
                outcome.found(
                    format!("subject {} of {}", hex(&subject), log.origin),
                    "its last event is not the one its row names",
                );
            }
        }
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
        if log.signed > 0 {
            let size = log.signed.cast_unsigned();
            match tree::root(self.vault(), log.id, size).await {
                Ok(root) if checkpoints.iter().any(|row| row.size == log.signed && row.root == root) => {}
                Ok(_) => {
                    outcome.found(format!("tiles of {}", log.origin), "they do not give the signed root");
                }
                Err(error) => outcome.found(format!("tiles of {}", log.origin), error.to_string()),
            }
            let partial = TileId { level: 0, index: size / 256, width: (size % 256) as u16 };
            if partial.width > 0 && tile.len() >= usize::from(partial.width) {
                self.check_tile(log, partial, &tile[..usize::from(partial.width)], outcome).await?;
            }
        }
        Ok(())
    }

    async fn check_tile(
        &self,
        log: &LogRow,
        id: TileId,
        hashes: &[Hash],
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        outcome.tiles += 1;
        let path = tree::tile_path(log.id, id);
        match self.vault().read_file(&path, 8192).await? {
            None => outcome.found(path, "the tile is missing"),
            Some(bytes) if merkle::tile_hashes(&bytes).as_deref() != Some(hashes) => {
                outcome.found(path, "the tile is not that of the events");
            }
            Some(_) => {}
        }
        Ok(())
    }

    async fn check_event(
        &self,
        log: &LogRow,
        event: &EventRow,
        place: &str,
        latest: &mut HashMap<[u8; 16], i64>,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let leaf = match Leaf::parse(&event.leaf) {
            Ok(leaf) => leaf,
            Err(error) => {
                outcome.found(place, format!("its leaf is not one: {error}"));
                return Ok(());
            }
        };
        let agrees = leaf.origin == log.origin
            && leaf.index == event.idx.cast_unsigned()
            && leaf.instant_ms == event.instant_ms
            && leaf.kind == event.kind
            && leaf.subject[..] == event.subject[..];
        if !agrees {
            outcome.found(place, "its row does not say what its leaf says");
        }
        // Two events after the same one would be a fork of the subject's history.
        let previous = latest.insert(leaf.subject, event.idx);
        if leaf.previous.map(|(_, index)| index) != previous.map(i64::cast_unsigned) {
            outcome.found(place, "it does not follow its subject's previous event");
        }
        let parts = match self.parts(log.id, event.idx).await {
            Ok(parts) => parts,
            Err(error) => {
                outcome.found(place, format!("a part does not open: {error}"));
                return Ok(());
            }
        };
        for name in leaf.parts.keys().filter(|name| !parts.iter().any(|part| part.name == **name)) {
            outcome.found(place, format!("part {name} is missing, or its key is"));
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
                if !documents_agree(&leaf, &part.bytes) {
                    outcome.found(place, "its documents are not those that were committed to");
                }
                self.check_documents(&part.bytes, outcome).await;
            }
        }
        Ok(())
    }

    async fn check_blobs(&self, needed: Vec<(Vec<u8>,)>, outcome: &mut Outcome) -> Result<(), ArchiveError> {
        let mut present = std::collections::BTreeSet::new();
        let mut after = Vec::new();
        loop {
            let rows: Vec<(Vec<u8>, Vec<u8>)> = self.database().all(BLOB_ROWS, args![&after]).await?;
            let Some((last, _)) = rows.last() else { break };
            after.clone_from(last);
            for (digest, bytes) in rows {
                outcome.blobs += 1;
                if sha256(&bytes)[..] != digest[..] {
                    outcome.found(format!("blob {}", hex(&digest)), "its bytes are not those of its name");
                }
                present.insert(digest);
            }
        }
        for first in 0..=255 {
            let shard = self.vault().shard(first).await?;
            for found in shard.blobs {
                outcome.blobs += 1;
                if !matches!(self.vault().verify(found.blob).await?, Condition::Whole { .. }) {
                    outcome
                        .found(format!("blobs/{}", hex(&found.blob)), "its bytes are not those of its name");
                }
                present.insert(found.blob.to_vec());
            }
            for stranger in shard.strangers {
                outcome.found(stranger.display().to_string(), "this file has no place here");
            }
        }
        for (blob,) in needed {
            if !present.contains(&blob) {
                outcome.found(format!("blob {}", hex(&blob)), "it is needed and not there");
            }
        }
        Ok(())
    }

    async fn check_register(&self, outcome: &mut Outcome) -> Result<(), ArchiveError> {
        let heads: Vec<(String, String, i64, i64, i64, i64)> = self.database().all(HEADS, args![]).await?;
        for (administration, area, year, next, count, highest) in heads {
            if area != crate::register::CASE_FILES && (count != next - 1 || highest != next - 1) {
                outcome.found(
                    format!("register {area} {year} of {administration}"),
                    format!("the next number is {next}, but {count} entries up to {highest} are there"),
                );
            }
        }
        Ok(())
    }
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
