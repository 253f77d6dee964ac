//! Entry points for fuzzing: one for each parser of foreign bytes, as a `fn(&[u8])` that must never panic. The tests call
//! them with every kept sample, changed in many ways.

use crate::card::Card;
use crate::cbor::Item;
use crate::keyset::{self, KeySet};
use crate::status::{self, StatusToken};
use crate::{base45, jws};

/// What takes any bytes.
pub type Target = fn(&[u8]);

/// Each target by its name.
pub const TARGETS: &[(&str, Target)] =
    &[("card", card), ("payload", payload), ("base45", text), ("list", list), ("keys", keys)];

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn card(bytes: &[u8]) {
    let _ = Card::read(utf8(bytes));
    let _ = Card::read(&format!("{}{}", crate::card::PREFIX, base45::encode(bytes)));
}

fn payload(bytes: &[u8]) {
    let _ = Item::decode(bytes);
}

fn text(bytes: &[u8]) {
    let _ = base45::decode(utf8(bytes));
}

fn list(bytes: &[u8]) {
    if let Some(read) = jws::read::<StatusToken>(utf8(bytes), status::TYPE) {
        let _ = read.content.status_list.unpack().map(|list| list.of(7));
    }
}

fn keys(bytes: &[u8]) {
    if let Some(read) = jws::read::<KeySet>(utf8(bytes), keyset::TYPE) {
        read.content.keys.iter().for_each(|key| assert!(key.key().is_none_or(|key| key[0] == 4)));
    }
}
