//! What a PDF keeps to be verified with (ETSI EN 319 142-1 §5.4): the streams of its security store, and time stamps
//! over the whole document.
//!
//! The store is not looked up: every stream that is a certificate, a list or an answer is taken, because each is
//! believed for who signed it and not for where it lies.

use std::cell::RefCell;
use std::io::{self, Read as _};

use flate2::read::ZlibDecoder;

use crate::certificate::Certificate;
use crate::digest::Digests;
use crate::envelope::Envelope;
use crate::inspect::Around;
use crate::material::Material;
use crate::pades::{Dictionary, gap, occurrences};
use crate::proof::StampKind;
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::Response;
use crate::sniff::find;
use crate::source::{Memory, Pieces, Range, Source, take};
use crate::stamp::Stamp;
use crate::token::{MAX_INNER, Token};

/// Streams that are looked at.
const MAX_STREAMS: usize = 20_000;
/// Longest stream that is taken, unpacked.
const MAX_STREAM: usize = 8 * 1024 * 1024;
/// Most bytes of those that begin like DER.
const MAX_KEPT: usize = 16 * 1024 * 1024;
/// How far before a stream its dictionary is searched.
const BEFORE: u64 = 512;

/// What a document holds for all of its signatures.
#[derive(Debug, Default)]
pub(crate) struct Document {
    certificates: Vec<Vec<u8>>,
    lists: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
    /// Time stamps, each with the end of what it is over.
    stamps: Vec<(u64, Stamp, Vec<u8>)>,
}

impl Document {
    /// Reads what there is, given the places of the byte ranges.
    pub(crate) fn read(pdf: &mut dyn Source, places: &[(u64, [u64; 4])]) -> io::Result<Self> {
        let mut document = Self::default();
        for &(at, byte_range) in places {
            document.stamp(pdf, at, byte_range)?;
        }
        if !places.is_empty() && !occurrences(pdf, b"/DSS", 1)?.is_empty() {
            document.streams(pdf)?;
        }
        Ok(document)
    }

    /// What counts for a signature over the file up to `end`.
    pub(crate) fn around(&self, end: u64) -> Around {
        let mut material = Material::default();
        material.certificates.clone_from(&self.certificates);
        self.lists.iter().for_each(|list| material.evidence.push_crl(list));
        self.answers.iter().for_each(|answer| material.evidence.push_response(answer));
        self.stamps.iter().for_each(|(_, _, token)| material.take_token(token));
        let over = self.stamps.iter().filter(|(to, ..)| *to > end);
        Around { material, stamps: over.map(|(_, stamp, _)| stamp.clone()).collect(), older: None }
    }

    fn stamp(&mut self, pdf: &mut dyn Source, at: u64, byte_range: [u64; 4]) -> io::Result<()> {
        let [start, before, after, rest] = byte_range;
        let Some((end, bytes)) = gap(pdf, byte_range)? else { return Ok(()) };
        let dictionary = Dictionary::around(pdf, at, before, after)?;
        if dictionary.sub_filter.as_deref() != Some(b"ETSI.RFC3161") || start != 0 {
            return Ok(());
        }
        // The gap is longer than what is in it.
        let length = Envelope::read(&mut Memory(&bytes)).map_or(0, |envelope| envelope.end);
        let token = bytes.get(..usize::try_from(length).unwrap_or_default()).unwrap_or_default().to_vec();
        let pdf = RefCell::new(pdf);
        let over = |hash| {
            let mut pdf = pdf.borrow_mut();
            let ranges = [Range { at: 0, length: before }, Range { at: after, length: rest }];
            let digests = Digests::of(&mut Pieces::new(&mut **pdf, &ranges), &[hash]).ok()?;
            digests.get(hash).map(<[u8]>::to_vec)
        };
        let stamp = Stamp::new(StampKind::Document, Token::read(&token, MAX_INNER, &over));
        self.stamps.push((end, stamp, token));
        Ok(())
    }

    fn streams(&mut self, pdf: &mut dyn Source) -> io::Result<()> {
        let mut kept = 0;
        for at in occurrences(pdf, b"stream", MAX_STREAMS)? {
            let from = at.saturating_sub(BEFORE);
            let head = take(pdf, from, usize::try_from(at - from).unwrap_or_default())?;
            let dictionary = &head[find_last(&head, b"<<").unwrap_or(head.len())..];
            if head.ends_with(b"end") || dictionary.is_empty() {
                continue;
            }
            let start = take(pdf, at + 6, 2)?;
            let body = at + 6 + if start == b"\r\n" { 2 } else { 1 };
            let packed = find(dictionary, b"/FlateDecode").is_some() || find(dictionary, b"/Fl").is_some();
            let Some(length) = length(pdf, body, packed)? else { continue };
            kept += length;
            if kept > MAX_KEPT {
                return Ok(());
            }
            if let Some(content) = content(pdf, body, packed, length)? {
                self.keep(content);
            }
        }
        Ok(())
    }

    fn keep(&mut self, content: Vec<u8>) {
        if Certificate::read(&content).is_some() {
            self.certificates.push(content);
        } else if Crl::read(&content).is_some() {
            self.lists.push(content);
        } else if Response::read(&content).is_some() {
            self.answers.push(content);
        }
    }
}

/// Length of the element at the start of a stream, when it is one that begins like DER.
fn length(pdf: &mut dyn Source, body: u64, packed: bool) -> io::Result<Option<usize>> {
    let first = take(pdf, body, 256)?;
    if !packed {
        return Ok(whole_length(&first));
    }
    let mut beginning = [0; 8];
    let read = ZlibDecoder::new(first.as_slice()).read_exact(&mut beginning);
    Ok(read.ok().and_then(|()| whole_length(&beginning)))
}

fn content(pdf: &mut dyn Source, body: u64, packed: bool, length: usize) -> io::Result<Option<Vec<u8>>> {
    if !packed {
        let bytes = take(pdf, body, length)?;
        return Ok((bytes.len() == length).then_some(bytes));
    }
    // Packed bytes are hardly ever more than unpacked ones.
    let bytes = take(pdf, body, length + length / 1000 + 64)?;
    let mut unpacked = vec![0; length];
    let read = ZlibDecoder::new(bytes.as_slice()).read_exact(&mut unpacked);
    Ok(read.is_ok().then_some(unpacked))
}

/// Length of a SEQUENCE with its header, when it is within bounds.
fn whole_length(beginning: &[u8]) -> Option<usize> {
    let header = crate::ber::parse_header(beginning).ok().filter(|header| header.tag == 0x30)?;
    let length = usize::try_from(header.length?).ok()?.checked_add(header.size)?;
    (16..=MAX_STREAM).contains(&length).then_some(length)
}

fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).rposition(|window| window == needle)
}
