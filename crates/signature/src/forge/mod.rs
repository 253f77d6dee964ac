//! Test certificates and test signatures, good and bad on purpose.
//!
//! The demonstration town and the tests of every crate make their `.p7m` files here. Nothing of it is used to sign
//! anything that counts: that is [`crate::seal`].

mod asic;
mod attributes;
mod authority;
mod block;
mod cades;
mod flaw;
mod list;
mod offers;
mod pdf;
mod pki;
mod qualified;
mod record;
mod xml;

pub use crate::xades::stamps::XmlStamp;
pub use asic::{asic, asic_manifest};
pub use authority::{Period, Said, token, token_over};
pub use cades::{Counters, Recipe, Stamped, Writing, attributes_confusion, cades, joined};
pub use flaw::Flaw;
pub use list::{ListRecipe, Listed, trusted_list};
pub use pdf::{pades, pades_unfinished, with_document_stamp, with_store};
pub use pki::{KeyKind, Pki, Signer, Subject};
pub use qualified::Qualified;
pub use record::{By, EvidenceRecord};
pub use xml::{
    XmlFlaw, XmlRecipe, xades_countered, xades_detached, xades_enveloped, xades_enveloping, xades_stamped,
};
