//! An archive whose database goes to another engine, and its logs with it; its content moves by itself. Other files stay where
//! they are.

mod blobs;

use std::path::PathBuf;
use std::sync::Arc;

use plico_database::{Database, DatabaseError, Location, Mode, args, migration};
use plico_journal::merkle::{Frontier, leaf_hash};
use plico_vault::signer::{Position, SignerState};

use crate::checkpoint::LEAVES;
use crate::clock::{Clock, Entropy};
use crate::error::ArchiveError;
use crate::setup::signer_error;
use crate::{Archive, Paths};

pub(crate) use blobs::NAMED;
pub use blobs::{Into, MovedBlobs, move_blobs};

/// Leaves that are read together.
const BATCH: i64 = 4096;
/// What was left behind accepts nothing any more.
const LEAVE: &str = "update log set read_only = true";

/// A move that was made and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Tables.
    pub tables: usize,
    /// Rows in them.
    pub rows: u64,
    /// The logs: origin and events. The root over the copied ones is the one that was signed last.
    pub logs: Vec<(String, u64)>,
    /// What the old file is called now, where it was one.
    pub left: Option<PathBuf>,
}

/// Moves the database of an archive that nobody serves to `to`, which must be new. Nobody writes meanwhile; the copy is
/// compared row by row and every log's root with what was signed before the old one is given up. If we crash before
/// that, the old one is as it was: throw away what is at `to`, and begin again. After it, its logs are read-only.
pub async fn move_to(
    paths: &Paths,
    to: Location,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<Moved, ArchiveError> {
    let signer = SignerState::open(&paths.signer).map_err(signer_error)?;
    let source = Database::open(paths.database.clone(), Mode::Existing).await?;
    let pending =
        migration::pending(&source).await.map_err(|error| ArchiveError::Setup(error.to_string()))?;
    if !pending.is_empty() {
        return Err(ArchiveError::Setup(
            "run `plico migrate` first: the database is of an older program".into(),
        ));
    }
    let target = Database::open(to.clone(), Mode::Create).await?;
    // Held until the copy is shown to be one: commands beside a service write, too.
    let mut hold = source.begin().await?;
    let copied = copied(paths, &source, &target, &to, &signer, clock, entropy).await;
    target.close().await;
    let mut moved = match copied {
        Ok(moved) => moved,
        Err(error) => {
            // A file of ours that nobody will ever open; a server's tables are its administrator's to drop.
            if let Some(file) = to.file() {
                let _ = plico_vault::clear_away(file);
            }
            return Err(error);
        }
    };
    // From here on both are whole, and nothing is thrown away whatever happens.
    hold.execute(LEAVE, args![]).await?;
    hold.commit().await?;
    source.close().await;
    if let Some(file) = paths.database.file() {
        let left = file.with_extension("db.moved");
        // It is shut all the same under its old name.
        moved.left = Some(if plico_vault::set_aside(file, &left).is_ok() { left } else { file.to_owned() });
    }
    Ok(moved)
}

async fn copied(
    paths: &Paths,
    source: &Database,
    target: &Database,
    to: &Location,
    signer: &SignerState,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<Moved, ArchiveError> {
    source.copy_into_new(target).await?;
    let (ours, theirs) = (source.fingerprint().await?, target.fingerprint().await?);
    if let Some(other) = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs) {
        return Err(ArchiveError::Corrupt(format!(
            "the copy of table {} is not what was copied",
            other.0.table
        )));
    }
    if ours.len() != theirs.len() {
        return Err(ArchiveError::Corrupt("the copy has other tables".into()));
    }
    let there = Paths { database: to.clone(), ..paths.clone() };
    let archive = Archive::open_beside(&there, clock, entropy).await?;
    let logs = roots(&archive, signer).await;
    archive.close().await;
    let rows = ours.iter().map(|print| print.rows).sum();
    Ok(Moved { tables: ours.len(), rows, logs: logs?, left: None })
}

/// Reads every leaf; the root over those that the signer remembers must be the one that it remembers. That may be more than
/// the last checkpoint covers: it is written down before a checkpoint is signed.
async fn roots(archive: &Archive, signer: &SignerState) -> Result<Vec<(String, u64)>, ArchiveError> {
    let mut logs = Vec::new();
    for log in archive.logs().await? {
        if log.read_only && !log.closed {
            return Err(ArchiveError::Setup(format!(
                "log {} is read-only: it was moved before, or continuity is not shown",
                log.origin
            )));
        }
        let signed = signer.position(&log.origin);
        let other =
            || ArchiveError::Corrupt(format!("the copy of log {} is not what was signed", log.origin));
        let size = match signed {
            Some(signed) if signed.size <= log.size.cast_unsigned() => signed.size.cast_signed(),
            None if log.closed => log.signed,
            _ => return Err(other()),
        };
        let mut frontier = Frontier::new();
        while frontier.size().cast_signed() < size {
            let first = frontier.size().cast_signed();
            let list = args![log.id, first, (first + BATCH).min(size)];
            let leaves: Vec<(Vec<u8>,)> = archive.database().all(LEAVES, list).await?;
            if leaves.is_empty() {
                return Err(ArchiveError::Database(DatabaseError::NotFound));
            }
            for (leaf,) in &leaves {
                frontier.push(leaf_hash(leaf));
            }
        }
        let copied = Position { size: frontier.size(), root: frontier.root() };
        if signed.is_some_and(|signed| signed != copied) {
            return Err(other());
        }
        logs.push((log.origin, log.size.cast_unsigned()));
    }
    Ok(logs)
}
