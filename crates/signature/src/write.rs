//! Writing CMS (RFC 5652) in DER: what the sealer and the forger share.

use crate::certificate::Certificate;
use crate::der::{sequence, set_of, tlv};
use crate::{instant, oid};

/// DER of an object identifier given by its contents.
pub(crate) fn object(id: &[u8]) -> Vec<u8> {
    tlv(0x06, id)
}

/// AlgorithmIdentifier without parameters: SHA-2 and ECDSA want none (RFC 5754 §2, RFC 5758 §3.2).
pub(crate) fn algorithm(id: &[u8]) -> Vec<u8> {
    sequence(&[&object(id)])
}

/// AlgorithmIdentifier of an RSA signature, whose parameters are NULL (RFC 4055 §5).
pub(crate) fn algorithm_null(id: &[u8]) -> Vec<u8> {
    sequence(&[&object(id), &[0x05, 0x00]])
}

/// An attribute with its values.
pub(crate) fn attribute(id: &[u8], values: Vec<Vec<u8>>) -> Vec<u8> {
    sequence(&[&object(id), &set_of(values)])
}

pub(crate) fn content_type(id: &[u8]) -> Vec<u8> {
    attribute(oid::CONTENT_TYPE, vec![object(id)])
}

pub(crate) fn message_digest(digest: &[u8]) -> Vec<u8> {
    attribute(oid::MESSAGE_DIGEST, vec![tlv(0x04, digest)])
}

pub(crate) fn signing_time(at_ms: i64) -> Vec<u8> {
    attribute(oid::SIGNING_TIME, vec![instant::write(at_ms)])
}

/// RFC 5035 with the default SHA-256 and without issuerSerial, which ETSI EN 319 122-1 §5.2.2.2 leaves open.
pub(crate) fn signing_certificate_v2(sha256: &[u8]) -> Vec<u8> {
    let identifier = sequence(&[&tlv(0x04, sha256)]);
    attribute(oid::SIGNING_CERTIFICATE_V2, vec![sequence(&[&sequence(&[&identifier])])])
}

/// An OCSP answer among the revocation information of an envelope (RFC 5940).
pub(crate) fn ocsp_in_cms(answer: &[u8]) -> Vec<u8> {
    tlv(0xa1, &[object(oid::OCSP_IN_CMS), answer.to_vec()].concat())
}

/// RFC 6211, over the whole identifiers.
pub(crate) fn algorithm_protection(digest: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut implicit = signature.to_vec();
    implicit[0] = 0xa1;
    attribute(oid::ALGORITHM_PROTECTION, vec![sequence(&[digest, &implicit])])
}

/// The parts of a SignerInfo, encoded.
pub(crate) struct SignerParts<'a> {
    pub(crate) certificate: &'a Certificate<'a>,
    pub(crate) digest: &'a [u8],
    /// The attributes in the order in which they are to stand; `None` leaves the field out.
    pub(crate) signed: Option<&'a [Vec<u8>]>,
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) unsigned: &'a [Vec<u8>],
}

pub(crate) fn signer_info(parts: &SignerParts<'_>) -> Vec<u8> {
    let issuer_serial = sequence(&[parts.certificate.issuer, &tlv(0x02, parts.certificate.serial)]);
    let signed = parts.signed.map(|attributes| tlv(0xa0, &attributes.concat())).unwrap_or_default();
    let unsigned = if parts.unsigned.is_empty() { Vec::new() } else { tlv(0xa1, &parts.unsigned.concat()) };
    sequence(&[
        &tlv(0x02, &[1]),
        &issuer_serial,
        parts.digest,
        &signed,
        parts.algorithm,
        &tlv(0x04, parts.signature),
        &unsigned,
    ])
}

/// The parts of a SignedData, encoded.
pub(crate) struct DataParts<'a> {
    pub(crate) digests: Vec<Vec<u8>>,
    pub(crate) content_type: &'a [u8],
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Each a list, or an OCSP answer under its tag.
    pub(crate) revocations: Vec<Vec<u8>>,
    pub(crate) signers: Vec<Vec<u8>>,
}

impl DataParts<'_> {
    /// Before and after the content field.
    fn around(&self) -> (Vec<u8>, Vec<u8>) {
        let mut digests = self.digests.clone();
        digests.dedup();
        let before = [tlv(0x02, &[1]), set_of(digests)].concat();
        let mut certificates = self.certificates.clone();
        certificates.sort();
        certificates.dedup();
        let certificates =
            if certificates.is_empty() { Vec::new() } else { tlv(0xa0, &certificates.concat()) };
        let lists =
            if self.revocations.is_empty() { Vec::new() } else { tlv(0xa1, &self.revocations.concat()) };
        (before, [certificates, lists, set_of(self.signers.clone())].concat())
    }

    /// A ContentInfo in DER.
    pub(crate) fn der(&self) -> Vec<u8> {
        let (before, after) = self.around();
        let content = self.content.map(|content| tlv(0xa0, &tlv(0x04, content))).unwrap_or_default();
        let encapsulated = sequence(&[&object(self.content_type), &content]);
        let signed_data = sequence(&[&before, &encapsulated, &after]);
        sequence(&[&object(oid::SIGNED_DATA), &tlv(0xa0, &signed_data)])
    }

    /// A ContentInfo of indefinite length with the content in pieces, as streaming signers write it.
    pub(crate) fn ber(&self, piece: usize) -> Vec<u8> {
        let (before, after) = self.around();
        let mut out =
            [&[0x30, 0x80][..], &object(oid::SIGNED_DATA), &[0xa0, 0x80, 0x30, 0x80], &before].concat();
        out.extend([&[0x30, 0x80][..], &object(self.content_type)].concat());
        if let Some(content) = self.content {
            out.extend([0xa0, 0x80, 0x24, 0x80]);
            for piece in content.chunks(piece.max(1)) {
                out.extend(tlv(0x04, piece));
            }
            out.extend([0; 4]);
        }
        out.extend([0; 2]);
        out.extend(after);
        out.extend([0; 6]);
        out
    }
}
