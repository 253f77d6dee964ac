//! Many files as one ZIP, written while they are read.
//!
//! Deterministic: the same files in the same order give the same bytes, because nothing is taken from the clock or
//! the machine. What is already compressed is held as it is in blocks of the packed format, and is not a "stored" entry,
//! because some readers refuse those when the size is written after the content.

use std::collections::HashSet;
use std::io::{Read, Write};

use crate::name;
use crate::packing::{Entry, PackError};
use crate::packing::{Packing, line};

/// The file that lists the digest of all others, in the format of `sha256sum -c`.
pub const MANIFEST: &str = "manifest-sha256.txt";

/// A bundle being written.
pub struct Bundle<W: Write> {
    zip: Packing<W>,
    taken: HashSet<String>,
    manifest: String,
}

/// A zip of small files as they are named, and of nothing else.
pub fn plain(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, PackError> {
    let mut zip = Packing::new(Vec::new());
    for (name, bytes) in files {
        zip.add(name.clone(), None, &mut bytes.as_slice())?;
    }
    zip.finish()
}

impl<W: Write> Bundle<W> {
    /// Begins a bundle; `out` need not seek.
    pub fn new(out: W) -> Self {
        let taken = HashSet::from([MANIFEST.to_owned()]);
        Self { zip: Packing::new(out), taken, manifest: String::new() }
    }

    /// Adds a file. Its name is cleaned, and numbered where it is taken (`nota (2).pdf`; capital letters are not a
    /// difference). `folder` may be empty.
    pub fn add(&mut self, folder: &str, name: &str, content: &mut dyn Read) -> Result<Entry, PackError> {
        let name = self.free(folder, name);
        let entry = self.zip.add(name, None, content)?;
        self.manifest.push_str(&line(&entry.sha256, &entry.name));
        Ok(entry)
    }

    /// Writes the manifest and the directory, and gives the writer back.
    pub fn finish(mut self) -> Result<W, PackError> {
        let manifest = std::mem::take(&mut self.manifest);
        self.zip.add(MANIFEST.to_owned(), None, &mut manifest.as_bytes())?;
        self.zip.finish()
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
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};

    use sha2::{Digest as _, Sha256};

    use super::*;

    fn bundle() -> (Vec<u8>, Vec<Entry>) {
        let mut bundle = Bundle::new(Vec::new());
        let mut entries = Vec::new();
        let text = "parola ".repeat(10_000);
        let noise: Vec<u8> =
            (0..5_000u32).flat_map(|n| <[u8; 32]>::from(Sha256::digest(n.to_be_bytes()))).collect();
        for (folder, name, content) in [
            ("", "nota.txt", text.as_bytes()),
            ("", "../NOTA.txt", b"b"),
            ("", "nota.txt", b"c"),
            ("allegati/../x", "foto\u{202e}.jpg", &noise[..]),
            ("", "Manifest-SHA256.txt", b"mine"),
        ] {
            entries.push(bundle.add(folder, name, &mut &*content).unwrap());
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
        drop(text);
        let noise = zip.by_name("x/foto.jpg").unwrap();
        assert!(noise.compressed_size() > noise.size() && noise.compressed_size() < noise.size() + 64);
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
        let broken = bundle.add("", "a.pdf", &mut Broken);
        assert!(matches!(broken, Err(PackError::Copy { name, .. }) if name == "a.pdf"));
    }
}
