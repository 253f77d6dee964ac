//! Verdicts on signatures: the newest stands with its document, those before it beside.

use plico_database::{Tx, args};
use plico_record::act::DocumentVerdictRenewed;

use crate::append::Entry;
use crate::error::ArchiveError;

const KEEP: &str = "insert into verdict (log, idx, document, verification)
    select cast($1 as bigint), cast($2 as bigint), id, verification from document
    where id = $3 and verification is not null";
const RENEW: &str = "update document set verification = $2 where id = $1";

pub(super) fn renewed(tx: &mut Tx, entry: &Entry, act: &DocumentVerdictRenewed) -> Result<(), ArchiveError> {
    tx.write(KEEP, args![entry.at.log, entry.at.index, &act.document])?;
    tx.write(RENEW, args![&act.document, act.verdict.to_string()])?;
    Ok(())
}
