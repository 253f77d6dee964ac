//! Files by which registries speak to each other by mail (*segnatura informatica* and what answers it), in the four shapes
//! that are met: circular AIPA 28/2001 with and without a code of the register, circular AgID 60/2013, and version 3.0.0 of
//! 2021. Read with limits, from anybody; written as what came was written.

mod read;
mod write;

pub use read::{MOST_BYTES, fuzz_exchange, read};
pub use write::{Letter, Side, letter, notice, sealed};

use plico_crypto::digest::from_hex;

use crate::agid::{Identifier, Notice};

/// By which rules a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Circular AIPA 28/2001: a registration has no code of the register.
    Y2001,
    /// The same as published later: it has one.
    Y2001Register,
    /// Circular AgID 60/2013.
    Y2013,
    /// Version 3.0.0, of 2021: signed.
    V3,
}

impl Generation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Y2001, Self::Y2001Register, Self::Y2013, Self::V3];

    /// The word in events and settings.
    pub fn code(self) -> &'static str {
        match self {
            Self::Y2001 => "2001",
            Self::Y2001Register => "2001r",
            Self::Y2013 => "2013",
            Self::V3 => "3",
        }
    }

    /// Reads that word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The mark of a message.
    Mark(Box<Mark>),
    /// What a body says of a message that it was sent.
    Notice(Generation, Box<Notice>),
}

/// The mark of a message that came: what its sender claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its shape.
    pub generation: Generation,
    /// What its sender registered it as; without a code of the register where the shape has none.
    pub from: Identifier,
    /// The sender's name.
    pub sender: String,
    /// Subject.
    pub subject: String,
    /// Whom it is for (an address, or an IPA code), and whether he is asked to confirm.
    pub to: Vec<(String, bool)>,
    /// The people among them: fiscal code as it is written, and the address beside it; empty where none is.
    pub people: Vec<(String, String)>,
    /// The documents, the primary one first.
    pub documents: Vec<Named>,
}

/// A document that a mark names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Name of its file; empty where it has none.
    pub name: String,
    /// Not among the files: on paper, or elsewhere.
    pub elsewhere: bool,
    /// SHA-256, hexadecimal; empty where none is said, or another kind.
    pub sha256: String,
}

/// Whether a document is what its mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The digest fits.
    Fits,
    /// It does not.
    Differs,
    /// There is no such file.
    Missing,
    /// The file is there, and the mark says no digest that can be compared.
    Unsaid,
    /// It is said to be elsewhere.
    Elsewhere,
}

impl Verdict {
    /// The word in events and catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Unsaid => "unsaid",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl Mark {
    /// Whether one of our addresses or codes is asked to confirm.
    pub fn asks(&self, ours: &[&str]) -> bool {
        self.to.iter().any(|(to, asks)| *asks && ours.iter().any(|one| one.eq_ignore_ascii_case(to)))
    }

    /// Each document against the files that came: name and SHA-256 in hexadecimal digits. A name may come twice.
    pub fn compare(&self, files: &[(&str, &str)]) -> Vec<(String, Verdict)> {
        let verdict = |one: &Named| {
            let mut same = files.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&one.name)).peekable();
            if one.elsewhere {
                Verdict::Elsewhere
            } else if same.peek().is_none() {
                Verdict::Missing
            } else if one.sha256.is_empty() {
                Verdict::Unsaid
            } else if same.any(|(_, sha256)| sha256.eq_ignore_ascii_case(&one.sha256)) {
                Verdict::Fits
            } else {
                Verdict::Differs
            }
        };
        self.documents.iter().map(|one| (one.name.clone(), verdict(one))).collect()
    }
}

/// A digest as these files write it.
fn base64_of(sha256: &str) -> Option<String> {
    use base64::Engine as _;
    let digest: [u8; 32] = from_hex(sha256)?;
    Some(base64::engine::general_purpose::STANDARD.encode(digest))
}
