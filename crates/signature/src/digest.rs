//! Digests of contents of any size, several at once, in one reading.

use std::sync::mpsc;
use std::{io, thread};

use plico_crypto::verify::{Hash, Hasher};

use crate::report::{Content, hex};
use crate::sniff;
use crate::source::Source;

/// How much of a content is read at once.
const CHUNK: usize = 256 * 1024;

/// Contents from here on are digested beside the reading, in buffers of so many bytes.
const LARGE: u64 = 16 * 1024 * 1024;
const BUFFER: usize = 1024 * 1024;
/// Buffers that are under way.
const UNDER_WAY: usize = 3;

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
        let at = if source.size() < LARGE {
            in_turn(source, &mut running)?
        } else {
            beside(source, &mut running)?
        };
        let all: Vec<_> = running.into_iter().map(|(hash, hasher)| (hash, hasher.finish())).collect();
        let media_type = sniff::media_type(source)?.to_owned();
        Ok(Self { content: Content { sha256: hex(&all[0].1), size: at, media_type }, all })
    }

    /// A digest that was wanted.
    pub(crate) fn get(&self, hash: Hash) -> Option<&[u8]> {
        self.all.iter().find(|(other, _)| *other == hash).map(|(_, digest)| digest.as_slice())
    }
}

type Running = Vec<(Hash, Hasher)>;

/// Reads and digests in turn; says how much there was.
fn in_turn(source: &mut dyn Source, running: &mut Running) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK.min(usize::try_from(source.size()).unwrap_or(CHUNK))];
    let mut at = 0;
    loop {
        let read = source.fill_at(at, &mut buffer)?;
        if read == 0 {
            return Ok(at);
        }
        for (_, hasher) in running.iter_mut() {
            hasher.update(&buffer[..read]);
        }
        at += read as u64;
    }
}

/// The same with a thread that digests what was read while more is read.
fn beside(source: &mut dyn Source, running: &mut Running) -> io::Result<u64> {
    let (give, full) = mpsc::sync_channel::<(Vec<u8>, usize)>(UNDER_WAY);
    let (back, empty) = mpsc::channel();
    let spare = back.clone();
    thread::scope(|scope| {
        let digesting = scope.spawn(move || {
            while let Ok((buffer, filled)) = full.recv() {
                for (_, hasher) in running.iter_mut() {
                    hasher.update(&buffer[..filled]);
                }
                // Nobody takes it back after the end.
                let _ = back.send(buffer);
            }
        });
        let mut at = 0;
        let ended = || io::Error::other("the digest of a large file ended early");
        for _ in 0..UNDER_WAY {
            spare.send(vec![0; BUFFER]).map_err(|_| ended())?;
        }
        drop(spare);
        loop {
            let mut buffer = empty.recv().map_err(|_| ended())?;
            let filled = source.fill_at(at, &mut buffer)?;
            if filled == 0 {
                break;
            }
            at += filled as u64;
            give.send((buffer, filled)).map_err(|_| ended())?;
        }
        drop(give);
        digesting.join().map_err(|_| ended())?;
        Ok(at)
    })
}

/// Digest of a few bytes.
pub(crate) fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    hash.of(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    /// Bytes that do not repeat soon, and that cannot be read from a place on.
    struct Broken(u64);

    impl Source for Broken {
        fn size(&self) -> u64 {
            LARGE * 2
        }

        fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
            if at >= self.0 {
                return Err(io::Error::other("gone"));
            }
            buffer.fill(7);
            Ok(buffer.len())
        }
    }

    #[test]
    fn large_contents_have_the_digests_of_all_their_bytes() {
        let hashes = [Hash::Sha256, Hash::Sha1, Hash::Sha3_256];
        for size in [LARGE - 1, LARGE, LARGE + 1, LARGE + 3 * BUFFER as u64 + 5] {
            let bytes: Vec<u8> = (0..size).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            let found = Digests::of(&mut Memory(&bytes), &hashes).unwrap();
            assert_eq!(found.content.size, size);
            for hash in hashes {
                assert_eq!(found.get(hash), Some(hash.of(&bytes).as_slice()), "{hash:?} {size}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_ends_it() {
        for from in [0, BUFFER as u64, LARGE] {
            assert_eq!(Digests::of(&mut Broken(from), &[]).unwrap_err().to_string(), "gone");
        }
    }
}
