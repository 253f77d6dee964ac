//! CMS envelopes from a recipe, with the flaws it asks for.

use plico_crypto::verify::Hash;

use super::attributes::{archived, archived_fields, archived_older, attributes, stamped_references};
use super::authority::token;
use super::block::{block_signature, loose_block};
use super::flaw::Flaw;
use super::pki::Signer;
use crate::certificate::Certificate;
use crate::der::{set_of, sorted, tlv};
use crate::digest::digest;
use crate::digest_info::block_without_null;
use crate::envelope::Envelope;
use crate::oid;
use crate::proof::StampKind;
use crate::seal::{SealError, raw, signature_algorithm};
use crate::signer::{SignerInfo, hash_oid};
use crate::source::{Memory, Pieces, Source as _, take};
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
    /// How those signatures are laid out.
    pub counters: Counters,
    /// Time stamps.
    pub stamps: &'a [Stamped<'a>],
    /// Revocation lists to enclose.
    pub crls: &'a [Vec<u8>],
    /// OCSP answers to enclose.
    pub answers: &'a [Vec<u8>],
}

/// The counter-signatures of each signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// How many there are one over the other.
    pub deep: u32,
    /// How often the first of them stands there.
    pub copies: usize,
    /// Each has the signature time stamps of the recipe, over itself.
    pub stamped: bool,
}

impl Counters {
    /// One, without a time stamp.
    pub const ONE: Self = Self { deep: 1, copies: 1, stamped: false };
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
            counters: Counters::ONE,
            stamps: &[],
            crls: &[],
            answers: &[],
        }
    }

    pub(super) fn revocations(&self) -> Vec<Vec<u8>> {
        self.crls
            .iter()
            .cloned()
            .chain(self.answers.iter().map(|answer| write::ocsp_in_cms(answer)))
            .collect()
    }

    pub(super) fn stamps(&self, kind: StampKind) -> impl Iterator<Item = &Stamped<'_>> {
        self.stamps.iter().filter(move |stamp| stamp.kind == kind)
    }

    pub(super) fn has(&self, flaw: Flaw) -> bool {
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
        for stamp in recipe.stamps(StampKind::Archive).filter(|_| !older(recipe)) {
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
    let mut parts = DataParts {
        digests: vec![write::algorithm(hash_oid(recipe.hash))],
        content_type: oid::DATA,
        certificates,
        revocations: recipe.revocations(),
        signers: infos,
    };
    let enclosed = (!recipe.has(Flaw::Detached)).then_some(altered.as_slice());
    for stamp in recipe.stamps(StampKind::Archive).filter(|_| older(recipe)) {
        let over = archived_fields(&parts, enclosed, content, recipe);
        for info in &mut parts.signers {
            *info = archived_older(info, stamp, &over, recipe)?;
        }
    }
    Ok(match recipe.writing {
        Writing::Der => parts.der(enclosed),
        Writing::Ber(piece) => parts.ber(enclosed, piece),
        Writing::Base64 => openssl::base64::encode_block(&parts.der(enclosed)).into_bytes(),
        Writing::Base64Lines => {
            let text = openssl::base64::encode_block(&parts.der(enclosed));
            let text = text.trim_end_matches('=').as_bytes();
            text.chunks(64).flat_map(|line| [line, b"\r\n"].concat()).collect()
        }
        Writing::Pem => {
            let text = openssl::base64::encode_block(&parts.der(enclosed));
            let lines: Vec<u8> = text.as_bytes().chunks(64).flat_map(|line| [line, b"\n"].concat()).collect();
            [&b"-----BEGIN PKCS7-----\n"[..], &lines, b"-----END PKCS7-----\n"].concat()
        }
    })
}

/// An envelope to which the signers of another over the same content were added later, as tools for a second signature
/// do. `listed` is whether the digests of all are named in front, as they should be.
pub fn joined(first: &[u8], later: &[u8], listed: bool) -> Result<Vec<u8>, SealError> {
    let mut source = Memory(first);
    let mut envelope = Envelope::read(&mut source).map_err(|_| SealError::Missing)?;
    let mut pieces = Pieces::new(&mut source, envelope.content.as_ref().ok_or(SealError::Missing)?);
    let size = usize::try_from(pieces.size()).map_err(|_| SealError::Missing)?;
    let content = take(&mut pieces, 0, size).map_err(|_| SealError::Missing)?;
    let other = Envelope::read(&mut Memory(later)).map_err(|_| SealError::Missing)?;
    let known = envelope.signers.len();
    envelope.signers.extend(other.signers);
    for (all, more) in
        [(&mut envelope.certificates, other.certificates), (&mut envelope.revocations, other.revocations)]
    {
        all.extend(more);
        all.sort();
        all.dedup();
    }
    let named = if listed { envelope.signers.len() } else { known };
    let named = envelope.signers.iter().take(named).filter_map(|info| SignerInfo::read(info));
    let mut digests: Vec<_> = named.map(|info| write::algorithm(info.digest)).collect();
    digests.sort();
    digests.dedup();
    let Envelope { certificates, revocations, signers, .. } = envelope;
    Ok(DataParts { digests, content_type: oid::DATA, certificates, revocations, signers }.der(Some(&content)))
}

fn older(recipe: &Recipe<'_>) -> bool {
    [Flaw::OlderArchive, Flaw::OlderArchiveUntagged, Flaw::PartialArchive]
        .iter()
        .any(|flaw| recipe.has(*flaw))
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
        certificates: signer.certificates.clone(),
        revocations: Vec::new(),
        signers: vec![info],
    };
    Ok(parts.der(Some(&signed)))
}

/// What is left out of a counter-signature, and that its stamp is another's besides.
const PLAIN: &[Flaw] = &[Flaw::NoContentType];
const COPIED: &[Flaw] = &[Flaw::NoContentType, Flaw::CopiedTimeStamp];

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
    for stamp in recipe.stamps(StampKind::Signature).filter(|_| !recipe.has(Flaw::OnlyCountersStamped)) {
        // That of another signature, when it is to be wrong.
        let over = if recipe.has(Flaw::CopiedTimeStamp) { content } else { signature.as_slice() };
        let token = token(stamp.authority, over, stamp.at_ms)?;
        unsigned.push(write::attribute(oid::SIGNATURE_TIME_STAMP, vec![token]));
    }
    if recipe.has(Flaw::StampedReferences) || recipe.has(Flaw::PartialReferences) {
        let over = if recipe.has(Flaw::PartialReferences) { &[][..] } else { signature.as_slice() };
        stamped_references(&mut unsigned, over, recipe)?;
    }
    if let Some(counter) = counter.filter(|_| recipe.counters.deep > 0) {
        let Counters { deep, copies, stamped } = recipe.counters;
        let signature_stamps: Vec<_> = recipe.stamps(StampKind::Signature).copied().collect();
        let inner = Recipe {
            flaws: if recipe.has(Flaw::CopiedTimeStamp) { COPIED } else { PLAIN },
            counters: Counters { deep: deep - 1, copies: 1, stamped },
            stamps: if stamped { &signature_stamps } else { &[] },
            ..recipe.clone()
        };
        let over = digest(recipe.hash, &signature);
        let info = signer_info(counter, &over, &signature, &inner, Some(counter))?;
        unsigned.extend(vec![write::attribute(oid::COUNTER_SIGNATURE, vec![info]); copies]);
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
