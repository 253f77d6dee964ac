//! Entries of registers that were kept before.

use plico_database::{Tx, args};
use plico_record::act::RegisterImported;

use crate::append::Entry;
use crate::error::ArchiveError;

const BATCH: &str = "insert into past_batch (administration, batch, name, lines, author_name, instant_ms)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (administration, batch) do update set lines = past_batch.lines + excluded.lines";
const ENTRY: &str =
    "insert into past_entry (administration, area, year, number, batch, day, direction, parties, subject,
    office, case_file, digest) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

pub(super) fn imported(tx: &mut Tx, entry: &Entry, act: &RegisterImported) -> Result<(), ArchiveError> {
    let (name, at) = (&entry.actor.name, entry.at.instant_ms);
    tx.write(BATCH, args![&entry.administration, &act.batch, &act.name, act.entries.len(), name, at])?;
    for past in &act.entries {
        tx.write(
            ENTRY,
            args![
                &entry.administration,
                &past.area,
                past.year,
                past.number,
                &act.batch,
                &past.day,
                &past.direction,
                &past.parties,
                &past.subject,
                &past.office,
                &past.case_file,
                &past.digest
            ],
        )?;
    }
    Ok(())
}
