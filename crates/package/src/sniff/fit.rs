//! Whether a file is fit to be kept for long (AgID, "Linee guida sulla formazione, gestione e conservazione dei documenti
//! informatici", Allegato 2): what can be told from its bytes and its name. What is inside a PDF, `plico-pdf` tells.

use std::io::{Cursor, Read as _};

use super::Kind;

/// Why a file is not fit, or must be looked after. The code of each is stored and translated, and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfit {
    /// A PDF that does not claim to be PDF/A.
    NotPdfA,
    /// It opens with a password only.
    Encrypted,
    /// It would run something: scripts, programs, forms that send.
    Active,
    /// It carries other files inside.
    Embedded,
    /// It has macros.
    Macros,
    /// Its name says another format than its bytes.
    Extension,
    /// A format of one maker's older program.
    Outdated,
    /// Nobody can say what it is.
    Unrecognised,
}

impl Unfit {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::NotPdfA,
        Self::Encrypted,
        Self::Active,
        Self::Embedded,
        Self::Macros,
        Self::Extension,
        Self::Outdated,
        Self::Unrecognised,
    ];

    /// Short stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotPdfA => "not-pdfa",
            Self::Encrypted => "encrypted",
            Self::Active => "active",
            Self::Embedded => "embedded",
            Self::Macros => "macros",
            Self::Extension => "extension",
            Self::Outdated => "outdated",
            Self::Unrecognised => "unrecognised",
        }
    }

    /// The one with this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unfit| unfit.code() == code)
    }
}

/// Entries of an archive that are looked at.
const MOST_ENTRIES: usize = 20_000;
/// Bytes of a manifest that are read.
const MANIFEST: u64 = 1 << 20;

