#![doc = include_str!("../README.md")]

mod error;
mod index;
mod query;
mod schema;
mod snippet;
mod words;

pub use error::SearchError;
pub use index::{Index, Positions};
pub use query::{Audience, Hit, MAXIMUM_LIMIT, MAXIMUM_OFFSET, Order, Page, Query};
pub use schema::Entry;
pub use snippet::Piece;
pub use words::fuzz_words;
