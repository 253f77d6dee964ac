//! Evidence records (RFC 4998) beside a file: time stamps over the root of a hash tree in which the file is one of many,
//! renewed one after another before an algorithm or an authority no longer proves anything.

use plico_crypto::verify::Hash;

use crate::der::{self, Tlv};
use crate::digest::Digests;
use crate::proof::StampKind;
use crate::sniff;
use crate::stamp::Stamp;
use crate::timestamp::TimestampError;
use crate::token::{self, MAX_INNER, Said, Token};
use crate::{oid, signer};

/// The longest record that is read, in bytes.
pub(crate) const MAX_RECORD: usize = 16 * 1024 * 1024;
/// Time stamps of one record.
const MAX_STAMPS: usize = 32;
/// Lists of one reduced hash tree, and hashes of one list.
const MAX_LISTS: usize = 64;
const MAX_HASHES: usize = 4096;

/// A record as written.
#[derive(Debug)]
pub(crate) struct Record {
    /// Each with the stamps that renew one another by the same algorithm.
    chains: Vec<Chain>,
    /// It is over something encrypted, which is not the file.
    encrypted: bool,
}

#[derive(Debug)]
struct Chain {
    /// The chain in DER, over which the next one is.
    der: Vec<u8>,
    stamps: Vec<Entry>,
}

/// `ArchiveTimeStamp`.
#[derive(Debug)]
struct Entry {
    /// `None` when it is not known.
    hash: Option<Hash>,
    /// The reduced hash tree, from the leaves to the root.
    lists: Vec<Vec<Vec<u8>>>,
    /// The token in DER, over which its renewal is.
    token: Vec<u8>,
}

impl Record {
    /// Reads one, in DER or BER.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_RECORD || !is_likely(bytes) {
            return None;
        }
        let der = der::normalise(bytes).ok()?;
        let mut fields = Tlv::only(&der)?.of(0x30)?;
        if der::expect(&mut fields, 0x02)? != [1] {
            return None;
        }
        der::expect(&mut fields, 0x30)?;
        der::optional(&mut fields, 0xa0);
        let encrypted = der::optional(&mut fields, 0xa1).is_some();
        let chains = der::all(der::expect(&mut fields, 0x30)?)?;
        let chains = chains.into_iter().map(Chain::read).collect::<Option<Vec<_>>>()?;
        let stamps: usize = chains.iter().map(|chain| chain.stamps.len()).sum();
        let bounded = !chains.is_empty() && stamps <= MAX_STAMPS && fields.is_empty();
        bounded.then_some(Self { chains, encrypted })
    }

    /// The digests by which it names the file.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = Hash> {
        self.chains.iter().filter_map(|chain| chain.stamps.first()?.hash)
    }

    /// Its tokens.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.chains.iter().flat_map(|chain| &chain.stamps).map(|entry| &entry.token)
    }

    /// Its time stamps, each held to what it must be over: the file, and what it renews.
    pub(crate) fn stamps(&self, digests: &Digests) -> Vec<Stamp> {
        let mut found: Vec<Stamp> = Vec::new();
        let (mut before, mut known, mut latest) = (Vec::new(), Vec::new(), i64::MIN);
        for chain in &self.chains {
            let mut renewed: Option<&Entry> = None;
            // What renews a stamp that proves nothing proves nothing either.
            let mut holds = true;
            for entry in &chain.stamps {
                let leaf = entry.hash.and_then(|hash| {
                    if let Some(old) = renewed {
                        return Some(hash.of(&old.token));
                    }
                    let file = digests.get(hash)?;
                    if before.is_empty() {
                        return Some(file.to_vec());
                    }
                    let sequence = hash.of(&der::tlv(0x30, &before));
                    Some(hash.of(&[file, &sequence].concat()))
                });
                // Within a chain the algorithm stays (§5.2).
                let same = renewed.is_none_or(|old| old.hash == entry.hash);
                let stamp = if self.encrypted || entry.hash.is_none() {
                    Stamp::untold(StampKind::Document)
                } else {
                    let leaf = leaf.filter(|_| same && holds);
                    Stamp::new(StampKind::Document, entry.check(leaf.as_deref(), latest))
                };
                holds = stamp.token.is_ok();
                if let Ok(token) = &stamp.token {
                    latest = token.at_ms;
                }
                found.push(stamp.among(false, known.clone()));
                known.push(token::id(&entry.token));
                renewed = Some(entry);
            }
            before.extend_from_slice(&chain.der);
        }
        found
    }

    /// What it says without the file: nothing that could be held to anything.
    pub(crate) fn alone(&self) -> Vec<Stamp> {
        self.tokens().map(|token| unheld(token)).collect()
    }
}

