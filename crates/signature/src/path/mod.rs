//! From a certificate to a trust anchor: paths are looked for among candidates, and the best of them is told
//! (RFC 5280 §6, RFC 4158).

mod constraints;
mod policy;
mod pool;
mod rules;
mod work;

use std::cell::RefCell;

pub use policy::Demands;
pub(crate) use pool::Pool;
pub(crate) use rules::is_authority;

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::name::Name;
use crate::oid;
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::Response;
use crate::revocation::want::Wanted;
use crate::revocation::{Evidence, State, Status};
use crate::trust::{Anchor, Anchors, Vouched};

/// Longest path.
const MAX_LENGTH: usize = 12;
/// Steps from a certificate to a candidate for its issuer, in one search.
const MAX_STEPS: u32 = 2000;
/// How far the signers of lists and answers are asked about in turn.
pub(crate) const MAX_DEPTH: usize = 3;

/// What is to be said of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Everything holds.
    Good,
    /// The certificate at this place of the path was revoked, since when, and the reason's code.
    Revoked(usize, i64, u8),
    /// It is on hold since then.
    Suspended(usize, i64),
    /// Whether it is revoked is not known, and why not.
    NotAsked(usize, State),
    /// It had expired.
    Expired(usize),
    /// It was not valid yet.
    NotYetValid(usize),
    /// The anchor's trusted service was granted by a list for which a newer one was due by then.
    Outdated,
    /// The anchor's trusted service was not granted then, or vouches for something else.
    Withdrawn,
    /// A rule is broken: somebody did what he may not.
    Broken,
    /// A signature of the path does not fit, or cannot be checked.
    Unsigned,
    /// No path.
    None,
}

impl Answer {
    /// Which of two paths says more of a certificate: the greater.
    fn rank(self) -> u8 {
        match self {
            Self::Good => 10,
            Self::Revoked(..) => 9,
            Self::Suspended(..) => 8,
            Self::NotAsked(..) => 7,
            Self::Expired(_) => 6,
            Self::NotYetValid(_) => 5,
            Self::Outdated => 4,
            Self::Withdrawn => 3,
            Self::Broken => 2,
            Self::Unsigned => 1,
            Self::None => 0,
        }
    }
}

/// A path, the certificate first and the anchor last, and what is to be said of it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) chain: Vec<usize>,
    pub(crate) answer: Answer,
    /// What is known of each certificate below the anchor.
    pub(crate) statuses: Vec<Status>,
}

/// Everything that a verification knows, and what it demands.
pub(crate) struct Judge<'a> {
    pub(crate) pool: Pool<'a>,
    /// Revocation lists, the newest first.
    pub(crate) lists: Vec<Crl<'a>>,
    pub(crate) responses: Vec<Response<'a>>,
    pub(crate) now_ms: i64,
    pub(crate) anchors: &'a Anchors,
    /// Where it is noted what authorities offer and nobody gave.
    pub(crate) wanted: Option<&'a Wanted>,
    demands: Demands,
    /// Whether revocation matters.
    ask: bool,
    work: work::Work,
    open: RefCell<Vec<usize>>,
}

impl<'a> Judge<'a> {
    /// With the anchors of a verifier and an instant that is now.
    pub(crate) fn new(anchors: &'a Anchors, now_ms: i64) -> Self {
        let mut pool = Pool::default();
        for anchor in anchors.always() {
            take_up(&mut pool, anchor);
        }
        Self {
            pool,
            anchors,
            wanted: None,
            lists: Vec::new(),
            responses: Vec::new(),
            now_ms,
            demands: Demands::default(),
            ask: true,
            work: work::Work::default(),
            open: RefCell::default(),
        }
    }

    /// With what is demanded of policies.
    pub(crate) fn demanding(mut self, demands: Demands) -> Self {
        self.demands = demands;
        self
    }

    /// Without asking about revocation.
    pub(crate) fn without_revocation(mut self) -> Self {
        self.ask = false;
        self
    }

    /// Takes up candidates for paths, with the anchors that are they or above them: lists have thousands of others.
    pub(crate) fn add(&mut self, certificates: impl IntoIterator<Item = Certificate<'a>>) {
        for certificate in certificates {
            self.candidate(certificate);
        }
    }

