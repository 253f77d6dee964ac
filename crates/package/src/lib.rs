#![doc = include_str!("../README.md")]

pub mod bag;
pub mod bundle;
mod checksum;
pub mod name;
pub mod sniff;
