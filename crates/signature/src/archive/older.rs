//! Archive time-stamps of version 2 (ETSI TS 101 733 §6.4.1): over the fields of the envelope as they are written, the
//! content among them, and over all of the signer that was there before.

use std::io;

use plico_crypto::verify::{Hash, Hasher};

use crate::check::Setting;
use crate::der::{self, Tlv};
use crate::envelope::Envelope;
use crate::oid;
use crate::signer::{self, SignerInfo};
use crate::source::{Pieces, Source};
use crate::timestamp::TimestampError;
use crate::token::{self, MAX_INNER, Said, Token};

/// Those of one envelope that are looked at: each is over the whole content.
const MAX_OLDER: usize = 8;
/// How much of a content is read at once.
const CHUNK: usize = 256 * 1024;

/// What one should be over, digested by the algorithm that it names.
#[derive(Debug)]
pub(crate) struct Older {
    /// SHA-256 of what of the signer it is over.
    tail: Vec<u8>,
    hash: Hash,
    imprint: Vec<u8>,
}

/// One of a signer, and what of the signer it is over.
struct Tail<'a> {
    token: &'a [u8],
    /// `None` when it cannot be read, or by an algorithm that is not known.
    hash: Option<Hash>,
    fields: &'a [u8],
    /// The unsigned attributes that were there before it.
    attributes: Vec<&'a [u8]>,
}

impl Tail<'_> {
    /// The unsigned attributes with tag and length, and without: annex K had it both ways, and asks to try both.
    const WAYS: [bool; 2] = [true, false];

    fn feed(&self, tagged: bool, hasher: &mut Hasher) {
        hasher.update(self.fields);
        if tagged {
            let length = self.attributes.iter().map(|attribute| attribute.len() as u64).sum();
            let mut header = Vec::new();
            der::write_header(&[0xa1], length, &mut header);
            hasher.update(&header);
        }
        for attribute in &self.attributes {
            hasher.update(attribute);
        }
    }

    fn key(&self, tagged: bool) -> Vec<u8> {
        let mut hasher = Hash::Sha256.hasher();
        self.feed(tagged, &mut hasher);
        hasher.finish()
    }
}

/// Digests what all of an envelope's should be over, in one reading. `None` when the content is not there.
pub(crate) fn read(
    envelope: &Envelope,
    source: &mut dyn Source,
    detached: Option<&mut dyn Source>,
) -> io::Result<Option<Vec<Older>>> {
    if envelope.content.is_none() && detached.is_none() {
        return Ok(None);
    }
    let infos: Vec<_> = envelope.signers.iter().filter_map(|bytes| SignerInfo::read(bytes)).collect();
    let tails: Vec<_> = infos.iter().flat_map(tails).take(MAX_OLDER).collect();
    let mut running: Vec<_> = tails
        .iter()
        .filter_map(|tail| Some((tail, tail.hash?)))
        .flat_map(|(tail, hash)| Tail::WAYS.map(|tagged| (tail, tagged, hash, hash.hasher())))
        .collect();
    if running.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let mut take = |piece: &[u8]| {
        for (.., hasher) in &mut running {
            hasher.update(piece);
        }
    };
    let (content, evidence) = envelope.written.split_at(1);
    all(&mut Pieces::new(source, content), &mut take)?;
    if let Some(outside) = detached.filter(|_| envelope.content.is_none()) {
        all(outside, &mut take)?;
    }
    all(&mut Pieces::new(source, evidence), &mut take)?;
    let done = running.into_iter().map(|(tail, tagged, hash, mut hasher)| {
        tail.feed(tagged, &mut hasher);
        Older { tail: tail.key(tagged), hash, imprint: hasher.finish() }
    });
    Ok(Some(done.collect()))
}

fn all(source: &mut dyn Source, take: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK.min(usize::try_from(source.size()).unwrap_or(CHUNK))];
    let mut at = 0;
    loop {
        let read = source.fill_at(at, &mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        take(&buffer[..read]);
        at += read as u64;
    }
}

/// Those of a signer. One that was beyond the limit is left out: nothing is known of it.
pub(crate) fn stamps(info: &SignerInfo<'_>, setting: &Setting<'_>) -> Vec<Result<Token, TimestampError>> {
    let Some(known) = setting.older else { return Vec::new() };
    let mut found = Vec::new();
    for tail in tails(info).into_iter().take(MAX_OLDER) {
        let keys = Tail::WAYS.map(|tagged| tail.key(tagged));
        let mut digested = known.iter().filter(|one| Some(one.hash) == tail.hash && keys.contains(&one.tail));
        let read = |one: &Older| {
            Token::read(tail.token, MAX_INNER, &|hash| (hash == one.hash).then(|| one.imprint.clone()))
        };
        let first = match (tail.hash, digested.next()) {
            (None, _) => Err(TimestampError::Malformed),
            (Some(_), None) => continue,
            (Some(_), Some(one)) => read(one),
        };
        found.push(match first {
            Err(TimestampError::Imprint) => digested.map(read).find(Result::is_ok).unwrap_or(first),
            _ => first,
        });
    }
    found
}

/// An unsigned attribute, and the token in it when it is an archive time-stamp.
struct Unsigned<'a> {
    raw: &'a [u8],
    is_older: bool,
    token: Option<&'a [u8]>,
    /// The digest that the token names, and its time.
    hash: Option<Hash>,
    at_ms: Option<i64>,
}

impl<'a> Unsigned<'a> {
    fn read(attribute: Tlv<'a>) -> Self {
        let mut fields = attribute.body;
        let id = der::expect(&mut fields, 0x06).unwrap_or_default();
        let is_older = id == oid::ARCHIVE_TIME_STAMP_V2;
        let is_archive = is_older || id == oid::ARCHIVE_TIME_STAMP_V3;
        let value = der::expect(&mut fields, 0x31).and_then(|mut values| der::next(&mut values));
        let token = value.map(|value| value.raw).filter(|_| is_archive);
        let content = token.and_then(|token| token::open(token, MAX_INNER)).map(|(_, content)| content);
        let said = content.as_deref().and_then(Said::read);
        Self {
            raw: attribute.raw,
            is_older,
            token,
            hash: said.as_ref().and_then(|said| signer::hash(said.algorithm)),
            at_ms: said.as_ref().map(|said| said.at_ms),
        }
    }

    /// Whether it was there when `stamp` was made. An archive time-stamp that says no earlier time was not: they stand in
    /// no order.
    fn is_before(&self, stamp: &Self) -> bool {
        self.token.is_none() || self.at_ms.zip(stamp.at_ms).is_some_and(|(own, its)| own < its)
    }
}

fn tails<'a>(info: &SignerInfo<'a>) -> Vec<Tail<'a>> {
    let all = der::all(info.unsigned_raw()).unwrap_or_default();
    let all: Vec<_> = all.into_iter().map(Unsigned::read).collect();
    let older = all.iter().filter(|one| one.is_older);
    older
        .filter_map(|one| {
            let attributes = all.iter().filter(|other| other.is_before(one)).map(|other| other.raw).collect();
            Some(Tail { token: one.token?, hash: one.hash, fields: info.archived, attributes })
        })
        .collect()
}
