#![doc = include_str!("../README.md")]

mod archive;
mod asic;
pub mod base64;
mod believe;
pub mod ber;
pub mod certificate;
mod check;
pub mod der;
mod digest;
mod digest_info;
mod dss;
mod envelope;
mod extract;
mod finding;
pub mod forge;
pub mod fuzz;
mod inspect;
pub mod instant;
mod level;
mod material;
mod mime;
mod name;
pub mod oid;
mod outer;
pub mod pades;
pub mod path;
pub mod plain;
pub mod proof;
mod provisional;
pub mod qualification;
mod qualified;
mod record;
mod reference;
pub mod report;
pub mod revocation;
pub mod seal;
mod signer;
mod smime;
mod sniff;
pub mod source;
mod stamp;
mod strength;
pub mod timestamp;
mod token;
pub mod trust;
mod tsd;
pub mod tsl;
mod write;
mod xades;
mod xml;

use std::io::{self, Read, Seek};

pub use extract::{ExtractError, extract};
pub use fuzz::{fuzz_inspect, fuzz_parts};
pub use inspect::{MAX_LAYERS, Options};
pub use pades::PadesSignature;
pub use plain::{Plain, plain};
pub use report::Report;
pub use seal::{Making, SealError, Sealer, StampFailure, Stamper};
pub use sniff::media_type;
pub use trust::{AnchorError, Anchors, Path, verify_chain};
pub use tsl::TrustedLists;

use source::{Memory, Source, Stream};

/// Reports on a file in memory. Never fails: what cannot be read is said in the report.
pub fn inspect(bytes: &[u8], options: &Options<'_>) -> Report {
    in_memory(inspect::report(&mut Memory(bytes), None, options))
}

/// Reports on a detached signature and the content it is said to sign.
pub fn inspect_detached(signature: &[u8], content: &[u8], options: &Options<'_>) -> Report {
    in_memory(inspect::report(&mut Memory(signature), Some(&mut Memory(content)), options))
}

/// Reports on a file of any size, holding little of it. Errors are those of reading.
pub fn inspect_stream<R: Read + Seek>(file: R, options: &Options<'_>) -> io::Result<Report> {
    inspect::report(&mut Stream::new(file)?, None, options)
}

/// As [`inspect_stream`], over any source and with a content for a detached signature.
pub fn inspect_source(
    source: &mut dyn Source,
    content: Option<&mut dyn Source>,
    options: &Options<'_>,
) -> io::Result<Report> {
    inspect::report(source, content, options)
}

fn in_memory(report: io::Result<Report>) -> Report {
    use report::{Container, Indication, Problem};
    // Memory cannot fail to be read; if it could, the file would not have been looked at.
    report.unwrap_or_else(|_| {
        Report::bare(Container::None, Indication::Indeterminate, Some(Problem::Unsupported))
    })
}
