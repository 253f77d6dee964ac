#![doc = include_str!("../README.md")]

pub mod base45;
pub mod card;
mod cbor;
pub mod code128;
pub mod fuzz;
pub mod jws;
pub mod keyset;
pub mod pass;
pub mod qr;
pub mod status;
pub mod verify;

pub use card::{Card, ReadError, Signed};
pub use keyset::{CardKey, KeySet, Kid};
pub use status::{Status, StatusList};
pub use verify::{Standing, Verifier};
