//! What can go wrong with the index.

use tantivy::TantivyError;
use thiserror::Error;

/// Why the index did not do what was asked. None of it endangers the archive.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SearchError {
    /// Another process writes this index.
    #[error("another process holds the search index")]
    Locked,
    /// The directory holds an index of another version, or a damaged one: `Index::reset` it and index again.
    #[error("the search index must be built again")]
    Unusable,
    /// Anything else.
    #[error("the search index failed")]
    Index(#[source] TantivyError),
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::LockFailure(..) => Self::Locked,
            TantivyError::DataCorruption(_)
            | TantivyError::SchemaError(_)
            | TantivyError::IncompatibleIndex(_) => Self::Unusable,
            error => Self::Index(error),
        }
    }
}
