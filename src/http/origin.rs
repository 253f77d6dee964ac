//! Refuses what another site makes a browser send: the first of two layers (the second is [`super::csrf`]).
//!
//! Fetch metadata first, `Origin` where a browser has none; a request with neither comes from no browser of the last
//! years, and still needs the form's token.

use axum::http::{HeaderMap, Method, header};

/// Whether an unsafe request may have been started by another site.
///
/// `public_url` is the configured origin. The `Host` header alone is not believed: a proxy may change it.
pub fn is_foreign(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        // `none`: the person's own doing, e.g. a bookmark. `same-site` is another host of the domain: foreign.
        return !(site == "same-origin" || site == "none");
    }
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != public_url.as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn who_is_foreign() {
        const OURS: &str = "https://posta.comune.example.it";
        for (method, site, origin, foreign) in [
            (Method::GET, Some("cross-site"), None, false),
            (Method::POST, Some("same-origin"), Some("https://evil.example"), false),
            (Method::POST, Some("none"), None, false),
            (Method::POST, Some("same-site"), Some(OURS), true),
            (Method::POST, Some("cross-site"), None, true),
            (Method::POST, None, Some(OURS), false),
            (Method::POST, None, Some("https://evil.example"), true),
            (Method::POST, None, Some("null"), true),
            (Method::POST, None, Some("http://posta.comune.example.it"), true),
            (Method::DELETE, None, Some("https://evil.example"), true),
            (Method::POST, None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(is_foreign(&method, &headers, OURS), foreign, "{method} {site:?} {origin:?}");
        }
    }
}
