//! The rules of RFC 5280 §6.1 on one chain, from its anchor down. Dates and revocation are asked elsewhere: they have
//! answers of their own.

use super::constraints::Constraints;
use super::policy::{Demands, Policies, number};
use super::pool::{Entry, Pool};
use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::oid;

/// Bit of `keyCertSign` in the first octet of a key usage.
const CERTIFICATES: u8 = 0x04;

/// Extensions whose meaning is known here or in [`crate::revocation`]; a critical one that is not listed is refused.
const KNOWN: &[&[u8]] = &[
    oid::SUBJECT_KEY_IDENTIFIER,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    oid::SUBJECT_ALTERNATIVE_NAME,
    oid::ISSUER_ALTERNATIVE_NAME,
    oid::CERTIFICATE_POLICIES,
    oid::POLICY_MAPPINGS,
    oid::POLICY_CONSTRAINTS,
    oid::INHIBIT_ANY_POLICY,
    oid::CRL_DISTRIBUTION_POINTS,
    oid::FRESHEST_CRL,
    oid::AUTHORITY_INFORMATION,
    oid::SUBJECT_INFORMATION,
    oid::QC_STATEMENTS,
    oid::VALIDITY_ASSURED,
    oid::OCSP_NO_CHECK,
];

/// Whether a chain (the last certificate first, its anchor at the end) keeps the rules.
pub(super) fn hold(pool: &Pool<'_>, chain: &[usize], demands: &Demands) -> bool {
    check(pool, chain, demands).is_some()
}

fn check(pool: &Pool<'_>, chain: &[usize], demands: &Demands) -> Option<()> {
    let (&anchor, below) = chain.split_last()?;
    let anchor = &pool[anchor];
    let mut policies = Policies::new(demands, below.len());
    let mut constraints = Constraints::default();
    let mut room = authority(&anchor.certificate)?;
    constraints.add(&anchor.certificate)?;
    for (index, &at) in below.iter().enumerate().rev() {
        let entry = &pool[at];
        let (certificate, last, self_issued) = (&entry.certificate, index == 0, is_self_issued(entry));
        extensions(certificate)?;
        if (!self_issued || last) && !constraints.allow(certificate)? {
            return None;
        }
        policies.enter(certificate, last, self_issued)?;
        if last {
            return policies.finish(certificate, demands);
        }
        policies.leave(certificate, self_issued)?;
        constraints.add(certificate)?;
        let limit = authority(certificate)?;
        if !self_issued {
            room = room.checked_sub(1)?;
        }
        room = room.min(limit);
    }
    Some(())
}

/// A certificate whose subject is its issuer: a step of the same authority to another key.
fn is_self_issued(entry: &Entry<'_>) -> bool {
    entry.subject == entry.issuer
}

/// RFC 5280 §6.1.4 (k) to (n): how many authorities may follow below a certificate, if it may certify others.
fn authority(certificate: &Certificate<'_>) -> Option<usize> {
    let may_sign = certificate.key_usage.is_none_or(|bits| bits & CERTIFICATES != 0);
    basic(certificate)
        .filter(|&(is_authority, _)| is_authority && may_sign)
        .map(|(_, limit)| limit.unwrap_or(usize::MAX))
}

/// Whether a certificate is one of an authority, whatever its key may do.
pub(crate) fn is_authority(certificate: &Certificate<'_>) -> bool {
    basic(certificate).is_some_and(|(is_authority, _)| is_authority)
}

/// Basic constraints.
fn basic(certificate: &Certificate<'_>) -> Option<(bool, Option<usize>)> {
    let mut fields = Tlv::only(certificate.extension(oid::BASIC_CONSTRAINTS)?)?.of(0x30)?;
    let is_authority = der::optional(&mut fields, 0x01).is_some_and(|flag| flag.body != [0]);
    let limit = match der::optional(&mut fields, 0x02) {
        Some(limit) => Some(number(limit.body)?),
        None => None,
    };
    fields.is_empty().then_some((is_authority, limit))
}

/// None critical that is unknown, none twice.
fn extensions(certificate: &Certificate<'_>) -> Option<()> {
    let all = &certificate.extensions;
    let unknown = all.iter().any(|extension| extension.critical && !KNOWN.contains(&extension.id));
    let mut ids: Vec<&[u8]> = all.iter().map(|extension| extension.id).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).any(|pair| pair[0] == pair[1]);
    (!unknown && !twice).then_some(())
}
