//! The work of one verification: signatures and look-ups, each done once, and all of them bounded. A hostile file may
//! bring thousands of certificates of one name, and lists of megabytes.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use plico_crypto::verify::{self, Outcome};

use super::Judge;
use crate::der::{self, Tlv};
use crate::revocation::crl::{Crl, Entry};
use crate::{oid, signer};

/// Units of work in one verification: a signature or a look-up is one, and one more for each [`UNIT`].
const MAX_WORK: u32 = 8000;
/// Bytes that are digested or read through for one unit.
const UNIT: usize = 64 * 1024;

/// What was done, and what may still be.
pub(super) struct Work {
    left: Cell<u32>,
    verified: RefCell<HashMap<(usize, usize), bool>>,
    looked_up: RefCell<HashMap<(usize, usize), Option<Entry>>>,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: Cell::new(MAX_WORK), verified: RefCell::default(), looked_up: RefCell::default() }
    }
}

impl Work {
    /// Whether so many bytes may still be gone through.
    fn spend(&self, bytes: usize) -> bool {
        let cost = 1 + u32::try_from(bytes / UNIT).unwrap_or(u32::MAX - 1);
        let left = self.left.get().checked_sub(cost);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

impl Judge<'_> {
    /// The signatures of a chain, from the anchor down: a key may inherit its parameters from above.
    pub(super) fn is_signed(&self, chain: &[usize]) -> bool {
        (0..chain.len() - 1).rev().all(|place| {
            let own = &self.pool[chain[place]].certificate;
            let key = self.key_of(chain[place + 1], &chain[place + 1..]);
            self.signature(own.tbs, own.algorithm, own.signature, key)
        })
    }

    /// Whether one certificate was signed with the key of another.
    pub(crate) fn issued(&self, at: usize, issuer: usize) -> bool {
        let own = &self.pool[at].certificate;
        self.signature(own.tbs, own.algorithm, own.signature, self.pool[issuer].certificate.spki)
    }

    /// The key of a certificate; one without parameters takes them from those above (RFC 5280 §6.1.4 (e)).
    pub(crate) fn key_of(&self, at: usize, above: &[usize]) -> Cow<'_, [u8]> {
        let own = self.pool[at].certificate.spki;
        let Some((id, bits)) = without_parameters(own) else { return Cow::Borrowed(own) };
        let parameters = above.iter().find_map(|&other| parameters(self.pool[other].certificate.spki, id));
        match parameters {
            Some(parameters) => {
                let algorithm = der::sequence(&[&der::tlv(0x06, id), parameters]);
                Cow::Owned(der::sequence(&[&algorithm, &der::tlv(0x03, bits)]))
            }
            None => Cow::Borrowed(own),
        }
    }

    /// Whether a signature fits. Each is checked once; when too much was done, none fits any more.
    pub(crate) fn signature<'k>(
        &self,
        message: &[u8],
        algorithm: (&[u8], &[u8]),
        signature: &[u8],
        key: impl Into<Cow<'k, [u8]>>,
    ) -> bool {
        let key = key.into();
        let memory = matches!(key, Cow::Borrowed(_)).then(|| (place(message), place(&key)));
        if let Some(known) = memory.and_then(|memory| self.work.verified.borrow().get(&memory).copied()) {
            return known;
        }
        let fits = self.work.spend(message.len())
            && signer::certificate_algorithm(algorithm).is_some_and(|algorithm| {
                verify::verify(&key, algorithm, message, signature) == Outcome::Valid
            });
        if let Some(memory) = memory {
            self.work.verified.borrow_mut().insert(memory, fits);
        }
        fits
    }

    /// What a list says of a certificate. Each is looked up once; when too much was done, nothing is known any more.
    pub(crate) fn entry(&self, list: &Crl<'_>, at: usize) -> Option<Entry> {
        let memory = (place(list.tbs), at);
        if let Some(&known) = self.work.looked_up.borrow().get(&memory) {
            return known;
        }
        let entry = &self.pool[at];
        let found = if self.work.spend(list.tbs.len()) {
            list.entry(&entry.issuer, entry.certificate.serial)
        } else {
            None
        };
        self.work.looked_up.borrow_mut().insert(memory, found);
        found
    }
}

/// Where bytes lie, which says which they are: all of them live as long as the judge.
fn place(bytes: &[u8]) -> usize {
    bytes.as_ptr() as usize
}

/// Object identifier and bits of a DSA key that does not say its parameters.
fn without_parameters(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut fields = Tlv::only(spki)?.of(0x30)?;
    let (id, parameters) = signer::algorithm(&mut fields)?;
    (id == oid::DSA && parameters.is_empty()).then_some((id, der::expect(&mut fields, 0x03)?))
}

fn parameters<'a>(spki: &'a [u8], of: &[u8]) -> Option<&'a [u8]> {
    let mut fields = Tlv::only(spki)?.of(0x30)?;
    let (id, parameters) = signer::algorithm(&mut fields)?;
    (id == of && !parameters.is_empty()).then_some(parameters)
}
