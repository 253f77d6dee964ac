//! CMS envelopes from a recipe, with the flaws it asks for.

use openssl::rsa::Padding;
use plico_crypto::verify::Hash;

use super::authority::{token, token_with};
use super::pki::Signer;
use crate::certificate::Certificate;
use crate::der::{sequence, set_of, sorted, tlv};
use crate::digest::digest;
use crate::digest_info::block_without_null;
use crate::oid;
use crate::proof::StampKind;
use crate::seal::{SealError, raw, signature_algorithm};
use crate::signer::{SignerInfo, hash_oid};
use crate::write::{self, DataParts, SignerParts};

/// How the envelope is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Definite lengths.
    Der,
    /// Indefinite lengths, the content in pieces of so many bytes.
    Ber(usize),
    /// Bare base64 in one line.
    Base64,
    /// Bare base64 in lines of 64 with CR LF and without padding.
    Base64Lines,
    /// PEM.
    Pem,
}

/// Something wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// No signed attributes: the signature is over the content.
    NoSignedAttributes,
    /// No content-type attribute.
    NoContentType,
    /// A content-type attribute that names another type.
    OtherContentType,
    /// No message-digest attribute.
    NoMessageDigest,
    /// Two message-digest attributes.
    TwoMessageDigests,
    /// Two signing-time attributes.
    TwoSigningTimes,
    /// No signing-certificate attribute.
    NoSigningCertificate,
    /// Two signing-certificate attributes.
    TwoSigningCertificates,
    /// A signing-certificate attribute with another digest.
    OtherSigningCertificate,
    /// The signing-certificate attribute of 1999, by SHA-1.
    FirstSigningCertificate,
    /// RFC 6211 attribute that names another digest.
    OtherProtection,
    /// Attributes stored unsorted, the signature over the sorted ones: allowed.
    StoredUnsorted,
    /// Attributes stored and signed unsorted.
    SignedUnsorted,
    /// `digestAlgorithm` and the signature algorithm name different digests.
    DigestNamedTwice,
    /// An RSA signature whose DigestInfo lacks its NULL: allowed.
    WithoutNull,
    /// One bit of the signature changed.
    BrokenSignature,
    /// One byte of the content changed after signing.
    AlteredContent,
    /// The signer's certificate is left out.
    NoCertificate,
    /// The content is left out.
    Detached,
    /// The same signer twice.
    SignerTwice,
    /// No signer at all.
    NoSigners,
    /// The signature time stamp is over something else.
    CopiedTimeStamp,
    /// An archive time stamp whose index names a certificate that is not there.
    LyingIndex,
    /// An RSA block with bytes after its DigestInfo, as forgeries with exponent 3 have it.
    LooseDigestInfo,
    /// An RSA block whose padding is eight octets, and zeros after its DigestInfo.
    ShortPadding,
    /// A signing-certificate attribute that names two digests of which the second is the signer's.
    SecondSigningCertificate,
    /// A signing-certificate attribute with two values.
    TwoValuedSigningCertificate,
    /// Both kinds of signing-certificate attribute, each right.
    BothSigningCertificates,
    /// A signing-certificate attribute that names the right digest by the wrong algorithm.
    OtherSigningCertificateHash,
    /// A signing-certificate attribute with the serial number of another certificate.
    OtherIssuerSerial,
    /// RFC 6211 attribute that names another signature algorithm.
    OtherProtectedSignature,
    /// The signing time among the attributes that are not signed: it says nothing.
    UnsignedSigningTime,
}

/// What to make.
#[derive(Debug, Clone)]
pub struct Recipe<'a> {
    /// How it is written down.
    pub writing: Writing,
    /// Digest of content and signature.
    pub hash: Hash,
    /// The time that the signers claim, UTC milliseconds.
    pub at_ms: Option<i64>,
    /// What is wrong with it.
    pub flaws: &'a [Flaw],
    /// Who signs over each signature.
    pub counter: Option<&'a Signer>,
    /// Time stamps.
    pub stamps: &'a [Stamped<'a>],
    /// Revocation lists to enclose.
    pub crls: &'a [Vec<u8>],
    /// OCSP answers to enclose.
    pub answers: &'a [Vec<u8>],
}

/// A time stamp to make: what it is over, whose it is, and the time it says (UTC milliseconds).
#[derive(Debug, Clone, Copy)]
pub struct Stamped<'a> {
    /// What it is over.
    pub kind: StampKind,
    /// Whose it is.
    pub authority: &'a Signer,
    /// The time it says.
    pub at_ms: i64,
}

impl Recipe<'_> {
    /// CAdES baseline B in DER with SHA-256.
    pub fn good(at_ms: i64) -> Self {
        Self {
            writing: Writing::Der,
            hash: Hash::Sha256,
            at_ms: Some(at_ms),
            flaws: &[],
            counter: None,
            stamps: &[],
            crls: &[],
            answers: &[],
        }
    }

    fn revocations(&self) -> Vec<Vec<u8>> {
        self.crls
            .iter()
            .cloned()
            .chain(self.answers.iter().map(|answer| write::ocsp_in_cms(answer)))
            .collect()
    }

    fn stamps(&self, kind: StampKind) -> impl Iterator<Item = &Stamped<'_>> {
        self.stamps.iter().filter(move |stamp| stamp.kind == kind)
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaws.contains(&flaw)
    }
}

