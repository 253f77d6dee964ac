#![doc = include_str!("../README.md")]

pub mod bag;
pub mod bundle;
mod checksum;
pub mod daily;
pub mod metadata;
pub mod name;
mod packing;
pub mod pindex;
pub mod sniff;
pub mod unpack;
pub mod validation;
mod xml;

pub use packing::{Entry, PackError};
