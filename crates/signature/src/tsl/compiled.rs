//! Checked lists as bytes that are read back at once: lengths before what they measure, nothing to be parsed.

use super::list::{Criteria, Kind, List, Period, Qualification, Service};
use super::{ListFault, RefusedList, TrustedLists};

/// Changes with the form.
const MARK: &[u8] = b"plico trusted lists 1\n";
/// Criteria inside of criteria.
const MAX_DEPTH: usize = 16;

pub(super) fn write(lists: &TrustedLists, fingerprint: &[u8]) -> Vec<u8> {
    let mut out = Writer(MARK.to_vec());
    out.bytes(fingerprint);
    out.all(&lists.lists, Writer::list);
    out.all(&lists.refused, |out, refused| {
        out.text(&refused.name);
        out.number(FAULTS.iter().position(|&fault| fault == refused.why).unwrap_or_default() as i64);
    });
    out.0
}

pub(super) fn read(bytes: &[u8], fingerprint: &[u8]) -> Option<TrustedLists> {
    let mut from = Reader(bytes.strip_prefix(MARK)?);
    if from.bytes()? != fingerprint {
        return None;
    }
    let lists = from.all(Reader::list)?;
    let refused = from.all(|from| {
        let name = from.text()?;
        let why = *FAULTS.get(usize::try_from(from.number()?).ok()?)?;
        Some(RefusedList { name, why })
    })?;
    from.0.is_empty().then_some(TrustedLists { lists, refused })
}

const FAULTS: [ListFault; 7] = [
    ListFault::Unreadable,
    ListFault::NotAList,
    ListFault::NotPointedTo,
    ListFault::Signer,
    ListFault::Form,
    ListFault::Altered,
    ListFault::Older,
];

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: i64) {
        self.0.extend(number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as i64);
        self.0.extend(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn all<T>(&mut self, all: &[T], one: impl Fn(&mut Self, &T)) {
        self.number(all.len() as i64);
        for item in all {
            one(self, item);
        }
    }

    fn list(&mut self, list: &List) {
        self.text(&list.territory);
        self.text(&list.operator);
        self.number(list.sequence as i64);
        self.number(list.issued_ms);
        self.number(list.next_update_ms.unwrap_or(i64::MAX));
        self.all(&list.services, Self::service);
    }

    fn service(&mut self, service: &Service) {
        self.text(&service.provider);
        self.text(&service.name);
        self.all(&service.certificates, |out, der| out.bytes(der));
        self.all(&service.periods, Self::period);
    }

    fn period(&mut self, period: &Period) {
        self.number(match period.kind {
            Kind::CaQc => 0,
            Kind::Qtst => 1,
            Kind::Other => 2,
        });
        self.text(&period.status);
        self.number(period.from_ms);
        self.all(&period.uses, |out, one| out.text(one));
        self.all(&period.qualifications, |out, one| {
            out.all(&one.qualifiers, |out, qualifier| out.text(qualifier));
            out.criteria(&one.criteria);
        });
    }

    fn criteria(&mut self, criteria: &Criteria) {
        let (kind, inside, ids): (i64, &[Criteria], &[Vec<u8>]) = match criteria {
            Criteria::All(all) => (0, all, &[]),
            Criteria::Any(all) => (1, all, &[]),
            Criteria::None(all) => (2, all, &[]),
            Criteria::KeyUsage(set, unset) => {
                self.number(3);
                self.bytes(&[*set, *unset]);
                return;
            }
            Criteria::Policies(ids) => (4, &[], ids),
            Criteria::Purposes(ids) => (5, &[], ids),
            Criteria::Subject(ids) => (6, &[], ids),
            Criteria::Unknown => (7, &[], &[]),
        };
        self.number(kind);
        if kind < 3 {
            self.all(inside, Self::criteria);
        } else {
            self.all(ids, |out, id| out.bytes(id));
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(i64::from_be_bytes(*number))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn all<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = usize::try_from(self.number()?).ok()?;
        // Nothing is set aside for a number that may lie.
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn list(&mut self) -> Option<List> {
        Some(List {
            territory: self.text()?,
            operator: self.text()?,
            sequence: self.number()? as u64,
            issued_ms: self.number()?,
            next_update_ms: Some(self.number()?).filter(|&end| end != i64::MAX),
            services: self.all(Self::service)?,
        })
    }

    fn service(&mut self) -> Option<Service> {
        Some(Service {
            provider: self.text()?,
            name: self.text()?,
            certificates: self.all(|from| from.bytes().map(<[u8]>::to_vec))?,
            periods: self.all(Self::period)?,
        })
    }

    fn period(&mut self) -> Option<Period> {
        Some(Period {
            kind: match self.number()? {
                0 => Kind::CaQc,
                1 => Kind::Qtst,
                _ => Kind::Other,
            },
            status: self.text()?,
            from_ms: self.number()?,
            uses: self.all(Self::text)?,
            qualifications: self.all(|from| {
                let qualifiers = from.all(Self::text)?;
                Some(Qualification { qualifiers, criteria: from.criteria(0)? })
            })?,
        })
    }

    fn criteria(&mut self, depth: usize) -> Option<Criteria> {
        if depth > MAX_DEPTH {
            return None;
        }
        let kind = self.number()?;
        if kind == 3 {
            let &[set, unset] = self.bytes()? else { return None };
            return Some(Criteria::KeyUsage(set, unset));
        }
        if kind < 3 {
            let all = self.all(|from| from.criteria(depth + 1))?;
            return Some(match kind {
                0 => Criteria::All(all),
                1 => Criteria::Any(all),
                _ => Criteria::None(all),
            });
        }
        let ids = self.all(|from| from.bytes().map(<[u8]>::to_vec))?;
        Some(match kind {
            4 => Criteria::Policies(ids),
            5 => Criteria::Purposes(ids),
            6 => Criteria::Subject(ids),
            _ => Criteria::Unknown,
        })
    }
}
