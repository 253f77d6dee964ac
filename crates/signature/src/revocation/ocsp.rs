//! Answers of the Online Certificate Status Protocol (RFC 6960), as they are kept in a file or an envelope.

use plico_crypto::verify::Hash;

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::digest::digest;
use crate::name::Name;
use crate::{instant, oid, signer};

/// Most certificates in one answer that are looked at as its signer's.
const MAX_CERTIFICATES: usize = 16;
/// Most certificates that one answer speaks of.
const MAX_SINGLE: usize = 1024;

/// A signed answer, borrowed from its bytes.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    /// The bytes that are signed.
    pub(crate) tbs: &'a [u8],
    pub(crate) algorithm: (&'a [u8], &'a [u8]),
    pub(crate) signature: &'a [u8],
    pub(crate) responder: Responder<'a>,
    pub(crate) produced_ms: i64,
    single: Vec<Single<'a>>,
    /// It came with what is verified.
    pub(crate) inside: bool,
    /// Certificates that came with it.
    pub(crate) certificates: Vec<Certificate<'a>>,
}

/// Who answers.
#[derive(Debug)]
pub(crate) enum Responder<'a> {
    Name(Name),
    /// SHA-1 of the key.
    Key(&'a [u8]),
}

/// What is said of one certificate.
#[derive(Debug)]
pub(super) struct Single<'a> {
    hash: Hash,
    issuer_name: &'a [u8],
    issuer_key: &'a [u8],
    serial: &'a [u8],
    pub(super) said: Said,
    pub(super) this_update_ms: i64,
    pub(super) next_update_ms: Option<i64>,
    /// The responder remembers certificates that expired since then.
    pub(super) cutoff_ms: Option<i64>,
}

/// Good, revoked, or unknown to the responder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Good,
    /// Since when, and the reason's code.
    Revoked(i64, u8),
    Unknown,
}

impl<'a> Response<'a> {
    /// Reads an `OCSPResponse` that is successful, or the `BasicOCSPResponse` that such a one holds.
    pub(crate) fn read(der: &'a [u8]) -> Option<Self> {
        let whole = Tlv::only(der)?.of(0x30)?;
        let mut fields = whole;
        if let Some(status) = der::optional(&mut fields, 0x0a) {
            let explicit = der::expect(&mut fields, 0xa0).filter(|_| status.body == [0])?;
            let mut bytes = Tlv::only(explicit)?.of(0x30)?;
            if der::expect(&mut bytes, 0x06)? != oid::OCSP_BASIC {
                return None;
            }
            return Self::basic(Tlv::only(der::expect(&mut bytes, 0x04)?)?.of(0x30)?);
        }
        Self::basic(whole)
    }

    fn basic(mut fields: &'a [u8]) -> Option<Self> {
        let signed = der::next(&mut fields)?;
        let algorithm = signer::algorithm(&mut fields)?;
        let (&0, signature) = der::expect(&mut fields, 0x03)?.split_first()? else { return None };
        let mut certificates = Vec::new();
        if let Some(explicit) = der::optional(&mut fields, 0xa0) {
            let all = der::all(Tlv::only(explicit.body)?.of(0x30)?)?;
            certificates
                .extend(all.iter().take(MAX_CERTIFICATES).filter_map(|one| Certificate::read(one.raw)));
        }
        let mut data = signed.of(0x30)?;
        if der::optional(&mut data, 0xa0).is_some_and(|version| version.body != [0x02, 0x01, 0x00]) {
            return None;
        }
        let responder = der::next(&mut data)?;
        let responder = match responder.tag {
            0xa1 => Responder::Name(Name::read(responder.body)?),
            0xa2 => Responder::Key(Tlv::only(responder.body)?.of(0x04)?),
            _ => return None,
        };
        let produced_ms = instant::read(der::next(&mut data)?)?;
        let all = der::all(der::expect(&mut data, 0x30)?)?;
        let single =
            all.iter().take(MAX_SINGLE).map(|one| Single::read(one.of(0x30)?)).collect::<Option<_>>()?;
        if let Some(explicit) = der::optional(&mut data, 0xa1) {
            // The nonce and the like bind an answer to a question; a critical one that is not known cannot be obeyed.
            let unknown = crate::certificate::extensions(explicit.body)?;
            if unknown.iter().any(|extension| extension.critical) {
                return None;
            }
        }
        let tbs = signed.raw;
        fields.is_empty().then_some(Self {
            tbs,
            algorithm,
            signature,
            responder,
            produced_ms,
            single,
            inside: false,
            certificates,
        })
    }

    /// What is said of a certificate of this issuer.
    pub(super) fn about(&self, certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> Vec<&Single<'a>> {
        self.single.iter().filter(|single| single.is_about(certificate, issuer)).collect()
    }

    /// Whether the responder names itself as this certificate's holder.
    pub(super) fn is_by(&self, certificate: &Certificate<'_>) -> bool {
        match &self.responder {
            Responder::Name(name) => Name::read(certificate.subject).as_ref() == Some(name),
            Responder::Key(key) => {
                key_bits(certificate.spki).is_some_and(|bits| digest(Hash::Sha1, bits) == *key)
            }
        }
    }
}

impl<'a> Single<'a> {
    fn read(mut fields: &'a [u8]) -> Option<Self> {
        let mut identifier = der::expect(&mut fields, 0x30)?;
        let (hash, _) = signer::algorithm(&mut identifier)?;
        let issuer_name = der::expect(&mut identifier, 0x04)?;
        let issuer_key = der::expect(&mut identifier, 0x04)?;
        let serial = der::expect(&mut identifier, 0x02)?;
        let status = der::next(&mut fields)?;
        let said = match status.tag {
            0x80 => Said::Good,
            0xa1 => {
                let mut inside = status.body;
                let at_ms = instant::read(der::next(&mut inside)?)?;
                let reason = match der::optional(&mut inside, 0xa0) {
                    Some(reason) => *Tlv::only(reason.body)?.of(0x0a)?.first()?,
                    None => 0,
                };
                Said::Revoked(at_ms, reason)
            }
            0x82 => Said::Unknown,
            _ => return None,
        };
        let this_update_ms = instant::read(der::next(&mut fields)?)?;
        let next_update_ms = match der::optional(&mut fields, 0xa0) {
            Some(next) => Some(instant::read(Tlv::only(next.body)?)?),
            None => None,
        };
        let mut cutoff_ms = None;
        if let Some(explicit) = der::optional(&mut fields, 0xa1) {
            for extension in crate::certificate::extensions(explicit.body)? {
                if extension.id == oid::OCSP_ARCHIVE_CUTOFF {
                    cutoff_ms = Some(instant::read(Tlv::only(extension.value)?)?);
                } else if extension.critical {
                    return None;
                }
            }
        }
        let hash = signer::hash(hash)?;
        fields.is_empty().then_some(Self {
            hash,
            issuer_name,
            issuer_key,
            serial,
            said,
            this_update_ms,
            next_update_ms,
            cutoff_ms,
        })
    }

    fn is_about(&self, certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
        self.serial == certificate.serial
            && digest(self.hash, certificate.issuer) == self.issuer_name
            && key_bits(issuer.spki).is_some_and(|bits| digest(self.hash, bits) == self.issuer_key)
    }
}

/// The bits of a `SubjectPublicKeyInfo`'s key, which are what is hashed.
pub(crate) fn key_bits(spki: &[u8]) -> Option<&[u8]> {
    let mut fields = Tlv::only(spki)?.of(0x30)?;
    der::expect(&mut fields, 0x30)?;
    der::expect(&mut fields, 0x03)?.split_first().map(|(_, bits)| bits)
}
