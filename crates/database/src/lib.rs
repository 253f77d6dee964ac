#![doc = include_str!("../README.md")]

mod argument;
mod copy;
mod engine;
mod error;
mod fingerprint;
mod location;
pub mod migration;
mod postgres;
mod record;
mod rehearsal;
mod role;
mod sqlite;
mod transaction;

pub use argument::Arg;
pub use engine::{Database, Mode};
pub use error::{DatabaseError, Said};
pub use fingerprint::Fingerprint;
pub use location::{Location, NotALocation};
pub use plico_database_derive::Record;
pub use record::{Cell, Column, Record, Row, Unreadable};
pub use rehearsal::Rehearsal;
pub use sqlite::MINIMUM_SQLITE;
pub use transaction::Tx;
