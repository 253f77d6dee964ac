//! A bag being written, as a ZIP whose one folder it is (RFC 8493, section 4).

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{Read, Write};

use crate::packing::{Entry, PackError, Packing, line};

const MANIFEST: &str = "manifest-sha256.txt";

/// A bag being written. Deterministic: the same files in the same order give the same bytes.
pub struct BagWriter<W: Write> {
    zip: Packing<W>,
    folder: String,
    taken: HashSet<String>,
    tagged: HashSet<String>,
    manifest: String,
    tags: String,
    bytes: u64,
    files: u64,
}

impl<W: Write> BagWriter<W> {
    /// Begins a bag; `folder` is its name, `out` need not seek.
    pub fn new(out: W, folder: &str) -> Result<Self, PackError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if folder.is_empty() || folder.starts_with('.') || !folder.chars().all(plain) {
            return Err(PackError::Name(folder.to_owned()));
        }
        let mut bag = Self {
            zip: Packing::new(out),
            folder: folder.to_owned(),
            taken: HashSet::new(),
            tagged: HashSet::new(),
            manifest: String::new(),
            tags: String::new(),
            bytes: 0,
            files: 0,
        };
        bag.tag("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")?;
        Ok(bag)
    }

    /// Adds a file of the payload at `path` (below `data/`, parts joined by `/`), which must be free and plain: no two
    /// that differ in capital letters only. `known`: its digest, where the bytes are sure to be those it was made of.
    pub fn add(
        &mut self,
        path: &str,
        known: Option<[u8; 32]>,
        content: &mut dyn Read,
    ) -> Result<Entry, PackError> {
        let bad = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains(['\\', '\0']);
        if path.split('/').any(bad) || !self.taken.insert(path.to_lowercase()) {
            return Err(PackError::Name(path.to_owned()));
        }
        let entry = self.zip.add(format!("{}/data/{path}", self.folder), known, content)?;
        self.bytes += entry.size;
        self.files += 1;
        self.manifest.push_str(&line(&entry.sha256, &format!("data/{}", encoded(path))));
        Ok(Entry { name: path.to_owned(), ..entry })
    }

    /// Writes the tag files, what is said of the bag among them (fields in their order), and gives the writer back.
    pub fn finish(mut self, info: &[(&str, &str)]) -> Result<W, PackError> {
        let mut text = String::new();
        for (name, value) in info {
            // One line each: a line feed in a value would begin another field.
            let value: Vec<&str> = value.split_whitespace().collect();
            let _ = writeln!(text, "{name}: {}", value.join(" "));
        }
        let _ = writeln!(text, "Payload-Oxum: {}.{}", self.bytes, self.files);
        self.tag("bag-info.txt", text.as_bytes())?;
        let manifest = std::mem::take(&mut self.manifest);
        self.tag(MANIFEST, manifest.as_bytes())?;
        let tags = std::mem::take(&mut self.tags);
        self.tag("tagmanifest-sha256.txt", tags.as_bytes())?;
        self.zip.finish()
    }

    /// Adds a tag file: it lies at the top, beside the payload, and is no part of it.
    pub fn tag(&mut self, name: &str, content: &[u8]) -> Result<(), PackError> {
        if name.is_empty()
            || name.contains(['/', '\\', '\0', '\n', '\r', '%'])
            || !self.tagged.insert(name.to_lowercase())
        {
            return Err(PackError::Name(name.to_owned()));
        }
        let path = format!("{}/{name}", self.folder);
        let entry = self.zip.add(path, None, &mut &content[..])?;
        self.tags.push_str(&line(&entry.sha256, name));
        Ok(())
    }
}

/// What a manifest cannot hold as it is.
fn encoded(path: &str) -> String {
    path.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D")
}
