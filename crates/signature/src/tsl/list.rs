//! A trusted list (ETSI TS 119 612) as far as it says whom to believe, and when.

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::oid;

/// 1 July 2016 in Brussels: from then on Regulation (EU) 910/2014 applies.
pub(crate) const EIDAS_MS: i64 = 1_467_324_000_000;

/// One list, whose signature was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// Country of the scheme; `EU` for the list of lists.
    pub(crate) territory: String,
    pub(crate) operator: String,
    pub(crate) sequence: u64,
    pub(crate) issued_ms: i64,
    /// When a newer one is due; `None` when the scheme is closed.
    pub(crate) next_update_ms: Option<i64>,
    pub(crate) services: Vec<Service>,
}

impl List {
    /// Whether what it says no longer reaches an instant.
    pub(crate) fn is_expired(&self, at_ms: i64) -> bool {
        self.next_update_ms.is_some_and(|end| at_ms > end)
    }
}

/// A trust service: CA/QC or TSA/QTST now or once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) provider: String,
    pub(crate) name: String,
    /// Certificates of its key.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// What it was, the newest first.
    pub(crate) periods: Vec<Period>,
}

impl Service {
    /// What it was at an instant.
    pub(crate) fn at(&self, at_ms: i64) -> Option<&Period> {
        self.periods.iter().filter(|period| period.from_ms <= at_ms).max_by_key(|period| period.from_ms)
    }
}

/// Kinds of trust service that matter to signatures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Issues qualified certificates.
    CaQc,
    /// Issues qualified time stamps.
    Qtst,
    /// Anything else.
    #[default]
    Other,
}

/// What a service was from an instant on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) kind: Kind,
    /// The last word of the status, such as `granted`.
    pub(crate) status: String,
    pub(crate) from_ms: i64,
    /// For what: `ForeSignatures`, `ForeSeals`, `ForWebSiteAuthentication`.
    pub(crate) uses: Vec<String>,
    pub(crate) qualifications: Vec<Qualification>,
}

impl Period {
    /// Whether the service had its supervisor's word at an instant.
    pub(crate) fn is_granted(&self, at_ms: i64) -> bool {
        match self.status.as_str() {
            "granted" => true,
            // The words of Directive 1999/93/EC end with it.
            "undersupervision" | "supervisionincessation" | "accredited" => at_ms < EIDAS_MS,
            _ => false,
        }
    }
}

/// What a list says of some certificates of a service, whatever they say themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Qualification {
    /// The last words of the qualifiers, such as `QCWithQSCD`.
    pub(crate) qualifiers: Vec<String>,
    pub(crate) criteria: Criteria,
}

/// Which certificates are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Criteria {
    All(Vec<Criteria>),
    Any(Vec<Criteria>),
    None(Vec<Criteria>),
    /// Bits of the key usage, the first highest, that must be set and that must not.
    KeyUsage(u8, u8),
    /// All of these policies.
    Policies(Vec<Vec<u8>>),
    /// All of these purposes.
    Purposes(Vec<Vec<u8>>),
    /// All of these attributes in the subject.
    Subject(Vec<Vec<u8>>),
    /// Criteria that are not known here.
    #[default]
    Unknown,
}

impl Criteria {
    /// Whether a certificate is meant; `None` when that cannot be told.
    pub(crate) fn meet(&self, certificate: &Certificate<'_>) -> Option<bool> {
        let each = |all: &[Self]| all.iter().map(|one| one.meet(certificate)).collect::<Vec<_>>();
        let every = |found: &[Option<bool>], wanted: bool| {
            if found.contains(&Some(!wanted)) {
                Some(false)
            } else if found.contains(&None) {
                None
            } else {
                Some(true)
            }
        };
        match self {
            Self::All(all) => every(&each(all), true),
            Self::Any(all) => every(&each(all), false).map(|none| !none),
            Self::None(all) => every(&each(all), false),
            Self::KeyUsage(set, unset) => {
                let bits = certificate.key_usage?;
                Some(bits & set == *set && bits & unset == 0)
            }
            Self::Policies(wanted) => {
                let held = identifiers(certificate, oid::CERTIFICATE_POLICIES);
                Some(wanted.iter().all(|one| held.contains(&one.as_slice())))
            }
            Self::Purposes(wanted) => {
                let held = identifiers(certificate, oid::EXTENDED_KEY_USAGE);
                Some(wanted.iter().all(|one| held.contains(&one.as_slice())))
            }
            Self::Subject(wanted) => {
                Some(wanted.iter().all(|one| certificate.subject_attribute(one).is_some()))
            }
            Self::Unknown => None,
        }
    }
}

/// Object identifiers of an extension that is a list of them, or of structures that begin with one.
pub(crate) fn identifiers<'a>(certificate: &Certificate<'a>, extension: &[u8]) -> Vec<&'a [u8]> {
    let read = || {
        let all = der::all(Tlv::only(certificate.extension(extension)?)?.of(0x30)?)?;
        let one = |element: &Tlv<'a>| match element.tag {
            0x06 => Some(element.body),
            _ => der::expect(&mut { element.body }, 0x06),
        };
        all.iter().map(one).collect::<Option<Vec<_>>>()
    };
    read().unwrap_or_default()
}
