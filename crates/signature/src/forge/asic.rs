//! Containers with files and their signatures.

use std::io::{self, Cursor, Write as _};

use plico_crypto::verify::Hash;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::digest::digest;

/// A container: its type, such as `application/vnd.etsi.asic-e+zip`, and its members, as they come.
pub fn asic(media_type: &str, members: &[(&str, &[u8])]) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("mimetype", stored)?;
    zip.write_all(media_type.as_bytes())?;
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in members {
        zip.start_file(*name, packed)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The manifest over which a signature (by its name in the container) is made.
pub fn asic_manifest(signature: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text = format!(
        "<ASiCManifest xmlns=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><SigReference URI=\"{signature}\"/>"
    );
    for (name, content) in files {
        let value = openssl::base64::encode_block(&digest(Hash::Sha256, content));
        text.extend([
            "<DataObjectReference URI=\"",
            name,
            "\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>",
            &value,
            "</ds:DigestValue></DataObjectReference>",
        ]);
    }
    text.push_str("</ASiCManifest>");
    text.into_bytes()
}
