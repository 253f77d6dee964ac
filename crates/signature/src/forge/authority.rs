//! What the authorities of a test say besides certificates: revocation lists, OCSP answers, time stamps.

use plico_crypto::verify::Hash;

use super::pki::{Pki, Signer};
use crate::certificate::Certificate;
use crate::der::{sequence, tlv};
use crate::digest::digest;
use crate::seal::{SealError, raw, signature_algorithm};
use crate::signer::hash_oid;
use crate::write::{self, DataParts, SignerParts};
use crate::{instant, oid};

/// When a list or an answer was made and until when it holds, UTC milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// `thisUpdate`.
    pub from_ms: i64,
    /// `nextUpdate`; `None` leaves it out.
    pub to_ms: Option<i64>,
}

/// What is said of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Not revoked.
    Good,
    /// Revoked since then, with the code of a reason (RFC 5280 §5.3.1); 6 is a suspension.
    Revoked(i64, u8),
    /// Not known.
    Unknown,
}

impl Pki {
    /// The list of the issuing authority.
    pub fn crl(&self, revoked: &[(&Signer, i64, u8)], period: Period) -> Result<Vec<u8>, SealError> {
        list(&self.issuer, revoked, period)
    }

    /// The list of the root, on which the issuing authority may stand.
    pub fn root_crl(&self, issuer_revoked: Option<i64>, period: Period) -> Result<Vec<u8>, SealError> {
        let revoked: Vec<_> = issuer_revoked.iter().map(|&at_ms| (&self.issuer, at_ms, 2)).collect();
        list(&self.root, &revoked, period)
    }

    /// An answer about a certificate of the issuing authority, by itself or by a responder.
    pub fn ocsp(
        &self,
        about: &Signer,
        said: Said,
        period: Period,
        responder: Option<&Signer>,
    ) -> Result<Vec<u8>, SealError> {
        let by = responder.unwrap_or(&self.issuer);
        let (about, issuer) = (read(about)?, read(&self.issuer)?);
        let key = key_bits(&issuer)?;
        let identifier = sequence(&[
            &write::algorithm_null(oid::SHA1),
            &tlv(0x04, &digest(Hash::Sha1, about.issuer)),
            &tlv(0x04, &digest(Hash::Sha1, key)),
            &tlv(0x02, about.serial),
        ]);
        let status = match said {
            Said::Good => tlv(0x80, &[]),
            Said::Unknown => tlv(0x82, &[]),
            Said::Revoked(at_ms, reason) => {
                tlv(0xa1, &[instant::generalized(at_ms), tlv(0xa0, &tlv(0x0a, &[reason]))].concat())
            }
        };
        let next = period.to_ms.map(|at_ms| tlv(0xa0, &instant::generalized(at_ms))).unwrap_or_default();
        let made = instant::generalized(period.from_ms);
        let single = sequence(&[&identifier, &status, &made, &next]);
        let name = tlv(0xa1, read(by)?.subject);
        let tbs = sequence(&[&name, &made, &sequence(&[&single])]);
        let certificates = tlv(0xa0, &sequence(&[&by.certificates[0]]));
        let basic = signed(by, &tbs, &certificates)?;
        let bytes = sequence(&[&write::object(oid::OCSP_BASIC), &tlv(0x04, &basic)]);
        Ok(sequence(&[&tlv(0x0a, &[0]), &tlv(0xa0, &bytes)]))
    }
}

/// A time-stamp token over bytes.
pub fn token(authority: &Signer, over: &[u8], at_ms: i64) -> Result<Vec<u8>, SealError> {
    token_with(authority, over, at_ms, &[], &[])
}

/// A time-stamp token over a SHA-256, as an authority is asked for it.
pub fn token_over(authority: &Signer, sha256: &[u8], at_ms: i64) -> Result<Vec<u8>, SealError> {
    imprinted(authority, (Hash::Sha256, sha256), at_ms, &[], &[])
}

