//! Entry points for fuzzing: one for each parser of foreign bytes, as a `fn(&[u8])` that must never panic. The tests call
//! them with every kept sample, changed in many ways.

use std::io;

use crate::base64::Base64;
use crate::digest::Digests;
use crate::envelope::Envelope;
use crate::inspect::Options;
use crate::mime::Entity;
use crate::record::Record;
use crate::smime::Message;
use crate::source::{Memory, Pieces, Range, take};
use crate::tsd::TimeStamped;
use crate::tsl::TrustedLists;
use crate::xml::{self, Limits};
use crate::{
    asic, certificate, der, extract, inspect, inspect_detached, outer, pades, revocation, timestamp, xades,
};

/// What takes any bytes.
pub type Target = fn(&[u8]);

/// Each target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("inspect", fuzz_inspect),
    ("envelope", envelope),
    ("base64", base64),
    ("der", elements),
    ("certificate", person),
    ("revocation", revocation::fuzz_revocation),
    ("timestamp", timestamp::fuzz_timestamp),
    ("stamp", stamp),
    ("record", record),
    ("tsd", tsd),
    ("mail", mail),
    ("pdf", pdf),
    ("xml", document),
    ("asic", container),
    ("lists", lists),
];

/// Any bytes, as a file and as a detached signature over themselves.
pub fn fuzz_inspect(bytes: &[u8]) {
    let options = Options::at(0, None);
    let _ = inspect(bytes, &options);
    let _ = inspect_detached(bytes, bytes, &options);
    let _ = extract(&mut Memory(bytes), true, &mut io::sink());
}

/// Any bytes, before every parser of a part.
pub fn fuzz_parts(bytes: &[u8]) {
    TARGETS.iter().filter(|(name, _)| *name != "inspect").for_each(|(_, target)| target(bytes));
}

fn envelope(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::read(&mut Memory(bytes)) {
        let mut source = Memory(bytes);
        let _ = envelope.content.map(|ranges| take(&mut Pieces::new(&mut source, &ranges), 0, bytes.len()));
    }
}

fn base64(bytes: &[u8]) {
    let mut source = Memory(bytes);
    if let Ok(mut decoded) = Base64::new(&mut source, 0) {
        let _ = take(&mut decoded, bytes.len() as u64 / 2, bytes.len());
    }
}

fn elements(bytes: &[u8]) {
    let _ = der::normalise(bytes);
    let _ = der::sorted(0x31, bytes);
}

fn person(bytes: &[u8]) {
    if let Some(certificate) = certificate::Certificate::read(bytes) {
        let _ = certificate.fiscal_code();
    }
}

fn record(bytes: &[u8]) {
    if let Some(record) = Record::read(bytes)
        && let Ok(digests) = Digests::of(&mut Memory(bytes), &record.hashes().collect::<Vec<_>>())
    {
        let _ = record.stamps(&digests);
    }
}

fn stamp(bytes: &[u8]) {
    let _ = outer::is_stamp(&mut Memory(bytes));
    let _ = outer::alone(bytes, &Options::at(0, None));
    let beside = [bytes.to_vec()];
    let _ = inspect(b"x", &Options { stamps: &beside, ..Options::at(0, None) });
}

fn tsd(bytes: &[u8]) {
    let _ = TimeStamped::read(&mut Memory(bytes));
}

fn mail(bytes: &[u8]) {
    let mut source = Memory(bytes);
    let whole = Range { at: 0, length: bytes.len() as u64 };
    if let Ok(Some(entity)) = Entity::read(&mut source, whole) {
        for part in entity.parts(&mut source).unwrap_or_default() {
            let _ = part.content(&mut source, |content| take(content, 0, bytes.len()));
        }
    }
    let _ = Message::read(&mut source);
}

fn pdf(bytes: &[u8]) {
    let _ = pades::verify(bytes, &Options::at(0, None));
}

fn document(bytes: &[u8]) {
    let _ = xml::parse(bytes, Limits::DOCUMENT);
    let _ = xades::only_content(bytes);
}

fn container(bytes: &[u8]) {
    let _ = asic::only_file(&mut Memory(bytes));
    let _ = asic::report(&mut Memory(bytes), &Options::at(0, None));
}

fn lists(bytes: &[u8]) {
    let _ = TrustedLists::from_compiled(bytes, &[]);
    let _ = TrustedLists::verify(&[("list.xml".to_owned(), bytes.to_vec())], &[]);
}
