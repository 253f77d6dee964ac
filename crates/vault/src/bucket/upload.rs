//! An object on its way in. The store is told the digest of what it gets and answers only once it keeps it; what is there
//! already is compared, never overwritten.

use super::{Bucket, SIGNED_FOR, TRIES, refused, text_of};
use crate::blobs::{There, place_of, read_through};
use crate::inventory::Condition;
use crate::{Reading, VaultError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use plico_crypto::digest::sha256;
use reqwest::Response;
use rusty_s3::actions::{CompleteMultipartUploadResponse, CreateMultipartUpload};
use rusty_s3::{Map, S3Action};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// What is longer goes in parts of so many bytes, or longer ones where there would be too many.
const PART: u64 = 8 << 20;
const PARTS: u64 = 9_000;
const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

const CONDITION: (&str, &str) = ("if-none-match", "*");

/// Headers of a request: what is signed is also sent.
pub(super) type Headers = Vec<(&'static str, String)>;

impl Bucket {
    /// Keeps the object of a blob. When this returns, the store has said that it has it.
    pub(crate) fn put(
        self: &Arc<Self>,
        sealed: &dyn Reading,
        blob: &[u8; 32],
        size: u64,
        there: There,
    ) -> Result<(), VaultError> {
        let key = self.key(blob);
        let kept = if size <= PART {
            let bytes = piece(sealed, 0, size)?;
            let mut headers = self.lock();
            headers.push(Self::checksum(blob));
            self.put_whole(&key, &bytes, &headers, there)?
        } else {
            self.put_in_parts(&key, sealed, size, there)?
        };
        if kept { Ok(()) } else { self.compare(blob) }
    }

    /// `false`: something is there already, and stays.
    pub(super) fn put_whole(
        &self,
        key: &str,
        bytes: &Bytes,
        headers: &Headers,
        there: There,
    ) -> Result<bool, VaultError> {
        Self::conditional(there, |condition| {
            let mut action = self.s3.put_object(Some(&self.credentials), key);
            let headers = with(headers, condition);
            sign_with(action.headers_mut(), &headers);
            let request = || send(self.client.put(action.sign(SIGNED_FOR)), &headers).body(bytes.clone());
            Self::wait(self.ask(TRIES, &request, &[200, 412, 501]))
        })
    }

    fn put_in_parts(
        &self,
        key: &str,
        sealed: &dyn Reading,
        size: u64,
        there: There,
    ) -> Result<bool, VaultError> {
        let upload = self.begin(key)?;
        let done = self.parts(key, &upload, sealed, size).and_then(|list| {
            Self::conditional(there, |condition| self.complete(key, &upload, &list, condition))
        });
        if !matches!(done, Ok(true)) {
            // Parts that stay cost money; the bucket's own rule takes what is left of an upload that was broken off.
            let action = self.s3.abort_multipart_upload(Some(&self.credentials), key, &upload);
            let request = || self.client.delete(action.sign(SIGNED_FOR));
            let _ = Self::wait(self.ask(1, &request, &[200, 204, 404]));
        }
        done
    }

    fn begin(&self, key: &str) -> Result<String, VaultError> {
        let mut action = self.s3.create_multipart_upload(Some(&self.credentials), key);
        let mut headers = self.lock();
        headers.push(("x-amz-checksum-algorithm", "SHA256".into()));
        sign_with(action.headers_mut(), &headers);
        let request = || send(self.client.post(action.sign(SIGNED_FOR)), &headers);
        // Once only: a second one would be another upload.
        let text = Self::wait(async {
            let answer = self.ask(1, &request, &[200]).await?;
            text_of(answer).await
        })?;
        let answer = CreateMultipartUpload::parse_response(&text)
            .map_err(|error| VaultError::Store { why: format!("its answer cannot be read: {error}") })?;
        Ok(answer.upload_id().to_owned())
    }

    /// Sends the parts; answers the list of them that completes the upload.
    fn parts(&self, key: &str, upload: &str, sealed: &dyn Reading, size: u64) -> Result<String, VaultError> {
        let length = PART.max(size.div_ceil(PARTS));
        let mut list = String::from("<CompleteMultipartUpload>");
        for number in 1..=size.div_ceil(length) {
            let from = (number - 1) * length;
            let bytes = piece(sealed, from, length.min(size - from))?;
            let headers = vec![Self::checksum(&sha256(&bytes))];
            let mut action = self.s3.upload_part(Some(&self.credentials), key, number as u16, upload);
            sign_with(action.headers_mut(), &headers);
            let request = || send(self.client.put(action.sign(SIGNED_FOR)), &headers).body(bytes.clone());
            let answer = Self::wait(self.ask(TRIES, &request, &[200]))?;
            let etag = answer.headers().get("etag").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let etag = etag.replace('&', "&amp;").replace('<', "&lt;");
            let (_, checksum) = &headers[0];
            let _ = write!(
                list,
                "<Part><ETag>{etag}</ETag><ChecksumSHA256>{checksum}</ChecksumSHA256><PartNumber>{number}</PartNumber></Part>"
            );
        }
        list.push_str("</CompleteMultipartUpload>");
        Ok(list)
    }

    fn complete(
        &self,
        key: &str,
        upload: &str,
        list: &str,
        condition: Option<(&'static str, &'static str)>,
    ) -> Result<Response, VaultError> {
        let none = std::iter::empty::<&str>();
        let mut action = self.s3.complete_multipart_upload(Some(&self.credentials), key, upload, none);
        let headers = with(&Vec::new(), condition);
        sign_with(action.headers_mut(), &headers);
        let request = || send(self.client.post(action.sign(SIGNED_FOR)), &headers).body(list.to_owned());
        // Once only: of a second one nobody could tell whether the first was done.
        Self::wait(self.ask(1, &request, &[200, 412, 501]))
    }

    /// With the condition that nothing is there; without it where something is to be replaced, or the store does not know it.
    fn conditional(
        there: There,
        put: impl Fn(Option<(&'static str, &'static str)>) -> Result<Response, VaultError>,
    ) -> Result<bool, VaultError> {
        let mut answer = put((there == There::Stays).then_some(CONDITION))?;
        if answer.status() == 501 && there == There::Stays {
            answer = put(None)?;
        }
        match answer.status().as_u16() {
            412 => Ok(false),
            501 => Err(Self::wait(refused(answer))),
            _ => {
                // Of an upload in parts the store may say yes before it knows, and no in the same breath.
                let text = Self::wait(text_of(answer))?;
                let no = text.contains("<Error>") && CompleteMultipartUploadResponse::parse(&text).is_err();
                if no {
                    Err(VaultError::Store { why: format!("it did not complete: {text}") })
                } else {
                    Ok(true)
                }
            }
        }
    }

    /// What is there under the name must be what the name says.
    fn compare(self: &Arc<Self>, blob: &[u8; 32]) -> Result<(), VaultError> {
        let stored = self.open(blob)?;
        match read_through(&stored, blob, |_| Ok(()))? {
            Condition::Whole { .. } => Ok(()),
            _ => Err(VaultError::Store {
                why: format!("{} is there already, and damaged: run `plico fsck`", place_of(blob)),
            }),
        }
    }

    /// What the store is to compare the bytes with.
    pub(super) fn checksum(digest: &[u8; 32]) -> (&'static str, String) {
        ("x-amz-checksum-sha256", STANDARD.encode(digest))
    }

    /// What asks the store to lock an object, where it is to be.
    fn lock(&self) -> Headers {
        if self.lock_days == 0 {
            return Vec::new();
        }
        #[expect(clippy::disallowed_methods, reason = "only the store compares it, with its own clock")]
        let until = jiff::Timestamp::now() + DAY * self.lock_days.cast_signed();
        vec![
            ("x-amz-object-lock-mode", "COMPLIANCE".into()),
            ("x-amz-object-lock-retain-until-date", until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ]
    }
}

fn with(headers: &Headers, condition: Option<(&'static str, &'static str)>) -> Headers {
    let condition = condition.into_iter().map(|(name, value)| (name, value.to_owned()));
    headers.iter().cloned().chain(condition).collect()
}

fn sign_with(signed: &mut Map<'_>, headers: &Headers) {
    for (name, value) in headers {
        signed.insert(*name, value.clone());
    }
}

fn send(request: reqwest::RequestBuilder, headers: &Headers) -> reqwest::RequestBuilder {
    headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
}

fn piece(sealed: &dyn Reading, from: u64, length: u64) -> Result<Bytes, VaultError> {
    let mut bytes = vec![0; length as usize];
    let count = sealed.read_at(&mut bytes, from).map_err(VaultError::at(Path::new("tmp")))?;
    bytes.truncate(count);
    Ok(bytes.into())
}
