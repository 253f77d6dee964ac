//! Identifiers of algorithms in XML signatures (XMLDSig, RFC 6931, RFC 9231).

use plico_crypto::verify::{Algorithm, Hash};

use super::DSIG;
use super::c14n::Method;
use super::tree::At;
use crate::der;

const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const MORE_2001: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const MORE_2007: &str = "http://www.w3.org/2007/05/xmldsig-more#";
const MORE_2021: &str = "http://www.w3.org/2021/04/xmldsig-more#";
const XMLENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XMLDSIG11: &str = "http://www.w3.org/2009/xmldsig11#";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const FILTER: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// A step between what a reference names and what is digested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transform {
    /// Less the signature itself.
    Enveloped,
    /// Less every signature, so that several stand side by side.
    Unsigned,
    Canonical(Method),
    Base64,
    /// A path expression, a style sheet, or what nobody knows: it could take away anything.
    Refused,
}

/// What an `Algorithm` attribute of a transform means.
pub(crate) fn transform(at: At<'_>) -> Transform {
    let id = at.attribute("Algorithm").unwrap_or_default();
    match id.strip_prefix(XMLDSIG) {
        Some("enveloped-signature") => Transform::Enveloped,
        Some("base64") => Transform::Base64,
        _ => path(at, id).or_else(|| canonical(at).map(Transform::Canonical)).unwrap_or(Transform::Refused),
    }
}

/// The few path expressions that are known by their exact form: those by which several signatures leave each other out
/// (XPath 1.0), the one that stands for the enveloped signature (XMLDSig §6.6.4), and the same in XPath Filter 2.0.
/// Nothing is evaluated.
fn path(at: At<'_>, id: &str) -> Option<Transform> {
    let (space, filter) = match id {
        XPATH => (DSIG, None),
        FILTER => (FILTER, Some("subtract")),
        _ => return None,
    };
    let mut all = at.elements();
    let one = all.next().filter(|one| one.is(space, "XPath") && one.elements().next().is_none())?;
    if all.next().is_some() || one.attribute("Filter") != filter {
        return None;
    }
    let text = one.text().split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let prefix = text.split("::").nth(1)?.split_once(':')?.0;
    if one.meaning(prefix) != Some(DSIG) {
        return None;
    }
    let name = format!("{prefix}:Signature");
    let above = format!("ancestor-or-self::{name}");
    match filter {
        None if text == format!("not({above})") => Some(Transform::Unsigned),
        None if text == format!("count({above} | here()/ancestor::{name}[1]) > count({above})") => {
            Some(Transform::Enveloped)
        }
        Some(_) if text == format!("/descendant::{name}") => Some(Transform::Unsigned),
        Some(_) if text == format!("here()/ancestor::{name}[1]") => Some(Transform::Enveloped),
        _ => None,
    }
}

/// A method of canonicalisation, of a transform or of a `CanonicalizationMethod`.
pub(crate) fn canonical(at: At<'_>) -> Option<Method> {
    let id = at.attribute("Algorithm")?;
    let (bare, comments) = match id.strip_suffix("WithComments") {
        Some(bare) => (bare, true),
        None => (id, false),
    };
    let listed = at.child(EXCLUSIVE, "InclusiveNamespaces");
    let method = match bare.strip_suffix('#').unwrap_or(bare) {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => Method::default(),
        "http://www.w3.org/2006/12/xml-c14n11" => Method { second: true, ..Method::default() },
        "http://www.w3.org/2001/10/xml-exc-c14n" => {
            let prefixes = listed.and_then(|listed| listed.attribute("PrefixList")).unwrap_or_default();
            let prefix = |token: &str| if token == "#default" { String::new() } else { token.to_owned() };
            let prefixes = prefixes.split_ascii_whitespace().map(prefix).collect();
            return Some(Method { exclusive: true, comments, prefixes, second: false });
        }
        _ => return None,
    };
    // The others take no parameters.
    listed.is_none().then_some(Method { comments, ..method })
}

/// A digest method.
pub(crate) fn digest(id: &str) -> Option<Hash> {
    let parts = [XMLDSIG, MORE_2001, XMLENC, MORE_2007].map(|space| id.strip_prefix(space));
    Some(match parts {
        [Some("sha1"), ..] => Hash::Sha1,
        [_, Some("sha224"), ..] => Hash::Sha224,
        [_, Some("sha384"), ..] => Hash::Sha384,
        [_, _, Some("sha256"), _] => Hash::Sha256,
        [_, _, Some("sha384"), _] => Hash::Sha384,
        [_, _, Some("sha512"), _] => Hash::Sha512,
        [_, _, _, Some(third)] => hash(third)?,
        _ => return None,
    })
}

