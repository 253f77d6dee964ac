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

/// The parts of a SignedData, encoded; the content is given when it is written.
pub(crate) struct DataParts<'a> {
    pub(crate) digests: Vec<Vec<u8>>,
    pub(crate) content_type: &'a [u8],
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Each a list, or an OCSP answer under its tag.
    pub(crate) revocations: Vec<Vec<u8>>,
    pub(crate) signers: Vec<Vec<u8>>,
}

impl DataParts<'_> {
    /// Its version (RFC 5652 §5.1).
    fn version(&self) -> u8 {
        let other = self.revocations.iter().any(|one| one.first() == Some(&0xa1));
        match (other, self.content_type == oid::DATA) {
            (true, _) => 5,
            (false, false) => 3,
            (false, true) => 1,
        }
    }

    /// The fields before and after that of the content.
    fn fields(&self) -> (Vec<u8>, Vec<u8>) {
        let mut digests = self.digests.clone();
        digests.dedup();
        let before = [tlv(0x02, &[self.version()]), set_of(digests)].concat();
        (before, [self.evidence(), set_of(self.signers.clone())].concat())
    }

    /// The fields of the certificates and of the revocation lists.
    pub(crate) fn evidence(&self) -> Vec<u8> {
        let mut certificates = self.certificates.clone();
        certificates.sort();
        certificates.dedup();
        let certificates =
            if certificates.is_empty() { Vec::new() } else { tlv(0xa0, &certificates.concat()) };
        let lists =
            if self.revocations.is_empty() { Vec::new() } else { tlv(0xa1, &self.revocations.concat()) };
        [certificates, lists].concat()
    }

    /// What stands before and after a content of so many bytes, in a ContentInfo in DER.
    pub(crate) fn around(&self, length: u64) -> (Vec<u8>, Vec<u8>) {
        let (before, after) = self.fields();
        // From the inside out; each header counts what stands behind it.
        let mut inside = object(self.content_type);
        let mut content = Vec::new();
        for tag in [0x04, 0xa0] {
            content = [header(tag, length + content.len() as u64), content].concat();
        }
        inside.extend(content);
        let mut start = [before, header(0x30, length + inside.len() as u64), inside].concat();
        let rest = length + after.len() as u64;
        for tag in [0x30, 0xa0] {
            start = [header(tag, rest + start.len() as u64), start].concat();
        }
        start = [object(oid::SIGNED_DATA), start].concat();
        start = [header(0x30, rest + start.len() as u64), start].concat();
        (start, after)
    }

    /// A ContentInfo in DER; without a content it is detached.
    pub(crate) fn der(&self, content: Option<&[u8]>) -> Vec<u8> {
        if let Some(content) = content {
            let (before, after) = self.around(content.len() as u64);
            return [&before, content, &after].concat();
        }
        let (before, after) = self.fields();
        let encapsulated = sequence(&[&object(self.content_type)]);
        let signed_data = sequence(&[&before, &encapsulated, &after]);
        sequence(&[&object(oid::SIGNED_DATA), &tlv(0xa0, &signed_data)])
    }

    /// A ContentInfo of indefinite length with the content in pieces, as streaming signers write it.
    pub(crate) fn ber(&self, content: Option<&[u8]>, piece: usize) -> Vec<u8> {
        let (before, after) = self.fields();
        let mut out =
            [&[0x30, 0x80][..], &object(oid::SIGNED_DATA), &[0xa0, 0x80, 0x30, 0x80], &before].concat();
        out.extend([&[0x30, 0x80][..], &object(self.content_type)].concat());
        if let Some(content) = content {
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

/// Identifier and length of an element whose contents are not at hand.
fn header(tag: u8, length: u64) -> Vec<u8> {
    let mut out = Vec::new();
    crate::der::write_header(&[tag], length, &mut out);
    out
}
