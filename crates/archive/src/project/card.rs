//! Cards: issued, and how they stand since.

use plico_database::{Tx, args};
use plico_record::act::{CardIssued, CardRenewed};

use crate::append::Entry;
use crate::error::ArchiveError;

const ISSUED: &str =
    "insert into card (id, administration, kind, name, office, number, holder, fields, valid_from,
    valid_until, idx, code, status, reason, issued_ms, changed_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'valid', '', $13, $13)";

pub(super) fn issued(tx: &mut Tx, entry: &Entry, act: &CardIssued) -> Result<(), ArchiveError> {
    let fields =
        serde_json::to_string(&act.fields).map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
    tx.write(
        ISSUED,
        args![
            &act.card,
            &entry.administration,
            &act.kind,
            &act.name,
            &act.office,
            &act.number,
            &act.holder,
            fields,
            &act.from,
            &act.until,
            act.index,
            &act.code,
            entry.at.instant_ms
        ],
    )?;
    Ok(())
}

const STANDS: &str = "update card set status = $2, reason = $3, changed_ms = $4 where id = $1";

pub(super) fn stands(
    tx: &mut Tx,
    entry: &Entry,
    card: &str,
    status: &str,
    reason: &str,
) -> Result<(), ArchiveError> {
    tx.write(STANDS, args![card, status, reason, entry.at.instant_ms])?;
    Ok(())
}

const RENEWED: &str = "update card set valid_until = $2, code = $3, changed_ms = $4 where id = $1";

pub(super) fn renewed(tx: &mut Tx, entry: &Entry, act: &CardRenewed) -> Result<(), ArchiveError> {
    tx.write(RENEWED, args![&act.card, &act.until, &act.code, entry.at.instant_ms])?;
    Ok(())
}
