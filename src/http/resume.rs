//! Downloads that were broken off go on (RFC 9110 §14): one range of a stored file, for whoever asks with `Range`.

use std::ops::Range;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use plico_vault::BlobReader;

/// Put into a response whose body is all of this: a part of it may be sent instead.
#[derive(Clone)]
pub struct Resumable(pub BlobReader);

/// What a `Range` header asks of a file of `size` bytes.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// The whole: it is malformed, of another unit, or wants several parts.
    Whole,
    Part(Range<u64>),
    /// Nothing of it is there.
    Beyond,
}

/// The layer: answers with the part that was asked for, where the response can be resumed.
pub async fn around(request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::RANGE).cloned();
    let same = request.headers().get(header::IF_RANGE).cloned();
    let mut response = next.run(request).await;
    let Some(Resumable(reader)) = response.extensions_mut().remove::<Resumable>() else { return response };
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let asked = asked.as_ref().and_then(|asked| asked.to_str().ok());
    let Some(asked) =
        asked.filter(|_| response.status() == StatusCode::OK && holds(same, response.headers()))
    else {
        return response;
    };
    let size = reader.size();
    match part(asked, size) {
        Asked::Whole => response,
        Asked::Beyond => {
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))])
                .into_response()
        }
        Asked::Part(part) => {
            let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            let length = part.end - part.start;
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_RANGE, HeaderValue::from_str(&range).expect("plain ASCII"));
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            *response.body_mut() = Body::from_stream(reader.stream_range(part));
            response
        }
    }
}

/// `If-Range` names the file that the caller has a part of; a date is none of ours.
fn holds(same: Option<HeaderValue>, headers: &HeaderMap) -> bool {
    same.is_none_or(|same| headers.get(header::ETAG) == Some(&same))
}

fn part(asked: &str, size: u64) -> Asked {
    let number = |digits: &str| {
        Some(digits).filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())).map(|d| {
            // A number too large for us is larger than any file.
            d.parse().unwrap_or(u64::MAX)
        })
    };
    let Some((first, last)) =
        asked.strip_prefix("bytes=").map(str::trim).and_then(|range| range.split_once('-'))
    else {
        return Asked::Whole;
    };
    let part = match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() => first..size,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (None, Some(last)) if first.is_empty() => size.saturating_sub(last)..size,
        _ => return Asked::Whole,
    };
    if part.is_empty() { Asked::Beyond } else { Asked::Part(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_in_each_of_its_forms() {
        let of_ten = |asked: &str| part(asked, 10);
        assert_eq!(of_ten("bytes=0-"), Asked::Part(0..10));
        assert_eq!(of_ten("bytes=3-"), Asked::Part(3..10));
        assert_eq!(of_ten("bytes=3-5"), Asked::Part(3..6));
        assert_eq!(of_ten("bytes=3-99"), Asked::Part(3..10));
        assert_eq!(of_ten("bytes=3-18446744073709551615"), Asked::Part(3..10));
        assert_eq!(of_ten("bytes=3-99999999999999999999999"), Asked::Part(3..10));
        assert_eq!(of_ten("bytes=-4"), Asked::Part(6..10));
        assert_eq!(of_ten("bytes=-99"), Asked::Part(0..10));
        for beyond in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(of_ten(beyond), Asked::Beyond, "{beyond}");
        }
        for whole in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-3",
            "bytes=0-1,3-4",
            "items=0-1",
            "bytes=a-b",
            "bytes=+1-2",
        ] {
            assert_eq!(of_ten(whole), Asked::Whole, "{whole}");
        }
        assert_eq!(part("bytes=0-", 0), Asked::Beyond);
    }
}
