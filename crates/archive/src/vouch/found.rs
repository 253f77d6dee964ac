//! Which checkpoints are vouched for, and by what: for receipts, and for whoever watches a log.

use std::collections::BTreeMap;

use plico_database::args;
use plico_journal::note::VerifierKey;

use crate::Archive;
use crate::checkpoint::{CheckpointRow, LogRow};
use crate::error::ArchiveError;

/// As many cosignatures as are looked through for the nearest checkpoint with a quorum.
const NEAR: i64 = 512;

/// A checkpoint with the signatures of whoever vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Leaves.
    pub size: u64,
    /// The note with the log's and the witnesses' signatures.
    pub note: String,
    /// When it was vouched for (UTC milliseconds), cautiously: of several witnesses, the first that saw the tree when it is
    /// a lower bound, the last when it is an upper one. `None` when nobody vouches for it.
    pub vouched_ms: Option<i64>,
    /// A time stamp on it, when it bounds the time.
    pub stamp: Option<Vec<u8>>,
}

/// A checkpoint with a time stamp on its text.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Stamped {
    /// Leaves.
    pub size: i64,
    /// The authority's address.
    pub authority: String,
    /// RFC 3161 token.
    pub token: Vec<u8>,
    /// The latest instant that it allows (UTC milliseconds).
    pub at_ms: i64,
}

/// Which cosignature of a witness that saw the same tree more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    First,
    Last,
}

const BELOW: &str = "select size, witness from cosignature where log = $1 and size <= $2
    order by size desc limit $3";
const ABOVE: &str =
    "select size, witness from cosignature where log = $1 and size > $2 order by size limit $3";
const LINES: &str = "select witness, first_line, first_s, last_line, last_s from cosignature
    where log = $1 and size = $2 order by witness";
const NOTE: &str = "select size, root, note, instant_ms from checkpoint where log = $1 and size = $2";
const STAMP_AFTER: &str = "select size, authority, token, at_ms from time_stamp where log = $1 and size > $2
    order by size, authority limit 1";
const STAMP_BEFORE: &str =
    "select size, authority, token, at_ms from time_stamp where log = $1 and size <= $2
    order by size desc, authority limit 1";

impl Archive {
    /// What is published of a log: the newest checkpoint that its witnesses' quorum vouches for, else the newest.
    pub async fn published_checkpoint(&self, log: &LogRow) -> Result<Option<String>, ArchiveError> {
        if let Some(vouched) = self.newest_vouched(log.id, i64::MAX, When::Last).await? {
            return Ok(Some(vouched.note));
        }
        let Some(last) = self.last_checkpoint(log.id).await? else { return Ok(None) };
        Ok(Some(self.with_lines(log.id, &last, When::Last).await?))
    }

    /// The checkpoint that bounds an event's time from below: the newest without it that witnesses vouch for, with the last
    /// time at which it was seen so; else the newest with a time stamp; else the newest.
    pub async fn vouched_before(&self, log: i64, index: i64) -> Result<Option<Vouched>, ArchiveError> {
        if let Some(vouched) = self.newest_vouched(log, index, When::Last).await? {
            return Ok(Some(vouched));
        }
        if let Some(stamped) = self.stamped_before(log, index).await? {
            let vouched = self.vouched(log, stamped.size, When::Last).await?;
            return Ok(Some(Vouched {
                vouched_ms: Some(stamped.at_ms),
                stamp: Some(stamped.token),
                ..vouched
            }));
        }
        match self.checkpoint_before(log, index).await? {
            Some(newest) => Ok(Some(self.vouched(log, newest.size, When::Last).await?)),
            None => Ok(None),
        }
    }

