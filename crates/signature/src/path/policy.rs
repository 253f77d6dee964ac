//! Certificate policies along a path: the graph of RFC 9618, which says what the tree of RFC 5280 §6.1 says without
//! growing exponentially.

use std::collections::{BTreeMap, BTreeSet};

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::oid;

/// What a verifier demands of policies (RFC 5280 §6.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demands {
    /// Policies that are acceptable, as contents of object identifiers; empty for any.
    pub policies: Vec<Vec<u8>>,
    /// The path must be valid for at least one of them.
    pub explicit: bool,
    /// No policy may be mapped to another.
    pub inhibit_mapping: bool,
    /// `anyPolicy` counts for nothing.
    pub inhibit_any: bool,
}

type Oid = Vec<u8>;

/// A policy at one depth: what it is called below, and the policies above from which it follows.
struct Node {
    expected: BTreeSet<Oid>,
    parents: BTreeSet<Oid>,
}

type Level = BTreeMap<Oid, Node>;

/// The state between two certificates.
pub(super) struct Policies {
    /// `None` when no policy is left.
    graph: Option<Vec<Level>>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

impl Policies {
    /// Before the first of `length` certificates.
    pub(super) fn new(demands: &Demands, length: usize) -> Self {
        let start = |inhibited: bool| if inhibited { 0 } else { length + 1 };
        let root = Node { expected: BTreeSet::from([any()]), parents: BTreeSet::new() };
        Self {
            graph: Some(vec![Level::from([(any(), root)])]),
            explicit: start(demands.explicit),
            mapping: start(demands.inhibit_mapping),
            any: start(demands.inhibit_any),
        }
    }

    /// RFC 5280 §6.1.3 (d) to (f). `None` when the path is not valid.
    pub(super) fn enter(
        &mut self,
        certificate: &Certificate<'_>,
        last: bool,
        self_issued: bool,
    ) -> Option<()> {
        match certificate.extension(oid::CERTIFICATE_POLICIES) {
            None => self.graph = None,
            Some(value) => {
                let stated = stated(value)?;
                if let Some(levels) = &mut self.graph {
                    let may_be_any = self.any > 0 || (!last && self_issued);
                    levels.push(level(levels.last()?, &stated, may_be_any));
                }
                self.prune();
            }
        }
        (self.explicit > 0 || self.graph.is_some()).then_some(())
    }

    /// RFC 5280 §6.1.4 (a), (b), (h), (i), (j): what a certificate says of those below it.
    pub(super) fn leave(&mut self, certificate: &Certificate<'_>, self_issued: bool) -> Option<()> {
        if let Some(value) = certificate.extension(oid::POLICY_MAPPINGS) {
            self.map(&mappings(value)?);
        }
        if !self_issued {
            self.count_down();
            self.mapping = self.mapping.saturating_sub(1);
            self.any = self.any.saturating_sub(1);
        }
        let (explicit, mapping) = constraints(certificate)?;
        self.explicit = explicit.map_or(self.explicit, |skip| self.explicit.min(skip));
        self.mapping = mapping.map_or(self.mapping, |skip| self.mapping.min(skip));
        if let Some(value) = certificate.extension(oid::INHIBIT_ANY_POLICY) {
            self.any = self.any.min(number(Tlv::only(value)?.of(0x02)?)?);
        }
        Some(())
    }

    /// RFC 5280 §6.1.5 (a), (b), (g).
    pub(super) fn finish(mut self, certificate: &Certificate<'_>, demands: &Demands) -> Option<()> {
        self.count_down();
        if constraints(certificate)?.0 == Some(0) {
            self.explicit = 0;
        }
        (self.explicit > 0 || self.graph.is_some_and(|levels| acceptable(&levels, demands))).then_some(())
    }

    fn count_down(&mut self) {
        self.explicit = self.explicit.saturating_sub(1);
    }

    fn map(&mut self, mappings: &BTreeMap<Oid, BTreeSet<Oid>>) {
        let Some(levels) = &mut self.graph else { return };
        let Some(level) = levels.last_mut() else { return };
        for (issuers, subjects) in mappings {
            if self.mapping == 0 {
                level.remove(issuers);
            } else if let Some(node) = level.get_mut(issuers) {
                node.expected.clone_from(subjects);
            } else if level.contains_key(&any()) {
                let node = Node { expected: subjects.clone(), parents: BTreeSet::from([any()]) };
                level.insert(issuers.clone(), node);
            }
        }
        self.prune();
    }