    /// As [`Self::add`], of one, and says its number.
    pub(crate) fn candidate(&mut self, certificate: Certificate<'a>) -> Option<usize> {
        let number = self.pool.add(certificate, None)?;
        let names = [self.pool[number].subject.clone(), self.pool[number].issuer.clone()];
        for name in &names {
            self.anchors_of(name);
        }
        Some(number)
    }

    fn anchors_of(&mut self, name: &Name) {
        for anchor in self.anchors.of(name) {
            take_up(&mut self.pool, anchor);
        }
    }

    /// Takes up lists, answers and certificates: from outside, or `inside` of what is verified.
    pub(crate) fn hear(&mut self, evidence: &'a Evidence, inside: bool) {
        self.add(evidence.certificates());
        self.lists.extend(evidence.crls().map(|mut list| {
            list.inside = inside;
            list
        }));
        self.lists.sort_by_key(|list| std::cmp::Reverse(list.this_update_ms));
        let issuers: Vec<Name> = self.lists.iter().map(|list| list.issuer.clone()).collect();
        for issuer in &issuers {
            self.anchors_of(issuer);
        }
        for mut response in evidence.responses() {
            response.inside = inside;
            self.add(response.certificates.clone());
            self.responses.push(response);
        }
    }

    /// The best path from a certificate, as of `at_ms`.
    pub(crate) fn find(&self, leaf: usize, at_ms: i64, depth: usize) -> Found {
        self.find_vouched(leaf, at_ms, at_ms, depth)
    }

    /// As [`Self::find`], with an anchor whose service was granted at another instant.
    pub(crate) fn find_vouched(&self, leaf: usize, at_ms: i64, vouched_ms: i64, depth: usize) -> Found {
        let mut best = Found { chain: vec![leaf], answer: Answer::None, statuses: Vec::new() };
        if self.pool[leaf].anchor.is_some() {
            let unvouched = || self.unvouched(&best.chain, vouched_ms, depth);
            best.answer = self.dates(&[leaf], at_ms).or_else(unvouched).unwrap_or(Answer::Good);
            return best;
        }
        let mut steps = MAX_STEPS;
        self.extend(&mut vec![leaf], &mut steps, &mut |chain| {
            let (answer, statuses) = self.judge(chain, at_ms, vouched_ms, depth);
            if answer.rank() > best.answer.rank() {
                best = Found { chain: chain.to_vec(), answer, statuses };
            }
            answer == Answer::Good
        });
        if matches!(best.answer, Answer::None | Answer::Unsigned) {
            self.want_issuer(leaf);
        }
        best
    }

    /// Goes on from the end of `chain` in every way, until `done` or out of steps.
    fn extend(
        &self,
        chain: &mut Vec<usize>,
        steps: &mut u32,
        done: &mut dyn FnMut(&[usize]) -> bool,
    ) -> bool {
        let Some(&last) = chain.last() else { return true };
        if self.pool[last].anchor.is_some() {
            return done(chain);
        }
        if chain.len() == MAX_LENGTH {
            return false;
        }
        let key = authority_key(&self.pool[last].certificate);
        for candidate in self.pool.of(&self.pool[last].issuer, key) {
            if *steps == 0 {
                return true;
            }
            *steps -= 1;
            // The same authority with the same key again leads nowhere new (RFC 4158 §5.2).
            let again = chain.iter().any(|&at| {
                self.pool[at].subject == self.pool[candidate].subject
                    && self.pool[at].certificate.spki == self.pool[candidate].certificate.spki
            });
            if again {
                continue;
            }
            chain.push(candidate);
            if self.extend(chain, steps, done) {
                return true;
            }
            chain.pop();
        }
        false
    }

    fn judge(&self, chain: &[usize], at_ms: i64, vouched_ms: i64, depth: usize) -> (Answer, Vec<Status>) {
        if !self.is_signed(chain) {
            return (Answer::Unsigned, Vec::new());
        }
        if !rules::hold(&self.pool, chain, &self.demands) {
            return (Answer::Broken, Vec::new());
        }
        // The anchor is believed whatever its dates.
        if let Some(out) = self.dates(&chain[..chain.len() - 1], at_ms) {
            return (out, Vec::new());
        }
        if let Some(unvouched) = self.unvouched(chain, vouched_ms, depth) {
            return (unvouched, Vec::new());
        }
        if !self.ask {
            return (Answer::Good, Vec::new());
        }
        self.statuses(chain, at_ms, depth)
    }