    /// The first vouched checkpoint with an event: with the first time at which it was seen so.
    pub async fn vouched_after(&self, log: i64, index: i64) -> Result<Option<Vouched>, ArchiveError> {
        let rows: Vec<(i64, String)> = self.database().all(ABOVE, args![log, index, NEAR]).await?;
        match by_size(rows).into_iter().find(|(_, keys)| self.reaches(keys)) {
            Some((size, _)) => Ok(Some(self.vouched(log, size, When::First).await?)),
            None => Ok(None),
        }
    }

    /// The first time-stamped checkpoint with an event.
    pub async fn stamped_after(&self, log: i64, index: i64) -> Result<Option<Stamped>, ArchiveError> {
        Ok(self.database().optional(STAMP_AFTER, args![log, index]).await?)
    }

    async fn stamped_before(&self, log: i64, index: i64) -> Result<Option<Stamped>, ArchiveError> {
        Ok(self.database().optional(STAMP_BEFORE, args![log, index]).await?)
    }

    /// The checkpoint of a size, with the cosignatures that it has: each witness's first.
    pub async fn cosigned_note(&self, log: i64, size: i64) -> Result<String, ArchiveError> {
        Ok(self.vouched(log, size, When::First).await?.note)
    }

    /// The largest size up to `most` that has its quorum; 0 when there is none, and always where no quorum is asked for.
    pub(crate) async fn vouched_size(&self, log: i64, most: i64) -> Result<i64, ArchiveError> {
        let rows: Vec<(i64, String)> = self.database().all(BELOW, args![log, most, NEAR]).await?;
        let found = by_size(rows).into_iter().rev().find(|(_, keys)| self.reaches(keys));
        Ok(found.map_or(0, |(size, _)| size))
    }

    /// Whether these witnesses are enough; never where no quorum is asked for.
    pub(crate) fn reaches(&self, keys: &[String]) -> bool {
        self.demand().policy.as_ref().is_some_and(|policy| {
            let named = |_: &str, key: &VerifierKey| keys.contains(&key.to_string());
            policy.demands_witnesses() && policy.is_reached(named)
        })
    }

    async fn newest_vouched(&self, log: i64, most: i64, when: When) -> Result<Option<Vouched>, ArchiveError> {
        match self.vouched_size(log, most).await? {
            0 => Ok(None),
            size => Ok(Some(self.vouched(log, size, when).await?)),
        }
    }

    async fn vouched(&self, log: i64, size: i64, when: When) -> Result<Vouched, ArchiveError> {
        let row: CheckpointRow = self.database().one(NOTE, args![log, size]).await?;
        let cosigned: Vec<Seen> = self.database().all(LINES, args![log, size]).await?;
        let keys: Vec<String> = cosigned.iter().map(|line| line.witness.clone()).collect();
        let seconds = match when {
            When::First => cosigned.iter().map(|line| line.first_s).max(),
            When::Last => cosigned.iter().map(|line| line.last_s).min(),
        };
        let vouched_ms = seconds.filter(|_| self.reaches(&keys)).map(|seconds| seconds * 1000);
        let note = row.note + &lines(cosigned, when);
        Ok(Vouched { size: size.cast_unsigned(), note, vouched_ms, stamp: None })
    }

    async fn with_lines(&self, log: i64, row: &CheckpointRow, when: When) -> Result<String, ArchiveError> {
        let cosigned: Vec<Seen> = self.database().all(LINES, args![log, row.size]).await?;
        Ok(row.note.clone() + &lines(cosigned, when))
    }
}

#[derive(plico_database::Record)]
struct Seen {
    witness: String,
    first_line: String,
    first_s: i64,
    last_line: String,
    last_s: i64,
}

fn lines(cosigned: Vec<Seen>, when: When) -> String {
    cosigned
        .into_iter()
        .map(|line| if when == When::First { line.first_line } else { line.last_line })
        .collect()
}

fn by_size(rows: Vec<(i64, String)>) -> BTreeMap<i64, Vec<String>> {
    let mut sizes: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (size, witness) in rows {
        sizes.entry(size).or_default().push(witness);
    }
    sizes
}
