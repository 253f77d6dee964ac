//! A blob on its way out. Every byte given out has been authenticated.

use crate::blobs::place_of;
use crate::vault::off_thread;
use crate::{Reading, Vault, VaultError};
use bytes::Bytes;
use futures_util::{Stream, stream};
use plico_crypto::DataKey;
use plico_crypto::stream::{CHUNK, HEADER, Header, SEALED_CHUNK, StreamError, open_chunk, plain_len};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// How many chunks are read and opened at once, off the async threads.
const BATCH: u64 = 4;

/// Where the stored bytes come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A row's bytes.
    Row(Vec<u8>),
    /// The blob of this name, wherever the vault keeps its blobs.
    File([u8; 32]),
}

/// A blob that can be read, whole or in part. Cheap to clone.
#[derive(Clone)]
pub struct BlobReader {
    stored: Arc<dyn Reading>,
    key: DataKey,
    header: Header,
    size: u64,
    last: u32,
    path: PathBuf,
}

impl Vault {
    /// Opens a blob with its key. Only its header and length are looked at yet.
    pub async fn blob(&self, source: Source, key: &DataKey) -> Result<BlobReader, VaultError> {
        let (key, blobs) = (key.clone(), self.blobs.clone());
        off_thread(move || {
            let (stored, path): (Arc<dyn Reading>, _) = match source {
                Source::Row(bytes) => (Arc::new(Row(bytes)), PathBuf::from("(row)")),
                Source::File(blob) => (blobs.open(&blob)?.into(), PathBuf::from(place_of(&blob))),
            };
            let mut header = [0; HEADER];
            let count = stored.read_at(&mut header, 0).map_err(VaultError::at(&path))?;
            let header = Header::parse(&header[..count])?;
            let (size, last) = plain_len(stored.size().map_err(VaultError::at(&path))?)?;
            Ok(BlobReader { stored, key, header, size, last, path })
        })
        .await
    }
}

impl BlobReader {
    /// Length of the content in bytes, as the stored length tells it; reading the last chunk proves it.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All of the content, proved to be whole; [`VaultError::TooLarge`] above `limit` bytes.
    pub async fn read_all(&self, limit: u64) -> Result<Vec<u8>, VaultError> {
        if self.size > limit {
            return Err(VaultError::TooLarge { limit });
        }
        let reader = self.clone();
        off_thread(move || reader.chunks(0, u64::from(reader.last))).await
    }

    /// A part of the content; what lies beyond its end is left out. The caller bounds the length.
    pub async fn read_range(&self, range: Range<u64>) -> Result<Vec<u8>, VaultError> {
        let (start, end) = (range.start, range.end.min(self.size));
        if start >= end {
            return Ok(vec![]);
        }
        let reader = self.clone();
        off_thread(move || {
            let first = start / CHUNK as u64;
            let mut content = reader.chunks(first, (end - 1) / CHUNK as u64)?;
            let skip = start - first * CHUNK as u64;
            content.truncate((skip + end - start) as usize);
            content.drain(..skip as usize);
            Ok(content)
        })
        .await
    }

    /// The content in pieces. An empty blob gives one empty piece, once its seal is checked; after an error nothing
    /// more comes.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, VaultError>> + Send + 'static {
        stream::try_unfold((self, 0), |(reader, first)| async move {
            let last = u64::from(reader.last);
            if first > last {
                return Ok(None);
            }
            let end = (first + BATCH - 1).min(last);
            let (reader, content) = off_thread(move || {
                let content = reader.chunks(first, end)?;
                Ok((reader, content))
            })
            .await?;
            Ok(Some((Bytes::from(content), (reader, end + 1))))
        })
    }

    /// A part of the content in pieces: `Range` requests of a preview or an interrupted download.
    pub fn stream_range(
        self,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, VaultError>> + Send + 'static {
        let end = range.end.min(self.size);
        stream::try_unfold((self, range.start), move |(reader, start)| async move {
            if start >= end {
                return Ok(None);
            }
            // Whole chunks after the first piece, so that none is opened twice.
            let batch = (start / CHUNK as u64 + BATCH) * CHUNK as u64;
            let piece = reader.read_range(start..batch.min(end)).await?;
            Ok(Some((Bytes::from(piece), (reader, batch))))
        })
    }

    fn chunks(&self, first: u64, end: u64) -> Result<Vec<u8>, VaultError> {
        let count = (end - first + 1) as usize;
        let mut sealed = vec![0; count * SEALED_CHUNK];
        let offset = HEADER as u64 + first * SEALED_CHUNK as u64;
        let read = self.stored.read_at(&mut sealed, offset).map_err(VaultError::at(&self.path))?;
        let mut content = Vec::with_capacity(count * CHUNK);
        let mut number = first as u32;
        for chunk in sealed[..read].chunks(SEALED_CHUNK) {
            content.extend(open_chunk(&self.key, self.header, number, number == self.last, chunk)?);
            number = number.wrapping_add(1);
        }
        // The file became shorter after it was opened.
        if u64::from(number) != end + 1 {
            return Err(StreamError::Cut.into());
        }
        Ok(content)
    }
}

struct Row(Vec<u8>);

impl Reading for Row {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobReader")
            .field("path", &self.path)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
