//! `TimeStampedData` (RFC 5544, `.tsd`): a content with time stamps over it, which may be renewed by others.

use std::io;

use crate::ber::{BerError, Reader, Scope};
use crate::der::{self, Tlv};
use crate::digest::Digests;
use crate::inspect::{self, Options};
use crate::material::Material;
use crate::outer::{MAX_STAMPS, Outer};
use crate::proof::StampKind;
use crate::report::{Container, Indication, Problem, Report};
use crate::source::{Joined, Pieces, Range, Source, take};
use crate::stamp::Stamp;
use crate::token::{MAX_INNER, Token, imprint_hash};

/// Most bytes of what describes the content, and of its time stamps.
const MAX_META: u64 = 64 * 1024;
const MAX_EVIDENCE: u64 = 16 * 1024 * 1024;

/// What stands around a content.
pub(crate) struct TimeStamped {
    /// What describes the content, as it stands, when the first stamp is over it too.
    meta: Vec<u8>,
    /// Where the content lies; nothing when it lies elsewhere.
    pub(crate) content: Option<Vec<Range>>,
    /// Each stamp with its revocation list, in the order in which they were made. Empty when the evidence is of another kind.
    links: Vec<Vec<u8>>,
    end: u64,
}

impl TimeStamped {
    pub(crate) fn read(source: &mut dyn Source) -> Result<Self, BerError> {
        let size = source.size();
        let mut reader = Reader::new(source);
        let mut top = Scope::new(0, size);
        let outer = reader.expect(&mut top, 0x30)?;
        let mut inside = reader.enter(&outer, &top);
        let kind = reader.expect(&mut inside, 0x06)?;
        reader.skip(&kind, &mut inside)?;
        let explicit = reader.expect(&mut inside, 0xa0)?;
        let mut wrapped = reader.enter(&explicit, &inside);
        let data = reader.expect(&mut wrapped, 0x30)?;
        let mut fields = reader.enter(&data, &wrapped);
        let version = reader.expect(&mut fields, 0x02)?;
        reader.skip(&version, &mut fields)?;

        let mut next = reader.next(&mut fields)?;
        if let Some(address) = next.filter(|one| one.tag == 0x16) {
            reader.skip(&address, &mut fields)?;
            next = reader.next(&mut fields)?;
        }
        let mut meta = Vec::new();
        if let Some(described) = next.filter(|one| one.tag == 0x30) {
            reader.skip(&described, &mut fields)?;
            meta = whole(reader.source, described.at, fields.at, MAX_META)?;
            next = reader.next(&mut fields)?;
        }
        let mut content = None;
        if let Some(string) = next.filter(|one| matches!(one.tag, 0x04 | 0x24)) {
            content = Some(reader.string(&string, &mut fields)?);
            next = reader.next(&mut fields)?;
        }
        let evidence = next.ok_or(BerError::Unexpected)?;
        reader.skip(&evidence, &mut fields)?;
        let bytes = whole(reader.source, evidence.at, fields.at, MAX_EVIDENCE)?;
        reader.leave(fields, &mut wrapped)?;
        reader.leave(wrapped, &mut inside)?;
        reader.leave(inside, &mut top)?;
        let links = links(&der::normalise(&bytes)?).ok_or(BerError::Unexpected)?;
        let meta = if is_protected(&meta) { meta } else { Vec::new() };
        Ok(Self { meta, content, links, end: top.at })
    }
}

fn whole(source: &mut dyn Source, from: u64, to: u64, most: u64) -> Result<Vec<u8>, BerError> {
    let length = to - from;
    if length > most {
        return Err(BerError::TooMany);
    }
    Ok(take(source, from, length as usize)?)
}

/// `MetaData` begins with whether the stamp is over it.
fn is_protected(meta: &[u8]) -> bool {
    let said =
        Tlv::only(meta).and_then(|meta| meta.of(0x30)).and_then(|mut fields| der::expect(&mut fields, 0x01));
    said.is_some_and(|flag| flag != [0])
}

/// Each `TimeStampAndCRL`; none of evidence of another kind.
fn links(evidence: &[u8]) -> Option<Vec<Vec<u8>>> {
    let evidence = Tlv::only(evidence)?;
    if evidence.tag != 0xa0 {
        return Some(Vec::new());
    }
    let all = der::all(evidence.body)?;
    let links: Vec<_> = all.iter().filter(|link| link.tag == 0x30).map(|link| link.raw.to_vec()).collect();
    (links.len() == all.len() && !links.is_empty() && links.len() <= MAX_STAMPS).then_some(links)
}

/// The report on it: its stamps, and what is signed in its content.
pub(crate) fn report(
    source: &mut dyn Source,
    detached: Option<&mut dyn Source>,
    options: &Options<'_>,
    layer: usize,
) -> io::Result<Report> {
    let size = source.size();
    let envelope = match TimeStamped::read(source) {
        Ok(envelope) => envelope,
        Err(error) => return inspect::unreadable(error, Container::Tsd),
    };
    let mut report = Report::bare(Container::Tsd, Indication::NoSignatureFound, None);
    report.trailing_bytes = size.saturating_sub(envelope.end);
    if envelope.links.is_empty() {
        report.problem = Some(Problem::Unsupported);
        report.indication = Indication::Indeterminate;
    }
    match (&envelope.content, detached) {
        (Some(ranges), _) => {
            within(&mut Pieces::new(source, ranges), &envelope, options, layer, &mut report)?;
        }
        (None, Some(content)) => within(content, &envelope, options, layer, &mut report)?,
        (None, None) => {
            report.problem = Some(Problem::Unsupported);
            report.indication = Indication::Indeterminate;
        }
    }
    Ok(report)
}

fn within(
    content: &mut dyn Source,
    envelope: &TimeStamped,
    options: &Options<'_>,
    layer: usize,
    report: &mut Report,
) -> io::Result<()> {
    let mut material = Material::default();
    let mut tokens = Vec::new();
    for link in &envelope.links {
        let mut fields = Tlv::only(link).and_then(|link| link.of(0x30)).unwrap_or_default();
        tokens.push(der::next(&mut fields).map(|token| token.raw.to_vec()).unwrap_or_default());
        if let Some(list) = der::next(&mut fields) {
            material.evidence.push_crl(list.raw);
        }
    }
    let wanted: Vec<_> = tokens.first().and_then(|token| imprint_hash(token)).into_iter().collect();
    let plain = Digests::of(content, &wanted)?;
    let described = match envelope.meta.as_slice() {
        [] => None,
        meta => Some(Digests::of(&mut Joined::new(meta, content), &wanted)?),
    };
    let mut stamps = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let over = |hash: plico_crypto::verify::Hash| match place.checked_sub(1) {
            None => described.as_ref().unwrap_or(&plain).get(hash).map(<[u8]>::to_vec),
            // One that renews is over the one before it.
            Some(before) => Some(hash.of(&envelope.links[before])),
        };
        stamps.push(Stamp::new(StampKind::Document, Token::read(token, MAX_INNER, &over)));
    }
    // What is over a stamp that is broken shows nothing of the content.
    if let Some(broken) = stamps.iter().position(|stamp| stamp.token.is_err()) {
        stamps[broken..].iter_mut().for_each(Stamp::breaks);
    }
    let outer = Outer::judge(stamps, &tokens, material, options);
    let poes = outer.with(options.poes);
    report.nested = inspect::inside(content, &Options { poes: &poes, ..*options }, layer, &plain.content)?;
    report.time_stamps = outer.reports;
    if let Some(nested) = &report.nested {
        report.indication = nested.indication;
    }
    report.content = Some(plain.content);
    Ok(())
}
