//! Signed mail messages: `multipart/signed` (RFC 8551 §3.5.3), and M7M, an envelope and its time stamp as two parts.

use std::io;

use crate::check::Rules;
use crate::digest::Digests;
use crate::envelope::Envelope;
use crate::inspect::{self, Around, Options};
use crate::mime::Entity;
use crate::outer::{self, Outer};
use crate::report::{Container, Encoding, Indication, Problem, Report, SignatureReport, worst};
use crate::source::{Memory, Pieces, Range, Source, take};

/// Longest content whose line ends are mended, and longest signature.
const MAX_MENDED: u64 = 32 * 1024 * 1024;
const MAX_SIGNATURE: usize = 12 * 1024 * 1024;

/// What is in a message.
pub(crate) struct Message {
    /// What is signed, or the envelope.
    pub(crate) first: Entity,
    /// The signature over it.
    signature: Option<Entity>,
    /// Time stamps over it.
    stamps: Vec<Entity>,
}

impl Message {
    /// Reads a message in parts; nothing when there is nothing signed in it.
    pub(crate) fn read(source: &mut dyn Source) -> io::Result<Option<Self>> {
        let whole = Range { at: 0, length: source.size() };
        let Some(top) = Entity::read(source, whole)? else { return Ok(None) };
        if is_envelope(&top.media_type) {
            return Ok(Some(Self { first: top, signature: None, stamps: Vec::new() }));
        }
        let mut parts = top.parts(source)?;
        if top.media_type == "multipart/signed" {
            // Exactly two, and the second is the signature (RFC 1847 §2.1).
            let pair = parts.len() == 2 && is_signature(&parts[1].media_type);
            let signature = pair.then(|| parts.remove(1));
            return Ok(signature.map(|signature| Self {
                first: parts.remove(0),
                signature: Some(signature),
                stamps: Vec::new(),
            }));
        }
        let Some(place) = parts.iter().position(|part| is_envelope(&part.media_type)) else {
            return Ok(None);
        };
        let first = parts.remove(place);
        parts.retain(|part| part.media_type.starts_with("application/timestamp"));
        Ok(Some(Self { first, signature: None, stamps: parts }))
    }

    /// Whether its first part is an envelope, and not what is signed itself.
    pub(crate) fn is_enclosed(&self) -> bool {
        self.signature.is_none()
    }
}

fn is_envelope(media_type: &str) -> bool {
    ["application/pkcs7-mime", "application/x-pkcs7-mime"].contains(&media_type)
}

fn is_signature(media_type: &str) -> bool {
    ["application/pkcs7-signature", "application/x-pkcs7-signature"].contains(&media_type)
}

/// The report on a message.
pub(crate) fn report(source: &mut dyn Source, options: &Options<'_>, layer: usize) -> io::Result<Report> {
    let bare = |indication, problem| Report::bare(Container::Smime, indication, Some(problem));
    let Some(message) = Message::read(source)? else {
        return Ok(bare(Indication::TotalFailed, Problem::Damaged));
    };
    let Some(signature) = &message.signature else {
        return enclosed(source, &message, options, layer);
    };
    let der = signature.content(source, |content| take(content, 0, MAX_SIGNATURE))?;
    let Some(der) = der else { return Ok(bare(Indication::Indeterminate, Problem::Unsupported)) };
    let envelope = match Envelope::read(&mut Memory(&der)) {
        Ok(envelope) if envelope.content.is_none() => envelope,
        Ok(_) => return Ok(bare(Indication::TotalFailed, Problem::Damaged)),
        Err(error) => return inspect::unreadable(error, Container::Smime),
    };
    let wanted = inspect::digests(&envelope);
    let ranges = [message.first.whole];
    let mut digests = Digests::of(&mut Pieces::new(source, &ranges), &wanted)?;
    let judged = |digests: &Digests| {
        let digest = |hash| digests.get(hash).map(<[u8]>::to_vec);
        inspect::signatures(&envelope, options, Rules::Cades, false, &digest, Around::default())
    };
    let mut signatures = judged(&digests);
    // On the way line ends become other line ends: what was signed has CR LF (RFC 8551 §3.1.1).
    if signatures.iter().any(|found| !found.intact)
        && let Some(mended) = mended(source, message.first.whole)?
    {
        let over = Digests::of(&mut Memory(&mended), &wanted)?;
        let again = judged(&over);
        let whole = |all: &[SignatureReport]| all.iter().filter(|found| found.intact).count();
        if whole(&again) > whole(&signatures) {
            (signatures, digests) = (again, over);
        }
    }
    let mut report = Report::bare(Container::Smime, worst(&signatures), None);
    report.sub_indication = None;
    report.encoding = Some(Encoding::Smime);
    report.signatures = signatures;
    report.nested = message
        .first
        .content(source, |content| {
            let known = Digests::of(content, &[])?.content;
            inspect::inside(content, options, layer, &known)
        })?
        .flatten();
    report.content = Some(digests.content);
    Ok(report)
}

/// The report on an envelope in a message, with the time stamps beside it.
fn enclosed(
    source: &mut dyn Source,
    message: &Message,
    options: &Options<'_>,
    layer: usize,
) -> io::Result<Report> {
    let mut stamps = Vec::new();
    for stamp in message.stamps.iter().take(outer::MAX_STAMPS) {
        stamps.extend(stamp.content(source, |content| take(content, 0, crate::timestamp::MAX_TOKEN))?);
    }
    let found = message.first.content(source, |content| {
        let outer =
            if stamps.is_empty() { Outer::default() } else { Outer::beside(content, &stamps, options)? };
        let poes = outer.with(options.poes);
        let known = Digests::of(content, &[])?.content;
        let nested = inspect::inside(content, &Options { poes: &poes, ..*options }, layer, &known)?;
        Ok((known, outer.reports, nested))
    })?;
    let mut report = Report::bare(Container::Smime, Indication::NoSignatureFound, None);
    report.encoding = Some(Encoding::Smime);
    if let Some((content, stamps, nested)) = found {
        report.indication = nested.as_ref().map_or(Indication::NoSignatureFound, |nested| nested.indication);
        (report.content, report.time_stamps, report.nested) = (Some(content), stamps, nested);
    } else {
        (report.indication, report.problem) = (Indication::Indeterminate, Some(Problem::Unsupported));
    }
    Ok(report)
}

/// A part with CR LF at the end of each line; nothing when it has them already, or is too long.
fn mended(source: &mut dyn Source, range: Range) -> io::Result<Option<Vec<u8>>> {
    if range.length > MAX_MENDED {
        return Ok(None);
    }
    let bytes = take(source, range.at, range.length as usize)?;
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut before = 0;
    for &byte in &bytes {
        if byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(byte);
        before = byte;
    }
    Ok((out.len() != bytes.len()).then_some(out))
}
