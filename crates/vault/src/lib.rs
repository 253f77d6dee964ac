#![doc = include_str!("../README.md")]

mod disk;
mod durable;
mod error;
mod files;
mod inventory;
mod memory;
mod reader;
pub mod signer;
mod vault;
mod writer;

pub use disk::Disk;
pub use error::VaultError;
pub use files::{Entry, Files, Lock, Reading, Writing};
pub use inventory::{Condition, Found, Shard};
pub use memory::{Failure, Memory};
pub use reader::{BlobReader, Source};
pub use vault::{Access, Vault};
pub use writer::{BlobWriter, HEAD, Place, ROW_LIMIT, Stored};
