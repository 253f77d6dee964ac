//! RFC 3161: asking for a time stamp, reading the answer, and checking a token over a SHA-256.
//!
//! The signature is CMS and checked by the same code as any other; here is what a token says besides.

use plico_crypto::verify::Hash;

use crate::der::{self, Tlv, sequence, tlv};
use crate::token::{Said, Token};
use crate::trust::{Anchors, Path};
use crate::{oid, write};

/// The longest token or answer that is read, in bytes.
pub const MAX_TOKEN: usize = 256 * 1024;

/// Why an answer or a token is not the time stamp that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not a `TimeStampResp`, or not a token, or longer than [`MAX_TOKEN`].
    #[error("not a time stamp of RFC 3161")]
    Malformed,
    /// The authority refused: its status, and what it said.
    #[error("the authority answered status {0}: {1}")]
    Status(u8, String),
    /// The token is over other bytes, or over another digest than SHA-256.
    #[error("the time stamp is over something else")]
    Imprint,
    /// The token answers another question.
    #[error("the time stamp has another nonce than the question")]
    Nonce,
    /// The signature does not hold, or the token was changed.
    #[error("the signature of the time stamp does not hold")]
    Signature,
    /// The token does not say which certificate signed it, or says another.
    #[error("the time stamp does not name the certificate that signed it")]
    SigningCertificate,
    /// The certificate is not one for time-stamping.
    #[error("the certificate is not for time-stamping alone")]
    Purpose,
    /// The certificate was not valid at the time that the token says.
    #[error("the certificate was not valid at the time of the stamp")]
    Dates,
}

/// Whether somebody vouches for the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// No anchors were given.
    NotAsked,
    /// A path to an anchor, at the stamp's time and now.
    Trusted,
    /// A path at the stamp's time; a certificate of it has expired since.
    Expired,
    /// No path.
    Unknown,
}

/// A token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time it says, rounded up to milliseconds (UTC).
    pub at_ms: i64,
    /// How far that may be off, in milliseconds; 0 when it does not say.
    pub accuracy_ms: i64,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Common name of the authority's certificate, or its organisation.
    pub authority: String,
    /// Whether somebody vouches for it.
    pub trust: Trust,
}

impl Stamp {
    /// The latest instant that the token allows (UTC milliseconds).
    pub fn latest_ms(&self) -> i64 {
        self.at_ms.saturating_add(self.accuracy_ms)
    }
}

/// A `TimeStampReq` for a SHA-256, with the authority's certificates wanted. The nonce becomes a positive number.
pub fn query(sha256: &[u8; 32], nonce: [u8; 16]) -> Vec<u8> {
    let imprint = sequence(&[&write::algorithm_null(oid::SHA256), &tlv(0x04, sha256)]);
    sequence(&[&tlv(0x02, &[1]), &imprint, &tlv(0x02, &positive(nonce)), &tlv(0x01, &[0xff])])
}

/// The contents of the INTEGER that a nonce is asked with: the same length always, positive, canonical.
fn positive(mut nonce: [u8; 16]) -> [u8; 16] {
    nonce[0] = nonce[0] & 0x3f | 0x40;
    nonce
}

/// The token in a `TimeStampResp`, checked against what was asked.
pub fn read_answer(
    answer: &[u8],
    sha256: &[u8; 32],
    nonce: [u8; 16],
    now_ms: i64,
    anchors: Option<&Anchors>,
) -> Result<(Vec<u8>, Stamp), TimestampError> {
    let token = token_of(answer).ok_or(TimestampError::Malformed)??;
    let (stamp, answered) = check(token, sha256, now_ms, anchors)?;
    if answered != Some(positive(nonce).to_vec()) {
        return Err(TimestampError::Nonce);
    }
    Ok((token.to_vec(), stamp))
}

