//! Certificates among which paths are looked for.

use std::collections::HashMap;
use std::ops::Index;

use crate::certificate::Certificate;
use crate::name::Name;
use crate::trust::Anchor;

/// Certificates that are taken up besides the anchors.
const MAX_CERTIFICATES: usize = 4096;

/// A certificate with its names as they are compared.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) certificate: Certificate<'a>,
    pub(crate) subject: Name,
    pub(crate) issuer: Name,
    /// The verifier believes it.
    pub(crate) anchor: Option<&'a Anchor>,
}

/// Certificates by number.
#[derive(Debug, Default)]
pub(crate) struct Pool<'a> {
    entries: Vec<Entry<'a>>,
    by_subject: HashMap<Name, Vec<usize>>,
    by_der: HashMap<&'a [u8], usize>,
}

impl<'a> Pool<'a> {
    /// Takes a certificate up and says its number; the same one twice is one.
    pub(crate) fn add(&mut self, certificate: Certificate<'a>, anchor: Option<&'a Anchor>) -> Option<usize> {
        if let Some(&known) = self.by_der.get(certificate.der) {
            let known_anchor = &mut self.entries[known].anchor;
            *known_anchor = known_anchor.or(anchor);
            return Some(known);
        }
        if anchor.is_none() && self.entries.len() >= MAX_CERTIFICATES {
            return None;
        }
        let (subject, issuer) = (Name::read(certificate.subject)?, Name::read(certificate.issuer)?);
        let number = self.entries.len();
        self.by_der.insert(certificate.der, number);
        self.by_subject.entry(subject.clone()).or_default().push(number);
        self.entries.push(Entry { certificate, subject, issuer, anchor });
        Some(number)
    }

    /// Certificates of a subject; those whose key identifier is the one that is looked for come first.
    pub(crate) fn of(&self, subject: &Name, key: Option<&[u8]>) -> Vec<usize> {
        let mut found = self.by_subject.get(subject).cloned().unwrap_or_default();
        let fits = |at: usize| key.is_some() && self[at].certificate.key_identifier == key;
        found.sort_by_key(|&at| (self[at].anchor.is_none(), !fits(at)));
        found
    }

    /// The number of a certificate (DER).
    pub(crate) fn number(&self, der: &[u8]) -> Option<usize> {
        self.by_der.get(der).copied()
    }

    /// Every number.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> {
        0..self.entries.len()
    }
}

impl<'a> Index<usize> for Pool<'a> {
    type Output = Entry<'a>;

    fn index(&self, at: usize) -> &Entry<'a> {
        &self.entries[at]
    }
}
