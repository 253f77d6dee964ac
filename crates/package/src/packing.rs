//! A ZIP being written, entry by entry, each read once and hashed while it is read.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::checksum::hex;

/// Larger entries need ZIP64, which is then written for them.
const LARGE: u64 = 0xffff_0000;

/// Why a package was not finished.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file could not be read, or the package not written.
    #[error("the file {name:?} could not be copied into the package")]
    Copy {
        /// Its name in the package.
        name: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The container could not be written.
    #[error("the package could not be written")]
    Zip(#[source] zip::result::ZipError),
    /// Two files of one name, or a name that leads elsewhere.
    #[error("a package cannot hold a file called {0:?} here")]
    Name(String),
    /// The index cannot be written.
    #[error("the index could not be written")]
    Index(#[source] io::Error),
}

/// What a file became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the package.
    pub name: String,
    /// Bytes read.
    pub size: u64,
    /// Digest of the bytes read.
    pub sha256: [u8; 32],
}

pub(crate) struct Packing<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
}

impl<W: Write> Packing<W> {
    /// `out` need not seek.
    pub(crate) fn new(out: W) -> Self {
        Self { zip: ZipWriter::new_stream(out) }
    }

    /// Adds a file as it is named. `size` decides on ZIP64: too small a hint fails above 4 GiB.
    pub(crate) fn add(
        &mut self,
        name: String,
        compressed: bool,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<Entry, PackError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(if compressed { 1 } else { 6 }))
            .large_file(size > LARGE)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name.as_str(), options).map_err(PackError::Zip)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(PackError::Copy { name, cause }),
            };
            hash.update(&buffer[..read]);
            total += read as u64;
            if let Err(cause) = self.zip.write_all(&buffer[..read]) {
                return Err(PackError::Copy { name, cause });
            }
        }
        Ok(Entry { name, size: total, sha256: hash.finalize().into() })
    }

    /// Writes the directory, and gives the writer back.
    pub(crate) fn finish(self) -> Result<W, PackError> {
        Ok(self.zip.finish().map_err(PackError::Zip)?.into_inner())
    }
}

/// A line of a manifest, in the format of `sha256sum -c`.
pub(crate) fn line(sha256: &[u8; 32], name: &str) -> String {
    format!("{}  {name}\n", hex(sha256))
}
