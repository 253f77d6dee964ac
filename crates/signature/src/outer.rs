//! Time stamps over a whole file: beside it (`.tsr`, `.tst`), or around it (RFC 5544, M7M). Whoever is believed shows that
//! everything in the file existed before.

use std::io;

use plico_crypto::verify::Hash;

use crate::certificate::Certificate;
use crate::digest::Digests;
use crate::inspect::Options;
use crate::material::Material;
use crate::path::Judge;
use crate::proof::{Poe, PoeSource, StampKind, StampReport};
use crate::record::{MAX_RECORD, Record};
use crate::report::{Container, Indication, Reason, Report};
use crate::source::{Memory, Source, take};
use crate::stamp::{self, Stamp};
use crate::timestamp::{self, MAX_TOKEN};
use crate::token::{MAX_INNER, Token, imprint_hash, open};
use crate::{oid, record, sniff};

/// Time stamps of one file that are looked at.
pub(crate) const MAX_STAMPS: usize = 32;

/// Time stamps that were looked at.
#[derive(Default)]
pub(crate) struct Outer {
    pub(crate) reports: Vec<StampReport>,
    /// What those that are believed show.
    pub(crate) poes: Vec<Poe>,
}

impl Outer {
    /// Asks who their authorities are. `material` is what came with them besides themselves.
    pub(crate) fn judge(
        mut stamps: Vec<Stamp>,
        tokens: &[Vec<u8>],
        mut material: Material,
        options: &Options<'_>,
    ) -> Self {
        for token in tokens {
            material.take_token(token);
        }
        if let Some(anchors) = options.anchors {
            let mut judge = Judge::new(anchors, options.at_ms);
            judge.add(material.certificates.iter().filter_map(|der| Certificate::read(der)));
            judge.hear(&material.evidence, true);
            if let Some(outside) = options.evidence {
                judge.hear(outside, false);
            }
            stamp::vouch(&mut stamps, &judge, options.poes);
        }
        let poes = stamps.iter().filter_map(|stamp| {
            let name = stamp.token.as_ref().ok().and_then(Token::authority).unwrap_or_default();
            Some(Poe { at_ms: stamp.upper_ms()?, source: PoeSource::TimeStamp, name })
        });
        Self { poes: poes.collect(), reports: stamps.iter().map(Stamp::report).collect() }
    }

    /// Tokens, answers with them, or evidence records, over all of a file.
    pub(crate) fn beside(
        source: &mut dyn Source,
        stamps: &[Vec<u8>],
        options: &Options<'_>,
    ) -> io::Result<Self> {
        let all: Vec<Beside> = stamps.iter().take(MAX_STAMPS).map(|bytes| Beside::read(bytes)).collect();
        let wanted: Vec<_> = all.iter().flat_map(Beside::hashes).collect();
        let digests = Digests::of(source, &wanted)?;
        let over = |hash| digests.get(hash).map(<[u8]>::to_vec);
        let (mut stamps, mut tokens) = (Vec::new(), Vec::new());
        for one in all {
            match one {
                Beside::Token(token) => {
                    stamps.push(Stamp::new(StampKind::Document, Token::read(&token, MAX_INNER, &over)));
                    tokens.push(token);
                }
                Beside::Record(record) => {
                    stamps.extend(record.stamps(&digests));
                    tokens.extend(record.tokens().cloned());
                }
                Beside::Xml => stamps.push(Stamp::untold(StampKind::Document)),
            }
        }
        Ok(Self::judge(stamps, &tokens, Material::default(), options))
    }

    /// The proofs that a caller has, and these.
    pub(crate) fn with(&self, poes: &[Poe]) -> Vec<Poe> {
        self.poes.iter().chain(poes).cloned().collect()
    }
}

/// What lies beside a file.
enum Beside {
    Token(Vec<u8>),
    Record(Record),
    /// An evidence record in XML.
    Xml,
}

impl Beside {
    fn read(bytes: &[u8]) -> Self {
        match Record::read(bytes) {
            Some(record) => Self::Record(record),
            None if record::is_xml(bytes) => Self::Xml,
            None => Self::Token(token(bytes)),
        }
    }

    fn hashes(&self) -> Vec<Hash> {
        match self {
            Self::Token(token) => imprint_hash(token).into_iter().collect(),
            Self::Record(record) => record.hashes().collect(),
            Self::Xml => Vec::new(),
        }
    }
}

/// The token in an answer; a token is one already.
fn token(bytes: &[u8]) -> Vec<u8> {
    timestamp::token_in(bytes).unwrap_or(bytes).to_vec()
}

/// Whether a file is a token, an answer with one or an evidence record; if so, its bytes.
pub(crate) fn is_stamp(source: &mut dyn Source) -> io::Result<Option<Vec<u8>>> {
    // What it is stands near its beginning: other files are not read twice for this.
    let head = take(source, 0, 512)?;
    if record::is_likely(&head) && source.size() <= MAX_RECORD as u64 {
        let bytes = take(source, 0, MAX_RECORD)?;
        return Ok(Record::read(&bytes).map(|_| bytes));
    }
    if source.size() > MAX_TOKEN as u64 || sniff::find(&head, oid::TST_INFO).is_none() {
        return Ok(None);
    }
    let bytes = take(source, 0, MAX_TOKEN)?;
    let token = token(&bytes);
    Ok(open(&token, MAX_TOKEN).map(|_| token))
}

/// The report on a time stamp by itself, or a record: what it says, which proves nothing without what it is over.
pub(crate) fn alone(bytes: &[u8], options: &Options<'_>) -> io::Result<Report> {
    let (stamps, tokens) = match Record::read(bytes) {
        Some(record) => (record.alone(), record.tokens().cloned().collect()),
        None => (vec![record::unheld(bytes)], vec![bytes.to_vec()]),
    };
    let mut found = Outer::judge(stamps, &tokens, Material::default(), options).reports;
    for stamp in &mut found {
        if stamp.intact {
            (stamp.intact, stamp.trusted, stamp.reason) = (false, false, Some(Reason::ContentMissing));
        }
    }
    let mut report = Report::bare(Container::Tst, Indication::NoSignatureFound, None);
    report.time_stamps = found;
    report.content = Some(Digests::of(&mut Memory(bytes), &[])?.content);
    Ok(report)
}
