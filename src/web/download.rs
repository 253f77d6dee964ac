//! Files on their way to a browser: always as an attachment, never guessed at.

use std::io;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plico_vault::BlobReader;
use tokio::sync::mpsc;

use crate::http::headers::of_file;
use crate::http::resume::Resumable;

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!').remove(b'+');

/// A stored file as an attachment, streamed as it is opened; by its digest a download that was broken off goes on with
/// the same file.
pub fn attachment(name: &str, media_type: &str, sha256_hex: &str, reader: BlobReader) -> Response {
    let resumable = Resumable(reader.clone());
    let size = reader.size();
    let mut response = (headers(name, media_type), Body::from_stream(reader.stream())).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{sha256_hex}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
        response.extensions_mut().insert(resumable);
    }
    response
}

/// Pieces that may wait on either side of a pipe; a piece is at most a few hundred kilobytes.
pub const WAITING: usize = 4;

/// A body that is written while it is sent, by a thread that may wait; when the visitor goes away, writing fails.
pub fn piped() -> (Sink, Body) {
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let body = Body::from_stream(futures_util::stream::unfold(receive, |mut receive| async move {
        receive.recv().await.map(|piece| (piece, receive))
    }));
    (Sink(send), body)
}

/// The writing end.
#[derive(Clone)]
pub struct Sink(mpsc::Sender<io::Result<Bytes>>);

impl Sink {
    /// Breaks the connection off, so that nobody takes half a file for a whole one.
    pub fn break_off(&self, error: io::Error) {
        let _ = self.0.blocking_send(Err(error));
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        self.0.blocking_send(Ok(piece)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
