//! CMS envelopes from a recipe, with the flaws it asks for.

use openssl::rsa::Padding;
use plico_crypto::verify::Hash;

use super::pki::Signer;
use crate::certificate::Certificate;
use crate::der::{sequence, set_of, sorted, tlv};
use crate::digest::digest;
use crate::digest_info::block_without_null;
use crate::oid;
use crate::seal::{SealError, raw, signature_algorithm};
use crate::signer::hash_oid;
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
}

impl Recipe<'_> {
    /// CAdES baseline B in DER with SHA-256.
    pub fn good(at_ms: i64) -> Self {
        Self { writing: Writing::Der, hash: Hash::Sha256, at_ms: Some(at_ms), flaws: &[], counter: None }
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
        let info = signer_info(signer, &content_digest, content, recipe, recipe.counter)?;
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
    if let Some(at_ms) = recipe.at_ms {
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
    } else if has(Flaw::OtherSigningCertificate) {
        all.push(write::signing_certificate_v2(&digest(Hash::Sha256, &own)));
    } else if !has(Flaw::NoSigningCertificate) {
        all.push(write::signing_certificate_v2(&own));
    }
    if has(Flaw::TwoSigningCertificates) {
        all.push(write::signing_certificate_v2(&digest(Hash::Sha256, &own)));
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
        without_null(signer, recipe.hash, &bytes)?
    } else {
        raw(&signer.key, recipe.hash, &bytes)?
    };
    if recipe.has(Flaw::BrokenSignature)
        && let Some(byte) = signature.last_mut()
    {
        *byte ^= 1;
    }
    let mut unsigned = Vec::new();
    if let Some(counter) = counter {
        let plain = Recipe { flaws: &[Flaw::NoContentType], counter: None, ..recipe.clone() };
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

fn without_null(signer: &Signer, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let key = signer.key.rsa().map_err(SealError::Key)?;
    let mut signature = vec![0; key.size() as usize];
    let block = block_without_null(hash, bytes, signature.len()).ok_or(SealError::KeyKind)?;
    key.private_encrypt(&block, &mut signature, Padding::NONE).map_err(SealError::Sign)?;
    Ok(signature)
}
