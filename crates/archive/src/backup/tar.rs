//! A tar file (POSIX.1-1988 ustar, sizes beyond 8 GiB in base 256 as GNU tar writes them): nothing but plain files, so
//! that a backup can be looked into with what every machine has.

use std::io::{self, Read, Write};
use std::path::{Component, Path};

const BLOCK: usize = 512;
/// Bytes of a path: what fits into the header's first field.
const PATH: usize = 100;

/// Writes a file's header; its `size` bytes follow, then [`pad`].
pub(crate) fn header(out: &mut impl Write, path: &str, size: u64) -> io::Result<()> {
    let mut block = [0u8; BLOCK];
    if path.len() > PATH || !is_plain(path) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, path.to_owned()));
    }
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[100..108].copy_from_slice(b"0000600\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    if size < 1 << 33 {
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.write_all(&block)
}

/// Fills up the last block of a file.
pub(crate) fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    let over = (size % BLOCK as u64) as usize;
    if over == 0 { Ok(()) } else { out.write_all(&[0; BLOCK][over..]) }
}

/// Ends the file.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; BLOCK * 2])
}

/// Reads the next header: path and size; `None` at the end.
pub(crate) fn next(from: &mut impl Read) -> io::Result<Option<(String, u64)>> {
    let mut block = [0u8; BLOCK];
    from.read_exact(&mut block)?;
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) })
        .sum();
    if octal(&block[148..156]) != Some(u64::from(sum)) {
        return Err(wrong("a header's check sum does not agree"));
    }
    if block[156] != b'0' {
        return Err(wrong("something that is not a plain file"));
    }
    let end = block[..PATH].iter().position(|byte| *byte == 0).unwrap_or(PATH);
    let path = std::str::from_utf8(&block[..end]).map_err(|_| wrong("a name that is not text"))?;
    if !is_plain(path) {
        return Err(wrong("a path that leads elsewhere"));
    }
    let size = if block[124] == 0x80 {
        u64::from_be_bytes(block[128..136].try_into().unwrap_or_default())
    } else {
        octal(&block[124..136]).ok_or_else(|| wrong("a size that is not a number"))?
    };
    Ok(Some((path.to_owned(), size)))
}

/// Reads what follows the last byte of a file.
pub(crate) fn skip_padding(from: &mut impl Read, size: u64) -> io::Result<()> {
    let over = (size % BLOCK as u64) as usize;
    if over > 0 {
        from.read_exact(&mut [0; BLOCK][over..])?;
    }
    Ok(())
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(text, 8).ok()
}

/// Relative, and only downwards.
fn is_plain(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_tar(bytes: &[u8]) {
    let mut from = bytes;
    while let Ok(Some((_, size))) = next(&mut from) {
        let skipped = io::copy(&mut (&mut from).take(size), &mut io::sink());
        if skipped.is_err() || skip_padding(&mut from, size).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_refuses_to_climb() {
        let mut out = Vec::new();
        for (path, content) in [("plico.db", &b"abc"[..]), ("blobs/aa/bb", &[7; 512][..])] {
            header(&mut out, path, content.len() as u64).unwrap();
            out.extend(content);
            pad(&mut out, content.len() as u64).unwrap();
        }
        end(&mut out).unwrap();
        let mut from = &out[..];
        assert_eq!(next(&mut from).unwrap(), Some(("plico.db".into(), 3)));
        from = &from[3..];
        skip_padding(&mut from, 3).unwrap();
        assert_eq!(next(&mut from).unwrap(), Some(("blobs/aa/bb".into(), 512)));
        from = &from[512..];
        assert_eq!(next(&mut from).unwrap(), None);
        assert!(header(&mut Vec::new(), "../etc/passwd", 1).is_err());
        assert!(header(&mut Vec::new(), "/etc/passwd", 1).is_err());
        let mut large = Vec::new();
        header(&mut large, "plico.db", 1 << 40).unwrap();
        assert_eq!(next(&mut &large[..]).unwrap(), Some(("plico.db".into(), 1 << 40)));
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for seed in 0..2_000u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let bytes: Vec<u8> = (0..1100)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state as u8
                })
                .collect();
            fuzz_tar(&bytes);
        }
    }
}
