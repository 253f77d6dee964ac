//! Attributes of a forged signature: signed ones with the flaws that are asked for, and an archive time stamp.

use plico_crypto::verify::Hash;

use super::authority::token_with;
use super::cades::{Recipe, Stamped};
use super::flaw::Flaw;
use super::pki::Signer;
use crate::der::{Tlv, sequence, tlv};
use crate::digest::digest;
use crate::proof::StampKind;
use crate::seal::{SealError, signature_algorithm};
use crate::signer::{SignerInfo, hash_oid};
use crate::write::DataParts;
use crate::{instant, oid, write};

pub(super) fn attributes(signer: &Signer, content_digest: &[u8], recipe: &Recipe<'_>) -> Vec<Vec<u8>> {
    let has = |flaw| recipe.has(flaw);
    let mut all = Vec::new();
    if !has(Flaw::NoContentType) {
        let named = if has(Flaw::OtherContentType) { oid::SIGNED_DATA } else { oid::DATA };
        all.push(write::content_type(named));
    }
    if has(Flaw::TwoValuedMessageDigest) {
        all.push(write::attribute(
            oid::MESSAGE_DIGEST,
            vec![tlv(0x04, content_digest), tlv(0x04, &[0xff; 32])],
        ));
    } else if !has(Flaw::NoMessageDigest) {
        all.push(write::message_digest(content_digest));
    }
    if has(Flaw::TwoMessageDigests) {
        all.push(write::message_digest(&[0; 32]));
    }
    if let Some(at_ms) = recipe.at_ms.filter(|_| !has(Flaw::UnsignedSigningTime)) {
        all.push(if has(Flaw::TwoValuedSigningTime) {
            let values = [at_ms, at_ms + 1000].map(instant::write);
            write::attribute(oid::SIGNING_TIME, values.to_vec())
        } else if has(Flaw::GeneralizedSigningTime) {
            write::attribute(oid::SIGNING_TIME, vec![instant::generalized(at_ms)])
        } else {
            write::signing_time(at_ms)
        });
        if has(Flaw::TwoSigningTimes) {
            all.push(write::signing_time(at_ms + 1000));
        }
    }
    let own = digest(Hash::Sha256, signer.certificate_der());
    if has(Flaw::FirstSigningCertificate) {
        let sha1 = digest(Hash::Sha1, signer.certificate_der());
        let identifiers = sequence(&[&sequence(&[&sequence(&[&tlv(0x04, &sha1)])])]);
        all.push(write::attribute(oid::SIGNING_CERTIFICATE, vec![identifiers]));
    } else if has(Flaw::SecondSigningCertificate) {
        let other = sequence(&[&tlv(0x04, &digest(Hash::Sha256, &own))]);
        let value = sequence(&[&sequence(&[&other, &sequence(&[&tlv(0x04, &own)])])]);
        all.push(write::attribute(oid::SIGNING_CERTIFICATE_V2, vec![value]));
    } else if has(Flaw::TwoValuedSigningCertificate) {
        let value = |digest: &[u8]| sequence(&[&sequence(&[&sequence(&[&tlv(0x04, digest)])])]);
        let values = vec![value(&own), value(&digest(Hash::Sha256, &own))];
        all.push(write::attribute(oid::SIGNING_CERTIFICATE_V2, values));
    } else if has(Flaw::OtherSigningCertificateHash) {
        let identifier = sequence(&[&write::algorithm(oid::SHA512), &tlv(0x04, &own)]);
        all.push(write::attribute(oid::SIGNING_CERTIFICATE_V2, vec![sequence(&[&sequence(&[&identifier])])]));
    } else if has(Flaw::OtherIssuerSerial) {
        let names = sequence(&[&tlv(0xa4, &sequence(&[]))]);
        let serial = sequence(&[&names, &tlv(0x02, &[0x11])]);
        let identifier = sequence(&[&tlv(0x04, &own), &serial]);
        all.push(write::attribute(oid::SIGNING_CERTIFICATE_V2, vec![sequence(&[&sequence(&[&identifier])])]));
    } else if has(Flaw::OtherSigningCertificate) {
        all.push(write::signing_certificate_v2(&digest(Hash::Sha256, &own)));
    } else if !has(Flaw::NoSigningCertificate) {
        all.push(write::signing_certificate_v2(&own));
    }
    if has(Flaw::BothSigningCertificates) {
        let sha1 = digest(Hash::Sha1, signer.certificate_der());
        let value = sequence(&[&sequence(&[&sequence(&[&tlv(0x04, &sha1)])])]);
        all.push(write::attribute(oid::SIGNING_CERTIFICATE, vec![value]));
    }
    if has(Flaw::TwoSigningCertificates) {
        all.push(write::signing_certificate_v2(&digest(Hash::Sha256, &own)));
    }
    if has(Flaw::OtherProtectedSignature) {
        let other = write::algorithm_null(oid::SHA512_RSA);
        all.push(write::algorithm_protection(&write::algorithm(hash_oid(recipe.hash)), &other));
    }
    if has(Flaw::OtherProtection) {
        let algorithm = signature_algorithm(&signer.key, recipe.hash);
        all.push(write::algorithm_protection(&write::algorithm(oid::SHA512), &algorithm));
    }
    all
}

