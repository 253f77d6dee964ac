#![doc = include_str!("../README.md")]

mod blobs;
mod bucket;
mod disk;
mod durable;
mod error;
mod files;
mod folder;
mod inventory;
mod memory;
mod reader;
pub mod signer;
mod single;
mod token;
mod vault;
mod writer;

pub use bucket::{BucketSettings, Tried, Verdict};
pub use disk::Disk;
pub use durable::Stop;
pub use error::VaultError;
pub use files::{Entry, Files, Lock, Reading, Writing};
pub use folder::{Filled, Filling, Scratch, clear_away, set_aside, unnamed};
pub use inventory::{Condition, Found, Shard, Taken};
pub use memory::{Failure, Memory};
pub use reader::{BlobReader, Source};
pub use single::{AtomicFile, NewFile};
pub use token::{NONCE as TOKEN_NONCE, Token, TokenError, TokenKey, TokenPlace};
pub use vault::{Access, Replica, Stores, Vault};
pub use writer::{BlobWriter, HEAD, Place, ROW_LIMIT, Stored};
