//! What a file is, measured from its first bytes.

pub mod fit;
mod text;

/// Bytes of a file's beginning that [`sniff`] looks at; more do not change the answer.
pub const HEAD: usize = 4096;

macro_rules! kinds {
    ($($variant:ident, $code:literal, $media:literal, $extension:literal, $compressed:literal, $what:literal;)*) => {
        /// What a file is. The code of each is stored and translated, and never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $(#[doc = $what] $variant,)* }

        impl Kind {
            /// All there are, for catalogues and tests.
            pub const ALL: &[Kind] = &[$(Kind::$variant,)*];

            const fn row(self) -> (&'static str, &'static str, &'static str, bool) {
                match self { $(Kind::$variant => ($code, $media, $extension, $compressed),)* }
            }
        }
    };
}

kinds! {
    Empty, "empty", "application/octet-stream", "bin", false, "No bytes at all.";
    Pdf, "pdf", "application/pdf", "pdf", true, "PDF.";
    Signed, "cms", "application/pkcs7-mime", "p7m", true, "CMS SignedData in DER or BER: CAdES, `.p7m`, `.p7s`.";
    SignedText, "cms-base64", "application/pkcs7-mime", "p7m", false, "The same in base64 or PEM.";
    Stamped, "tsd", "application/timestamped-data", "tsd", true, "CMS TimeStampedData (RFC 5544).";
    Stamp, "tsr", "application/timestamp-reply", "tsr", true, "Time stamp response (RFC 3161).";
    Enveloped, "cms-encrypted", "application/pkcs7-mime", "p7e", true, "CMS EnvelopedData: encrypted for somebody.";
    Jpeg, "jpeg", "image/jpeg", "jpg", true, "JPEG image.";
    Png, "png", "image/png", "png", true, "PNG image.";
    Tiff, "tiff", "image/tiff", "tif", true, "TIFF image.";
    Gif, "gif", "image/gif", "gif", true, "GIF image.";
    Webp, "webp", "image/webp", "webp", true, "WebP image.";
    Bmp, "bmp", "image/bmp", "bmp", false, "BMP image.";
    Heic, "heic", "image/heic", "heic", true, "HEIF image, as telephones take.";
    Svg, "svg", "image/svg+xml", "svg", false, "SVG image; may contain scripts.";
    Video, "video", "video/mp4", "mp4", true, "ISO base media: MP4, MOV.";
    Docx, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", true, "Word document.";
    Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", true, "Excel workbook.";
    Pptx, "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx", true, "PowerPoint presentation.";
    Odt, "odt", "application/vnd.oasis.opendocument.text", "odt", true, "OpenDocument text.";
    Ods, "ods", "application/vnd.oasis.opendocument.spreadsheet", "ods", true, "OpenDocument spreadsheet.";
    Odp, "odp", "application/vnd.oasis.opendocument.presentation", "odp", true, "OpenDocument presentation.";
    Epub, "epub", "application/epub+zip", "epub", true, "Electronic book.";
    AsicS, "asic-s", "application/vnd.etsi.asic-s+zip", "asics", true, "ASiC-S container: one file and its signatures.";
    AsicE, "asic-e", "application/vnd.etsi.asic-e+zip", "asice", true, "ASiC-E container: files and their signatures.";
    Zip, "zip", "application/zip", "zip", true, "ZIP archive.";
    Rar, "rar", "application/vnd.rar", "rar", true, "RAR archive.";
    SevenZip, "7z", "application/x-7z-compressed", "7z", true, "7z archive.";
    Gzip, "gzip", "application/gzip", "gz", true, "gzip stream.";
    Ole, "ole", "application/x-ole-storage", "doc", false, "Old Office file: DOC, XLS, PPT, MSG.";
    Rtf, "rtf", "application/rtf", "rtf", false, "Rich text.";
    Dwg, "dwg", "image/vnd.dwg", "dwg", true, "AutoCAD drawing.";
    Xml, "xml", "application/xml", "xml", false, "XML.";
    Html, "html", "text/html", "html", false, "HTML; may contain scripts.";
    Json, "json", "application/json", "json", false, "JSON.";
    Email, "eml", "message/rfc822", "eml", false, "E-mail message (RFC 5322).";
    Text, "text", "text/plain; charset=utf-8", "txt", false, "Text in UTF-8.";
    Text8, "text-8bit", "text/plain; charset=windows-1252", "txt", false, "Text in an older 8-bit encoding.";
    Text16, "text-16bit", "text/plain; charset=utf-16", "txt", false, "Text in UTF-16.";
    Executable, "executable", "application/octet-stream", "bin", false, "Program, library, script or shortcut that a double click would start.";
    Unknown, "unknown", "application/octet-stream", "bin", false, "None of these.";
}

