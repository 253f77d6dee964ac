//! Whom the verifier believes, and what a path to them is worth at a given time.

use std::collections::HashMap;

use openssl::error::ErrorStack;
use openssl::x509::X509;

use crate::certificate::Certificate;
use crate::name::Name;
use crate::path::{Answer, Demands, Judge};
use crate::revocation::Evidence;
use crate::tsl::{Kind, List, Service, TrustedLists};

/// Trust anchors could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not PEM certificates.
    #[error("the trust anchors are not certificates in PEM")]
    Pem(#[source] ErrorStack),
    /// PEM without any certificate.
    #[error("there is no certificate among the trust anchors")]
    Empty,
    /// A certificate whose fields cannot be read.
    #[error("a certificate among the trust anchors cannot be read")]
    Unreadable,
}

/// The certificates that the verifier, not the signer, believes: his own, and the services of trusted lists as far as
/// those were granted.
#[derive(Default)]
pub struct Anchors {
    all: Vec<Anchor>,
    by_subject: HashMap<Name, Vec<usize>>,
    lists: Option<TrustedLists>,
}

/// One certificate that is believed.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) der: Vec<u8>,
    /// Whatever the lists say.
    always: bool,
    /// Places of lists and of services in them.
    services: Vec<(usize, usize)>,
}

/// Whether an anchor is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vouched {
    Yes,
    /// Only by a list for which a newer one was due.
    Outdated,
    No,
}

impl std::fmt::Debug for Anchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anchors").field("certificates", &self.all.len()).finish_non_exhaustive()
    }
}

impl Anchors {
    /// One or more certificates in PEM. Those of subordinate authorities may be anchors too, as in trusted lists.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AnchorError> {
        let certificates = X509::stack_from_pem(pem).map_err(AnchorError::Pem)?;
        if certificates.is_empty() {
            return Err(AnchorError::Empty);
        }
        let ders = certificates.iter().map(|certificate| certificate.to_der());
        let certificates = ders.collect::<Result<Vec<_>, _>>().map_err(AnchorError::Pem)?;
        let mut anchors = Self::default();
        for der in certificates {
            let anchor = Anchor { der, always: true, services: Vec::new() };
            anchors.push(anchor).ok_or(AnchorError::Unreadable)?;
        }
        Ok(anchors)
    }

    /// Those of trusted lists alone.
    pub fn from_lists(lists: TrustedLists) -> Self {
        Self::default().with_lists(lists)
    }

    /// With the services of trusted lists besides.
    #[must_use]
    pub fn with_lists(mut self, lists: TrustedLists) -> Self {
        let known: HashMap<Vec<u8>, usize> =
            self.all.iter().enumerate().map(|(number, anchor)| (anchor.der.clone(), number)).collect();
        for (der, services) in lists.by_certificate() {
            match known.get(der) {
                Some(&number) => self.all[number].services = services,
                // A certificate that cannot be read can be above nothing.
                None => drop(self.push(Anchor { der: der.to_vec(), always: false, services })),
            }
        }
        self.lists = Some(lists);
        self
    }

    fn push(&mut self, anchor: Anchor) -> Option<()> {
        let subject = Name::read(Certificate::read(&anchor.der)?.subject)?;
        self.by_subject.entry(subject).or_default().push(self.all.len());
        self.all.push(anchor);
        Some(())
    }

    /// The lists that are among them.
    pub fn lists(&self) -> Option<&TrustedLists> {
        self.lists.as_ref()
    }

    /// Those that are believed whatever the lists say.
    pub(crate) fn always(&self) -> impl Iterator<Item = &Anchor> {
        self.all.iter().filter(|anchor| anchor.always)
    }

    /// Those of a subject.
    pub(crate) fn of(&self, subject: &Name) -> impl Iterator<Item = &Anchor> {
        self.by_subject.get(subject).into_iter().flatten().map(|&number| &self.all[number])
    }

    /// The services that an anchor is of, with their lists.
    pub(crate) fn services(&self, anchor: &Anchor) -> Vec<(&List, &Service)> {
        let Some(lists) = &self.lists else { return Vec::new() };
        let pair = |&(list, service): &(usize, usize)| {
            let list = lists.list(list);
            (list, &list.services[service])
        };
        anchor.services.iter().map(pair).collect()
    }

    /// Whether an anchor is believed at an instant for signers, or for time stamps. Those who issue qualified
    /// certificates are believed for both. A list says nothing of an instant by which a newer one was due, and without
    /// a list of lists that holds nobody knows who signs the others.
    pub(crate) fn vouches(&self, anchor: &Anchor, at_ms: i64, stamps: bool) -> Vouched {
        if anchor.always {
            return Vouched::Yes;
        }
        let granting = |service: &Service| {
            service.at(at_ms).is_some_and(|period| {
                let kind = period.kind == Kind::CaQc || (stamps && period.kind == Kind::Qtst);
                kind && period.is_granted(at_ms)
            })
        };
        let services = self.services(anchor);
        let mut lists = services.iter().filter(|(_, service)| granting(service)).map(|&(list, _)| list);
        let outdated = self.lists.as_ref().and_then(TrustedLists::list_of_lists);
        let outdated = outdated.is_some_and(|list| list.is_expired(at_ms));
        match lists.next() {
            None => Vouched::No,
            Some(first)
                if !outdated && (!first.is_expired(at_ms) || lists.any(|list| !list.is_expired(at_ms))) =>
            {
                Vouched::Yes
            }
            Some(_) => Vouched::Outdated,
        }
    }

    /// Looks for a path from the first of `certificates` (DER), through any of the others, to an anchor. Revocation is
    /// not asked: whoever uses the answer must not say "valid" because of it alone.
    pub fn path(&self, certificates: &[&[u8]], at_ms: i64) -> Path {
        answer(certificates, Judge::new(self, at_ms).without_revocation(), at_ms)
    }

    /// As [`Self::path`], with everything that RFC 5280 asks: revocation by `evidence`, and what is demanded of
    /// policies. `at_ms` is the instant that matters, `now_ms` the one at which it is looked at.
    pub fn judge<'a>(
        &'a self,
        certificates: &[&'a [u8]],
        evidence: &'a Evidence,
        demands: Demands,
        at_ms: i64,
        now_ms: i64,
    ) -> Path {
        let mut judge = Judge::new(self, now_ms).demanding(demands);
        judge.hear(evidence, false);
        answer(certificates, judge, at_ms)
    }
}

