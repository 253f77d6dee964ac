//! Digests as text and back.

use crate::error::ArchiveError;

/// SHA-256 in hexadecimal as bytes.
pub fn hex32(text: &str) -> Result<[u8; 32], ArchiveError> {
    let damaged = || ArchiveError::Corrupt(format!("not a digest: {text:?}"));
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(damaged());
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| damaged())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| damaged())?;
    }
    Ok(out)
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
