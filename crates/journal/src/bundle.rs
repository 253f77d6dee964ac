//! Entry bundles (C2SP tlog-tiles): up to 256 leaves in one file, each behind its length in two bytes, big endian.

use crate::merkle::WIDTH;

/// Why bytes are not a bundle, or entries do not fit into one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BundleError {
    /// An entry is longer than 65,535 bytes.
    #[error("entry {0} of the bundle is longer than 65,535 bytes")]
    Entry(usize),
    /// More than 256 entries.
    #[error("a bundle has at most 256 entries")]
    TooMany,
    /// The bytes end within an entry.
    #[error("the bundle is cut off in entry {0}")]
    Cut(usize),
}

/// The bundle of these entries, in order.
pub fn write<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.len() > WIDTH {
        return Err(BundleError::TooMany);
    }
    let mut out = Vec::with_capacity(entries.iter().map(|e| e.as_ref().len() + 2).sum());
    for (n, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::Entry(n))?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// The entries of a bundle.
pub fn parse(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        if entries.len() == WIDTH {
            return Err(BundleError::TooMany);
        }
        let cut = BundleError::Cut(entries.len());
        let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return Err(cut) };
        let Some((entry, rest)) = rest.split_at_checked(u16::from_be_bytes(*length).into()) else {
            return Err(cut);
        };
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

/// Entry point for fuzzing: any bytes, never a panic; what parses is written back alike.
pub fn fuzz_bundle(bytes: &[u8]) {
    if let Ok(entries) = parse(bytes) {
        assert_eq!(write(&entries).ok().as_deref(), Some(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_and_parse() {
        let entries = [&b"one"[..], b"", b"three"];
        let bytes = write(&entries).unwrap();
        assert_eq!(bytes, b"\0\x03one\0\0\0\x05three");
        assert_eq!(parse(&bytes).unwrap(), entries);
        assert_eq!(parse(&bytes[..bytes.len() - 1]), Err(BundleError::Cut(2)));
        assert_eq!(parse(&[0]), Err(BundleError::Cut(0)));
        assert_eq!(write(&[vec![0; 65_536]]), Err(BundleError::Entry(0)));
        assert!(write(&[vec![0; 65_535]]).is_ok());
        assert_eq!(write(&[""; 257]), Err(BundleError::TooMany));
        assert_eq!(parse(&[0; 2 * 257]), Err(BundleError::TooMany));
        assert_eq!(parse(&[0; 2 * 256]).unwrap().len(), 256);
    }
}
