//! What authorities offer of a path and nobody gave: noted while a file is looked at, for whoever may fetch it. The
//! addresses come from certificates that nobody vouches for: whoever asks there takes care where he goes.

use std::cell::RefCell;

use plico_crypto::verify::Hash;

use super::ocsp::key_bits;
use super::point;
use super::status::State;
use crate::certificate::Certificate;
use crate::der::{self, Tlv, sequence, tlv};
use crate::digest::digest;
use crate::path::Judge;
use crate::{oid, write};

/// Most that is noted of one file.
const MOST: usize = 32;
/// Longest address that is noted.
const LONGEST: usize = 1024;
/// Certificates between a leaf and the one whose issuer is missing.
const MAX_LENGTH: usize = 12;

/// Something that an authority offers over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Certificates of an issuer.
    Issuers {
        /// Where.
        url: String,
    },
    /// An OCSP answer (RFC 6960).
    Answer {
        /// Where.
        url: String,
        /// What is asked, DER.
        request: Vec<u8>,
    },
    /// A revocation list.
    List {
        /// Where.
        url: String,
    },
}

impl Want {
    /// Where it is offered.
    pub fn url(&self) -> &str {
        let (Self::Issuers { url } | Self::Answer { url, .. } | Self::List { url }) = self;
        url
    }
}

/// What was noted.
#[derive(Debug, Default)]
pub struct Wanted(RefCell<Vec<Want>>);

impl Wanted {
    /// Everything that was noted, each once.
    pub fn into_all(self) -> Vec<Want> {
        let mut all = self.0.into_inner();
        all.sort();
        all
    }

    fn note(&self, want: Want) {
        let mut all = self.0.borrow_mut();
        let url = want.url();
        let asked = url.len() <= LONGEST && (url.starts_with("http://") || url.starts_with("https://"));
        if asked && all.len() < MOST && !all.contains(&want) {
            all.push(want);
        }
    }
}

impl Judge<'_> {
    /// Notes who could tell the state of the first certificate of a chain.
    pub(super) fn want_status(&self, chain: &[usize], state: State) {
        let Some(wanted) = self.wanted.filter(|_| !matches!(state, State::Good | State::Revoked(..))) else {
            return;
        };
        let (own, issuer) = (&self.pool[chain[0]].certificate, &self.pool[chain[1]].certificate);
        for url in offered(own, oid::OCSP) {
            if let Some(request) = request(own, issuer) {
                wanted.note(Want::Answer { url, request });
            }
        }
        for url in point::addresses(own) {
            wanted.note(Want::List { url });
        }
    }

    /// Notes where the first issuer is offered that is missing above a certificate.
    pub(crate) fn want_issuer(&self, leaf: usize) {
        let Some(wanted) = self.wanted else { return };
        let mut at = leaf;
        for _ in 0..MAX_LENGTH {
            let entry = &self.pool[at];
            match self.pool.of(&entry.issuer, None).into_iter().find(|&above| above != at) {
                Some(above) => at = above,
                None if entry.issuer == entry.subject => return,
                None => {
                    for url in offered(&entry.certificate, oid::CA_ISSUERS) {
                        wanted.note(Want::Issuers { url });
                    }
                    return;
                }
            }
        }
    }
}

/// The addresses of a certificate at which its issuer offers something (RFC 5280 §4.2.2.1).
fn offered(certificate: &Certificate<'_>, what: &[u8]) -> Vec<String> {
    let all = certificate.extension(oid::AUTHORITY_INFORMATION);
    let all = all.and_then(|value| der::all(Tlv::only(value)?.of(0x30)?)).unwrap_or_default();
    let address = |one: &Tlv<'_>| {
        let mut fields = one.of(0x30)?;
        let method = der::expect(&mut fields, 0x06)?;
        let uri = der::expect(&mut fields, 0x86).filter(|_| method == what)?;
        String::from_utf8(uri.to_vec()).ok()
    };
    all.iter().filter_map(address).collect()
}

/// A question about one certificate, without a nonce: an answer that was made before is as good (RFC 6960 §4.1).
fn request(own: &Certificate<'_>, issuer: &Certificate<'_>) -> Option<Vec<u8>> {
    let identifier = sequence(&[
        // Every responder knows SHA-1 here; nothing is believed for it.
        &write::algorithm_null(oid::SHA1),
        &tlv(0x04, &digest(Hash::Sha1, own.issuer)),
        &tlv(0x04, &digest(Hash::Sha1, key_bits(issuer.spki)?)),
        &tlv(0x02, own.serial),
    ]);
    Some(sequence(&[&sequence(&[&sequence(&[&sequence(&[&identifier])])])]))
}
