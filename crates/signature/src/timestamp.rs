//! RFC 3161: asking for a time stamp, reading the answer, and checking a token over a SHA-256.
//!
//! The signature is CMS and checked by the same code as any other; here is what a token says besides.

use std::cell::Cell;

use plico_crypto::verify::Hash;

use crate::certificate::Certificate;
use crate::check::{self, MAX_CHECKS, Rules, Setting};
use crate::der::{self, Tlv, sequence, tlv};
use crate::digest::digest;
use crate::envelope::Envelope;
use crate::report::Reason;
use crate::signer::{self, SignerInfo};
use crate::source::{Memory, Pieces, Source as _, take};
use crate::trust::{Anchors, Path};
use crate::{instant, oid, write};

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
    token: &[u8],
    sha256: &[u8; 32],
    now_ms: i64,
    anchors: Option<&Anchors>,
) -> Result<(Stamp, Option<Vec<u8>>), TimestampError> {
    let (envelope, content) = open(token).ok_or(TimestampError::Malformed)?;
    let said = Said::read(&content).ok_or(TimestampError::Malformed)?;
    if said.algorithm != oid::SHA256 || said.imprint != sha256 {
        return Err(TimestampError::Imprint);
    }
    let certificates: Vec<_> =
        envelope.certificates.iter().filter_map(|der| Certificate::read(der)).collect();
    signature(&envelope, &content, &certificates)?;
    let info = SignerInfo::read(&envelope.signers[0]).ok_or(TimestampError::Malformed)?;
    let own = info.certificate(&certificates).ok_or(TimestampError::SigningCertificate)?;
    if !own.time_stamping {
        return Err(TimestampError::Purpose);
    }
    // The last second is still within (RFC 5280 §4.1.2.5).
    if said.at_ms < own.not_before_ms || said.at_ms >= own.not_after_ms + 1000 {
        return Err(TimestampError::Dates);
    }
    let mut chain = vec![own.der];
    chain.extend(certificates.iter().map(|one| one.der).filter(|der| *der != own.der).take(11));
    let trust = match anchors.map(|anchors| (anchors.path(&chain, said.at_ms), anchors.path(&chain, now_ms)))
    {
        None => Trust::NotAsked,
        Some((Path::Found | Path::Anchor, Path::Expired)) => Trust::Expired,
        Some((Path::Found | Path::Anchor, Path::Found | Path::Anchor)) => Trust::Trusted,
        Some(_) => Trust::Unknown,
    };
    let name = own.subject_attribute(oid::COMMON_NAME).or_else(|| own.subject_attribute(oid::ORGANIZATION));
    let stamp = Stamp {
        at_ms: said.at_ms,
        accuracy_ms: said.accuracy_ms,
        serial: crate::report::hex(said.serial),
        authority: name.unwrap_or_else(|| "an unnamed authority".to_owned()),
        trust,
    };
    Ok((stamp, said.nonce.map(<[u8]>::to_vec)))
}

/// The envelope of a token and the `TSTInfo` in it.
fn open(token: &[u8]) -> Option<(Envelope, Vec<u8>)> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let mut source = Memory(token);
    let envelope = Envelope::read(&mut source).ok()?;
    let whole = envelope.end == token.len() as u64;
    if !whole || envelope.content_type != oid::TST_INFO || envelope.signers.len() != 1 {
        return None;
    }
    let mut pieces = Pieces::new(&mut source, envelope.content.as_ref()?);
    let size = usize::try_from(pieces.size()).ok()?;
    let content = take(&mut pieces, 0, size).ok()?;
    Some((envelope, content))
}

fn signature(
    envelope: &Envelope,
    content: &[u8],
    certificates: &[Certificate<'_>],
) -> Result<(), TimestampError> {
    let over = |hash: Hash| Some(digest(hash, content));
    let setting = Setting {
        certificates,
        content_type: oid::TST_INFO,
        digest: &over,
        content_is_attributes: false,
        // Paths and dates are judged by the stamp's own time.
        anchors: None,
        at_ms: 0,
        rules: Rules::Cades,
        budget: &Cell::new(MAX_CHECKS),
    };
    let report = check::signer(&envelope.signers[0], &setting);
    let named = [
        Reason::CertificateMissing,
        Reason::SigningCertificateMissing,
        Reason::SigningCertificateDiffers,
        Reason::SigningCertificateTwice,
    ];
    if report.reasons.iter().any(|reason| named.contains(reason)) {
        return Err(TimestampError::SigningCertificate);
    }
    // A digest that is no longer safe proves nothing about whoever signed.
    if !report.intact || report.reasons.contains(&Reason::DigestWeak) {
        return Err(TimestampError::Signature);
    }
    Ok(())
}

/// `TSTInfo` (RFC 3161 §2.4.2).
struct Said<'a> {
    algorithm: &'a [u8],
    imprint: &'a [u8],
    serial: &'a [u8],
    at_ms: i64,
    accuracy_ms: i64,
    nonce: Option<&'a [u8]>,
}