/// Checks a token over a SHA-256. `now_ms` is when it is looked at, for whether its certificates have expired since.
pub fn verify(
    token: &[u8],
    sha256: &[u8; 32],
    now_ms: i64,
    anchors: Option<&Anchors>,
) -> Result<Stamp, TimestampError> {
    check(token, sha256, now_ms, anchors).map(|(stamp, _)| stamp)
}

/// The token in an answer that granted one.
pub(crate) fn token_in(answer: &[u8]) -> Option<&[u8]> {
    token_of(answer)?.ok()
}

/// `TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken OPTIONAL }`.
fn token_of(answer: &[u8]) -> Option<Result<&[u8], TimestampError>> {
    if answer.len() > MAX_TOKEN {
        return None;
    }
    let mut fields = Tlv::only(answer)?.of(0x30)?;
    let mut status = der::expect(&mut fields, 0x30)?;
    let &[code] = der::expect(&mut status, 0x02)? else { return None };
    // 0 granted, 1 granted with modifications.
    if code > 1 {
        let text =
            der::optional(&mut status, 0x30).and_then(|texts| der::all(texts.body)).unwrap_or_default();
        let text: Vec<_> = text.iter().map(|text| String::from_utf8_lossy(text.body)).collect();
        let said = text.join("; ").chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        return Some(Err(TimestampError::Status(code, said)));
    }
    let token = der::next(&mut fields)?;
    (token.tag == 0x30 && fields.is_empty()).then_some(Ok(token.raw))
}

fn check(
    bytes: &[u8],
    sha256: &[u8; 32],
    now_ms: i64,
    anchors: Option<&Anchors>,
) -> Result<(Stamp, Option<Vec<u8>>), TimestampError> {
    let over = |hash: Hash| (hash == Hash::Sha256).then(|| sha256.to_vec());
    let token = Token::read(bytes, MAX_TOKEN, &over)?;
    let chain: Vec<&[u8]> = token.certificates.iter().map(Vec::as_slice).take(12).collect();
    let trust = match anchors.map(|anchors| (anchors.path(&chain, token.at_ms), anchors.path(&chain, now_ms)))
    {
        None => Trust::NotAsked,
        Some((Path::Found | Path::Anchor, Path::Expired)) => Trust::Expired,
        Some((Path::Found | Path::Anchor, Path::Found | Path::Anchor)) => Trust::Trusted,
        Some(_) => Trust::Unknown,
    };
    let stamp = Stamp {
        at_ms: token.at_ms,
        accuracy_ms: token.accuracy_ms,
        serial: crate::report::hex(&token.serial),
        authority: token.authority().unwrap_or_else(|| "an unnamed authority".to_owned()),
        trust,
    };
    Ok((stamp, token.nonce))
}

/// Entry point for fuzzing: any bytes as an answer and as a token, never a panic.
pub fn fuzz_timestamp(bytes: &[u8]) {
    let _ = read_answer(bytes, &[0; 32], [0; 16], 0, None);
    let _ = verify(bytes, &[0; 32], 0, None);
    let _ = Said::read(bytes);
    let _ = Token::read(bytes, MAX_TOKEN, &|hash| Some(hash.of(b"")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer;

    #[test]
    fn a_query_is_what_the_specification_says() {
        let asked = query(&[7; 32], [0xff; 16]);
        let mut fields = Tlv::only(&asked).unwrap().of(0x30).unwrap();
        assert_eq!(der::expect(&mut fields, 0x02), Some(&[1][..]));
        let mut imprint = der::expect(&mut fields, 0x30).unwrap();
        assert_eq!(signer::algorithm(&mut imprint).unwrap().0, oid::SHA256);
        assert_eq!(der::expect(&mut imprint, 0x04), Some(&[7; 32][..]));
        let nonce = der::expect(&mut fields, 0x02).unwrap();
        assert_eq!((nonce.len(), nonce[0]), (16, 0x7f));
        assert_eq!(der::expect(&mut fields, 0x01), Some(&[0xff][..]));
    }
}
