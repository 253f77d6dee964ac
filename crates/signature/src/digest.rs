//! Digests of contents of any size, several at once, in one reading.

use std::io;

use plico_crypto::verify::Hash;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::report::{Content, hex};
use crate::sniff;
use crate::source::Source;

/// How much of a content is read at once.
const CHUNK: usize = 256 * 1024;

/// Digests of one content.
#[derive(Debug)]
pub(crate) struct Digests {
    pub(crate) content: Content,
    sha256: [u8; 32],
    others: Vec<(Hash, Vec<u8>)>,
}

impl Digests {
    /// Reads the whole of `source` once. SHA-256 is always made: it is the document's impronta.
    pub(crate) fn of(source: &mut dyn Source, wanted: &[Hash]) -> io::Result<Self> {
        let mut sha256 = Sha256::new();
        let mut sha1 = wanted.contains(&Hash::Sha1).then(openssl::sha::Sha1::new);
        let mut sha384 = wanted.contains(&Hash::Sha384).then(Sha384::new);
        let mut sha512 = wanted.contains(&Hash::Sha512).then(Sha512::new);
        let mut buffer = vec![0; CHUNK.min(usize::try_from(source.size()).unwrap_or(CHUNK))];
        let mut at = 0;
        loop {
            let read = source.fill_at(at, &mut buffer)?;
            if read == 0 {
                break;
            }
            let bytes = &buffer[..read];
            sha256.update(bytes);
            if let Some(sha1) = &mut sha1 {
                sha1.update(bytes);
            }
            if let Some(sha384) = &mut sha384 {
                sha384.update(bytes);
            }
            if let Some(sha512) = &mut sha512 {
                sha512.update(bytes);
            }
            at += read as u64;
        }
        let sha256: [u8; 32] = sha256.finalize().into();
        let mut others = Vec::new();
        others.extend(sha1.map(|hasher| (Hash::Sha1, hasher.finish().to_vec())));
        others.extend(sha384.map(|hasher| (Hash::Sha384, hasher.finalize().to_vec())));
        others.extend(sha512.map(|hasher| (Hash::Sha512, hasher.finalize().to_vec())));
        let media_type = sniff::media_type(source)?.to_owned();
        Ok(Self { content: Content { sha256: hex(&sha256), size: at, media_type }, sha256, others })
    }

    /// A digest that was wanted.
    pub(crate) fn get(&self, hash: Hash) -> Option<&[u8]> {
        if hash == Hash::Sha256 {
            return Some(&self.sha256);
        }
        self.others.iter().find(|(other, _)| *other == hash).map(|(_, digest)| digest.as_slice())
    }
}

/// Digest of a few bytes.
pub(crate) fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => openssl::sha::sha1(bytes).to_vec(),
        Hash::Sha256 => Sha256::digest(bytes).to_vec(),
        Hash::Sha384 => Sha384::digest(bytes).to_vec(),
        Hash::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}
