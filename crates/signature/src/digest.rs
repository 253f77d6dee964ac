//! Digests of contents of any size, several at once, in one reading.

use std::io;

use plico_crypto::verify::Hash;

use crate::report::{Content, hex};
use crate::sniff;
use crate::source::Source;

/// How much of a content is read at once.
const CHUNK: usize = 256 * 1024;

/// Digests of one content.
#[derive(Debug)]
pub(crate) struct Digests {
    pub(crate) content: Content,
    all: Vec<(Hash, Vec<u8>)>,
}

impl Digests {
    /// Reads the whole of `source` once. SHA-256 is always made: it is the document's impronta.
    pub(crate) fn of(source: &mut dyn Source, wanted: &[Hash]) -> io::Result<Self> {
        let mut running = vec![(Hash::Sha256, Hash::Sha256.hasher())];
        for &hash in wanted {
            if !running.iter().any(|(other, _)| *other == hash) {
                running.push((hash, hash.hasher()));
            }
        }
        let mut buffer = vec![0; CHUNK.min(usize::try_from(source.size()).unwrap_or(CHUNK))];
        let mut at = 0;
        loop {
            let read = source.fill_at(at, &mut buffer)?;
            if read == 0 {
                break;
            }
            for (_, hasher) in &mut running {
                hasher.update(&buffer[..read]);
            }
            at += read as u64;
        }
        let all: Vec<_> = running.into_iter().map(|(hash, hasher)| (hash, hasher.finish())).collect();
        let media_type = sniff::media_type(source)?.to_owned();
        Ok(Self { content: Content { sha256: hex(&all[0].1), size: at, media_type }, all })
    }

    /// A digest that was wanted.
    pub(crate) fn get(&self, hash: Hash) -> Option<&[u8]> {
        self.all.iter().find(|(other, _)| *other == hash).map(|(_, digest)| digest.as_slice())
    }
}

/// Digest of a few bytes.
pub(crate) fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    hash.of(bytes)
}
