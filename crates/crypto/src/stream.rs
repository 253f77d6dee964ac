//! The byte format of every stored blob: AES-256-GCM in 64 KiB chunks, STREAM construction. The README draws it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::DataKey;

/// Bytes of plaintext in every chunk but the last.
pub const CHUNK: usize = 65_536;
/// Bytes that authenticate each chunk.
pub const TAG: usize = 16;
/// Bytes of the header.
pub const HEADER: usize = 16;
/// Bytes of a full chunk as stored.
pub const SEALED_CHUNK: usize = CHUNK + TAG;

const MAGIC: [u8; 8] = *b"PLICOB\x00\x01";

/// Why a blob could not be written or read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StreamError {
    /// The header is not one of a blob of a version we know.
    #[error("not a sealed blob of a known version")]
    Header,
    /// A chunk was altered, moved, cut off or sealed under another key.
    #[error("chunk {0} does not open: altered, moved, cut, or another key")]
    Chunk(u32),
    /// The blob ends where no blob can end.
    #[error("the sealed blob is cut off")]
    Cut,
    /// More than 2³² chunks.
    #[error("a blob holds at most 256 TiB")]
    TooLong,
}

/// The 16 bytes a blob begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header([u8; HEADER]);

impl Header {
    fn new(prefix: [u8; 7]) -> Self {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..15].copy_from_slice(&prefix);
        Self(bytes)
    }

    /// Reads a header; the blob's first [`HEADER`] bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, StreamError> {
        let bytes: [u8; HEADER] =
            bytes.get(..HEADER).and_then(|b| b.try_into().ok()).ok_or(StreamError::Header)?;
        if bytes[..8] == MAGIC && bytes[15] == 0 { Ok(Self(bytes)) } else { Err(StreamError::Header) }
    }

    /// The bytes as stored.
    pub fn as_bytes(&self) -> &[u8; HEADER] {
        &self.0
    }

    fn nonce(&self, number: u32, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&self.0[8..15]);
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(last);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// The stored length of a blob with `plain` bytes of content.
pub fn sealed_len(plain: u64) -> u64 {
    HEADER as u64 + plain + plain.div_ceil(CHUNK as u64).max(1) * TAG as u64
}

/// The length of the content of a blob of `sealed` stored bytes, and the number of its last chunk;
/// an error when no blob has that length.
pub fn plain_len(sealed: u64) -> Result<(u64, u32), StreamError> {
    let body = sealed.checked_sub((HEADER + TAG) as u64).ok_or(StreamError::Cut)?;
    let chunks = (body + TAG as u64).div_ceil(SEALED_CHUNK as u64);
    let last = u32::try_from(chunks - 1).map_err(|_| StreamError::TooLong)?;
    let plain = (body + TAG as u64).checked_sub(chunks * TAG as u64).ok_or(StreamError::Cut)?;
    if sealed_len(plain) == sealed { Ok((plain, last)) } else { Err(StreamError::Cut) }
}

/// Seals one blob as its content arrives.
pub struct Sealer {
    key: LessSafeKey,
    header: Header,
    number: u32,
    waiting: Vec<u8>,
}

impl Sealer {
    /// Begins a blob under a key that seals nothing else; the caller stores [`Sealer::header`] first.
    pub fn new(key: &DataKey, nonce_prefix: [u8; 7]) -> Self {
        Self { key: aead(key), header: Header::new(nonce_prefix), number: 0, waiting: Vec::new() }
    }

    /// The bytes the stored blob begins with.
    pub fn header(&self) -> Header {
        self.header
    }

    /// Takes more of the content and appends to `out` the chunks that are complete.
    pub fn push(&mut self, mut plain: &[u8], out: &mut Vec<u8>) -> Result<(), StreamError> {
        while !plain.is_empty() {
            // A full chunk waits for one more byte: only then is it known not to be the last.
            if self.waiting.len() == CHUNK {
                self.seal(false, out)?;
            }
            let (now, rest) = plain.split_at(plain.len().min(CHUNK - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            plain = rest;
        }
        Ok(())
    }

    /// Ends the blob: appends its last chunk to `out`.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), StreamError> {
        self.seal(true, out)
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), StreamError> {
        let start = out.len();
        out.extend_from_slice(&self.waiting);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                self.header.nonce(self.number, last),
                Aad::from(self.header.0),
                &mut out[start..],
            )
            .map_err(|_| StreamError::TooLong)?;
        out.extend_from_slice(tag.as_ref());
        self.waiting.clear();
        if !last {
            self.number = self.number.checked_add(1).ok_or(StreamError::TooLong)?;
        }
        Ok(())
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.waiting);
    }
}

