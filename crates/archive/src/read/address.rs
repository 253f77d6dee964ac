//! Addresses of certified mail that persons showed to be theirs.

use plico_database::{Database, args};

use super::queue::PersonRow;
use crate::error::ArchiveError;

const PERSON: &str = "select p.id, p.administration, p.name, p.fiscal_code, p.email, p.organisation
    from proven_address a join person p on p.id = a.person
    where a.administration = $1 and a.address = $2 and a.proven_ms >= $3 order by p.id limit 2";
const OF_PERSON: &str =
    "select address, proven_ms from proven_address where person = $1 order by proven_ms desc, address";

/// The one person whose address it is, shown after an instant (UTC milliseconds); none where two showed that it is theirs.
pub async fn person_of(
    database: &Database,
    administration: &str,
    address: &str,
    since_ms: i64,
) -> Result<Option<PersonRow>, ArchiveError> {
    let row = args![administration, address.trim().to_lowercase(), since_ms];
    let mut found: Vec<PersonRow> = database.all(PERSON, row).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// A person's addresses, the newest first, each with when he showed it (UTC milliseconds).
pub async fn of_person(database: &Database, person: &str) -> Result<Vec<(String, i64)>, ArchiveError> {
    Ok(database.all(OF_PERSON, args![person]).await?)
}
