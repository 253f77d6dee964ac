//! Many files as one ZIP, written while they are read.
//!
//! Deterministic: the same files in the same order give the same bytes, because nothing is taken from the clock or
//! the machine. What is already compressed gets the least effort, and is not a "stored" entry, because some readers
//! refuse those when the size is written after the content.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::name;
use crate::sniff::Kind;

/// The file that lists the digest of all others, in the format of `sha256sum -c`.
pub const MANIFEST: &str = "manifest-sha256.txt";

/// Larger entries need ZIP64, which is then written for them.
const LARGE: u64 = 0xffff_0000;

/// Why a bundle was not finished.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file could not be read, or the bundle not written.
    #[error("the file {name:?} could not be copied into the bundle")]
    Copy {
        /// Its name in the bundle.
        name: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The container could not be written.
    #[error("the bundle could not be written")]
    Zip(#[source] zip::result::ZipError),
}

/// A bundle being written.
pub struct Bundle<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    taken: HashSet<String>,
    manifest: String,
}

/// What a file became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the bundle.
    pub name: String,
    /// Bytes read.
    pub size: u64,
    /// Digest of the bytes read.
    pub sha256: [u8; 32],
}

impl<W: Write> Bundle<W> {
    /// Begins a bundle; `out` need not seek.
    pub fn new(out: W) -> Self {
        let taken = HashSet::from([MANIFEST.to_owned()]);
        Self { zip: ZipWriter::new_stream(out), taken, manifest: String::new() }
    }

    /// Adds a file. Its name is cleaned, and numbered where it is taken (`nota (2).pdf`; capital letters are not a
    /// difference). `folder` may be empty. `size_hint` decides on ZIP64; too small a hint fails above 4 GiB, no harm otherwise.
    pub fn add(
        &mut self,
        folder: &str,
        name: &str,
        kind: Kind,
        size_hint: u64,
        content: &mut dyn Read,
    ) -> Result<Entry, BundleError> {
        let name = self.free(folder, name);
        self.write(name, kind.is_compressed(), size_hint, content)
    }

    /// Writes the manifest and the directory, and gives the writer back.
    pub fn finish(mut self) -> Result<W, BundleError> {
        let manifest = std::mem::take(&mut self.manifest);
        self.write(MANIFEST.to_owned(), false, manifest.len() as u64, &mut manifest.as_bytes())?;
        let out = self.zip.finish().map_err(BundleError::Zip)?;
        Ok(out.into_inner())
    }

    fn free(&mut self, folder: &str, name: &str) -> String {
        let clean = name::clean(name);
        let place = |name: &str| {
            if folder.is_empty() { name.to_owned() } else { format!("{}/{name}", name::clean(folder)) }
        };
        let mut free = place(&clean);
        let mut number = 2;
        while !self.taken.insert(free.to_lowercase()) {
            free = place(&name::numbered(&clean, number));
            number += 1;
        }
        free
    }

    fn write(
        &mut self,
        name: String,
        compressed: bool,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<Entry, BundleError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(if compressed { 1 } else { 6 }))
            .large_file(size > LARGE)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name.as_str(), options).map_err(BundleError::Zip)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(BundleError::Copy { name, cause }),
            };
            hash.update(&buffer[..read]);
            total += read as u64;
            if let Err(cause) = self.zip.write_all(&buffer[..read]) {
                return Err(BundleError::Copy { name, cause });
            }
        }
        let sha256: [u8; 32] = hash.finalize().into();
        for byte in sha256 {
            let _ = write!(self.manifest, "{byte:02x}");
        }
        let _ = writeln!(self.manifest, "  {name}");
        Ok(Entry { name, size: total, sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn bundle() -> (Vec<u8>, Vec<Entry>) {
        let mut bundle = Bundle::new(Vec::new());
        let mut entries = Vec::new();
        let text = "parola ".repeat(10_000);
        for (folder, name, kind, content) in [
            ("", "nota.txt", Kind::Text, text.as_bytes()),
            ("", "../NOTA.txt", Kind::Text, b"b"),
            ("", "nota.txt", Kind::Text, b"c"),
            ("allegati/../x", "foto\u{202e}.jpg", Kind::Jpeg, &[0xff; 3000]),
            ("", "Manifest-SHA256.txt", Kind::Text, b"mine"),
        ] {
            entries.push(bundle.add(folder, name, kind, 0, &mut &*content).unwrap());
        }
        (bundle.finish().unwrap(), entries)
    }

    #[test]
    fn names_are_safe_unique_and_the_content_comes_back() {
        let (bytes, entries) = bundle();
        let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(
            names,
            ["nota.txt", "NOTA (2).txt", "nota (3).txt", "x/foto.jpg", "Manifest-SHA256 (2).txt"]
        );
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(zip.len(), 6);
        let mut manifest = String::new();
        zip.by_name(MANIFEST).unwrap().read_to_string(&mut manifest).unwrap();
        assert_eq!(manifest.lines().count(), 5);
        for entry in entries {
            let mut content = Vec::new();
            zip.by_name(&entry.name).unwrap().read_to_end(&mut content).unwrap();
            assert_eq!(content.len() as u64, entry.size);
            assert_eq!(<[u8; 32]>::from(Sha256::digest(&content)), entry.sha256);
            assert!(manifest.contains(&format!("  {}\n", entry.name)));
        }
        let text = zip.by_name("nota.txt").unwrap();
        assert!(text.compressed_size() * 20 < text.size());
    }

    #[test]
    fn same_files_same_bytes() {
        assert_eq!(bundle().0, bundle().0);
    }

    #[test]
    fn a_file_that_breaks_off_is_named() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let mut bundle = Bundle::new(Vec::new());
        let broken = bundle.add("", "a.pdf", Kind::Pdf, 0, &mut Broken);
        assert!(matches!(broken, Err(BundleError::Copy { name, .. }) if name == "a.pdf"));
    }
}