/// Opens one blob as its bytes arrive; what it gives out is already authenticated.
pub struct Opener {
    key: LessSafeKey,
    header: Option<Header>,
    number: u32,
    waiting: Vec<u8>,
}

impl Opener {
    /// Begins to read a blob from its first byte, the header included.
    pub fn new(key: &DataKey) -> Self {
        Self { key: aead(key), header: None, number: 0, waiting: Vec::new() }
    }

    /// Takes more stored bytes and appends to `out` the content they complete. Until [`Opener::finish`]
    /// has said yes, the end may still be missing.
    pub fn push(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<(), StreamError> {
        while !sealed.is_empty() {
            let want = match self.header {
                None => HEADER,
                Some(header) => {
                    if self.waiting.len() == SEALED_CHUNK {
                        self.open(header, false, out)?;
                    }
                    SEALED_CHUNK
                }
            };
            let (now, rest) = sealed.split_at(sealed.len().min(want - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            sealed = rest;
            if self.header.is_none() && self.waiting.len() == HEADER {
                self.header = Some(Header::parse(&self.waiting)?);
                self.waiting.clear();
            }
        }
        Ok(())
    }

    /// Ends the blob: appends its last content to `out`, or tells that the end is missing.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), StreamError> {
        let header = self.header.ok_or(StreamError::Cut)?;
        if self.waiting.len() < TAG || (self.waiting.len() == TAG && self.number > 0) {
            return Err(StreamError::Cut);
        }
        self.open(header, true, out)
    }

    fn open(&mut self, header: Header, last: bool, out: &mut Vec<u8>) -> Result<(), StreamError> {
        let plain = self
            .key
            .open_in_place(header.nonce(self.number, last), Aad::from(header.0), &mut self.waiting)
            .map_err(|_| StreamError::Chunk(self.number))?;
        out.extend_from_slice(plain);
        self.waiting.clear();
        if !last {
            self.number = self.number.checked_add(1).ok_or(StreamError::TooLong)?;
        }
        Ok(())
    }
}

/// Opens one chunk alone: chunk `number` stands at byte `HEADER + number * SEALED_CHUNK`, and
/// [`plain_len`] tells which is the last.
pub fn open_chunk(
    key: &DataKey,
    header: Header,
    number: u32,
    last: bool,
    chunk: &[u8],
) -> Result<Vec<u8>, StreamError> {
    if chunk.len() < TAG || chunk.len() > SEALED_CHUNK || (!last && chunk.len() != SEALED_CHUNK) {
        return Err(StreamError::Cut);
    }
    let mut bytes = chunk.to_vec();
    let plain = aead(key)
        .open_in_place(header.nonce(number, last), Aad::from(header.0), &mut bytes)
        .map_err(|_| StreamError::Chunk(number))?
        .len();
    bytes.truncate(plain);
    Ok(bytes)
}

/// Seals content that is in memory already.
pub fn seal(key: &DataKey, nonce_prefix: [u8; 7], plain: &[u8]) -> Result<Vec<u8>, StreamError> {
    let mut sealer = Sealer::new(key, nonce_prefix);
    let mut out = Vec::with_capacity(sealed_len(plain.len() as u64) as usize);
    out.extend_from_slice(sealer.header().as_bytes());
    sealer.push(plain, &mut out)?;
    sealer.finish(&mut out)?;
    Ok(out)
}

/// Opens a blob that is in memory already. Never panics, whatever the bytes.
pub fn open(key: &DataKey, sealed: &[u8]) -> Result<Vec<u8>, StreamError> {
    let mut opener = Opener::new(key);
    let mut out = Vec::with_capacity(sealed.len());
    opener.push(sealed, &mut out)?;
    opener.finish(&mut out)?;
    Ok(out)
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_open(bytes: &[u8]) {
    let _ = open(&DataKey::new([7; 32]), bytes);
    let _ = plain_len(bytes.len() as u64);
}

fn aead(key: &DataKey) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose()).expect("32 bytes are an AES-256 key"))
}
