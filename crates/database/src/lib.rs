#![doc = include_str!("../README.md")]

mod argument;
mod engine;
mod error;
pub mod migration;
mod transaction;

pub use argument::Arg;
pub use engine::{Database, MINIMUM_SQLITE, Mode, Record};
pub use error::DatabaseError;
pub use transaction::Tx;
