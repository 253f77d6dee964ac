//! `archive-time-stamp-v3` with its `ats-hash-index-v3` (ETSI EN 319 122-1 §5.5): a time stamp over a signature and
//! everything that was kept with it.

pub(crate) mod older;

use plico_crypto::verify::Hash;

use crate::check::Setting;
use crate::der::{self, Tlv};
use crate::digest::digest;
use crate::oid;
use crate::signer::{self, SignerInfo, Single};
use crate::timestamp::TimestampError;
use crate::token::{self, MAX_INNER, Token};

/// Reads the token and checks that it is over this signature, and that its index tells the truth: whatever it names is
/// there. Also gives the tokens that it is over.
pub(crate) fn read(
    bytes: &[u8],
    info: &SignerInfo<'_>,
    setting: &Setting<'_>,
) -> Result<(Token, Vec<Vec<u8>>), TimestampError> {
    let (envelope, _) = token::open(bytes, MAX_INNER).ok_or(TimestampError::Malformed)?;
    let own = envelope
        .signers
        .first()
        .and_then(|bytes| SignerInfo::read(bytes))
        .ok_or(TimestampError::Malformed)?;
    let Single::One(index) = own.unsigned.single(oid::HASH_INDEX_V3) else {
        return Err(TimestampError::Malformed);
    };
    let over = |hash: Hash| {
        let content = (setting.digest)(hash)?;
        Some(digest(hash, &[info_bytes(setting, info, &content), index.raw.to_vec()].concat()))
    };
    let read = Token::read(bytes, MAX_INNER, &over)?;
    let over = is_true(index, info, setting).ok_or(TimestampError::Imprint)?;
    Ok((read, over))
}

/// Content type, digest of the content, and the fields of the signer up to its signature (§5.5.3).
fn info_bytes(setting: &Setting<'_>, info: &SignerInfo<'_>, content: &[u8]) -> Vec<u8> {
    [&der::tlv(0x06, setting.content_type), content, info.archived].concat()
}

/// `ATSHashIndexV3`: every digest in it is one of something that is there. More may be there: it came later, with another
/// signer or stamp, and is not what is proven. Gives the values of attributes that it names.
fn is_true(index: Tlv<'_>, info: &SignerInfo<'_>, setting: &Setting<'_>) -> Option<Vec<Vec<u8>>> {
    let mut fields = index.of(0x30)?;
    let hash = signer::hash(signer::algorithm(&mut fields)?.0)?;
    let mut named = || {
        let all = der::all(der::expect(&mut fields, 0x30)?)?;
        all.iter().map(|one| one.of(0x04)).collect::<Option<Vec<_>>>()
    };
    let (certificates, revocations, attributes) = (named()?, named()?, named()?);
    let there = |all: &[Vec<u8>]| all.iter().map(|bytes| digest(hash, bytes)).collect::<Vec<_>>();
    let unsigned: Vec<_> = info
        .unsigned
        .each()
        .map(|(id, value)| (digest(hash, &[&der::tlv(0x06, id), value.raw].concat()), value))
        .collect();
    let every =
        |named: &[&[u8]], there: &[Vec<u8>]| named.iter().all(|one| there.iter().any(|other| other == one));
    let all = every(&certificates, &there(setting.envelope_certificates))
        && every(&revocations, &there(setting.envelope_revocations))
        && attributes.iter().all(|one| unsigned.iter().any(|(digest, _)| digest == one));
    let over = unsigned.iter().filter(|(digest, _)| attributes.contains(&digest.as_slice()));
    all.then(|| over.map(|(_, value)| token::id(value.raw)).collect())
}
