//! From a file to its report: what it is, what is signed in it, by whom, and what is signed inside that.

use std::cell::{Cell, RefCell};
use std::io;

use plico_crypto::verify::Hash;

use crate::archive::older::{self, Older};
use crate::base64::Base64;
use crate::ber::BerError;
use crate::certificate::Certificate;
use crate::check::{self, Rules, Setting};
use crate::digest::Digests;
use crate::envelope::Envelope;
use crate::material::Material;
use crate::outer::{self, Outer};
use crate::path::Judge;
use crate::proof::Poe;
use crate::report::{
    Container, Content, Encoding, Format, Indication, Problem, Reason, Report, SignatureReport, worst,
};
use crate::revocation::Evidence;
use crate::revocation::want::Wanted;
use crate::signer::{self, Attributes};
use crate::sniff::{self, Kind, Text64};
use crate::source::{Memory, Pieces, Source, take};
use crate::stamp::Stamp;
use crate::trust::Anchors;
use crate::xml::reference::Outside;
use crate::{asic, der, oid, pades, smime, tsd, xades};

/// Envelopes inside envelopes are followed so far.
pub const MAX_LAYERS: usize = 16;

/// A content in pieces is joined in memory up to this size: layers of small pieces are slow to read through.
const SMALL: u64 = 2 * 1024 * 1024;

/// What a check needs besides the file.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The time of validation, UTC milliseconds.
    pub at_ms: i64,
    /// Whom the verifier believes; without anchors the best indication is `INDETERMINATE`.
    pub anchors: Option<&'a Anchors>,
    /// Revocation lists and answers from outside, besides those that come with the file.
    pub evidence: Option<&'a Evidence>,
    /// What shows, from outside, that the file existed at an instant.
    pub poes: &'a [Poe],
    /// Time stamps over the file that lie beside it (`.tsr`, `.tst`), in DER.
    pub stamps: &'a [Vec<u8>],
    /// Where to note what authorities offer and nobody gave.
    pub wanted: Option<&'a Wanted>,
}

impl<'a> Options<'a> {
    /// Nothing but a time of validation and whom the verifier believes.
    pub const fn at(at_ms: i64, anchors: Option<&'a Anchors>) -> Self {
        Self { at_ms, anchors, evidence: None, poes: &[], stamps: &[], wanted: None }
    }
}

/// Reports on a file of which all is a source. Errors are those of reading.
pub(crate) fn report(
    source: &mut dyn Source,
    detached: Option<&mut dyn Source>,
    options: &Options<'_>,
) -> io::Result<Report> {
    let mut report = match (outer::is_stamp(source)?, detached) {
        // A time stamp with what it is over: the report is on that.
        (Some(token), Some(content)) => beside(content, None, &[token], options)?,
        (Some(token), None) => outer::alone(&token, options)?,
        (None, detached) => beside(source, detached, options.stamps, options)?,
    };
    let lists = options.anchors.and_then(Anchors::lists);
    report.trusted_lists = lists.map(|lists| lists.reports(options.at_ms)).unwrap_or_default();
    Ok(report)
}

/// The report on a file with time stamps beside it.
fn beside(
    source: &mut dyn Source,
    detached: Option<&mut dyn Source>,
    stamps: &[Vec<u8>],
    options: &Options<'_>,
) -> io::Result<Report> {
    if stamps.is_empty() {
        return layer_of(source, detached, options, 0, None);
    }
    let outer = Outer::beside(source, stamps, options)?;
    let poes = outer.with(options.poes);
    let report = layer_of(source, detached, &Options { poes: &poes, ..*options }, 0, None)?;
    Ok(Report { time_stamps: [outer.reports, report.time_stamps].concat(), ..report })
}

/// The report on a file, or on what is in an envelope.
fn layer_of(
    source: &mut dyn Source,
    detached: Option<&mut dyn Source>,
    options: &Options<'_>,
    layer: usize,
    known: Option<&Content>,
) -> io::Result<Report> {
    let bare = match sniff::kind(source)? {
        Kind::Cms => {
            let mut report = envelope(source, detached, options, layer)?;
            report.encoding.get_or_insert(Encoding::Der);
            return Ok(report);
        }
        Kind::Text64(at, how) => {
            if let Some(report) = text(source, at, how, detached, options, layer)? {
                return Ok(report);
            }
            Report::bare(Container::None, Indication::NoSignatureFound, None)
        }
        Kind::Pdf => pades::report(source, options)?,
        Kind::Encrypted => {
            Report::bare(Container::Cms, Indication::NoSignatureFound, Some(Problem::Encrypted))
        }
        Kind::TimeStamped => return tsd::report(source, detached, options, layer),
        Kind::SignedXml => signed_xml(source, detached, options)?,
        Kind::Asic => {
            let report = asic::report(source, options)?;
            if report.content.is_some() {
                return Ok(report);
            }
            report
        }
        Kind::SignedMail => return smime::report(source, options, layer),
        Kind::Other => {
            let empty = (source.size() == 0).then_some(Problem::Empty);
            Report::bare(Container::None, Indication::NoSignatureFound, empty)
        }
    };
    // The content of what is not an envelope is the file itself; inside an envelope its digest is known already.
    let content = match known {
        Some(content) => content.clone(),
        None => Digests::of(source, &[])?.content,
    };
    Ok(Report { content: Some(content), ..bare })
}

