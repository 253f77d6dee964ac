//! Test certificates and test signatures, good and bad on purpose.
//!
//! The demonstration town and the tests of every crate make their `.p7m` files here. Nothing of it is used to sign
//! anything that counts: that is [`crate::seal`].

mod authority;
mod cades;
mod pdf;
mod pki;

pub use authority::{Period, Said, token};
pub use cades::{Flaw, Recipe, Stamped, Writing, attributes_confusion, cades};
pub use pdf::{pades, pades_unfinished};
pub use pki::{KeyKind, Pki, Signer, Subject};