impl<'a> Said<'a> {
    fn read(content: &'a [u8]) -> Option<Self> {
        let mut fields = Tlv::only(content)?.of(0x30)?;
        if der::expect(&mut fields, 0x02)? != [1] {
            return None;
        }
        der::expect(&mut fields, 0x06)?;
        let mut imprint = der::expect(&mut fields, 0x30)?;
        let (algorithm, _) = signer::algorithm(&mut imprint)?;
        let hashed = der::expect(&mut imprint, 0x04)?;
        let serial = der::expect(&mut fields, 0x02)?;
        let at_ms = time(der::next(&mut fields)?)?;
        let accuracy_ms = match der::optional(&mut fields, 0x30) {
            Some(accuracy) => accuracy_ms(accuracy.body)?,
            None => 0,
        };
        der::optional(&mut fields, 0x01);
        let nonce = der::optional(&mut fields, 0x02).map(|nonce| nonce.body);
        der::optional(&mut fields, 0xa0);
        der::optional(&mut fields, 0xa1);
        let whole = fields.is_empty() && imprint.is_empty();
        whole.then_some(Self { algorithm, imprint: hashed, serial, at_ms, accuracy_ms, nonce })
    }
}

/// GeneralizedTime with a fraction, rounded up: the stamp is an upper bound.
fn time(element: Tlv<'_>) -> Option<i64> {
    let text = std::str::from_utf8(element.body).ok().filter(|_| element.tag == 0x18)?;
    let whole_ms = instant::read(element)?;
    let Some((_, fraction)) = text.split_once('.') else { return Some(whole_ms) };
    let digits = fraction.strip_suffix('Z')?;
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: i64 = format!("{digits:0<9}").parse().ok()?;
    Some(whole_ms + (nanoseconds + 999_999) / 1_000_000)
}

/// `Accuracy`: seconds, `[0]` milliseconds, `[1]` microseconds, rounded up.
fn accuracy_ms(mut fields: &[u8]) -> Option<i64> {
    let number = |element: Tlv<'_>| {
        let short = element.body.len() <= 4 && element.body.first().is_some_and(|first| first & 0x80 == 0);
        short.then(|| element.body.iter().fold(0i64, |sum, byte| (sum << 8) | i64::from(*byte)))
    };
    let mut part = |tag| der::optional(&mut fields, tag).map_or(Some(0), number);
    let (seconds, millis, micros) = (part(0x02)?, part(0x80)?, part(0x81)?);
    fields.is_empty().then_some(seconds * 1000 + millis + (micros + 999) / 1000)
}

/// Entry point for fuzzing: any bytes as an answer and as a token, never a panic.
pub fn fuzz_timestamp(bytes: &[u8]) {
    let _ = read_answer(bytes, &[0; 32], [0; 16], 0, None);
    let _ = verify(bytes, &[0; 32], 0, None);
    let _ = Said::read(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_accuracies_are_rounded_up() {
        let at = |text: &str| time(Tlv { tag: 0x18, body: text.as_bytes(), raw: &[] });
        let base = at("20261121184601Z").unwrap();
        assert_eq!(at("20261121184601.5Z"), Some(base + 500));
        assert_eq!(at("20261121184601.0001Z"), Some(base + 1));
        assert_eq!(at("20261121184601.999999999Z"), Some(base + 1000));
        for bad in ["20261121184601.Z", "20261121184601.5", "20261121184601.5+0100", "", "2026"] {
            assert_eq!(at(bad), None, "{bad}");
        }
        assert_eq!(time(Tlv { tag: 0x17, body: b"261121184601Z", raw: &[] }), None);
        let accuracy = [tlv(0x02, &[1]), tlv(0x80, &[0x01, 0xf4]), tlv(0x81, &[1])].concat();
        assert_eq!(accuracy_ms(&accuracy), Some(1501));
        assert_eq!(accuracy_ms(&[]), Some(0));
        assert_eq!(accuracy_ms(&tlv(0x02, &[0xff])), None);
        assert_eq!(accuracy_ms(&tlv(0x04, &[1])), None);
    }

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
