//! Addresses that persons showed to be theirs.

use plico_database::{Tx, args};
use plico_record::act::{AccountAddressDropped, AccountAddressProven};

use crate::append::Entry;
use crate::error::ArchiveError;

const PROVEN: &str =
    "insert into proven_address (administration, address, person, proven_ms) values ($1, $2, $3, $4)
    on conflict (administration, address, person) do update set proven_ms = excluded.proven_ms";
const DROPPED: &str = "delete from proven_address where administration = $1 and address = $2 and person = $3";

pub(super) fn proven(tx: &mut Tx, entry: &Entry, act: &AccountAddressProven) -> Result<(), ArchiveError> {
    let row = args![&entry.administration, &act.address, &act.account, entry.at.instant_ms];
    Ok(tx.write(PROVEN, row)?)
}

pub(super) fn dropped(tx: &mut Tx, entry: &Entry, act: &AccountAddressDropped) -> Result<(), ArchiveError> {
    Ok(tx.write(DROPPED, args![&entry.administration, &act.address, &act.account])?)
}