/// An XML signature; what it signs outside of itself is the one file that was given, whatever it calls it.
fn signed_xml(
    source: &mut dyn Source,
    detached: Option<&mut dyn Source>,
    options: &Options<'_>,
) -> io::Result<Report> {
    let digests = detached
        .map(|content| Digests::of(content, &[Hash::Sha1, Hash::Sha384, Hash::Sha512]))
        .transpose()?;
    let first = RefCell::new(None::<String>);
    let outside = |name: &str, hash: Hash| {
        let mut first = first.borrow_mut();
        let is_first = first.get_or_insert_with(|| name.to_owned()) == name;
        digests.as_ref().filter(|_| is_first)?.get(hash).map(<[u8]>::to_vec)
    };
    xades::report(source, &Outside { digest: &outside, all: &[] }, options)
}

fn text(
    source: &mut dyn Source,
    at: u64,
    how: Text64,
    detached: Option<&mut dyn Source>,
    options: &Options<'_>,
    layer: usize,
) -> io::Result<Option<Report>> {
    let mut decoded = Base64::new(source, at)?;
    let head = take(&mut decoded, 0, 64)?;
    let encoding = match how {
        Text64::Bare => Encoding::Base64,
        Text64::Pem => Encoding::Pem,
        Text64::Mail => Encoding::Smime,
    };
    Ok(match sniff::cms(&head) {
        Some(Kind::Cms) => {
            let mut report = envelope(&mut decoded, detached, options, layer)?;
            report.encoding = Some(encoding);
            Some(report)
        }
        Some(Kind::TimeStamped) => {
            let mut report = tsd::report(&mut decoded, detached, options, layer)?;
            report.encoding = Some(encoding);
            Some(report)
        }
        Some(Kind::Encrypted) => {
            Some(Report::bare(Container::Cms, Indication::NoSignatureFound, Some(Problem::Encrypted)))
        }
        _ => None,
    })
}

fn envelope(
    source: &mut dyn Source,
    mut detached: Option<&mut dyn Source>,
    options: &Options<'_>,
    layer: usize,
) -> io::Result<Report> {
    let size = source.size();
    let envelope = match Envelope::read(source) {
        Ok(envelope) => envelope,
        Err(error) => return unreadable(error, Container::Cms),
    };
    let wanted = digests(&envelope);
    let mut is_attributes = false;
    let mut nested = None;
    let digested = match (&envelope.content, detached.as_mut()) {
        (Some(ranges), _) => {
            let mut pieces = Pieces::new(source, ranges);
            let copied;
            let content: &mut dyn Source = if ranges.len() > 1 && pieces.size() <= SMALL {
                let size = pieces.size() as usize;
                copied = take(&mut pieces, 0, size)?;
                &mut Memory(&copied)
            } else {
                &mut pieces
            };
            is_attributes = looks_like_attributes(content)?;
            let digested = Digests::of(content, &wanted)?;
            nested = inside(content, options, layer, &digested.content)?;
            Some(digested)
        }
        (None, Some(content)) => Some(Digests::of(&mut **content, &wanted)?),
        (None, None) => None,
    };
    let older = older::read(&envelope, source, detached)?;
    let signatures = signatures(
        &envelope,
        options,
        Rules::Cades,
        is_attributes,
        &|hash| digested.as_ref()?.get(hash).map(<[u8]>::to_vec),
        Around { older, ..Around::default() },
    );
    let cades = |signature: &SignatureReport| !matches!(signature.format, Format::Cms | Format::Pkcs7);
    let all_cades = !signatures.is_empty() && signatures.iter().all(cades);
    Ok(Report {
        container: if all_cades { Container::Cades } else { Container::Cms },
        indication: worst(&signatures),
        sub_indication: None,
        content: digested.map(|digested| digested.content),
        signatures,
        encoding: envelope.ber.then_some(Encoding::Ber),
        trailing_bytes: size.saturating_sub(envelope.end),
        problem: None,
        nested,
        time_stamps: Vec::new(),
        trusted_lists: Vec::new(),
    })
}

