//! Security headers of every answer.

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Nothing is allowed but our own styles, script, fonts and images: no inline script or style, no frame around us, no
/// form that posts elsewhere.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; \
    base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// For files that people uploaded: shown in a frame of our own pages, but unable to run or load anything.
const FILE_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// Chromium shows no PDF in a sandbox; its viewer is one itself, and runs no script of the file in our origin.
const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; \
    frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// A page of ours that stands in a frame of another of our pages.
pub fn framed(headers: &mut HeaderMap) {
    let policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    let policy = HeaderValue::from_str(&policy).expect("plain ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
}

/// Headers of an answer that is a file of somebody's: for a frame of our own pages, or to be downloaded.
pub fn of_file(headers: &mut HeaderMap, media_type: &str) {
    let policy = if media_type == "application/pdf" { PDF_POLICY } else { FILE_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
}

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds what is missing; a handler that set one of them knew why.
pub fn add(headers: &mut HeaderMap, https: bool) {
    for (name, value) in &ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    if https {
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
    // Pages hold personal data: no copy stays in the browser's disk or in a proxy unless a handler says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
