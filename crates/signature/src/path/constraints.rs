//! Name constraints (RFC 5280 §4.2.1.10): which names an authority may certify.

use crate::certificate::{Certificate, text_of};
use crate::der::{self, Tlv};
use crate::name::Name;
use crate::oid;

const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;
const URI: u8 = 0x86;
const ADDRESS: u8 = 0x87;

/// Most comparisons of names on one path: hostile certificates hold thousands of each.
const MAX_COMPARISONS: usize = 50_000;

/// What the certificates above allow and forbid.
#[derive(Default)]
pub(super) struct Constraints<'a> {
    /// Of each authority that names any: one of its subtrees of a kind must fit every name of that kind.
    permitted: Vec<Vec<Tlv<'a>>>,
    excluded: Vec<Tlv<'a>>,
}

impl<'a> Constraints<'a> {
    /// Adds those of an authority's certificate. `None` when they cannot be read, or say what is not understood.
    pub(super) fn add(&mut self, certificate: &Certificate<'a>) -> Option<()> {
        let Some(value) = certificate.extension(oid::NAME_CONSTRAINTS) else { return Some(()) };
        let mut fields = Tlv::only(value)?.of(0x30)?;
        if let Some(permitted) = der::optional(&mut fields, 0xa0) {
            self.permitted.push(subtrees(permitted.body)?);
        }
        if let Some(excluded) = der::optional(&mut fields, 0xa1) {
            self.excluded.extend(subtrees(excluded.body)?);
        }
        fields.is_empty().then_some(())
    }

    /// Whether every name of a certificate may be there. `None` when one cannot be read.
    pub(super) fn allow(&self, certificate: &Certificate<'a>) -> Option<bool> {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return Some(true);
        }
        let names = names(certificate)?;
        let trees = self.excluded.len() + self.permitted.iter().map(Vec::len).sum::<usize>();
        if names.len().saturating_mul(trees) > MAX_COMPARISONS {
            return None;
        }
        for (kind, body) in &names {
            for tree in self.excluded.iter().filter(|tree| tree.tag == *kind) {
                if within(tree, body)? {
                    return Some(false);
                }
            }
            for permitted in &self.permitted {
                let mut of_kind = permitted.iter().filter(|tree| tree.tag == *kind).peekable();
                if of_kind.peek().is_none() {
                    continue;
                }
                let fits = of_kind.map(|tree| within(tree, body)).collect::<Option<Vec<_>>>()?;
                if !fits.contains(&true) {
                    return Some(false);
                }
            }
        }
        Some(true)
    }
}

/// `GeneralSubtrees`: the bases. Minimum and maximum are not used (RFC 5280: minimum zero, maximum absent).
fn subtrees(body: &[u8]) -> Option<Vec<Tlv<'_>>> {
    der::all(body)?
        .iter()
        .map(|tree| {
            let mut fields = tree.of(0x30)?;
            let base = der::next(&mut fields)?;
            fields.is_empty().then_some(base)
        })
        .collect()
}

/// Every name of a certificate: tag of `GeneralName`, contents.
fn names(certificate: &Certificate<'_>) -> Option<Vec<(u8, Vec<u8>)>> {
    let mut found = Vec::new();
    let subject = Tlv::only(certificate.subject)?;
    if !subject.body.is_empty() {
        found.push((DIRECTORY, subject.raw.to_vec()));
    }
    let alternative = certificate.extension(oid::SUBJECT_ALTERNATIVE_NAME);
    for name in alternative.map_or(Some(Vec::new()), |value| der::all(Tlv::only(value)?.of(0x30)?))? {
        found.push((name.tag, name.body.to_vec()));
    }
    // Older certificates have the address in the subject (RFC 5280 §4.2.1.10).
    if !found.iter().any(|(kind, _)| *kind == EMAIL) {
        for relative in der::all(subject.body)? {
            for pair in der::all(relative.of(0x31)?)? {
                let mut fields = pair.of(0x30)?;
                if der::expect(&mut fields, 0x06)? == oid::EMAIL_ADDRESS {
                    found.push((EMAIL, text_of(der::next(&mut fields)?)?.into_bytes()));
                }
            }
        }
    }
    Some(found)
}

fn within(tree: &Tlv<'_>, name: &[u8]) -> Option<bool> {
    let text = |bytes| std::str::from_utf8(bytes).ok().map(str::to_ascii_lowercase);
    match tree.tag {
        DIRECTORY => Some(Name::read(name)?.is_within(&Name::read(tree.body)?)),
        EMAIL => Some(email(&text(tree.body)?, &text(name)?)),
        DNS => Some(dns(&text(tree.body)?, &text(name)?)),
        URI => Some(uri(&text(tree.body)?, &text(name)?)),
        ADDRESS => address(tree.body, name),
        // A kind that is constrained and not understood: the certificate has such a name, so it is refused.
        _ => None,
    }
}

fn email(tree: &str, name: &str) -> bool {
    if tree.contains('@') {
        return name == tree;
    }
    let host = name.rsplit_once('@').map_or(name, |(_, host)| host);
    host_within(tree, host)
}

/// A host by itself, or every host below a name that begins with a dot.
fn host_within(tree: &str, host: &str) -> bool {
    if tree.starts_with('.') { host.len() > tree.len() && host.ends_with(tree) } else { host == tree }
}

fn dns(tree: &str, name: &str) -> bool {
    let tree = tree.strip_prefix('.').unwrap_or(tree);
    tree.is_empty() || name == tree || name.strip_suffix(tree).is_some_and(|above| above.ends_with('.'))
}

fn uri(tree: &str, name: &str) -> bool {
    let Some((_, rest)) = name.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    host_within(tree, host)
}

/// Address and mask of the same length.
fn address(tree: &[u8], name: &[u8]) -> Option<bool> {
    let (base, mask) = tree.split_at_checked(tree.len() / 2)?;
    if !matches!(tree.len(), 8 | 32) || base.len() != name.len() {
        return Some(false);
    }
    Some(base.iter().zip(mask).zip(name).all(|((base, mask), byte)| base & mask == byte & mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_addresses_and_their_trees() {
        assert!(email("comune.it", "a@comune.it") && !email("comune.it", "a@pec.comune.it"));
        assert!(email(".comune.it", "a@pec.comune.it") && !email(".comune.it", "a@comune.it"));
        assert!(email("a@comune.it", "a@comune.it") && !email("a@comune.it", "b@comune.it"));
        assert!(dns("comune.it", "www.comune.it") && dns("comune.it", "comune.it") && dns("", "x"));
        assert!(!dns("comune.it", "ilcomune.it"));
        assert!(
            uri("a.it", "http://u@a.it:80/x") && !uri("a.it", "http://b.it/a.it") && !uri("a.it", "a.it")
        );
        assert!(uri(".a.it", "ldap://x.a.it") && !uri(".a.it", "ldap://a.it"));
        assert_eq!(address(&[10, 0, 0, 0, 255, 0, 0, 0], &[10, 1, 2, 3]), Some(true));
        assert_eq!(address(&[10, 0, 0, 0, 255, 0, 0, 0], &[11, 1, 2, 3]), Some(false));
        assert_eq!(address(&[10, 0, 0], &[10]), Some(false));
    }
}
