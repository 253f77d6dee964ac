#![doc = include_str!("../README.md")]

mod argument;
mod copy;
mod engine;
mod error;
mod fingerprint;
mod location;
pub mod migration;
mod postgres;
mod queue;
mod rehearsal;
mod role;
mod sqlite;
mod transaction;

pub use argument::Arg;
pub use engine::{Database, Mode, Record};
pub use error::DatabaseError;
pub use fingerprint::Fingerprint;
pub use location::{Location, NotALocation};
pub use rehearsal::Rehearsal;
pub use sqlite::MINIMUM_SQLITE;
pub use transaction::Tx;
