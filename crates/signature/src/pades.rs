//! Signatures in a PDF (ISO 32000-2 §12.8, ETSI EN 319 142-1), found by their byte ranges.
//!
//! The file is not parsed: a byte range is believed only when the gap it leaves is exactly one hexadecimal string,
//! so whatever else a reader may make of the file, those bytes around that gap are what was signed.

use std::io;

use plico_crypto::verify::Hash;

use crate::ber::BerError;
use crate::check::{self, Rules};
use crate::digest::{Digests, digest};
use crate::dss::Document;
use crate::envelope::Envelope;
use crate::inspect::{self, Options};
use crate::report::{
    Container, Format, Indication, Problem, Reason, Report, SignatureReport, SubIndication, hex, worst,
};
use crate::sniff::find;
use crate::source::{Memory, Pieces, Range, Source, take};
use crate::{der, instant};

/// Signatures of one file that are looked at.
const MAX_SIGNATURES: usize = 64;
/// Longest `/Contents` that is read: 8 MiB of hexadecimal.
const MAX_GAP: u64 = 8 * 1024 * 1024;
/// How far around a byte range its dictionary is searched.
const AROUND: u64 = 8 * 1024;

/// One signature of a PDF.
#[derive(Debug, Clone)]
pub struct PadesSignature {
    /// Every byte of the file but the signature itself is signed: only then is every page bound by it.
    pub covers_whole_file: bool,
    /// The four numbers of the byte range.
    pub byte_range: [u64; 4],
    /// The report.
    pub report: SignatureReport,
    /// Certificates of the envelope, the signer's first.
    pub certificates_der: Vec<Vec<u8>>,
}

/// Verifies every signature of a PDF in memory, in the order in which they cover the file.
pub fn verify(pdf: &[u8], options: &Options<'_>) -> Vec<PadesSignature> {
    // Memory cannot fail to be read.
    verify_source(&mut Memory(pdf), options).unwrap_or_default()
}

/// As [`verify`], over any source.
pub fn verify_source(pdf: &mut dyn Source, options: &Options<'_>) -> io::Result<Vec<PadesSignature>> {
    let mut places: Vec<(u64, [u64; 4])> = Vec::new();
    for at in occurrences(pdf, b"/ByteRange", MAX_SIGNATURES)? {
        let Some(byte_range) = numbers(&take(pdf, at + 10, 256)?) else { continue };
        if !places.iter().any(|(_, other)| *other == byte_range) {
            places.push((at, byte_range));
        }
    }
    // Only a verifier who believes somebody has a use for it.
    let document = match options.anchors {
        Some(_) => Document::read(pdf, &places)?,
        None => Document::default(),
    };
    let mut found: Vec<PadesSignature> = Vec::new();
    for (at, byte_range) in places {
        found.extend(one(pdf, at, byte_range, options, &document)?);
    }
    found.sort_by_key(|signature| signature.byte_range[2].saturating_add(signature.byte_range[3]));
    Ok(found)
}

/// The report on a PDF; the content is filled in by the caller.
pub(crate) fn report(pdf: &mut dyn Source, options: &Options<'_>) -> io::Result<Report> {
    let signatures: Vec<_> = verify_source(pdf, options)?.into_iter().map(|found| found.report).collect();
    if signatures.is_empty() {
        return Ok(Report::bare(Container::None, Indication::NoSignatureFound, None));
    }
    let mut report = Report::bare(Container::Pades, worst(&signatures), None::<Problem>);
    report.sub_indication = None;
    report.signatures = signatures;
    Ok(report)
}