/// As [`token`], with revocation information and with attributes that the authority does not sign.
pub(super) fn token_with(
    authority: &Signer,
    over: &[u8],
    at_ms: i64,
    revocations: &[Vec<u8>],
    unsigned: &[Vec<u8>],
) -> Result<Vec<u8>, SealError> {
    imprinted(authority, (Hash::Sha256, &digest(Hash::Sha256, over)), at_ms, revocations, unsigned)
}

pub(super) fn imprinted(
    authority: &Signer,
    (hash, imprint): (Hash, &[u8]),
    at_ms: i64,
    revocations: &[Vec<u8>],
    unsigned: &[Vec<u8>],
) -> Result<Vec<u8>, SealError> {
    let imprint = sequence(&[&write::algorithm(hash_oid(hash)), &tlv(0x04, imprint)]);
    let policy = tlv(0x06, &[0x2a, 0x03, 0x04, 0x01]);
    let serial = tlv(0x02, &[1]);
    let content = sequence(&[&tlv(0x02, &[1]), &policy, &imprint, &serial, &instant::generalized(at_ms)]);
    let certificate = read(authority)?;
    let mut attributes = vec![
        write::content_type(oid::TST_INFO),
        write::message_digest(&digest(Hash::Sha256, &content)),
        write::signing_certificate_v2(&digest(Hash::Sha256, certificate.der)),
    ];
    attributes.sort();
    let signed = tlv(0x31, &attributes.concat());
    let info = write::signer_info(&SignerParts {
        certificate: &certificate,
        digest: &write::algorithm(oid::SHA256),
        signed: Some(&attributes),
        algorithm: &signature_algorithm(&authority.key, Hash::Sha256),
        signature: &raw(&authority.key, Hash::Sha256, &signed)?,
        unsigned,
    });
    let parts = DataParts {
        digests: vec![write::algorithm(oid::SHA256)],
        content_type: oid::TST_INFO,
        certificates: authority.certificates.clone(),
        revocations: revocations.to_vec(),
        signers: vec![info],
    };
    Ok(parts.der(Some(&content)))
}

fn list(by: &Signer, revoked: &[(&Signer, i64, u8)], period: Period) -> Result<Vec<u8>, SealError> {
    let mut entries = Vec::new();
    for (whose, at_ms, reason) in revoked {
        let code = sequence(&[&write::object(oid::REASON_CODE), &tlv(0x04, &tlv(0x0a, &[*reason]))]);
        let serial = tlv(0x02, read(whose)?.serial);
        entries.extend(sequence(&[&serial, &instant::write(*at_ms), &sequence(&[&code])]));
    }
    let entries = if entries.is_empty() { Vec::new() } else { tlv(0x30, &entries) };
    let number = sequence(&[&write::object(oid::CRL_NUMBER), &tlv(0x04, &tlv(0x02, &[1]))]);
    let tbs = sequence(&[
        &tlv(0x02, &[1]),
        &signature_algorithm(&by.key, Hash::Sha256),
        read(by)?.subject,
        &instant::write(period.from_ms),
        &period.to_ms.map(instant::write).unwrap_or_default(),
        &entries,
        &tlv(0xa0, &sequence(&[&number])),
    ]);
    signed(by, &tbs, &[])
}

/// SEQUENCE of what is signed, the algorithm, the signature and what follows.
fn signed(by: &Signer, tbs: &[u8], after: &[u8]) -> Result<Vec<u8>, SealError> {
    let signature = raw(&by.key, Hash::Sha256, tbs)?;
    let bits = tlv(0x03, &[&[0], signature.as_slice()].concat());
    Ok(sequence(&[tbs, &signature_algorithm(&by.key, Hash::Sha256), &bits, after]))
}

fn read(signer: &Signer) -> Result<Certificate<'_>, SealError> {
    Certificate::read(signer.certificate_der()).ok_or(SealError::Missing)
}

fn key_bits<'a>(certificate: &Certificate<'a>) -> Result<&'a [u8], SealError> {
    crate::revocation::ocsp::key_bits(certificate.spki).ok_or(SealError::Missing)
}
