//! A time-stamp token (RFC 3161 §2.4.2): what it says, and whether its own signature holds.

use std::cell::Cell;

use plico_crypto::verify::Hash;

use crate::certificate::Certificate;
use crate::check::{self, MAX_CHECKS, Rules, Setting};
use crate::der::{self, Tlv};
use crate::digest::digest;
use crate::envelope::Envelope;
use crate::report::Reason;
use crate::signer::{self, SignerInfo};
use crate::source::{Memory, Pieces, Source as _, take};
use crate::timestamp::TimestampError;
use crate::{instant, oid};

/// The longest token inside of a signature, in bytes: those of archives bring lists with them.
pub(crate) const MAX_INNER: usize = 8 * 1024 * 1024;

/// A token whose signature holds, over what it should be over. Who its authority is has not been asked.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// The time it says, rounded up to milliseconds (UTC).
    pub(crate) at_ms: i64,
    pub(crate) accuracy_ms: i64,
    /// What tells it from every other token.
    pub(crate) id: Vec<u8>,
    /// Contents of the serial number.
    pub(crate) serial: Vec<u8>,
    pub(crate) nonce: Option<Vec<u8>>,
    /// The authority's certificate, then the others that came with it.
    pub(crate) certificates: Vec<Vec<u8>>,
}

impl Token {
    /// Reads and checks one. `imprint` gives the digest of what it should be over.
    pub(crate) fn read(
        bytes: &[u8],
        most: usize,
        imprint: &dyn Fn(Hash) -> Option<Vec<u8>>,
    ) -> Result<Self, TimestampError> {
        let (envelope, content) = open(bytes, most).ok_or(TimestampError::Malformed)?;
        let said = Said::read(&content).ok_or(TimestampError::Malformed)?;
        let expected = signer::hash(said.algorithm).and_then(imprint).ok_or(TimestampError::Imprint)?;
        if said.imprint != expected || expected.is_empty() {
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
        if said.at_ms < own.not_before_ms || said.at_ms >= own.not_after_ms.saturating_add(1000) {
            return Err(TimestampError::Dates);
        }
        let mut ordered = vec![own.der.to_vec()];
        ordered.extend(certificates.iter().filter(|one| one.der != own.der).map(|one| one.der.to_vec()));
        Ok(Self {
            at_ms: said.at_ms,
            accuracy_ms: said.accuracy_ms,
            id: id(bytes),
            serial: said.serial.to_vec(),
            nonce: said.nonce.map(<[u8]>::to_vec),
            certificates: ordered,
        })
    }

    /// The latest instant that it allows.
    pub(crate) fn latest_ms(&self) -> i64 {
        self.at_ms.saturating_add(self.accuracy_ms)
    }

    /// Common name of the authority's certificate, or its organisation.
    pub(crate) fn authority(&self) -> Option<String> {
        let own = Certificate::read(self.certificates.first()?)?;
        own.subject_attribute(oid::COMMON_NAME).or_else(|| own.subject_attribute(oid::ORGANIZATION))
    }
}

/// What tells a token from every other.
pub(crate) fn id(token: &[u8]) -> Vec<u8> {
    digest(Hash::Sha256, token)
}

/// The envelope of a token and the `TSTInfo` in it.
pub(crate) fn open(token: &[u8], most: usize) -> Option<(Envelope, Vec<u8>)> {
    if token.len() > most {
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

/// The digest by which a token names what it is over.
pub(crate) fn imprint_hash(token: &[u8]) -> Option<Hash> {
    let (_, content) = open(token, MAX_INNER)?;
    signer::hash(Said::read(&content)?.algorithm)
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
        judge: None,
        poes: &[],
        documents: &[],
        envelope_certificates: &[],
        envelope_revocations: &[],
        older: None,
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
    // A digest that is no longer safe proves nothing about whoever signed; it is judged as of today, because whoever
    // can forge it can forge the time too.
    let weak = report.digest_algorithm == "SHA-1" || report.signature_algorithm.ends_with("SHA-1");
    if !report.intact || weak {
        return Err(TimestampError::Signature);
    }
    Ok(())
}

/// `TSTInfo` (RFC 3161 §2.4.2).
pub(crate) struct Said<'a> {
    pub(crate) algorithm: &'a [u8],
    pub(crate) imprint: &'a [u8],
    serial: &'a [u8],
    pub(crate) at_ms: i64,
    accuracy_ms: i64,
    nonce: Option<&'a [u8]>,
}

impl<'a> Said<'a> {
    pub(crate) fn read(content: &'a [u8]) -> Option<Self> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::tlv;

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
}
