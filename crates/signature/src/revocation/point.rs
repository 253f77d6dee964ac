//! Distribution points: which list answers for which certificate (RFC 5280 §4.2.1.13, §5.2.5).

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::name::Name;
use crate::oid;

/// A set of reasons; bit n is bit n of `ReasonFlags`.
pub(super) type Reasons = u16;
/// Every reason there is: keyCompromise (1) to aACompromise (8).
pub(super) const ALL_REASONS: Reasons = 0x1fe;

/// The addresses at which the lists of a certificate are offered.
pub(super) fn addresses(certificate: &Certificate<'_>) -> Vec<String> {
    let Some(issuer) = Name::read(certificate.issuer) else { return Vec::new() };
    let places = points(certificate, &issuer).unwrap_or_default().into_iter().flat_map(|point| point.places);
    places
        .filter_map(|place| match place {
            Place::Other(0x86, uri) => String::from_utf8(uri).ok(),
            _ => None,
        })
        .collect()
}

/// Where a list is found, as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Directory(Name),
    /// Another `GeneralName`: identifier octet and contents.
    Other(u8, Vec<u8>),
}

/// A point of a certificate.
#[derive(Debug, Default)]
pub(super) struct Point {
    /// Names of the list; empty when the point has none.
    pub(super) places: Vec<Place>,
    pub(super) reasons: Option<Reasons>,
    /// Who signs the list, when it is not the certificate's issuer.
    pub(super) issuers: Vec<Name>,
}

/// The points of a certificate. `None` when they cannot be read.
pub(super) fn points(certificate: &Certificate<'_>, issuer: &Name) -> Option<Vec<Point>> {
    let Some(value) = certificate.extension(oid::CRL_DISTRIBUTION_POINTS) else { return Some(Vec::new()) };
    der::all(Tlv::only(value)?.of(0x30)?)?.iter().map(|point| one(point.of(0x30)?, issuer)).collect()
}

fn one(mut fields: &[u8], issuer: &Name) -> Option<Point> {
    let named = der::optional(&mut fields, 0xa0);
    let reasons = match der::optional(&mut fields, 0x81) {
        Some(flags) => Some(self::reasons(flags.body)?),
        None => None,
    };
    let mut issuers = Vec::new();
    if let Some(names) = der::optional(&mut fields, 0xa2) {
        for place in places(names.body)? {
            if let Place::Directory(name) = place {
                issuers.push(name);
            }
        }
    }
    // A relative name is relative to whoever signs the list.
    let base = issuers.first().unwrap_or(issuer);
    let places = named.map_or(Some(Vec::new()), |named| place_names(named.body, base))?;
    Some(Point { places, reasons, issuers })
}

/// `DistributionPointName`.
pub(super) fn place_names(mut choice: &[u8], base: &Name) -> Option<Vec<Place>> {
    let name = der::next(&mut choice)?;
    match name.tag {
        0xa0 => places(name.body),
        0xa1 => Some(vec![Place::Directory(base.with(name.body)?)]),
        _ => None,
    }
}

/// `GeneralNames`.
fn places(names: &[u8]) -> Option<Vec<Place>> {
    let place = |name: &Tlv<'_>| match name.tag {
        0xa4 => Name::read(name.body).map(Place::Directory),
        tag => Some(Place::Other(tag, name.body.to_vec())),
    };
    der::all(names)?.iter().map(place).collect()
}

/// `ReasonFlags`.
pub(super) fn reasons(bits: &[u8]) -> Option<Reasons> {
    let (_, octets) = bits.split_first()?;
    let bit = |n: usize| octets.get(n / 8).is_some_and(|octet| octet & (0x80 >> (n % 8)) != 0);
    Some((0..9).filter(|&n| bit(n)).fold(0, |all, n| all | 1 << n) & ALL_REASONS)
}