/// Makes an envelope around `content`, signed by each of `signers` in parallel.
pub fn cades(signers: &[&Signer], content: &[u8], recipe: &Recipe<'_>) -> Result<Vec<u8>, SealError> {
    let content_digest = digest(recipe.hash, content);
    let mut infos = Vec::new();
    let mut certificates = Vec::new();
    for signer in signers {
        let mut info = signer_info(signer, &content_digest, content, recipe, recipe.counter)?;
        for stamp in recipe.stamps(StampKind::Archive) {
            info = archived(&info, stamp, &content_digest, recipe, &signer.certificates)?;
        }
        if recipe.has(Flaw::SignerTwice) {
            infos.push(info.clone());
        }
        infos.push(info);
        let skip = usize::from(recipe.has(Flaw::NoCertificate));
        certificates.extend(signer.certificates.iter().skip(skip).cloned());
    }
    certificates.extend(recipe.counter.into_iter().flat_map(|signer| signer.certificates.clone()));
    if recipe.has(Flaw::NoSigners) {
        infos.clear();
    }
    let mut altered = content.to_vec();
    if recipe.has(Flaw::AlteredContent)
        && let Some(byte) = altered.last_mut()
    {
        *byte ^= 1;
    }
    let parts = DataParts {
        digests: vec![write::algorithm(hash_oid(recipe.hash))],
        content_type: oid::DATA,
        content: (!recipe.has(Flaw::Detached)).then_some(&altered),
        certificates,
        revocations: recipe.revocations(),
        signers: infos,
    };
    Ok(match recipe.writing {
        Writing::Der => parts.der(),
        Writing::Ber(piece) => parts.ber(piece),
        Writing::Base64 => openssl::base64::encode_block(&parts.der()).into_bytes(),
        Writing::Base64Lines => {
            let text = openssl::base64::encode_block(&parts.der());
            let text = text.trim_end_matches('=').as_bytes();
            text.chunks(64).flat_map(|line| [line, b"\r\n"].concat()).collect()
        }
        Writing::Pem => {
            let text = openssl::base64::encode_block(&parts.der());
            let lines: Vec<u8> = text.as_bytes().chunks(64).flat_map(|line| [line, b"\n"].concat()).collect();
            [&b"-----BEGIN PKCS7-----\n"[..], &lines, b"-----END PKCS7-----\n"].concat()
        }
    })
}

/// The confusion of draft-ietf-lamps-cms-euf-cma-signeddata: a good signature turned into one over its own
/// attributes. Every reader that accepts an envelope without signed attributes accepts it.
pub fn attributes_confusion(signer: &Signer, content: &[u8], at_ms: i64) -> Result<Vec<u8>, SealError> {
    let recipe = Recipe::good(at_ms);
    let attributes = attributes(signer, &digest(recipe.hash, content), &recipe);
    let signed = set_of(attributes);
    let certificate = Certificate::read(signer.certificate_der()).ok_or(SealError::Missing)?;
    let info = write::signer_info(&SignerParts {
        certificate: &certificate,
        digest: &write::algorithm(oid::SHA256),
        signed: None,
        algorithm: &signature_algorithm(&signer.key, recipe.hash),
        signature: &raw(&signer.key, recipe.hash, &signed)?,
        unsigned: &[],
    });
    let parts = DataParts {
        digests: vec![write::algorithm(oid::SHA256)],
        content_type: oid::DATA,
        content: Some(&signed),
        certificates: signer.certificates.clone(),
        revocations: Vec::new(),
        signers: vec![info],
    };
    Ok(parts.der())
}

