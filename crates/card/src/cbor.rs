//! The CBOR (RFC 8949) of a card: whole numbers, bytes, text, arrays, maps with numbers as keys, tags. Only the one
//! deterministic way to write it (§4.2.1) is read.

/// How deep things may lie in each other.
const DEPTH: usize = 6;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    /// Sorted by [`map`]; no key twice.
    Map(Vec<(i64, Item)>),
    Tag(u64, Box<Item>),
}

/// A map in the order in which it is written.
pub(crate) fn map(mut entries: Vec<(i64, Item)>) -> Item {
    entries.sort_by_key(|(key, _)| Item::Int(*key).encode());
    Item::Map(entries)
}

impl Item {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The bytes of it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Int(number) if *number >= 0 => head(out, 0, number.cast_unsigned()),
            Self::Int(number) => head(out, 1, (!number).cast_unsigned()),
            Self::Bytes(bytes) => {
                head(out, 2, bytes.len() as u64);
                out.extend(bytes);
            }
            Self::Text(text) => {
                head(out, 3, text.len() as u64);
                out.extend(text.as_bytes());
            }
            Self::Array(items) => {
                head(out, 4, items.len() as u64);
                for item in items {
                    item.write(out);
                }
            }
            Self::Map(entries) => {
                head(out, 5, entries.len() as u64);
                for (key, value) in entries {
                    Self::Int(*key).write(out);
                    value.write(out);
                }
            }
            Self::Tag(number, item) => {
                head(out, 6, *number);
                item.write(out);
            }
        }
    }

    /// Reads the whole of `bytes`, which must be what [`Self::encode`] writes.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let item = read(&mut rest, DEPTH)?;
        (rest.is_empty() && item.encode() == bytes).then_some(item)
    }
}

fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    match number {
        0..24 => out.push(major | number as u8),
        24..=0xff => out.extend([major | 0x18, number as u8]),
        0x100..=0xffff => {
            out.push(major | 0x19);
            out.extend((number as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 0x1a);
            out.extend((number as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 0x1b);
            out.extend(number.to_be_bytes());
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn read(rest: &mut &[u8], depth: usize) -> Option<Item> {
    let depth = depth.checked_sub(1)?;
    let first = take(rest, 1)?[0];
    let number = match first & 0x1f {
        small @ 0..24 => u64::from(small),
        long @ 24..28 => {
            let bytes = take(rest, 1 << (long - 24))?;
            bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
        }
        _ => return None,
    };
    let length = usize::try_from(number).ok();
    Some(match first >> 5 {
        0 => Item::Int(i64::try_from(number).ok()?),
        1 => Item::Int(!i64::try_from(number).ok()?),
        2 => Item::Bytes(take(rest, length?)?.to_vec()),
        3 => Item::Text(String::from_utf8(take(rest, length?)?.to_vec()).ok()?),
        // Nothing is set aside for what a length says: each item takes at least a byte that must be there.
        4 => Item::Array((0..number).map(|_| read(rest, depth)).collect::<Option<_>>()?),
        5 => Item::Map(entries(rest, number, depth)?),
        6 => Item::Tag(number, Box::new(read(rest, depth)?)),
        _ => return None,
    })
}

fn entries(rest: &mut &[u8], count: u64, depth: usize) -> Option<Vec<(i64, Item)>> {
    let mut entries: Vec<(i64, Item)> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    for _ in 0..count {
        let Item::Int(key) = read(rest, depth)? else { return None };
        let written = Item::Int(key).encode();
        if written <= last {
            return None;
        }
        last = written;
        entries.push((key, read(rest, depth)?));
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_way_to_write_is_read() {
        let item = map(vec![(-65_537, Item::text("è")), (4, Item::Int(-300)), (1, Item::Array(vec![]))]);
        let bytes = [0xa3, 1, 0x80, 4, 0x39, 1, 43, 0x3a, 0, 1, 0, 0, 0x62, 0xc3, 0xa8];
        assert_eq!(item.encode(), bytes);
        assert_eq!(Item::decode(&bytes), Some(item));
        let wrong: [&[u8]; 10] = [
            &[0x18, 23],                                     // a number longer than it need be
            &[0xa2, 4, 0, 1, 0],                             // keys out of order
            &[0xa2, 1, 0, 1, 0],                             // a key twice
            &[0xa1, 0x61, 0x61, 0],                          // a key that is text
            &[0x9f, 0xff],                                   // a length that is not said
            &[0x01, 0x01],                                   // more after it
            &[0x62, 0xff, 0xff],                             // text that is none
            &[0xf9, 0x3c, 0x00],                             // a fraction
            &[0x9b, 255, 255, 255, 255, 255, 255, 255, 255], // longer than memory
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80],     // too deep
        ];
        for bytes in wrong {
            assert_eq!(Item::decode(bytes), None, "{bytes:02x?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            if let Some(item) = Item::decode(&bytes) {
                proptest::prop_assert_eq!(item.encode(), bytes);
            }
        }
    }
}
