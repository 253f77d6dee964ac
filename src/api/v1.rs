//! Version 1: one operation a file.

pub mod deposit;
pub mod download;
pub mod evidence;
pub mod list;
pub mod message_status;
pub mod open;
pub mod read;
pub mod receipt;
pub mod registered;
pub mod send;
pub mod signatures;
pub mod status;
