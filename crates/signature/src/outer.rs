//! Time stamps over a whole file: beside it (`.tsr`, `.tst`), or around it (RFC 5544, M7M). Whoever is believed shows that
//! everything in the file existed before.

use std::io;

use crate::certificate::Certificate;
use crate::digest::Digests;
use crate::inspect::Options;
use crate::material::Material;
use crate::path::Judge;
use crate::proof::{Poe, PoeSource, StampKind, StampReport};
use crate::report::{Container, Indication, Reason, Report};
use crate::source::{Memory, Source, take};
use crate::stamp::{self, Stamp};
use crate::timestamp::{self, MAX_TOKEN};
use crate::token::{MAX_INNER, Said, Token, imprint_hash, open};
use crate::{oid, sniff};

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

    /// Tokens, or answers with them, over all of a file.
    pub(crate) fn beside(
        source: &mut dyn Source,
        stamps: &[Vec<u8>],
        options: &Options<'_>,
    ) -> io::Result<Self> {
        let tokens: Vec<Vec<u8>> = stamps.iter().take(MAX_STAMPS).map(|bytes| token(bytes)).collect();
        let wanted: Vec<_> = tokens.iter().filter_map(|token| imprint_hash(token)).collect();
        let digests = Digests::of(source, &wanted)?;
        let over = |hash| digests.get(hash).map(<[u8]>::to_vec);
        let read = |token: &Vec<u8>| Stamp::new(StampKind::Document, Token::read(token, MAX_INNER, &over));
        let stamps = tokens.iter().map(read).collect();
        Ok(Self::judge(stamps, &tokens, Material::default(), options))
    }

    /// The proofs that a caller has, and these.
    pub(crate) fn with(&self, poes: &[Poe]) -> Vec<Poe> {
        self.poes.iter().chain(poes).cloned().collect()
    }
}

/// The token in an answer; a token is one already.
fn token(bytes: &[u8]) -> Vec<u8> {
    timestamp::token_in(bytes).unwrap_or(bytes).to_vec()
}

/// Whether a file is a token or an answer with one; if so, its bytes.
pub(crate) fn is_stamp(source: &mut dyn Source) -> io::Result<Option<Vec<u8>>> {
    // What it is stands near its beginning: other files are not read twice for this.
    let head = take(source, 0, 512)?;
    if source.size() > MAX_TOKEN as u64 || sniff::find(&head, oid::TST_INFO).is_none() {
        return Ok(None);
    }
    let bytes = take(source, 0, MAX_TOKEN)?;
    let token = token(&bytes);
    Ok(open(&token, MAX_TOKEN).map(|_| token))
}

/// The report on a time stamp by itself: what it says, which proves nothing without what it is over.
pub(crate) fn alone(token: &[u8], options: &Options<'_>) -> io::Result<Report> {
    let said = open(token, MAX_TOKEN)
        .and_then(|(_, content)| Said::read(&content).map(|said| said.imprint.to_vec()));
    let stamp = Stamp::new(StampKind::Document, Token::read(token, MAX_TOKEN, &|_| said.clone()));
    let mut found = Outer::judge(vec![stamp], &[token.to_vec()], Material::default(), options).reports;
    for stamp in &mut found {
        if stamp.intact {
            (stamp.intact, stamp.trusted, stamp.reason) = (false, false, Some(Reason::ContentMissing));
        }
    }
    let mut report = Report::bare(Container::Tst, Indication::NoSignatureFound, None);
    report.time_stamps = found;
    report.content = Some(Digests::of(&mut Memory(token), &[])?.content);
    Ok(report)
}
