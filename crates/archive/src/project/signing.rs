//! Letters that wait for signatures, and who signs in whose place.

use plico_database::{Tx, args};
use plico_record::act::{Place, SigningRequested, SigningSigned, SubstituteEnded, SubstituteNamed};

use crate::append::Entry;
use crate::error::ArchiveError;

const REQUESTED: &str =
    "insert into signing (message, administration, office, sha256, author, author_name, signers, turn, signer, state,
    signed_by, requested_ms, changed_ms) values ($1, $2, $3, $4, $5, $6, $7, 0, $8, 'waiting', '[]', $9, $9)";

pub(super) fn requested(tx: &mut Tx, entry: &Entry, act: &SigningRequested) -> Result<(), ArchiveError> {
    let first = act.signers.first().map_or("", |place| &place.account);
    let row = args![
        &act.message,
        &entry.administration,
        &act.office,
        &act.sha256,
        &entry.actor.account,
        &entry.actor.name,
        json(&act.signers)?,
        first,
        entry.at.instant_ms
    ];
    tx.write(REQUESTED, row)?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<String, ArchiveError> {
    serde_json::to_string(value).map_err(|error| ArchiveError::Corrupt(error.to_string()))
}

/// Who made one of the signatures.
#[derive(serde::Serialize, serde::Deserialize)]
struct Made {
    account: String,
    name: String,
    how: String,
    sha256: String,
    at: i64,
}

#[derive(plico_database::Record)]
struct Standing {
    signers: String,
    signed_by: String,
}

const STANDING: &str = "select signers, signed_by from signing where message = $1";
const SIGNED: &str = "update signing set turn = $2, signer = $3, state = $4, signed_by = $5, changed_ms = $6
    where message = $1";

pub(super) async fn signed(tx: &mut Tx, entry: &Entry, act: &SigningSigned) -> Result<(), ArchiveError> {
    // Of a message that was destroyed nothing stands here.
    let Some(row) = tx.optional::<Standing>(STANDING, args![&act.message]).await? else { return Ok(()) };
    let signers: Vec<Place> = read(&row.signers)?;
    let mut signed_by: Vec<Made> = read(&row.signed_by)?;
    signed_by.push(Made {
        account: entry.actor.account.clone(),
        name: entry.actor.name.clone(),
        how: act.how.clone(),
        sha256: act.sha256.clone(),
        at: entry.at.instant_ms,
    });
    let next = signers.get(signed_by.len()).map_or("", |place| &place.account);
    let state = if next.is_empty() { "signed" } else { "waiting" };
    let row = args![&act.message, signed_by.len(), next, state, json(&signed_by)?, entry.at.instant_ms];
    tx.write(SIGNED, row)?;
    Ok(())
}

const ENDED: &str = "update signing set signer = '', state = $2, changed_ms = $3 where message = $1";

pub(super) fn ended(tx: &mut Tx, entry: &Entry, message: &str, state: &str) -> Result<(), ArchiveError> {
    tx.write(ENDED, args![message, state, entry.at.instant_ms])?;
    Ok(())
}

const SUBSTITUTE: &str =
    "insert into substitution (id, administration, officer, substitute, valid_from, valid_until)
    values ($1, $2, $3, $4, $5, $6)";

pub(super) fn substitute(tx: &mut Tx, entry: &Entry, act: &SubstituteNamed) -> Result<(), ArchiveError> {
    let row =
        args![&act.substitution, &entry.administration, &act.officer, &act.substitute, &act.from, &act.until];
    tx.write(SUBSTITUTE, row)?;
    Ok(())
}

const SUBSTITUTE_ENDED: &str = "update substitution set ended_ms = $2 where id = $1";

pub(super) fn substitute_ended(
    tx: &mut Tx,
    entry: &Entry,
    act: &SubstituteEnded,
) -> Result<(), ArchiveError> {
    tx.write(SUBSTITUTE_ENDED, args![&act.substitution, entry.at.instant_ms])?;
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(kept: &str) -> Result<T, ArchiveError> {
    serde_json::from_str(kept).map_err(|error| ArchiveError::Corrupt(error.to_string()))
}