/// The report on an envelope that cannot be read to its end.
pub(crate) fn unreadable(error: BerError, container: Container) -> io::Result<Report> {
    let problem = match error {
        BerError::Io(error) => return Err(error),
        BerError::Truncated => Problem::Truncated,
        BerError::Depth | BerError::TooMany => Problem::TooComplex,
        _ => Problem::Damaged,
    };
    Ok(Report::bare(container, Indication::TotalFailed, Some(problem)))
}

/// What a document that holds an envelope adds to it.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) material: Material,
    pub(crate) stamps: Vec<Stamp>,
    pub(crate) older: Option<Vec<Older>>,
}

/// Every signer of an envelope, the repeated ones marked.
pub(crate) fn signatures(
    envelope: &Envelope,
    options: &Options<'_>,
    rules: Rules,
    content_is_attributes: bool,
    digest: &dyn Fn(Hash) -> Option<Vec<u8>>,
    around: Around,
) -> Vec<SignatureReport> {
    let Around { mut material, stamps, older } = around;
    let certificates: Vec<Certificate<'_>> =
        envelope.certificates.iter().filter_map(|der| Certificate::read(der)).collect();
    if options.anchors.is_some() {
        material.take(envelope);
    }
    let judge = options.anchors.map(|anchors| {
        let mut judge = Judge::new(anchors, options.at_ms);
        judge.wanted = options.wanted;
        judge.add(certificates.iter().cloned());
        judge.add(material.certificates.iter().filter_map(|der| Certificate::read(der)));
        judge.hear(&material.evidence, true);
        if let Some(outside) = options.evidence {
            judge.hear(outside, false);
        }
        judge
    });
    let setting = Setting {
        certificates: &certificates,
        content_type: &envelope.content_type,
        digest,
        content_is_attributes,
        judge: judge.as_ref(),
        poes: options.poes,
        documents: &stamps,
        envelope_certificates: &envelope.certificates,
        envelope_revocations: &envelope.revocations,
        older: older.as_deref(),
        at_ms: options.at_ms,
        rules,
        budget: &Cell::new(check::MAX_CHECKS),
    };
    let mut reports = Vec::with_capacity(envelope.signers.len());
    for (index, bytes) in envelope.signers.iter().enumerate() {
        let mut report = check::signer(bytes, &setting);
        if envelope.signers[..index].contains(bytes) {
            report.reasons.push(Reason::DuplicateSigner);
        }
        reports.push(report);
    }
    reports
}

/// The digests that the signers name, known before the content is read.
pub(crate) fn digests(envelope: &Envelope) -> Vec<Hash> {
    let mut wanted = Vec::new();
    for bytes in &envelope.signers {
        let hash = signer::SignerInfo::read(bytes).and_then(|info| signer::hash(info.digest));
        if let Some(hash) = hash.filter(|hash| !wanted.contains(hash)) {
            wanted.push(hash);
        }
    }
    wanted
}

/// The report on what is in an envelope, when that is signed itself.
pub(crate) fn inside(
    content: &mut dyn Source,
    options: &Options<'_>,
    layer: usize,
    known: &Content,
) -> io::Result<Option<Box<Report>>> {
    if sniff::kind(content)? == Kind::Other {
        return Ok(None);
    }
    if layer + 1 >= MAX_LAYERS {
        let deeper = Report::bare(Container::Cms, Indication::Indeterminate, Some(Problem::TooComplex));
        return Ok(Some(Box::new(deeper)));
    }
    let report = layer_of(content, None, options, layer + 1, Some(known))?;
    Ok((report.container != Container::None).then(|| Box::new(report)))
}

/// A content that is itself a set of attributes with a message digest may be the signed part of another signature
/// (draft-ietf-lamps-cms-euf-cma-signeddata).
fn looks_like_attributes(content: &mut dyn Source) -> io::Result<bool> {
    const MOST: u64 = 64 * 1024;
    let mut first = [0];
    if content.size() > MOST || content.fill_at(0, &mut first)? == 0 || first[0] != 0x31 {
        return Ok(false);
    }
    let bytes = take(content, 0, MOST as usize)?;
    let attributes = der::Tlv::only(&bytes).and_then(|set| Attributes::read(set.body));
    Ok(attributes.is_some_and(|attributes| attributes.has(oid::MESSAGE_DIGEST)))
}