fn hash(name: &str) -> Option<Hash> {
    Some(match name {
        "sha1" => Hash::Sha1,
        "sha224" => Hash::Sha224,
        "sha256" => Hash::Sha256,
        "sha384" => Hash::Sha384,
        "sha512" => Hash::Sha512,
        "sha3-224" => Hash::Sha3_224,
        "sha3-256" => Hash::Sha3_256,
        "sha3-384" => Hash::Sha3_384,
        "sha3-512" => Hash::Sha3_512,
        _ => return None,
    })
}

/// A signature method.
pub(crate) fn signature(id: &str) -> Option<Algorithm> {
    if let Some(name) = id.strip_prefix(XMLDSIG) {
        return match name {
            "rsa-sha1" => Some(Algorithm::RsaPkcs1(Hash::Sha1)),
            "dsa-sha1" => Some(Algorithm::Dsa(Hash::Sha1)),
            _ => None,
        };
    }
    if id.strip_prefix(XMLDSIG11) == Some("dsa-sha256") {
        return Some(Algorithm::Dsa(Hash::Sha256));
    }
    if let Some(name) = id.strip_prefix(MORE_2007) {
        let hash = hash(name.strip_suffix("-rsa-MGF1")?)?;
        return Some(Algorithm::RsaPss { hash, mgf: hash, salt: hash.len() as u32 });
    }
    match id.strip_prefix(MORE_2021) {
        Some("eddsa-ed25519") => return Some(Algorithm::Ed25519),
        Some("eddsa-ed448") => return Some(Algorithm::Ed448),
        _ => {}
    }
    let name = id.strip_prefix(MORE_2001).or_else(|| id.strip_prefix(MORE_2021))?;
    match name.split_once('-')? {
        ("rsa", named) => hash(named).map(Algorithm::RsaPkcs1),
        ("ecdsa", named) => hash(named).map(Algorithm::Ecdsa),
        _ => None,
    }
}

/// The value as raw verification takes it: XML has the two numbers of ECDSA and DSA side by side.
pub(crate) fn value(algorithm: Algorithm, value: &[u8]) -> Option<Vec<u8>> {
    if !matches!(algorithm, Algorithm::Ecdsa(_) | Algorithm::Dsa(_)) {
        return Some(value.to_vec());
    }
    if value.is_empty() || !value.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = value.split_at(value.len() / 2);
    let number = |bytes: &[u8]| {
        let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len() - 1);
        let bytes = &bytes[first..];
        let sign: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
        der::tlv(0x02, &[sign, bytes].concat())
    };
    Some(der::sequence(&[&number(r), &number(s)]))
}

/// The identifiers of a digest and of an algorithm, for whoever writes.
pub(crate) fn written(algorithm: Algorithm) -> Option<(&'static str, &'static str)> {
    const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
    Some(match algorithm {
        Algorithm::RsaPkcs1(Hash::Sha256) => (SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        Algorithm::RsaPkcs1(Hash::Sha512) => (SHA512, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
        Algorithm::RsaPkcs1(Hash::Sha1) => {
            ("http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")
        }
        Algorithm::Ecdsa(Hash::Sha256) => (SHA256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        Algorithm::Ecdsa(Hash::Sha512) => (SHA512, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
        Algorithm::Ed25519 => (SHA256, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"),
        Algorithm::Ed448 => (SHA256, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_they_say() {
        assert_eq!(digest("http://www.w3.org/2001/04/xmlenc#sha256"), Some(Hash::Sha256));
        assert_eq!(digest("http://www.w3.org/2001/04/xmldsig-more#sha384"), Some(Hash::Sha384));
        assert_eq!(digest("http://www.w3.org/2007/05/xmldsig-more#sha3-256"), Some(Hash::Sha3_256));
        assert_eq!(digest("http://www.w3.org/2000/09/xmldsig#sha256"), None);
        assert_eq!(digest("http://www.w3.org/2001/04/xmldsig-more#md5"), None);
        let pss = Algorithm::RsaPss { hash: Hash::Sha384, mgf: Hash::Sha384, salt: 48 };
        assert_eq!(signature("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"), Some(pss));
        assert_eq!(signature("http://www.w3.org/2000/09/xmldsig#hmac-sha1"), None);
        for algorithm in
            [Algorithm::Ecdsa(Hash::Sha512), Algorithm::RsaPkcs1(Hash::Sha256), Algorithm::Ed25519]
        {
            assert_eq!(signature(written(algorithm).unwrap().1), Some(algorithm));
        }
    }

    #[test]
    fn two_numbers_become_der() {
        let ecdsa = Algorithm::Ecdsa(Hash::Sha256);
        assert_eq!(value(ecdsa, &[0, 1, 0x80, 0]), Some(vec![0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]));
        assert_eq!(value(ecdsa, &[0, 0]), Some(vec![0x30, 6, 2, 1, 0, 2, 1, 0]));
        assert_eq!((value(ecdsa, &[1, 2, 3]), value(ecdsa, &[])), (None, None));
        assert_eq!(value(Algorithm::Ed25519, &[7]), Some(vec![7]));
    }
}
