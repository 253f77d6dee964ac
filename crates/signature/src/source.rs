//! Where the bytes come from: memory, a file or ranges of another source, all read at an offset.
//!
//! Large files are never held in memory: the content of a `.p7m` is a list of ranges, and a `.p7m` inside it is
//! read through [`Pieces`] over the same file.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes with a known length that can be read at any offset.
pub trait Source {
    /// Length in bytes.
    fn size(&self) -> u64;
    /// Reads some bytes at `at`; zero only at or past the end, or when `buffer` is empty.
    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Fills `buffer` as far as the source goes and says how much was read.
    fn fill_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.read_at(at + done as u64, &mut buffer[done..])? {
                0 => break,
                more => done += more,
            }
        }
        Ok(done)
    }
}

/// Bytes in memory.
pub struct Memory<'a>(pub &'a [u8]);

impl Source for Memory<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// How much is read ahead when headers are walked: a few chunks' worth, not a whole chunk.
const WINDOW: usize = 8 * 1024;

/// A file, or anything that can be read and sought.
pub struct Stream<R> {
    inner: R,
    size: u64,
    window: Vec<u8>,
    start: u64,
}

impl<R: Read + Seek> Stream<R> {
    /// Takes the length from the end of `inner`.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let size = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, size, window: Vec::with_capacity(WINDOW), start: 0 })
    }
}

impl<R: Read + Seek> Source for Stream<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        // Big reads (content being hashed) go straight through; small ones (headers) are served from the window.
        if buffer.len() >= WINDOW {
            self.inner.seek(SeekFrom::Start(at))?;
            return self.inner.read(buffer);
        }
        let inside = at >= self.start && at < self.start + self.window.len() as u64;
        if !inside {
            self.inner.seek(SeekFrom::Start(at))?;
            self.window.resize(WINDOW, 0);
            let mut done = 0;
            while done < WINDOW {
                match self.inner.read(&mut self.window[done..])? {
                    0 => break,
                    more => done += more,
                }
            }
            self.window.truncate(done);
            self.start = at;
        }
        let from = (at - self.start) as usize;
        let count = (self.window.len() - from).min(buffer.len());
        buffer[..count].copy_from_slice(&self.window[from..from + count]);
        Ok(count)
    }
}

/// A range of a source: offset and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Offset in bytes.
    pub at: u64,
    /// Length in bytes.
    pub length: u64,
}

/// Ranges of another source, read as one run of bytes.
pub struct Pieces<'a> {
    parent: &'a mut dyn Source,
    ranges: &'a [Range],
    /// Where each range starts in the joined bytes, and the total at the end.
    starts: Vec<u64>,
    last: usize,
}

impl<'a> Pieces<'a> {
    /// Joins `ranges` of `parent` in their order.
    pub fn new(parent: &'a mut dyn Source, ranges: &'a [Range]) -> Self {
        let mut total = 0;
        let mut starts = vec![0];
        for range in ranges {
            total += range.length;
            starts.push(total);
        }
        Self { parent, ranges, starts, last: 0 }
    }
}

impl Source for Pieces<'_> {
    fn size(&self) -> u64 {
        self.starts.last().copied().unwrap_or_default()
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if at >= self.size() {
            return Ok(0);
        }
        if !(self.starts[self.last] <= at && at < self.starts[self.last + 1]) {
            self.last = self.starts.partition_point(|&start| start <= at) - 1;
        }
        let range = self.ranges[self.last];
        let inside = at - self.starts[self.last];
        let count = usize::try_from(range.length - inside).unwrap_or(usize::MAX).min(buffer.len());
        self.parent.read_at(range.at + inside, &mut buffer[..count])
    }
}

/// Bytes in memory, and a source after them.
pub(crate) struct Joined<'a> {
    head: &'a [u8],
    rest: &'a mut dyn Source,
}

impl<'a> Joined<'a> {
    pub(crate) fn new(head: &'a [u8], rest: &'a mut dyn Source) -> Self {
        Self { head, rest }
    }
}

impl Source for Joined<'_> {
    fn size(&self) -> u64 {
        self.head.len() as u64 + self.rest.size()
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match at.checked_sub(self.head.len() as u64) {
            Some(at) => self.rest.read_at(at, buffer),
            None => Memory(self.head).read_at(at, buffer),
        }
    }
}

/// Reads a whole range into memory. The caller bounds `length`.
pub(crate) fn take(source: &mut dyn Source, at: u64, length: usize) -> io::Result<Vec<u8>> {
    // Never more than the source holds: a length that lies must not become an allocation.
    let real = usize::try_from(source.size().saturating_sub(at)).unwrap_or(usize::MAX).min(length);
    let mut bytes = vec![0; real];
    let read = source.fill_at(at, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(source: &mut dyn Source) -> Vec<u8> {
        let size = source.size() as usize;
        take(source, 0, size).unwrap()
    }

    #[test]
    fn pieces_and_streams_read_the_same() {
        let bytes: Vec<u8> = (0..60_000u32).map(|n| n as u8).collect();
        let ranges = [
            Range { at: 5, length: 10 },
            Range { at: 50, length: 0 },
            Range { at: 40_000, length: 20_000 },
            Range { at: 0, length: 3 },
        ];
        let expected = [&bytes[5..15], &bytes[40_000..], &bytes[..3]].concat();
        let mut memory = Memory(&bytes);
        assert_eq!(all(&mut Pieces::new(&mut memory, &ranges)), expected);
        let mut stream = Stream::new(io::Cursor::new(&bytes)).unwrap();
        assert_eq!(all(&mut Pieces::new(&mut stream, &ranges)), expected);
        let mut two = [0; 2];
        assert_eq!(stream.fill_at(59_999, &mut two).unwrap(), 1);
    }
}
