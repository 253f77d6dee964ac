//! Who reads for whom, and who acts for whom: granted by one, in force once the other side has said yes.

use plico_database::{Tx, args};
use plico_record::act::{DelegationGranted, MandateGranted};

use crate::append::Entry;
use crate::error::ArchiveError;

const GRANTED: &str =
    "insert into delegation (id, administration, kind, holder, delegate, title, evidence, until,
    granted_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(super) fn granted(tx: &mut Tx, entry: &Entry, act: &DelegationGranted) -> Result<(), ArchiveError> {
    tx.write(
        GRANTED,
        args![
            &act.delegation,
            &entry.administration,
            "delegation",
            &act.holder,
            &act.delegate,
            "",
            "",
            &act.until,
            entry.at.instant_ms
        ],
    )?;
    Ok(())
}

pub(super) fn mandate(tx: &mut Tx, entry: &Entry, act: &MandateGranted) -> Result<(), ArchiveError> {
    tx.write(
        GRANTED,
        args![
            &act.mandate,
            &entry.administration,
            "mandate",
            &act.holder,
            &act.delegate,
            &act.title,
            &act.evidence,
            act.until.clone(),
            entry.at.instant_ms
        ],
    )?;
    Ok(())
}

const IN_FORCE: &str = "update delegation set in_force_ms = $2 where id = $1";

pub(super) fn in_force(tx: &mut Tx, entry: &Entry, id: &str) -> Result<(), ArchiveError> {
    tx.write(IN_FORCE, args![id, entry.at.instant_ms])?;
    Ok(())
}

const REVOKED: &str = "update delegation set revoked_ms = $2 where id = $1";

pub(super) fn revoked(tx: &mut Tx, entry: &Entry, id: &str) -> Result<(), ArchiveError> {
    tx.write(REVOKED, args![id, entry.at.instant_ms])?;
    Ok(())
}
