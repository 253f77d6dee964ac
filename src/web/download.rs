//! Files on their way to a browser: always as an attachment, never guessed at.

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plico_vault::BlobReader;

use crate::http::headers::of_file;

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!').remove(b'+');

/// A stored file as an attachment, streamed as it is opened.
pub fn attachment(name: &str, media_type: &str, reader: BlobReader) -> Response {
    let size = reader.size();
    let mut response = (headers(name, media_type), Body::from_stream(reader.stream())).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    response
}

/// The headers of an attachment.
pub fn headers(name: &str, media_type: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_str(media_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    let disposition = HeaderValue::from_str(&disposition(name)).expect("only plain ASCII is left");
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    of_file(&mut headers, media_type);
    headers
}

/// `Content-Disposition` with the name twice: in ASCII for what is old, in UTF-8 for the rest (RFC 6266).
fn disposition(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let text = disposition("perché \"no\"\r\nX: y.pdf");
        assert_eq!(
            text,
            "attachment; filename=\"perch_ _no___X_ y.pdf\"; \
             filename*=UTF-8''perch%C3%A9%20%22no%22%0D%0AX%3A%20y.pdf"
        );
        assert!(HeaderValue::from_str(&text).is_ok());
    }
}
