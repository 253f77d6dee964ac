//! XML as signatures need it: a bounded parser, canonicalisation, and XML signatures (XMLDSig, RFC 3275).
//!
//! No document type, no entity but the five, nothing fetched: what is signed is in the file or was given.

use std::cell::Cell;

pub(crate) mod algorithm;
pub(crate) mod c14n;
mod parse;
pub(crate) mod properties;
pub(crate) mod reference;
pub(crate) mod signature;
pub(crate) mod tree;

pub(crate) use parse::{Limits, parse};
pub(crate) use tree::{At, Document};

/// Namespace of XML signatures.
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Namespace of the prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Why XML cannot be read or canonicalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlError {
    /// Longer, deeper or more nested than is looked at.
    #[error("the XML is larger or deeper than is read")]
    TooMuch,
    /// A document type: entities and default attributes would let one text be read as another.
    #[error("the XML has a document type, which is not read")]
    DocumentType,
    /// Neither UTF-8, UTF-16 nor Latin-1.
    #[error("the XML is not in UTF-8, UTF-16 or ISO-8859-1")]
    Encoding,
    /// Not well-formed, or a namespace that is not declared.
    #[error("the XML is not well-formed")]
    Malformed,
}

/// What may still be gone through in one file: a signature may have many references to the same large element.
#[derive(Debug)]
pub(crate) struct Work(Cell<usize>);

impl Work {
    pub(crate) fn new() -> Self {
        Self(Cell::new(4_000_000))
    }

    /// Whether so many nodes may still be visited.
    pub(crate) fn spend(&self, nodes: usize) -> bool {
        let left = self.0.get().checked_sub(nodes);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// The bytes that base64 text in XML stands for.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    openssl::base64::decode_block(&digits).ok()
}
