//! Token Status List (IETF draft-ietf-oauth-status-list): two bits a card, so that suspended is not revoked.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

/// Type of the JWS that holds a list.
pub const TYPE: &str = "statuslist+jwt";
/// Bytes of a list that is read: of sixteen million cards.
const MOST: u64 = 4 << 20;

/// How a card stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Good, as far as the list knows.
    #[default]
    Valid = 0,
    /// For good.
    Revoked = 1,
    /// For a while.
    Suspended = 2,
}

/// The content of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusToken {
    /// Its own address.
    pub sub: String,
    /// When it was made (seconds since 1970).
    pub iat: i64,
    /// From when it says nothing any more.
    pub exp: i64,
    /// Seconds until it is well to ask again.
    pub ttl: i64,
    /// The list.
    pub status_list: StatusList,
}

/// The list, packed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusList {
    bits: u8,
    lst: String,
}

impl StatusList {
    /// So many cards, all valid but these.
    pub fn pack(cards: usize, but: impl IntoIterator<Item = (u32, Status)>) -> Self {
        let mut bytes = vec![0_u8; cards.div_ceil(4).max(1)];
        for (index, status) in but {
            if let Some(byte) = bytes.get_mut(index as usize / 4) {
                *byte |= (status as u8) << (index % 4 * 2);
            }
        }
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        let packed = packed.write_all(&bytes).and_then(|()| packed.finish()).unwrap_or_default();
        Self { bits: 2, lst: BASE64URL.encode(packed) }
    }

    /// The list, unpacked; `None` when it is not one of ours.
    pub fn unpack(&self) -> Option<Unpacked> {
        let packed = BASE64URL.decode(&self.lst).ok()?;
        let mut bytes = Vec::new();
        ZlibDecoder::new(&packed[..]).take(MOST + 1).read_to_end(&mut bytes).ok()?;
        (self.bits == 2 && bytes.len() as u64 <= MOST).then_some(Unpacked(bytes))
    }
}

/// A list, to look cards up in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked(Vec<u8>);

impl Unpacked {
    /// How a card stands; `None` when the list does not know it.
    pub fn of(&self, index: u32) -> Option<Status> {
        match self.0.get(index as usize / 4)? >> (index % 4 * 2) & 3 {
            0 => Some(Status::Valid),
            2 => Some(Status::Suspended),
            // What later versions may say is no good either.
            _ => Some(Status::Revoked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_draft() {
        // Section 4.2: sixteen... two bits each, packed from the least significant on.
        let but = [(0, 1), (1, 2), (2, 0), (3, 1)]
            .map(|(index, bits)| (index, [Status::Valid, Status::Revoked, Status::Suspended][bits]));
        let list = StatusList::pack(4, but).unpack().unwrap();
        assert_eq!(list.0, [0b0100_1001]);
    }

    proptest::proptest! {
        #[test]
        fn each_card_stands_as_it_was_put(states in proptest::collection::vec(0..3_u8, 1..200)) {
            let states: Vec<Status> =
                states.iter().map(|n| [Status::Valid, Status::Revoked, Status::Suspended][usize::from(*n)]).collect();
            let but = states.iter().enumerate().map(|(index, status)| (index as u32, *status));
            let list = StatusList::pack(states.len(), but).unpack().unwrap();
            for (index, status) in states.iter().enumerate() {
                proptest::prop_assert_eq!(list.of(index as u32), Some(*status));
            }
            proptest::prop_assert_eq!(list.of(states.len() as u32 + 4), None);
        }
    }
}
