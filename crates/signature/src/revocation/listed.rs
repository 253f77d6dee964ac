//! What revocation lists say of a certificate (RFC 5280 §6.3.3).

use super::Source;
use super::crl::{Crl, Entry, REMOVED, at_most};
use super::point::{ALL_REASONS, Place, Point, Reasons, points};
use super::status::{State, Status, Told, timely};
use crate::path::{Answer, Judge, MAX_DEPTH, is_authority};

/// Bit of `cRLSign` in the first octet of a key usage.
const LISTS: u8 = 0x02;

impl Judge<'_> {
    /// The state of the first certificate of `chain` by the lists.
    pub(super) fn listed(&self, chain: &[usize], at_ms: i64, depth: usize) -> Status {
        let entry = &self.pool[chain[0]];
        let Some(mut points) = points(&entry.certificate, &entry.issuer) else {
            return Status::bare(State::Untrusted);
        };
        // Lists that the certificate does not name, of its issuer: as if named by the issuer's name.
        let own = Place::Directory(entry.issuer.clone());
        points.push(Point { places: vec![own], ..Point::default() });
        let mut told: Reasons = 0;
        let mut worst = State::NotTold;
        let mut source = None;
        for point in &points {
            for list in self.lists.iter().filter(|list| list.base.is_none()) {
                let Some(reasons) = self.answers_for(list, point, chain[0]) else { continue };
                if reasons & !told == 0 {
                    continue;
                }
                match self.read(list, chain, at_ms, depth) {
                    Err(state) => worst = if worst == State::NotTold { state } else { worst },
                    Ok((State::Good, from)) => {
                        told |= reasons;
                        source = source.or(Some(from));
                    }
                    Ok((state, from)) => return Status { state, source: Some(from) },
                }
                if told == ALL_REASONS {
                    return Status { state: State::Good, source };
                }
            }
        }
        // Some reasons were told and not all: nobody said that it is good.
        Status::bare(if told != 0 && worst == State::NotTold { State::Stale } else { worst })
    }

    /// RFC 5280 §6.3.3 (b) and (d): whether a list is the point's, and for which reasons.
    fn answers_for(&self, list: &Crl<'_>, point: &Point, at: usize) -> Option<Reasons> {
        let entry = &self.pool[at];
        let scope = &list.scope;
        if point.issuers.is_empty() {
            if list.issuer != entry.issuer {
                return None;
            }
        } else if !scope.indirect || !point.issuers.contains(&list.issuer) {
            return None;
        }
        if !scope.places.is_empty() {
            let by_issuer: Vec<Place>;
            let places = if point.places.is_empty() {
                by_issuer = point.issuers.iter().cloned().map(Place::Directory).collect();
                &by_issuer
            } else {
                &point.places
            };
            if !scope.places.iter().any(|place| places.contains(place)) {
                return None;
            }
        }
        let is_authority = is_authority(&entry.certificate);
        if scope.attributes_only
            || scope.users_only && is_authority
            || scope.authorities_only && !is_authority
        {
            return None;
        }
        Some(scope.reasons & point.reasons.unwrap_or(ALL_REASONS))
    }

    /// What a list, with its delta if there is one, says of the first certificate of `chain`.
    fn read(
        &self,
        list: &Crl<'_>,
        chain: &[usize],
        at_ms: i64,
        depth: usize,
    ) -> Result<(State, Told), State> {
        let entry = &self.pool[chain[0]];
        let usable = |list: &Crl<'_>| {
            if !timely(list.this_update_ms, list.next_update_ms, at_ms, self.now_ms) {
                return Err(State::Stale);
            }
            if !self.is_believed(list, chain, at_ms, depth) {
                return Err(State::Untrusted);
            }
            self.entry(list, chain[0]).ok_or(State::Untrusted)
        };
        let mut found = usable(list)?;
        let mut from = list;
        for delta in self.lists.iter().filter(|delta| adds_to(delta, list)) {
            let Ok(changed) = usable(delta) else { continue };
            (found, from) = match changed {
                Entry::Revoked(_, REMOVED) => (Entry::Absent, delta),
                Entry::Revoked(..) => (changed, delta),
                Entry::Absent => (found, from),
            };
        }
        let source = Told {
            kind: Source::Crl,
            made_ms: from.this_update_ms,
            next_ms: from.next_update_ms,
            inside: from.inside,
        };
        match found {
            Entry::Revoked(since, reason) => Ok((Status::revoked(since, reason, at_ms), source)),
            // Authorities take expired certificates off their lists, unless they say that they do not.
            Entry::Absent
                if from.this_update_ms > entry.certificate.not_after_ms
                    && list.expired_since_ms.is_none_or(|since| since > entry.certificate.not_after_ms) =>
            {
                Err(State::Stale)
            }
            Entry::Absent => Ok((State::Good, source)),
        }
    }

    /// RFC 5280 §6.3.3 (f) and (g): signed by somebody on a good path to the same anchor, who may.
    fn is_believed(&self, list: &Crl<'_>, chain: &[usize], at_ms: i64, depth: usize) -> bool {
        let above = &chain[1..];
        let anchor = above.last().copied();
        for signer in self.pool.of(&list.issuer, list.authority_key) {
            let certificate = &self.pool[signer].certificate;
            let may = certificate.key_usage.is_none_or(|bits| bits & LISTS != 0);
            let within =
                (certificate.not_before_ms..certificate.not_after_ms + 1000).contains(&list.this_update_ms);
            let signed =
                || self.signature(list.tbs, list.algorithm, list.signature, self.key_of(signer, above));
            if !may || !(within || self.pool[signer].anchor.is_some()) || !signed() {
                continue;
            }
            let on_the_path = above.iter().any(|&at| {
                at == signer
                    || self.pool[at].subject == self.pool[signer].subject
                        && self.pool[at].certificate.spki == certificate.spki
            });
            if on_the_path {
                return true;
            }
            if depth < MAX_DEPTH {
                let found = self.find(signer, at_ms, depth + 1);
                if matches!(found.answer, Answer::Good)
                    && self.same_anchor(found.chain.last().copied(), anchor)
                {
                    return true;
                }
            }
        }
        false
    }

    fn same_anchor(&self, one: Option<usize>, other: Option<usize>) -> bool {
        one.zip(other).is_some_and(|(one, other)| self.pool[one].subject == self.pool[other].subject)
    }
}

/// RFC 5280 §5.2.4: a delta of the same issuer, key and scope, from a base that is not newer than the list.
fn adds_to(delta: &Crl<'_>, list: &Crl<'_>) -> bool {
    let numbered = match (delta.base, delta.number, list.number) {
        (Some(base), Some(own), Some(of_list)) => at_most(base, of_list) && at_most(of_list, own),
        _ => false,
    };
    numbered
        && delta.issuer == list.issuer
        && delta.authority_key == list.authority_key
        && delta.scope_der == list.scope_der
}
