//! Whether a certificate was revoked: lists (RFC 5280) and answers (RFC 6960) that were given, or came inside of what
//! is verified. Nothing is fetched here; `want` says what authorities offer.

pub(crate) mod crl;
mod listed;
pub(crate) mod ocsp;
mod point;
mod status;
pub mod want;

use serde::{Deserialize, Serialize};

use crate::base64::Base64;
use crate::ber::BerError;
use crate::certificate::Certificate;
use crate::der;
use crate::envelope::Envelope;
use crate::source::{Memory, Source as _, take};

pub(crate) use status::{State, Status};

/// Longest list or answer that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most lists and answers that are looked at in one verification.
pub(crate) const MAX_PIECES: usize = 512;

/// Lists, answers and certificates from outside of what is verified.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    crls: Vec<Vec<u8>>,
    responses: Vec<Vec<u8>>,
    /// Candidates for paths: nobody believes them for being here.
    certificates: Vec<Vec<u8>>,
}

/// Bytes that are not what they were given as.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Not a certificate revocation list, or one with a critical extension that is not known here.
    #[error("this is not a certificate revocation list that can be used")]
    Crl,
    /// Not an OCSP answer, or one that says the responder could not answer.
    #[error("this is not a successful OCSP answer")]
    Ocsp,
    /// No certificate, nor an envelope of certificates.
    #[error("this holds no certificate")]
    Certificate,
    /// Longer than [`MAX_BYTES`].
    #[error("this is longer than 64 MiB")]
    TooLong,
}

impl Evidence {
    /// Takes a revocation list, DER or PEM.
    pub fn add_crl(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        let der = binary(bytes)?.ok_or(EvidenceError::Crl)?;
        crl::Crl::read(&der).ok_or(EvidenceError::Crl)?;
        self.crls.push(der);
        Ok(())
    }

    /// Takes an OCSP answer, DER or PEM.
    pub fn add_ocsp(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        let der = binary(bytes)?.ok_or(EvidenceError::Ocsp)?;
        ocsp::Response::read(&der).ok_or(EvidenceError::Ocsp)?;
        self.responses.push(der);
        Ok(())
    }

    /// Takes the certificates that an authority offers of itself: one in DER or PEM, or several in an envelope without
    /// signers (RFC 5280 §4.2.2.1).
    pub fn add_issuers(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        let der = binary(bytes)?.ok_or(EvidenceError::Certificate)?;
        let all = if Certificate::read(&der).is_some() {
            vec![der]
        } else {
            let envelope = Envelope::read(&mut Memory(&der)).map_err(|_| EvidenceError::Certificate)?;
            envelope.certificates.into_iter().filter(|der| Certificate::read(der).is_some()).collect()
        };
        if all.is_empty() {
            return Err(EvidenceError::Certificate);
        }
        self.certificates.extend(all);
        Ok(())
    }

    /// Takes up what another has.
    pub fn extend(&mut self, other: Self) {
        self.crls.extend(other.crls);
        self.responses.extend(other.responses);
        self.certificates.extend(other.certificates);
    }

    /// Takes what came inside an envelope or a document, without asking what it is good for.
    pub(crate) fn add_inner(&mut self, other: Self) {
        self.crls.extend(other.crls);
        self.responses.extend(other.responses);
        self.crls.truncate(MAX_PIECES);
        self.responses.truncate(MAX_PIECES);
    }

    pub(crate) fn push_crl(&mut self, der: &[u8]) {
        if self.crls.len() < MAX_PIECES {
            self.crls.push(der.to_vec());
        }
    }

    pub(crate) fn push_response(&mut self, der: &[u8]) {
        if self.responses.len() < MAX_PIECES {
            self.responses.push(der.to_vec());
        }
    }

    /// When the newest list was made, UTC milliseconds.
    pub fn newest_list_ms(&self) -> Option<i64> {
        self.crls().map(|list| list.this_update_ms).max()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.crls.is_empty() && self.responses.is_empty() && self.certificates.is_empty()
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = Certificate<'_>> {
        self.certificates.iter().filter_map(|der| Certificate::read(der))
    }

