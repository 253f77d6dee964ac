//! How a card stands, from what a verifier keeps: keys and a list, fetched once and looked at without asking anybody.

use plico_crypto::p256::{self, PublicKey};

use crate::card::{Card, ReadError, Signed};
use crate::jws;
use crate::keyset::{CardKey, KeySet, Kid};
use crate::status::{self, Status, StatusToken, Unpacked};

/// What is to be said of a card, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None of the keys signed it.
    UnknownKey,
    /// It bears the name of a key that did not sign it.
    Forged,
    /// Revoked.
    Revoked,
    /// Suspended.
    Suspended,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYet,
    /// Everything else is well, but the list is too old to say whether it was revoked, or there is none.
    ListTooOld,
    /// Valid.
    Valid,
}

/// What a verifier keeps of an administration.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    issuer: String,
    keys: Vec<(Kid, PublicKey)>,
    lists: Vec<Option<(i64, Unpacked)>>,
}

impl Verifier {
    /// With the keys of a document whose seal was checked.
    pub fn new(keys: &KeySet) -> Self {
        let known = keys.keys.iter().filter_map(CardKey::key).map(|key| (Kid::of(&key), key));
        Self { issuer: keys.iss.clone(), keys: known.collect(), lists: Vec::new() }
    }

    /// With a status list; answers whether one of the keys signed it.
    pub fn keep(&mut self, number: usize, token: &str) -> bool {
        let Some(token) = jws::read::<StatusToken>(token, status::TYPE) else { return false };
        let by = |key: &PublicKey| p256::verify(key, token.signed.as_bytes(), &token.signature);
        let (true, Some(list)) =
            (self.keys.iter().any(|(_, key)| by(key)), token.content.status_list.unpack())
        else {
            return false;
        };
        if self.lists.len() <= number {
            self.lists.resize(number + 1, None);
        }
        self.lists[number] = Some((token.content.exp, list));
        true
    }

    /// Reads a card and says how it stands at `now` (seconds since 1970).
    pub fn check(&self, text: &str, now: i64) -> Result<(Card, Standing), ReadError> {
        let signed = Card::read(text)?;
        let standing = self.standing(&signed, now);
        Ok((signed.card, standing))
    }

    fn standing(&self, signed: &Signed, now: i64) -> Standing {
        let Signed { card, kid, .. } = signed;
        let Some((_, key)) = self.keys.iter().find(|(known, _)| known == kid) else {
            return Standing::UnknownKey;
        };
        if !signed.is_by(key) || card.issuer != self.issuer {
            return Standing::Forged;
        }
        let (list, index) = card.status;
        let kept = self.lists.get(list as usize).and_then(Option::as_ref);
        // What an old list says of the end of a card holds: it does not come back.
        let known = kept.map(|(exp, list)| (*exp, list.of(index)));
        match known {
            Some((_, Some(Status::Revoked))) => return Standing::Revoked,
            Some((exp, Some(Status::Suspended))) if exp > now => return Standing::Suspended,
            _ => {}
        }
        match known {
            _ if now >= card.until => Standing::Expired,
            _ if now < card.from => Standing::NotYet,
            Some((exp, Some(Status::Valid))) if exp > now => Standing::Valid,
            _ => Standing::ListTooOld,
        }
    }
}
