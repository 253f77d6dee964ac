//! What an operator keeps for himself of the queue.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// Filters of the queue under a name.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct SavedView {
    /// What its owner calls it.
    pub name: String,
    /// The filters, as the address of the queue has them.
    pub query: String,
    /// Whether the queue opens with it.
    pub opens: bool,
}

const VIEWS: &str =
    "select name, query, opens from saved_view where account = $1 order by lower(name), name limit 100";

/// The views of an account, by name.
pub async fn views(database: &Database, account: &str) -> Result<Vec<SavedView>, ArchiveError> {
    Ok(database.all(VIEWS, args![account]).await?)
}