fn one(
    pdf: &mut dyn Source,
    at: u64,
    byte_range: [u64; 4],
    options: &Options<'_>,
    document: &Document,
) -> io::Result<Option<PadesSignature>> {
    let [_, before, after, rest] = byte_range;
    let wrong = |reason| {
        let report =
            check::unread(Indication::TotalFailed, SubIndication::FormatFailure, reason, Format::Pkcs7);
        Ok(Some(PadesSignature {
            covers_whole_file: false,
            byte_range,
            report,
            certificates_der: Vec::new(),
        }))
    };
    let Some((end, cms)) = gap(pdf, byte_range)? else { return wrong(Reason::ByteRange) };

    let dictionary = Dictionary::around(pdf, at, before, after)?;
    let rules = match dictionary.sub_filter.as_deref() {
        Some(b"ETSI.CAdES.detached") => Rules::Pades,
        Some(b"adbe.pkcs7.detached") => Rules::Pkcs7,
        // A document time-stamp vouches for a time, nobody signs with it.
        Some(b"ETSI.RFC3161") => return Ok(None),
        _ => {
            let unknown = SubIndication::CryptoConstraintsFailure;
            let report = check::unread(
                Indication::Indeterminate,
                unknown,
                Reason::AlgorithmUnsupported,
                Format::Pkcs7,
            );
            let covers_whole_file = end == pdf.size();
            return Ok(Some(PadesSignature {
                covers_whole_file,
                byte_range,
                report,
                certificates_der: Vec::new(),
            }));
        }
    };
    let envelope = match Envelope::read(&mut Memory(&cms)) {
        Ok(envelope) if envelope.content.is_none() => envelope,
        Ok(_) => return wrong(Reason::Malformed),
        Err(BerError::Io(error)) => return Err(error),
        Err(_) => return wrong(Reason::Malformed),
    };
    let wanted = inspect::digests(&envelope);
    let ranges = [Range { at: 0, length: before }, Range { at: after, length: rest }];
    let digests = Digests::of(&mut Pieces::new(pdf, &ranges), &wanted)?;
    let mut reports = inspect::signatures(
        &envelope,
        options,
        rules,
        false,
        &|hash| digests.get(hash).map(<[u8]>::to_vec),
        document.around(end),
    );
    // ETSI EN 319 142-1 §6.2: exactly one signer.
    if reports.len() != 1 {
        return wrong(Reason::Malformed);
    }
    let mut report = reports.remove(0);
    let covers_whole_file = end == pdf.size();
    if !covers_whole_file {
        report.reasons.push(Reason::DocumentExtended);
    }
    if report.claimed_signing_time.is_none() {
        report.claimed_signing_time = dictionary.time.map(instant::rfc3339);
    }
    let mut certificates_der = envelope.certificates;
    let of_signer = |der: &Vec<u8>| report.signer.certificate_sha256 == Some(hex(&digest(Hash::Sha256, der)));
    certificates_der.sort_by_key(|der| !of_signer(der));
    Ok(Some(PadesSignature { covers_whole_file, byte_range, report, certificates_der }))
}

/// The end of the bytes that are signed, and what stands in the gap between them. `None` when the range is not one
/// that leaves out exactly one hexadecimal string.
pub(crate) fn gap(pdf: &mut dyn Source, byte_range: [u64; 4]) -> io::Result<Option<(u64, Vec<u8>)>> {
    let [start, before, after, rest] = byte_range;
    let end = after.checked_add(rest).filter(|&end| end <= pdf.size());
    let gap = after.checked_sub(before).filter(|gap| (2..=MAX_GAP).contains(gap));
    let (Some(end), Some(gap), 0) = (end, gap, start) else { return Ok(None) };
    let hexadecimal = take(pdf, before, gap as usize)?;
    Ok(string(&hexadecimal).map(|bytes| (end, bytes)))
}

/// What is read of a signature dictionary besides its byte range.
pub(crate) struct Dictionary {
    pub(crate) sub_filter: Option<Vec<u8>>,
    time: Option<i64>,
}

impl Dictionary {
    /// Looks in the object around the byte range, leaving out the gap.
    pub(crate) fn around(pdf: &mut dyn Source, at: u64, before: u64, after: u64) -> io::Result<Self> {
        let low = at.min(before).saturating_sub(AROUND);
        let high = at.max(after).saturating_add(AROUND);
        let mut text =
            take(pdf, low, usize::try_from(before.saturating_sub(low)).unwrap_or(0).min(MAX_GAP as usize))?;
        let middle = text.len();
        text.extend(take(
            pdf,
            after,
            usize::try_from(high.saturating_sub(after)).unwrap_or(0).min(MAX_GAP as usize),
        )?);
        let from = text[..middle].windows(4).rposition(|window| window == b" obj").unwrap_or(0);
        let to = find(&text[middle..], b"endobj").map_or(text.len(), |end| middle + end);
        let object = &text[from..to];
        let sub_filter = value(object, b"/SubFilter").and_then(|rest| {
            let name = rest.strip_prefix(b"/")?;
            let end = name.iter().position(|byte| b" \t\r\n/<>[]()".contains(byte)).unwrap_or(name.len());
            Some(name[..end].to_vec())
        });
        let time = value(object, b"/M").and_then(|rest| {
            let text = rest.strip_prefix(b"(")?;
            let end = text.iter().position(|&byte| byte == b')')?;
            pdf_time(&text[..end])
        });
        Ok(Self { sub_filter, time })
    }
}