    /// Whether the anchor of a chain comes from a trusted list that did not vouch for what its first certificate does.
    /// Who signs lists and answers is bound to the anchor of what they are about, which was asked.
    fn unvouched(&self, chain: &[usize], at_ms: i64, depth: usize) -> Option<Answer> {
        if depth > 0 {
            return None;
        }
        let stamps = self.pool[chain[0]].certificate.time_stamping;
        let anchor = chain.last().and_then(|&last| self.pool[last].anchor);
        match anchor.map(|anchor| self.anchors.vouches(anchor, at_ms, stamps)) {
            Some(Vouched::Yes) => None,
            Some(Vouched::Outdated) => Some(Answer::Outdated),
            Some(Vouched::No) | None => Some(Answer::Withdrawn),
        }
    }

    fn dates(&self, below: &[usize], at_ms: i64) -> Option<Answer> {
        below.iter().enumerate().rev().find_map(|(place, &at)| {
            let certificate = &self.pool[at].certificate;
            if at_ms < certificate.not_before_ms {
                return Some(Answer::NotYetValid(place));
            }
            // The last second is still within (RFC 5280 §4.1.2.5).
            (at_ms >= certificate.not_after_ms.saturating_add(1000)).then_some(Answer::Expired(place))
        })
    }

    fn statuses(&self, chain: &[usize], at_ms: i64, depth: usize) -> (Answer, Vec<Status>) {
        let mut statuses = Vec::new();
        let mut answer = Answer::Good;
        for place in (0..chain.len() - 1).rev() {
            let at = chain[place];
            // Asked about already further out: what hangs on its being good is decided there.
            let short_lived = place == 0 && self.pool[at].certificate.validity_assured;
            let status = if self.is_open(at) || short_lived {
                Status { state: State::Good, source: None }
            } else {
                self.open.borrow_mut().push(at);
                let status = self.status(&chain[place..], at_ms, depth);
                self.open.borrow_mut().pop();
                status
            };
            let said = match status.state {
                State::Good => Answer::Good,
                State::Revoked(since, reason) => Answer::Revoked(place, since, reason),
                State::Suspended(since) => Answer::Suspended(place, since),
                other => Answer::NotAsked(place, other),
            };
            // Of several, what is proven over what is not known; of equals, what is nearer to the signer.
            let weight = |answer: Answer| if answer == Answer::Good { 0 } else { answer.rank() };
            if weight(said) >= weight(answer) && said != Answer::Good {
                answer = said;
            }
            statuses.insert(0, status);
        }
        (answer, statuses)
    }

    /// As [`Self::find`] for a chain that is known, about revocation alone and of its first certificate.
    pub(crate) fn revocation(&self, chain: &[usize], at_ms: i64, depth: usize) -> Answer {
        self.open.borrow_mut().push(chain[0]);
        let status = self.status(chain, at_ms, depth);
        self.open.borrow_mut().pop();
        match status.state {
            State::Good => Answer::Good,
            State::Revoked(since, reason) => Answer::Revoked(0, since, reason),
            State::Suspended(since) => Answer::Suspended(0, since),
            other => Answer::NotAsked(0, other),
        }
    }

    /// Whether a certificate is being asked about already.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.open.borrow().contains(&at)
    }
}

fn take_up<'a>(pool: &mut Pool<'a>, anchor: &'a Anchor) {
    if let Some(certificate) = Certificate::read(&anchor.der) {
        pool.add(certificate, Some(anchor));
    }
}

/// The key identifier of a certificate's issuer.
fn authority_key<'a>(certificate: &Certificate<'a>) -> Option<&'a [u8]> {
    let mut fields = Tlv::only(certificate.extension(oid::AUTHORITY_KEY_IDENTIFIER)?)?.of(0x30)?;
    der::optional(&mut fields, 0x80).map(|key| key.body)
}