/// A signer's structure with an archive time stamp over it (ETSI EN 319 122-1 §5.5.3).
pub(super) fn archived(
    info: &[u8],
    stamp: &Stamped<'_>,
    content_digest: &[u8],
    recipe: &Recipe<'_>,
    certificates: &[Vec<u8>],
) -> Result<Vec<u8>, SealError> {
    let read = SignerInfo::read(info).ok_or(SealError::Missing)?;
    let digests = |all: Vec<Vec<u8>>| {
        let all: Vec<Vec<u8>> = all.iter().map(|one| tlv(0x04, &digest(Hash::Sha256, one))).collect();
        tlv(0x30, &all.concat())
    };
    let mut indexed = certificates.to_vec();
    if recipe.has(Flaw::LyingIndex) {
        indexed.push(b"no such certificate".to_vec());
    }
    let attributes = read.unsigned.each().map(|(id, value)| [write::object(id), value.raw.to_vec()].concat());
    let lie = |flaw| recipe.has(flaw).then(|| b"no such thing".to_vec());
    let revocations = recipe.revocations().into_iter().chain(lie(Flaw::LyingIndexOfLists));
    let attributes = attributes.chain(lie(Flaw::LyingIndexOfAttributes));
    let index = sequence(&[
        &write::algorithm(oid::SHA256),
        &digests(indexed),
        &digests(revocations.collect()),
        &digests(attributes.collect()),
    ]);
    let whose = if recipe.has(Flaw::CopiedArchive) { &read.archived[1..] } else { read.archived };
    let over = [&write::object(oid::DATA), content_digest, whose, &index].concat();
    let kept = write::attribute(oid::HASH_INDEX_V3, vec![index]);
    let token = token_with(stamp.authority, &over, stamp.at_ms, &[], &[kept])?;
    let attribute = write::attribute(oid::ARCHIVE_TIME_STAMP_V3, vec![token]);
    let unsigned = [read.unsigned_raw(), &attribute].concat();
    Ok(sequence(&[read.archived, &tlv(0xa1, &unsigned)]))
}

/// The fields of an envelope in DER that an archive time stamp of version 2 is over (ETSI TS 101 733 §6.4.1).
pub(super) fn archived_fields(
    parts: &DataParts<'_>,
    enclosed: Option<&[u8]>,
    content: &[u8],
    recipe: &Recipe<'_>,
) -> Vec<u8> {
    let content = match enclosed {
        Some(enclosed) => sequence(&[&write::object(parts.content_type), &tlv(0xa0, &tlv(0x04, enclosed))]),
        None => [&sequence(&[&write::object(parts.content_type)]), content].concat(),
    };
    let evidence = if recipe.has(Flaw::PartialArchive) { Vec::new() } else { parts.evidence() };
    [content, evidence].concat()
}

/// A signer's structure with an archive time stamp of version 2 over it.
pub(super) fn archived_older(
    info: &[u8],
    stamp: &Stamped<'_>,
    fields: &[u8],
    recipe: &Recipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let read = SignerInfo::read(info).ok_or(SealError::Missing)?;
    let unsigned = read.unsigned_raw();
    let there = if unsigned.is_empty() || recipe.has(Flaw::OlderArchiveUntagged) {
        unsigned.to_vec()
    } else {
        tlv(0xa1, unsigned)
    };
    let over = [fields, read.archived, &there].concat();
    let token = token_with(stamp.authority, &over, stamp.at_ms, &[], &[])?;
    let attribute = write::attribute(oid::ARCHIVE_TIME_STAMP_V2, vec![token]);
    Ok(sequence(&[read.archived, &tlv(0xa1, &[unsigned, &attribute].concat())]))
}

/// Adds references to evidence and time stamps over the signature, the stamps over it and them (ETSI TS 101 733 §6.3.5).
pub(super) fn stamped_references(
    unsigned: &mut Vec<Vec<u8>>,
    signature: &[u8],
    recipe: &Recipe<'_>,
) -> Result<(), SealError> {
    for id in [oid::CERTIFICATE_REFERENCES, oid::REVOCATION_REFERENCES] {
        unsigned.push(write::attribute(id, vec![sequence(&[])]));
    }
    // Each attribute without the header around its two fields.
    let mut over = signature.to_vec();
    for attribute in &*unsigned {
        over.extend(Tlv::only(attribute).ok_or(SealError::Missing)?.body);
    }
    for stamp in recipe.stamps(StampKind::Signature) {
        let token = token_with(stamp.authority, &over, stamp.at_ms + 1000, &[], &[])?;
        unsigned.push(write::attribute(oid::REFERENCES_TIME_STAMP, vec![token]));
    }
    Ok(())
}
