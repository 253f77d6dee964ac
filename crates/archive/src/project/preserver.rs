//! What was handed to the preserver, and what it answered.

use plico_database::{Tx, args};
use plico_record::act::{PreserverAnswered, RegisterHandedOver};

use crate::append::Entry;
use crate::error::ArchiveError;

const HANDED: &str = "insert into handover (administration, package, area, day, sha256, attempt, handed_ms, state, receipt,
    reason) values ($1, $2, $3, $4, $5, $6, $7, 'handed', '', '')
    on conflict (administration, package) do update set sha256 = excluded.sha256, attempt = excluded.attempt,
        handed_ms = excluded.handed_ms, state = excluded.state, receipt = '', reason = '', answered_ms = null";
const ANSWERED: &str = "update handover set state = $3, receipt = $4, reason = $5, answered_ms = $6
    where administration = $1 and package = $2";

pub(super) fn handed_over(tx: &mut Tx, entry: &Entry, act: &RegisterHandedOver) -> Result<(), ArchiveError> {
    tx.write(
        HANDED,
        args![
            &entry.administration,
            &act.package,
            &act.area,
            &act.day,
            &act.sha256,
            act.attempt,
            entry.at.instant_ms
        ],
    )?;
    Ok(())
}

pub(super) fn answered(tx: &mut Tx, entry: &Entry, act: &PreserverAnswered) -> Result<(), ArchiveError> {
    let state = if act.accepted { "accepted" } else { "refused" };
    tx.write(
        ANSWERED,
        args![&entry.administration, &act.package, state, &act.id, &act.reason, entry.at.instant_ms],
    )?;
    Ok(())
}
