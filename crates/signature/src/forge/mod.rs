//! Test certificates and test signatures, good and bad on purpose.
//!
//! The demonstration town and the tests of every crate make their `.p7m` files here. Nothing of it is used to sign
//! anything that counts: that is [`crate::seal`].

mod attributes;
mod authority;
mod block;
mod cades;
mod flaw;
mod pdf;
mod pki;

pub use authority::{Period, Said, token};
pub use cades::{Recipe, Stamped, Writing, attributes_confusion, cades};
pub use flaw::Flaw;
pub use pdf::{pades, pades_unfinished, with_document_stamp, with_store};
pub use pki::{KeyKind, Pki, Signer, Subject};
