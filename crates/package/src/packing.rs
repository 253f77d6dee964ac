//! A ZIP being written, entry by entry, each read once and hashed while it is read.

use std::io::{self, Read, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, Crc, FlushCompress};
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};
use sha2::{Digest as _, Sha256};

use crate::checksum::hex;

/// What is read at once, and what a file is judged by: the most that a block holds as it is.
const PIECE: usize = 65_535;

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
    Zip(#[source] rawzip::Error),
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
    zip: ZipArchiveWriter<W>,
    piece: Vec<u8>,
}

impl<W: Write> Packing<W> {
    /// `out` need not seek.
    pub(crate) fn new(out: W) -> Self {
        Self { zip: ZipArchiveWriter::new(out), piece: vec![0; PIECE] }
    }

    /// Adds a file as it is named. `known`: its digest, where the bytes are sure to be those it was made of, so that it need not
    /// be made again.
    pub(crate) fn add(
        &mut self,
        name: String,
        known: Option<[u8; 32]>,
        content: &mut dyn Read,
    ) -> Result<Entry, PackError> {
        let failed = |cause| PackError::Copy { name: name.clone(), cause };
        let mut filled = fill(content, &mut self.piece).map_err(failed)?;
        let packs = gains(&self.piece[..filled]);
        let file = self.zip.new_file(name.as_str());
        let file = file.compression_method(CompressionMethod::DEFLATE).unix_permissions(0o644);
        let (entry, _) = file.start().map_err(PackError::Zip)?;
        let mut packer = Packer::new(entry, packs);
        let (mut hash, mut crc, mut size) = (known.is_none().then(Sha256::new), Crc::new(), 0);
        while filled > 0 {
            let piece = &self.piece[..filled];
            if let Some(hash) = &mut hash {
                hash.update(piece);
            }
            crc.update(piece);
            size += filled as u64;
            packer.write(piece).map_err(failed)?;
            // A piece that is not full is the last: after its end a source may go on with the next file.
            filled = if filled < PIECE { 0 } else { fill(content, &mut self.piece).map_err(failed)? };
        }
        let entry = packer.finish().map_err(failed)?;
        entry.finish(DataDescriptorOutput::new(crc.sum(), size)).map_err(PackError::Zip)?;
        let sha256 = known.or_else(|| hash.map(|hash| hash.finalize().into())).unwrap_or_default();
        Ok(Entry { name, size, sha256 })
    }

    /// Writes the directory, and gives the writer back.
    pub(crate) fn finish(self) -> Result<W, PackError> {
        self.zip.finish().map_err(PackError::Zip)
    }
}

/// What packs badly at its beginning is not packed: blocks of the same format that hold the bytes as they are (RFC 1951,
/// 3.2.4), written without a compressor, which would copy them twice.
enum Packer<W: Write> {
    Packs(DeflateEncoder<W>),
    AsIs(W),
}

impl<W: Write> Packer<W> {
    fn new(out: W, packs: bool) -> Self {
        if packs { Self::Packs(DeflateEncoder::new(out, Compression::default())) } else { Self::AsIs(out) }
    }

    /// At most [`PIECE`] bytes.
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Packs(packer) => packer.write_all(piece),
            Self::AsIs(out) => block(out, false, piece),
        }
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Packs(packer) => packer.finish(),
            Self::AsIs(mut out) => block(&mut out, true, &[]).map(|()| out),
        }
    }
}

fn block(out: &mut impl Write, last: bool, bytes: &[u8]) -> io::Result<()> {
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    let ([a, b], [c, d]) = (length.to_le_bytes(), (!length).to_le_bytes());
    out.write_all(&[u8::from(last), a, b, c, d])?;
    out.write_all(bytes)
}

/// Fills a piece, as far as there is content.
fn fill(content: &mut dyn Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match content.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether packing saves a twentieth of a piece.
fn gains(piece: &[u8]) -> bool {
    let mut packed = vec![0; piece.len() - piece.len() / 20];
    let mut packer = Compress::new(Compression::fast(), false);
    let done = packer.compress(piece, &mut packed, FlushCompress::Finish);
    done.is_ok_and(|status| status == flate2::Status::StreamEnd)
}

/// A line of a manifest, in the format of `sha256sum -c`.
pub(crate) fn line(sha256: &[u8; 32], name: &str) -> String {
    format!("{}  {name}\n", hex(sha256))
}