/// What follows a key, which must not be the start of a longer one.
fn value<'a>(object: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut rest = object;
    while let Some(at) = find(rest, key) {
        rest = &rest[at + key.len()..];
        if rest.first().is_some_and(|byte| !byte.is_ascii_alphanumeric()) {
            let skip = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            return Some(&rest[skip..]);
        }
    }
    None
}

/// `D:YYYYMMDDHHmmSSOHH'mm'` (ISO 32000-2 §7.9.4).
fn pdf_time(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b"D:").unwrap_or(text);
    let mut plain: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'\'').collect();
    if plain.len() == 14 {
        plain.push(b'Z');
    } else if plain.get(14) == Some(&b'Z') {
        plain.truncate(15);
    } else if plain.len() == 17 {
        plain.extend(b"00");
    }
    instant::read(der::Tlv { tag: 0x18, body: &plain, raw: &[] })
}

/// The bytes of `<…>`, the padding included.
fn string(gap: &[u8]) -> Option<Vec<u8>> {
    let inside = gap.strip_prefix(b"<")?.strip_suffix(b">")?;
    let mut bytes = Vec::with_capacity(inside.len() / 2);
    let mut half = None;
    for &byte in inside {
        if byte.is_ascii_whitespace() {
            continue;
        }
        let digit = char::from(byte).to_digit(16)? as u8;
        match half.take() {
            None => half = Some(digit),
            Some(high) => bytes.push((high << 4) | digit),
        }
    }
    half.is_none().then_some(bytes)
}

/// `[a b c d]`.
fn numbers(text: &[u8]) -> Option<[u64; 4]> {
    let end = text.iter().position(|&byte| byte == b']')?;
    let text = std::str::from_utf8(&text[..end]).ok()?.trim_start().strip_prefix('[')?;
    let numbers: Vec<u64> = text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok()
}

/// Offsets at which `needle` stands, reading in windows that overlap.
pub(crate) fn occurrences(source: &mut dyn Source, needle: &[u8], most: usize) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut at = 0;
    while found.len() < most {
        let read = source.fill_at(at, &mut buffer)?;
        let mut from = 0;
        while let Some(next) = find(&buffer[from..read], needle) {
            found.push(at + (from + next) as u64);
            from += next + needle.len();
        }
        if read < buffer.len() {
            break;
        }
        at += (read - needle.len() + 1).max(from) as u64;
    }
    found.truncate(most);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionary_values() {
        assert_eq!(numbers(b" [0 10 20  30 ] /X"), Some([0, 10, 20, 30]));
        assert_eq!(numbers(b"[0 /*** 20 30]"), None);
        assert_eq!(numbers(b"[0 1 2]"), None);
        assert_eq!(string(b"<0 aFf>"), Some(vec![0x0a, 0xff].into_iter().collect::<Vec<u8>>()));
        assert_eq!(string(b"<0a(> "), None);
        assert_eq!(value(b"/Mario (x) /M(y)", b"/M"), Some(&b"(y)"[..]));
        for (text, expected) in [
            ("D:20261121194601+01'00'", Some("2026-11-21T18:46:01Z")),
            ("D:20261121184601Z00'00'", Some("2026-11-21T18:46:01Z")),
            ("D:20261121184601", Some("2026-11-21T18:46:01Z")),
            ("D:2026", None),
        ] {
            assert_eq!(pdf_time(text.as_bytes()).map(instant::rfc3339).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn needles_across_windows_are_found() {
        let mut bytes = vec![b'.'; 600_000];
        for at in [0, 262_140, 262_144 - 10, 524_270, 599_990] {
            bytes[at..at + 10].copy_from_slice(b"/ByteRange");
        }
        let found = occurrences(&mut Memory(&bytes), b"/ByteRange", 64).unwrap();
        assert!(found.contains(&0) && found.contains(&524_270) && found.contains(&599_990), "{found:?}");
    }
}
