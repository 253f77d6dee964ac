//! Base64 text as a source of the bytes it stands for.

use std::io;

use crate::source::Source;

/// Decoded bytes per checkpoint of a [`Base64`].
const BLOCK: usize = 48 * 1024;

/// Base64 text read as the bytes it stands for. White space is skipped, padding may be missing, and what follows
/// the padding is not looked at, as in the files that citizens really send.
pub struct Base64<'a> {
    parent: &'a mut dyn Source,
    /// Offset in the text at which each block begins.
    blocks: Vec<u64>,
    size: u64,
    block: Vec<u8>,
    loaded: Option<usize>,
}

/// Value of a base64 character (both alphabets), or of what may stand between them.
fn sextet(byte: u8) -> Option<Sextet> {
    Some(match byte {
        b'A'..=b'Z' => Sextet::Value(byte - b'A'),
        b'a'..=b'z' => Sextet::Value(byte - b'a' + 26),
        b'0'..=b'9' => Sextet::Value(byte - b'0' + 52),
        b'+' => Sextet::Value(62),
        b'/' => Sextet::Value(63),
        b' ' | b'\t' | b'\r' | b'\n' => Sextet::Space,
        // Padding, the hyphens that end PEM, or anything else: the end.
        _ => return None,
    })
}

#[derive(Clone, Copy)]
enum Sextet {
    Value(u8),
    Space,
}

impl<'a> Base64<'a> {
    /// Reads the text of `parent` once, from an offset to its end or the first character that is not base64, to
    /// index it.
    pub fn new(parent: &'a mut dyn Source, from: u64) -> io::Result<Self> {
        let mut blocks = vec![from];
        let mut count: u64 = 0;
        let mut at = from;
        let mut buffer = vec![0; 64 * 1024];
        'text: loop {
            let read = parent.read_at(at, &mut buffer)?;
            if read == 0 {
                break;
            }
            for (index, &byte) in buffer[..read].iter().enumerate() {
                match sextet(byte) {
                    Some(Sextet::Value(_)) => {
                        count += 1;
                        if count.is_multiple_of(BLOCK as u64 / 3 * 4) {
                            blocks.push(at + index as u64 + 1);
                        }
                    }
                    Some(Sextet::Space) => {}
                    None => break 'text,
                }
            }
            at += read as u64;
        }
        // A lone last character carries six bits: not a byte, dropped.
        let size = count / 4 * 3 + [0, 0, 1, 2][(count % 4) as usize];
        Ok(Self { parent, blocks, size, block: Vec::new(), loaded: None })
    }

    fn load(&mut self, index: usize) -> io::Result<()> {
        self.block.clear();
        self.loaded = None;
        let mut at = self.blocks[index];
        let mut buffer = vec![0; 16 * 1024];
        let (mut bits, mut have) = (0u32, 0u32);
        'text: while self.block.len() < BLOCK {
            let read = self.parent.read_at(at, &mut buffer)?;
            if read == 0 {
                break;
            }
            for &byte in &buffer[..read] {
                match sextet(byte) {
                    Some(Sextet::Value(value)) => {
                        bits = (bits << 6) | u32::from(value);
                        have += 6;
                        if have >= 8 {
                            have -= 8;
                            self.block.push((bits >> have) as u8);
                            if self.block.len() == BLOCK {
                                break 'text;
                            }
                        }
                    }
                    Some(Sextet::Space) => {}
                    None => break 'text,
                }
            }
            at += read as u64;
        }
        self.loaded = Some(index);
        Ok(())
    }
}

impl Source for Base64<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let index = (at / BLOCK as u64) as usize;
        if self.loaded != Some(index) {
            self.load(index)?;
        }
        let from = (at % BLOCK as u64) as usize;
        let end = (self.size - index as u64 * BLOCK as u64).min(self.block.len() as u64) as usize;
        let rest = self.block.get(from..end).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Memory, take};

    fn all(source: &mut dyn Source) -> Vec<u8> {
        let size = source.size() as usize;
        take(source, 0, size).unwrap()
    }

    #[test]
    fn base64_is_read_with_any_line_ends_and_without_padding() {
        for text in
            ["TWFubw==", "TWFubw", "TW\r\nFu\r\nbw==\r\n", " TWFubw=", "TWFubw==garbage\u{1}", "TWFubwA"]
        {
            let mut text = Memory(text.as_bytes());
            assert!(all(&mut Base64::new(&mut text, 0).unwrap()).starts_with(b"Mano"));
        }
    }

    #[test]
    fn base64_blocks_join_at_any_offset() {
        let plain: Vec<u8> = (0..200_000u32).map(|n| (n * 7 % 251) as u8).collect();
        let text = openssl::base64::encode_block(&plain).into_bytes();
        let lines: Vec<u8> = text.chunks(76).flat_map(|line| [line, b"\r\n"].concat()).collect();
        let mut memory = Memory(&lines);
        let mut decoded = Base64::new(&mut memory, 0).unwrap();
        assert_eq!(all(&mut decoded), plain);
        let mut window = [0; 100];
        for at in [0, 1, 49_100, 49_151, 49_152, 98_300, 199_900] {
            assert_eq!(decoded.fill_at(at, &mut window).unwrap(), 100);
            assert_eq!(window[..], plain[at as usize..at as usize + 100]);
        }
    }
}