impl Chain {
    fn read(element: Tlv<'_>) -> Option<Self> {
        let stamps = der::all(element.of(0x30)?)?;
        let stamps = stamps.into_iter().map(Entry::read).collect::<Option<Vec<_>>>()?;
        (!stamps.is_empty()).then(|| Self { der: element.raw.to_vec(), stamps })
    }
}

impl Entry {
    fn read(element: Tlv<'_>) -> Option<Self> {
        let mut fields = element.of(0x30)?;
        let named = match der::optional(&mut fields, 0xa0) {
            Some(named) => Some(der::expect(&mut { named.body }, 0x06)?),
            None => None,
        };
        der::optional(&mut fields, 0xa1);
        let mut lists = Vec::new();
        if let Some(tree) = der::optional(&mut fields, 0xa2) {
            for list in der::all(tree.body)? {
                let hashes = der::all(list.of(0x30)?)?;
                let hashes = hashes
                    .iter()
                    .map(|hash| hash.of(0x04).map(<[u8]>::to_vec))
                    .collect::<Option<Vec<_>>>()?;
                if hashes.len() > MAX_HASHES || lists.len() == MAX_LISTS {
                    return None;
                }
                lists.push(hashes);
            }
        }
        let token = der::next(&mut fields)?.raw.to_vec();
        // Without an algorithm it is that of the time stamp (§4.1).
        let hash = match named {
            Some(named) => signer::hash(named),
            None => token::imprint_hash(&token),
        };
        fields.is_empty().then_some(Self { hash, lists, token })
    }

    /// Its token, when that is over the root of a tree in which `leaf` is, and not older than what it renews.
    fn check(&self, leaf: Option<&[u8]>, not_before: i64) -> Result<Token, TimestampError> {
        let leaf = leaf.ok_or(TimestampError::Imprint)?;
        // A list of one hash is that hash; some digest it once more.
        let read = |once_more| {
            let over = |hash| (Some(hash) == self.hash).then(|| self.root(hash, leaf, once_more)).flatten();
            Token::read(&self.token, MAX_INNER, &over)
        };
        let token = match read(false) {
            Err(TimestampError::Imprint) => read(true)?,
            other => other?,
        };
        if token.at_ms < not_before { Err(TimestampError::Dates) } else { Ok(token) }
    }

    /// The root of the reduced tree (§4.3); `None` when the leaf is not in the first list.
    fn root(&self, hash: Hash, leaf: &[u8], once_more: bool) -> Option<Vec<u8>> {
        let Some((first, above)) = self.lists.split_first() else { return Some(leaf.to_vec()) };
        if !first.iter().any(|one| one == leaf) {
            return None;
        }
        let node = |mut list: Vec<&[u8]>| {
            list.sort_unstable();
            if list.len() == 1 && !once_more { list[0].to_vec() } else { hash.of(&list.concat()) }
        };
        let mut at = node(first.iter().map(Vec::as_slice).collect());
        for list in above {
            at = node(list.iter().map(Vec::as_slice).chain([at.as_slice()]).collect());
        }
        Some(at)
    }
}

/// A time stamp that is held to nothing but what it says itself.
pub(crate) fn unheld(token: &[u8]) -> Stamp {
    let content = token::open(token, MAX_INNER).map(|(_, content)| content);
    let imprint = content.and_then(|content| Said::read(&content).map(|said| said.imprint.to_vec()));
    Stamp::new(StampKind::Document, Token::read(token, MAX_INNER, &|_| imprint.clone()))
}

/// Whether bytes begin as a record does: its version, and a sequence of algorithms, which no other structure here has.
pub(crate) fn is_likely(head: &[u8]) -> bool {
    let enter = |bytes: &'_ [u8], tag: u8| {
        let (&length, after) = bytes.strip_prefix(&[tag])?.split_first()?;
        let more = if length > 0x80 { length & 0x7f } else { 0 };
        Some(bytes.len() - after.get(usize::from(more)..)?.len())
    };
    let mut at = 0;
    for step in [Some(0x30), Some(0x02), None, Some(0x30), Some(0x30), Some(0x06)] {
        let rest = head.get(at..).unwrap_or_default();
        let Some(size) = step.map_or_else(|| rest.starts_with(&[1]).then_some(1), |tag| enter(rest, tag))
        else {
            return false;
        };
        at += size;
    }
    true
}

/// Whether bytes are a record in XML (RFC 6283), which is recognised and not checked.
pub(crate) fn is_xml(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    sniff::find(head, b"EvidenceRecord").is_some()
        && sniff::find(head, b"urn:ietf:params:xml:ns:ers").is_some()
}

/// Whether a signature brings a record inside (`id-aa-er-internal`, `id-aa-er-external`), which is not checked.
pub(crate) fn is_inside(info: &signer::SignerInfo<'_>) -> bool {
    [oid::RECORD_INTERNAL, oid::RECORD_EXTERNAL].iter().any(|id| info.unsigned.values(id).next().is_some())
}