fn attributes(signer: &Signer, content_digest: &[u8], recipe: &Recipe<'_>) -> Vec<Vec<u8>> {
    let has = |flaw| recipe.has(flaw);
    let mut all = Vec::new();
    if !has(Flaw::NoContentType) {
        let named = if has(Flaw::OtherContentType) { oid::SIGNED_DATA } else { oid::DATA };
        all.push(write::content_type(named));
    }
    if !has(Flaw::NoMessageDigest) {
        all.push(write::message_digest(content_digest));
    }
    if has(Flaw::TwoMessageDigests) {
        all.push(write::message_digest(&[0; 32]));
    }
    if let Some(at_ms) = recipe.at_ms.filter(|_| !has(Flaw::UnsignedSigningTime)) {
        all.push(write::signing_time(at_ms));
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

fn signer_info(
    signer: &Signer,
    content_digest: &[u8],
    content: &[u8],
    recipe: &Recipe<'_>,
    counter: Option<&Signer>,
) -> Result<Vec<u8>, SealError> {
    let certificate = Certificate::read(signer.certificate_der()).ok_or(SealError::Missing)?;
    let mut signed = attributes(signer, content_digest, recipe);
    for stamp in recipe.stamps(StampKind::Content) {
        signed.push(write::attribute(
            oid::CONTENT_TIME_STAMP,
            vec![token(stamp.authority, content, stamp.at_ms)?],
        ));
    }
    signed.sort();
    let mut bytes = sorted(0x31, &signed.concat()).unwrap_or_default();
    if recipe.has(Flaw::StoredUnsorted) || recipe.has(Flaw::SignedUnsorted) {
        signed.reverse();
    }
    if recipe.has(Flaw::SignedUnsorted) {
        bytes = tlv(0x31, &signed.concat());
    }
    if recipe.has(Flaw::NoSignedAttributes) {
        bytes = content.to_vec();
    }
    let signing_hash = if recipe.has(Flaw::DigestNamedTwice) { Hash::Sha512 } else { recipe.hash };
    let mut signature = if recipe.has(Flaw::WithoutNull) {
        block_signature(signer, |size| block_without_null(recipe.hash, &bytes, size))?
    } else if recipe.has(Flaw::LooseDigestInfo) {
        block_signature(signer, |size| loose_block(recipe.hash, &bytes, size, 40))?
    } else if recipe.has(Flaw::ShortPadding) {
        block_signature(signer, |size| loose_block(recipe.hash, &bytes, size, usize::MAX))?
    } else {
        raw(&signer.key, recipe.hash, &bytes)?
    };
    if recipe.has(Flaw::BrokenSignature)
        && let Some(byte) = signature.last_mut()
    {
        *byte ^= 1;
    }
    let mut unsigned = Vec::new();
    if let Some(at_ms) = recipe.at_ms.filter(|_| recipe.has(Flaw::UnsignedSigningTime)) {
        unsigned.push(write::signing_time(at_ms));
    }
    for stamp in recipe.stamps(StampKind::Signature) {
        // That of another signature, when it is to be wrong.
        let over = if recipe.has(Flaw::CopiedTimeStamp) { &content[..] } else { &signature };
        let token = token(stamp.authority, over, stamp.at_ms)?;
        unsigned.push(write::attribute(oid::SIGNATURE_TIME_STAMP, vec![token]));
    }
    if let Some(counter) = counter {
        let plain = Recipe { flaws: &[Flaw::NoContentType], counter: None, stamps: &[], ..recipe.clone() };
        let over = digest(recipe.hash, &signature);
        let info = signer_info(counter, &over, &signature, &plain, None)?;
        unsigned.push(write::attribute(oid::COUNTER_SIGNATURE, vec![info]));
    }
    Ok(write::signer_info(&SignerParts {
        certificate: &certificate,
        digest: &write::algorithm(hash_oid(recipe.hash)),
        signed: (!recipe.has(Flaw::NoSignedAttributes)).then_some(&signed),
        algorithm: &signature_algorithm(&signer.key, signing_hash),
        signature: &signature,
        unsigned: &unsigned,
    }))
}

/// An RSA signature over a block as it is.
fn block_signature(
    signer: &Signer,
    block: impl FnOnce(usize) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, SealError> {
    let key = signer.key.rsa().map_err(SealError::Key)?;
    let mut signature = vec![0; key.size() as usize];
    let block = block(signature.len()).ok_or(SealError::KeyKind)?;
    key.private_encrypt(&block, &mut signature, Padding::NONE).map_err(SealError::Sign)?;
    Ok(signature)
}

/// EMSA-PKCS1-v1_5 with less padding than there is room for, and `after` zeros, or as many as fit, at the end.
fn loose_block(hash: Hash, bytes: &[u8], size: usize, after: usize) -> Option<Vec<u8>> {
    let algorithm = write::algorithm_null(hash_oid(hash));
    let info = sequence(&[&algorithm, &tlv(0x04, &digest(hash, bytes))]);
    let room = size.checked_sub(info.len() + 3)?;
    let after = after.min(room.checked_sub(8)?);
    Some([&[0x00, 0x01][..], &vec![0xff; room - after], &[0x00], &info, &vec![0; after]].concat())
}

/// A signer's structure with an archive time stamp over it (ETSI EN 319 122-1 §5.5.3).
fn archived(
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
    let index = sequence(&[
        &write::algorithm(oid::SHA256),
        &digests(indexed),
        &digests(recipe.revocations()),
        &digests(attributes.collect()),
    ]);
    let over = [&write::object(oid::DATA), content_digest, read.archived, &index].concat();
    let kept = write::attribute(oid::HASH_INDEX_V3, vec![index]);
    let token = token_with(stamp.authority, &over, stamp.at_ms, &[], &[kept])?;
    let attribute = write::attribute(oid::ARCHIVE_TIME_STAMP_V3, vec![token]);
    let unsigned = [read.unsigned_raw(), &attribute].concat();
    Ok(sequence(&[read.archived, &tlv(0xa1, &unsigned)]))
}
