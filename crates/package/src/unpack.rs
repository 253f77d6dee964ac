//! Files that come together in a ZIP: listed, then read one by one, each within limits. Folders in it are of no meaning.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

/// Files of the largest ZIP that is taken.
pub const MOST: usize = 2_000;

/// Why a ZIP is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read as a ZIP.
    #[error("it is no ZIP that can be read")]
    Unreadable,
    /// It is encrypted.
    #[error("it is under a password")]
    Encrypted,
    /// More files than [`MOST`].
    #[error("it holds more than {MOST} files")]
    TooMany,
    /// A file of it is larger than it may be, unpacked.
    #[error("a file of it is too large")]
    TooLarge,
}

/// A file in a ZIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its name, without folders.
    pub name: String,
    /// Where it is in the ZIP.
    place: usize,
}

/// The files in a ZIP. What programs add for themselves (`__MACOSX`, names that begin with a dot) is left out.
pub fn list(bytes: &[u8]) -> Result<Vec<Packed>, Unfit> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unfit::Unreadable)?;
    if zip.len() > MOST {
        return Err(Unfit::TooMany);
    }
    let mut files = Vec::new();
    for place in 0..zip.len() {
        let entry = zip.by_index_raw(place).map_err(|_| Unfit::Unreadable)?;
        if entry.encrypted() {
            return Err(Unfit::Encrypted);
        }
        let path = entry.name().map_err(|_| Unfit::Unreadable)?;
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        if entry.is_dir() || name.is_empty() || name.starts_with('.') || path.starts_with("__MACOSX/") {
            continue;
        }
        files.push(Packed { name, place });
    }
    Ok(files)
}

/// Reads a file of a ZIP, of at most `most` bytes: more is refused, whatever the ZIP says of its size.
pub fn read(bytes: &[u8], file: &Packed, most: u64) -> Result<Vec<u8>, Unfit> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unfit::Unreadable)?;
    let entry = zip.by_index(file.place).map_err(|_| Unfit::Unreadable)?;
    let mut content = Vec::new();
    entry.take(most.saturating_add(1)).read_to_end(&mut content).map_err(|_| Unfit::Unreadable)?;
    if content.len() as u64 > most { Err(Unfit::TooLarge) } else { Ok(content) }
}

/// For fuzzing: no bytes make it panic.
pub fn fuzz_unpack(bytes: &[u8]) {
    for file in list(bytes).unwrap_or_default().iter().take(16) {
        let _ = read(bytes, file, 64 * 1024);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn files_are_listed_without_folders_and_read_within_limits() {
        let zip = packed(&[
            ("slips/uno.pdf", b"one"),
            ("__MACOSX/uno.pdf", b"x"),
            (".DS_Store", b"x"),
            ("../due.pdf", &[0; 5000]),
        ]);
        let files = list(&zip).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["uno.pdf", "due.pdf"]);
        assert_eq!(read(&zip, &files[0], 3).unwrap(), b"one");
        assert_eq!(read(&zip, &files[1], 4999), Err(Unfit::TooLarge));
        assert_eq!(list(b"PK no"), Err(Unfit::Unreadable));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..300) {
            fuzz_unpack(&noise);
            let mut zip = packed(&[("a/uno.pdf", b"one one one one")]);
            for (place, byte) in zip.iter_mut().skip(at).zip(&noise) {
                *place ^= byte;
            }
            fuzz_unpack(&zip);
        }
    }
}
