//! Certificate revocation lists (RFC 5280 §5), read where they lie: a list of megabytes is not copied.

use super::point::{ALL_REASONS, Place, Reasons, place_names, reasons};
use crate::certificate::{Extension, extensions};
use crate::der::{self, Tlv};
use crate::name::Name;
use crate::{instant, oid, signer};

/// A list, borrowed from its bytes.
#[derive(Debug)]
pub(crate) struct Crl<'a> {
    /// The bytes that are signed.
    pub(crate) tbs: &'a [u8],
    pub(crate) algorithm: (&'a [u8], &'a [u8]),
    pub(crate) signature: &'a [u8],
    pub(crate) issuer: Name,
    pub(crate) this_update_ms: i64,
    pub(crate) next_update_ms: Option<i64>,
    /// Contents of `revokedCertificates`.
    entries: &'a [u8],
    pub(super) number: Option<&'a [u8]>,
    /// Number of the list that this one only adds to.
    pub(super) base: Option<&'a [u8]>,
    pub(super) authority_key: Option<&'a [u8]>,
    pub(super) scope: Scope,
    /// The scope as it is written: a delta and its base have the same.
    pub(super) scope_der: Option<&'a [u8]>,
    /// It came with what is verified.
    pub(crate) inside: bool,
    /// Certificates that expired since then are still listed.
    pub(super) expired_since_ms: Option<i64>,
}

/// For which certificates and reasons a list answers.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) places: Vec<Place>,
    pub(super) users_only: bool,
    pub(super) authorities_only: bool,
    pub(super) attributes_only: bool,
    pub(super) indirect: bool,
    pub(super) reasons: Reasons,
}

/// What a list says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Absent,
    /// Since when, and the reason's code.
    Revoked(i64, u8),
}

/// Code of `certificateHold`.
pub(crate) const HOLD: u8 = 6;
/// Code of `removeFromCRL`: a delta takes it off the list.
pub(super) const REMOVED: u8 = 8;

impl<'a> Crl<'a> {
    /// Reads a DER list. `None` when it is none, or has a critical extension that is not known here.
    pub(crate) fn read(der: &'a [u8]) -> Option<Self> {
        let mut list = Tlv::only(der)?.of(0x30)?;
        let signed = der::next(&mut list)?;
        let outer = der::next(&mut list)?;
        let (&0, signature) = der::expect(&mut list, 0x03)?.split_first()? else { return None };
        let mut algorithm = outer.raw;
        let mut tbs = signed.of(0x30)?;
        der::optional(&mut tbs, 0x02);
        if der::next(&mut tbs)?.raw != outer.raw || !list.is_empty() {
            return None;
        }
        let issuer = Name::read(der::next(&mut tbs)?.raw)?;
        let this_update_ms = instant::read(der::next(&mut tbs)?)?;
        let next_update_ms = match tbs.first() {
            Some(0x17 | 0x18) => Some(instant::read(der::next(&mut tbs)?)?),
            _ => None,
        };
        let entries = der::optional(&mut tbs, 0x30).map_or(&[][..], |entries| entries.body);
        let mut read = Self {
            tbs: signed.raw,
            algorithm: signer::algorithm(&mut algorithm)?,
            signature,
            scope: Scope::default(),
            scope_der: None,
            issuer,
            this_update_ms,
            next_update_ms,
            entries,
            number: None,
            base: None,
            authority_key: None,
            inside: false,
            expired_since_ms: None,
        };
        if let Some(explicit) = der::optional(&mut tbs, 0xa0) {
            for extension in extensions(explicit.body)? {
                read.extension(&extension)?;
            }
        }
        tbs.is_empty().then_some(read)
    }