/// Everything that bytes and name tell; in the order of [`Unfit`], each once.
pub fn look(kind: Kind, name: &str, bytes: &[u8]) -> Vec<Unfit> {
    let mut found = match kind {
        Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Odt | Kind::Ods | Kind::Odp | Kind::Zip | Kind::Epub => {
            packed(bytes)
        }
        Kind::Ole => old_office(bytes),
        Kind::Rtf => vec![Unfit::Outdated],
        Kind::Svg | Kind::Html => scripts(bytes),
        Kind::Enveloped => vec![Unfit::Encrypted],
        Kind::Executable => vec![Unfit::Active],
        Kind::Unknown => vec![Unfit::Unrecognised],
        _ => Vec::new(),
    };
    if differs(kind, name) {
        found.push(Unfit::Extension);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Office files and plain archives: macros by the names of their entries, encryption by the entries' own flag or by the
/// manifest of OpenDocument.
fn packed(bytes: &[u8]) -> Vec<Unfit> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    let mut found = Vec::new();
    for place in 0..archive.len().min(MOST_ENTRIES) {
        let Ok(entry) = archive.by_index_raw(place) else { continue };
        let Ok(name) = entry.name().map(|name| name.to_lowercase()) else { continue };
        let basic = name.starts_with("basic/") || name.starts_with("scripts/");
        if name.ends_with("vbaproject.bin") || (basic && !entry.is_dir()) {
            found.push(Unfit::Macros);
        }
        if entry.encrypted() {
            found.push(Unfit::Encrypted);
        }
    }
    if let Ok(manifest) = archive.by_name("META-INF/manifest.xml") {
        let mut text = Vec::new();
        let read = manifest.take(MANIFEST).read_to_end(&mut text).is_ok();
        if read && holds(&text, b"encryption-data") {
            found.push(Unfit::Encrypted);
        }
    }
    found
}

/// The names of an OLE file's streams stand in it in UTF-16.
fn old_office(bytes: &[u8]) -> Vec<Unfit> {
    let named =
        |name: &str| holds(bytes, &name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    let mut found = vec![Unfit::Outdated];
    if named("EncryptedPackage") {
        // A newer file under a password.
        found = vec![Unfit::Encrypted];
    }
    if named("_VBA_PROJECT") {
        found.push(Unfit::Macros);
    }
    found
}

fn scripts(bytes: &[u8]) -> Vec<Unfit> {
    if holds(&bytes.to_ascii_lowercase(), b"<script") { vec![Unfit::Active] } else { Vec::new() }
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

/// Whether the name ends as files of another kind do. A name without an ending says nothing wrong, and texts have many.
fn differs(kind: Kind, name: &str) -> bool {
    let ending = match name.rsplit_once('.') {
        Some((before, ending)) if !before.is_empty() => ending.to_lowercase(),
        _ => return false,
    };
    let also: &[&str] = match kind {
        Kind::Empty | Kind::Text | Kind::Text8 | Kind::Text16 | Kind::Executable | Kind::Unknown => {
            // A text may be called anything that is no other format's.
            let others = Kind::ALL.iter().filter(|other| other.is_compressed() && **other != kind);
            return others.into_iter().any(|other| other.extension() == ending);
        }
        Kind::Signed | Kind::SignedText => &["p7s", "p7c", "p7b"],
        Kind::Enveloped => &["p7m", "p7c"],
        Kind::Jpeg => &["jpeg", "jpe", "jfif"],
        Kind::Tiff => &["tiff"],
        Kind::Heic => &["heif", "avif"],
        Kind::Video => &["mov", "m4v", "m4a", "3gp", "f4v"],
        Kind::Docx => &["docm", "dotx", "dotm"],
        Kind::Xlsx => &["xlsm", "xltx", "xltm", "xlam"],
        Kind::Pptx => &["pptm", "ppsx", "ppsm", "potx"],
        Kind::Odt => &["ott"],
        Kind::Ods => &["ots"],
        Kind::Odp => &["otp"],
        Kind::AsicS => &["scs"],
        Kind::AsicE => &["sce"],
        Kind::Zip => &["kmz", "jar", "cbz", "xpi", "gpkg", "shz", "dwfx", "3mf"],
        Kind::Gzip => &["tgz", "svgz"],
        Kind::Ole => &["xls", "ppt", "msg", "dot", "xlt", "pps", "vsd", "mpp", "pub", "docx", "xlsx", "pptx"],
        Kind::Xml => &["xsd", "xsl", "xslt", "gml", "kml", "rdf", "xbrl", "musicxml", "xhtml"],
        Kind::Html => &["htm", "xhtml", "mhtml"],
        Kind::Json => &["geojson", "jsonld", "ipynb"],
        Kind::Email => &["mht", "mhtml", "mbox"],
        _ => &[],
    };
    ending != kind.extension() && !also.contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::sniff::sniff;

    fn zipped(names: &[&str]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(b"contenuto").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn told(name: &str, bytes: &[u8]) -> Vec<Unfit> {
        look(sniff(bytes), name, bytes)
    }

    #[test]
    fn macros_encryption_and_wrong_names_are_told() {
        let office = ["[Content_Types].xml", "_rels/.rels", "word/document.xml"];
        let plain = zipped(&office);
        assert_eq!(told("lettera.docx", &plain), []);
        assert_eq!(told("lettera.pdf", &plain), [Unfit::Extension]);
        let with = zipped(&[&office[..], &["word/vbaProject.bin"]].concat());
        assert_eq!(told("lettera.docm", &with), [Unfit::Macros]);
        let mut ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        ole.resize(600, 0);
        assert_eq!(told("vecchia.doc", &ole), [Unfit::Outdated]);
        ole.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(told("chiusa.docx", &ole), [Unfit::Encrypted]);
        assert_eq!(told("pagina.html", b"<!doctype html><html><ScRipt>1</script></html>"), [Unfit::Active]);
        assert_eq!(told("appunti.txt", b"Buongiorno, questo e' un testo."), []);
        assert_eq!(told("contratto.pdf", b"Buongiorno, questo e' un testo."), [Unfit::Extension]);
        assert_eq!(told("senza nome", b"Buongiorno, questo e' un testo."), []);
        assert_eq!(told("foto.JPEG", b"\xff\xd8\xff\xe0 e altro"), []);
        for unfit in Unfit::ALL {
            assert_eq!(Unfit::of_code(unfit.code()), Some(unfit));
        }
    }
}
