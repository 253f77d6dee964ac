//! Style sheets, script, fonts and icons: embedded, and cacheable for ever because their address holds a digest
//! of the whole set. (Of the set, so that a style sheet finds its fonts by a relative address.)

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use plico_crypto::digest::{Sha256, sha256, to_hex};

use super::render::FILES;

struct Asset {
    bytes: &'static [u8],
    /// Made by the build beside the file, smaller than what we could make while somebody waits.
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
    kind: &'static str,
    tag: String,
}

struct Set {
    digest: String,
    files: HashMap<&'static str, Asset>,
}

static SET: LazyLock<Set> = LazyLock::new(|| {
    let bytes: HashMap<&str, &'static [u8]> = FILES.iter().copied().collect();
    let mut digest = Sha256::new();
    let mut files = HashMap::new();
    for &(name, content) in FILES {
        if matches!(name.rsplit_once('.'), Some((_, "br" | "gz"))) {
            continue;
        }
        digest.update(name.as_bytes());
        digest.update(&sha256(content));
        let packed = |suffix: &str| bytes.get(format!("{name}{suffix}").as_str()).copied();
        let asset = Asset {
            bytes: content,
            brotli: packed(".br"),
            gzip: packed(".gz"),
            kind: kind(name),
            tag: format!("\"{}\"", &to_hex(&sha256(content))[..24]),
        };
        files.insert(name, asset);
    }
    Set { digest: to_hex(&digest.finish())[..16].to_owned(), files }
});

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "html" => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

/// True when this build has style sheets; otherwise `make assets` was not run before it.
pub fn is_built() -> bool {
    !SET.files.is_empty()
}

/// Address of an asset, for templates: `asset("plico.css")`.
pub fn url(name: &str) -> String {
    format!("/assets/{}/{name}", SET.digest)
}

/// The offline verifier of this build, as it is handed out and put into dossiers.
#[derive(Debug)]
pub struct Verifier {
    /// The file.
    pub bytes: &'static [u8],
    /// Its SHA-256, lower-case hexadecimal, for people to compare.
    pub sha256: String,
}

/// The offline verifier; none when this build has no assets.
pub fn verifier() -> Option<&'static Verifier> {
    static FOUND: LazyLock<Option<Verifier>> = LazyLock::new(|| {
        let bytes = SET.files.get("verifica.html")?.bytes;
        Some(Verifier { bytes, sha256: to_hex(&sha256(bytes)) })
    });
    FOUND.as_ref()
}

/// `GET /verifica.html`: to be kept, not shown here: under this server's policy its script would not run, and whoever looked at it
/// here would still ask us.
pub async fn offline(request: HeaderMap) -> Response {
    let mut response = file("verifica.html", "no-cache", &request);
    let attached = HeaderValue::from_static("attachment; filename=\"verifica.html\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attached);
    response
}

/// `GET /favicon.ico`: where a browser looks when it shows a file of ours that names no icon, a PDF say.
pub async fn icon(request: HeaderMap) -> Response {
    file("favicon.svg", "no-cache", &request)
}

/// `GET /assets/<digest>/<name>`. Under another digest (a page from before an upgrade) the file is the present one,
/// and is asked for again next time.
pub async fn serve(uri: Uri, request: HeaderMap) -> Response {
    let path = uri.path().strip_prefix("/assets/").unwrap_or_default();
    let (digest, name) = path.split_once('/').unwrap_or_default();
    let cache = if digest == SET.digest { "public, max-age=31536000, immutable" } else { "no-cache" };
    file(name, cache, &request)
}

fn file(name: &str, cache: &'static str, request: &HeaderMap) -> Response {
    let Some(asset) = SET.files.get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = HeaderValue::from_str(&asset.tag).expect("hexadecimal");
    let same = request.get(header::IF_NONE_MATCH).is_some_and(|given| given == tag);
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let accepted =
            request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let accepts = |name: &str| {
            accepted.split(',').any(|coding| coding.split(';').next() == Some(name) || coding.trim() == name)
        };
        let (bytes, coding) = match asset {
            Asset { brotli: Some(bytes), .. } if accepts("br") => (*bytes, Some("br")),
            Asset { gzip: Some(bytes), .. } if accepts("gzip") => (*bytes, Some("gzip")),
            _ => (asset.bytes, None),
        };
        let mut response = ([(header::CONTENT_TYPE, asset.kind)], bytes).into_response();
        if let Some(coding) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, tag);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
