//! A card: what it says, signed. A CBOR web token (RFC 8392) in COSE_Sign1 (RFC 9052) with ES256, as text in base45.
//! docs/card-format.md says it for others.

use plico_crypto::p256::{self, PublicKey, Signature};

use crate::cbor::{Item, map};
use crate::keyset::Kid;
use crate::{base45, qr};

/// What the text begins with.
pub const PREFIX: &str = "PK1:";
/// Characters that the text has at most.
pub const CHARS: usize = 400;
/// Squares on a side that its code has at most: version 12.
pub const SIDE: usize = 65;
/// Bytes of a name; a longer one is shortened.
pub const NAME_BYTES: usize = 40;
/// Characters of a number.
pub const NUMBER_CHARS: usize = 10;

/// Claims (RFC 8392 §3.1), and one of our own from the range for private use.
const ISSUER: i64 = 1;
const EXPIRES: i64 = 4;
const NOT_BEFORE: i64 = 5;
const CARD: i64 = -65_537;
/// Headers (RFC 9052 §3.1) and the algorithm ES256.
const ALGORITHM: i64 = 1;
const KEY_ID: i64 = 4;
const ES256: i64 = -7;
/// CBOR tag of COSE_Sign1.
const SIGN1: u64 = 18;
/// A CBOR date stays in what a page's numbers hold exactly.
const LATEST: i64 = 1 << 40;

/// What a card says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// IPA code of the administration.
    pub issuer: String,
    /// Code of the type.
    pub kind: String,
    /// Number.
    pub number: String,
    /// Name of the holder; none on an opaque card.
    pub name: Option<String>,
    /// The type's fields, in its order.
    pub values: Vec<String>,
    /// From when it is valid (seconds since 1970).
    pub from: i64,
    /// From when it is not any more.
    pub until: i64,
    /// Where its status stands: list, and place in it.
    pub status: (u32, u32),
    /// The first 16 bytes of the photo's SHA-256.
    pub photo: Option<[u8; 16]>,
}

/// Why a text is not a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not begin like one.
    #[error("this is not a card: its code begins with {PREFIX}")]
    NotACard,
    /// It was cut, mistyped, or written otherwise than the format says.
    #[error("the card's code is damaged: read it again")]
    Damaged,
}

/// A card that was read. Nobody has checked its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub card: Card,
    /// Which key is said to have signed it.
    pub kid: Kid,
    bytes: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    /// Whether this key signed it.
    pub fn is_by(&self, key: &PublicKey) -> bool {
        p256::verify(key, &self.bytes, &self.signature)
    }
}

/// A name that fits: cut between two characters.
pub fn shortened(name: &str) -> String {
    let mut end = name.len().min(NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].trim_end().to_owned()
}

impl Card {
    fn claims(&self) -> Item {
        let mut own = vec![
            (0, Item::text(&self.kind)),
            (1, Item::text(&self.number)),
            (4, Item::Array(vec![Item::Int(self.status.0.into()), Item::Int(self.status.1.into())])),
        ];
        own.extend(self.name.as_ref().map(|name| (2, Item::text(name))));
        if !self.values.is_empty() {
            own.push((3, Item::Array(self.values.iter().map(Item::text).collect())));
        }
        own.extend(self.photo.map(|photo| (5, Item::Bytes(photo.to_vec()))));
        map(vec![
            (ISSUER, Item::text(&self.issuer)),
            (EXPIRES, Item::Int(self.until)),
            (NOT_BEFORE, Item::Int(self.from)),
            (CARD, map(own)),
        ])
    }

    /// The text of the card, signed by `sign` with the key of this identifier; `None` when it does not sign.
    pub fn issue(&self, kid: Kid, sign: impl FnOnce(&[u8]) -> Option<Signature>) -> Option<String> {
        let protected =
            map(vec![(ALGORITHM, Item::Int(ES256)), (KEY_ID, Item::Bytes(kid.0.to_vec()))]).encode();
        let payload = self.claims().encode();
        let signature = sign(&to_sign(&protected, &payload))?;
        let whole = Item::Array(vec![
            Item::Bytes(protected),
            map(Vec::new()),
            Item::Bytes(payload),
            Item::Bytes(signature.to_vec()),
        ]);
        Some(format!("{PREFIX}{}", base45::encode(&Item::Tag(SIGN1, Box::new(whole)).encode())))
    }

