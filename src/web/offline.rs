//! Pages that a browser may keep and show without a network: a card of its holder, and the inspector's page. Nothing else
//! is ever kept: the worker's scope is these pages.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::http::assets;
use crate::http::headers::POLICY;

/// The worker: what the network gives, else what the page put aside.
pub const WORKER: &str = include_str!("../../assets/js/worker.js");

/// A page that may register the worker and name a manifest; with `camera`, also ask for the camera.
pub fn allowed(mut response: Response, camera: bool) -> Response {
    let policy = POLICY.replace("trusted-types 'none'", "trusted-types plico-worker; manifest-src 'self'");
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if camera {
        let allowed = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";
        headers.insert("permissions-policy", HeaderValue::from_static(allowed));
    }
    response
}

/// What makes a page installable.
pub fn manifest(name: &str, start: &str, scope: &str) -> Response {
    let manifest = serde_json::json!({
        "name": name,
        "short_name": name.chars().take(30).collect::<String>(),
        "start_url": start,
        "scope": scope,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0066cc",
        "icons": [{"src": assets::url("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    });
    let headers = [(CONTENT_TYPE, "application/manifest+json"), (CACHE_CONTROL, "no-cache")];
    (headers, manifest.to_string()).into_response()
}