    fn extension(&mut self, extension: &Extension<'a>) -> Option<()> {
        let value = extension.value;
        match extension.id {
            oid::CRL_NUMBER => self.number = Some(trimmed(Tlv::only(value)?.of(0x02)?)),
            oid::DELTA_CRL_INDICATOR => self.base = Some(trimmed(Tlv::only(value)?.of(0x02)?)),
            oid::AUTHORITY_KEY_IDENTIFIER => {
                let mut fields = Tlv::only(value)?.of(0x30)?;
                self.authority_key = der::optional(&mut fields, 0x80).map(|key| key.body);
            }
            oid::ISSUING_DISTRIBUTION_POINT => {
                self.scope = Scope::read(value, &self.issuer)?;
                self.scope_der = Some(value);
            }
            oid::EXPIRED_CERTIFICATES_ON_CRL => {
                self.expired_since_ms = Some(instant::read(Tlv::only(value)?)?);
            }
            oid::FRESHEST_CRL => {}
            _ if extension.critical => return None,
            _ => {}
        }
        Some(())
    }

    /// Looks a certificate up by issuer and serial number. `None` when the list says what is not understood: then it
    /// answers for nobody (RFC 5280 §5.3).
    pub(crate) fn entry(&self, issuer: &Name, serial: &[u8]) -> Option<Entry> {
        let (serial, mut rest) = (trimmed(serial), self.entries);
        let mut named = None;
        let mut found = Entry::Absent;
        while !rest.is_empty() {
            let mut fields = der::expect(&mut rest, 0x30)?;
            let own = trimmed(der::expect(&mut fields, 0x02)?);
            let at = der::next(&mut fields)?;
            let mut reason = 0;
            if !fields.is_empty() {
                for extension in der::all(der::expect(&mut fields, 0x30)?)? {
                    entry_extension(extension, &mut reason, &mut named)?;
                }
            }
            if own == serial && *issuer == *named.as_ref().unwrap_or(&self.issuer) {
                found = Entry::Revoked(instant::read(at)?, reason);
            }
        }
        Some(found)
    }
}

/// Reason and, for the entries from here on, the issuer of the certificates.
fn entry_extension(extension: Tlv<'_>, reason: &mut u8, named: &mut Option<Name>) -> Option<()> {
    let mut fields = extension.of(0x30)?;
    let id = der::expect(&mut fields, 0x06)?;
    let critical = der::optional(&mut fields, 0x01).is_some_and(|flag| flag.body != [0]);
    let value = der::expect(&mut fields, 0x04)?;
    match id {
        oid::REASON_CODE => *reason = *Tlv::only(value)?.of(0x0a)?.first()?,
        oid::CERTIFICATE_ISSUER => {
            let names = der::all(Tlv::only(value)?.of(0x30)?)?;
            let directory = names.iter().find_map(|name| name.of(0xa4))?;
            *named = Some(Name::read(directory)?);
        }
        oid::INVALIDITY_DATE => {}
        _ if critical => return None,
        _ => {}
    }
    Some(())
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            users_only: false,
            authorities_only: false,
            attributes_only: false,
            indirect: false,
            reasons: ALL_REASONS,
        }
    }
}

impl Scope {
    fn read(value: &[u8], issuer: &Name) -> Option<Self> {
        let mut fields = Tlv::only(value)?.of(0x30)?;
        let mut scope = Self::default();
        if let Some(name) = der::optional(&mut fields, 0xa0) {
            scope.places = place_names(name.body, issuer)?;
        }
        let flag = |fields: &mut &[u8], tag| der::optional(fields, tag).is_some_and(|flag| flag.body != [0]);
        scope.users_only = flag(&mut fields, 0x81);
        scope.authorities_only = flag(&mut fields, 0x82);
        if let Some(some) = der::optional(&mut fields, 0x83) {
            scope.reasons = reasons(some.body)?;
        }
        scope.indirect = flag(&mut fields, 0x84);
        scope.attributes_only = flag(&mut fields, 0x85);
        fields.is_empty().then_some(scope)
    }
}

/// An INTEGER without needless leading zeros: old authorities write them in one place and not in the other. The zero
/// that keeps a number from being negative stays.
fn trimmed(mut integer: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = integer {
        if rest.first().is_none_or(|next| next & 0x80 != 0) {
            break;
        }
        integer = rest;
    }
    integer
}

/// Whether a number is not greater than another, both non-negative and trimmed.
pub(super) fn at_most(one: &[u8], other: &[u8]) -> bool {
    (one.len(), one) <= (other.len(), other)
}
