//! The body's own gateway to SPID and CIE says in request headers who is there.
//!
//! Its headers are read only when the connection comes from a configured network *and* carries the shared secret.
//! In every other case they are removed before anything else sees the request, so that nobody can forge them.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};
use serde::Serialize;

use crate::config::{self, Secret};

/// What the gateway says of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Fiscal code, upper case, without `TINIT-`. Its check character is for the caller to judge.
    pub fiscal_code: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// E-mail address, if the provider gives one.
    pub email: Option<String>,
    /// `L1`, `L2` or `L3`.
    pub level: &'static str,
    /// The identity provider.
    pub provider: String,
    /// The evidence of this login: every header of the gateway, byte for byte (in base64 where it is not text).
    pub evidence: Vec<u8>,
}

/// What was taken out of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The visitor's address, if a trusted gateway says it.
    pub client: Option<IpAddr>,
    /// Who is there, if a trusted gateway says it completely.
    pub assertion: Option<Assertion>,
}

/// Takes the gateway's headers out of a request, and believes them only if it is the gateway.
pub fn take(config: &config::Proxy, peer: IpAddr, headers: &mut HeaderMap) -> Taken {
    let secrets: Vec<_> = remove(headers, &config.secret_header);
    let addresses = remove(headers, &config.address_header);
    let names = [
        &config.fiscal_code,
        &config.given_name,
        &config.family_name,
        &config.email,
        &config.level,
        &config.provider,
        &config.assertion,
    ];
    let values: Vec<Vec<Vec<u8>>> = names.iter().map(|name| remove(headers, name)).collect();
    // The standard ones too: nothing below may be tempted.
    for name in ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded"] {
        headers.remove(name);
    }

    let is_gateway = config.peers.iter().any(|network| network.contains(peer));
    if !is_gateway || !knows_secret(&secrets, &config.secret) {
        return Taken::default();
    }
    // The last address is the one that our gateway saw; those before it are what the visitor claims.
    let client = addresses.last().and_then(|value| {
        let text = std::str::from_utf8(value).ok()?;
        text.rsplit(',').next()?.trim().parse().ok()
    });
    Taken { client, assertion: assertion(&names, &values) }
}

fn remove(headers: &mut HeaderMap, name: &str) -> Vec<Vec<u8>> {
    let Ok(name) = name.parse::<HeaderName>() else { return Vec::new() };
    let values = headers.get_all(&name).iter().map(|value| value.as_bytes().to_vec()).collect();
    headers.remove(&name);
    values
}

fn knows_secret(given: &[Vec<u8>], secret: &Secret) -> bool {
    !secret.is_empty()
        && given.len() == 1
        && plico_crypto::secret::ct_eq(&given[0], secret.expose().as_bytes())
}

#[derive(Serialize)]
struct Evidence<'a> {
    v: u8,
    kind: &'static str,
    headers: Vec<(&'a str, String)>,
}

/// `None` unless fiscal code, both names and level are there exactly once: half an identity is none.
fn assertion(names: &[&String; 7], values: &[Vec<Vec<u8>>]) -> Option<Assertion> {
    let single = |index: usize| match values[index].as_slice() {
        [value] => Some(String::from_utf8_lossy(value).trim().to_owned()).filter(|value| !value.is_empty()),
        _ => None,
    };
    let fiscal_code = single(0)?.to_ascii_uppercase();
    let fiscal_code = fiscal_code.strip_prefix("TINIT-").unwrap_or(&fiscal_code).to_owned();
    let level = match single(4)?.chars().last()? {
        '1' => "L1",
        '2' => "L2",
        '3' => "L3",
        _ => return None,
    };
    let headers = names
        .iter()
        .zip(values)
        .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), text_or_base64(value))))
        .collect();
    let evidence = Evidence { v: 1, kind: "gateway", headers };
    Some(Assertion {
        fiscal_code,
        given_name: single(1)?,
        family_name: single(2)?,
        email: single(3),
        level,
        provider: single(5).unwrap_or_default(),
        evidence: serde_json::to_vec(&evidence).unwrap_or_default(),
    })
}

fn text_or_base64(value: &[u8]) -> String {
    use base64::Engine as _;
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("base64:{}", base64::engine::general_purpose::STANDARD.encode(value)),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const GATEWAY: &str = "10.1.0.7";

    fn config() -> config::Proxy {
        config::Proxy {
            peers: vec!["10.1.0.0/24".parse().unwrap()],
            secret: Secret::new(SECRET),
            ..config::Proxy::default()
        }
    }

    fn headers(secret: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-spid-fiscalnumber", "TINIT-vrdgpp80a01h501x"),
            ("x-spid-name", "Giuseppe"),
            ("x-spid-familyname", "Verdi"),
            ("x-spid-level", "https://www.spid.gov.it/SpidL2"),
            ("x-spid-assertion", "PHNhbWw+"),
            ("x-forwarded-for", "6.6.6.6, 203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("accept", "text/html"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(secret) = secret {
            headers.insert("x-plico-gateway", HeaderValue::from_static(secret));
        }
        headers
    }

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_gateway_is_believed_and_its_words_are_kept() {
        let mut headers = headers(Some(SECRET));
        let taken = take(&config(), peer(GATEWAY), &mut headers);
        let assertion = taken.assertion.unwrap();
        assert_eq!(assertion.fiscal_code, "VRDGPP80A01H501X");
        assert_eq!(assertion.level, "L2");
        assert_eq!(taken.client, Some(peer("203.0.113.9")));
        let evidence = String::from_utf8(assertion.evidence).unwrap();
        assert!(evidence.contains("TINIT-vrdgpp80a01h501x") && evidence.contains("PHNhbWw+"), "{evidence}");
        assert!(!evidence.contains(SECRET));
        assert_eq!(headers.len(), 1, "only accept is left: {headers:?}");
    }

    #[test]
    fn forged_headers_are_stripped() {
        for (from, secret, why) in [
            ("203.0.113.9", Some(SECRET), "a stranger who knows the secret"),
            (GATEWAY, None, "the gateway's network without the secret"),
            (GATEWAY, Some("0123456789abcdef0123456789abcdeX"), "a wrong secret"),
            (GATEWAY, Some(""), "an empty secret"),
        ] {
            let mut headers = headers(secret);
            assert_eq!(take(&config(), peer(from), &mut headers), Taken::default(), "{why}");
            assert_eq!(headers.len(), 1, "{why}: {headers:?}");
        }
    }

    #[test]
    fn nobody_is_believed_without_configuration() {
        for config in [config::Proxy::default(), config::Proxy { secret: Secret::default(), ..config() }] {
            let mut headers = headers(Some(""));
            assert_eq!(take(&config, peer(GATEWAY), &mut headers), Taken::default());
            assert_eq!(headers.len(), 1);
        }
    }

    #[test]
    fn half_an_identity_is_none_and_a_double_one_too() {
        for missing in ["x-spid-fiscalnumber", "x-spid-name", "x-spid-familyname", "x-spid-level"] {
            let mut headers = headers(Some(SECRET));
            headers.remove(missing);
            assert_eq!(take(&config(), peer(GATEWAY), &mut headers).assertion, None, "{missing}");
        }
        let mut double = headers(Some(SECRET));
        double.append("x-spid-fiscalnumber", HeaderValue::from_static("TINIT-AAAAAA00A00A000A"));
        assert_eq!(take(&config(), peer(GATEWAY), &mut double).assertion, None);
        let mut level = headers(Some(SECRET));
        level.insert("x-spid-level", HeaderValue::from_static("high"));
        assert_eq!(take(&config(), peer(GATEWAY), &mut level).assertion, None);
    }
}