    /// Characters of its text, when that and its code are within the bounds; otherwise why not: characters and squares.
    pub fn fits(&self) -> Result<usize, (usize, usize)> {
        let text = self.issue(Kid([0; 8]), |_| Some([0; 64])).unwrap_or_default();
        let side = qr::modules(&text, qr::Level::Medium).map_or(usize::MAX, |modules| modules.size);
        if text.len() > CHARS || side > SIDE { Err((text.len(), side)) } else { Ok(text.len()) }
    }

    /// The largest card of a type, whose fields have at most so many bytes.
    pub fn largest(issuer: &str, kind: &str, opaque: bool, fields: &[usize]) -> Self {
        let widest = |bytes: usize| "W".repeat(bytes);
        Self {
            issuer: issuer.into(),
            kind: kind.into(),
            number: widest(NUMBER_CHARS),
            name: (!opaque).then(|| widest(NAME_BYTES)),
            values: fields.iter().map(|bytes| widest(*bytes)).collect(),
            from: LATEST,
            until: LATEST,
            status: (u16::MAX.into(), u32::MAX),
            photo: (!opaque).then_some([0xff; 16]),
        }
    }

    /// Reads a text, whatever somebody held before the camera.
    pub fn read(text: &str) -> Result<Signed, ReadError> {
        let code = text.strip_prefix(PREFIX).ok_or(ReadError::NotACard)?;
        if text.len() > CHARS {
            return Err(ReadError::Damaged);
        }
        base45::decode(code).and_then(|bytes| signed(&bytes)).ok_or(ReadError::Damaged)
    }
}

/// Sig_structure (RFC 9052 §4.4).
fn to_sign(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let bytes = |bytes: &[u8]| Item::Bytes(bytes.to_vec());
    Item::Array(vec![Item::text("Signature1"), bytes(protected), bytes(&[]), bytes(payload)]).encode()
}

fn signed(bytes: &[u8]) -> Option<Signed> {
    let Item::Tag(SIGN1, whole) = Item::decode(bytes)? else { return None };
    let Item::Array(parts) = *whole else { return None };
    let [Item::Bytes(protected), Item::Map(none), Item::Bytes(payload), Item::Bytes(signature)] = &parts[..]
    else {
        return None;
    };
    let Item::Map(headers) = Item::decode(protected)? else { return None };
    let [(ALGORITHM, Item::Int(ES256)), (KEY_ID, Item::Bytes(kid))] = &headers[..] else { return None };
    if !none.is_empty() || signature.len() != 64 {
        return None;
    }
    Some(Signed {
        card: card(Item::decode(payload)?)?,
        kid: Kid(kid.as_slice().try_into().ok()?),
        bytes: to_sign(protected, payload),
        signature: signature.clone(),
    })
}

fn card(claims: Item) -> Option<Card> {
    let Item::Map(claims) = claims else { return None };
    let [
        (ISSUER, Item::Text(issuer)),
        (EXPIRES, Item::Int(until)),
        (NOT_BEFORE, Item::Int(from)),
        (CARD, Item::Map(own)),
    ] = &claims[..]
    else {
        return None;
    };
    let text = |item: &Item| if let Item::Text(text) = item { Some(text.clone()) } else { None };
    let [(0, Item::Text(kind)), (1, Item::Text(number)), own @ ..] = &own[..] else { return None };
    let mut card = Card {
        issuer: issuer.clone(),
        kind: kind.clone(),
        number: number.clone(),
        from: *from,
        until: *until,
        ..Card::default()
    };
    let mut status = None;
    for (key, value) in own {
        match (key, value) {
            (2, Item::Text(name)) => card.name = Some(name.clone()),
            (3, Item::Array(values)) => card.values = values.iter().map(text).collect::<Option<_>>()?,
            (4, Item::Array(place)) => {
                let [Item::Int(list), Item::Int(index)] = &place[..] else { return None };
                status = Some((u32::try_from(*list).ok()?, u32::try_from(*index).ok()?));
            }
            (5, Item::Bytes(photo)) => card.photo = Some(photo.as_slice().try_into().ok()?),
            _ => return None,
        }
    }
    card.status = status?;
    // One that says "fields: none" is written otherwise than the format says.
    (card.claims() == Item::Map(claims)).then_some(card)
}