impl Kind {
    /// Short stable code: stored, and the key of its name in catalogues.
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// Media type to serve it as.
    pub const fn media_type(self) -> &'static str {
        self.row().1
    }

    /// Usual extension, without a dot.
    pub const fn extension(self) -> &'static str {
        self.row().2
    }

    /// Whether compressing it again is wasted work.
    pub const fn is_compressed(self) -> bool {
        self.row().3
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// Says what a file is from its beginning; give at least [`HEAD`] bytes where there are as many.
pub fn sniff(head: &[u8]) -> Kind {
    let head = &head[..head.len().min(HEAD)];
    if head.is_empty() {
        return Kind::Empty;
    }
    binary(head)
        .or_else(|| cms(head))
        .or_else(|| zip(head))
        .or_else(|| text::sniff(head))
        .or_else(|| late_pdf(head))
        .unwrap_or(Kind::Unknown)
}

fn binary(head: &[u8]) -> Option<Kind> {
    const MAGIC: &[(&[u8], Kind)] = &[
        (b"%PDF-", Kind::Pdf),
        (b"\xff\xd8\xff", Kind::Jpeg),
        (b"\x89PNG\r\n\x1a\n", Kind::Png),
        (b"II*\0", Kind::Tiff),
        (b"MM\0*", Kind::Tiff),
        (b"II+\0", Kind::Tiff),
        (b"MM\0+", Kind::Tiff),
        (b"GIF87a", Kind::Gif),
        (b"GIF89a", Kind::Gif),
        (b"Rar!\x1a\x07", Kind::Rar),
        (b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
        (b"\x1f\x8b\x08", Kind::Gzip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole),
        (b"{\\rtf", Kind::Rtf),
        (b"\x7fELF", Kind::Executable),
        (b"#!", Kind::Executable),
        (b"\xca\xfe\xba\xbe", Kind::Executable),
        (b"\xfe\xed\xfa\xce", Kind::Executable),
        (b"\xfe\xed\xfa\xcf", Kind::Executable),
        (b"\xce\xfa\xed\xfe", Kind::Executable),
        (b"\xcf\xfa\xed\xfe", Kind::Executable),
        (b"\x4c\0\0\0\x01\x14\x02\0", Kind::Executable),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(*kind);
    }
    // "MZ" and "BM" alone could begin a word: a header must follow.
    if head.starts_with(b"MZ") && (head.contains(&0) || head.len() < 64) {
        return Some(Kind::Executable);
    }
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return Some(Kind::Bmp);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(Kind::Webp);
    }
    if head.starts_with(b"AC10") && head.get(6) == Some(&0) {
        return Some(Kind::Dwg);
    }
    if head.get(4..8) == Some(b"ftyp") {
        let heif: [&[u8]; 8] = [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"];
        return Some(if head.get(8..12).is_some_and(|brand| heif.contains(&brand)) {
            Kind::Heic
        } else {
            Kind::Video
        });
    }
    None
}

/// The first object identifier inside the outer SEQUENCE of a CMS ContentInfo, or the status of a time stamp response.
fn cms(head: &[u8]) -> Option<Kind> {
    const PKCS7: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    const TIMESTAMPED_DATA: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f";
    let rest = sequence(head)?;
    if let Some(last) = rest.strip_prefix(PKCS7) {
        return match last.first()? {
            2 => Some(Kind::Signed),
            3 => Some(Kind::Enveloped),
            _ => None,
        };
    }
    if rest.starts_with(TIMESTAMPED_DATA) {
        return Some(Kind::Stamped);
    }
    let status = sequence(rest)?;
    (status.starts_with(b"\x02\x01") && status.windows(PKCS7.len()).any(|window| window == PKCS7))
        .then_some(Kind::Stamp)
}

/// What follows the head of a SEQUENCE, of definite or indefinite length.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"\x30")?;
    match rest.first()? {
        length @ 0x81..=0x88 => rest.get(1 + usize::from(length & 0x0f)..),
        _ => rest.get(1..),
    }
}

/// ZIP and what is built on it: by the `mimetype` entry that comes first and uncompressed, or by the names of the first entries.
fn zip(head: &[u8]) -> Option<Kind> {
    if head.starts_with(b"PK\x05\x06") {
        return Some(Kind::Zip);
    }
    if !head.starts_with(b"PK\x03\x04") {
        return None;
    }
    let number = |at: usize| Some(usize::from(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?])));
    if let (Some(name), Some(extra)) = (number(26), number(28))
        && head.get(30..30 + name) == Some(b"mimetype")
    {
        let content = head.get(30 + name + extra..).unwrap_or_default();
        let kinds = [Kind::AsicS, Kind::AsicE, Kind::Odt, Kind::Ods, Kind::Odp, Kind::Epub];
        let is = |kind: &&Kind| content.starts_with(kind.media_type().as_bytes());
        return Some(kinds.iter().find(is).copied().unwrap_or(Kind::Zip));
    }
    let names = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    // Office files begin with one of these; a ZIP that merely holds a folder called "word" does not.
    if names(b"[Content_Types].xml") || names(b"_rels/.rels") || names(b"docProps/") {
        for (folder, kind) in [(&b"word/"[..], Kind::Docx), (b"xl/", Kind::Xlsx), (b"ppt/", Kind::Pptx)] {
            if names(folder) {
                return Some(kind);
            }
        }
    }
    Some(Kind::Zip)
}

/// Readers accept a PDF that begins within the first KiB; we say so last, so that nothing else hides behind it.
fn late_pdf(head: &[u8]) -> Option<Kind> {
    let head = &head[..head.len().min(1024 + 5)];
    head.windows(5).any(|window| window == b"%PDF-").then_some(Kind::Pdf)
}

/// What a fuzzer calls.
pub fn fuzz_sniff(bytes: &[u8]) {
    sniff(bytes);
}

#[cfg(test)]
mod tests;
