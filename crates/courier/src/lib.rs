#![doc = include_str!("../README.md")]

mod channel;
pub mod email;
pub mod malware;

pub use channel::{Channel, Notice, Receipt, SendError};
