//! The state of one certificate of a path at an instant, from whatever was given about it.

use super::Source;
use super::crl::HOLD;
use super::ocsp::{Response, Said, Single};
use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::oid;
use crate::path::{Answer, Judge, MAX_DEPTH};

/// Evidence that does not say when it ends is believed so long: an answer of a responder that always has a newer one.
const WITHOUT_END_MS: i64 = 86_400_000;
/// Clocks of authorities may be ahead so much.
const SKEW_MS: i64 = 5 * 60_000;

/// What is known of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) state: State,
    /// What says so.
    pub(crate) source: Option<Told>,
}

/// A list or an answer that tells a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: Source,
    pub(crate) made_ms: i64,
    pub(crate) next_ms: Option<i64>,
    /// It came with what is verified.
    pub(crate) inside: bool,
}

/// The state itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    /// Since when, and the reason's code.
    Revoked(i64, u8),
    /// On hold since then: it may be revoked, or be good again.
    Suspended(i64),
    /// Nothing that was given speaks of it.
    NotTold,
    /// What speaks of it is from before the instant and ended before it, or says nothing of expired certificates.
    Stale,
    /// What speaks of it is signed by nobody who may, or wrongly.
    Untrusted,
    /// The responder does not know it.
    Unknown,
}

impl Status {
    pub(super) fn bare(state: State) -> Self {
        Self { state, source: None }
    }

    /// A revocation, as it was at an instant: later ones do not count yet.
    pub(super) fn revoked(since_ms: i64, reason: u8, at_ms: i64) -> State {
        match reason {
            _ if since_ms > at_ms => State::Good,
            HOLD => State::Suspended(since_ms),
            _ => State::Revoked(since_ms, reason),
        }
    }

    /// Which of two says more: a revocation, then the newer of what is known, then anything over nothing.
    fn or(self, other: Self) -> Self {
        let rank = |status: &Self| match status.state {
            State::Revoked(..) => 3,
            State::Good | State::Suspended(_) => 2,
            State::Unknown | State::Stale | State::Untrusted => 1,
            State::NotTold => 0,
        };
        let made = |status: &Self| status.source.map_or(i64::MIN, |told| told.made_ms);
        if (rank(&other), made(&other)) > (rank(&self), made(&self)) { other } else { self }
    }
}

/// Whether what was made then, and says until when it holds, tells the state at an instant: it was made after it, or
/// holds still.
pub(super) fn timely(made_ms: i64, next_ms: Option<i64>, at_ms: i64, now_ms: i64) -> bool {
    let end_ms = next_ms.unwrap_or(made_ms.saturating_add(WITHOUT_END_MS));
    made_ms <= now_ms.saturating_add(SKEW_MS) && (made_ms >= at_ms || at_ms <= end_ms)
}

impl Judge<'_> {
    /// The state, at `at_ms`, of the first certificate of `chain`, whose issuer is the second.
    pub(crate) fn status(&self, chain: &[usize], at_ms: i64, depth: usize) -> Status {
        let (own, issuer) = (&self.pool[chain[0]].certificate, &self.pool[chain[1]].certificate);
        let mut status = self.listed(chain, at_ms, depth);
        for response in &self.responses {
            for single in response.about(own, issuer) {
                status = status.or(self.answered(response, single, chain, at_ms, depth));
            }
        }
        self.want_status(chain, status.state);
        status
    }

    fn answered(
        &self,
        response: &Response<'_>,
        single: &Single<'_>,
        chain: &[usize],
        at_ms: i64,
        depth: usize,
    ) -> Status {
        let not_after_ms = self.pool[chain[0]].certificate.not_after_ms;
        let (made, next) = (single.this_update_ms, single.next_update_ms);
        let produced = response.produced_ms.saturating_add(SKEW_MS) >= made
            && response.produced_ms <= self.now_ms.saturating_add(SKEW_MS);
        if !produced || !timely(made, next, at_ms, self.now_ms) {
            return Status::bare(State::Stale);
        }
        if !self.may_answer(response, chain, at_ms, depth) {
            return Status::bare(State::Untrusted);
        }
        let forgotten = made > not_after_ms && single.cutoff_ms.is_none_or(|cutoff| cutoff > not_after_ms);
        let state = match single.said {
            Said::Good if forgotten => State::Stale,
            Said::Good => State::Good,
            Said::Revoked(since, reason) => Status::revoked(since, reason, at_ms),
            Said::Unknown => State::Unknown,
        };
        let told = Told { kind: Source::Ocsp, made_ms: made, next_ms: next, inside: response.inside };
        Status { state, source: Some(told) }
    }

    /// RFC 6960 §4.2.2.2: the issuer itself, a responder that the verifier believes, or one to whom the issuer gave
    /// a certificate for it.
    fn may_answer(&self, response: &Response<'_>, chain: &[usize], at_ms: i64, depth: usize) -> bool {
        let issuer = chain[1];
        let fits = |certificate: &Certificate<'_>| {
            response.is_by(certificate)
                && self.signature(response.tbs, response.algorithm, response.signature, certificate.spki)
        };
        if fits(&self.pool[issuer].certificate) {
            return true;
        }
        let candidates = self.pool.all().filter(|&at| response.is_by(&self.pool[at].certificate));
        for at in candidates {
            let (entry, made) = (&self.pool[at], response.produced_ms);
            let certificate = &entry.certificate;
            let within = (certificate.not_before_ms..certificate.not_after_ms + 1000).contains(&made);
            let delegated = entry.issuer == self.pool[issuer].subject
                && may_answer_ocsp(certificate)
                && self.issued(at, issuer)
                && self.not_revoked(at, chain, at_ms, depth);
            if within && (entry.anchor.is_some() || delegated) && fits(certificate) {
                return true;
            }
        }
        false
    }

    /// A responder with `id-pkix-ocsp-nocheck` is not asked about; any other must not be revoked.
    fn not_revoked(&self, responder: usize, chain: &[usize], at_ms: i64, depth: usize) -> bool {
        if self.pool[responder].certificate.extension(oid::OCSP_NO_CHECK).is_some() {
            return true;
        }
        if depth >= MAX_DEPTH || self.is_open(responder) {
            return false;
        }
        let path: Vec<usize> = [&[responder], &chain[1..]].concat();
        matches!(self.revocation(&path, at_ms, depth + 1), Answer::Good)
    }
}

/// `id-kp-OCSPSigning` among its purposes.
fn may_answer_ocsp(certificate: &Certificate<'_>) -> bool {
    let purposes = certificate.extension(oid::EXTENDED_KEY_USAGE);
    let purposes = purposes.and_then(|value| der::all(Tlv::only(value)?.of(0x30)?)).unwrap_or_default();
    purposes.iter().any(|purpose| purpose.of(0x06) == Some(oid::OCSP_SIGNING))
}