    pub(crate) fn crls(&self) -> impl Iterator<Item = crl::Crl<'_>> {
        self.crls.iter().filter_map(|der| crl::Crl::read(der))
    }

    pub(crate) fn responses(&self) -> impl Iterator<Item = ocsp::Response<'_>> {
        self.responses.iter().filter_map(|der| ocsp::Response::read(der))
    }
}

/// DER of what may be PEM. `None` when it is neither.
fn binary(bytes: &[u8]) -> Result<Option<Vec<u8>>, EvidenceError> {
    if bytes.len() > MAX_BYTES {
        return Err(EvidenceError::TooLong);
    }
    let text = bytes.trim_ascii_start();
    if !text.starts_with(b"-----BEGIN ") {
        return Ok(normal(bytes.to_vec()));
    }
    let Some(line) = text.iter().position(|&byte| byte == b'\n') else { return Ok(None) };
    let mut memory = Memory(&text[line..]);
    let decoded = Base64::new(&mut memory, 0).and_then(|mut decoded| {
        let size = usize::try_from(decoded.size()).unwrap_or_default();
        take(&mut decoded, 0, size)
    });
    Ok(decoded.ok().and_then(normal))
}

/// With definite lengths: some servers answer in BER.
fn normal(bytes: Vec<u8>) -> Option<Vec<u8>> {
    match der::Tlv::only(&bytes) {
        Some(_) => Some(bytes),
        None => der::normalise(&bytes).ok(),
    }
}

/// The revocation information of a `SignedData` (RFC 5652 §10.2.1): lists, and OCSP answers (RFC 5940).
pub(crate) fn in_envelope(choices: &[Vec<u8>]) -> Evidence {
    let mut evidence = Evidence::default();
    for choice in choices {
        if choice.first() == Some(&0x30) {
            evidence.push_crl(choice);
        } else if let Some(answer) = other_format(choice) {
            evidence.push_response(answer);
        }
    }
    evidence
}

/// `OtherRevocationInfoFormat` with an OCSP answer, whole or basic.
fn other_format(choice: &[u8]) -> Option<&[u8]> {
    let mut fields = der::Tlv::only(choice)?.of(0xa1)?;
    let id = der::expect(&mut fields, 0x06)?;
    let known = id == crate::oid::OCSP_IN_CMS || id == crate::oid::OCSP_BASIC;
    known.then(|| der::next(&mut fields)).flatten().map(|answer| answer.raw)
}

/// The contents of `RevocationValues` (ETSI EN 319 122-1 annex A.1.4) or of Adobe's archival attribute: lists under
/// `[0]`, answers under `[1]`.
pub(crate) fn in_values(mut fields: &[u8]) -> Option<Evidence> {
    let mut evidence = Evidence::default();
    if let Some(lists) = der::optional(&mut fields, 0xa0) {
        for list in der::all(der::Tlv::only(lists.body)?.of(0x30)?)? {
            evidence.push_crl(list.raw);
        }
    }
    if let Some(answers) = der::optional(&mut fields, 0xa1) {
        for answer in der::all(der::Tlv::only(answers.body)?.of(0x30)?)? {
            evidence.push_response(answer.raw);
        }
    }
    Some(evidence)
}

/// How the state of a certificate is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A certificate revocation list.
    Crl,
    /// An OCSP answer.
    Ocsp,
}

/// Entry point for fuzzing: any bytes as a list, as an answer, as what an envelope holds. Never a panic.
pub fn fuzz_revocation(bytes: &[u8]) {
    let mut evidence = Evidence::default();
    let _: Result<(), EvidenceError> = evidence.add_crl(bytes);
    let _: Result<(), EvidenceError> = evidence.add_ocsp(bytes);
    for list in evidence.crls() {
        let _ = list.entry(&list.issuer, &[1]);
    }
    let _ = in_values(bytes);
    let _ = in_envelope(&[bytes.to_vec()]);
    let _: Option<BerError> = der::normalise(bytes).err();
}
