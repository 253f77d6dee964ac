//! What has to do with a message: the same file registered elsewhere.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A file of a message that another message holds as well.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Twin {
    /// What it is called in the message that is looked at.
    pub name: String,
    /// The other message.
    pub message: String,
}

/// An annulled registration is none, and a file that is empty is like every other.
const TWINS: &str = "select distinct d.name, t.message, m.registered_ms from document d
    join document t on t.administration = d.administration and t.sha256 = d.sha256 and t.message <> d.message
    join message m on m.id = t.message
    where d.message = $1 and d.size > 0 and m.number is not null and not m.annulled and m.destruction is null
    order by m.registered_ms, t.message, d.name limit 100";

/// The files of a message that are registered with another one too, the oldest registration first; 100 at most.
pub async fn twins(database: &Database, message: &str) -> Result<Vec<Twin>, ArchiveError> {
    let rows: Vec<(String, String, Option<i64>)> = database.all(TWINS, args![message]).await?;
    Ok(rows.into_iter().map(|(name, message, _)| Twin { name, message }).collect())
}