    /// Takes out what leads to nothing at the lowest level.
    fn prune(&mut self) {
        let Some(levels) = &mut self.graph else { return };
        for depth in (1..levels.len()).rev() {
            let wanted: BTreeSet<Oid> =
                levels[depth].values().flat_map(|node| node.parents.iter().cloned()).collect();
            levels[depth - 1].retain(|policy, _| wanted.contains(policy));
        }
        if levels.iter().any(BTreeMap::is_empty) {
            self.graph = None;
        }
    }
}

/// The nodes of the next level (RFC 9618 §5.3).
fn level(above: &Level, stated: &BTreeSet<Oid>, may_be_any: bool) -> Level {
    let mut level = Level::new();
    let mut add = |policy: &Oid, parents: BTreeSet<Oid>| {
        level.insert(policy.clone(), Node { expected: BTreeSet::from([policy.clone()]), parents });
    };
    let expecting = |policy: &Oid| -> BTreeSet<Oid> {
        above.iter().filter(|(_, node)| node.expected.contains(policy)).map(|(id, _)| id.clone()).collect()
    };
    let mut known = BTreeSet::new();
    for policy in stated.iter().filter(|policy| **policy != any()) {
        let parents = expecting(policy);
        if !parents.is_empty() {
            add(policy, parents);
        } else if above.contains_key(&any()) {
            add(policy, BTreeSet::from([any()]));
        } else {
            continue;
        }
        known.insert(policy.clone());
    }
    if stated.contains(&any()) && may_be_any {
        let expected: BTreeSet<Oid> = above.values().flat_map(|node| node.expected.iter().cloned()).collect();
        for policy in expected.difference(&known) {
            add(policy, expecting(policy));
        }
    }
    level
}

/// Whether the path is valid for a policy that is acceptable: one of those that an authority stated itself, or any.
fn acceptable(levels: &[Level], demands: &Demands) -> bool {
    let stated_by_itself = levels.iter().flatten().any(|(policy, node)| {
        *policy != any() && node.parents.contains(&any()) && demands.policies.contains(policy)
    });
    let any_to_the_end = levels.last().is_some_and(|level| level.contains_key(&any()));
    demands.policies.is_empty() || stated_by_itself || any_to_the_end
}

fn any() -> Oid {
    oid::ANY_POLICY.to_vec()
}

fn stated(value: &[u8]) -> Option<BTreeSet<Oid>> {
    let all = der::all(Tlv::only(value)?.of(0x30)?)?;
    let mut found = BTreeSet::new();
    for one in &all {
        // RFC 5280 §4.2.1.4: none twice.
        if !found.insert(der::expect(&mut one.of(0x30)?, 0x06)?.to_vec()) {
            return None;
        }
    }
    Some(found)
}

/// RFC 5280 §6.1.4 (a): nothing is mapped to or from any policy.
fn mappings(value: &[u8]) -> Option<BTreeMap<Oid, BTreeSet<Oid>>> {
    let mut found: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
    for one in der::all(Tlv::only(value)?.of(0x30)?)? {
        let mut pair = one.of(0x30)?;
        let (issuers, subjects) = (der::expect(&mut pair, 0x06)?, der::expect(&mut pair, 0x06)?);
        if issuers == oid::ANY_POLICY || subjects == oid::ANY_POLICY {
            return None;
        }
        found.entry(issuers.to_vec()).or_default().insert(subjects.to_vec());
    }
    Some(found)
}

/// `requireExplicitPolicy` and `inhibitPolicyMapping`; `None` when the extension cannot be read.
fn constraints(certificate: &Certificate<'_>) -> Option<(Option<usize>, Option<usize>)> {
    let Some(value) = certificate.extension(oid::POLICY_CONSTRAINTS) else { return Some((None, None)) };
    let mut fields = Tlv::only(value)?.of(0x30)?;
    let mut field = |tag| match der::optional(&mut fields, tag) {
        Some(skip) => number(skip.body).map(Some),
        None => Some(None),
    };
    let both = (field(0x80)?, field(0x81)?);
    fields.is_empty().then_some(both)
}

/// A number of certificates; one that is too large for any path is as good as none.
pub(super) fn number(body: &[u8]) -> Option<usize> {
    let (&first, _) = body.split_first()?;
    if first & 0x80 != 0 {
        return None;
    }
    if body.len() > 4 {
        return Some(usize::MAX);
    }
    Some(body.iter().fold(0, |sum, &byte| (sum << 8) | usize::from(byte)))
}