/// What was found between a certificate and the anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The certificate is itself an anchor.
    Anchor,
    /// A path of good signatures, every certificate below the anchor within its dates.
    Found,
    /// No path.
    None,
    /// A path in which a certificate does what it may not, or whose signatures fail.
    Broken,
    /// A certificate of the path had expired.
    Expired,
    /// A certificate of the path was not valid yet.
    NotYetValid,
    /// A certificate of the path was revoked.
    Revoked,
    /// A certificate of the path was on hold.
    Suspended,
    /// Whether a certificate of the path was revoked is not known.
    NotAsked,
}

/// Looks for a path from the first of `certificates_der` to one of `roots_pem` at an instant (UTC milliseconds).
/// Revocation is not asked.
pub fn verify_chain(certificates_der: &[Vec<u8>], roots_pem: &[u8], at_ms: i64) -> Result<Path, AnchorError> {
    let certificates: Vec<&[u8]> = certificates_der.iter().map(Vec::as_slice).collect();
    Ok(Anchors::from_pem(roots_pem)?.path(&certificates, at_ms))
}

fn answer<'a>(certificates: &[&'a [u8]], mut judge: Judge<'a>, at_ms: i64) -> Path {
    let Some(leaf) = certificates.first().and_then(|der| Certificate::read(der)) else {
        return Path::None;
    };
    let Some(leaf) = judge.candidate(leaf) else { return Path::None };
    // One unreadable bystander must not hide a good path.
    judge.add(certificates[1..].iter().filter_map(|der| Certificate::read(der)));
    let found = judge.find(leaf, at_ms, 0);
    match found.answer {
        Answer::Good if found.chain.len() == 1 => Path::Anchor,
        Answer::Good => Path::Found,
        Answer::None | Answer::Withdrawn | Answer::Outdated => Path::None,
        Answer::Broken | Answer::Unsigned => Path::Broken,
        Answer::Expired(_) => Path::Expired,
        Answer::NotYetValid(_) => Path::NotYetValid,
        Answer::Revoked(..) => Path::Revoked,
        Answer::Suspended(..) => Path::Suspended,
        Answer::NotAsked(..) => Path::NotAsked,
    }
}
