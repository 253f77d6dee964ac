//! From the XML of a trusted list (ETSI TS 119 612 §5) to what it says.

use super::list::{Criteria, Kind, List, Period, Qualification, Service};
use crate::oid;
use crate::xml::{At, decode};

/// Namespace of trusted lists.
pub(crate) const TSL: &str = "http://uri.etsi.org/02231/v2#";
const TYPES: &str = "http://uri.etsi.org/02231/v2/additionaltypes#";
const QUALIFIERS: &str = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#";
const OTHER_CRITERIA: &str = "http://uri.etsi.org/02231/v2/additionaltypes#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// Criteria inside of criteria.
const MAX_CRITERIA: usize = 8;

/// A list as written: nobody has asked yet who signed it.
pub(crate) struct Written {
    pub(crate) list: List,
    /// The last word of its type: `EUlistofthelists`, `EUgeneric`.
    pub(crate) kind: String,
    pub(crate) pointers: Vec<Pointer>,
    /// Addresses of what explains the scheme; among those of the list of lists its older editions.
    pub(crate) about: Vec<String>,
}

/// Where another list is, and who signs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pointer {
    pub(crate) territory: String,
    pub(crate) kind: String,
    pub(crate) location: String,
    /// The XML form; there is also one for people.
    pub(crate) is_xml: bool,
    /// The scheme operator's certificates.
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// Reads a list.
pub(crate) fn read(root: At<'_>) -> Option<Written> {
    if !root.is(TSL, "TrustServiceStatusList") {
        return None;
    }
    let scheme = root.only(TSL, "SchemeInformation")?;
    let text = |name: &str| scheme.child(TSL, name).map(plain);
    let next = scheme.child(TSL, "NextUpdate").and_then(|next| next.child(TSL, "dateTime"));
    let list = List {
        territory: text("SchemeTerritory")?,
        operator: name(scheme.child(TSL, "SchemeOperatorName")),
        sequence: text("TSLSequenceNumber")?.parse().ok()?,
        issued_ms: instant(&text("ListIssueDateTime")?)?,
        // A date that cannot be read is not "for ever".
        next_update_ms: match next {
            Some(next) => Some(instant(&plain(next))?),
            None => None,
        },
        services: services(root),
    };
    let pointers = scheme.child(TSL, "PointersToOtherTSL").into_iter().flat_map(At::elements);
    let about = scheme.child(TSL, "SchemeInformationURI").into_iter().flat_map(At::elements);
    Some(Written {
        list,
        kind: last_word(&text("TSLType")?),
        pointers: pointers.map(pointer).collect(),
        about: about.map(plain).collect(),
    })
}

fn pointer(at: At<'_>) -> Pointer {
    let mut read = Pointer::default();
    if let Some(identities) = at.child(TSL, "ServiceDigitalIdentities") {
        read.certificates = identities.elements().flat_map(certificates).collect();
    }
    read.location = at.child(TSL, "TSLLocation").map(plain).unwrap_or_default();
    let information = at.child(TSL, "AdditionalInformation").into_iter().flat_map(At::elements);
    for one in information.flat_map(At::elements) {
        match (one.namespace(), one.local()) {
            (TSL, "SchemeTerritory") => read.territory = plain(one),
            (TSL, "TSLType") => read.kind = last_word(&plain(one)),
            (TYPES, "MimeType") => read.is_xml = plain(one) == "application/vnd.etsi.tsl+xml",
            _ => {}
        }
    }
    read
}

fn services(root: At<'_>) -> Vec<Service> {
    let mut found = Vec::new();
    let providers = root.child(TSL, "TrustServiceProviderList").into_iter().flat_map(At::elements);
    for provider in providers {
        let information = provider.child(TSL, "TSPInformation");
        let called = name(information.and_then(|information| information.child(TSL, "TSPName")));
        let all = provider.child(TSL, "TSPServices").into_iter().flat_map(At::elements);
        found.extend(all.filter_map(|one| service(one, &called)));
    }
    found
}

/// A service that is or was one of those that matter.
fn service(at: At<'_>, provider: &str) -> Option<Service> {
    let now = at.child(TSL, "ServiceInformation")?;
    let history = at.child(TSL, "ServiceHistory").into_iter().flat_map(At::elements);
    // An entry of the history that cannot be read is not a gap that the one before it fills.
    let periods = std::iter::once(now).chain(history).map(period).collect::<Option<Vec<_>>>()?;
    if periods.iter().all(|period| period.kind == Kind::Other) {
        return None;
    }
    let identity = now.child(TSL, "ServiceDigitalIdentity").into_iter();
    Some(Service {
        provider: provider.to_owned(),
        name: name(now.child(TSL, "ServiceName")),
        certificates: identity.flat_map(certificates).collect(),
        periods,
    })
}

