#![doc = include_str!("../README.md")]

mod channel;
pub mod csc;
pub mod domicile;
pub mod email;
pub mod http;
pub mod mailbox;
pub mod malware;
pub mod pec;
pub mod preserver;
pub mod witness;

pub use channel::{Channel, Notice, Receipt, SendError};
