//! A bag that lies in a ZIP: one folder with everything in it.

use std::io::{self, Read, Seek};

use zip::ZipArchive;

use super::Held;

/// Files of the largest bag that is read.
const MOST: usize = 2_000_000;

/// A bag in a ZIP.
pub struct Zipped<R> {
    zip: ZipArchive<R>,
    folder: String,
}

impl<R: Read + Seek> Zipped<R> {
    /// Opens a ZIP. Fails when it is none, when two entries have one name (two programs could see two bags), or when it
    /// holds anything beside its one folder.
    pub fn open(file: R) -> io::Result<Self> {
        let zip = ZipArchive::new(file).map_err(io::Error::other)?;
        // Whoever reads by name sees one of two that share it.
        if zip.has_duplicate_names() {
            return Err(io::Error::other("two of its files have one name"));
        }
        if zip.len() > MOST {
            return Err(io::Error::other(format!("it holds more than {MOST} files")));
        }
        let mut folder = None;
        for name in zip.file_names() {
            let name = name.map_err(io::Error::other)?;
            let Some((first, _)) = name.split_once('/') else {
                return Err(io::Error::other("a file of it lies beside the folder of the bag"));
            };
            if *folder.get_or_insert_with(|| first.to_owned()) != first {
                return Err(io::Error::other("it holds more than the one folder of a bag"));
            }
        }
        let folder = folder.ok_or_else(|| io::Error::other("it holds no bag"))?;
        Ok(Self { zip, folder })
    }

    /// The name of the bag.
    pub fn folder(&self) -> &str {
        &self.folder
    }
}

impl<R: Read + Seek> Held for Zipped<R> {
    fn files(&mut self) -> io::Result<Vec<String>> {
        let from = self.folder.len() + 1;
        let mut files = Vec::new();
        for name in self.zip.file_names() {
            let name = name.map_err(io::Error::other)?;
            if !name.ends_with('/') {
                files.push(name[from..].to_owned());
            }
        }
        Ok(files)
    }

    fn read(&mut self, path: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let name = format!("{}/{path}", self.folder);
        let mut file = self.zip.by_name(&name).map_err(|error| match error {
            zip::result::ZipError::FileNotFound => io::ErrorKind::NotFound.into(),
            other => io::Error::other(other),
        })?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => each(&buffer[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