fn period(at: At<'_>) -> Option<Period> {
    let text = |name: &str| at.child(TSL, name).map(plain);
    let kind = match text("ServiceTypeIdentifier")?.strip_prefix("http://uri.etsi.org/TrstSvc/Svctype/") {
        Some("CA/QC") => Kind::CaQc,
        Some("TSA/QTST") => Kind::Qtst,
        _ => Kind::Other,
    };
    let mut read = Period {
        kind,
        status: last_word(&text("ServiceStatus")?),
        from_ms: instant(&text("StatusStartingTime")?)?,
        ..Period::default()
    };
    let extensions = at.child(TSL, "ServiceInformationExtensions").into_iter().flat_map(At::elements);
    for extension in extensions.flat_map(At::elements) {
        match (extension.namespace(), extension.local()) {
            (TSL, "AdditionalServiceInformation") => {
                read.uses.extend(extension.child(TSL, "URI").map(|uri| last_word(&plain(uri))));
            }
            (QUALIFIERS, "Qualifications") => {
                read.qualifications.extend(extension.elements().map(qualification));
            }
            _ => {}
        }
    }
    Some(read)
}

fn qualification(at: At<'_>) -> Qualification {
    let qualifiers = at.child(QUALIFIERS, "Qualifiers").into_iter().flat_map(At::elements);
    Qualification {
        qualifiers: qualifiers.filter_map(|one| one.attribute("uri")).map(last_word).collect(),
        criteria: at.child(QUALIFIERS, "CriteriaList").map_or(Criteria::Unknown, |list| criteria(list, 0)),
    }
}

fn criteria(at: At<'_>, depth: usize) -> Criteria {
    if depth > MAX_CRITERIA {
        return Criteria::Unknown;
    }
    let mut all = Vec::new();
    for one in at.elements() {
        match (one.namespace(), one.local()) {
            (QUALIFIERS, "KeyUsage") => all.push(key_usage(one)),
            (QUALIFIERS, "PolicySet") => all.push(objects(one).map_or(Criteria::Unknown, Criteria::Policies)),
            (QUALIFIERS, "CriteriaList") => all.push(criteria(one, depth + 1)),
            (QUALIFIERS, "otherCriteriaList") => all.extend(one.elements().map(other_criteria)),
            (_, "Description") => {}
            _ => all.push(Criteria::Unknown),
        }
    }
    match at.attribute("assert") {
        Some("all") => Criteria::All(all),
        Some("atLeastOne") => Criteria::Any(all),
        Some("none") => Criteria::None(all),
        _ => Criteria::Unknown,
    }
}

fn other_criteria(at: At<'_>) -> Criteria {
    match (at.namespace(), at.local()) {
        (OTHER_CRITERIA, "ExtendedKeyUsage") => objects(at).map_or(Criteria::Unknown, Criteria::Purposes),
        (OTHER_CRITERIA, "CertSubjectDNAttribute") => {
            objects(at).map_or(Criteria::Unknown, Criteria::Subject)
        }
        _ => Criteria::Unknown,
    }
}

fn key_usage(at: At<'_>) -> Criteria {
    const NAMES: [&str; 8] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "crlSign",
        "encipherOnly",
    ];
    let (mut set, mut unset) = (0, 0);
    for bit in at.elements() {
        let Some(place) = NAMES.iter().position(|&name| bit.attribute("name") == Some(name)) else {
            return Criteria::Unknown;
        };
        match plain(bit).as_str() {
            "true" | "1" => set |= 0x80 >> place,
            _ => unset |= 0x80 >> place,
        }
    }
    Criteria::KeyUsage(set, unset)
}

/// Object identifiers in a structure, each in an `Identifier` of XAdES; `None` when one cannot be read.
fn objects(at: At<'_>) -> Option<Vec<Vec<u8>>> {
    let all = at.descendants().filter(|one| one.is(XADES, "Identifier"));
    all.map(|one| oid::from_dotted(plain(one).trim_start_matches("urn:oid:"))).collect()
}

/// The certificates of a digital identity.
fn certificates(at: At<'_>) -> Vec<Vec<u8>> {
    let all = at.descendants().filter(|one| one.is(TSL, "X509Certificate"));
    all.filter_map(|one| decode(&one.text())).collect()
}

/// The first of the names, which are one in each language.
fn name(at: Option<At<'_>>) -> String {
    let first = at.and_then(|at| at.child(TSL, "Name")).map(At::text).unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(at: At<'_>) -> String {
    at.text().trim().to_owned()
}

/// What follows the last slash.
fn last_word(uri: &str) -> String {
    uri.trim().trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default().to_owned()
}

fn instant(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
